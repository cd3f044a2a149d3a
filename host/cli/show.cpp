#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/summary.hpp"
#include "integration/load.hpp"
#include "pipeline/inspection.hpp"
#include "state/state.hpp"

namespace sluice::host::cli {
namespace {

const char* state_name(RecordState state) {
  switch (state) {
    case RecordState::Candidate:
      return "mapped";
    case RecordState::Filtered:
      return "left out by the filter";
    case RecordState::Invalid:
      return "invalid";
    case RecordState::Gone:
      return "gone at the source";
  }
  return "unknown";
}

json::array to_array(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

// A write that the destination has accepted and not reported on yet.
json::value describe_receipt(State& state, const SyncRow& sync, const std::string& target) {
  const auto waiting = state.receipts().waiting(sync.id, target);
  if (!waiting) return nullptr;
  for (const auto& receipt : state.receipts().open(sync.id)) {
    if (receipt.id != *waiting) continue;
    return json::object{{"receipt", receipt.receipt},
                        {"issued", time_text(receipt.issued_at)},
                        {"next_poll", time_text(receipt.next_poll)}};
  }
  return nullptr;
}

json::value delivered_document(State& state, const TargetRow& target) {
  const std::string text = state.packer().unpack(target.document);
  return text.empty() ? json::value(json::object{}) : parse_json(text);
}

json::object describe(State& state, const SyncRow& sync, const RecordRow& record) {
  json::object out{{"state", state_name(record.state)}, {"version", record.version}};
  if (record.target) {
    out["destination_key"] = *record.target;
    json::array claims;
    for (const auto& claim : state.ledger().claims(sync.object, *record.target))
      claims.emplace_back(claim.key);
    out["claimed_by"] = std::move(claims);
    if (const auto target = state.ledger().find_target(sync.object, *record.target)) {
      out["owner"] = target->owner;
      out["remote_id"] = target->remote_id ? json::value(*target->remote_id) : json::value(nullptr);
      if (!target->pending_hash.empty())
        out["pending"] = describe_receipt(state, sync, target->key);
      if (target->delivered_at != 0) out["delivered_at"] = time_text(target->delivered_at);
      out["delivered"] = delivered_document(state, *target);
    }
    const Standing standing = state.ledger().standing(sync.object, *record.target);
    if (!standing.opted_out.empty()) out["opted_out"] = to_array(standing.opted_out);
    if (!standing.withdrawn.empty()) out["withdrawn_by_us"] = to_array(standing.withdrawn);
  }
  if (const auto error = state.errors().find(sync.id, record.key)) {
    static constexpr const char* kStates[] = {"open", "ignored", "resolved"};
    out["error"] = json::object{{"state", kStates[static_cast<int>(error->state)]},
                                {"stage", error->stage},
                                {"code", error->code},
                                {"message", error->message},
                                {"field", error->field},
                                {"first_seen", time_text(error->first_seen)},
                                {"last_seen", time_text(error->last_seen)},
                                {"attempts", error->attempts}};
  }
  return out;
}

// What the state knows of the record; nothing when it was never read.
json::object remembered(State& state, const std::string& sync_name, const std::string& key) {
  const auto sync = state.find_sync(sync_name);
  if (!sync) return {};
  if (const auto record = state.ledger().find_record(sync->id, key))
    return describe(state, *sync, *record);
  if (state.errors().find(sync->id, key))
    return describe(state, *sync, {key, {}, 0, 0, 0, RecordState::Invalid});
  return {};
}

// A source says the same of a key that is gone and of one that never was.
bool is_gone(const json::object& seen) {
  return seen.at("source").at("op").as_string() == "delete";
}

void print_line(const std::string& text) {
  print(std::string_view{text});
}

void print_value(const json::object& value) {
  print_line(fmt::format("    {}: {}", std::string_view{value.at("field").as_string()},
                         to_json(value.at("value"))));
  for (const auto& origin : value.at("from").as_array())
    print_line(fmt::format("        {}", std::string_view{origin.as_string()}));
}

void print_member(std::string_view name, const json::value& value) {
  if (name == "values") {
    print_line("  values");
    for (const auto& entry : value.as_array()) print_value(entry.as_object());
  } else if (value.is_string()) {
    print_line(fmt::format("  {:<16} {}", name, std::string_view{value.get_string()}));
  } else {
    print_line(fmt::format("  {:<16} {}", name, to_json(value)));
  }
}

}  // namespace

void declare_show(po::options_description& options,
                  po::positional_options_description& positional) {
  declare_file(options, positional);
  options.add_options()("key", po::value<std::string>()->required(),
                        "the record's key at the source")  //
      ("offline", po::bool_switch(), "only what is remembered: connect to neither side");
  positional.add("key", 1);
}

int run_show(Call& call) {
  const Integration integration = load_file(call);
  const std::string key = call.text("key");
  json::object now;
  std::string unread;
  if (!call.flag("offline")) {
    try {
      const auto session = open_session(call);
      const std::stop_callback on_stop{call.stop, [&session] { session->cancel(); }};
      now = inspect_record(*session, key);
    } catch (const IntegrationError&) {
      throw;
    } catch (const Error& error) {
      if (error.code() == Code::Cancelled) throw;
      unread = error.what();  // what is remembered can be told all the same
    }
  }
  auto state = State::open_read_only(call.state_root, integration.name);
  json::object out;
  for (const auto& config : integration.syncs) {
    const json::object known = state ? remembered(*state, config.name, key) : json::object{};
    const auto* seen = now.if_contains(config.name);
    if (known.empty() && (seen == nullptr || is_gone(seen->as_object()))) continue;
    json::object& sync = (out[config.name] = json::object{}).as_object();
    if (seen != nullptr) sync = seen->as_object();
    if (!unread.empty()) sync["source_unread"] = unread;
    for (const auto& member : known) sync[member.key()] = member.value();
  }
  if (out.empty()) {
    throw UsageError{"no record with the key \"" + key +
                     "\" has been read; keys are the source's, not the destination's" +
                     (unread.empty() ? "" : " (" + unread + ")")};
  }
  if (call.json) {
    print(out);
    return kDone;
  }
  for (const auto& sync : out) {
    print_line(fmt::format("{} {}", std::string_view{sync.key()}, key));
    for (const auto& member : sync.value().as_object()) print_member(member.key(), member.value());
  }
  return kDone;
}

}  // namespace sluice::host::cli
