// Whom a line of the log is about, for logs that programs read.
#pragma once

#include <cstdint>
#include <string>

namespace sluice::host {

struct LogSubject {
  std::string integration;  // empty: none in particular
  std::int64_t run = 0;     // its id in the state; 0: none
};

// Of this process's lines from here on, unless a scope says otherwise. Threads: [any thread].
void set_log_subject(LogSubject subject);
// Of the line that this thread writes now. Threads: [any thread].
[[nodiscard]] LogSubject log_subject();

// The lines of one thread are about an integration while it lives.
class LogScope {
 public:
  explicit LogScope(const std::string& integration);
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

 private:
  const std::string* before_;
};

}  // namespace sluice::host
