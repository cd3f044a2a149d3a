// A file of its own for every test, and the connector over it.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sluice/detail/codec.hpp>
#include <sluice/json.hpp>
#include <sluice/testing/fake_host.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "file_destination.hpp"
#include "file_source.hpp"

namespace file_connector {

class FileTest : public ::testing::Test {
 protected:
  FileTest() {
    auto pattern = (std::filesystem::temp_directory_path() / "sluice-file-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
    folder = pattern;
    path = folder / "records.ndjson";
  }
  ~FileTest() override { std::filesystem::remove_all(folder); }

  void put(std::string_view text) const { std::ofstream{path} << text; }
  void append(std::string_view text) const { std::ofstream{path, std::ios::app} << text; }
  [[nodiscard]] std::string contents() const { return contents(path); }
  [[nodiscard]] static std::string contents(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream{file}.rdbuf();
    return text.str();
  }
  // Adds a compressed part.
  static void pack(const std::filesystem::path& file, std::string_view text) {
    const auto out = ::gzopen(file.c_str(), "ab");
    ::gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
    ::gzclose(out);
  }

  // The options of a connector over the file; `more` are members of the JSON object besides "path".
  [[nodiscard]] sluice::Config config(std::string_view more = "") const {
    auto options = sluice::parse_json("{" + std::string{more} + "}").as_object();
    options["path"] = path.string();
    return sluice::Config{std::move(options)};
  }

  // The same over the files of the folder that match.
  [[nodiscard]] sluice::Config config_of_files(std::string_view files,
                                               std::string_view more = "") const {
    auto options = sluice::parse_json("{" + std::string{more} + "}").as_object();
    options["directory"] = folder.string();
    options["files"] = files;
    return sluice::Config{std::move(options)};
  }

  // The error that `body` throws.
  template <typename Body>
  static sluice::Error error_of(const Body& body) {
    try {
      body();
    } catch (const sluice::Error& error) {
      return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return sluice::Error{sluice::Code::Ok, ""};
  }

  std::filesystem::path folder;
  std::filesystem::path path;
  sluice::testing::FakeHost host;
  sluice::Context context = host.context();
};

// A record of a page, as the host sees it.
struct SeenRecord {
  std::string op;
  std::string key;
  std::int64_t version = 0;
  std::int64_t recency = 0;
  std::string data;
};

inline std::vector<SeenRecord> records_of(const sluice::RecordBatch& batch) {
  std::vector<SeenRecord> records;
  std::istringstream lines{batch.ndjson()};
  for (std::string line; std::getline(lines, line);) {
    const auto record = sluice::parse_json(line).as_object();
    const auto* data = record.if_contains("data");
    records.push_back({std::string{record.at("op").as_string()},
                       std::string{record.at("key").as_string()}, record.at("version").as_int64(),
                       record.at("recency").as_int64(),
                       data == nullptr ? "" : sluice::to_json(*data)});
  }
  return records;
}

inline std::vector<std::string> keys_of(const std::vector<SeenRecord>& records) {
  std::vector<std::string> keys;
  for (const auto& record : records) keys.push_back(record.key);
  return keys;
}

// Everything that a walk shows.
struct Walked {
  std::vector<SeenRecord> records;
  std::vector<sluice::json::value> cursors;
  bool complete = false;
};

inline Walked walk(sluice::Context& context, FileSource& source, sluice::ReadMode mode,
                   sluice::json::value cursor = nullptr, std::uint32_t limit = 0) {
  sluice::ReadRequest request;
  request.stream = "records";
  request.mode = mode;
  request.cursor = std::move(cursor);
  request.limit = limit;
  const auto reader = source.open(context, std::move(request));
  Walked walked;
  for (;;) {
    const auto page = reader->next(context);
    for (auto& record : records_of(page.records)) walked.records.push_back(std::move(record));
    // As the host keeps them: through text.
    walked.cursors.push_back(sluice::parse_json(sluice::to_json(page.cursor)));
    walked.complete = page.complete;
    if (page.end) return walked;
  }
}

}  // namespace file_connector
