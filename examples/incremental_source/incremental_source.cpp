// What the smallest source lacks: what has changed, what is gone, single records, the vendor's
// limit.
#include <sluice/sdk.hpp>
using namespace sluice;
using namespace std::chrono_literals;

namespace {

// A full walk by id. The cursor holds the number of the vendor's last change when the walk began: a
// task that changes while the walk goes on is read again by the first incremental one.
class AllTasks final : public Reader {
 public:
  AllTasks(HttpClient& http, json::object cursor) : http_{http}, cursor_(std::move(cursor)) {}
  Page next(Context& context) override {
    const json::object body = http_.get(context, "/tasks", {{"after", text(cursor_["after"])}});
    if (!cursor_.contains("since")) cursor_["since"] = body.at("change");
    const json::value* last = body.if_contains("last");
    const bool end = last == nullptr;
    cursor_["after"] = end ? json::value{} : *last;
    return {.records = rows(body, "list", "id", "change"),
            .cursor = cursor_,
            .end = end,
            .complete = end};
  }

 private:
  HttpClient& http_;
  json::object cursor_;
};

// An incremental walk: the vendor's log of changes, deletions included, in its order.
class Changes final : public Reader {
 public:
  Changes(HttpClient& http, std::int64_t since) : http_{http}, since_{since} {}
  Page next(Context& context) override {
    const json::object body = http_.get(context, "/changes", {{"since", std::to_string(since_)}});
    RecordBatch records;
    for (const auto& item : body.at("list").as_array()) {
      const json::object& task = item.as_object();
      const std::string id = text(task.at("id"));
      since_ = task.at("change").as_int64();
      if (task.contains("deleted")) {
        records.add(Record::removed(id, since_));
      } else {
        records.add({.key = id, .version = since_, .data = task});
      }
    }
    return {.records = std::move(records),
            .cursor = json::object{{"since", since_}},
            .end = !body.at("more").as_bool()};
  }

 private:
  HttpClient& http_;
  std::int64_t since_;
};

}  // namespace

class IncrementalSource final : public Source {
 public:
  static constexpr auto kId = "incremental_source";
  static constexpr auto kVersion = "0.1.0";
  static constexpr bool kLookup = true;
  static Spec spec() {
    return Spec{"Incremental"}.string("url").required().secret("key").required();
  }
  explicit IncrementalSource(const Config& config)
      : http_{{.base_url = config.text("url"),
               .auth = BasicAuth{config.secret("key")},
               .rates = {{.account = config.text("url"),
                          .name = "general",
                          .requests = 100,
                          .window = 1s}}}} {}

  Account check(Context& context) override {
    return {.id = text(http_.get(context, "/account").at("id"))};
  }
  std::vector<Stream> discover(Context&) override {
    return {{.name = "tasks", .modes = {ReadMode::Full, ReadMode::Incremental}}};
  }
  std::unique_ptr<Reader> open(Context&, ReadRequest request) override {
    if (request.stream != "tasks") throw Error{Code::NotFound, "no stream " + request.stream};
    json::object cursor;
    if (const auto* object = request.cursor.if_object()) cursor = *object;
    const json::value* since = cursor.if_contains("since");
    const bool known = since != nullptr && since->is_int64();
    if (known && request.mode == ReadMode::Incremental)
      return std::make_unique<Changes>(http_, since->get_int64());
    if (known || request.cursor.is_null())
      return std::make_unique<AllTasks>(http_, std::move(cursor));
    throw Error{Code::CursorInvalid, "not a cursor of tasks: walk over everything again"};
  }
  RecordBatch lookup(Context& context, const ReadRequest&,
                     const std::vector<std::string>& keys) override {
    std::vector<HttpRequest> requests;
    for (const auto& key : keys)
      requests.push_back({.path = "/tasks/" + path_segment(key), .label = "GET /tasks/{id}"});
    RecordBatch records;
    std::size_t at = 0;
    for (const auto& result : http_.send_all(context, std::move(requests))) {
      const std::string& key = keys[at++];
      if (result.error) throw Error{*result.error};
      if (result.response->status == 404) {
        records.add(Record::removed(key));
        continue;
      }
      if (!result.response->ok()) throw http_error(*result.response, "GET /tasks/{id}");
      const json::value task = result.response->json();
      records.add({.key = key, .version = task.at("change").as_int64(), .data = task.as_object()});
    }
    return records;
  }

 private:
  HttpClient http_;
};
SLUICE_SOURCE(IncrementalSource)
