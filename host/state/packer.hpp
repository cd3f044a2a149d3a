// Compresses what the state keeps of each record. Records of one mapping repeat its names; those
// are the dictionary, so that a row costs little more than its values, in time as in space.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "state/sqlite.hpp"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;
struct ZSTD_CDict_s;
struct ZSTD_DDict_s;

namespace sluice::host {

// Threads: [instance] one thread. Commits nothing: a dictionary is stored in the transaction of the
// first text that needs it.
class Packer {
 public:
  explicit Packer(Database& database);
  ~Packer();

  // What texts to come look like. It is kept for as long as the state is: no record's values.
  void expect(std::string likeness);
  // Others may have changed the file, or the transaction was rolled back.
  void look_again();

  [[nodiscard]] std::string pack(std::string_view text);
  // Of nothing: nothing. Errors: Error{Internal} when it is damaged.
  [[nodiscard]] std::string unpack(std::string_view packed);

 private:
  struct Release {
    void operator()(ZSTD_CCtx_s* context) const noexcept;
    void operator()(ZSTD_DCtx_s* context) const noexcept;
    void operator()(ZSTD_CDict_s* dictionary) const noexcept;
    void operator()(ZSTD_DDict_s* dictionary) const noexcept;
  };
  template <typename Handle>
  using Owned = std::unique_ptr<Handle, Release>;

  void choose_dictionary();
  [[nodiscard]] const ZSTD_DDict_s& dictionary(std::uint16_t id);

  Database& database_;
  std::string likeness_;
  bool chosen_ = false;
  std::uint16_t id_ = 0;  // of the dictionary for `likeness_`; 0: none
  std::string buffer_;
  Owned<ZSTD_CCtx_s> compressing_;
  Owned<ZSTD_DCtx_s> decompressing_;
  Owned<ZSTD_CDict_s> packing_with_;
  std::map<std::uint16_t, Owned<ZSTD_DDict_s>> dictionaries_;
};

}  // namespace sluice::host
