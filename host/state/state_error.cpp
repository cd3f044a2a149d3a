#include "state/state_error.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "state/layout.hpp"

namespace sluice::host {

bool is_full(int problem) noexcept {
  return problem == ENOSPC || problem == EDQUOT || problem == EFBIG;
}

StateError damaged(const std::filesystem::path& file, std::string_view problem) {
  std::string message = file.string() + " cannot be used: ";
  if (file.parent_path().filename() == kServiceDirectory) {
    message.append(problem).append(
        ". Nothing was changed. Stop the service and move the file away, a new one is made then; "
        "see \"When the state is damaged\" in docs/operations.md for what is lost");
    return {StateError::Kind::Unusable, message};
  }
  message.append(problem).append(
      ". Nothing was changed. `sluice state check` tells more, `sluice state restore` puts a "
      "backup "
      "in its place; see \"When the state is damaged\" in docs/operations.md");
  return {StateError::Kind::Unusable, message};
}

StateError inaccessible(const std::filesystem::path& file, std::string_view what, int problem) {
  if (is_full(problem)) return full_disk(file);
  std::string message = "cannot ";
  message.append(what).append(" ").append(file.string());
  if (problem != 0) message.append(": ").append(std::strerror(problem));
  if (problem == EACCES || problem == EPERM || problem == EROFS) {
    message += "; it must be readable and writable for user " + std::to_string(::geteuid()) +
               ", who runs this command";
  }
  return {StateError::Kind::Unusable, message};
}

StateError full_disk(const std::filesystem::path& file) {
  return {StateError::Kind::Full,
          "no room to write " + file.string() +
              ": the disk is full, or a quota or a file size limit is reached. What was committed "
              "before is safe; make room, then run the same command again: it continues there"};
}

}  // namespace sluice::host
