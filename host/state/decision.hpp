// Decisions that people take about an integration, whether or not a run holds its state.
//
// A decision is always handed in as a small file in `<root>/<integration>/inbox/`. Whoever holds
// the integration takes it from there at its next checkpoint: the running process, or else the one
// that hands it in, which then takes the lock itself. So there is never a second writer, and a
// decision that nobody could take yet holds from the next run's first moment on.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "state/error_log.hpp"

namespace sluice::host {

class State;

struct Decision {
  // Start, Stop and Create are done by others: they are put down only.
  enum class Action { Ignore, Retry, Pause, Resume, Start, Stop, Create };

  std::string id;  // names the file; a decision is carried out once, however often it is found
  Action action = Action::Ignore;
  ErrorSelection errors;  // of Ignore and Retry
  std::string why;
  std::string who;
  std::int64_t at = 0;  // ms since the epoch
};
[[nodiscard]] std::string_view to_string(Decision::Action action) noexcept;

// The files of decisions that nobody has carried out yet.
class Inbox {
 public:
  explicit Inbox(const std::filesystem::path& integration) : directory_{integration / "inbox"} {}

  // A decision for `put`: sets id, and who and at when they are empty.
  [[nodiscard]] static Decision made(Decision decision);
  // Durable when it returns. Errors: StateError when the file cannot be written.
  void put(const Decision& decision) const;
  // In the order in which they were taken. One that cannot be read is put aside.
  [[nodiscard]] std::vector<Decision> waiting() const;
  [[nodiscard]] bool has(std::string_view id) const;
  void remove(std::string_view id) const;

 private:
  [[nodiscard]] std::filesystem::path file(std::string_view id) const;

  std::filesystem::path directory_;
};

// Carries a decision out in the open transaction and audits it; nothing the second time. True when
// it stops the integration from running.
bool carry_out(State& state, const Decision& decision);

// Carries out what waits for an integration, unless somebody holds it, who does so. Errors: those
// of State::open but Busy.
void take_waiting(const std::filesystem::path& root, std::string_view integration);

struct Handed {
  bool done = false;          // false: the process that holds the integration takes it later
  std::int64_t affected = 0;  // of a decision that is done
  std::string holder;         // who held the integration; empty: nobody
};

// Hands a decision in and waits until it is carried out, at most `patience`. Errors: those of
// State::open but Busy.
Handed hand_in(const std::filesystem::path& root, std::string_view integration, Decision decision,
               std::chrono::milliseconds patience = std::chrono::seconds{10});

}  // namespace sluice::host
