// The pipeline's end of the plugin boundary: NDJSON records in, NDJSON writes out, NDJSON outcomes
// back. sluice/abi.h says what the members mean.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/mapping.hpp"
#include "state/ledger.hpp"

namespace sluice::host {

struct Incoming {
  bool remove = false;
  std::string key;
  std::int64_t version = 0;
  std::int64_t recency = 0;
  std::string skip;
  json::value data;
};

// Calls `visit` with every line of NDJSON; empty lines are passed over.
void each_line(std::string_view ndjson, const std::function<void(std::string_view)>& visit);

// `data` lives in `storage`. Errors: Error{Internal} naming the connector and what its record
// lacks.
[[nodiscard]] Incoming decode_record(JsonParser& parser, std::string_view line,
                                     std::string_view connector,
                                     const json::storage_ptr& storage = {});

// A destination document, as the ledger keeps it: {"fields":{…},"sets":{name:[member]}}.
struct Document {
  json::object fields;
  SetMembers sets;
};
[[nodiscard]] std::string encode_document(const Document& document);
// Of nothing: an empty one.
[[nodiscard]] Document decode_document(std::string_view json);

struct WriteLine {
  bool remove = false;
  std::string key;
  std::optional<std::string> previous_key;
  std::optional<std::string> remote_id;
  bool delivered = false;
  bool repeated = false;               // an earlier attempt at this very write may have arrived
  const Document* document = nullptr;  // of an upsert
  const Document* delivered_document =
      nullptr;            // what the destination holds from us, for the sets' difference
  bool doubtful = false;  // something else was delivered since: all members are to be added again
  std::vector<std::string> if_empty;
  std::string action;          // of a delete
  Standing standing;           // of key
  Standing previous_standing;  // of previous_key
};
// One line, ended by '\n'.
[[nodiscard]] std::string encode_write(const WriteLine& write);
// Whether the line of a write, as made above, deletes.
[[nodiscard]] bool is_removal(std::string_view line);

// What was mapped, of the line of a write for whose key nothing had been delivered before.
[[nodiscard]] MapResult decode_first_write(std::string_view line);

// What documents and lines of writes look like that have these names.
[[nodiscard]] std::string likeness_of(const Document& names);

// A longer pause that a destination asks for counts as this.
inline constexpr std::int64_t kMaxPauseMs = 24LL * 60 * 60 * 1000;

struct WriteResult {
  enum class Status { Ok, Rejected, Retry, Pending, Unconfirmed };
  Status status = Status::Unconfirmed;
  std::string effect;
  std::optional<std::string> remote_id;
  bool rekeyed = true;
  std::string code, message, field, receipt;
  std::int64_t after_ms = 0;
  std::optional<std::vector<std::string>> opted_out, withdrawn, previous_opted_out;
};
// The same line, saying "repeated".
[[nodiscard]] std::string as_repeated(std::string line);

// The texts of a member that is an array; nothing where there is none.
[[nodiscard]] std::optional<std::vector<std::string>> texts_of(const json::object& object,
                                                               std::string_view name);

// The line of a write that has found its new key taken, and that is sent once more to withdraw
// these members from what was there. `result`: of the first attempt.
[[nodiscard]] std::string as_withdrawal(const std::string& line, const SetMembers& members,
                                        const WriteResult& result);

// What the destination says of a key that it would refuse.
struct Refusal {
  std::string code, message, field;
};
// By key, of an answer to `screen`. Errors: Error{Internal} naming the connector, for a line that
// is not a refusal.
[[nodiscard]] std::map<std::string, Refusal> decode_refusals(std::string_view ndjson,
                                                             std::string_view connector);

// What the destination says a write would change.
struct RemoteDifference {
  bool found = false;
  std::optional<std::string> remote_id;
  std::optional<std::string> key;  // not found, but the record of this id has this key now
  std::vector<std::string> names;
  std::optional<std::vector<std::string>> opted_out, withdrawn;
};
// One for each of `count` writes. Errors: Error{Internal} when one is not named, or named twice.
[[nodiscard]] std::vector<RemoteDifference> decode_differences(std::string_view ndjson,
                                                               std::size_t count,
                                                               std::string_view connector);

// One result for each of `count` writes; those that the answer does not name stay Unconfirmed.
// `has_receipts`: whether the connector declares them. Errors: Error{Internal} naming the
// connector, for an index out of range or named twice, a line that is not an outcome, or a pending
// one of a connector without receipts.
[[nodiscard]] std::vector<WriteResult> decode_outcomes(std::string_view ndjson, std::size_t count,
                                                       std::string_view connector,
                                                       bool has_receipts);

}  // namespace sluice::host
