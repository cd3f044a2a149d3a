// What the integration file says about a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <sluice/spec.hpp>
#include <string>

namespace file_connector {

struct Options {
  std::filesystem::path path;
  // Members of a record, for reading; nested ones as "customer.id". Empty: none.
  std::string key;
  std::string version;
  std::string recency;
  std::string deleted;
  bool skip_bad_lines = false;
  std::uint32_t page_records = 0;

  explicit Options(const sluice::Config& config);
};

[[nodiscard]] sluice::Spec spec();

}  // namespace file_connector
