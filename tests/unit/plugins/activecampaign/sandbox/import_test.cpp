#include <gmock/gmock.h>

#include "fixture.hpp"

namespace activecampaign_sandbox {
namespace {

class Import : public SandboxTest {};

std::string rows(std::size_t count) {
  std::string made = "[";
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) made += ',';
    made += R"({"email":"r)" + std::to_string(i) + R"(@b.co"})";
  }
  return made + "]";
}

std::string contacts(const std::string& list) {
  return R"({"contacts":)" + list + "}";
}

TEST_F(Import, OneBadRowRefusesTheWholeRequest) {
  const Answer refused = post(
      "/import/bulk_import", contacts(R"([{"email":"a@b.co"},{"first_name":"x"},{"email":"no"}])"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.at("/success"), 0);
  ASSERT_EQ(refused.at("/failureReasons").as_array().size(), 2U);
  EXPECT_EQ(refused.at("/failureReasons/0/contact"), 2) << "rows are numbered from 1";
  EXPECT_EQ(refused.at("/failureReasons/0/failureReason"), "Field 'email' not found");
  EXPECT_EQ(refused.at("/failureReasons/1/contact"), 3);
  clock_.advance(10'000);
  EXPECT_TRUE(dumped("a@b.co").is_null());
}

TEST_F(Import, SizeCountAndFormAreLimited) {
  EXPECT_EQ(post("/import/bulk_import", contacts(rows(250))).status, 200);
  const Answer many = post("/import/bulk_import", contacts(rows(251)));
  EXPECT_EQ(many.status, 400);
  EXPECT_TRUE(many.at("/failureReasons/0").is_string());
  const std::string frame = contacts(R"([{"email":"a@b.co","first_name":""}])");
  const std::string body_of_399999 = contacts(R"([{"email":"a@b.co","first_name":")" +
                                              std::string(399'999 - frame.size(), 'x') + R"("}])");
  ASSERT_EQ(body_of_399999.size(), 399'999U);
  EXPECT_EQ(post("/import/bulk_import", body_of_399999).status, 200);
  EXPECT_EQ(post("/import/bulk_import", body_of_399999 + " ").status, 400);
  EXPECT_EQ(post("/import/bulk_import", "{").at("/failureReasons/0"), "Invalid or unparsable json");
}

TEST_F(Import, StatusIsFalseAtFirstAndThenFollowsTheClock) {
  start({"--import-delay", "8000"});
  const std::string batch = import(R"([{"email":"a@b.co"}])");
  EXPECT_EQ(info(batch).at("/status"), false);
  for (const auto& [seconds, status] : std::vector<std::pair<int, std::string>>{
           {1, "waiting"}, {2, "claimed"}, {2, "active"}, {3, "completed"}}) {
    clock_.advance(seconds * 1000);
    EXPECT_EQ(info(batch).at("/status").as_string(), status);
  }
  EXPECT_EQ(info(batch).at("/success"), json::array({"1"}));
  EXPECT_EQ(get("/import/info").at("/message"), "'batchId' is a required field.");
  EXPECT_EQ(info("nope").status, 404);
  EXPECT_EQ(get("/import/bulk_import").at("/recentlyCompleted/0/contacts"), "1");
}

TEST_F(Import, RowSetsEverythingAndCreatesTagsByName) {
  start({"--field", "A", "--list", "Other"});
  sync(R"({"email":"a@b.co","firstName":"keep","phone":"1"})");
  const Answer done = import_and_wait(
      R"([{"email":"A@B.co","firstName":"dropped","last_name":"L","phone":"","tags":["new tag"],
           "fields":[{"id":1,"value":"v"},{"id":99,"value":"w"}],
           "subscribe":[{"listid":1}],"unsubscribe":[{"listid":"2"}],"customer_acct_name":"ACME"}])");
  EXPECT_EQ(done.at("/success"), json::array{}) << "only created contacts are named";
  EXPECT_EQ(done.at("/failure"), json::array{});
  const json::value contact = dumped("a@b.co");
  EXPECT_EQ(contact.at("firstName"), "keep") << "camelCase names are dropped silently";
  EXPECT_EQ(contact.at("lastName"), "L");
  EXPECT_EQ(contact.at("phone"), "1") << "blanks are kept by default";
  EXPECT_EQ(contact.at("tags"), json::array({"new tag"}));
  EXPECT_EQ(contact.at("fields"), json::object({{"A", "v"}}));
  EXPECT_EQ(contact.at("lists"), json::object({{"Customers", 1}, {"Other", 2}}));
  EXPECT_EQ(contact.at("account"), "ACME");
  EXPECT_EQ(contact.at("writes_by"), json::object({{"sync", 1}, {"bulk", 1}}));
}

TEST_F(Import, BlanksClearAndSuccessNamesAllWhenSwitched) {
  start({"--field", "A", "--bulk-blanks", "clear", "--bulk-success", "all"});
  sync(R"({"email":"a@b.co","phone":"1","fieldValues":[{"field":1,"value":"x"}]})");
  const Answer done =
      import_and_wait(R"([{"email":"a@b.co","phone":"","fields":[{"id":1,"value":""}]}])");
  EXPECT_EQ(done.at("/success"), json::array({"1"}));
  EXPECT_EQ(dumped("a@b.co").at("phone"), "");
  EXPECT_EQ(dumped("a@b.co").at("fields"), json::object{});
}

TEST_F(Import, NeverBringsBackAPersonWhoLeft) {
  sync(R"({"email":"left@b.co"})");
  mutate(R"({"set_membership":[{"email":"left@b.co","list":"Customers","status":2}]})");
  const Answer done = import_and_wait(
      R"([{"email":"Left@b.co","first_name":"x","subscribe":[{"listid":1}]},{"email":"new@b.co"}])");
  EXPECT_EQ(done.at("/failure"), json::array({"Left@b.co"}));
  EXPECT_EQ(done.at("/success"), json::array({"2"}));
  EXPECT_EQ(dumped("left@b.co").at("lists").at("Customers"), 2);
  EXPECT_EQ(dumped("left@b.co").at("firstName"), "") << "the row is skipped as a whole";
  const Answer without = import_and_wait(R"([{"email":"left@b.co","first_name":"x"}])");
  EXPECT_EQ(without.at("/failure"), json::array{});
  EXPECT_EQ(dumped("left@b.co").at("firstName"), "x");
}

TEST_F(Import, ExcludedBouncedAndSurplusRowsFail) {
  sync(R"({"email":"known@b.co"})");
  mutate(R"({"exclude":["out@b.co",{"phrase":"@spam.co","match":"end"}],"bounce":["bad@b.co"],
             "contact_limit":2})");
  const Answer queued = post(
      "/import/bulk_import",
      contacts(
          R"([{"email":"Out@b.co"},{"email":"x@spam.co"},{"email":"bad@b.co"},{"email":"one@b.co"},
              {"email":"two@b.co"},{"email":"known@b.co","last_name":"L"}])"));
  EXPECT_EQ(queued.at("/queued_contacts"), 4) << "excluded addresses are not queued";
  clock_.advance(5000);
  const Answer done = info(std::string{queued.at("/batchId").as_string()});
  EXPECT_EQ(done.at("/failure"), json::array({"Out@b.co", "x@spam.co", "bad@b.co", "two@b.co"}));
  EXPECT_EQ(dumped("known@b.co").at("lastName"), "L");
}

TEST_F(Import, AutomationsRunUnlessExcludedWhereTheSwitchSays) {
  const std::string row = R"("tags":["t"],"subscribe":[{"listid":1}])";
  import_and_wait(R"([{"email":"a@b.co",)" + row + "}]");
  EXPECT_EQ(dumped("a@b.co").at("automation_runs"), 3) << "created, tagged, subscribed";
  import_and_wait(R"([{"email":"b@b.co",)" + row + "}]", R"(,"exclude_automations":true)");
  EXPECT_EQ(dumped("b@b.co").at("automation_runs"), 0);
  const std::string in_row = R"(,"exclude_automations":true}])";
  import_and_wait(R"([{"email":"c@b.co",)" + row + in_row);
  EXPECT_EQ(dumped("c@b.co").at("automation_runs"), 3) << "the default reads the top level only";
  mutate(R"({"switches":{"exclude-automations":"row"}})");
  import_and_wait(R"([{"email":"d@b.co",)" + row + in_row);
  EXPECT_EQ(dumped("d@b.co").at("automation_runs"), 0);
}

TEST_F(Import, BatchesCanBeHeldFailedInterruptedAndLoseRows) {
  mutate(R"({"bulk":{"stick_waiting":true}})");
  const std::string held = import(R"([{"email":"a@b.co"}])");
  clock_.advance(3'600'000);
  EXPECT_EQ(info(held).at("/status"), "waiting");
  mutate(R"({"bulk":{"stick_waiting":false}})");
  EXPECT_EQ(info(held).at("/status"), "completed");

  mutate(R"({"bulk":{"fail_next":1}})");
  EXPECT_EQ(import_and_wait(R"([{"email":"f@b.co"}])").at("/status"), "failed");
  EXPECT_TRUE(dumped("f@b.co").is_null());

  mutate(R"({"bulk":{"interrupt_next":1}})");
  EXPECT_EQ(import_and_wait(R"([{"email":"i@b.co"},{"email":"j@b.co"}])").at("/status"),
            "interrupted");
  EXPECT_FALSE(dumped("i@b.co").is_null());
  EXPECT_TRUE(dumped("j@b.co").is_null());

  mutate(R"({"bulk":{"omit_rows":1}})");
  const Answer fewer = import_and_wait(R"([{"email":"k@b.co"},{"email":"l@b.co"}])");
  EXPECT_EQ(fewer.at("/status"), "completed");
  EXPECT_EQ(fewer.at("/success").as_array().size() + fewer.at("/failure").as_array().size(), 1U);
  EXPECT_TRUE(dumped("l@b.co").is_null());
  mutate(R"({"bulk":{"omit_rows":1,"omitted_are_applied":true}})");
  EXPECT_EQ(import_and_wait(R"([{"email":"m@b.co"}])").at("/success"), json::array{});
  EXPECT_FALSE(dumped("m@b.co").is_null());
}

TEST_F(Import, LimitsAnswer400PerMinute) {
  start({"--rate-limit", "on"});
  const auto flood = [&](std::size_t count, std::size_t size) {
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i % 5 == 0) clock_.advance(1000);
      const Answer answer = post("/import/bulk_import", contacts(rows(size)));
      if (answer.status == 200) {
        ++accepted;
      } else {
        EXPECT_EQ(answer.status, 400);
        EXPECT_EQ(answer.at("/message"), "Rate limit exceeded.");
        EXPECT_TRUE(answer.at("/failureReasons/0").is_string());
      }
    }
    return accepted;
  };
  clock_.set(1'780'000'020'000);  // a whole minute
  EXPECT_EQ(flood(120, 2), 100U);
  EXPECT_EQ(flood(30, 1), 20U) << "single imports have a limit of their own";
  clock_.advance(60'000);
  EXPECT_EQ(flood(1, 2), 1U);
}

}  // namespace
}  // namespace activecampaign_sandbox
