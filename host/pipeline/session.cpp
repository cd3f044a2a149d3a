#include "pipeline/session.hpp"

#include <sluice/abi.h>

#include <algorithm>
#include <future>

#include "integration/load.hpp"
#include "integration/options.hpp"
#include "integration/suggest.hpp"
#include "pipeline/connection.hpp"
#include "pipeline/schema.hpp"
#include "pipeline/sync_context.hpp"
#include "state/state_error.hpp"

namespace sluice::host {
namespace {

// Counters that the SDK's HTTP client keeps; see sluice/http.hpp.
constexpr std::string_view kAnswers = "answers ", kLatency = "latency ";

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Diagnostic::Severity::Error;
  });
}

void add(std::vector<Diagnostic>& all, std::vector<Diagnostic> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// The member of `array` whose "name" is `name`.
const json::object* named(const json::object& catalog, const char* array, std::string_view name) {
  const auto* entries = catalog.if_contains(array);
  if (entries == nullptr || !entries->is_array()) return nullptr;
  for (const auto& entry : entries->get_array()) {
    if (entry.is_object() && entry.get_object().at("name").as_string() == name)
      return &entry.get_object();
  }
  return nullptr;
}

std::vector<std::string> names(const json::object& catalog, const char* array) {
  std::vector<std::string> out;
  if (const auto* entries = catalog.if_contains(array); entries != nullptr && entries->is_array()) {
    for (const auto& entry : entries->get_array()) out.emplace_back(entry.at("name").as_string());
  }
  return out;
}

json::object options_schema(const json::object& entry) {
  const auto* schema = entry.if_contains("options");
  return schema != nullptr && schema->is_object() ? schema->get_object() : json::object{};
}

}  // namespace

bool CheckReport::ok() const noexcept {
  return !has_errors(diagnostics);
}

Session::Session(Integration integration, SessionOptions options)
    : integration_{std::move(integration)}, options_{std::move(options)} {
  for (const auto& sync : integration_.syncs)
    file_fingerprints_[sync.name] = host::fingerprint(sync);
  const Catalog catalog = Catalog::scan(options_.plugin_directories);
  budget_ = std::make_unique<RateBudget>(options_.state_root / "rates", options_.clock);
  const auto find = [&](const char* role, Connection& connection) {
    return find_side(role, connection, integration_.file, catalog, *budget_, options_.mode);
  };
  // Side by side: loading a plugin takes longer than all else before the first request.
  auto other =
      std::async(std::launch::async, [&] { return find("destination", integration_.destination); });
  FoundSide source = find("source", integration_.source);
  FoundSide destination = other.get();
  std::vector<Diagnostic> diagnostics = std::move(source.diagnostics);
  add(diagnostics, std::move(destination.diagnostics));
  if (has_errors(diagnostics)) throw IntegrationError{diagnostics};
  for (const auto& sync : integration_.syncs) {
    spec_fingerprints_[sync.name] = host::spec_fingerprint(sync, source.spec, destination.spec);
  }
  source_ = std::move(source.side);
  destination_ = std::move(destination.side);
}

Session::~Session() = default;

const json::object& Session::catalog(Side& side) {
  auto& catalog = catalogs_[&side];
  if (catalog.empty()) catalog = catalog_of(side);
  return catalog;
}

json::object Session::discover() {
  return {{"source", catalog(*source_)}, {"destination", catalog(*destination_)}};
}

CheckReport Session::check() {
  CheckReport report;
  report.source = account_of(*source_);
  report.destination = account_of(*destination_);
  for (auto& sync : integration_.syncs) check_sync(sync, report.diagnostics);
  if (!report.ok()) return report;
  for (const auto& sync : integration_.syncs) {
    const json::object prepared = prepare_sync(sync, true);
    for (const auto& field : prepared.at("fields").as_array()) {
      json::object row = field.as_object();
      row["sync"] = sync.name;
      if (row.at("status").as_string() == "impossible") {
        const auto* message = row.if_contains("message");
        report.diagnostics.push_back(
            {Diagnostic::Severity::Error, integration_.file, sync.write.at,
             "field \"" + std::string{row.at("name").as_string()} + "\" cannot be created" +
                 (message != nullptr ? ": " + std::string{message->as_string()} : ""),
             ""});
      }
      report.prepared.push_back(std::move(row));
    }
  }
  return report;
}

