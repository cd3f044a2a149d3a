// What the integration file says about files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <sluice/spec.hpp>
#include <string>

namespace file_connector {

struct Options {
  // Either one file, or those in `directory` whose names `files` stands for.
  std::filesystem::path path;
  std::filesystem::path directory;
  std::string files;
  std::string format;    // "ndjson", "csv" or, by the file's name, "auto"
  char delimiter = ',';  // between the values of a CSV row
  // Members of a record, for reading; nested ones as "customer.id". Empty: none.
  std::string key;
  std::string version;
  std::string recency;
  std::string deleted;
  bool skip_bad_lines = false;
  std::uint32_t page_records = 0;
  bool replace = false;  // when writing

  explicit Options(const sluice::Config& config);
};

// How a file of this name is written down.
struct Format {
  bool csv = false;
  bool gzip = false;
};
[[nodiscard]] Format format_of(const Options& options, const std::filesystem::path& path);

// Names the file or files for whoever asks from wherever.
[[nodiscard]] std::string identity_of(const Options& options);

[[nodiscard]] sluice::Spec spec();

}  // namespace file_connector
