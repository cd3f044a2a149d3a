#include "latest_reader.hpp"

#include <string>
#include <unordered_set>

#include "line_reader.hpp"
#include "record_emitter.hpp"

namespace file_connector {

sluice::Page LatestReader::next(sluice::Context& context) {
  RecordEmitter emitter{options_};
  BackwardLineReader lines{file_, file_.state().size};
  const auto version = version_now(context);
  std::unordered_set<std::string> seen;
  sluice::Page page;
  while (page.records.size() < limit_) {
    context.throw_if_stopped();
    const auto line = lines.previous();
    if (!line) break;
    RecordHead head;
    const auto kind = emitter.parse(context, *line, "byte " + std::to_string(line->offset), head);
    // The last line of a key says what the record is now.
    if (kind != LineKind::Record || !seen.insert(head.key).second || head.deleted) continue;
    emit(page.records, head, line->text, line->offset, version);
  }
  page.end = true;
  return page;
}

}  // namespace file_connector
