// Credentials, rate limits, control endpoints, command line.
#include <fmt/format.h>

#include "account/times.hpp"
#include "fixture.hpp"
#include "hash.hpp"
#include "sluice/error.hpp"

namespace activecampaign_sandbox {
namespace {

class Server : public SandboxTest {
 protected:
  static std::string header(const Answer& answer, const std::string& name) {
    const std::string* value = sluice::testing::find_pair(answer.response.headers, name);
    return value == nullptr ? "" : *value;
  }
};

TEST_F(Server, WrongTokenIsAnsweredInEachKnownWay) {
  const auto refused = [&] { return call("GET", "/api/3/users/me", "", "wrong"); };
  EXPECT_EQ(refused().status, 403);
  EXPECT_EQ(refused().response.body, "");
  EXPECT_EQ(refused().response.content_type, "");
  EXPECT_EQ(call("GET", "/api/3/users/me", "", "").status, 403);
  mutate(R"({"switches":{"bad-token":"html200"}})");
  EXPECT_EQ(refused().status, 200);
  EXPECT_TRUE(refused().response.body.starts_with("<!DOCTYPE html>"));
  mutate(R"({"switches":{"bad-token":"json403"}})");
  EXPECT_EQ(refused().at("/message"), "Forbidden");
  EXPECT_EQ(get("/users/me").at("/user/id"), "1");
}

TEST_F(Server, FiveRequestsASecondAndThen429) {
  start({"--rate-limit", "on", "--rate-headers", "on"});
  clock_.set(1'780'000'000'400);
  for (int i = 4; i >= 0; --i) {
    const Answer answer = get("/users/me");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(header(answer, "RateLimit-Remaining"), std::to_string(i));
  }
  const Answer refused = get("/lists");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header(refused, "Retry-After"), "1");
  clock_.advance(600);
  EXPECT_EQ(get("/lists").status, 200) << "the window is a whole second of the clock";
  mutate(R"({"switches":{"retry-after":"off","rate-body":"json"}})");
  for (int i = 0; i < 4; ++i) get("/lists");
  const Answer bare = get("/lists");
  EXPECT_EQ(header(bare, "Retry-After"), "");
  EXPECT_EQ(bare.at("/message"), "Too Many Requests");
  EXPECT_EQ(call("GET", "/_sandbox/stats").at("/rate_limited"), 2);
}

TEST_F(Server, UnknownPathsAre404AndPatchWorksAsPut) {
  EXPECT_EQ(get("/nothing").status, 404);
  EXPECT_EQ(post("/import/bulkImport", "{}").status, 404);
  sync(R"({"email":"a@b.co"})");
  const Answer patched = call("PATCH", "/api/3/contacts/1", R"({"contact":{"firstName":"P"}})");
  EXPECT_EQ(patched.at("/contact/firstName"), "P");
}

TEST_F(Server, LinksPointToTheHostOfTheCaller) {
  sync(R"({"email":"a@b.co"})");
  EXPECT_EQ(get("/contacts/1").at("/contact/links/contactLists"),
            "http://ac.test/api/3/contacts/1/contactLists");
  EXPECT_EQ(get("/contacts/1").at("/contact/links").as_object().size(), 18U);
}

TEST_F(Server, GenericMutationsAreDeterministicAndNameTheirIds) {
  const auto run = [&] {
    start({"--contacts", "50", "--fields", "6"});
    const Answer answer = mutate(R"({"create":3,"update":4,"delete":5,"seed":9})");
    EXPECT_EQ(answer.at("/created").as_array().size(), 3U);
    EXPECT_EQ(answer.at("/updated").as_array().size(), 4U);
    EXPECT_EQ(answer.at("/deleted").as_array().size(), 5U);
    EXPECT_EQ(answer.at("/touched").as_array().size(), 12U);
    return call("GET", "/_sandbox/dump").response.body;
  };
  const std::string once = run();
  EXPECT_EQ(once, run());
  // Pins the data for compilers, their flags and libraries: changes with what is generated alone.
  EXPECT_EQ(sluice::testing::hash_of(once), 13'492'085'602'802'357'228ULL);
  EXPECT_EQ(sluice::parse_json(once).at_pointer("/account/contacts"), 48);
}

TEST_F(Server, MutationsPlantSituationsWithoutCountingAsWrites) {
  start({"--field", "Tier"});
  mutate(
      R"({"create_contacts":[{"email":"a@b.co","firstName":"A","fields":{"Tier":"x"},"tags":["t"],
                                 "lists":{"Customers":1}},{"email":"c@b.co","lastName":"C"}]})");
  mutate(R"({"update_contacts":[{"email":"a@b.co","new_email":"z@b.co","phone":"1"}]})");
  mutate(R"({"merge_contacts":[{"from":"z@b.co","into":"c@b.co"}]})");
  EXPECT_TRUE(dumped("z@b.co").is_null());
  const json::value merged = dumped("c@b.co");
  EXPECT_EQ(merged.at("lists"), json::object({{"Customers", 1}}));
  EXPECT_EQ(merged.at("tags"), json::array({"t"}));
  EXPECT_EQ(merged.at("fields"), json::object({{"Tier", "x"}}));
  EXPECT_EQ(merged.at("writes"), 0);
  EXPECT_EQ(merged.at("automation_runs"), 0);
  mutate(R"({"remove_tags":[{"email":"c@b.co","tag":"T"}]})");
  mutate(R"({"delete_contacts":["2"]})");
  EXPECT_EQ(call("GET", "/_sandbox/dump").at("/account/deleted"), 2);
}

