// Erases one person from an integration's state, on request.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "state/sqlite.hpp"
#include "state/state.hpp"

namespace sluice::host {

struct Erased {
  std::set<std::string> source_keys;       // whose rows are gone
  std::set<std::string> destination_keys;  // the same
  std::int64_t rows = 0;
  std::int64_t archives = 0;  // states put away in which rows were erased as well
  std::vector<std::filesystem::path> unreadable;  // states put away that nobody can look into
};

// Erases the record with this source key, or all records of this destination key, from ledger,
// errors, documents, receipts, intents and the account of runs, and its keys from the messages that
// are kept; in what `unlink` and `state restore` have put away too. The standing stays: it is a
// keyed hash, and without it nobody would know that the person has opted out. Afterwards no byte of
// the keys is left in the files. Audited without the key. Commits. Errors: Error{Transient} while
// another process reads the state: everything is erased, but old pages are left beside the file.
[[nodiscard]] Erased forget(State& state, const std::filesystem::path& root,
                            std::string_view integration, std::string_view key,
                            std::int64_t now_ms);

// Where `unlink` puts an integration's state at this moment.
[[nodiscard]] std::filesystem::path archive_file(const std::filesystem::path& root,
                                                 std::string_view integration, std::int64_t now_ms);

// `text` with every whole occurrence of `key` replaced: one within a longer word stays.
[[nodiscard]] std::string without_key(std::string_view text, std::string_view key);

}  // namespace sluice::host
