// A file that holds each document once, as it stands: read by key, and replaced as a whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <sluice/context.hpp>
#include <sluice/error.hpp>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "csv_table.hpp"
#include "file_handle.hpp"
#include "line_reader.hpp"
#include "options.hpp"

namespace file_connector {

// The file as it is now. Not thread-safe: keeps its buffers.
class Snapshot {
 public:
  // A file that is not there holds nothing.
  // Errors: SchemaMismatch naming the line that is no document with a `match`: a file that is to be
  // replaced must be understood whole.
  Snapshot(sluice::Context& context, const Options& options, const std::filesystem::path& path,
           std::string match);

  // None: there was no file.
  [[nodiscard]] const std::optional<FileState>& state() const noexcept { return state_; }
  [[nodiscard]] const std::vector<std::string>& columns() const;  // of a table
  [[nodiscard]] bool has(const std::string& key) const { return places_.contains(key); }
  [[nodiscard]] std::optional<sluice::json::object> find(const std::string& key);
  // All documents in their order, each with its text as JSON.
  void each(sluice::Context& context,
            const std::function<void(const std::string& key, std::string_view document)>& visit);

 private:
  struct Place {
    std::uint64_t offset = 0;
    std::size_t size = 0;
  };
  using Visit = std::function<void(const Line& line, const std::string& key, bool deleted)>;

  void walk(sluice::Context& context, const Visit& visit);
  std::string_view json_of(std::string_view line);
  [[nodiscard]] sluice::Error not_understood(std::size_t line, const sluice::Error& error) const;

  std::filesystem::path path_;
  std::string match_;
  std::optional<FileState> state_;
  std::optional<FileHandle> content_;
  LineEnd line_end_;
  std::optional<CsvTable> table_;
  std::unordered_map<std::string, Place> places_;
};

// The file that comes in its place, written beside it. Until `finish` the old one stays whole.
class SnapshotWriter {
 public:
  // `columns` name the values of a table, in their order.
  SnapshotWriter(const Options& options, const std::filesystem::path& path,
                 std::vector<std::string> columns);
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  void add(std::string_view document);
  // Makes it durable and puts it in place. Errors: Transient, after which nothing has changed.
  void finish();

 private:
  class Output;

  void write(std::string_view text);

  std::filesystem::path path_;
  bool csv_;
  char delimiter_;
  std::vector<std::string> columns_;
  std::string text_;
  std::unique_ptr<Output> output_;
};

// The value as a cell of a table, and a cell as a value: what is no text stands as its JSON, and is
// a text when it is read, except a list of texts.
[[nodiscard]] Cell to_cell(const sluice::json::value& value);
[[nodiscard]] sluice::json::value from_cell(const std::string& cell);

}  // namespace file_connector
