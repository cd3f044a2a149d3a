#include "file_reader.hpp"

#include <algorithm>
#include <optional>
#include <sluice/error.hpp>

namespace file_connector {
namespace {

namespace json = sluice::json;
using sluice::Code;
using sluice::Error;

constexpr std::size_t kPageBytes = 1u << 20;
constexpr std::size_t kHashBlockBytes = 1u << 20;

// Reads a file's first `size` bytes; nothing when the file is shorter.
std::optional<PrefixHash> hash_of(sluice::Context& context, const FileHandle& file,
                                  std::uint64_t size) {
  PrefixHash hash;
  std::string block(kHashBlockBytes, '\0');
  for (std::uint64_t done = 0; done < size;) {
    context.throw_if_stopped();
    const auto wanted = std::min<std::uint64_t>(block.size(), size - done);
    const auto count = file.read_at(done, block.data(), wanted);
    if (count < wanted) return std::nullopt;
    hash.update({block.data(), count});
    done += count;
  }
  return hash;
}

// A walk's last cursor starts the next walk: what was skipped or whole belongs to the one that
// ends.
json::object cursor_of(const Position& position, bool end) {
  return {{"offset", position.offset},       {"lines", position.lines},
          {"hash", position.hash.text()},    {"version", position.version},
          {"whole", position.whole && !end}, {"skipped", position.skipped && !end}};
}

struct Cursor {
  Position position;
  std::string hash;
};

Cursor parse_cursor(const json::value& value) {
  try {
    const auto& cursor = value.as_object();
    Cursor result;
    result.position.offset = cursor.at("offset").to_number<std::uint64_t>();
    result.position.lines = cursor.at("lines").to_number<std::uint64_t>();
    result.position.version = cursor.at("version").to_number<std::int64_t>();
    result.position.whole = cursor.at("whole").as_bool();
    result.position.skipped = cursor.at("skipped").as_bool();
    result.hash = std::string{cursor.at("hash").as_string()};
    return result;
  } catch (const std::exception&) {
    throw Error{Code::CursorInvalid, "the cursor is none of a file's"};
  }
}

}  // namespace

Position position_of(sluice::Context& context, const sluice::ReadRequest& request,
                     const Options& options, const FileHandle& file) {
  if (request.cursor.is_null()) return {};
  auto cursor = parse_cursor(request.cursor);
  auto hash = hash_of(context, file, cursor.position.offset);
  if (!hash || hash->text() != cursor.hash) {
    // Only a walk over everything can tell which records have gone.
    throw Error{Code::CursorInvalid,
                options.path.string() + " no longer begins as it did when it was last read"};
  }
  cursor.position.hash = *hash;
  return cursor.position;
}

FileReader::FileReader(const Options& options, FileHandle file, Position position)
    : options_{options},
      file_{std::move(file)},
      opened_{file_.state()},
      position_{std::move(position)},
      lines_{file_, position_.offset},
      emitter_{options} {}

sluice::Page FileReader::next(sluice::Context& context) {
  Position position = position_;
  position.version = std::max(position.version, version_now(context));
  // After an error the same page is asked for again.
  lines_.seek(position.offset);

  sluice::Page page;
  bool incomplete = false;
  while (!page.end && page.records.size() < options_.page_records &&
         page.records.ndjson().size() < kPageBytes) {
    context.throw_if_stopped();
    const auto line = lines_.next();
    incomplete = line && !take(context, *line, position, page.records);
    page.end = !line || incomplete;
  }
  if (page.end) {
    check_unchanged(context, position);
    page.complete = position.whole && !position.skipped && !incomplete;
  }
  page.cursor = cursor_of(position, page.end);
  position_ = std::move(position);
  return page;
}

bool FileReader::take(sluice::Context& context, const Line& line, Position& position,
                      sluice::RecordBatch& records) {
  RecordHead head;
  const auto kind = emitter_.parse(context, line, std::to_string(position.lines + 1), head);
  if (kind == LineKind::Incomplete) return false;
  if (kind == LineKind::Record) emit(records, head, line.text, line.offset, position.version);
  if (kind == LineKind::Bad) position.skipped = true;
  position.offset = line.end;
  position.hash.update(line.text);
  if (line.terminated) {
    ++position.lines;
    position.hash.update("\n");
  }
  return true;
}

void FileReader::check_unchanged(sluice::Context& context, const Position& position) {
  const auto now = file_.state();
  if (now == opened_) return;
  const auto hash = hash_of(context, file_, position.offset);
  if (hash && hash->text() == position.hash.text()) return;
  throw Error{Code::CursorInvalid,
              options_.path.string() + " was rewritten while it was read; read it again"};
}

}  // namespace file_connector
