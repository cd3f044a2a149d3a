// What the author of a destination connector writes: a class derived from `Destination`, and a
// `Writer` an object.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sluice/context.hpp>
#include <sluice/error.hpp>
#include <sluice/json.hpp>
#include <sluice/source.hpp>
#include <sluice/spec.hpp>
#include <span>
#include <string>
#include <vector>

namespace sluice {

class HttpClient;
struct HttpRequest;
struct HttpResult;

enum class FieldType { Text, Textarea, Number, Date, Datetime, Boolean, Option, Options };
[[nodiscard]] std::string_view to_string(FieldType type) noexcept;
[[nodiscard]] std::optional<FieldType> field_type(std::string_view name) noexcept;

struct Field {
  std::string name = {};  // as the integration file names it
  FieldType type = FieldType::Text;
  bool set = false;  // a set of texts, changed by adding and removing
  bool built_in = false;
  bool required = false;
  std::vector<std::string> options = {};  // for Option and Options
  std::optional<std::uint32_t> max_length = {};
};

struct Object {
  std::string name = {};
  std::vector<std::string> match = {};  // fields that may identify a record; empty: any field
  bool key_fold_lower = false;          // keys that differ only in case are one key
  std::vector<Field> fields = {};
  std::vector<FieldType> creates_fields = {};    // types of fields that `prepare` can create
  std::vector<std::string> delete_actions = {};  // what a deletion may do, besides "keep"
  Spec options = {};                             // what `write:` may say for this object
};

struct WantedField {
  std::string name = {};
  FieldType type = FieldType::Text;
};

struct PreparedField {
  enum class Status { Exists, Created, Missing, Impossible };
  std::string name = {};
  Status status = Status::Exists;
  std::string message = {};
};

struct PrepareRequest {
  std::string object = {};
  std::vector<WantedField> fields = {};
  Config options{{}};
  bool dry_run = false;
};

enum class WriteMode { Upsert, Create, Update };

struct WriteRequest {
  std::string object = {};
  std::string match = {};
  WriteMode mode = WriteMode::Upsert;
  Config options{{}};
  // Not zero: an earlier writer ended without an answer, so that what it had handed over may still
  // arrive, and would undo later writes. `open` waits until it has, at most so long.
  std::chrono::milliseconds settle{0};
};

struct SetChange {
  std::vector<std::string> add = {};
  std::vector<std::string> remove = {};
  std::vector<std::string> keep =
      {};  // added earlier: to be added where the record is new after all
};

// One line of a batch; see `write` in abi.h for what the members mean. `fields` lives in the memory
// of its batch, which its copies share and keep alive; Boost.JSON's copies are made in that memory
// too, which one thread at a time may use.
struct Write {
  enum class Op { Upsert, Delete };
  Op op = Op::Upsert;
  std::string key = {};
  std::optional<std::string> previous_key = {};
  std::optional<std::string> remote_id = {};
  bool delivered = false;
  bool repeated = false;  // an earlier attempt at this very write may have arrived
  json::object fields = {};
  std::map<std::string, SetChange> sets = {};
  std::vector<std::string> if_empty = {};
  std::string action = {};
  std::vector<std::string> opted_out = {};
  std::vector<std::string> withdrawn = {};
  std::vector<std::string> previous_opted_out = {};
  std::vector<std::string> previous_withdrawn = {};
};

enum class Effect { Created, Updated, Unchanged, Deleted };

// What became of one line of a batch.
struct Outcome {
  enum class Status { Ok, Rejected, Retry, Pending, Unconfirmed };
  Status status = Status::Unconfirmed;
  std::optional<Effect> effect = {};
  std::optional<std::string> remote_id = {};
  bool rekeyed = true;    // false: previous_key still exists at the destination
  std::string code = {};  // Rejected, Unconfirmed; so are the next two
  std::string message = {};
  std::string field = {};
  std::chrono::milliseconds after{0};  // Retry, Pending
  std::string receipt = {};            // Pending
  // Complete sets after the write, if known.
  std::optional<std::vector<std::string>> opted_out = {};
  std::optional<std::vector<std::string>> withdrawn = {};
  std::optional<std::vector<std::string>> previous_opted_out = {};

