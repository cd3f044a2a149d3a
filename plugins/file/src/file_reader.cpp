#include "file_reader.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <sluice/error.hpp>
#include <utility>

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

std::string text_of(const FileState& state) {
  return std::to_string(state.inode) + ":" + std::to_string(state.size) + ":" +
         std::to_string(state.modified_ns);
}

// A walk's last cursor starts the next walk: what was skipped or whole belongs to the one that
// ends.
json::object cursor_of(const Position& position, bool end) {
  json::object files;
  for (const auto& [name, extent] : position.files) {
    auto& file = files[name].emplace_object();
    file = {{"offset", extent.offset}, {"lines", extent.lines}, {"hash", extent.hash}};
    if (!extent.state.empty()) file["state"] = extent.state;
  }
  return {{"files", std::move(files)},
          {"version", position.version},
          {"whole", position.whole && !end},
          {"skipped", position.skipped && !end}};
}

Position parse_cursor(const json::object& cursor) {
  Position position;
  for (const auto& file : cursor.at("files").as_object()) {
    const auto& extent = file.value().as_object();
    auto& known = position.files[std::string{file.key()}];
    known.offset = extent.at("offset").to_number<std::uint64_t>();
    known.lines = extent.at("lines").to_number<std::uint64_t>();
    known.hash = std::string{extent.at("hash").as_string()};
    if (const auto* state = extent.if_contains("state")) known.state = state->as_string();
  }
  position.version = cursor.at("version").to_number<std::int64_t>();
  position.whole = cursor.at("whole").as_bool();
  position.skipped = cursor.at("skipped").as_bool();
  return position;
}

}  // namespace

Position position_of(const sluice::ReadRequest& request) {
  if (request.cursor.is_null()) return {};
  try {
    return parse_cursor(request.cursor.as_object());
  } catch (const std::exception&) {
    throw Error{Code::CursorInvalid, "the cursor is none of a file's"};
  }
}

// The file that is being read, and how far.
struct FileReader::Open {
  Open(sluice::Context& context, const Options& options, const InputName& name)
      : path{name.path}, input{context, options, name} {}

  // Errors: CursorInvalid when the file no longer begins with what was read.
  void seek(sluice::Context& context, const Extent& known) {
    auto begun = hash_of(context, input.content(), known.offset);
    if (!begun || begun->text() != known.hash) {
      // Only a walk over everything can tell which records have gone.
      throw Error{Code::CursorInvalid,
                  path.string() + " no longer begins as it did when it was last read"};
    }
    hash = *begun;
    line_ends = known.lines;
    offset = known.offset;
    lines.seek(offset);
  }

  // Reads a line into the page; false at the end of the file.
  bool take_line(sluice::Context& context, Position& position, sluice::RecordBatch& records) {
    const auto line = lines.next();
    if (!line) return false;
    const auto kind =
        input.take(context, *line, std::to_string(line_ends + 1), position.version, records);
    if (kind == LineKind::Incomplete || kind == LineKind::Bad) position.skipped = true;
    if (kind == LineKind::Incomplete) return false;
    offset = line->end;
    hash.update(line->text);
    if (!line->terminated) return true;
    hash.update("\n");
    ++line_ends;
    if (input.line_end() == LineEnd::OutsideQuotes) {
      line_ends +=
          static_cast<std::uint64_t>(std::count(line->text.begin(), line->text.end(), '\n'));
    }
    return true;
  }

  void check_unchanged(sluice::Context& context) const {
    if (!input.has_changed()) return;
    const auto now = hash_of(context, input.content(), offset);
    if (now && now->text() == hash.text()) return;
    throw Error{Code::CursorInvalid,
                path.string() + " was rewritten while it was read; read it again"};
  }

  std::filesystem::path path;
  Input input;
  LineReader lines{input.content(), 0, input.line_end()};
  std::uint64_t offset = 0;
  std::uint64_t line_ends = 0;
  PrefixHash hash;
};

FileReader::FileReader(sluice::Context& context, const Options& options,
                       std::vector<InputName> files, Position position)
    : options_{options}, files_{std::move(files)}, position_{std::move(position)} {
  std::set<std::string> names;
  for (const auto& file : files_) names.insert(file.name);
  for (const auto& [name, extent] : position_.files) {
    if (!names.contains(name)) throw Error{Code::CursorInvalid, name + " has gone"};
  }
  file_ = next_with_news(0, position_);
  if (file_ < files_.size()) open_ = opened(context, file_, position_);
}

FileReader::~FileReader() = default;

std::size_t FileReader::next_with_news(std::size_t file, const Position& position) const {
  for (; file < files_.size(); ++file) {
    const auto known = position.files.find(files_[file].name);
    if (known == position.files.end() || known->second.state.empty()) break;
    const auto state = state_of(files_[file].path);
    if (!state || text_of(*state) != known->second.state) break;
  }
  return file;
}

std::unique_ptr<FileReader::Open> FileReader::opened(sluice::Context& context, std::size_t file,
                                                     const Position& position) const {
  auto open = std::make_unique<Open>(context, options_, files_[file]);
  const auto known = position.files.find(files_[file].name);
  if (known != position.files.end()) open->seek(context, known->second);
  return open;
}

bool FileReader::is_full(const sluice::Page& page) const {
  return page.records.size() >= options_.page_records || page.records.ndjson().size() >= kPageBytes;
}

sluice::Page FileReader::next(sluice::Context& context) {
  // After an error the same page is asked for again: nothing is kept of one that fails.
  auto position = position_;
  auto file = file_;
  auto open = std::move(open_);
  position.version = std::max(position.version, version_now(context));
  sluice::Page page;
  while (file < files_.size() && !is_full(page)) {
    if (!open) open = opened(context, file, position);
    bool more = true;
    while (more && !is_full(page)) {
      context.throw_if_stopped();
      more = open->take_line(context, position, page.records);
    }
    auto& extent = position.files[files_[file].name];
    extent = {open->offset, open->line_ends, open->hash.text(), {}};
    if (more) break;
    open->check_unchanged(context);
    extent.state = text_of(open->input.opened());
    open.reset();
    file = next_with_news(file + 1, position);
  }
  page.end = file == files_.size();
  page.complete = page.end && position.whole && !position.skipped;
  page.cursor = cursor_of(position, page.end);
  position_ = std::move(position);
  file_ = file;
  open_ = std::move(open);
  return page;
}

}  // namespace file_connector
