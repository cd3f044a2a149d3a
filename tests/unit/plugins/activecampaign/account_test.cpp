// The connector against the sandbox: the same rules over HTTP and with a vendor that has a state.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "check.hpp"
#include "known_account.hpp"
#include "prepare.hpp"
#include "sandbox.hpp"
#include "vendor.hpp"

namespace activecampaign {
namespace {

using sluice::Effect;
using sluice::Outcome;
using sluice::Write;
using sluice::testing::SandboxClock;
using sluice::testing::SandboxServer;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Status = sluice::Outcome::Status;
using testing::object;
using testing::row;
using testing::rows;

constexpr auto kCustomers = R"({"list":"Customers"})";
constexpr std::int64_t kStart = 1'704'067'200'000;  // as the fake host's clock

class AgainstSandbox : public ::testing::Test {
 protected:
  void start(std::map<std::string, std::string> switches = {}) {
    activecampaign_sandbox::SandboxConfig config;
    config.seed.list_names = {"News"};
    config.seed.field_specs = {"Plan:text", "Seats:number", "Renewal:date", "Signed up:datetime",
                               "Tier:dropdown:gold|silver"};
    config.seed.tag_names = {"vip"};
    for (const auto& [name, value] : switches) {
      activecampaign_sandbox::set_switch(config.switches, name, value);
    }
    sandbox_ = std::make_unique<activecampaign_sandbox::Sandbox>(clock_, config);
    server_ = std::make_unique<SandboxServer>(clock_);
    sandbox_->install(*server_);
    server_->start();
    client_ = std::make_unique<Client>(settings());
  }
  ~AgainstSandbox() override {
    if (server_) server_->stop();
  }

  [[nodiscard]] Settings settings() const {
    Settings settings;
    settings.base_url = normalise_url(server_->url());
    settings.host = account_host(settings.base_url);
    settings.api_key = "sandbox-key";
    settings.requests_per_second = 0;
    settings.network.http_version = "1.1";
    return settings;
  }
  std::unique_ptr<ContactWriter> open(const std::string& options = kCustomers) {
    auto context = host_.context();
    sluice::WriteRequest request;
    request.object = "contacts";
    request.match = "email";
    request.options = sluice::Config{object(options)};
    return std::make_unique<ContactWriter>(context, *client_,
                                           KnownAccount{}.whole(context, *client_), request);
  }
  void advance(std::int64_t ms) {
    clock_.advance(ms);
    host_.advance(std::chrono::milliseconds{ms});
  }
  // Writes, and polls until every row is decided.
  std::vector<Outcome> deliver(const std::vector<Write>& batch,
                               const std::string& options = kCustomers) {
    auto context = host_.context();
    const auto writer = open(options);
    auto outcomes = writer->write(context, batch);
    for (int round = 1; round < 20; ++round) {
      std::map<std::string, std::vector<std::size_t>> receipts;
      for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (outcomes[i].status == Status::Pending) receipts[outcomes[i].receipt].push_back(i);
      }
      if (receipts.empty()) return outcomes;
      advance(2'000);
      for (const auto& [receipt, indexes] : receipts) {
        std::vector<Write> writes;
        for (const auto i : indexes) writes.push_back(batch[i]);
        const auto answers =
            writer->poll(context, {receipt, std::chrono::seconds{2 * round}, false}, writes);
        for (std::size_t i = 0; i < indexes.size(); ++i) outcomes[indexes[i]] = answers[i];
      }
    }
    return outcomes;
  }
  Outcome deliver(const std::string& line, const std::string& options = kCustomers) {
    return deliver(std::vector<Write>{row(line)}, options).front();
  }
  sluice::RemoteRow look(const std::string& email) {
    auto context = host_.context();
    return open()->lookup(context, {email}, false).front();
  }
  void fault(const std::string& fault) {
    EXPECT_EQ(server_->call("POST", "/_sandbox/fault", {}, fault).status, 200);
  }
  // The person's own doing at the account.
  void unsubscribe(const std::string& contact, int list = 1) {
    const auto body = R"({"contactList":{"list":)" + std::to_string(list) + R"(,"contact":)" +
                      contact + R"(,"status":2}})";
    EXPECT_EQ(
        server_->call("POST", "/api/3/contactLists", {{"Api-Token", "sandbox-key"}}, body).status,
        200);
  }

