#include "pipeline/wire.hpp"

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <sluice/error.hpp>

#include "integration/one_line.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t kOutcomeMemory = 2048;  // what most outcomes need
constexpr std::string_view kRemoval = R"({"op":"delete",)";
constexpr std::string_view kRepeated = R"(,"repeated":true)";

// Reads what a connector has written.
class Lines {
 public:
  explicit Lines(std::string_view connector) : connector_{connector} {}

  [[nodiscard]] json::value parse(JsonParser& parser, std::string_view line,
                                  const json::storage_ptr& storage = {}) const {
    try {
      json::value value = parser.parse(line, storage);
      if (value.is_object()) return value;
    } catch (const Error& error) {
      broken(error.what(), line);
    }
    broken("a line that is not an object", line);
  }

  [[noreturn]] void broken(std::string_view what, std::string_view line) const {
    constexpr std::size_t kShown = 120;
    throw Error{Code::Internal, "connector '" + std::string{connector_} + "' broke its contract: " +
                                    std::string{what} + " in " + one_line(line, kShown) +
                                    "; update it, or report this to its author"};
  }

 private:
  std::string_view connector_;
};

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string{value->get_string()};
}

std::int64_t integer_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return 0;
  json::error_code problem;
  const auto number = value->to_number<std::int64_t>(problem);
  return problem ? 0 : number;
}

json::array to_array(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

void put_member(std::string& out, std::string_view name) {
  out.push_back(',');
  write_json(out, name);
  out.push_back(':');
}

json::object set_changes(const Document& wanted, const Document* delivered, bool doubtful) {
  json::object changes;
  const auto members = [](const Document* document, const std::string& name) {
    if (document == nullptr) return std::vector<std::string>{};
    const auto found = document->sets.find(name);
    return found == document->sets.end() ? std::vector<std::string>{} : found->second;
  };
  const auto change = [&](const std::string& name) {
    const auto now = members(&wanted, name);
    const auto before = members(delivered, name);
    std::vector<std::string> add, remove, keep;
    if (doubtful) {
      add = now;
    } else {
      std::set_intersection(now.begin(), now.end(), before.begin(), before.end(),
                            std::back_inserter(keep));
      std::set_difference(now.begin(), now.end(), before.begin(), before.end(),
                          std::back_inserter(add));
    }
    std::set_difference(before.begin(), before.end(), now.begin(), now.end(),
                        std::back_inserter(remove));
    if (add.empty() && remove.empty() && keep.empty()) return;
    json::object said{{"add", to_array(add)}, {"remove", to_array(remove)}};
    if (!keep.empty()) said["keep"] = to_array(keep);
    changes[name] = std::move(said);
  };
  for (const auto& [name, unused] : wanted.sets) change(name);
  if (delivered != nullptr) {
    for (const auto& [name, unused] : delivered->sets) {
      if (!wanted.sets.contains(name)) change(name);
    }
  }
  return changes;
}

WriteResult::Status status_of(std::string_view name, const Lines& lines, std::string_view line) {
  if (name == "ok") return WriteResult::Status::Ok;
  if (name == "rejected") return WriteResult::Status::Rejected;
  if (name == "retry") return WriteResult::Status::Retry;
  if (name == "pending") return WriteResult::Status::Pending;
  if (name == "unconfirmed") return WriteResult::Status::Unconfirmed;
  lines.broken("an unknown status", line);
}

// Calls `take(index, object, line)` for every line, which names one of `count` writes.
template <typename Take>
void each_indexed(std::string_view ndjson, std::size_t count, const Lines& lines,
                  const Take& take) {
  std::vector<bool> named(count);
  JsonParser parser;
  std::array<unsigned char, kOutcomeMemory> memory;
  each_line(ndjson, [&](std::string_view line) {
    json::monotonic_resource values{memory.data(), memory.size()};
    const json::value value = lines.parse(parser, line, &values);
    const auto& object = value.get_object();
    const auto* index = object.if_contains("index");
    if (index == nullptr || !index->is_int64() || index->get_int64() < 0 ||
        static_cast<std::size_t>(index->get_int64()) >= count) {
      lines.broken("an outcome whose index is not one of the batch's", line);
    }
    const auto at = static_cast<std::size_t>(index->get_int64());
    if (named[at]) lines.broken("two outcomes of one write", line);
    named[at] = true;
    take(at, object, line);
  });
}

}  // namespace

std::optional<std::vector<std::string>> texts_of(const json::object& object,
                                                 std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_array()) return std::nullopt;
  std::vector<std::string> out;
  for (const auto& item : value->get_array()) {
    if (item.is_string()) out.emplace_back(item.get_string());
  }
  return out;
}

