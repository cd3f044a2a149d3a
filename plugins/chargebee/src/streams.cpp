#include "streams.hpp"

#include <algorithm>
#include <utility>

namespace chargebee {

using sluice::Code;
using sluice::Context;
using sluice::Error;
using sluice::Page;
using sluice::ReadMode;
using sluice::Record;
using sluice::RecordBatch;

namespace {

bool is_subscriptions(const StreamInfo& stream) {
  return stream.list.member == "subscription";
}

std::int64_t recency_of(const json::object& object) {
  for (const auto* name : {"created_at", "occurred_at", "date"}) {
    if (const auto time = whole(object, name)) return *time;
  }
  // A gift has no created_at; its oldest timeline entry says when it was bought.
  std::int64_t oldest = 0;
  const auto* timelines = object.if_contains("gift_timelines");
  if (timelines == nullptr || !timelines->is_array()) return oldest;
  for (const auto& entry : timelines->get_array()) {
    const auto* moment = entry.if_object();
    const auto time = moment != nullptr ? whole(*moment, "occurred_at") : std::nullopt;
    if (time && (oldest == 0 || *time < oldest)) oldest = *time;
  }
  return oldest;
}

class PlainReader final : public sluice::Reader {
 public:
  PlainReader(Api& api, const StreamInfo& stream, ReadMode mode, std::uint32_t limit,
              std::int64_t lag, Cursor cursor)
      : api_{api},
        stream_{stream},
        mode_{mode},
        left_{limit},
        lag_{lag},
        cursor_{std::move(cursor)},
        walk_{api, query(), cursor_.walk} {}

  Page next(Context& context) override {
    if (is_subscriptions(stream_) && !plans_) plans_ = Plans::load(context, api_);
    auto step = walk_.fetch(context);
    if (!cursor_.started_at) cursor_.started_at = step.page.date;
    Page page;
    for (auto& row : step.page.rows) {
      auto& object = row_object(row, stream_.list.member);
      if (!is_wanted(object)) continue;
      page.records.add(plain_record(context, stream_, std::move(object), plans_.get()));
      if (mode_ == ReadMode::Latest && page.records.size() == left_) break;
    }
    walk_.accept(step);
    cursor_.walk = step.state;
    if (mode_ == ReadMode::Latest) {
      left_ -= page.records.size();
      page.end = step.end || left_ == 0;
      return page;
    }
    page.end = step.end;
    page.complete = step.end && mode_ == ReadMode::Full && stream_.keeps_all;
    page.cursor = (step.end ? beyond() : cursor_).to_json(stream_.name);
    return page;
  }

 private:
  [[nodiscard]] ListQuery query() const {
    ListQuery list = stream_.list;
    const std::string changed_by = stream_.changed_by;
    if (mode_ == ReadMode::Latest) {
      list.time_sort.clear();
      list.sort.clear();
      list.include_deleted = false;
      list.filters.emplace_back("sort_by[desc]", stream_.latest_by);
      list.limit = std::clamp<std::uint32_t>(left_, 1, 100);
    } else if (mode_ == ReadMode::Incremental && !changed_by.empty()) {
      list.filters.emplace_back(changed_by + "[after]",
                                std::to_string(std::max<std::int64_t>(cursor_.bookmark - 1, 0)));
    }
    return list;
  }

  // A list without a time filter is read whole and compared here.
  [[nodiscard]] bool is_wanted(const json::object& object) const {
    if (mode_ != ReadMode::Incremental || stream_.changed_by[0] != '\0') return true;
    const auto updated = whole(object, "updated_at");
    return !updated || *updated >= cursor_.bookmark;
  }

  [[nodiscard]] Cursor beyond() const {
    Cursor start;
    start.kind = Cursor::Kind::Incremental;
    start.bookmark = std::max(cursor_.bookmark, *cursor_.started_at - lag_);
    return start;
  }

  Api& api_;
  const StreamInfo& stream_;
  ReadMode mode_;
  std::uint32_t left_;
  std::int64_t lag_;
  Cursor cursor_;
  ListWalk walk_;
  std::shared_ptr<Plans> plans_;
};

}  // namespace

const std::vector<StreamInfo>& plain_streams() {
  static const std::vector<StreamInfo> kStreams{
      {.name = "subscriptions", .list = subscription_list(), .latest_by = "created_at"},
      {.name = "gifts", .list = gift_list(), .changed_by = ""},
      {.name = "invoices",
       .list =
           {.path = "/invoices", .member = "invoice", .time_sort = "date", .include_deleted = true},
       .latest_by = "date"},
      {.name = "events",
       .list = {.path = "/events", .member = "event", .time_sort = "occurred_at"},
       .changed_by = "occurred_at",
       .latest_by = "occurred_at",
       .keeps_all = false},
      {.name = "item_prices",
       .list = plan_list(Catalogue::V2),
       .latest_by = "updated_at",
       .only = Catalogue::V2},
      {.name = "plans", .list = plan_list(Catalogue::V1), .only = Catalogue::V1}};
  return kStreams;
}

const StreamInfo& plain_stream(std::string_view name) {
  std::string known = "customers";
  for (const auto& stream : plain_streams()) {
    if (stream.name == name) return stream;
    known += std::string{", "} + stream.name;
  }
  throw Error{Code::NotFound,
              "there is no stream \"" + std::string{name} + "\"; there are " + known};
}

Record plain_record(Context& context, const StreamInfo& stream, json::object object, Plans* plans) {
  Record record;
  record.key = id_of(object, stream.list.member);
  record.version = version_of(object);
  if (is_true(object, "deleted") || text_of(object, "status") == "deleted") {
    record.op = Record::Op::Delete;
    return record;
  }
  record.recency = recency_of(object);
  if (plans != nullptr) {
    name_plan(object, [&](const std::string& code) { return plans->name(context, code); });
  }
  record.data[stream.list.member] = std::move(object);
  return record;
}

std::unique_ptr<sluice::Reader> open_plain(Api& api, const StreamInfo& stream,
                                           const sluice::ReadRequest& request, std::int64_t lag) {
  Cursor cursor;
  if (request.mode == ReadMode::Latest) {
    if (stream.latest_by[0] == '\0') {
      throw Error{Code::Unsupported, "Chargebee cannot sort " + std::string{stream.name} +
                                         " by time: the latest ones cannot be read"};
    }
  } else if (!request.cursor.is_null()) {
    cursor = Cursor::from_json(
        request.cursor, stream.name,
        request.mode == ReadMode::Full ? Cursor::Kind::Full : Cursor::Kind::Incremental);
  } else if (request.mode == ReadMode::Incremental) {
    throw Error{Code::CursorInvalid, "an incremental walk needs the cursor of a full one"};
  }
  return std::make_unique<PlainReader>(api, stream, request.mode, request.limit, lag,
                                       std::move(cursor));
}

RecordBatch look_up_plain(Context& context, Api& api, RunCache& cache, const StreamInfo& stream,
                          const std::vector<std::string>& keys) {
  std::shared_ptr<Plans> plans;
  if (is_subscriptions(stream)) plans = cache.for_keys(context, 0).plans;
  RecordBatch records;
  for (const auto& key : keys) {
    if (auto object = api.retrieve(context, stream.list.path, stream.list.member, key)) {
      records.add(plain_record(context, stream, std::move(*object), plans.get()));
    } else {
      records.add(Record::removed(key));
    }
  }
  return records;
}

}  // namespace chargebee
