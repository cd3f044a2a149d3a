#include "document_store.hpp"

#include <algorithm>
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
    const auto size = static_cast<std::uint32_t>(line->text.size());  // at most kMaxLineBytes
    places_[*text] = {line->offset, deleted ? 0 : size, false, true};
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
  const auto found = places_.find(key);
  if (found == places_.end() || found->second.size == 0) return std::nullopt;
  const Place& place = found->second;
  const std::string line = place.staged ? staged_.substr(place.offset, place.size)
                                        : file_->read_at(place.offset, place.size);
  auto document = sluice::parse_json(trimmed(line));
  return std::move(document.as_object());
}

void DocumentStore::put(const std::string& key, const json::object& document) {
  const auto begin = staged_.size();
  sluice::write_json(staged_, document);
  stage(key, begin, false);
}

void DocumentStore::put_new(const std::string& key, const json::object& fields) {
  const auto begin = staged_.size();
  for (const auto& field : fields) {
    if (field.value().is_null()) continue;
    staged_.push_back(staged_.size() == begin ? '{' : ',');
    sluice::write_json(staged_, std::string_view{field.key()});
    staged_.push_back(':');
    sluice::write_json(staged_, field.value());
  }
  staged_.append(staged_.size() == begin ? "{}" : "}");
  stage(key, begin, false);
}

void DocumentStore::remove(const std::string& key) {
  const auto begin = staged_.size();
  sluice::write_json(staged_, json::object{{match_, key}, {kDeletedMember, true}});
  stage(key, begin, true);
}

void DocumentStore::stage(const std::string& key, std::size_t begin, bool deleted) {
  auto& entry = *places_.try_emplace(key).first;
  replaced_.emplace_back(&entry, entry.second);
  const auto size = static_cast<std::uint32_t>(staged_.size() - begin);
  entry.second = {begin, deleted ? 0 : size, true, true};
  staged_.push_back('\n');
}

void DocumentStore::commit() {
  if (staged_.empty()) return;
  try {
    file_->append(staged_);
  } catch (...) {
    discard();
    throw;
  }
  for (const auto& [entry, before] : replaced_) {
    Place& place = entry->second;
    if (place.staged) place = {end_ + place.offset, place.size, false, true};
  }
  end_ += staged_.size();
  staged_.clear();
  replaced_.clear();
}

void DocumentStore::discard() noexcept {
  for (auto change = replaced_.rbegin(); change != replaced_.rend(); ++change)
    change->first->second = change->second;
  staged_.clear();
  replaced_.clear();
}

void DocumentStore::sync(sluice::Context&) {
  if (writable_) file_->sync();
}

std::vector<std::string> DocumentStore::keys() const {
  std::vector<std::pair<std::uint64_t, std::string>> places;
  places.reserve(places_.size());
  for (const auto& [key, place] : places_) {
    if (place.known) places.emplace_back(place.offset, key);
  }
  std::sort(places.begin(), places.end());
  std::vector<std::string> keys;
  keys.reserve(places.size());
  for (auto& [offset, key] : places) keys.push_back(std::move(key));
  return keys;
}

void DocumentStore::clear() {
  file_->truncate(0);
  places_.clear();
  end_ = 0;
}

}  // namespace file_connector
