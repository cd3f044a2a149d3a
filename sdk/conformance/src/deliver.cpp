#include "deliver.hpp"

#include <sluice/abi.h>

#include <algorithm>
#include <thread>

#include "walk.hpp"

namespace sluice::conformance {
namespace {

constexpr int kMostRounds = 40;

std::string status_of(const json::object& outcome) {
  return std::string{outcome.at("status").as_string()};
}

void wait(const json::object& outcome) {
  const auto* after = outcome.if_contains("after_ms");
  const auto pause = after != nullptr && after->is_int64() ? after->get_int64() : 50;
  std::this_thread::sleep_for(std::chrono::milliseconds{std::clamp<std::int64_t>(pause, 20, 1000)});
}

Outcomes write_or_unconfirmed(host::RecordWriter& writer, const Lines& lines) {
  try {
    return outcomes_in(writer.write(batch_of(lines)), lines.size());
  } catch (const Error& error) {
    if (error.code() != Code::RateLimited && error.code() != Code::Transient) throw;
    return Outcomes(lines.size(), {{"status", "unconfirmed"},
                                   {"message", error.what()},
                                   {"after_ms", error.retry_after_ms()}});
  }
}

}  // namespace

json::object write_request(const WritePlan& plan) {
  return {{"object", plan.object},
          {"match", plan.match},
          {"mode", "upsert"},
          {"options", plan.options}};
}

json::object prepare_request(const WritePlan& plan) {
  json::array wanted;
  for (const auto& [name, value] : plan.records.front()) {
    const char* type = value.is_bool() ? "boolean" : value.is_number() ? "number" : "text";
    wanted.push_back(json::object{{"name", name}, {"type", type}});
  }
  return {
      {"object", plan.object}, {"fields", wanted}, {"options", plan.options}, {"dry_run", false}};
}

json::object upsert_line(const WritePlan& plan, const json::object& record) {
  return {{"op", "upsert"}, {"key", record.at(plan.match)}, {"fields", record}};
}

Lines upsert_lines(const WritePlan& plan) {
  Lines lines;
  for (const auto& record : plan.records) lines.push_back(upsert_line(plan, record));
  return lines;
}

std::string batch_of(const Lines& lines) {
  std::string text;
  for (const auto& line : lines) {
    write_json(text, line);
    text += '\n';
  }
  return text;
}

Flow::Flow(std::unique_ptr<host::Connector> of, const WritePlan& with)
    : plan{with}, connector{std::move(of)} {
  if (connector->can(SLUICE_CAP_PREPARE))
    static_cast<void>(connector->prepare(prepare_request(plan)));
  writer = connector->open_writer(write_request(plan));
}

Outcomes outcomes_in(const std::string& answer, std::size_t lines) {
  Outcomes outcomes(lines);
  for (std::string_view rest{answer}; !rest.empty();) {
    const auto size = rest.find('\n');
    const auto outcome = parse_json(rest.substr(0, size)).as_object();
    const auto index = outcome.at("index").to_number<std::size_t>();
    expect(index < lines, "there is an outcome for line " + std::to_string(index) +
                              " of a batch of " + std::to_string(lines));
    expect(outcomes[index].empty(),
           "line " + std::to_string(index) + " of the batch has two outcomes");
    outcomes[index] = outcome;
    rest.remove_prefix(size == std::string_view::npos ? rest.size() : size + 1);
  }
  for (std::size_t i = 0; i < lines; ++i) {
    expect(!outcomes[i].empty(), "line " + std::to_string(i) + " of the batch has no outcome");
    const auto status = status_of(outcomes[i]);
    expect(status != "rejected" || !outcomes[i].at("message").as_string().empty(),
           "a rejected outcome does not say why");
  }
  return outcomes;
}

Outcomes settle(Flow& flow, const Lines& lines, Outcomes outcomes) {
  for (int round = 0; round < kMostRounds; ++round) {
    std::map<std::string, std::vector<std::size_t>> receipts;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (status_of(outcomes[i]) == "pending")
        receipts[std::string{outcomes[i].at("receipt").as_string()}].push_back(i);
    }
    if (receipts.empty()) return outcomes;
    expect(flow.connector->can(SLUICE_CAP_RECEIPTS),
           "a write is answered `pending`, though the connector declares no receipts: write "
           "`static constexpr bool kReceipts = true;` into the destination class (in C: "
           "SLUICE_CAP_RECEIPTS among the capabilities), or answer with the result itself");
    wait(outcomes[receipts.begin()->second.front()]);
    for (const auto& [receipt, indices] : receipts) {
      std::string request =
          to_json(json::object{{"receipt", receipt}, {"age_ms", 1000}, {"overdue", false}}) + "\n";
      for (const auto index : indices) request += batch_of({lines[index]});
      const auto polled = outcomes_in(flow.writer->poll(request), indices.size());
      for (std::size_t i = 0; i < indices.size(); ++i) outcomes[indices[i]] = polled[i];
    }
  }
  throw Failed{"a receipt has no result after " + std::to_string(kMostRounds) + " polls"};
}

Outcomes deliver(Flow& flow, Lines lines) {
  Outcomes done(lines.size());
  std::vector<std::size_t> open(lines.size());
  for (std::size_t i = 0; i < open.size(); ++i) open[i] = i;
  for (int round = 0; round < kMostRounds && !open.empty(); ++round) {
    Lines batch;
    for (const auto index : open) batch.push_back(lines[index]);
    const auto outcomes = settle(flow, batch, write_or_unconfirmed(*flow.writer, batch));
    std::vector<std::size_t> again;
    for (std::size_t i = 0; i < open.size(); ++i) {
      const auto status = status_of(outcomes[i]);
      done[open[i]] = outcomes[i];
      if (status != "retry" && status != "unconfirmed") continue;
      lines[open[i]]["repeated"] = true;
      again.push_back(open[i]);
    }
    open = std::move(again);
    if (!open.empty()) wait(done[open.front()]);
  }
  return done;
}

void expect_ok(const Outcomes& outcomes, const std::string& where) {
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    expect(status_of(outcomes[i]) == "ok",
           where + ", line " + std::to_string(i) + " is not ok: " + to_json(outcomes[i]));
}

}  // namespace sluice::conformance
