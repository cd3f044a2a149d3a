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

namespace file_connector {

// The member that marks a line as a deletion.
inline constexpr std::string_view kDeletedMember = "_deleted";

// Changes are staged and become part of the file together, by `commit`, in one append. Not
// thread-safe.
class DocumentStore {
 public:
  // `match` is the member that holds a document's key.
  DocumentStore(std::filesystem::path path, std::string match)
      : path_{std::move(path)}, match_{std::move(match)} {}

  // Reads what has been added to the file since the last call. Creates and changes nothing.
  void refresh(sluice::Context& context);
  // As refresh, and takes the file for writing: creates it, locks it until the store goes, and
  // repairs an end that a crash cut off. Errors: Transient when another run is writing the file.
  void refresh_to_write(sluice::Context& context);

  // The document as it stands, staged changes included; nothing when there is none or it was
  // deleted.
  [[nodiscard]] std::optional<sluice::json::object> find(const std::string& key) const;
  void put(const std::string& key, const sluice::json::object& document);
  // The same, of the fields that have a value.
  void put_new(const std::string& key, const sluice::json::object& fields);
  void remove(const std::string& key);

  // Appends what is staged: all of it or, on an error, nothing; nothing is staged afterwards.
  void commit();
  void discard() noexcept;
  // Makes what was committed survive a power failure.
  void sync();

 private:
  struct Place {
    std::uint64_t offset = 0;  // into staged_ when staged
    std::uint32_t size = 0;    // 0: deleted, or never there
    bool staged = false;
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