  static Outcome ok(std::optional<Effect> effect, std::optional<std::string> remote_id = {});
  static Outcome rejected(std::string code, std::string message, std::string field = {});
  static Outcome retry(std::chrono::milliseconds after, std::string message = {});
  static Outcome pending(std::string receipt, std::chrono::milliseconds after);
  static Outcome unconfirmed(std::string message);
};

// What an answer over HTTP says about the record that one request wrote: 2xx is ok, a limit (429)
// or a request that never left is retried, an answer or a connection that leaves open what happened
// (5xx) is unconfirmed, another 4xx is rejected with the vendor's words. Errors: throws Error when
// no record can be written: Auth (401, 403), Config (3xx), Cancelled.
[[nodiscard]] Outcome outcome_of(const HttpResult& result);

struct WriterLimits {
  std::uint32_t preferred_records = 100;
  std::uint64_t max_bytes = 1'000'000;  // of the batch as NDJSON
};

struct Receipt {
  std::string id = {};
  std::chrono::milliseconds age{0};  // since it was issued
  bool overdue = false;              // decide by looking at the destination
};

struct RemoteRow {
  std::string key = {};
  bool found = false;
  std::optional<std::string> remote_id = {};
  json::object fields = {};
  std::map<std::string, std::vector<std::string>> sets = {};
  std::vector<std::string> opted_out = {};
};

// What a write would change; see `verify` in abi.h for what the members mean.
struct Difference {
  bool found = false;
  std::optional<std::string> remote_id = {};
  std::optional<std::string> key = {};  // not found, but the record of this id has this key now
  std::vector<std::string> names = {};  // of fields, sets and scopes; empty: nothing
  // Complete sets as they are now, if known.
  std::optional<std::vector<std::string>> opted_out = {};
  std::optional<std::vector<std::string>> withdrawn = {};
};

// A key that the destination would refuse whatever were written under it.
struct Refusal {
  std::string key = {};
  std::string code = {};  // as in Outcome; so are the next two
  std::string message = {};
  std::string field = {};
};

// How many requests of one class something costs.
struct CallEstimate {
  RateClass rate = {};
  std::int64_t calls = 0;
};

class Writer {
 public:
  virtual ~Writer() = default;
  [[nodiscard]] virtual WriterLimits limits() const { return {}; }
  // Answers one outcome for every write, at the same index; a shorter answer leaves the rest
  // unconfirmed. Send many requests at once inside (HttpClient::send_all). Throwing means that the
  // fate of the whole batch is unknown. Threads: [handle], as all of Writer.
  virtual std::vector<Outcome> write(Context& context, std::span<const Write> batch) = 0;
  // The result of an earlier `pending`; `writes` are those that were answered with this receipt, in
  // their order.
  virtual std::vector<Outcome> poll(Context& context, const Receipt& receipt,
                                    std::span<const Write> writes);
  virtual void flush(Context&) {}
  // One row for every key (or remote id). Offer it (kRemoteLookup = true) whenever the vendor can.
  virtual std::vector<RemoteRow> lookup(Context& context, const std::vector<std::string>& keys,
                                        bool by_remote_id);
  // What writing this batch would cost at the vendor's limits, as well as it can be told without
  // writing: for `sluice plan`, which forms batches as a run does. Fields that a run would create
  // may be missing. Offer it (kEstimate = true) where requests are limited.
  virtual std::vector<CallEstimate> estimate(Context& context, std::span<const Write> batch);
  // Those of the keys that the destination would refuse, whatever were written, as far as reading
  // tells. Asked page by page: read what it takes once. Offer it (kScreen = true) where the vendor
  // tells. Default: none.
  virtual std::vector<Refusal> screen(Context& context, const std::vector<std::string>& keys);
  // What each of these upserts would change, for `full --verify`, which then writes those that
  // differ. In `sets`, `add` names all members that shall be there. Answers one difference for
  // every write, at the same index. Offer it (kVerify = true) wherever `lookup` is offered: only
  // the connector knows when two values are the same at its vendor.
  virtual std::vector<Difference> verify(Context& context, std::span<const Write> batch);
};

// A writer for APIs that take one request a record: makes the request of each write with `request`,
// sends those of a batch side by side and answers with `outcome_of`; a deletion that is answered
// 404 is done. `http` must outlive the writer. What `request` throws fails the whole batch.
[[nodiscard]] std::unique_ptr<Writer> write_each(HttpClient& http,
                                                 std::function<HttpRequest(const Write&)> request,
                                                 WriterLimits limits = {});

class Destination {
 public:
  virtual ~Destination() = default;
  // Threads: all four [instance].
  virtual Account check(Context& context) = 0;
  virtual std::vector<Object> discover(Context& context) = 0;
  // Default: every field exists.
  virtual std::vector<PreparedField> prepare(Context& context, const PrepareRequest& request);
  virtual std::unique_ptr<Writer> open(Context& context, WriteRequest request) = 0;
};

}  // namespace sluice
