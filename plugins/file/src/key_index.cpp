#include "key_index.hpp"

#include "line_reader.hpp"
#include "record_emitter.hpp"

namespace file_connector {

void KeyIndex::refresh(sluice::Context& context, const FileHandle& file) {
  const auto state = file.state();
  if (state_ == state) return;
  state_.reset();
  places_.clear();
  complete_ = true;
  RecordEmitter emitter{options_};
  LineReader lines{file, 0};
  std::uint64_t number = 0;
  while (const auto line = lines.next()) {
    context.throw_if_stopped();
    RecordHead head;
    const auto kind = emitter.parse(context, *line, std::to_string(++number), head);
    if (kind == LineKind::Record) {
      places_.insert_or_assign(std::move(head.key), LinePlace{line->offset, line->text.size()});
    } else if (kind != LineKind::Blank) {
      complete_ = false;
    }
  }
  state_ = state;
}

std::optional<LinePlace> KeyIndex::find(const std::string& key) const {
  const auto place = places_.find(key);
  if (place == places_.end()) return std::nullopt;
  return place->second;
}

}  // namespace file_connector
