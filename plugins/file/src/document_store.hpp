// The file as a destination keeps it: a line for every change, of which the last one for a key
// counts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <sluice/context.hpp>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "file_handle.hpp"
#include "store.hpp"

namespace file_connector {

// The member that marks a line as a deletion.
inline constexpr std::string_view kDeletedMember = "_deleted";

// Keeps the file open, and locked once it is written. Not thread-safe.
class DocumentStore final : public Store {
 public:
  // `match` is the member that holds a document's key.
  DocumentStore(std::filesystem::path path, std::string match)
      : path_{std::move(path)}, match_{std::move(match)} {}

  void refresh(sluice::Context& context) override;
  // Creates the file where there is none.
  void refresh_to_write(sluice::Context& context) override;
  [[nodiscard]] std::optional<sluice::json::object> find(const std::string& key) const override;
  void put(const std::string& key, const sluice::json::object& document) override;
  void put_new(const std::string& key, const sluice::json::object& fields) override;
  void remove(const std::string& key) override;
  // One append.
  void commit() override;
  void discard() noexcept override;
  void sync(sluice::Context& context) override;

  // Whether a line says what is under the key, be it that there is nothing.
  [[nodiscard]] bool speaks_of(const std::string& key) const {
    const auto place = places_.find(key);
    return place != places_.end() && place->second.known;
  }
  // The committed keys that a line speaks of, in the order of their last lines.
  [[nodiscard]] std::vector<std::string> keys() const;
  // Removes all lines.
  void clear();

 private:
  struct Place {
    std::uint64_t offset = 0;  // into staged_ when staged
    std::uint32_t size = 0;    // 0: deleted, or never there
    bool staged = false;
    bool known = false;  // a line speaks of the key
  };
  using Places = std::unordered_map<std::string, Place>;

  void index_from(sluice::Context& context, std::uint64_t offset);
  void repair_end(sluice::Context& context);
  // The line of the key begins at `begin` of staged_, and ends it.
  void stage(const std::string& key, std::size_t begin, bool deleted);

  std::filesystem::path path_;
  std::string match_;
  std::optional<FileHandle> file_;
  bool writable_ = false;
  std::uint64_t end_ = 0;  // what lies before it is indexed
  Places places_;
  std::string staged_;
  std::vector<std::pair<Places::pointer, Place>> replaced_;  // what was where something is staged
};

}  // namespace file_connector
