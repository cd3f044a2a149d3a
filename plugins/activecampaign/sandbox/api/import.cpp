// import/bulk_import and import/info.
#include <algorithm>
#include <array>
#include <map>

#include "account/times.hpp"
#include "api/errors.hpp"
#include "api/handlers.hpp"
#include "api/import_body.hpp"
#include "api/render.hpp"

namespace activecampaign_sandbox {

namespace {

// Younger batches are answered with `"status": false`, whatever their state.
constexpr std::int64_t kUnknownForMs = 1000;

SandboxResponse submit(const Call& call) {
  std::vector<BulkRow> rows = read_import(call);
  const auto queued = std::count_if(rows.begin(), rows.end(), [&](const BulkRow& row) {
    return !call.account.is_excluded(*row.change.email);
  });
  const std::string id = call.importer.submit(call.account, std::move(rows));
  return reply(200, json::object{{"success", 1},
                                 {"queued_contacts", queued},
                                 {"batchId", id},
                                 {"message", "Contact import queued"}});
}

SandboxResponse unknown_batch(const Call& call, std::string_view id) {
  switch (call.account.switches.unknown_batch_status) {
    case 200:
      return reply(
          200,
          json::object{{"status", false}, {"success", json::array{}}, {"failure", json::array{}}});
    case 400:
      return reply(400, json::object{{"success", 0}, {"message", "'batchId' is not known."}});
    default:
      throw not_found("ImportBatch", id);
  }
}

SandboxResponse get_info(const Call& call) {
  const std::string_view id = call.query("batchId");
  if (id.empty()) {
    return reply(400, json::object{{"success", 0}, {"message", "'batchId' is a required field."}});
  }
  const Batch* batch = call.importer.find(id);
  if (batch == nullptr) return unknown_batch(call, id);
  json::object body;
  if (call.account.now_ms() - batch->submitted_ms < kUnknownForMs) {
    body.emplace("status", false);
    body.emplace("success", json::array{});
    body.emplace("failure", json::array{});
    return reply(200, std::move(body));
  }
  json::array success;
  for (const Id contact : batch->created) success.emplace_back(id_text(contact));
  if (call.account.switches.bulk_success_all) {
    for (const Id contact : batch->updated) success.emplace_back(id_text(contact));
  }
  json::array failure;
  for (const std::string& email : batch->failure) failure.emplace_back(email);
  body.emplace("status", to_string(batch->state));
  body.emplace("success", std::move(success));
  body.emplace("failure", std::move(failure));
  return reply(200, std::move(body));
}

SandboxResponse list_batches(const Call& call) {
  struct Day {
    std::size_t batches = 0;
    std::size_t contacts = 0;
  };
  std::map<std::string, Day> outstanding;
  std::map<std::string, Day> completed;
  for (const Batch& batch : call.importer.batches()) {
    auto& days = batch.state >= BatchState::Completed ? completed : outstanding;
    Day& entry = days[day(batch.submitted_ms / 1000, call.account.switches.utc_offset_minutes)];
    ++entry.batches;
    entry.contacts += batch.size;
  }
  auto rows = [](const std::map<std::string, Day>& days) {
    json::array made;
    for (const auto& [date, entry] : days) {
      made.emplace_back(json::object{{"forDate", date},
                                     {"batches", std::to_string(entry.batches)},
                                     {"contacts", std::to_string(entry.contacts)}});
    }
    return made;
  };
  json::object body;
  body.emplace("outstanding", rows(outstanding));
  body.emplace("recentlyCompleted", rows(completed));
  return reply(200, std::move(body));
}

constexpr std::array kRoutes = {
    Route{"POST", "/import/bulk_import", submit},
    Route{"GET", "/import/bulk_import", list_batches},
    Route{"GET", "/import/info", get_info},
};

}  // namespace

std::span<const Route> import_routes() {
  return kRoutes;
}

}  // namespace activecampaign_sandbox
