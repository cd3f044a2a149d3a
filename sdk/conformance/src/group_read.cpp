// read: every record once, and from every cursor on.
#include <sluice/abi.h>

#include <algorithm>

#include "check.hpp"
#include "walk.hpp"

namespace sluice::conformance {
namespace {

using Needs = Check::Needs;

void gives_every_record_once(Bench& bench) {
  const auto& plan = *bench.scenario.read;
  const auto pages = walk(*bench.start(), read_request(plan));
  std::size_t seen = 0;
  for (const auto& page : pages) seen += page.records.size();
  const auto keys = keys_of(pages);
  expect(keys.size() == plan.records, "a full walk gives " + std::to_string(keys.size()) +
                                          " records, the scenario says " +
                                          std::to_string(plan.records));
  expect(seen == keys.size(), "a full walk gives records twice");
  expect_same(keys, keys_of(walk(*bench.start(), read_request(plan))), "in a second walk");
}

// The page before the cursor may partly come again, but not all of it: that would be a new start.
void expect_goes_on(const Pages& before, std::size_t through, const Keys& rest,
                    const std::string& where) {
  const auto& last = before[through].records;
  const bool all_again = !last.empty() && std::all_of(last.begin(), last.end(), [&](const auto& r) {
    return rest.count(r.first) == 1;
  });
  expect(!all_again, where + ", the walk starts anew instead of going on");
}

void goes_on_from_every_cursor(Bench& bench) {
  const auto& plan = *bench.scenario.read;
  const auto pages = walk(*bench.start(), read_request(plan));
  const auto all = keys_of(pages);
  Keys seen;
  for (std::size_t i = 0; i + 1 < pages.size(); ++i) {
    seen.insert(pages[i].records.begin(), pages[i].records.end());
    const auto where = "from the cursor of page " + std::to_string(i + 1);
    const auto rest = keys_of(walk(*bench.start(), read_request(plan, pages[i].cursor)));
    expect_goes_on(pages, i, rest, where);
    Keys together = seen;
    together.insert(rest.begin(), rest.end());
    expect_same(all, together, where);
  }
}

// Kills the worker after `reads` pages, and goes on as the host does after its last checkpoint.
Keys read_with_a_kill(Bench& bench, std::size_t reads) {
  const auto& plan = *bench.scenario.read;
  Keys keys;
  json::value cursor;
  bool end = false;
  {
    const auto connector = bench.start();
    const auto reader = connector->open_reader(read_request(plan));
    for (std::size_t i = 0; i < reads && !end; ++i) {
      const auto page = next_page(*reader);
      keys.insert(page.records.begin(), page.records.end());
      cursor = page.cursor;
      end = page.end;
    }
    Bench::kill_workers();
    if (!end)
      static_cast<void>(
          error_of("a read after SIGKILL", [&] { static_cast<void>(reader->read()); }));
  }
  if (end) return keys;
  const auto rest = keys_of(walk(*bench.start(), read_request(plan, cursor)));
  keys.insert(rest.begin(), rest.end());
  return keys;
}

void survives_sigkill(Bench& bench) {
  const auto& plan = *bench.scenario.read;
  const auto pages = walk(*bench.start(), read_request(plan));
  for (std::size_t reads = 0; reads <= pages.size(); ++reads)
    expect_same(keys_of(pages), read_with_a_kill(bench, reads),
                "killed after " + std::to_string(reads) + " pages and continued");
}

void refuses_other_streams(Bench& bench) {
  ReadPlan plan = *bench.scenario.read;
  plan.stream = "no_such_stream";
  expect_error("opening the stream no_such_stream", {Code::NotFound},
               [&] { static_cast<void>(walk(*bench.start(), read_request(plan))); });
}

void refuses_other_cursors(Bench& bench) {
  for (const json::value& cursor :
       {json::value("no cursor of this connector"), json::value(json::object{{"no", "cursor"}})}) {
    expect_error("going on from the cursor " + to_json(cursor), {Code::CursorInvalid}, [&] {
      static_cast<void>(walk(*bench.start(), read_request(*bench.scenario.read, cursor)));
    });
  }
}

bool has_mode(host::Connector& connector, const std::string& stream, std::string_view mode) {
  const auto catalog = connector.discover();
  for (const auto& one : catalog.at("streams").as_array()) {
    if (one.at("name") != json::value(stream)) continue;
    for (const auto& word : one.at("modes").as_array())
      if (word == json::value(json::string{mode})) return true;
  }
  return false;
}

void reads_what_changed(Bench& bench) {
  const auto& plan = *bench.scenario.read;
  const auto connector = bench.start();
  if (!has_mode(*connector, plan.stream, "incremental")) return;
  const auto full = walk(*connector, read_request(plan));
  json::value cursor = full.back().cursor;
  for (int run = 0; run < 2; ++run) {
    const auto pages = walk(*connector, read_request(plan, cursor, "incremental"));
    Keys together = keys_of(full);
    const auto changed = keys_of(pages);
    together.insert(changed.begin(), changed.end());
    expect_same(keys_of(full), together, "in an incremental walk although nothing has changed");
    cursor = pages.back().cursor;
  }
}

void reads_the_latest(Bench& bench) {
  const auto& plan = *bench.scenario.read;
  const auto connector = bench.start();
  if (!has_mode(*connector, plan.stream, "latest")) return;
  auto request = read_request(plan, nullptr, "latest");
  request["limit"] = 2;
  const auto keys = keys_of(walk(*connector, request));
  const auto wanted = std::min<std::size_t>(2, plan.records);
  expect(keys.size() == wanted,
         "the latest 2 records are " + std::to_string(keys.size()) + " records");
}

bool is_upsert(const json::object& record) {
  return record.at("op") == json::value("upsert");
}

// What the walk showed to be there and what it showed to be deleted, some of each.
std::vector<std::string> keys_to_look_up(const Keys& all) {
  constexpr std::size_t kOfEach = 5;
  std::vector<std::string> there, deleted;
  for (const auto& [key, record] : all) {
    auto& keys = is_upsert(record) ? there : deleted;
    if (keys.size() < kOfEach) keys.push_back(key);
  }
  there.insert(there.end(), deleted.begin(), deleted.end());
  return there;
}

void looks_records_up(Bench& bench) {
  const auto& plan = *bench.scenario.read;
  const auto connector = bench.start();
  const auto all = keys_of(walk(*connector, read_request(plan)));
  const auto known = keys_to_look_up(all);
  const std::string unknown = "no such record";
  json::array keys(known.begin(), known.end());
  keys.emplace_back(unknown);
  const auto lines = connector->lookup_records(
      {{"stream", plan.stream}, {"options", plan.options}, {"keys", keys}});
  Keys found;
  for (std::string_view rest{lines}; !rest.empty();) {
    const auto size = rest.find('\n');
    const auto record = parse_json(rest.substr(0, size)).as_object();
    found[std::string{record.at("key").as_string()}] = record;
    rest.remove_prefix(size + 1);
  }
  for (const auto& [key, record] : found) {
    if (key == unknown) {
      expect(!is_upsert(record), "lookup finds a record that does not exist");
      continue;
    }
    const auto seen = all.find(key);
    expect(seen != all.end(), "lookup answers for " + key + ", which was not asked for");
    expect(is_upsert(record) || !is_upsert(seen->second), "lookup says that " + key + " is gone");
    expect(!is_upsert(record) || is_upsert(seen->second),
           "lookup finds " + key + ", which a walk says is deleted");
  }
  for (const auto& key : known) expect(found.count(key) == 1, "lookup does not answer for " + key);
}

}  // namespace

void add_read_checks(std::vector<Check>& checks) {
  const auto add = [&](const char* name, const char* about, bool promised, auto run,
                       std::uint64_t also = 0) {
    checks.push_back(
        {"read", name, about, SLUICE_CAP_SOURCE | also, Needs::Read, run, promised, false});
  };
  add("full", "a full walk gives every record once", true, gives_every_record_once);
  add("resume", "the walk goes on from every cursor", true, goes_on_from_every_cursor);
  add("killed", "nothing is lost when the worker is killed between two pages", true,
      survives_sigkill);
  add("unknown_stream", "a stream that does not exist is NotFound", true, refuses_other_streams);
  add("unknown_cursor", "a cursor that is none is CursorInvalid", false, refuses_other_cursors);
  add("incremental", "an incremental walk goes on from a full one", true, reads_what_changed);
  add("latest", "the latest records are as many as asked for", true, reads_the_latest);
  add("lookup", "records are found by key", true, looks_records_up, SLUICE_CAP_SOURCE_LOOKUP);
}

}  // namespace sluice::conformance
