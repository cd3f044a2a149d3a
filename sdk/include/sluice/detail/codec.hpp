// How the SDK's types stand in the bytes that cross the plugin boundary (abi.h says what they
// mean): the one place for the thunks, the testing kit and whoever else speaks to a connector.
// Authors do not use this directly.
//
// Members that are not known are skipped, so that either side may be newer. Errors: throws
// Error{SchemaMismatch} naming the line and the member.
#pragma once

#include <optional>
#include <sluice/destination.hpp>
#include <sluice/json.hpp>
#include <sluice/source.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::detail {

struct LookupRequest {
  ReadRequest read;  // stream and options
  std::vector<std::string> keys;
};

struct RemoteLookupRequest {
  std::vector<std::string> keys;
  bool by_remote_id = false;
};

[[nodiscard]] ReadRequest decode_read_request(std::string_view text);
[[nodiscard]] LookupRequest decode_lookup_request(std::string_view text);
[[nodiscard]] PrepareRequest decode_prepare_request(std::string_view text);
[[nodiscard]] WriteRequest decode_write_request(std::string_view text);
[[nodiscard]] RemoteLookupRequest decode_remote_lookup_request(std::string_view text);

[[nodiscard]] std::string encode(const WriterLimits& limits);
[[nodiscard]] std::string encode(const std::vector<PreparedField>& fields);
[[nodiscard]] std::string encode(const std::vector<CallEstimate>& estimates);
[[nodiscard]] std::string encode(const std::vector<Refusal>& refusals);
[[nodiscard]] std::string encode(const std::vector<Difference>& differences);
[[nodiscard]] json::object describe(const Account& account);
[[nodiscard]] json::object describe(const Stream& stream);
[[nodiscard]] json::object describe(const Object& object);

// The writes of one batch and the memory in which their JSON values live. Copies of those values
// made by Boost.JSON share the memory and keep it alive.
struct WriteBatch {
  json::storage_ptr storage;
  std::vector<Write> writes;
};

// A poll's first line, and the writes that follow it.
struct PollRequest {
  Receipt receipt;
  WriteBatch batch;
};

[[nodiscard]] WriteBatch decode_writes(JsonParser& parser, std::string_view ndjson);
[[nodiscard]] PollRequest decode_poll(JsonParser& parser, std::string_view ndjson);
void encode(std::string& out, const Write& write);

// One line for each of `count` writes. Fewer outcomes leave the rest unconfirmed.
// Errors: throws Error{Internal} when there are more outcomes than writes.
[[nodiscard]] std::string encode_outcomes(const std::vector<Outcome>& outcomes, std::size_t count);
// The outcomes at their index; one that no line names is unconfirmed.
[[nodiscard]] std::vector<Outcome> decode_outcomes(std::string_view ndjson, std::size_t count);

[[nodiscard]] std::string encode_rows(const std::vector<RemoteRow>& rows);
[[nodiscard]] std::vector<RemoteRow> decode_rows(std::string_view ndjson);

}  // namespace sluice::detail
