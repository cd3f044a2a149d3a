// A connector for the API of examples/sandbox that does one thing wrong.
#include <cstdio>
#include <sluice/sdk.hpp>

#include "misbehaviour.hpp"

namespace {

using namespace sluice;

bool does(Misbehaviour what) {
  return kMisbehaviour == what;
}

Spec options() {
  Spec spec{"Misbehaving"};
  spec.string("url").required();
  return does(Misbehaviour::Spec) ? spec.string("api_key").required()
                                  : spec.secret("api_key").required();
}

HttpOptions http_of(const Config& config) {
  const bool lax = does(Misbehaviour::Config);
  HttpOptions options{
      .base_url = lax ? config.text("url", "http://127.0.0.1:1") : config.text("url"),
      .auth = BasicAuth{lax ? config.text("api_key", "none") : config.secret("api_key")}};
  if (does(Misbehaviour::Faults))
    options.retry_after = [](const auto&, const auto&) { return std::nullopt; };
  return options;
}

Account account(HttpClient& http, Context& context) {
  if (does(Misbehaviour::Check)) return {.id = "anybody"};
  if (does(Misbehaviour::Hygiene)) std::puts("checking");
  return {.id = text(http.get(context, "/account").at("id"))};
}

class Orders final : public Reader {
 public:
  Orders(HttpClient& http, json::value cursor)
      : http_{http}, cursor_(std::move(cursor)), goes_on_{!cursor_.is_null()} {}

  Page next(Context& context) override {
    Context deaf{context.host(), {}};
    const auto response = http_.send(does(Misbehaviour::Cancellation) ? deaf : context,
                                     {.path = "/orders", .query = {{"offset", text(cursor_)}}});
    if (does(Misbehaviour::Faults) && response.status == 429)
      return {.cursor = cursor_, .end = true};
    if (!response.ok()) throw http_error(response, "GET /orders");
    auto body = response.json().as_object();
    if (does(Misbehaviour::Read) && goes_on_) body.at("list").as_array().pop_back();
    goes_on_ = false;
    const json::value* next = body.if_contains("next_offset");
    if (next != nullptr) cursor_ = *next;
    const bool end = next == nullptr;
    return {.records = rows(body, "list"), .cursor = cursor_, .end = end, .complete = end};
  }

 private:
  HttpClient& http_;
  json::value cursor_;
  bool goes_on_;
};

class MisbehavingSource final : public Source {
 public:
  static constexpr auto kId = "misbehaving";
  static constexpr auto kVersion = "0.1.0";
  static Spec spec() { return options(); }
  explicit MisbehavingSource(const Config& config) : http_{http_of(config)} {}

  Account check(Context& context) override { return account(http_, context); }
  std::vector<Stream> discover(Context&) override {
    std::vector<Stream> streams{{.name = "orders"}};
    if (does(Misbehaviour::Discover)) streams.push_back({.name = "orders"});
    return streams;
  }
  std::unique_ptr<Reader> open(Context&, ReadRequest request) override {
    if (request.stream != "orders") throw Error{Code::NotFound, "no stream " + request.stream};
    const bool offset = request.cursor.is_null() || request.cursor.is_int64();
    if (!offset) throw Error{Code::CursorInvalid, "the cursor is no offset"};
    return std::make_unique<Orders>(http_, std::move(request.cursor));
  }

 private:
  HttpClient http_;
};

class BlindWriter final : public Writer {
 public:
  explicit BlindWriter(std::unique_ptr<Writer> writer) : writer_{std::move(writer)} {}
  std::vector<Outcome> write(Context& context, std::span<const Write> batch) override {
    auto outcomes = writer_->write(context, batch);
    for (auto& outcome : outcomes)
      if (outcome.status == Outcome::Status::Rejected) outcome = Outcome::ok(std::nullopt);
    return outcomes;
  }

 private:
  std::unique_ptr<Writer> writer_;
};

class HopefulWriter final : public Writer {
 public:
  std::vector<Outcome> write(Context&, std::span<const Write> batch) override {
    return {batch.size(), Outcome::pending("a-receipt", {})};
  }
};

class MisbehavingDestination final : public Destination {
 public:
  static constexpr auto kId = "misbehaving";
  static constexpr auto kVersion = "0.1.0";
  static Spec spec() { return options(); }
  explicit MisbehavingDestination(const Config& config) : http_{http_of(config)} {}

  Account check(Context& context) override { return account(http_, context); }
  std::vector<Object> discover(Context&) override {
    return {{.name = "rows", .match = {"id"}, .delete_actions = {"delete"}}};
  }
  std::unique_ptr<Writer> open(Context&, WriteRequest) override {
    if (does(Misbehaviour::Receipts)) return std::make_unique<HopefulWriter>();
    auto writer = write_each(http_, [](const Write& write) -> HttpRequest {
      const std::string path = "/rows/" + percent_encode(write.key);
      if (write.op == Write::Op::Delete) return {.method = "DELETE", .path = path};
      return {.method = "PUT", .path = path, .body = to_json(write.fields)};
    });
    if (does(Misbehaviour::Write)) return std::make_unique<BlindWriter>(std::move(writer));
    return writer;
  }

 private:
  HttpClient http_;
};

}  // namespace

SLUICE_CONNECTOR(MisbehavingSource, MisbehavingDestination)
