// Shorthand for tests about errors.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "sluice/error.hpp"

namespace sluice::testing {

// The error that `body` throws; nothing when it throws none.
template <typename Body>
std::optional<Error> error_of(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

template <typename Body>
void expect_error(Code code, const std::string& text, const Body& body) {
  const auto error = error_of(body);
  ASSERT_TRUE(error.has_value()) << "nothing was thrown";
  EXPECT_EQ(error->code(), code) << error->what();
  EXPECT_NE(std::string{error->what()}.find(text), std::string::npos) << error->what();
}

}  // namespace sluice::testing
