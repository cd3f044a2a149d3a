#include "import.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "receipt.hpp"

namespace activecampaign {

using sluice::HttpRequest;
using sluice::Outcome;

namespace {

constexpr std::size_t kFewestToHalve = 16;  // below, single calls find the culprit as fast

std::uint64_t number(const std::string& text, std::uint64_t fallback) {
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return text.empty() || status != std::errc{} || end != text.data() + text.size() ? fallback
                                                                                   : value;
}

// The reasons that name a row, by its place in the request (from 1).
std::map<std::size_t, std::string> named_rows(const json::object& body, std::size_t size) {
  std::map<std::size_t, std::string> named;
  for (const auto& reason : items(body, "failureReasons")) {
    const auto& object = as_object(reason);
    const auto row = number(scalar(object, "contact"), 0);
    if (row == 0 || row > size) continue;
    auto& text = named[row - 1];
    text += (text.empty() ? "" : "; ") + scalar(object, "failureReason");
  }
  return named;
}

std::string spoken_reasons(const Answer& answer) {
  std::string text = answer.message;
  for (const auto& reason : items(answer.body, "failureReasons")) {
    if (!reason.is_object()) text += " " + scalar(reason);
  }
  return text;
}

class Importer {
 public:
  Importer(sluice::Context& context, Client& client, const WriteOptions& options,
           const PollPace& pace)
      : context_{context}, client_{client}, options_{options}, pace_{pace} {}

  void send(std::vector<ImportChunk> chunks) {
    while (!chunks.empty()) {
      std::vector<HttpRequest> requests;
      requests.reserve(chunks.size());
      for (const auto& chunk : chunks) requests.push_back(request_of(chunk));
      const auto answers = client_.send_all(context_, std::move(requests));
      again_.clear();
      for (std::size_t i = 0; i < chunks.size(); ++i) take(std::move(chunks[i]), answers[i]);
      chunks = std::move(again_);
    }
  }

 private:
  [[nodiscard]] HttpRequest request_of(const ImportChunk& chunk) const {
    HttpRequest request;
    request.method = "POST";
    request.path = "/import/bulk_import";
    request.label = "POST /import/bulk_import";
    request.body = import_body(chunk, options_);
    request.rate_class = chunk.jobs.size() == 1 ? kBulkSingleClass : kBulkClass;
    // An import is an upsert by e-mail: sent twice it ends the same.
    request.idempotent = true;
    return request;
  }

  void take(ImportChunk chunk, const Answer& answer) {
    if (answer.ok()) {
      accept(chunk, answer);
    } else if (answer.kind == Answer::Kind::Passing) {
      for (auto* job : chunk.jobs) fail(*job, answer, "importing contacts");
    } else {
      take_refusal(std::move(chunk), answer);
    }
  }

  void accept(const ImportChunk& chunk, const Answer& answer) {
    ImportReceipt receipt;
    receipt.batch_id = scalar(answer.body, "batchId");
    if (receipt.batch_id.empty()) {
      context_.warn("an import was answered without a batchId; its contacts are written singly");
      return;
    }
    receipt.sent = chunk.jobs.size();
    receipt.queued = number(scalar(answer.body, "queued_contacts"), receipt.sent);
    receipt.sent_at = answer.date.value_or(context_.now());
    for (auto* job : chunk.jobs) job->outcome = Outcome::pending(receipt.text(), pace_.first());
  }

  // One bad row refuses the whole request: without the named rows the others may pass.
  void take_refusal(ImportChunk chunk, const Answer& answer) {
    const auto named = named_rows(answer.body, chunk.jobs.size());
    if (!named.empty()) {
      reject_named(std::move(chunk), named);
    } else if (is_worth_halving(answer) && chunk.jobs.size() >= kFewestToHalve) {
      halve(std::move(chunk));
    } else {
      context_.warn("an import of " + std::to_string(chunk.jobs.size()) +
                    " contacts was refused, they are written singly: " + spoken_reasons(answer));
    }
  }

  // Requests that are too large or hold something unreadable; not an account without imports.
  static bool is_worth_halving(const Answer& answer) {
    return answer.status == 400 || answer.status == 413 || answer.status == 422;
  }

  void reject_named(ImportChunk chunk, const std::map<std::size_t, std::string>& named) {
    ImportChunk rest;
    for (std::size_t i = 0; i < chunk.jobs.size(); ++i) {
      const auto found = named.find(i);
      if (found == named.end()) {
        rest.jobs.push_back(chunk.jobs[i]);
        rest.contacts.push_back(std::move(chunk.contacts[i]));
      } else {
        chunk.jobs[i]->outcome =
            Outcome::rejected("import_refused", "the import refuses the row: " + found->second);
      }
    }
    keep(std::move(rest));
  }

  void halve(ImportChunk chunk) {
    const auto middle = static_cast<std::ptrdiff_t>(chunk.jobs.size() / 2);
    ImportChunk first;
    first.jobs.assign(chunk.jobs.begin(), chunk.jobs.begin() + middle);
    std::move(chunk.contacts.begin(), chunk.contacts.begin() + middle,
              std::back_inserter(first.contacts));
    chunk.jobs.erase(chunk.jobs.begin(), chunk.jobs.begin() + middle);
    chunk.contacts.erase(chunk.contacts.begin(), chunk.contacts.begin() + middle);
    keep(std::move(first));
    keep(std::move(chunk));
  }

  // A single row goes singly, unless only an import can do what it wants.
  void keep(ImportChunk chunk) {
    if (chunk.jobs.size() > 1 || (chunk.jobs.size() == 1 && options_.exclude_automations)) {
      again_.push_back(std::move(chunk));
    }
  }

  sluice::Context& context_;
  Client& client_;
  const WriteOptions& options_;
  const PollPace& pace_;
  std::vector<ImportChunk> again_;
};

}  // namespace

void import_contacts(sluice::Context& context, Client& client, const TagBook& tags,
                     const WriteOptions& options, const PollPace& pace, const Jobs& jobs) {
  Importer{context, client, options, pace}.send(cut_into_imports(jobs, tags, options));
}

}  // namespace activecampaign
