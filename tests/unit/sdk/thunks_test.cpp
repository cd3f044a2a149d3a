// Drives connectors through the C table as a host does, with classes that do everything wrong.
#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "c_host.hpp"
#include "sluice/connector.hpp"
#include "sluice/version.hpp"

namespace sluice::testing {
namespace {

using namespace std::chrono_literals;

// What the connectors below do at their next call.
enum class Mood { Fine, ThrowInt, ThrowStd, NoMemory, ThrowError, WaitForStop };
std::atomic<Mood> mood{Mood::Fine};

void act(Context& context) {
  switch (mood.load()) {
    case Mood::Fine:
      return;
    case Mood::ThrowInt:
      throw 42;
    case Mood::ThrowStd:
      throw std::runtime_error{"boom"};
    case Mood::NoMemory:
      throw std::bad_alloc{};
    case Mood::ThrowError:
      throw Error{Code::RateLimited, "slow down", 700};
    case Mood::WaitForStop:
      context.sleep_for(1h);
  }
}

class TwoPages final : public Reader {
 public:
  explicit TwoPages(json::value cursor) : second_{cursor == "half"} {}
  Page next(Context& context) override {
    act(context);
    context.host().count("pages", 1);
    context.host().count("pages", 1);
    Page page;
    if (second_) {
      page.records.add(Record::removed("b", 2));
      page.cursor = "done";
      page.end = page.complete = true;
      return page;
    }
    Record record;
    record.key = "a";
    record.data = {{"x", 1}};
    page.records.add(record);
    page.cursor = "half";
    page.complete = true;  // without `end` this means nothing
    second_ = true;
    return page;
  }

 private:
  bool second_;
};

class SomeSource final : public Source {
 public:
  static constexpr auto kId = "some";
  static constexpr auto kVersion = "1.2.3";
  static constexpr bool kLookup = true;
  static Spec spec() { return Spec{"Some vendor"}.string("site").required().secret("key"); }
  static Events events() {
    return {"/id", {{"items", "/item/id", "/item/v"}, {"items", "/of", ""}}};
  }
  explicit SomeSource(const Config& config) : site_{config.text("site")} {}

  Account check(Context& context) override {
    act(context);
    context.info("checked");
    return {site_, "", {}};
  }
  std::vector<Stream> discover(Context&) override { return {{"things", {ReadMode::Full}, {}, {}}}; }
  std::unique_ptr<Reader> open(Context& context, ReadRequest request) override {
    act(context);
    if (request.stream == "none") return nullptr;
    return std::make_unique<TwoPages>(std::move(request.cursor));
  }
  RecordBatch lookup(Context&, const ReadRequest&, const std::vector<std::string>& keys) override {
    RecordBatch batch;
    for (const auto& key : keys) batch.add(Record::removed(key, 1));
    return batch;
  }

