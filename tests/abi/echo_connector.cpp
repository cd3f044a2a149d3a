// A source that uses what differs between builds: strings, containers, JSON values and exceptions.
#include <map>
#include <sluice/connector.hpp>
#include <string>
#include <vector>

namespace {

using namespace sluice;

class EchoReader final : public Reader {
 public:
  explicit EchoReader(std::map<std::string, std::string> texts) : texts_{std::move(texts)} {}
  Page next(Context& context) override {
    Page page;
    for (const auto& [key, text] : texts_) {
      Record record;
      record.key = key;
      record.data = {{"text", text}, {"number", 0.1}};
      page.records.add(record);
      context.host().count("records", 1);
    }
    page.end = page.complete = true;
    return page;
  }

 private:
  std::map<std::string, std::string> texts_;
};

class Echo final : public Source {
 public:
  static constexpr auto kId = "echo";
  static constexpr auto kVersion = "1.0.0";
  static Spec spec() { return Spec{"Echo"}.strings("texts").secret("key"); }
  explicit Echo(const Config& config) : texts_{config.texts("texts")} {}

  Account check(Context& context) override {
    context.info("a line that is too long for a small string optimisation");
    if (texts_.empty()) throw 42;
    if (texts_.front() == "auth") throw Error{Code::Auth, "the texts are refused"};
    return {"echo", "Echo", {}};
  }
  std::vector<Stream> discover(Context&) override { return {{"texts"}}; }
  std::unique_ptr<Reader> open(Context&, ReadRequest request) override {
    std::map<std::string, std::string> texts;
    for (const auto& text : texts_) texts[request.stream + std::to_string(texts.size())] = text;
    return std::make_unique<EchoReader>(std::move(texts));
  }

 private:
  std::vector<std::string> texts_;
};

}  // namespace

SLUICE_SOURCE(Echo)
