#include <fmt/format.h>

#include "cli/command.hpp"
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

json::object describe(State& state, const SyncRow& sync, const RecordRow& record) {
  json::object out{
      {"key", record.key}, {"state", state_name(record.state)}, {"version", record.version}};
  if (record.target) {
    out["destination_key"] = *record.target;
    json::array claims;
    for (const auto& claim : state.ledger().claims(sync.object, *record.target))
      claims.emplace_back(claim.key);
    out["claimed_by"] = std::move(claims);
    if (const auto target = state.ledger().find_target(sync.object, *record.target)) {
      out["owner"] = target->owner;
      out["remote_id"] = target->remote_id ? json::value(*target->remote_id) : json::value(nullptr);
      out["pending"] = !target->pending_hash.empty();
      out["delivered"] = unpack_document(target->document);
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
                                {"attempts", error->attempts}};
  }
  return out;
}

}  // namespace

void declare_show(po::options_description& options,
                  po::positional_options_description& positional) {
  declare_file(options, positional);
  options.add_options()("key", po::value<std::string>()->required(),
                        "the record's key at the source");
  positional.add("key", 1);
}

int run_show(Call& call) {
  const Integration integration = load_file(call);
  auto state = State::open_read_only(call.state_root, integration.name);
  if (!state)
    throw UsageError{"\"" + integration.name +
                     "\" has not been run yet: nothing is known of any record"};
  json::object out;
  for (const auto& config : integration.syncs) {
    const auto sync = state->find_sync(config.name);
    if (!sync) continue;
    const auto record = state->ledger().find_record(sync->id, call.text("key"));
    if (record) {
      out[config.name] = describe(*state, *sync, *record);
    } else if (const auto error = state->errors().find(sync->id, call.text("key"))) {
      out[config.name] =
          describe(*state, *sync, {call.text("key"), {}, 0, 0, 0, RecordState::Invalid});
    }
  }
  if (out.empty()) {
    throw UsageError{"no record with the key \"" + call.text("key") +
                     "\" has been read; keys are the source's, not the destination's"};
  }
  if (call.json) {
    print(out);
    return kDone;
  }
  for (const auto& sync : out) {
    print(std::string_view{fmt::format("{} {}", std::string_view{sync.key()}, call.text("key"))});
    for (const auto& member : sync.value().as_object()) {
      print(std::string_view{
          fmt::format("  {:<16} {}", std::string_view{member.key()}, to_json(member.value()))});
    }
  }
  return kDone;
}

}  // namespace sluice::host::cli
