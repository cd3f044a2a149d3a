#include "document_store.hpp"

#include <sluice/error.hpp>

#include "line_reader.hpp"
#include "record_parser.hpp"

namespace file_connector {
namespace {

namespace json = sluice::json;
using sluice::Code;
using sluice::Error;

bool is_marked_deleted(const json::object& document) {
  const auto* mark = document.if_contains(kDeletedMember);
  return mark != nullptr && mark->is_bool() && mark->get_bool();
}

std::optional<json::value> parse_document(std::string_view line) {
  try {
    auto document = sluice::parse_json(trimmed(line));
    if (document.is_object()) return document;
  } catch (const Error&) {
    // Whoever wrote this line, it is no document.
  }
  return std::nullopt;
}

}  // namespace

void DocumentStore::refresh(sluice::Context& context) {
  if (writable_) return refresh_to_write(context);
  const auto named = state_of(path_);
  if (!named) {
    file_.reset();
  } else if (!file_ || file_->state().inode != named->inode) {
    file_ = FileHandle::open_to_read(path_);
    end_ = 0;
  }
  if (!file_ || file_->state().size < end_) end_ = 0;
  if (end_ == 0) places_.clear();
  if (file_) index_from(context, end_);
}

void DocumentStore::refresh_to_write(sluice::Context& context) {
  const auto named = state_of(path_);
  const bool same = writable_ && named && file_->state().inode == named->inode;
  if (!same) {
    writable_ = false;
    auto file = FileHandle::open_to_append(path_);
    file.lock();
    file_ = std::move(file);
    writable_ = true;
    end_ = 0;
    repair_end(context);
  }
  if (file_->state().size < end_) end_ = 0;
  if (end_ == 0) places_.clear();
  index_from(context, end_);
}

void DocumentStore::index_from(sluice::Context& context, std::uint64_t offset) {
  LineReader lines{*file_, offset};
  std::uint64_t ignored = 0;
  while (const auto line = lines.next()) {
    context.throw_if_stopped();
    if (!line->terminated) break;
    end_ = line->end;
    if (is_blank(line->text)) continue;
    const auto document = parse_document(line->text);
    const auto* key = document ? document->get_object().if_contains(match_) : nullptr;
    const auto text = key == nullptr ? std::nullopt : key_text(*key);
    if (!text) {
      ++ignored;
      continue;
    }
    const bool deleted = is_marked_deleted(document->get_object());
    places_[*text] = {line->offset, deleted ? 0 : line->text.size()};
  }
  if (ignored > 0) {
    context.warn(path_.string() + ": " + std::to_string(ignored) +
                 " lines are no documents with a '" + match_ + "' and are left as they are");
  }
}

void DocumentStore::repair_end(sluice::Context& context) {
  const auto size = file_->state().size;
  BackwardLineReader lines{*file_, size};  // holds the line's text
  const auto last = lines.previous();
  if (!last || last->terminated) return;
  if (is_blank(last->text) || parse_document(last->text)) {
    file_->append("\n");
    return;
  }
  context.warn(path_.string() + ": the last line was cut off in the middle and is removed");
  file_->truncate(last->offset);
}

std::optional<json::object> DocumentStore::find(const std::string& key) const {
  std::string line;
  if (const auto staged = staged_places_.find(key); staged != staged_places_.end()) {
    line = staged_.substr(staged->second.offset, staged->second.size);
  } else if (const auto place = places_.find(key); place != places_.end()) {
    line = file_->read_at(place->second.offset, place->second.size);
  }
  if (line.empty()) return std::nullopt;
  auto document = sluice::parse_json(trimmed(line));
  return std::move(document.as_object());
}

void DocumentStore::put(const std::string& key, const json::object& document) {
  std::string line;
  sluice::write_json(line, document);
  stage(key, line, false);
}

void DocumentStore::remove(const std::string& key) {
  std::string line;
  sluice::write_json(line, json::object{{match_, key}, {kDeletedMember, true}});
  stage(key, line, true);
}

void DocumentStore::stage(const std::string& key, const std::string& line, bool deleted) {
  staged_places_[key] = {staged_.size(), deleted ? 0 : line.size()};
  staged_.append(line).push_back('\n');
}

void DocumentStore::commit() {
  if (staged_.empty()) return;
  try {
    file_->append(staged_);
  } catch (...) {
    discard();
    throw;
  }
  for (const auto& [key, place] : staged_places_) {
    places_[key] = {end_ + place.offset, place.size};
  }
  end_ += staged_.size();
  discard();
}

void DocumentStore::discard() noexcept {
  staged_.clear();
  staged_places_.clear();
}

void DocumentStore::sync() {
  if (writable_) file_->sync();
}

}  // namespace file_connector
