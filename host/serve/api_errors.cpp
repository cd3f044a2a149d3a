// Record errors: to look through, to export, to settle.
#include <algorithm>

#include "pipeline/errors_csv.hpp"
#include "serve/api.hpp"
#include "serve/decide.hpp"

namespace sluice::host::serve {
namespace {

constexpr std::size_t kCsvPage = 1000;

ErrorState state_in(const Request& request) {
  const std::string text = request.argument("state");
  if (text.empty() || text == "open") return ErrorState::Open;
  if (text == "ignored") return ErrorState::Ignored;
  throw invalid("/state", "\"state\" must be open or ignored");
}

void require_stage(const std::string& stage) {
  static constexpr std::string_view kStages[] = {"",          "check",  "mapping", "constraint",
                                                 "duplicate", "source", "write"};
  if (std::find(std::begin(kStages), std::end(kStages), stage) == std::end(kStages))
    throw invalid("/stage",
                  "\"stage\" must be check, mapping, constraint, duplicate, source or write");
}

ErrorSelection selection_of(const Request& request) {
  ErrorSelection which;
  which.sync = request.argument("sync");
  which.stage = request.argument("stage");
  which.code = request.argument("code");
  which.field = request.argument("field");
  which.message = request.argument("message");
  which.text = request.argument("q");
  if (const std::string key = request.argument("key"); !key.empty()) which.keys = {key};
  require_stage(which.stage);
  return which;
}

ErrorPlace place_of(const std::string& text) {
  if (text.empty()) return {};
  try {
    const auto parts = parse_json(text).as_array();
    return {std::string{parts.at(0).as_string()}, std::string{parts.at(1).as_string()}};
  } catch (const std::exception&) {
    throw invalid("/after", "\"after\" must be `next` of another page");
  }
}

Reply settle(Api& api, const Request& request, const Caller& caller, Decision::Action action) {
  const std::string name = api.standing_of(request).member.name;
  const json::object body =
      body_of(request, {"all", "sync", "stage", "code", "field", "message", "keys", "why"});
  Decision decision;
  decision.action = action;
  decision.errors.sync = text_in(body, "sync");
  decision.errors.stage = text_in(body, "stage");
  decision.errors.code = text_in(body, "code");
  decision.errors.field = text_in(body, "field");
  decision.errors.message = text_in(body, "message", 65'536);
  decision.errors.keys = texts_in(body, "keys", 10'000);
  decision.why = text_in(body, "why", 1000);
  require_stage(decision.errors.stage);
  const bool all = flag_in(body, "all");
  if (decision.errors.is_everything() && !all)
    throw invalid("/all", "say which errors are meant, or \"all\": true");
  if (!decision.errors.is_everything() && all)
    throw invalid("/all", "\"all\" means every error: leave it out, or the other choices");
  if (!api.state_of(name))
    throw not_found("\"" + name + "\" has not been run yet: there are no errors");
  return decide(api, name, std::move(decision), caller);
}

// The request's choice as text; neither page nor limit belong to it.
std::string selection_text(const Request& request) {
  json::object chosen;
  for (const auto& [name, value] : request.query) {
    if (name != "after" && name != "limit") chosen[name] = value;
  }
  return to_json(json::value(std::move(chosen)));
}

}  // namespace

Reply get_errors(Api& api, const Request& request, const Caller&) {
  const std::string name = api.standing_of(request).member.name;
  const auto which = selection_of(request);
  const ErrorState wanted = state_in(request);
  const auto limit = static_cast<std::size_t>(number_of(request, "limit", 50, 1, 500));
  const ErrorPlace after = place_of(request.argument("after"));
  json::array rows;
  json::value next = nullptr;
  std::int64_t count = 0;
  if (auto state = api.state_of(name)) {
    const auto page = state->errors().page(wanted, which, after, limit + 1);
    for (std::size_t i = 0; i < std::min(page.size(), limit); ++i) rows.push_back(json_of(page[i]));
    if (page.size() > limit) {
      const RecordError& last = page[limit - 1];
      next = json::value(to_json(json::value(json::array{last.sync, last.key})));
    }
    const auto counted = [&]() -> json::value { return state->errors().count(wanted, which); };
    count = api.cache()
                .get(name, "count " + selection_text(request), counted)
                .to_number<std::int64_t>();
  }
  return Reply::json(
      json::object{{"count", count}, {"errors", std::move(rows)}, {"next", std::move(next)}});
}

Reply get_causes(Api& api, const Request& request, const Caller&) {
  const std::string name = api.standing_of(request).member.name;
  return Reply::json(
      api.cache().get(name, "causes " + selection_text(request), [&]() -> json::value {
        json::array rows;
        std::int64_t count = 0;
        if (auto state = api.state_of(name)) {
          for (const auto& group :
               state->errors().groups(state_in(request), selection_of(request))) {
            count += group.count;
            rows.push_back(json_of(group));
          }
        }
        return json::object{{"count", count}, {"causes", std::move(rows)}};
      }));
}

Reply get_errors_csv(Api& api, const Request& request, const Caller&) {
  const std::string name = api.standing_of(request).member.name;
  const auto which = selection_of(request);
  const ErrorState wanted = state_in(request);
  Reply reply;
  reply.type = "text/csv; charset=utf-8";
  reply.headers.emplace_back("Content-Disposition",
                             "attachment; filename=\"" + file_name(name) + "-errors.csv\"");
  // Page by page: a million rows never stand in memory.
  reply.stream = [root = api.service().options().state_root, name, which, wanted,
                  after = ErrorPlace{}, first = true](const Reply::Send& send) mutable {
    std::string text = first ? errors_csv_header() : "";
    first = false;
    auto state = State::open_read_only(root, name);
    if (!state) return send(text), false;
    const auto page = state->errors().page(wanted, which, after, kCsvPage);
    for (const auto& error : page) text += errors_csv_line(error);
    if (!text.empty() && !send(text)) return false;
    if (page.size() < kCsvPage) return false;
    after = {page.back().sync, page.back().key};
    return true;
  };
  return reply;
}

Reply ignore_errors(Api& api, const Request& request, const Caller& caller) {
  return settle(api, request, caller, Decision::Action::Ignore);
}

Reply retry_errors(Api& api, const Request& request, const Caller& caller) {
  return settle(api, request, caller, Decision::Action::Retry);
}

}  // namespace sluice::host::serve
