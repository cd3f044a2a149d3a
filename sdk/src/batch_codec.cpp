#include <boost/json/monotonic_resource.hpp>

#include "members.hpp"
#include "sluice/detail/codec.hpp"
#include "sluice/error.hpp"

namespace sluice::detail {
namespace {

// Calls `each(line, number)` for every line that is not empty; numbers count from 1.
template <typename Each>
void for_each_line(std::string_view text, std::size_t number, const Each& each) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty()) each(line, number);
    ++number;
  }
}

std::size_t count_lines(std::string_view text) {
  std::size_t count = 1;
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    ++count;
  return count;
}

json::value parse_line(JsonParser& parser, std::string_view line, std::size_t number,
                       const json::storage_ptr& storage) {
  try {
    return parser.parse(line, storage);
  } catch (const Error& error) {
    throw Error{error.code(), "line " + std::to_string(number) + ": " + error.what()};
  }
}

Write::Op write_op(const Members& members) {
  const auto op = members.text("op");
  if (op == "upsert") return Write::Op::Upsert;
  if (op == "delete") return Write::Op::Delete;
  members.fail("op", "upsert or delete");
}

std::map<std::string, SetChange> set_changes(const Members& members) {
  std::map<std::string, SetChange> changes;
  auto* sets = members.find("sets");
  if (sets == nullptr) return changes;
  if (!sets->is_object()) members.fail("sets", "an object");
  for (auto& set : sets->get_object()) {
    const Members change{set.value(), members.where() + ": set '" + std::string{set.key()} + "'"};
    changes[set.key()] = {change.texts("add"), change.texts("remove"), change.texts("keep")};
  }
  return changes;
}

// `fields` is moved into the new write rather than assigned, which keeps it in the batch's memory
// without a copy.
Write decode_write(json::value& document, std::size_t number) {
  Members members{document, "line " + std::to_string(number)};
  return Write{.op = write_op(members),
               .key = members.text("key"),
               .previous_key = members.maybe_text("previous_key"),
               .remote_id = members.maybe_text("remote_id"),
               .delivered = members.flag("delivered", false),
               .repeated = members.flag("repeated", false),
               .fields = members.take_object("fields"),
               .sets = set_changes(members),
               .if_empty = members.texts("if_empty"),
               .action = members.text_or_empty("action"),
               .opted_out = members.texts("opted_out"),
               .withdrawn = members.texts("withdrawn"),
               .previous_opted_out = members.texts("previous_opted_out"),
               .previous_withdrawn = members.texts("previous_withdrawn")};
}

WriteBatch decode_lines(JsonParser& parser, std::string_view ndjson, std::size_t first_number) {
  // An NDJSON batch needs about three times its size as values.
  WriteBatch batch{json::make_shared_resource<json::monotonic_resource>(ndjson.size() * 3 + 1024),
                   {}};
  batch.writes.reserve(count_lines(ndjson));
  for_each_line(ndjson, first_number, [&](std::string_view line, std::size_t number) {
    auto document = parse_line(parser, line, number, batch.storage);
    batch.writes.push_back(decode_write(document, number));
  });
  return batch;
}

class LineWriter {
 public:
  explicit LineWriter(std::string& out) : out_{out} {}
  void text(std::string_view name, std::string_view value) {
    member(name);
    write_json(out_, value);
  }
  void text_unless_empty(std::string_view name, std::string_view value) {
    if (!value.empty()) text(name, value);
  }
  void maybe_text(std::string_view name, const std::optional<std::string>& value) {
    if (value) text(name, *value);
  }
  void value(std::string_view name, const json::value& item) {
    member(name);
    write_json(out_, item);
  }
  void flag(std::string_view name, bool item) { value(name, item); }
  void integer(std::string_view name, std::int64_t item) { value(name, item); }
  void texts(std::string_view name, const std::vector<std::string>& list) {
    member(name);
    write_texts(list);
  }
  void write_texts(const std::vector<std::string>& list) {
    out_.push_back('[');
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out_.push_back(',');
      write_json(out_, std::string_view{list[i]});
    }
    out_.push_back(']');
  }
  // Opens a member whose value the caller appends.
  void member(std::string_view name) {
    out_.push_back(first_ ? '{' : ',');
    first_ = false;
    write_json(out_, name);
    out_.push_back(':');
  }
  void end() { out_.append(first_ ? "{}\n" : "}\n"); }

 private:
  std::string& out_;
  bool first_ = true;
};

