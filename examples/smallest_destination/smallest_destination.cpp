#include <sluice/sdk.hpp>
using namespace sluice;

class Rows final : public Writer {
 public:
  explicit Rows(HttpClient& http) : http_{http} {}
  std::vector<Outcome> write(Context& context, std::span<const Write> batch) override {
    std::vector<HttpRequest> requests;
    for (const Write& write : batch) {
      const bool gone = write.op == Write::Op::Delete;
      requests.push_back({.method = gone ? "DELETE" : "PUT",
                          .path = "/rows/" + percent_encode(write.key),
                          .body = gone ? "" : to_json(write.fields)});
    }
    std::vector<Outcome> outcomes;
    for (const HttpResult& result : http_.send_all(context, std::move(requests))) {
      if (result.error) throw *result.error;  // the host sends the batch again
      outcomes.push_back(result.response->ok()
                             ? Outcome::ok(std::nullopt)
                             : Outcome::rejected("refused", result.response->body));
    }
    return outcomes;
  }

 private:
  HttpClient& http_;
};

class SmallestDestination final : public Destination {
 public:
  static constexpr auto kId = "smallest_destination";
  static constexpr auto kVersion = "0.1.0";
  static Spec spec() { return Spec{"Smallest"}.string("url").required().secret("key").required(); }
  explicit SmallestDestination(const Config& config)
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
  std::unique_ptr<Writer> open(Context&, WriteRequest) override {
    return std::make_unique<Rows>(http_);
  }

 private:
  HttpClient http_;
};
SLUICE_DESTINATION(SmallestDestination)
