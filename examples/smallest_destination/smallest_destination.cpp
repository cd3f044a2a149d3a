#include <sluice/sdk.hpp>
using namespace sluice;

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
    return write_each(http_, [](const Write& write) -> HttpRequest {
      const std::string path = "/rows/" + path_segment(write.key);
      if (write.op == Write::Op::Delete) return {.method = "DELETE", .path = path};
      return {.method = "PUT", .path = path, .body = to_json(write.fields)};
    });
  }

 private:
  HttpClient http_;
};
SLUICE_DESTINATION(SmallestDestination)