void Session::check_sync(SyncConfig& sync, std::vector<Diagnostic>& diagnostics) {
  const std::string& file = integration_.file;
  const auto error = [&](Position at, std::string message, std::string hint = {}) {
    diagnostics.push_back(
        {Diagnostic::Severity::Error, file, at, std::move(message), std::move(hint)});
  };
  const json::object& streams = catalog(*source_);
  const json::object& objects = catalog(*destination_);
  const json::object* stream = named(streams, "streams", sync.read.stream);
  const json::object* object = named(objects, "objects", sync.write.object);
  if (stream == nullptr) {
    error(sync.read.at, "the source has no stream \"" + sync.read.stream + "\"",
          suggestion(sync.read.stream, names(streams, "streams")));
  } else {
    add(diagnostics,
        validate_options(sync.read.options, options_schema(*stream), sync.read.option_positions,
                         file, {"syncs." + sync.name + ".read", sync.read.at, read_keys()}));
    apply_defaults(sync.read.options, options_schema(*stream), sync.read.option_positions);
  }
  if (object == nullptr) {
    error(sync.write.at, "the destination has no object \"" + sync.write.object + "\"",
          suggestion(sync.write.object, names(objects, "objects")));
    return;
  }
  add(diagnostics,
      validate_options(sync.write.options, options_schema(*object), sync.write.option_positions,
                       file, {"syncs." + sync.name + ".write", sync.write.at, write_keys()}));
  apply_defaults(sync.write.options, options_schema(*object), sync.write.option_positions);
  const auto offered = [object](const char* member) {
    std::vector<std::string> out;
    if (const auto* values = object->if_contains(member); values != nullptr && values->is_array()) {
      for (const auto& value : values->get_array()) out.emplace_back(value.as_string());
    }
    return out;
  };
  const auto matches = offered("match");
  if (!matches.empty() &&
      std::find(matches.begin(), matches.end(), sync.write.match) == matches.end()) {
    error(
        sync.write.at,
        "\"" + sync.write.match + "\" does not identify a record of \"" + sync.write.object + "\"",
        suggestion(sync.write.match, matches));
  }
  auto actions = offered("delete_actions");
  actions.emplace_back("keep");
  for (const auto* action : {&sync.write.on_delete, &sync.write.on_exclude}) {
    if (std::find(actions.begin(), actions.end(), *action) == actions.end()) {
      error(sync.write.at, "the destination offers no action \"" + *action + "\"",
            suggestion(*action, actions));
    }
  }
  if (stream != nullptr) check_mapping(sync, *stream, *object, file, diagnostics);
}

const Mapping& Session::mapping(const SyncConfig& sync) {
  const auto found = mappings_.find(sync.name);
  if (found != mappings_.end()) return found->second;
  const json::object* object = named(catalog(*destination_), "objects", sync.write.object);
  return mappings_
      .emplace(sync.name,
               Mapping::compile(sync, object != nullptr ? schema_of(*object) : DestinationSchema{}))
      .first->second;
}

bool Session::reads(const SyncConfig& sync, std::string_view mode) {
  const json::object* stream = named(catalog(*source_), "streams", sync.read.stream);
  const auto* modes = stream == nullptr ? nullptr : stream->if_contains("modes");
  if (modes == nullptr || !modes->is_array()) return false;
  const auto& offered = modes->get_array();
  return std::any_of(offered.begin(), offered.end(), [mode](const json::value& one) {
    return one.is_string() && one.get_string() == mode;
  });
}

std::string Session::fingerprint(const SyncConfig& sync) const {
  return host::fingerprint(sync);
}

const std::string& Session::file_fingerprint(const SyncConfig& sync) const {
  return file_fingerprints_.at(sync.name);
}

const std::string& Session::spec_fingerprint(const SyncConfig& sync) const {
  return spec_fingerprints_.at(sync.name);
}

json::object Session::prepare_sync(const SyncConfig& sync, bool dry_run) {
  if ((destination_->plugin().capabilities & SLUICE_CAP_PREPARE) == 0)
    return {{"fields", json::array{}}};
  const json::object* object = named(catalog(*destination_), "objects", sync.write.object);
  return on_side(*destination_, [&] {
    const auto connector = dry_run ? destination_->connector() : destination_->connector_to_write();
    return connector->prepare({{"object", sync.write.object},
                               {"fields", wanted_fields(sync, *object)},
                               {"options", sync.write.options},
                               {"dry_run", dry_run}});
  });
}

