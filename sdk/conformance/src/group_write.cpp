// write: what becomes of each record, also when things go wrong.
#include <sluice/abi.h>

#include <set>

#include "check.hpp"
#include "deliver.hpp"

namespace sluice::conformance {
namespace {

using Needs = Check::Needs;

std::string effect_of(const json::object& outcome) {
  const auto* effect = outcome.if_contains("effect");
  return effect != nullptr && effect->is_string() ? std::string{effect->get_string()} : "";
}

void answers_for_every_record(Bench& bench) {
  Flow flow{bench};
  expect_ok(deliver(flow, upsert_lines(flow.plan)), "in a batch of good records");
  flow.writer->flush();
  for (const auto& line : upsert_lines(flow.plan))
    expect_ok(deliver(flow, {line}), "in a batch of one record");
}

void refuses_one_alone(Bench& bench) {
  Flow flow{bench};
  if (!flow.plan.refused)
    throw Failed{
        "the scenario gives no record that is refused: give one (write.refused), or say "
        "in quirks.yaml why there is none"};
  Lines lines = upsert_lines(flow.plan);
  lines.insert(lines.begin() + 1, upsert_line(flow.plan, *flow.plan.refused));
  auto outcomes = deliver(flow, lines);
  expect(outcomes[1].at("status") == json::value("rejected"),
         "the record that must be refused is not: " + to_json(outcomes[1]));
  outcomes.erase(outcomes.begin() + 1);
  expect_ok(outcomes, "beside a refused record");
}

void repeats_without_a_trace(Bench& bench) {
  Flow flow{bench};
  Lines lines = upsert_lines(flow.plan);
  const auto first = deliver(flow, lines);
  expect_ok(first, "in a batch of good records");
  for (auto& line : lines) line["repeated"] = true;
  const auto second = deliver(flow, lines);
  expect_ok(second, "in a batch that is sent again");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    expect(effect_of(second[i]) != "created",
           "a record that is sent again is created again: " + to_json(second[i]));
    const auto* before = first[i].if_contains("remote_id");
    const auto* after = second[i].if_contains("remote_id");
    expect(before == nullptr || after == nullptr || *before == *after,
           "a record that is sent again has another remote_id");
  }
}

void survives_sigkill(Bench& bench) {
  Lines lines;
  for (const bool before_the_answer : {false, true}) {
    Flow flow{bench};
    lines = upsert_lines(flow.plan);
    if (before_the_answer) {
      Bench::kill_workers();
      static_cast<void>(error_of("a write after SIGKILL",
                                 [&] { static_cast<void>(flow.writer->write(batch_of(lines))); }));
    } else {
      static_cast<void>(flow.writer->write(batch_of(lines)));
      Bench::kill_workers();
    }
    for (auto& line : lines) line["repeated"] = true;
  }
  Flow flow{bench};
  const auto outcomes = deliver(flow, lines);
  expect_ok(outcomes, "after a kill");
  for (const auto& outcome : outcomes)
    expect(effect_of(outcome) != "created",
           "what was written before a kill is created again: " + to_json(outcome));
}

void receipts_survive_sigkill(Bench& bench) {
  if (!bench.scenario.write->receipts) return;
  Outcomes outcomes;
  Lines lines;
  {
    Flow flow{bench};
    lines = upsert_lines(flow.plan);
    outcomes = outcomes_in(flow.writer->write(batch_of(lines)), lines.size());
    for (const auto& outcome : outcomes)
      expect(outcome.at("status") == json::value("pending"),
             "the scenario says that writes are pending first, but one is " + to_json(outcome));
    Bench::kill_workers();
  }
  Flow flow{bench};
  expect_ok(settle(flow, lines, outcomes), "polled after a kill");
}

json::object object_of(Flow& flow) {
  const auto catalog = flow.connector->discover();
  for (const auto& one : catalog.at("objects").as_array())
    if (one.at("name") == json::value(flow.plan.object)) return one.as_object();
  throw Failed{"discover does not name the object " + flow.plan.object};
}

void deletes(Bench& bench) {
  Flow flow{bench};
  const auto object = object_of(flow);
  const auto* actions = object.if_contains("delete_actions");
  if (actions == nullptr) return;
  for (const auto& action : actions->as_array()) {
    const Lines lines{upsert_lines(flow.plan).front()};
    const auto written = deliver(flow, lines);
    expect_ok(written, "before a deletion");
    json::object line{{"op", "delete"},
                      {"key", lines.front().at("key")},
                      {"delivered", true},
                      {"fields", json::object{}},
                      {"action", action}};
    if (const auto* id = written.front().if_contains("remote_id")) line["remote_id"] = *id;
    const std::string where = "deleting with " + to_json(action);
    expect_ok(deliver(flow, {line}), where);
    line["repeated"] = true;
    expect_ok(deliver(flow, {line}), where + " again");
  }
}

void looks_records_up(Bench& bench) {
  Flow flow{bench};
  const auto lines = upsert_lines(flow.plan);
  expect_ok(deliver(flow, lines), "in a batch of good records");
  flow.writer->flush();
  json::array keys;
  for (const auto& line : lines) keys.push_back(line.at("key"));
  const std::string unknown = "nobody-knows-this@unknown.example";
  keys.emplace_back(unknown);
  std::map<std::string, bool> found;
  const auto rows = flow.writer->lookup({{"keys", keys}});
  for (std::string_view rest{rows}; !rest.empty();) {
    const auto size = rest.find('\n');
    const auto row = parse_json(rest.substr(0, size)).as_object();
    const bool first = found.emplace(row.at("key").as_string(), row.at("found").as_bool()).second;
    expect(first, "lookup answers twice for " + to_json(row.at("key")));
    rest.remove_prefix(size + 1);
  }
  expect(found.size() == keys.size(), "lookup does not answer for every key");
  for (const auto& [key, there] : found)
    expect(there == (key != unknown),
           there ? "lookup finds a key that does not exist" : "lookup does not find " + key);
}

void prepares(Bench& bench) {
  const auto& plan = *bench.scenario.write;
  const auto connector = bench.start();
  json::object request = prepare_request(plan);
  const auto wanted = request.at("fields").as_array().size();
  request["dry_run"] = true;
  const auto before = bench.scenario.sandbox.empty() ? "" : bench.sandbox().writes();
  const auto answer = connector->prepare(request);
  expect(answer.at("fields").as_array().size() == wanted,
         "prepare does not answer for every field");
  expect(bench.scenario.sandbox.empty() || bench.sandbox().writes() == before,
         "prepare with dry_run writes");
  request["dry_run"] = false;
  static_cast<void>(connector->prepare(request));
  const auto again = connector->prepare(request);
  for (const auto& field : again.at("fields").as_array())
    expect(field.at("status") != json::value("created"),
           "a field that exists is created again: " + to_json(field));
}

void estimates(Bench& bench) {
  Flow flow{bench};
  const auto before = bench.scenario.sandbox.empty() ? "" : bench.sandbox().writes();
  const auto answer = parse_json(flow.writer->estimate(batch_of(upsert_lines(flow.plan))));
  for (const auto& call : answer.at("calls").as_array())
    expect(call.at("calls").to_number<std::int64_t>() >= 0, "an estimate is negative");
  expect(bench.scenario.sandbox.empty() || bench.sandbox().writes() == before, "estimate writes");
}

void screens(Bench& bench) {
  Flow flow{bench};
  json::array keys;
  for (const auto& line : upsert_lines(flow.plan)) keys.push_back(line.at("key"));
  expect(flow.writer->screen({{"keys", keys}}).empty(),
         "screen refuses a key that the destination takes");
}

void verifies(Bench& bench) {
  Flow flow{bench};
  const auto lines = upsert_lines(flow.plan);
  expect_ok(deliver(flow, lines), "in a batch of good records");
  flow.writer->flush();
  std::set<std::int64_t> indices;
  const auto answer = flow.writer->verify(batch_of(lines));
  for (std::string_view rest{answer}; !rest.empty();) {
    const auto size = rest.find('\n');
    const auto row = parse_json(rest.substr(0, size)).as_object();
    indices.insert(row.at("index").to_number<std::int64_t>());
    expect(row.at("found").as_bool(), "verify does not find what was written: " + to_json(row));
    const auto* differs = row.if_contains("differs");
    expect(differs == nullptr || differs->as_array().empty(),
           "verify sees a difference where there is none: " + to_json(row));
    rest.remove_prefix(size + 1);
  }
  expect(indices.size() == lines.size(), "verify does not answer for every record");
}

}  // namespace