void each_line(std::string_view ndjson, const std::function<void(std::string_view)>& visit) {
  while (!ndjson.empty()) {
    const auto end = ndjson.find('\n');
    const auto line = ndjson.substr(0, end);
    if (!line.empty()) visit(line);
    if (end == std::string_view::npos) return;
    ndjson.remove_prefix(end + 1);
  }
}

Incoming decode_record(JsonParser& parser, std::string_view line, std::string_view connector,
                       const json::storage_ptr& storage) {
  const Lines lines{connector};
  json::value value = lines.parse(parser, line, storage);
  auto& object = value.get_object();
  auto* const data = object.if_contains("data");
  // Made from the value and not assigned, which would copy it out of its storage; braces would make
  // an array of it.
  Incoming record{false, {}, 0,
                  0,     {}, data == nullptr ? json::value() : json::value(std::move(*data))};
  const std::string op = text_of(object, "op");
  if (op != "upsert" && op != "delete") lines.broken("no op", line);
  record.remove = op == "delete";
  record.key = text_of(object, "key");
  if (record.key.empty()) lines.broken("no key", line);
  record.version = integer_of(object, "version");
  record.recency = integer_of(object, "recency");
  record.skip = text_of(object, "skip");
  return record;
}

std::string encode_document(const Document& document) {
  std::string out = R"({"fields":)";
  write_json(out, document.fields);
  out += R"(,"sets":{)";
  for (const auto& [name, members] : document.sets) {
    if (out.back() != '{') out.push_back(',');
    write_json(out, std::string_view{name});
    out.push_back(':');
    write_json(out, json::value(to_array(members)));
  }
  out += "}}";
  return out;
}

Document decode_document(std::string_view json) {
  Document document;
  if (json.empty()) return document;
  const json::object object = parse_json(json).as_object();
  if (const auto* fields = object.if_contains("fields"); fields != nullptr && fields->is_object()) {
    document.fields = fields->get_object();
  }
  if (const auto* sets = object.if_contains("sets"); sets != nullptr && sets->is_object()) {
    for (const auto& set : sets->get_object()) {
      document.sets[std::string{set.key()}] =
          texts_of(sets->get_object(), set.key()).value_or(std::vector<std::string>{});
    }
  }
  return document;
}

std::string encode_write(const WriteLine& write) {
  std::string out{write.remove ? kRemoval : R"({"op":"upsert",)"};
  out += R"("key":)";
  write_json(out, std::string_view{write.key});
  const auto put_text = [&](std::string_view name, std::string_view text) {
    put_member(out, name);
    write_json(out, text);
  };
  const auto put_texts = [&](std::string_view name, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    put_member(out, name);
    write_json(out, json::value(to_array(texts)));
  };
  if (write.previous_key) put_text("previous_key", *write.previous_key);
  if (write.remote_id) put_text("remote_id", *write.remote_id);
  if (write.delivered) out += R"(,"delivered":true)";
  if (write.document != nullptr) {
    put_member(out, "fields");
    write_json(out, write.document->fields);
    const json::object sets =
        set_changes(*write.document, write.delivered_document, write.doubtful);
    if (!sets.empty()) {
      put_member(out, "sets");
      write_json(out, sets);
    }
  }
  put_texts("if_empty", write.if_empty);
  if (!write.action.empty()) put_text("action", write.action);
  put_texts("opted_out", write.standing.opted_out);
  put_texts("withdrawn", write.standing.withdrawn);
  put_texts("previous_opted_out", write.previous_standing.opted_out);
  put_texts("previous_withdrawn", write.previous_standing.withdrawn);
  if (write.repeated) out += kRepeated;
  out += "}\n";
  return out;
}

bool is_removal(std::string_view line) {
  return line.starts_with(kRemoval);
}

MapResult decode_first_write(std::string_view line) {
  const json::value value = parse_json(line);
  const auto& write = value.get_object();
  MapResult mapped;
  mapped.fields = write.at("fields").as_object();
  if (const auto* sets = write.if_contains("sets")) {
    for (const auto& set : sets->as_object()) {
      mapped.sets[set.key()] =
          texts_of(set.value().as_object(), "add").value_or(std::vector<std::string>{});
    }
  }
  mapped.if_empty = texts_of(write, "if_empty").value_or(std::vector<std::string>{});
  return mapped;
}

std::string likeness_of(const Document& names) {
  WriteLine line;
  line.document = &names;
  line.remote_id = "";
  line.delivered = true;
  return encode_write(line) + encode_document(names);
}

