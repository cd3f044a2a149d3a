#include "integration/grammar.hpp"

#include "integration/scalar.hpp"

namespace sluice::host {
namespace {

using Kind = Shape::Kind;

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}
bool is_duration(std::string_view text) {
  return parse_duration(text).has_value();
}
bool is_size(std::string_view text) {
  return parse_size(text).has_value();
}
bool is_memory(std::string_view text) {
  constexpr std::uint64_t kLeast = std::uint64_t{64} << 20;
  return parse_size(text).value_or(0) >= kLeast;
}
bool is_descriptor_count(std::string_view text) {
  const auto number = core_number(text);
  return number && *number >= 64 && *number <= 1'048'576 &&
         *number == static_cast<double>(static_cast<std::uint32_t>(*number));
}
bool is_rate(std::string_view text) {
  return parse_rate(text).has_value();
}
bool is_delete_limit(std::string_view text) {
  return parse_delete_limit(text).has_value();
}
bool is_known_timezone(std::string_view text) {
  return is_timezone(std::string{text});
}

Shape text(std::string expected) {
  Shape shape;
  shape.expected = std::move(expected);
  return shape;
}

Shape text(std::string expected, bool (*accepts)(std::string_view), std::string pattern) {
  Shape shape = text(std::move(expected));
  shape.accepts = accepts;
  shape.pattern = std::move(pattern);
  return shape;
}

Shape name(std::string of) {
  return text(std::move(of) + " of letters, digits, '-', '_' and '.'", is_name,
              "^[A-Za-z0-9][A-Za-z0-9._-]*$");
}

Shape expression() {
  Shape shape;
  shape.kind = Kind::Expression;
  shape.expected = "an expression";
  return shape;
}

Shape choice(std::vector<std::string> words) {
  Shape shape;
  shape.kind = Kind::Choice;
  shape.words = std::move(words);
  return shape;
}

Shape boolean() {
  Shape shape;
  shape.kind = Kind::Boolean;
  shape.expected = "true or false";
  return shape;
}

Shape block(std::string expected, std::vector<KeyRule> keys) {
  Shape shape;
  shape.kind = Kind::Block;
  shape.expected = std::move(expected);
  shape.keys = std::move(keys);
  return shape;
}

Shape open_block(std::string expected, std::string also, std::vector<KeyRule> keys) {
  Shape shape = block(std::move(expected), std::move(keys));
  shape.open = true;
  shape.also = std::move(also);
  return shape;
}

Shape sequence(std::string expected, Shape item) {
  Shape shape;
  shape.kind = Kind::Sequence;
  shape.expected = std::move(expected);
  shape.item.push_back(std::move(item));
  return shape;
}

Shape map(std::string expected, Shape item) {
  Shape shape;
  shape.kind = Kind::Map;
  shape.expected = std::move(expected);
  shape.item.push_back(std::move(item));
  return shape;
}

Shape values(std::string expected) {
  Shape shape;
  shape.kind = Kind::Values;
  shape.expected = std::move(expected);
  return shape;
}

Shape nothing() {
  Shape shape;
  shape.kind = Kind::Nothing;
  shape.expected = "~";
  return shape;
}

Shape one_of(std::string expected, std::vector<Shape> variants) {
  Shape shape;
  shape.kind = Kind::OneOf;
  shape.expected = std::move(expected);
  shape.variants = std::move(variants);
  return shape;
}

KeyRule required(std::string key, Shape shape, std::string about) {
  return {std::move(key), std::move(shape), std::move(about), true, std::nullopt};
}

KeyRule optional(std::string key, Shape shape, std::string about,
                 std::optional<json::value> fallback = std::nullopt) {
  return {std::move(key), std::move(shape), std::move(about), false, std::move(fallback)};
}

Shape share() {
  Shape shape;
  shape.kind = Kind::Number;
  shape.expected = "a number above 0 and up to 1, such as 0.8";
  shape.above = 0;
  shape.most = 1;
  return shape;
}

Shape digest() {
  return text("a SHA-256 of 64 digits 0-9a-f", is_digest, "^[0-9a-f]{64}$");
}

Shape duration() {
  return text("a duration such as 90s, 15m, 6h or 1d", is_duration, "^[1-9][0-9]*[smhd]$");
}

Shape worker() {
  const char* const kSize = "^[1-9][0-9]*(MiB|GiB|TiB)$";
  Shape descriptors =
      text("a whole number from 64 to 1048576", is_descriptor_count, "^[1-9][0-9]*$");
  descriptors.number_too = true;
  return block(
      "a mapping of what the connector's process may use",
      {optional("memory", text("a size from 64MiB, such as 512MiB or 4GiB", is_memory, kSize),
                "Memory of the process.", json::value("2GiB")),
       optional("file_size", text("a size such as 512MiB or 4GiB", is_size, kSize),
                "The largest file that the process may write.", json::value("64GiB")),
       optional("descriptors", std::move(descriptors),
                "Files and connections that the process may have open at once.", json::value(1024)),
       optional("hang_after", duration(),
                "A call that shows no sign of life for so long is taken as hanging.",
                json::value("10m")),
       optional("read", sequence("a sequence of paths", text("a path")),
                "Files and directories that the connector may read besides those that its options "
                "name."),
       optional("write", sequence("a sequence of paths", text("a path")),
                "Files and directories that the connector may also write."),
       optional("confinement", choice({"auto", "required", "off"}),
                "auto: as far as this kernel can; required: refuse to run where it cannot fully; "
                "off: the connector may do what the user who runs Sluice may do.",
                json::value("auto"))});
}

Shape connection() {
  return open_block(
      "a mapping with a connector and its options",
      "options of the connector; `sluice connectors inspect` shows them",
      {required("connector", name("a connector's id"),
                "The connector's id; `sluice connectors` shows those that are installed."),
       optional("rate",
                text("a rate such as 120/min, 5/s or 1000/h", is_rate, "^[1-9][0-9]*/(s|min|h)$"),
                "Requests that Sluice may send, instead of the limit that the connector declares."),
       optional(
           "share", share(),
           "The part of the limit that Sluice may use; the rest stays free for other programs.",
           json::value(1)),
       optional(
           "sha256",
           one_of("a SHA-256 of 64 digits 0-9a-f, or a sequence of them",
                  {digest(), sequence("a sequence of SHA-256", digest())}),
           "The only builds of the connector's plugin that may run; `sluice connectors verify` "
           "shows what is installed."),
       optional("worker", worker(), "What the process that runs the connector may use.")});
}

Shape schedule() {
  return one_of(
      "manual, {every: 6h} or {cron: \"0 */6 * * *\"}",
      {choice({"manual"}),
       block("{every: …} or {cron: …}",
             {optional("every", duration(),
                       "The time from the start of one run to the start of the next."),
              optional("cron",
                       text("a cron expression of five fields such as \"0 */6 * * *\"", is_cron,
                            "^\\S+(\\s+\\S+){4}$"),
                       "When runs start: minute, hour, day of month, month, day of week."),
              optional("timezone", text("a time zone such as Europe/Berlin", is_known_timezone, ""),
                       "The time zone that `cron` is meant in.", json::value("UTC"))})});
}

Shape retention() {
  return block("a mapping with runs and resolved_errors",
               {optional("runs", duration(),
                         "How long runs stay in the history; the last of each kind always does.",
                         json::value("90d")),
                optional("resolved_errors", duration(),
                         "How long record errors are remembered after they have been resolved.",
                         json::value("30d"))});
}

Shape read() {
  return open_block("a mapping with a stream and its options",
                    "options of the stream; `sluice discover` shows them",
                    {required("stream", text("a stream's name"),
                              "What to read; `sluice discover` shows what the source offers.")});
}

Shape write() {
  return open_block(
      "a mapping with an object, a match key and options",
      "options of the object; `sluice discover` shows them",
      {required("object", text("an object's name"),
                "What to write; `sluice discover` shows what the destination offers."),
       required("match", text("a field's name"), "The destination field that identifies a record."),
       optional("mode", choice({"upsert", "create", "update"}),
                "upsert creates and updates; create leaves existing records alone; update never "
                "creates.",
                json::value("upsert")),
       optional(
           "on_delete", text("keep, or an action that the destination offers"),
           "What happens at the destination when a record is deleted at the source: keep, or an "
           "action that the destination offers.",
           json::value("keep")),
       optional("on_exclude", text("keep, or an action that the destination offers"),
                "What happens to a delivered record that leaves the filter or fails a check.",
                json::value("keep")),
       optional(
           "on_duplicate", choice({"error", "latest", "first"}),
           "Several source records claim one destination record: report them, or let the latest or "
           "the first one win.",
           json::value("error")),
       [] {
         auto limit = optional("max_deletes",
                               text("a number such as 50 or a percentage such as 2%",
                                    is_delete_limit, "^([0-9]+|[0-9]+(\\.[0-9]+)?%)$"),
                               "More deletions than this in one run stop it before the first one. "
                               "Left out: 20 or 2%, "
                               "whichever is more.");
         limit.shape.number_too = true;
         return limit;
       }(),
       optional("ledger", boolean(),
                "false: nothing is remembered of single records. Every run sends what it reads, "
                "nothing is deleted at the destination, and duplicates are not noticed.",
                json::value(true)),
       optional("documents", boolean(),
                "false: the state keeps hashes of what was delivered instead of the values.",
                json::value(true))});
}

Shape field() {
  return one_of(
      "an expression or a mapping with a value",
      {expression(), nothing(),
       block("a mapping with a value",
             {required("value", expression(), "The expression that computes the value."),
              optional("type", choice({"text", "number", "date", "datetime", "boolean"}),
                       "The field's type. Left out: as the destination has it."),
              optional("null", choice({"keep", "clear"}),
                       "What a missing value does at the destination.", json::value("keep")),
              optional("overwrite", choice({"always", "if_empty"}),
                       "if_empty leaves a value alone that the destination already has.",
                       json::value("always"))})});
}

Shape fields() {
  Shape shape = map("a mapping from fields to expressions", field());
  return shape;
}

Shape check() {
  return block("{that: …, say: …}",
               {required("that", expression(), "What must be true of a record."),
                required("say", text("a sentence"), "What the record error says when it is not.")});
}

Shape rule() {
  Shape set = values("a mapping from fields to values");
  set.not_empty = true;
  return block(
      "{when: …, set: {…}}",
      {required("when", expression(), "For which records the rule holds."),
       required("set", std::move(set),
                "Values of fields while it holds; they are withdrawn once it no longer does.")});
}

Shape mapping_test() {
  return block(
      "a mapping with a name, what is given and what is expected",
      {required("name", text("a name"), "What the test shows."),
       required("given", values("a mapping: a record"), "A record as the source delivers it."),
       optional("expect", values("a mapping from fields to values"),
                "The document that the record maps to; fields that are left out are not compared."),
       optional("expect_error", text("a part of an error's message"),
                "A part of the message of the record error that must come instead."),
       optional("expect_filtered", boolean(), "true: the filter must leave the record out.")});
}

Shape sync() {
  Shape rules = sequence("a sequence of {when: …, set: {…}}", rule());
  return block(
      "a mapping with read, write and fields",
      {required("read", read(), "Where records come from."),
       required("write", write(), "Where they go, and how."),
       optional(
           "check", sequence("a sequence of {that: …, say: …}", check()),
           "What every record must fulfil. One that does not is a record error and is not sent."),
       optional("filter", expression(),
                "Records for which this is false are left out and counted."),
       optional("preset", name("a preset's name"),
                "A ready-made set of fields: the name of a file in presets/."),
       optional(
           "fields", fields(),
           "Destination fields and the expressions that compute them. Entries replace those of the "
           "preset; ~ leaves a field of the preset out."),
       optional("rules", std::move(rules), "Values that depend on a condition."),
       optional("tests", sequence("a sequence of tests", mapping_test()),
                "Examples that `sluice test` runs without any connection.")});
}

Shape syncs() {
  Shape shape = map("a mapping from names to syncs", sync());
  shape.not_empty = true;
  shape.accepts_name = is_name;
  return shape;
}

}  // namespace

