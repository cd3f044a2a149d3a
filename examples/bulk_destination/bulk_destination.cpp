// A destination that takes many records at once and works on them later.
#include <sluice/sdk.hpp>
using namespace sluice;
using namespace std::chrono_literals;

namespace {

constexpr auto kAskAgain = 200ms;

class Imports final : public Writer {
 public:
  explicit Imports(HttpClient& http) : http_{http} {}
  WriterLimits limits() const override {
    return {.preferred_records = 500, .max_bytes = 4'000'000};
  }

  std::vector<Outcome> write(Context& context, std::span<const Write> batch) override {
    json::array rows;
    for (const auto& write : batch) {
      json::object row = write.fields;
      row["id"] = write.key;
      if (write.op == Write::Op::Delete) row["deleted"] = true;
      rows.push_back(std::move(row));
    }
    HttpRequest request{.method = "POST", .path = "/imports"};
    request.body = to_json(json::object{{"rows", std::move(rows)}});
    // `send` would throw what may concern these rows alone; outcome_of tells it of each.
    const auto result = http_.send_all(context, {std::move(request)}).front();
    if (!result.response || !result.response->ok()) return {batch.size(), outcome_of(result)};
    return {batch.size(), Outcome::pending(text(result.response->json().at("id")), kAskAgain)};
  }

  // Asked until every row of the import has its outcome, by another process after a crash.
  std::vector<Outcome> poll(Context& context, const Receipt& receipt,
                            std::span<const Write> writes) override {
    const auto response = http_.send(
        context, {.path = "/imports/" + path_segment(receipt.id), .label = "GET /imports/{id}"});
    // What nobody knows is written again, as `repeated`.
    if (response.status == 404) return {writes.size(), Outcome::unconfirmed("no such import")};
    if (!response.ok()) throw http_error(response, "GET /imports/{id}");
    const json::value import = response.json();
    if (text(import.at("status")) != "done") {
      return {writes.size(), receipt.overdue ? Outcome::unconfirmed("the import does not end")
                                             : Outcome::pending(receipt.id, kAskAgain)};
    }
    std::map<std::string, std::string> refused;
    for (const auto& row : import.at("refused").as_array())
      refused[text(row.at("id"))] = text(row.at("message"));
    std::vector<Outcome> outcomes;
    for (const auto& write : writes) {
      const auto found = refused.find(write.key);
      outcomes.push_back(found != refused.end() ? Outcome::rejected("refused", found->second)
                         : write.op == Write::Op::Delete ? Outcome::ok(Effect::Deleted)
                                                         : Outcome::ok({}));
    }
    return outcomes;
  }

 private:
  HttpClient& http_;
};

}  // namespace

class BulkDestination final : public Destination {
 public:
  static constexpr auto kId = "bulk_destination";
  static constexpr auto kVersion = "0.1.0";
  static constexpr bool kReceipts = true;
  static Spec spec() { return Spec{"Bulk"}.string("url").required().secret("key").required(); }
  explicit BulkDestination(const Config& config)
      : http_{{.base_url = config.text("url"), .auth = BasicAuth{config.secret("key")}}} {}

  Account check(Context& context) override {
    return {.id = text(http_.get(context, "/account").at("id"))};
  }
  std::vector<Object> discover(Context&) override {
    return {{.name = "rows",
             .match = {"id"},
             .fields = {{.name = "id"}, {.name = "amount", .type = FieldType::Number}},
             .delete_actions = {"delete"}}};
  }
  std::unique_ptr<Writer> open(Context& context, WriteRequest request) override {
    // An import whose sender was killed would undo what is written meanwhile: it has to end first.
    for (auto left = request.settle; left > 0ms && is_working(context); left -= kAskAgain)
      context.sleep_for(kAskAgain);
    return std::make_unique<Imports>(http_);
  }

 private:
  bool is_working(Context& context) {
    return !http_.get(context, "/imports", {{"status", "working"}}).at("list").as_array().empty();
  }

  HttpClient http_;
};
SLUICE_DESTINATION(BulkDestination)