  SandboxClock clock_ = SandboxClock::manual(kStart);
  sluice::testing::FakeHost host_;
  std::unique_ptr<activecampaign_sandbox::Sandbox> sandbox_;
  std::unique_ptr<SandboxServer> server_;
  std::unique_ptr<Client> client_;
};

TEST_F(AgainstSandbox, ChecksAndRefusesBadKeys) {
  for (const char* variant : {"empty403", "html200", "json403"}) {
    start({{"bad-token", variant}});
    auto context = host_.context();
    EXPECT_EQ(check_account(context, settings()).id, settings().host);
    auto wrong = settings();
    wrong.api_key = "wrong";
    try {
      (void)check_account(context, wrong);
      ADD_FAILURE() << variant;
    } catch (const sluice::Error& error) {
      EXPECT_EQ(error.code(), sluice::Code::Auth) << variant;
    }
    server_->stop();
  }
}

TEST_F(AgainstSandbox, ARefusedPortIsTransient) {
  start();
  const auto gone = settings();
  server_->stop();
  auto context = host_.context();
  try {
    (void)check_account(context, gone);
    ADD_FAILURE();
  } catch (const sluice::Error& error) {
    EXPECT_EQ(error.code(), sluice::Code::Transient);
  }
}

TEST_F(AgainstSandbox, PreparesFieldsOnce) {
  start();
  auto context = host_.context();
  KnownAccount known;
  sluice::PrepareRequest request;
  request.object = "contacts";
  request.fields = {{"Plan", sluice::FieldType::Text}, {"Score", sluice::FieldType::Number}};
  using PreparedStatus = sluice::PreparedField::Status;
  EXPECT_EQ(prepare_fields(context, *client_, known, request)[1].status, PreparedStatus::Created);
  EXPECT_EQ(prepare_fields(context, *client_, known, request)[1].status, PreparedStatus::Exists);
  EXPECT_EQ(deliver(R"({"key":"a@b.co","fields":{"Score":3}})").status, Status::Ok);
  EXPECT_EQ(look("a@b.co").fields.at("Score"), 3);
}

TEST_F(AgainstSandbox, ALostAnswerCreatesNoSecondField) {
  start();
  fault(R"({"route":"POST /api/3/fields","kind":"reset_after","times":1})");
  auto context = host_.context();
  KnownAccount known;
  sluice::PrepareRequest request;
  request.object = "contacts";
  request.fields = {{"Score", sluice::FieldType::Number}};
  const auto result = prepare_fields(context, *client_, known, request);
  EXPECT_EQ(result.front().status, sluice::PreparedField::Status::Created);
  AccountModel model;
  model.load_fields(context, *client_);
  EXPECT_EQ(model.find_fields("Score").size(), 1U);
}

TEST_F(AgainstSandbox, WritesReadsAndClears) {
  start();
  auto outcome = deliver(R"({"key":"Ada@b.co","fields":{"firstName":"Ada","phone":"0049","Plan":"x",
      "Seats":12.5,"Renewal":"2024-05-31","Signed up":"2024-05-31T13:05:00Z","Tier":"silver"},
      "sets":{"tags":{"add":["VIP","new tag"]},"lists":{"add":["News"]}}})");
  EXPECT_EQ(outcome.effect, Effect::Created) << outcome.message;
  auto seen = look("ada@b.co");
  EXPECT_EQ(seen.remote_id, outcome.remote_id);
  EXPECT_EQ(seen.fields.at("phone"), "0049");
  EXPECT_EQ(seen.fields.at("Seats"), 12.5);
  EXPECT_EQ(seen.fields.at("Signed up"), "2024-05-31T13:05:00Z");
  EXPECT_THAT(seen.sets.at("tags"), UnorderedElementsAre("vip", "new tag"));
  EXPECT_THAT(seen.sets.at("lists"), UnorderedElementsAre("Customers", "1", "News", "2"));
  outcome = deliver(R"({"key":"ada@b.co","delivered":true,"fields":{"phone":null,"Plan":null,
      "Renewal":null,"Signed up":null},
      "sets":{"tags":{"remove":["vip"]},"lists":{"remove":["News"]}}})");
  EXPECT_EQ(outcome.effect, Effect::Updated) << outcome.message;
  EXPECT_THAT(*outcome.withdrawn, ElementsAre("list:2"));
  seen = look("ada@b.co");
  for (const char* field : {"phone", "Plan", "Renewal", "Signed up"}) {
    EXPECT_TRUE(seen.fields.at(field).is_null()) << field;
  }
  EXPECT_EQ(seen.fields.at("firstName"), "Ada");
  EXPECT_THAT(seen.sets.at("tags"), ElementsAre("new tag"));
  EXPECT_THAT(seen.sets.at("lists"), ElementsAre("Customers", "1"));
}

TEST_F(AgainstSandbox, ClearsUnderEveryReadingOfAnEmptyText) {
  for (const auto& switches :
       {std::map<std::string, std::string>{{"standard-blank", "keep"}, {"empty-date", "keep"}},
        std::map<std::string, std::string>{{"standard-null", "keep"}}}) {
    start(switches);
    (void)deliver(R"({"key":"a@b.co","fields":{"phone":"1","Renewal":"2024-05-31"}})");
    const auto outcome = deliver(R"({"key":"a@b.co","fields":{"phone":null,"Renewal":null}})");
    EXPECT_EQ(outcome.status, Status::Ok) << outcome.message;
    EXPECT_TRUE(look("a@b.co").fields.at("phone").is_null());
    EXPECT_TRUE(look("a@b.co").fields.at("Renewal").is_null());
    server_->stop();
  }
}