void Session::assume_prepared(const CheckReport& checked) {
  json::object& catalog = catalogs_[destination_.get()];
  for (const auto& sync : integration_.syncs) {
    for (auto& entry : catalog.at("objects").as_array()) {
      auto& object = entry.as_object();
      if (object.at("name").as_string() != sync.write.object) continue;
      for (const auto& field : wanted_fields(sync, object)) {
        const bool missing = std::any_of(
            checked.prepared.begin(), checked.prepared.end(), [&field](const json::value& row) {
              return row.at("name") == field.at("name") && row.at("status") == "missing";
            });
        if (!missing) continue;
        if (!object.contains("fields")) object["fields"] = json::array{};
        object["fields"].as_array().push_back(field);
      }
    }
  }
  mappings_.clear();
}

void Session::prepare(const CheckReport& checked) {
  const auto is_new = [](const json::value& field) {
    return field.at("status").as_string() != "exists";
  };
  bool changed = std::any_of(checked.prepared.begin(), checked.prepared.end(), is_new);
  for (const auto& sync : integration_.syncs) {
    const json::object answer = prepare_sync(sync, false);
    for (const auto& field : answer.at("fields").as_array()) {
      changed = changed || is_new(field);
      if (field.at("status").as_string() == "impossible") {
        const auto* reason = field.as_object().if_contains("message");
        throw Error{Code::Config,
                    "field \"" + std::string{field.at("name").as_string()} +
                        "\" cannot be created at the destination" +
                        (reason != nullptr && reason->is_string() && !reason->get_string().empty()
                             ? ": " + std::string{reason->get_string()}
                             : "")};
      }
    }
  }
  if (!changed) return;
  // Fields have ids and types now that they had not before.
  catalogs_.erase(destination_.get());
  mappings_.clear();
}

void Session::cancel() noexcept {
  source_->cancel();
  destination_->cancel();
}

json::object Session::statistics() const {
  json::object out;
  for (const auto* side : {source_.get(), destination_.get()}) {
    json::object counters, answers, latency;
    for (const auto& [name, count] : side->services().counters()) {
      const std::string_view text{name};
      if (text.starts_with(kAnswers)) {
        answers[text.substr(kAnswers.size())] = count;
      } else if (text.starts_with(kLatency)) {
        latency[text.substr(kLatency.size())] = count;
      } else {
        counters[name] = count;
      }
    }
    json::array budgets;
    for (const auto& [limit, count] : side->services().acquired()) {
      if (limit.requests == 0) continue;
      budgets.push_back(json::object{{"account", limit.account},
                                     {"class", limit.name},
                                     {"requests", limit.requests},
                                     {"window_ms", limit.window.count()},
                                     {"acquired", count}});
    }
    out[side->name()] =
        json::object{{"connector", side->plugin().id},    {"counters", std::move(counters)},
                     {"answers", std::move(answers)},     {"latency_ms", std::move(latency)},
                     {"budgets", std::move(budgets)},     {"restarts", side->restarts()},
                     {"peak_memory", side->peak_memory()}};
  }
  return out;
}

std::string spec_fingerprint(SyncConfig sync, const json::object& source_spec,
                             const json::object& destination_spec) {
  const auto complete = [](const json::object& spec, const char* member, const std::string& name,
                           json::object& options, const OptionPositions& positions) {
    const auto* schemas = spec.if_contains(member);
    const auto* schema = schemas != nullptr ? schemas->as_object().if_contains(name) : nullptr;
    if (schema != nullptr) apply_defaults(options, schema->as_object(), positions);
  };
  complete(source_spec, "read", sync.read.stream, sync.read.options, sync.read.option_positions);
  complete(destination_spec, "write", sync.write.object, sync.write.options,
           sync.write.option_positions);
  return fingerprint(sync);
}

void bind_accounts(State& state, const AccountInfo& source, const AccountInfo& destination) {
  const auto bind = [&state](const char* name, const char* what, const std::string& account) {
    const auto bound = state.meta(name);
    if (bound && *bound != account) {
      throw Refused{
          std::string{"this integration's state belongs to the "} + what + " account \"" + *bound +
          "\", but the credentials are those of \"" + account +
          "\": use the right ones, or another integration name (or --state) for the other account"};
    }
    if (!bound) state.set_meta(name, account);
  };
  bind("source_account", "source", source.id);
  bind("destination_account", "destination", destination.id);
}

}  // namespace sluice::host