 private:
  std::string site_;
};

class SomeWriter final : public Writer {
 public:
  WriterLimits limits() const override { return {2, 1000}; }
  std::vector<Outcome> write(Context& context, std::span<const Write> batch) override {
    act(context);
    if (batch.size() == 3) return std::vector<Outcome>(4, Outcome::ok(Effect::Created));
    return {Outcome::ok(Effect::Created, batch.front().key)};
  }
  std::vector<Outcome> poll(Context&, const Receipt& receipt, std::span<const Write>) override {
    return {Outcome::pending(receipt.id, 5ms)};
  }
  std::vector<CallEstimate> estimate(Context&, std::span<const Write> batch) override {
    return {{{"acme", "general", 5, 1s}, static_cast<std::int64_t>(batch.size())}};
  }
  std::vector<Refusal> screen(Context&, const std::vector<std::string>& keys) override {
    return {{keys.back(), "excluded", "on the list", "key"}};
  }
  std::vector<Difference> verify(Context&, std::span<const Write> batch) override {
    std::vector<Difference> differences(batch.size());
    differences.front().found = true;
    differences.front().remote_id = "7";
    differences.front().names.emplace_back("name");
    differences.front().opted_out.emplace(1, "mail");
    return differences;
  }
};

class SomeDestination final : public Destination {
 public:
  static constexpr auto kId = "some";
  static constexpr auto kVersion = "1.2.3";
  static constexpr bool kReceipts = true;
  static constexpr bool kEstimate = true;
  static constexpr bool kScreen = true;
  static constexpr bool kVerify = true;
  static Spec spec() { return SomeSource::spec(); }
  explicit SomeDestination(const Config& config) {
    if (!config.has("key")) throw Error{Code::Config, "option 'key' is missing"};
  }
  Account check(Context&) override { return {"d", "D", {}}; }
  std::vector<Object> discover(Context&) override { return {{.name = "people"}}; }
  std::unique_ptr<Writer> open(Context&, WriteRequest) override {
    return std::make_unique<SomeWriter>();
  }
};

constexpr detail::Description kSource = detail::describe_source<SomeSource>();
constexpr detail::Description kBoth = detail::describe_both<SomeSource, SomeDestination>();

const sluice_connector& source_table() {
  return *detail::connector_table<kSource>(SLUICE_ABI_MAJOR);
}
const sluice_connector& both_table() {
  return *detail::connector_table<kBoth>(SLUICE_ABI_MAJOR);
}

class Thunks : public ::testing::Test {
 protected:
  void SetUp() override { mood = Mood::Fine; }
  CHost host;
};

TEST_F(Thunks, TableIsOneForEveryCaller) {
  std::vector<const sluice_connector*> seen(8);
  {
    std::vector<std::jthread> threads;
    for (auto& slot : seen) {
      threads.emplace_back([&slot] { slot = detail::connector_table<kSource>(SLUICE_ABI_MAJOR); });
    }
  }
  for (const auto* table : seen) EXPECT_EQ(table, &source_table());
  EXPECT_EQ(detail::connector_table<kSource>(SLUICE_ABI_MAJOR + 1), nullptr);
  EXPECT_NE(&source_table(), &both_table());
}

TEST_F(Thunks, TableSaysWhoItIs) {
  const auto& table = source_table();
  EXPECT_EQ(table.magic, SLUICE_ABI_MAGIC);
  EXPECT_EQ(table.struct_size, sizeof(sluice_connector));
  EXPECT_STREQ(table.id, "some");
  EXPECT_STREQ(table.version, "1.2.3");
  EXPECT_STREQ(table.sdk_version, kSdkVersion);
  EXPECT_EQ(table.capabilities, SLUICE_CAP_SOURCE | SLUICE_CAP_SOURCE_LOOKUP);
  EXPECT_EQ(table.get_extension("anything"), nullptr);
}

TEST_F(Thunks, OffersOnlyWhatIsDeclared) {
  const auto& table = source_table();
  EXPECT_NE(table.lookup_records, nullptr);
  EXPECT_EQ(table.open_writer, nullptr);
  EXPECT_EQ(table.write, nullptr);
  EXPECT_EQ(table.prepare, nullptr);
  const auto& both = both_table();
  EXPECT_NE(both.write, nullptr);
  EXPECT_NE(both.poll, nullptr);
  EXPECT_EQ(both.prepare, nullptr);
  EXPECT_EQ(both.lookup_remote, nullptr);
}

TEST_F(Thunks, SpecNamesRolesAndOptions) {
  Buffer spec;
  ASSERT_EQ(both_table().spec(spec.out(), host.failure()), SLUICE_OK);
  const auto parsed = spec.json();
  EXPECT_EQ(parsed.at("id"), "some");
  EXPECT_EQ(parsed.at("title"), "Some vendor");
  EXPECT_EQ(to_json(parsed.at("roles")), R"(["source","destination"])");
  EXPECT_EQ(parsed.at("config").at("properties").at("key").at("writeOnly"), true);
  EXPECT_EQ(to_json(parsed.at("events")),
            R"({"id":"/id","records":[{"stream":"items","key":"/item/id","version":"/item/v"},)"
            R"({"stream":"items","key":"/of"}]})");
}

TEST_F(Thunks, CreateChecksTheOptionsOfASingleRole) {
  sluice_instance* instance = nullptr;
  EXPECT_EQ(host.create(source_table(), "{}", instance), SLUICE_CONFIG);
  EXPECT_EQ(instance, nullptr);
  EXPECT_EQ(host.message(), "option 'site' is missing");
  EXPECT_EQ(host.create(source_table(), "[]", instance), SLUICE_CONFIG);
  EXPECT_EQ(host.create(source_table(), "{", instance), SLUICE_CONFIG);
  EXPECT_EQ(source_table().create(nullptr, {}, &instance, host.failure()), SLUICE_INTERNAL);
}

TEST_F(Thunks, NothingEscapes) {
  Instance instance{host, source_table(), R"({"site":"s"})"};
  Buffer result;
  const auto check = [&] {
    return source_table().check(instance.get(), result.out(), host.failure());
  };
  mood = Mood::ThrowInt;
  EXPECT_EQ(check(), SLUICE_INTERNAL);
  EXPECT_EQ(host.message(), "the connector threw an exception of type int");
  mood = Mood::ThrowStd;
  EXPECT_EQ(check(), SLUICE_INTERNAL);
  EXPECT_EQ(host.message(), "unexpected error: boom");
  mood = Mood::NoMemory;
  EXPECT_EQ(check(), SLUICE_INTERNAL);
  mood = Mood::ThrowError;
  EXPECT_EQ(check(), SLUICE_RATE_LIMITED);
  EXPECT_EQ(host.retry_after_ms(), 700);
  EXPECT_TRUE(result.empty()) << "out-parameters stay untouched on an error";
  mood = Mood::Fine;
  ASSERT_EQ(check(), SLUICE_OK);
  EXPECT_EQ(result.text(), R"({"account_id":"s","title":"s"})");
  EXPECT_EQ(host.lines.back(), "checked");
}

TEST_F(Thunks, NullPointersAreErrors) {
  const auto& table = both_table();
  Buffer buffer;
  EXPECT_EQ(table.check(nullptr, buffer.out(), host.failure()), SLUICE_INTERNAL);
  EXPECT_EQ(table.read(nullptr, nullptr, host.failure()), SLUICE_INTERNAL);
  EXPECT_EQ(table.write(nullptr, {}, buffer.out(), nullptr), SLUICE_INTERNAL);
  EXPECT_EQ(table.spec(nullptr, host.failure()), SLUICE_INTERNAL);
  Instance instance{host, table, R"({"site":"s","key":"k"})"};
  EXPECT_EQ(table.check(instance.get(), nullptr, host.failure()), SLUICE_INTERNAL);
  EXPECT_EQ(table.open_reader(instance.get(), {}, nullptr, host.failure()), SLUICE_INTERNAL);
  table.destroy(nullptr);
  table.cancel(nullptr);
  table.close_reader(nullptr);
  table.close_writer(nullptr);
}

TEST_F(Thunks, ReadsPagesAndHandsCountersOver) {
  Instance instance{host, source_table(), R"({"site":"s"})"};
  const auto& table = source_table();
  sluice_reader* reader = nullptr;
  ASSERT_EQ(table.open_reader(instance.get(), slice(R"({"stream":"things","mode":"full"})"),
                              &reader, host.failure()),
            SLUICE_OK);
  sluice_page page{};
  ASSERT_EQ(table.read(reader, &page, host.failure()), SLUICE_OK);
  EXPECT_EQ(page.count, 1U);
  EXPECT_EQ(page.flags, 0U);
  EXPECT_EQ(Buffer::take(page.cursor), "\"half\"");
  EXPECT_EQ(Buffer::take(page.records),
            "{\"op\":\"upsert\",\"key\":\"a\",\"version\":0,\"recency\":0,\"data\":{\"x\":1}}\n");
  EXPECT_EQ(host.progress, std::vector<std::string>{R"({"pages":2})"});

  mood = Mood::ThrowStd;
  EXPECT_EQ(table.read(reader, &page, host.failure()), SLUICE_INTERNAL);
  mood = Mood::Fine;
  ASSERT_EQ(table.read(reader, &page, host.failure()), SLUICE_OK)
      << "the same call may be repeated";
  EXPECT_EQ(page.flags, static_cast<unsigned>(SLUICE_PAGE_END | SLUICE_PAGE_COMPLETE));
  Buffer::take(page.cursor);
  Buffer::take(page.records);
  EXPECT_EQ(table.read(reader, &page, host.failure()), SLUICE_INTERNAL);
  table.close_reader(reader);
}

TEST_F(Thunks, ResumesAtACursor) {
  Instance instance{host, source_table(), R"({"site":"s"})"};
  const auto& table = source_table();
  sluice_reader* reader = nullptr;
  ASSERT_EQ(table.open_reader(instance.get(), slice(R"({"stream":"things","cursor":"half"})"),
                              &reader, host.failure()),
            SLUICE_OK);
  sluice_page page{};
  ASSERT_EQ(table.read(reader, &page, host.failure()), SLUICE_OK);
  EXPECT_NE(page.flags & SLUICE_PAGE_END, 0U);
  Buffer::take(page.cursor);
  Buffer::take(page.records);
  table.close_reader(reader);
}

TEST_F(Thunks, RefusesAReaderThatIsNone) {
  Instance instance{host, source_table(), R"({"site":"s"})"};
  sluice_reader* reader = nullptr;
  EXPECT_EQ(source_table().open_reader(instance.get(), slice(R"({"stream":"none"})"), &reader,
                                       host.failure()),
            SLUICE_INTERNAL);
  EXPECT_EQ(reader, nullptr);
}

TEST_F(Thunks, LooksRecordsUp) {
  Instance instance{host, source_table(), R"({"site":"s"})"};
  Buffer records;
  ASSERT_EQ(
      source_table().lookup_records(instance.get(), slice(R"({"stream":"things","keys":["x"]})"),
                                    records.out(), host.failure()),
      SLUICE_OK);
  EXPECT_EQ(records.text(), "{\"op\":\"delete\",\"key\":\"x\",\"version\":1,\"recency\":0}\n");
}

TEST_F(Thunks, CancelEndsARunningCallAndEveryLaterOne) {
  Instance instance{host, source_table(), R"({"site":"s"})"};
  mood = Mood::WaitForStop;
  sluice_code code = SLUICE_OK;
  Buffer result;
  sluice_failure failure{};
  {
    const std::jthread running{
        [&] { code = source_table().check(instance.get(), result.out(), &failure); }};
    source_table().cancel(instance.get());
  }
  EXPECT_EQ(code, SLUICE_CANCELLED);
  Buffer::take(failure.message);
  mood = Mood::Fine;
  EXPECT_EQ(source_table().check(instance.get(), result.out(), host.failure()), SLUICE_CANCELLED);
}

class BothRoles : public Thunks {
 protected:
  sluice_writer* open_writer(Instance& instance) {
    sluice_writer* writer = nullptr;
    EXPECT_EQ(
        both_table().open_writer(instance.get(), slice(R"({"object":"people","match":"email"})"),
                                 &writer, limits.out(), host.failure()),
        SLUICE_OK)
        << host.message();
    return writer;
  }
  Buffer limits;
};

TEST_F(BothRoles, AskOnlyForTheOptionsOfTheRoleInUse) {
  Instance instance{host, both_table(), R"({"site":"s"})"};
  Buffer result;
  ASSERT_EQ(both_table().check(instance.get(), result.out(), host.failure()), SLUICE_OK);
  EXPECT_EQ(
      result.text(),
      R"({"account_id":"s","title":"s","unusable":{"destination":{"code":1,"message":"option 'key' is missing"}}})");
  Buffer catalog;
  ASSERT_EQ(both_table().discover(instance.get(), catalog.out(), host.failure()), SLUICE_OK);
  const auto parsed = catalog.json();
  EXPECT_EQ(parsed.at("streams").as_array().size(), 1U);
  EXPECT_TRUE(parsed.at("objects").as_array().empty());
  EXPECT_TRUE(parsed.at("unusable").as_object().contains("destination"));

  sluice_writer* writer = nullptr;
  EXPECT_EQ(both_table().open_writer(instance.get(), slice(R"({"object":"people"})"), &writer,
                                     limits.out(), host.failure()),
            SLUICE_CONFIG);
  EXPECT_EQ(host.message(), "option 'key' is missing");
}

TEST_F(BothRoles, FailWhenNeitherWorks) {
  Instance instance{host, both_table(), "{}"};
  Buffer result;
  EXPECT_EQ(both_table().check(instance.get(), result.out(), host.failure()), SLUICE_CONFIG);
  EXPECT_EQ(host.message(),
            "as a source: option 'site' is missing; as a destination: option 'key' is missing");
}

TEST_F(BothRoles, WriterAnswersEveryLine) {
  Instance instance{host, both_table(), R"({"site":"s","key":"k"})"};
  auto* writer = open_writer(instance);
  EXPECT_EQ(limits.text(), R"({"preferred_records":2,"max_bytes":1000})");
  Buffer outcomes;
  const std::string two = "{\"op\":\"upsert\",\"key\":\"a\"}\n{\"op\":\"upsert\",\"key\":\"b\"}\n";
  ASSERT_EQ(both_table().write(writer, slice(two), outcomes.out(), host.failure()), SLUICE_OK);
  EXPECT_EQ(outcomes.text(),
            "{\"index\":0,\"status\":\"ok\",\"effect\":\"created\",\"remote_id\":\"a\"}\n"
            "{\"index\":1,\"status\":\"unconfirmed\",\"message\":\"the connector said nothing "
            "about this record\"}\n");
  Buffer more;
  EXPECT_EQ(both_table().write(writer, slice(two + "{\"op\":\"upsert\",\"key\":\"c\"}"), more.out(),
                               host.failure()),
            SLUICE_INTERNAL);
  EXPECT_EQ(both_table().write(writer, slice("{\"op\":"), more.out(), host.failure()),
            SLUICE_SCHEMA_MISMATCH);
  EXPECT_EQ(both_table().flush(writer, host.failure()), SLUICE_OK);
  Buffer polled;
  ASSERT_EQ(both_table().poll(writer,
                              slice("{\"receipt\":\"r\",\"age_ms\":1,\"overdue\":false}\n{\"op\":"
                                    "\"upsert\",\"key\":\"a\"}\n"),
                              polled.out(), host.failure()),
            SLUICE_OK);
  EXPECT_EQ(polled.text(),
            "{\"index\":0,\"status\":\"pending\",\"after_ms\":5,\"receipt\":\"r\"}\n");
  Buffer estimate;
  ASSERT_EQ(both_table().estimate(writer, slice(two), estimate.out(), host.failure()), SLUICE_OK);
  EXPECT_EQ(estimate.text(),
            "{\"calls\":[{\"account\":\"acme\",\"class\":\"general\",\"requests\":5,"
            "\"window_ms\":1000,\"calls\":2}]}");
  Buffer refusals;
  ASSERT_EQ(both_table().screen(writer, slice("{\"keys\":[\"a\",\"b\"]}"), refusals.out(),
                                host.failure()),
            SLUICE_OK);
  EXPECT_EQ(
      refusals.text(),
      "{\"key\":\"b\",\"code\":\"excluded\",\"message\":\"on the list\",\"field\":\"key\"}\n");
  Buffer differences;
  ASSERT_EQ(both_table().verify(writer, slice(two), differences.out(), host.failure()), SLUICE_OK);
  EXPECT_EQ(differences.text(),
            "{\"index\":0,\"found\":true,\"remote_id\":\"7\",\"differs\":[\"name\"],"
            "\"opted_out\":[\"mail\"]}\n{\"index\":1,\"found\":false}\n");
  both_table().close_writer(writer);
}

TEST_F(Thunks, ASmallerHostTableLacksFunctions) {
  host.table.struct_size = offsetof(sluice_host, acquire);
  Instance instance{host, source_table(), R"({"site":"s"})"};
  Buffer result;
  ASSERT_EQ(source_table().check(instance.get(), result.out(), host.failure()), SLUICE_OK);
  EXPECT_EQ(host.lines.back(), "checked");
  sluice_reader* reader = nullptr;
  ASSERT_EQ(source_table().open_reader(instance.get(), slice(R"({"stream":"things"})"), &reader,
                                       host.failure()),
            SLUICE_OK);
  sluice_page page{};
  ASSERT_EQ(source_table().read(reader, &page, host.failure()), SLUICE_OK);
  EXPECT_TRUE(host.progress.empty());
  Buffer::take(page.cursor);
  Buffer::take(page.records);
  source_table().close_reader(reader);
}

}  // namespace
}  // namespace sluice::testing