void add_write_checks(std::vector<Check>& checks) {
  const auto add = [&](const char* name, const char* about, bool promised, auto run,
                       std::uint64_t also = 0) {
    checks.push_back(
        {"write", name, about, SLUICE_CAP_DESTINATION | also, Needs::Write, run, promised, false});
  };
  add("outcomes", "every record of a batch has one outcome", true, answers_for_every_record);
  add("refused", "a refused record does not harm its neighbours", false, refuses_one_alone);
  add("repeated", "a batch that is sent again leaves no trace", true, repeats_without_a_trace);
  add("killed", "a batch goes on when the worker was killed", true, survives_sigkill);
  add("receipts", "a receipt is worth something after a kill", true, receipts_survive_sigkill,
      SLUICE_CAP_RECEIPTS);
  add("deletes", "every delete action works, twice", true, deletes);
  add("lookup", "what was written is found by key", true, looks_records_up,
      SLUICE_CAP_DESTINATION_LOOKUP);
  add("prepare", "fields are prepared once, and not in a dry run", true, prepares,
      SLUICE_CAP_PREPARE);
  add("estimate", "estimates write nothing", true, estimates, SLUICE_CAP_ESTIMATE);
  add("screen", "screen lets good keys pass", true, screens, SLUICE_CAP_SCREEN);
  add("verify", "what was just written does not differ", true, verifies, SLUICE_CAP_VERIFY);
}

}  // namespace sluice::conformance
