#include "input.hpp"

#include <glob.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <sluice/error.hpp>
#include <utility>

namespace file_connector {
namespace {

namespace fs = std::filesystem;
using sluice::Code;
using sluice::Error;

constexpr std::uint32_t kLoggedBadLines = 10;
// Offsets stay below it: a later file's lines rank above all of an earlier one.
constexpr int kOffsetBits = 40;

// The directory's own name is no pattern.
std::string escaped(const std::string& name) {
  std::string text;
  for (const char c : name) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') text.push_back('\\');
    text.push_back(c);
  }
  return text;
}

std::vector<std::string> matching(const fs::path& directory, const std::string& pattern) {
  glob_t found{};
  const std::unique_ptr<glob_t, void (*)(glob_t*)> freed{&found, &::globfree};
  const auto whole = (fs::path{escaped(directory.string())} / pattern).string();
  const int status = ::glob(whole.c_str(), GLOB_NOSORT, nullptr, &found);
  if (status != 0 && status != GLOB_NOMATCH) {
    throw Error{Code::Transient, "cannot list " + directory.string()};
  }
  return {found.gl_pathv, found.gl_pathv + found.gl_pathc};
}

}  // namespace

std::vector<InputName> list_inputs(const Options& options) {
  if (!options.path.empty()) return {{options.path, options.path.filename().string(), 0}};
  std::error_code error;
  if (!fs::is_directory(options.directory, error)) {
    throw Error{Code::NotFound, located(options.directory) + " is no directory that can be read"};
  }
  std::vector<InputName> files;
  for (const fs::path path : matching(options.directory, options.files)) {
    if (fs::is_directory(path, error)) continue;
    files.push_back({path, path.lexically_relative(options.directory).string(), 0});
  }
  if (files.empty()) {
    throw Error{Code::NotFound,
                "no file in " + options.directory.string() + " matches '" + options.files + "'"};
  }
  if (files.size() > kMaxFiles) {
    throw Error{Code::Config, std::to_string(files.size()) + " files in " +
                                  options.directory.string() + " match '" + options.files +
                                  "', at most " + std::to_string(kMaxFiles) +
                                  " can be read as one: put those that are done elsewhere"};
  }
  std::sort(files.begin(), files.end(),
            [](const InputName& a, const InputName& b) { return a.name < b.name; });
  for (std::size_t i = 0; i < files.size(); ++i) files[i].number = i;
  return files;
}

Input::Input(sluice::Context& context, const Options& options, InputName name)
    : options_{options},
      name_{std::move(name)},
      packed_{format_of(options, name_.path).gzip},
      opened_{},
      content_{packed_ ? FileHandle::unpacked(context, name_.path)
                       : FileHandle::open_to_read(name_.path)},
      line_end_{format_of(options, name_.path).csv ? LineEnd::OutsideQuotes : LineEnd::Any},
      parser_{options, line_end_ == LineEnd::Any ? Names::Nested : Names::Plain} {
  opened_ = packed_ ? state_of(name_.path).value_or(FileState{}) : content_.state();
  if (line_end_ == LineEnd::Any) return;
  LineReader rows{content_, 0, line_end_};
  const auto header = rows.next();
  if (!header || is_blank(header->text)) return;
  try {
    table_.emplace(row_text(*header), options.delimiter);
  } catch (const Error& error) {
    throw Error{error.code(), name_.path.string() + ":1: " + error.what()};
  }
}

// Of a row in which a quote was opened and more lines follow nobody can tell whether the quote is
// wrong or the row is still being written: it must not hide what follows.
bool Input::is_unfinished(const Line& line) const {
  return !line.terminated && (options_.skip_bad_lines || line_end_ == LineEnd::Any ||
                              line.text.find('\n') == std::string_view::npos);
}

LineKind Input::parse(sluice::Context& context, const Line& line, const std::string& place,
                      RecordHead& head, std::string_view& data) {
  if (is_blank(line.text)) return LineKind::None;
  try {
    if (line_end_ == LineEnd::Any) {
      data = trimmed(line.text);
    } else {
      if (line.offset == 0) return LineKind::None;
      if (!table_) throw Error{Code::SchemaMismatch, "the first line is no header"};
      data = table_->to_json(row_text(line));
    }
    head = parser_.parse(data);
    return LineKind::Record;
  } catch (const Error& error) {
    const auto message = name_.path.string() + ":" + place + ": " + error.what();
    if (is_unfinished(line)) {
      context.warn(message + "; the line has no end yet and is left for the next run");
      return LineKind::Incomplete;
    }
    if (!options_.skip_bad_lines) {
      throw Error{error.code(), message + " (correct it, or set 'bad_lines: skip')"};
    }
    report_skipped(context, message);
    return LineKind::Bad;
  }
}

LineKind Input::take(sluice::Context& context, const Line& line, const std::string& place,
                     std::int64_t version, sluice::RecordBatch& records) {
  RecordHead head;
  std::string_view data;
  const auto kind = parse(context, line, place, head, data);
  if (kind == LineKind::Record) emit(head, data, line.offset, version, records);
  return kind;
}

void Input::emit(const RecordHead& head, std::string_view data, std::uint64_t offset,
                 std::int64_t version, sluice::RecordBatch& records) const {
  version = head.version.value_or(version);
  if (head.deleted) {
    records.add(sluice::Record::removed(head.key, version));
    return;
  }
  const auto place = static_cast<std::int64_t>((name_.number << kOffsetBits) + offset);
  records.add_raw(head.key, version, head.recency.value_or(place), data);
}

void Input::report_skipped(sluice::Context& context, const std::string& message) {
  context.host().count("bad lines skipped", 1);
  ++skipped_;
  if (skipped_ <= kLoggedBadLines) context.warn(message + "; skipped");
  if (skipped_ == kLoggedBadLines) context.warn("further bad lines are counted, not logged");
}

std::int64_t version_now(const sluice::Context& context) {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  return duration_cast<microseconds>(context.now().time_since_epoch()).count();
}

}  // namespace file_connector
