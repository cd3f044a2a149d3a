// What the author of a source connector writes: a class derived from `Source`, and a `Reader` a
// stream.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <sluice/context.hpp>
#include <sluice/json.hpp>
#include <sluice/spec.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

// What `check` answers. `account_id` is stable for the vendor's account: state is bound to it.
struct Account {
  std::string id = {};
  std::string title = {};
  json::object details = {};
};

// One record of a stream; see `sluice_page` in abi.h for what the members promise.
struct Record {
  enum class Op { Upsert, Delete };
  Op op = Op::Upsert;
  std::string key = {};
  std::int64_t version = 0;
  std::int64_t recency = 0;
  std::string skip = {};
  json::object data = {};

  // `version` 0: the source has none for what is not there. It then counts as newer than what was
  // read before, and as older than whatever is read later: a clock's reading in its place would
  // hide a record that is created again meanwhile.
  static Record removed(std::string key, std::int64_t version = 0);
};

// Records on their way to the host, serialised as they are added.
class RecordBatch {
 public:
  RecordBatch() = default;
  RecordBatch(std::initializer_list<Record> records) {
    for (const auto& record : records) add(record);
  }
  void add(const Record& record);
  // The same with data that is already JSON text, in place of the record's.
  void add(const Record& record, std::string_view data);
  // Adds an upsert whose data is already JSON text: no parsing, no copying of values.
  void add_raw(std::string_view key, std::int64_t version, std::int64_t recency,
               std::string_view data);
  [[nodiscard]] std::uint32_t size() const noexcept { return count_; }
  [[nodiscard]] const std::string& ndjson() const noexcept { return text_; }
  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  std::string text_;
  std::uint32_t count_ = 0;
};

// Turns the array `list` of an API answer into records keyed by member `key`; `version` names a
// member that is an integer or an ISO 8601 timestamp, if any.
[[nodiscard]] RecordBatch rows(const json::object& body, std::string_view list,
                               std::string_view key = "id", std::string_view version = {});

struct Page {
  RecordBatch records = {};
  json::value cursor = {};  // continues after this page; must survive the process
  bool end = false;         // the walk is over
  bool complete = false;    // with `end`: the walk showed every record that exists
};

// What the vendor's webhooks tell: which records an event concerns, so that those are read again
// within seconds. All members but `stream` are JSON Pointers (RFC 6901) into an event; one that an
// event has nothing at is passed over.
struct EventRecord {
  std::string stream = {};
  std::string key = {};      // the record's, a text or a number
  std::string version = {};  // a whole number: what `lookup` shows of the record before it has this
                             // version is older than the event; empty: unknown
};
struct Events {
  std::string id = {};  // of the event: one that is delivered twice counts once
  std::vector<EventRecord> records = {};
};

enum class ReadMode { Full, Incremental, Latest };

struct ReadRequest {
  std::string stream = {};
  ReadMode mode = ReadMode::Full;
  std::uint32_t limit = 0;  // Latest: how many
  json::value cursor = {};  // null: from the beginning
  Config options{{}};       // the `read:` block's options for this stream
};

struct Stream {
  std::string name = {};
  std::vector<ReadMode> modes{ReadMode::Full};
  Spec options = {};         // what `read:` may say for this stream
  json::object schema = {};  // JSON Schema of a record's data; empty: unknown
};

class Reader {
 public:
  virtual ~Reader() = default;
  // The next page; not called again after a page with `end`. After an error the host may call again
  // for the same page. Threads: [handle].
  virtual Page next(Context& context) = 0;
};

class Source {
 public:
  virtual ~Source() = default;
  // Threads: all four [instance].
  virtual Account check(Context& context) = 0;
  virtual std::vector<Stream> discover(Context& context) = 0;
  virtual std::unique_ptr<Reader> open(Context& context, ReadRequest request) = 0;
  // Records by key as they are now, `Record::removed` for those that are gone. Offer it (kLookup =
  // true in the class) whenever the vendor can: without it Sluice cannot confirm deletions or retry
  // single records.
  virtual RecordBatch lookup(Context& context, const ReadRequest& request,
                             const std::vector<std::string>& keys);
};

}  // namespace sluice