std::string as_repeated(std::string line) {
  const auto end = line.rfind('}');
  const bool says_so = std::string_view{line}.substr(0, end).ends_with(kRepeated);
  if (end != std::string::npos && !says_so) line.insert(end, kRepeated);
  return line;
}

std::string as_withdrawal(const std::string& line, const SetMembers& members,
                          const WriteResult& result) {
  json::object write = parse_json(line).as_object();
  if (const auto previous = write.find("previous_key"); previous != write.end()) {
    write.stable_erase(previous);
  }
  write["delivered"] = true;
  if (result.remote_id) write["remote_id"] = *result.remote_id;
  json::object sets;
  for (const auto& [name, texts] : members) {
    sets[name] = json::object{{"add", json::array{}}, {"remove", to_array(texts)}};
  }
  write["sets"] = std::move(sets);
  if (result.opted_out) write["opted_out"] = to_array(*result.opted_out);
  if (result.withdrawn) write["withdrawn"] = to_array(*result.withdrawn);
  return to_json(write) + '\n';
}

std::map<std::string, Refusal> decode_refusals(std::string_view ndjson,
                                               std::string_view connector) {
  const Lines lines{connector};
  std::map<std::string, Refusal> refusals;
  JsonParser parser;
  each_line(ndjson, [&](std::string_view line) {
    const json::value value = lines.parse(parser, line);
    const auto& object = value.get_object();
    std::string key = text_of(object, "key");
    if (key.empty()) lines.broken("a refusal without a key", line);
    Refusal refusal{text_of(object, "code"), text_of(object, "message"), text_of(object, "field")};
    if (refusal.code.empty()) refusal.code = "refused";
    if (refusal.message.empty()) refusal.message = "the destination refuses this key";
    refusals.emplace(std::move(key), std::move(refusal));
  });
  return refusals;
}

std::vector<RemoteDifference> decode_differences(std::string_view ndjson, std::size_t count,
                                                 std::string_view connector) {
  const Lines lines{connector};
  std::vector<RemoteDifference> differences(count);
  std::size_t named = 0;
  each_indexed(
      ndjson, count, lines, [&](std::size_t at, const json::object& object, std::string_view) {
        ++named;
        RemoteDifference& difference = differences[at];
        const auto* found = object.if_contains("found");
        difference.found = found != nullptr && found->is_bool() && found->get_bool();
        if (auto id = text_of(object, "remote_id"); !id.empty())
          difference.remote_id = std::move(id);
        if (auto key = text_of(object, "key"); !key.empty()) difference.key = std::move(key);
        difference.names = texts_of(object, "differs").value_or(std::vector<std::string>{});
        difference.opted_out = texts_of(object, "opted_out");
        difference.withdrawn = texts_of(object, "withdrawn");
      });
  if (named != count) lines.broken("fewer answers than writes", ndjson);
  return differences;
}

std::vector<WriteResult> decode_outcomes(std::string_view ndjson, std::size_t count,
                                         std::string_view connector, bool has_receipts) {
  const Lines lines{connector};
  std::vector<WriteResult> results(count);
  const auto take = [&](std::size_t at, const json::object& object, std::string_view line) {
    WriteResult& result = results[at];
    result.status = status_of(text_of(object, "status"), lines, line);
    result.effect = text_of(object, "effect");
    if (auto id = text_of(object, "remote_id"); !id.empty()) result.remote_id = std::move(id);
    if (const auto* rekeyed = object.if_contains("rekeyed");
        rekeyed != nullptr && rekeyed->is_bool()) {
      result.rekeyed = rekeyed->get_bool();
    }
    result.code = text_of(object, "code");
    result.message = one_line(text_of(object, "message"));
    result.field = text_of(object, "field");
    result.receipt = text_of(object, "receipt");
    result.after_ms = std::clamp<std::int64_t>(integer_of(object, "after_ms"), 0, kMaxPauseMs);
    result.opted_out = texts_of(object, "opted_out");
    result.withdrawn = texts_of(object, "withdrawn");
    result.previous_opted_out = texts_of(object, "previous_opted_out");
    if (result.status != WriteResult::Status::Pending) return;
    if (!has_receipts) {
      lines.broken(
          "a pending outcome, though it declares no receipts (kReceipts in its destination class, "
          "SLUICE_CAP_RECEIPTS in C),",
          line);
    }
    if (result.receipt.empty()) lines.broken("a pending outcome without a receipt", line);
  };
  each_indexed(ndjson, count, lines, take);
  return results;
}

}  // namespace sluice::host