constexpr std::pair<Outcome::Status, std::string_view> kStatuses[] = {
    {Outcome::Status::Ok, "ok"},
    {Outcome::Status::Rejected, "rejected"},
    {Outcome::Status::Retry, "retry"},
    {Outcome::Status::Pending, "pending"},
    {Outcome::Status::Unconfirmed, "unconfirmed"},
};

constexpr std::pair<Effect, std::string_view> kEffects[] = {
    {Effect::Created, "created"},
    {Effect::Updated, "updated"},
    {Effect::Unchanged, "unchanged"},
    {Effect::Deleted, "deleted"},
};

template <typename Table, typename Value>
std::string_view name_in(const Table& table, Value value) {
  for (const auto& [known, name] : table) {
    if (known == value) return name;
  }
  throw Error{Code::Internal, "an outcome holds a value that has no name"};
}

template <typename Table>
auto value_in(const Table& table, std::string_view wanted, const Members& members,
              std::string_view member) {
  for (const auto& [value, name] : table) {
    if (name == wanted) return value;
  }
  members.fail(member, "one of the known words");
}

void encode_outcome(std::string& out, const Outcome& outcome, std::size_t index) {
  LineWriter line{out};
  line.integer("index", static_cast<std::int64_t>(index));
  line.text("status", name_in(kStatuses, outcome.status));
  if (outcome.effect) line.text("effect", name_in(kEffects, *outcome.effect));
  line.maybe_text("remote_id", outcome.remote_id);
  if (!outcome.rekeyed) line.flag("rekeyed", false);
  line.text_unless_empty("code", outcome.code);
  line.text_unless_empty("message", outcome.message);
  line.text_unless_empty("field", outcome.field);
  if (outcome.after.count() > 0) line.integer("after_ms", outcome.after.count());
  line.text_unless_empty("receipt", outcome.receipt);
  if (outcome.opted_out) line.texts("opted_out", *outcome.opted_out);
  if (outcome.previous_opted_out) line.texts("previous_opted_out", *outcome.previous_opted_out);
  if (outcome.withdrawn) line.texts("withdrawn", *outcome.withdrawn);
  line.end();
}

Outcome decode_outcome(const Members& members) {
  Outcome outcome;
  outcome.status = value_in(kStatuses, members.text("status"), members, "status");
  if (const auto effect = members.maybe_text("effect")) {
    outcome.effect = value_in(kEffects, *effect, members, "effect");
  }
  outcome.remote_id = members.maybe_text("remote_id");
  outcome.rekeyed = members.flag("rekeyed", true);
  outcome.code = members.text_or_empty("code");
  outcome.message = members.text_or_empty("message");
  outcome.field = members.text_or_empty("field");
  outcome.after = std::chrono::milliseconds{members.integer("after_ms", 0)};
  outcome.receipt = members.text_or_empty("receipt");
  outcome.opted_out = members.maybe_texts("opted_out");
  outcome.previous_opted_out = members.maybe_texts("previous_opted_out");
  outcome.withdrawn = members.maybe_texts("withdrawn");
  return outcome;
}

}  // namespace

WriteBatch decode_writes(JsonParser& parser, std::string_view ndjson) {
  return decode_lines(parser, ndjson, 1);
}

PollRequest decode_poll(JsonParser& parser, std::string_view ndjson) {
  const auto end = ndjson.find('\n');
  auto head = parse_line(parser, ndjson.substr(0, end), 1, {});
  const Members members{head, "line 1"};
  PollRequest request;
  request.receipt.id = members.text("receipt");
  request.receipt.age = std::chrono::milliseconds{members.integer("age_ms", 0)};
  request.receipt.overdue = members.flag("overdue", false);
  const auto rest = end == std::string_view::npos ? std::string_view{} : ndjson.substr(end + 1);
  request.batch = decode_lines(parser, rest, 2);
  return request;
}

void encode(std::string& out, const Write& write) {
  LineWriter line{out};
  line.text("op", write.op == Write::Op::Upsert ? "upsert" : "delete");
  line.text("key", write.key);
  line.maybe_text("previous_key", write.previous_key);
  line.maybe_text("remote_id", write.remote_id);
  if (write.delivered) line.flag("delivered", true);
  if (write.repeated) line.flag("repeated", true);
  line.member("fields");
  write_json(out, write.fields);
  if (!write.sets.empty()) {
    json::object sets;
    for (const auto& [name, change] : write.sets) {
      json::object members{{"add", json::array(change.add.begin(), change.add.end())},
                           {"remove", json::array(change.remove.begin(), change.remove.end())}};
      if (!change.keep.empty()) {
        members["keep"] = json::array(change.keep.begin(), change.keep.end());
      }
      sets[name] = std::move(members);
    }
    line.value("sets", sets);
  }
  if (!write.if_empty.empty()) line.texts("if_empty", write.if_empty);
  line.text_unless_empty("action", write.action);
  if (!write.opted_out.empty()) line.texts("opted_out", write.opted_out);
  if (!write.withdrawn.empty()) line.texts("withdrawn", write.withdrawn);
  if (!write.previous_opted_out.empty()) line.texts("previous_opted_out", write.previous_opted_out);
  if (!write.previous_withdrawn.empty()) line.texts("previous_withdrawn", write.previous_withdrawn);
  line.end();
}

