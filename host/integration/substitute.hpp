// `${ENV}`, `${ENV:-default}`, `${file:/path}` and `${credential:name}` in the scalar values of an
// integration file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "integration/findings.hpp"
#include "integration/load.hpp"

namespace sluice::host {

struct Substituted {
  std::string text;          // with `${…}` replaced; as written where `resolved` is false
  bool substituted = false;  // the text had a `${…}`: it may be a secret and is never shown
  bool resolved = true;      // false: something has no value here
};

// Whether `text` has a reference that `Substitution` would replace.
[[nodiscard]] bool has_reference(std::string_view text);

class Substitution {
 public:
  // `directory`: what relative paths of `${file:…}` are relative to.
  Substitution(const LoadOptions& options, std::filesystem::path directory)
      : options_{options}, directory_{std::move(directory)} {}

  // What is replaced is not looked at again. Reports what cannot be replaced as an error or, when
  // values need not be there, as a note; warns of a file that every user of the machine can read.
  [[nodiscard]] Substituted apply(std::string_view text, Position at, Findings& findings) const;

 private:
  struct Value {
    std::string text;
    std::string problem;  // set: there is no value, and why
    std::string hint;
    bool exposed = false;  // every user of the machine can read it
  };
  [[nodiscard]] Value look_up(std::string_view reference) const;
  [[nodiscard]] Value from_environment(std::string_view reference) const;
  [[nodiscard]] Value from_credential(std::string_view name) const;
  [[nodiscard]] Value from_file(std::string_view path) const;

  const LoadOptions& options_;
  std::filesystem::path directory_;
};

}  // namespace sluice::host
