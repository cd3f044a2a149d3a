// Copies of a state to keep, and back in its place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "state/integrity.hpp"

namespace sluice::host {

struct Backup {
  std::filesystem::path file;
  std::uintmax_t bytes = 0;
  std::vector<StateProblem> problems;  // of what was copied: such a backup cannot be restored
};

// Copies what an integration has at this moment into one file of this user alone; also beside a
// run, which is not held up. `to`: a file that does not exist yet, or a directory, in which the
// file gets the integration's name and the moment. Errors: Error{Config} when there is no state, or
// `to` exists; StateError.
[[nodiscard]] Backup back_up(const std::filesystem::path& root, std::string_view integration,
                             const std::filesystem::path& to, std::int64_t now_ms);

struct Restored {
  std::int64_t as_of = 0;           // ms since the epoch: what is in place holds up to then
  std::filesystem::path replaced;   // where the state is now that was there; empty: there was none
  bool kept_decisions = false;      // opt-outs and audit are those of the replaced state
  std::int64_t erasures_since = 0;  // people who were erased after the backup, and are back
};

// Puts `from` (a backup, or what `unlink` or an earlier restore has put away) in the integration's
// place. What was there is put away, and its opt-outs and audit are carried over if it can be read.
// The state then says of itself that nobody knows what was delivered since: the next run walks over
// everything and sends everything. Either all of it happens or none, whatever is killed. The
// state's own file may be given: then what its damaged log holds is left out. Errors: Busy;
// Error{Config} when `from` is not there; StateError when it is damaged, of a newer Sluice or of
// another integration: nothing is changed then.
[[nodiscard]] Restored restore(const std::filesystem::path& root, std::string_view integration,
                               const std::filesystem::path& from, std::string_view why,
                               std::int64_t now_ms);

// A restore that was cut off when everything was ready is completed by whoever opens the state
// next, with the lock held.
[[nodiscard]] bool is_being_restored(const std::filesystem::path& directory);
void finish_restore(const std::filesystem::path& directory);

// Copies a database of which no transaction is open into a new file, without what was deleted from
// it. Durable when it returns; half a file never has the name.
void copy_into(Database& database, const std::filesystem::path& file);

// "20260102T030405Z"
[[nodiscard]] std::string moment_text(std::int64_t now_ms);

}  // namespace sluice::host
