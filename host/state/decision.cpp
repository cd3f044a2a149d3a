#include "state/decision.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <thread>

#include "state/durable.hpp"
#include "state/private_files.hpp"
#include "state/rate_budget.hpp"
#include "state/state.hpp"
#include "state/state_error.hpp"

namespace sluice::host {
namespace {

constexpr std::array<std::string_view, 7> kActions{"ignore", "retry", "pause", "resume",
                                                   "start",  "stop",  "create"};
constexpr std::chrono::milliseconds kLook{50};

json::object to_json_object(const Decision& decision) {
  json::array keys;
  for (const auto& key : decision.errors.keys) keys.emplace_back(key);
  return {{"action", to_string(decision.action)},
          {"sync", decision.errors.sync},
          {"keys", std::move(keys)},
          {"stage", decision.errors.stage},
          {"code", decision.errors.code},
          {"field", decision.errors.field},
          {"message", decision.errors.message},
          {"why", decision.why},
          {"who", decision.who},
          {"at", decision.at}};
}

Decision from_json(std::string id, std::string_view text) {
  const json::object object = parse_json(text).as_object();
  const auto member = [&object](const char* name) {
    return std::string{object.at(name).as_string()};
  };
  Decision decision;
  decision.id = std::move(id);
  const auto* action = std::find(kActions.begin(), kActions.end(), member("action"));
  if (action == kActions.end()) throw Error{Code::Internal, "an unknown decision"};
  decision.action = static_cast<Decision::Action>(action - kActions.begin());
  decision.errors.sync = member("sync");
  for (const auto& key : object.at("keys").as_array())
    decision.errors.keys.emplace_back(key.as_string());
  decision.errors.stage = member("stage");
  decision.errors.code = member("code");
  decision.errors.field = member("field");
  if (object.contains("message")) decision.errors.message = member("message");
  decision.why = member("why");
  decision.who = member("who");
  decision.at = object.at("at").as_int64();
  return decision;
}

std::string describe(const Decision& decision, std::int64_t count) {
  if (decision.action != Decision::Action::Ignore && decision.action != Decision::Action::Retry)
    return decision.why;
  std::string text = std::to_string(count) + " errors";
  const auto add = [&text](const char* name, const std::string& value) {
    if (!value.empty()) text += std::string{", "} + name + " " + value;
  };
  add("sync", decision.errors.sync);
  for (const auto& key : decision.errors.keys) add("key", key);
  add("stage", decision.errors.stage);
  add("code", decision.errors.code);
  add("field", decision.errors.field);
  add("message", decision.errors.message);
  return decision.why.empty() ? text : text + ": " + decision.why;
}

std::string new_id(std::int64_t now_ms) {
  static std::atomic<int> count{0};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%016lld-%d-%d", static_cast<long long>(now_ms),
                static_cast<int>(::getpid()), count++);
  return text.data();
}

}  // namespace

std::string_view to_string(Decision::Action action) noexcept {
  return kActions[static_cast<std::size_t>(action)];
}

std::filesystem::path Inbox::file(std::string_view id) const {
  return directory_ / (std::string{id} + ".json");
}

Decision Inbox::made(Decision decision) {
  if (decision.at == 0) decision.at = system_wall_clock()();
  decision.id = new_id(decision.at);
  if (decision.who.empty()) decision.who = os_user();
  return decision;
}

void Inbox::put(const Decision& decision) const {
  make_private_directory(directory_);
  write_durably(file(decision.id), to_json(to_json_object(decision)));
}

std::vector<Decision> Inbox::waiting() const {
  std::vector<Decision> out;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{directory_, none}) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in{entry.path(), std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    try {
      out.push_back(from_json(entry.path().stem().string(), text));
    } catch (const std::exception&) {
      std::filesystem::rename(entry.path(), entry.path().string() + ".unreadable", none);
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Decision& a, const Decision& b) { return a.id < b.id; });
  return out;
}

bool Inbox::has(std::string_view id) const {
  std::error_code ignored;
  return std::filesystem::exists(file(id), ignored);
}

void Inbox::remove(std::string_view id) const {
  std::error_code ignored;
  std::filesystem::remove(file(id), ignored);
}

bool carry_out(State& state, const Decision& decision) {
  if (state.audit_log().find(decision.id)) return false;
  std::int64_t count = 0;
  switch (decision.action) {
    case Decision::Action::Ignore:
      count = state.errors().ignore(decision.errors, {decision.who, decision.why, decision.at});
      break;
    case Decision::Action::Retry:
      count = state.errors().retry(decision.errors);
      break;
    case Decision::Action::Pause:
      state.set_paused(true);
      break;
    case Decision::Action::Resume:
      state.set_paused(false);
      break;
    case Decision::Action::Start:
    case Decision::Action::Stop:
    case Decision::Action::Create:
      break;
  }
  state.audit_log().add({.at = decision.at,
                         .who = decision.who,
                         .action = std::string{to_string(decision.action)},
                         .detail = describe(decision, count),
                         .affected = count,
                         .decision = decision.id});
  return decision.action == Decision::Action::Pause;
}

void take_waiting(const std::filesystem::path& root, std::string_view integration) {
  if (Inbox{root / file_name(integration)}.waiting().empty()) return;
  try {
    (void)State::open(root, integration, "decisions");
  } catch (const Busy&) {
    // Taken by whoever holds it.
  }
}

Handed hand_in(const std::filesystem::path& root, std::string_view integration, Decision decision,
               std::chrono::milliseconds patience) {
  const Inbox inbox{root / file_name(integration)};
  decision = Inbox::made(std::move(decision));
  inbox.put(decision);
  Handed handed;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    try {
      // Opening carries out what waits.
      State state = State::open(root, integration, to_string(decision.action));
      handed.done = true;
      handed.holder.clear();
      handed.affected = state.audit_log().find(decision.id).value_or(AuditEntry{}).affected;
      return handed;
    } catch (const Busy& busy) {
      handed.holder = busy.holder();
    } catch (const StateError&) {
      inbox.remove(decision.id);  // who is told that it failed must not find it carried out later
      throw;
    }
    if (!inbox.has(decision.id)) break;
    if (std::chrono::steady_clock::now() >= deadline) return handed;
    std::this_thread::sleep_for(kLook);
  }
  handed.done = true;
  if (auto state = State::open_read_only(root, integration))
    handed.affected = state->audit_log().find(decision.id).value_or(AuditEntry{}).affected;
  return handed;
}

}  // namespace sluice::host