TEST_F(Server, AMembershipChangesOnlyFromTheStatusThatIsNamed) {
  start({});
  mutate(
      R"({"create_contacts":[{"email":"on@b.co","lists":{"Customers":1}},{"email":"no@b.co"}]})");
  for (const char* email : {"on@b.co", "no@b.co"}) {
    mutate(fmt::format(
        R"({{"set_membership":[{{"email":"{}","list":"Customers","status":2,"from":1}}]}})",
        email));
  }
  const auto contacts = call("GET", "/_sandbox/dump").at("/contacts").as_array();
  EXPECT_EQ(contacts[0].at("lists"), json::object({{"Customers", 2}}));
  EXPECT_EQ(contacts[1].at("lists"), json::object());
}

TEST_F(Server, MutationsRefuseWhatTheyDoNotKnow) {
  EXPECT_EQ(call("POST", "/_sandbox/mutate", R"({"explode":1})").status, 400);
  EXPECT_EQ(call("POST", "/_sandbox/mutate", R"({"bounce":"a@b.co"})").status, 400);
  EXPECT_EQ(call("POST", "/_sandbox/mutate",
                 R"({"set_membership":[{"email":"no@b.co","list":"Customers","status":1}]})")
                .status,
            400);
  EXPECT_EQ(call("POST", "/_sandbox/mutate", R"({"switches":{"tombstone":"maybe"}})").status, 400);
}

TEST_F(Server, ResetRestoresTheStart) {
  start({"--contacts", "5"});
  sync(R"({"email":"a@b.co"})");
  mutate(R"({"add_lists":["X"],"switches":{"tombstone":"on"},"contact_limit":1})");
  EXPECT_EQ(call("POST", "/_sandbox/reset", "{}").status, 200);
  const Answer dump = call("GET", "/_sandbox/dump");
  EXPECT_EQ(dump.at("/account/contacts"), 5);
  EXPECT_TRUE(dump.at("/account/contact_limit").is_null());
  EXPECT_EQ(dump.at("/lists").as_array().size(), 1U);
}

TEST_F(Server, VendorFaultsAnswerAsSeen) {
  const auto fault = [&](const std::string& kind) {
    EXPECT_EQ(call("POST", "/_sandbox/fault",
                   R"({"route":"GET /api/3/users","kind":")" + kind + R"(","times":1})")
                  .status,
              200);
    return get("/users/me");
  };
  EXPECT_EQ(fault("cloudflare502").at("/error_name"), "origin_bad_gateway");
  EXPECT_EQ(fault("rate_limit").status, 429);
  EXPECT_EQ(fault("bad_token").status, 403);
  EXPECT_EQ(fault("payment402").status, 402);
  EXPECT_EQ(get("/users/me").status, 200);
}

TEST(CommandLineOptions, AreCheckedAndNamed) {
  EXPECT_TRUE(parse_command_line({"--help"}).help.has_value());
  const CommandLine made = parse_command_line(
      {"--port", "0", "--utc-offset", "+05:30", "--import-delay", "7", "--time-scale", "60"});
  EXPECT_EQ(made.config.switches.utc_offset_minutes, 330);
  EXPECT_EQ(made.config.switches.import_delay_ms, 7);
  EXPECT_EQ(made.time_scale, 60);
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"--contacts", "-1"},
                                             {"--contacts", "x"},
                                             {"--bad-token", "x"},
                                             {"--port", "70000"},
                                             {"--time-scale", "0"},
                                             {"--utc-offset", "5"},
                                             {"--unknown", "1"},
                                             {"stray"}}) {
    EXPECT_THROW(static_cast<void>(parse_command_line(wrong)), sluice::Error) << wrong.front();
  }
}

TEST(Times, ReadAndWriteTheAccountsZone) {
  EXPECT_EQ(iso_time(1'780'000'000, 330), "2026-05-29T01:56:40+05:30");
  EXPECT_EQ(parse_time("2026-05-28T20:26:40Z", std::nullopt), 1'780'000'000);
  EXPECT_EQ(parse_time("2026-05-28T20:26:40.500Z", std::nullopt), 1'780'000'000);
  EXPECT_EQ(parse_time("2026-05-28 15:26:40", -300), 1'780'000'000);
  EXPECT_EQ(parse_time("2026-05-28", -300), 1'779'944'400);
  EXPECT_EQ(parse_time("2026-05-28T15:26:40", std::nullopt), std::nullopt);
  EXPECT_EQ(parse_time("soon", 0), std::nullopt);
}

}  // namespace
}  // namespace activecampaign_sandbox
