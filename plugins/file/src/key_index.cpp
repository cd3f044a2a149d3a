#include "key_index.hpp"

#include <string_view>

#include "line_reader.hpp"

namespace file_connector {

void KeyIndex::refresh(sluice::Context& context, const std::vector<InputName>& files) {
  std::vector<Known> now;
  now.reserve(files.size());
  for (const auto& file : files) {
    now.push_back({file.name, state_of(file.path).value_or(FileState{})});
  }
  if (known_ == now) return;
  known_.reset();
  places_.clear();
  complete_ = true;
  for (const auto& file : files) {
    Input input{context, options_, file};
    add(context, input);
  }
  known_ = std::move(now);
}

void KeyIndex::add(sluice::Context& context, Input& input) {
  LineReader lines{input.content(), 0, input.line_end()};
  std::uint64_t number = 0;
  while (const auto line = lines.next()) {
    context.throw_if_stopped();
    RecordHead head;
    std::string_view data;
    const auto kind = input.parse(context, *line, std::to_string(++number), head, data);
    if (kind == LineKind::Record) {
      places_.insert_or_assign(std::move(head.key),
                               LinePlace{input.number(), line->offset, line->text.size()});
    } else if (kind != LineKind::None) {
      complete_ = false;
    }
  }
}

std::optional<LinePlace> KeyIndex::find(const std::string& key) const {
  const auto place = places_.find(key);
  if (place == places_.end()) return std::nullopt;
  return place->second;
}

}  // namespace file_connector
