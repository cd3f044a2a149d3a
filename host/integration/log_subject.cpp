#include "integration/log_subject.hpp"

#include <mutex>
#include <utility>

namespace sluice::host {
namespace {

std::mutex mutex;
LogSubject& of_the_process() {
  static LogSubject subject;
  return subject;
}
thread_local const std::string* of_the_scope = nullptr;

}  // namespace

void set_log_subject(LogSubject subject) {
  const std::lock_guard guard{mutex};
  of_the_process() = std::move(subject);
}

LogSubject log_subject() {
  if (of_the_scope != nullptr) return {*of_the_scope, 0};
  const std::lock_guard guard{mutex};
  return of_the_process();
}

LogScope::LogScope(const std::string& integration) : before_{of_the_scope} {
  of_the_scope = &integration;
}

LogScope::~LogScope() {
  of_the_scope = before_;
}

}  // namespace sluice::host