std::string encode_outcomes(const std::vector<Outcome>& outcomes, std::size_t count) {
  if (outcomes.size() > count) {
    throw Error{Code::Internal, "the connector answered " + std::to_string(outcomes.size()) +
                                    " outcomes for " + std::to_string(count) + " writes"};
  }
  std::string out;
  out.reserve(count * 64);
  for (std::size_t i = 0; i < outcomes.size(); ++i) encode_outcome(out, outcomes[i], i);
  const auto unnamed = Outcome::unconfirmed("the connector said nothing about this record");
  for (std::size_t i = outcomes.size(); i < count; ++i) encode_outcome(out, unnamed, i);
  return out;
}

std::vector<Outcome> decode_outcomes(std::string_view ndjson, std::size_t count) {
  std::vector<Outcome> outcomes(
      count, Outcome::unconfirmed("the connector said nothing about this record"));
  JsonParser parser;
  for_each_line(ndjson, 1, [&](std::string_view line, std::size_t number) {
    auto document = parse_line(parser, line, number, {});
    const Members members{document, "line " + std::to_string(number)};
    const auto index = members.integer("index", -1);
    if (index < 0 || static_cast<std::size_t>(index) >= count) {
      members.fail("index", "that of a line of the batch");
    }
    outcomes[static_cast<std::size_t>(index)] = decode_outcome(members);
  });
  return outcomes;
}

std::string encode_rows(const std::vector<RemoteRow>& rows) {
  std::string out;
  for (const auto& row : rows) {
    LineWriter line{out};
    line.text("key", row.key);
    line.flag("found", row.found);
    line.maybe_text("remote_id", row.remote_id);
    if (row.found) {
      line.member("fields");
      write_json(out, row.fields);
    }
    if (!row.sets.empty()) {
      json::object sets;
      for (const auto& [name, texts] : row.sets)
        sets[name] = json::array(texts.begin(), texts.end());
      line.value("sets", sets);
    }
    if (!row.opted_out.empty()) line.texts("opted_out", row.opted_out);
    line.end();
  }
  return out;
}

std::string encode(const std::vector<Difference>& differences) {
  std::string out;
  std::int64_t index = 0;
  for (const auto& difference : differences) {
    LineWriter line{out};
    line.integer("index", index++);
    line.flag("found", difference.found);
    line.maybe_text("remote_id", difference.remote_id);
    line.maybe_text("key", difference.key);
    if (!difference.names.empty()) line.texts("differs", difference.names);
    if (difference.opted_out) line.texts("opted_out", *difference.opted_out);
    if (difference.withdrawn) line.texts("withdrawn", *difference.withdrawn);
    line.end();
  }
  return out;
}

std::string encode(const std::vector<Refusal>& refusals) {
  std::string out;
  for (const auto& refusal : refusals) {
    LineWriter line{out};
    line.text("key", refusal.key);
    line.text("code", refusal.code);
    line.text("message", refusal.message);
    line.text_unless_empty("field", refusal.field);
    line.end();
  }
  return out;
}

std::vector<RemoteRow> decode_rows(std::string_view ndjson) {
  std::vector<RemoteRow> rows;
  JsonParser parser;
  for_each_line(ndjson, 1, [&](std::string_view line, std::size_t number) {
    auto document = parse_line(parser, line, number, {});
    Members members{document, "line " + std::to_string(number)};
    RemoteRow row;
    row.key = members.text("key");
    row.found = members.flag("found", false);
    row.remote_id = members.maybe_text("remote_id");
    row.fields = members.take_object("fields");
    if (auto* sets = members.find("sets")) {
      if (!sets->is_object()) members.fail("sets", "an object");
      for (const auto& set : sets->get_object()) {
        row.sets[set.key()] = texts_of(set.value(), members, set.key());
      }
    }
    row.opted_out = members.texts("opted_out");
    rows.push_back(std::move(row));
  });
  return rows;
}

}  // namespace sluice::detail
