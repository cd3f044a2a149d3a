#include <sluice/sdk.hpp>
using namespace sluice;

class Orders final : public Reader {
 public:
  Orders(HttpClient& http, json::value cursor) : http_{http}, cursor_(std::move(cursor)) {}
  Page next(Context& context) override {
    const json::object body = http_.get(context, "/orders", {{"offset", text(cursor_)}});
    const json::value* next = body.if_contains("next_offset");
    if (next != nullptr) cursor_ = *next;
    const bool end = next == nullptr;
    return {.records = rows(body, "list"), .cursor = cursor_, .end = end, .complete = end};
  }

 private:
  HttpClient& http_;
  json::value cursor_;
};

class SmallestSource final : public Source {
 public:
  static constexpr auto kId = "smallest_source";
  static constexpr auto kVersion = "0.1.0";
  static Spec spec() { return Spec{"Smallest"}.string("url").required().secret("key").required(); }
  explicit SmallestSource(const Config& config)
      : http_{{.base_url = config.text("url"), .auth = BasicAuth{config.secret("key")}}} {}

  Account check(Context& context) override {
    return {.id = text(http_.get(context, "/account").at("id"))};
  }
  std::vector<Stream> discover(Context&) override { return {{.name = "orders"}}; }
  std::unique_ptr<Reader> open(Context&, ReadRequest request) override {
    if (request.stream != "orders") throw Error{Code::NotFound, "no stream " + request.stream};
    return std::make_unique<Orders>(http_, std::move(request.cursor));
  }

 private:
  HttpClient http_;
};
SLUICE_SOURCE(SmallestSource)
