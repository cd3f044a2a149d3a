#include "latest_reader.hpp"

#include <string>
#include <string_view>
#include <unordered_set>

#include "line_reader.hpp"

namespace file_connector {

sluice::Page LatestReader::next(sluice::Context& context) {
  const auto version = version_now(context);
  std::unordered_set<std::string> seen;
  sluice::Page page;
  for (auto name = files_.rbegin(); name != files_.rend() && page.records.size() < limit_; ++name) {
    Input input{context, options_, *name};
    BackwardLineReader lines{input.content(), input.content().state().size, input.line_end()};
    while (page.records.size() < limit_) {
      context.throw_if_stopped();
      const auto line = lines.previous();
      if (!line) break;
      RecordHead head;
      std::string_view data;
      const auto place = "byte " + std::to_string(line->offset);
      const auto kind = input.parse(context, *line, place, head, data);
      // The last line of a key says what the record is now.
      if (kind != LineKind::Record || !seen.insert(head.key).second || head.deleted) continue;
      input.emit(head, data, line->offset, version, page.records);
    }
  }
  page.end = true;
  return page;
}

}  // namespace file_connector
