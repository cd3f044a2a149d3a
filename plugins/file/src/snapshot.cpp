#include "snapshot.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <sluice/error.hpp>
#include <system_error>
#include <utility>

#include "document_store.hpp"
#include "record_parser.hpp"

namespace file_connector {
namespace {

namespace fs = std::filesystem;
namespace json = sluice::json;
using sluice::Code;
using sluice::Error;

constexpr std::size_t kCopiedBytes = 1u << 18;

json::object parse_document(std::string_view text) {
  auto document = sluice::parse_json(text);
  if (!document.is_object()) throw Error{Code::SchemaMismatch, "this is no JSON object"};
  return std::move(document.as_object());
}

bool is_marked_deleted(const json::object& document) {
  const auto* mark = document.if_contains(kDeletedMember);
  if (mark == nullptr) return false;
  return mark->is_bool() ? mark->get_bool() : mark->is_string() && mark->get_string() == "true";
}

}  // namespace

Cell to_cell(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  if (const auto* text = value.if_string()) return std::string{*text};
  return sluice::to_json(value);
}

json::value from_cell(const std::string& cell) {
  if (!cell.starts_with('[')) return json::value(cell);
  try {
    auto list = sluice::parse_json(cell);
    const auto& items = list.as_array();
    if (std::all_of(items.begin(), items.end(), [](const auto& item) { return item.is_string(); }))
      return list;
  } catch (const Error&) {
    // A text that begins like a list.
  }
  return json::value(cell);
}

Snapshot::Snapshot(sluice::Context& context, const Options& options, const fs::path& path,
                   std::string match)
    : path_{path},
      match_{std::move(match)},
      line_end_{format_of(options, path).csv ? LineEnd::OutsideQuotes : LineEnd::Any} {
  // Before it is read: what changes meanwhile is seen the next time.
  state_ = state_of(path);
  if (!state_) return;
  content_ = format_of(options, path).gzip ? FileHandle::unpacked(context, path)
                                           : FileHandle::open_to_read(path);
  if (line_end_ == LineEnd::OutsideQuotes) {
    LineReader rows{*content_, 0, line_end_};
    const auto header = rows.next();
    try {
      if (header) table_.emplace(row_text(*header), options.delimiter);
    } catch (const Error& error) {
      throw not_understood(1, error);
    }
  }
  walk(context, [&](const Line& line, const std::string& key, bool deleted) {
    if (deleted) {
      places_.erase(key);
    } else {
      places_[key] = {line.offset, line.text.size()};
    }
  });
}

Error Snapshot::not_understood(std::size_t line, const Error& error) const {
  return Error{error.code(), path_.string() + ":" + std::to_string(line) + ": " + error.what() +
                                 " (correct it or move the file away: only a file that is "
                                 "understood whole is replaced)"};
}

const std::vector<std::string>& Snapshot::columns() const {
  static const std::vector<std::string> none;
  return table_ ? table_->columns() : none;
}

std::string_view Snapshot::json_of(std::string_view line) {
  return table_ ? table_->to_json(line) : trimmed(line);
}

void Snapshot::walk(sluice::Context& context, const Visit& visit) {
  if (!content_) return;
  LineReader lines{*content_, 0, line_end_};
  std::size_t number = 0;
  while (const auto line = lines.next()) {
    context.throw_if_stopped();
    const auto first = number + 1;
    number += 1 + static_cast<std::size_t>(std::count(line->text.begin(), line->text.end(), '\n'));
    if (is_blank(line->text) || (table_ && line->offset == 0)) continue;
    std::optional<std::string> key;
    bool deleted = false;
    try {
      const auto document = parse_document(json_of(row_text(*line)));
      const auto* value = document.if_contains(match_);
      key = value == nullptr ? std::nullopt : key_text(*value);
      deleted = is_marked_deleted(document);
      if (!key) throw Error{Code::SchemaMismatch, "no text or whole number '" + match_ + "'"};
    } catch (const Error& error) {
      throw not_understood(first, error);
    }
    visit(*line, *key, deleted);
  }
}

std::optional<json::object> Snapshot::find(const std::string& key) {
  const auto place = places_.find(key);
  if (place == places_.end()) return std::nullopt;
  const auto text = content_->read_at(place->second.offset, place->second.size);
  const Line line{text, place->second.offset, 0, true};
  auto document = parse_document(json_of(row_text(line)));
  if (!table_) return document;
  json::object values;
  for (const auto& member : document) {
    if (const auto* text_value = member.value().if_string()) {
      values[member.key()] =
          member.key() == match_ ? member.value() : from_cell(std::string{*text_value});
    }
  }
  return values;
}

void Snapshot::each(
    sluice::Context& context,
    const std::function<void(const std::string& key, std::string_view document)>& visit) {
  walk(context, [&](const Line& line, const std::string& key, bool) {
    const auto place = places_.find(key);
    // Only the last line of a key counts.
    if (place == places_.end() || place->second.offset != line.offset) return;
    visit(key, json_of(row_text(line)));
  });
}

// A file under another name, compressed or not.
class SnapshotWriter::Output {
 public:
  Output(const fs::path& path, bool gzip) : path_{path} {
    fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    const int copy = fd_ < 0 ? -1 : ::fcntl(fd_, F_DUPFD_CLOEXEC, 0);
    file_ = copy < 0 ? nullptr : ::gzdopen(copy, gzip ? "wb6" : "wbT");
    if (file_ == nullptr) fail("create");
  }
  ~Output() {
    if (file_ != nullptr) ::gzclose(file_);
    if (fd_ >= 0) ::close(fd_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view text) {
    if (::gzwrite(file_, text.data(), static_cast<unsigned>(text.size())) !=
        static_cast<int>(text.size())) {
      fail("write");
    }
  }

  void replace(const fs::path& target) {
    if (::gzclose(std::exchange(file_, nullptr)) != Z_OK) fail("write");
    struct stat old {};
    if (::stat(target.c_str(), &old) == 0 && ::fchmod(fd_, old.st_mode & 0777) != 0) fail("write");
    if (::fsync(fd_) != 0) fail("write");
    if (::rename(path_.c_str(), target.c_str()) != 0) fail("rename");
    path_.clear();
    const int directory = ::open(target.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool is_durable = directory >= 0 && ::fsync(directory) == 0;
    if (directory >= 0) ::close(directory);
    if (!is_durable) fail("make durable");
  }

 private:
  [[noreturn]] void fail(const char* doing) const {
    throw Error{Code::Transient, std::string{"cannot "} + doing + " " + path_.string() + ": " +
                                     std::generic_category().message(errno)};
  }

  fs::path path_;
  int fd_ = -1;
  gzFile file_ = nullptr;
};

SnapshotWriter::SnapshotWriter(const Options& options, const fs::path& path,
                               std::vector<std::string> columns)
    : path_{path},
      csv_{format_of(options, path).csv},
      delimiter_{options.delimiter},
      columns_{std::move(columns)},
      output_{
          std::make_unique<Output>(path.parent_path() / ("." + path.filename().string() + ".new"),
                                   format_of(options, path).gzip)} {
  if (csv_) write_row(text_, {columns_.begin(), columns_.end()}, delimiter_);
}

SnapshotWriter::~SnapshotWriter() = default;

void SnapshotWriter::add(std::string_view document) {
  if (csv_) {
    const auto values = parse_document(document);
    std::vector<Cell> cells;
    cells.reserve(columns_.size());
    for (const auto& column : columns_) {
      const auto* value = values.if_contains(column);
      cells.push_back(value == nullptr ? Cell{} : to_cell(*value));
    }
    write_row(text_, cells, delimiter_);
  } else {
    text_.append(document).push_back('\n');
  }
  if (text_.size() >= kCopiedBytes) {
    output_->write(text_);
    text_.clear();
  }
}

void SnapshotWriter::finish() {
  if (!text_.empty()) output_->write(text_);
  output_->replace(path_);
}

}  // namespace file_connector
