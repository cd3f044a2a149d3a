#include "pipeline/inspection.hpp"

#include <sluice/abi.h>

#include <optional>

#include "integration/load.hpp"
#include "mapping/origin.hpp"
#include "pipeline/wire.hpp"

namespace sluice::host {
namespace {

std::optional<Incoming> read_now(Session& session, const SyncConfig& sync, const std::string& key) {
  const auto connector = session.source().connector();
  if (!connector->can(SLUICE_CAP_SOURCE_LOOKUP)) return std::nullopt;
  const std::string answer = connector->lookup_records({{"stream", sync.read.stream},
                                                        {"options", sync.read.options},
                                                        {"keys", json::array{json::value(key)}}});
  std::optional<Incoming> record;
  JsonParser parser;
  each_line(answer, [&](std::string_view line) {
    record = decode_record(parser, line, session.source().plugin().id);
  });
  return record;
}

json::object describe(const Incoming& record) {
  json::object out{{"op", record.remove ? "delete" : "upsert"},
                   {"version", record.version},
                   {"recency", record.recency}};
  if (!record.skip.empty()) out["skip"] = record.skip;
  if (!record.data.is_null()) out["data"] = record.data;
  return out;
}

std::string place_of(const Origin& origin, const std::string& file) {
  return origin.entry + " " + (origin.file.empty() ? file : origin.file) + ":" +
         std::to_string(origin.at.line) + ":" + std::to_string(origin.at.column) + ": " +
         origin.text;
}

json::array values_of(const SyncConfig& sync, const MapResult& result, const std::string& file) {
  const auto origins = origins_of(sync, result);
  json::array values;
  for (const auto& member : document_of(result)) {
    json::array from;
    for (const auto& origin : origins) {
      if (origin.field == member.key()) from.emplace_back(place_of(origin, file));
    }
    values.push_back(json::object{
        {"field", member.key()}, {"value", member.value()}, {"from", std::move(from)}});
  }
  return values;
}

void add_mapping(json::object& out, Session& session, const SyncConfig& sync,
                 const json::value& data) {
  const MapResult result = session.mapping(sync).apply(data);
  switch (result.status) {
    case MapResult::Status::Filtered:
      out["now"] = "left out by the filter";
      return;
    case MapResult::Status::Rejected:
      out["now"] = "rejected: " + result.rejection.message + " (" + result.rejection.code + ")";
      return;
    case MapResult::Status::Mapped:
      break;
  }
  out["now"] = "mapped";
  out["would_be"] = result.key;
  out["values"] = values_of(sync, result, session.integration().file);
}

}  // namespace

json::object inspect_record(Session& session, const std::string& key) {
  const CheckReport check = session.check();
  if (!check.ok()) throw IntegrationError{check.diagnostics};
  json::object out;
  for (const auto& sync : session.integration().syncs) {
    const auto record = read_now(session, sync, key);
    if (!record) continue;
    json::object one{{"source", describe(*record)}};
    if (record->remove) {
      one["now"] = "gone at the source";
    } else if (!record->skip.empty()) {
      one["now"] = "left out by the source's option: " + record->skip;
    } else {
      add_mapping(one, session, sync, record->data);
    }
    out[sync.name] = std::move(one);
  }
  return out;
}

}  // namespace sluice::host
