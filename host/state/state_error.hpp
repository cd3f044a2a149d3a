// The file of a state cannot be used, or cannot be written any more.
#pragma once

#include <filesystem>
#include <sluice/error.hpp>
#include <string>
#include <string_view>

namespace sluice::host {

class StateError : public Error {
 public:
  enum class Kind {
    Full,      // no room: what was committed is there, and the same command continues from it
    Unusable,  // damaged, missing, foreign, from a newer Sluice, or not accessible
  };
  StateError(Kind kind, const std::string& message) : Error{Code::Internal, message}, kind_{kind} {}

  [[nodiscard]] Kind kind() const noexcept { return kind_; }

 private:
  Kind kind_;
};

// What is wrong with `file`, and the way out: a check, and a backup in its place.
[[nodiscard]] StateError damaged(const std::filesystem::path& file, std::string_view problem);
// `file` cannot be opened, read or written; `problem` is an errno.
[[nodiscard]] StateError inaccessible(const std::filesystem::path& file, std::string_view what,
                                      int problem);
// There is no room to write `file`.
[[nodiscard]] StateError full_disk(const std::filesystem::path& file);
// Whether this errno tells that there is no room.
[[nodiscard]] bool is_full(int problem) noexcept;

}  // namespace sluice::host