const Shape& integration_shape() {
  static const Shape shape = block(
      "a mapping with integration, source, destination and syncs",
      {required("integration", name("a name"),
                "The integration's name. Its state is kept under this name."),
       required("source", connection(), "The system that records are read from."),
       required("destination", connection(), "The system that records are written to."),
       optional("schedule", schedule(),
                "When `sluice serve` starts runs; manual: only commands do.",
                json::value(json::object{{"every", "6h"}})),
       optional("retention", retention(),
                "How long the state remembers what no run needs any more."),
       required(
           "syncs", syncs(),
           "The flows from a stream to an object, by name. They run in the order of the file.")});
  return shape;
}

const Shape& connection_shape() {
  static const Shape shape = connection();
  return shape;
}

const Shape& preset_shape() {
  static const Shape shape = [] {
    auto entries = required("fields", fields(), "Destination fields and their expressions.");
    entries.shape.not_empty = true;
    return block("a mapping with fields",
                 {optional("description", text("a sentence"), "What the preset is for."),
                  std::move(entries)});
  }();
  return shape;
}

std::vector<std::string> key_names(const Shape& block) {
  std::vector<std::string> names;
  names.reserve(block.keys.size());
  for (const auto& key : block.keys) names.push_back(key.name);
  return names;
}

}  // namespace sluice::host
