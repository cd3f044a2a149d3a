#include "record_emitter.hpp"

#include <chrono>
#include <sluice/error.hpp>

namespace file_connector {
namespace {

constexpr std::uint32_t kLoggedBadLines = 10;

}  // namespace

LineKind RecordEmitter::parse(sluice::Context& context, const Line& line, const std::string& place,
                              RecordHead& head) {
  if (is_blank(line.text)) return LineKind::Blank;
  try {
    head = parser_.parse(trimmed(line.text));
    return LineKind::Record;
  } catch (const sluice::Error& error) {
    const auto message = options_.path.string() + ":" + place + ": " + error.what();
    if (!line.terminated) {
      context.warn(message + "; the line has no end yet and is left for the next run");
      return LineKind::Incomplete;
    }
    if (!options_.skip_bad_lines) {
      throw sluice::Error{error.code(), message + " (correct it, or set 'bad_lines: skip')"};
    }
    report_skipped(context, message);
    return LineKind::Bad;
  }
}

void RecordEmitter::report_skipped(sluice::Context& context, const std::string& message) {
  context.host().count("bad lines skipped", 1);
  ++skipped_;
  if (skipped_ <= kLoggedBadLines) context.warn(message + "; skipped");
  if (skipped_ == kLoggedBadLines) context.warn("further bad lines are counted, not logged");
}

void emit(sluice::RecordBatch& batch, const RecordHead& head, std::string_view line,
          std::uint64_t offset, std::int64_t version) {
  if (head.deleted) {
    batch.add(sluice::Record::removed(head.key, head.version.value_or(version)));
  } else {
    batch.add_raw(head.key, head.version.value_or(version),
                  head.recency.value_or(static_cast<std::int64_t>(offset)), trimmed(line));
  }
}

std::int64_t version_now(const sluice::Context& context) {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  return duration_cast<microseconds>(context.now().time_since_epoch()).count();
}

}  // namespace file_connector