TEST_F(AgainstSandbox, ImportsCreateAndUpdate) {
  for (const char* success : {"created", "all"}) {
    start({{"bulk-success", success}});
    EXPECT_THAT(deliver(rows(300)), Each(Field(&Outcome::status, Status::Ok))) << success;
    EXPECT_THAT(look("p300@example.com").sets.at("lists"), ElementsAre("Customers", "1"));
    advance(60'000);
    EXPECT_THAT(deliver(rows(300, R"(,"delivered":true,"sets":{"tags":{"add":["vip"]}})")),
                Each(Field(&Outcome::status, Status::Ok)));
    EXPECT_THAT(look("p300@example.com").sets.at("tags"), ElementsAre("vip"));
    const auto stats = sluice::parse_json(server_->call("GET", "/_sandbox/stats").body);
    EXPECT_FALSE(stats.at("requests").as_object().contains("POST /api/3/contact/sync"))
        << sluice::to_json(stats);
    server_->stop();
  }
}

TEST_F(AgainstSandbox, AnImportBringsNobodyBack) {
  start();
  const auto first = deliver(rows(12));
  const auto id = *look("p3@example.com").remote_id;
  unsubscribe(id);
  const auto outcomes = deliver(rows(12, R"(,"delivered":true,"sets":{"tags":{"add":["vip"]}})"));
  EXPECT_THAT(outcomes, Each(Field(&Outcome::status, Status::Ok)));
  EXPECT_THAT(*outcomes[2].opted_out, ElementsAre("list:1"));
  const auto seen = look("p3@example.com");
  EXPECT_THAT(seen.sets.at("lists"), IsEmpty());
  EXPECT_THAT(seen.sets.at("tags"), ElementsAre("vip"));
}

TEST_F(AgainstSandbox, AnOptOutSurvivesDeletionAndReturn) {
  start();
  (void)deliver(R"({"key":"a@b.co","fields":{}})");
  unsubscribe(*look("a@b.co").remote_id);
  const auto removed = deliver(R"({"op":"delete","key":"a@b.co","action":"delete"})");
  EXPECT_THAT(*removed.opted_out, ElementsAre("list:1"));
  EXPECT_FALSE(look("a@b.co").found);
  (void)deliver(R"({"key":"a@b.co","fields":{},"opted_out":["list:1"]})");
  EXPECT_THAT(look("a@b.co").sets.at("lists"), IsEmpty());
  (void)deliver(rows(12, R"(,"opted_out":["list:1"])"));
  EXPECT_THAT(look("p5@example.com").sets.at("lists"), IsEmpty());
}

TEST_F(AgainstSandbox, OurOwnWithdrawalIsUndoneByTheReturn) {
  start();
  (void)deliver(R"({"key":"a@b.co","fields":{}})");
  const auto left = deliver(R"({"op":"delete","key":"a@b.co","action":"unsubscribe"})");
  EXPECT_THAT(*left.withdrawn, ElementsAre("list:1"));
  EXPECT_THAT(look("a@b.co").sets.at("lists"), IsEmpty());
  (void)deliver(R"({"key":"a@b.co","fields":{},"withdrawn":["list:1"]})");
  EXPECT_THAT(look("a@b.co").sets.at("lists"), ElementsAre("Customers", "1"));
}

TEST_F(AgainstSandbox, ChangesKeys) {
  for (const char* tombstones : {"off", "on"}) {
    start({{"tombstone", tombstones}});
    const auto before = deliver(R"({"key":"old@b.co","fields":{"Plan":"x"}})");
    auto outcome = deliver(R"({"key":"new@b.co","previous_key":"old@b.co","fields":{"Plan":"y"}})");
    EXPECT_EQ(outcome.remote_id, before.remote_id);
    EXPECT_FALSE(look("old@b.co").found);
    (void)deliver(R"({"op":"delete","key":"new@b.co","action":"delete"})");
    outcome = deliver(R"({"key":"last@b.co","previous_key":"new@b.co","remote_id":")" +
                      *before.remote_id + R"(","fields":{}})");
    EXPECT_NE(outcome.remote_id, before.remote_id);
    EXPECT_TRUE(look("last@b.co").found);
    (void)deliver(R"({"key":"taken@b.co","fields":{}})");
    outcome = deliver(R"({"key":"taken@b.co","previous_key":"last@b.co","fields":{}})");
    EXPECT_FALSE(outcome.rekeyed);
    EXPECT_TRUE(look("last@b.co").found);
    server_->stop();
  }
}

TEST_F(AgainstSandbox, LostAnswersAndLimitsChangeNothing) {
  start();
  fault(R"({"route":"POST /api/3/contact/sync","kind":"reset_after","times":1})");
  fault(R"({"route":"POST /api/3/contactLists","kind":"json502","times":1})");
  fault(R"({"route":"GET /api/3/lists","kind":"empty403","times":1})");
  EXPECT_EQ(deliver(R"({"key":"a@b.co","fields":{"Plan":"x"}})").status, Status::Ok);
  EXPECT_THAT(look("a@b.co").sets.at("lists"), ElementsAre("Customers", "1"));
  fault(R"({"route":"POST /api/3/import/bulk_import","kind":"reset_after","times":1})");
  EXPECT_THAT(deliver(rows(20)), Each(Field(&Outcome::status, Status::Ok)));
}

}  // namespace
}  // namespace activecampaign
