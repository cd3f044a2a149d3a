#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "check.hpp"
#include "discover.hpp"
#include "vendor.hpp"

namespace activecampaign {
namespace {

using sluice::Code;
using sluice::Error;
using ::testing::AllOf;
using testing::answered;
using testing::Asked;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Vendor;

constexpr auto kMe = R"({"user":{"id":"1","username":"ada","firstName":"Ada","lastName":"L"}})";

TEST(Settings, UrlsBecomeTheApisAddress) {
  EXPECT_EQ(normalise_url(" https://acme.api-us1.com/ "), "https://acme.api-us1.com/api/3");
  EXPECT_EQ(normalise_url("https://acme.api-us1.com/api/3/"), "https://acme.api-us1.com/api/3");
  EXPECT_EQ(normalise_url("acme.activehosted.com"), "https://acme.activehosted.com/api/3");
  EXPECT_EQ(normalise_url("http://127.0.0.1:8080"), "http://127.0.0.1:8080/api/3");
  for (const char* bad :
       {"", "ftp://acme.api-us1.com", "https://", "https://a b.com", "https://a?x"}) {
    EXPECT_THROW((void)normalise_url(bad), Error) << bad;
  }
}

TEST(Settings, TheAccountIsTheHost) {
  EXPECT_EQ(account_host("https://Acme.api-us1.com:443/api/3"), "acme.api-us1.com");
  EXPECT_EQ(account_host("http://127.0.0.1:8080/api/3"), "127.0.0.1:8080");
}

Error check_error(Vendor& vendor) {
  auto context = vendor.context();
  try {
    (void)check_account(context, vendor.settings());
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "check succeeded";
  return Error{Code::Ok, ""};
}

TEST(Check, AnswersTheAccount) {
  Vendor vendor;
  vendor.on("GET /users/me", 200, kMe);
  auto context = vendor.context();
  const auto account = check_account(context, vendor.settings());
  EXPECT_EQ(account.id, "acme.api-us1.com");
  EXPECT_EQ(account.details.at("user"), "Ada L");
  EXPECT_EQ(vendor.total(), 1U);
}

TEST(Check, RidesOutOneRefusal) {
  Vendor vendor;
  vendor.next("GET /users/me", 403, "");
  vendor.on("GET /users/me", 200, kMe);
  auto context = vendor.context();
  EXPECT_EQ(check_account(context, vendor.settings()).id, "acme.api-us1.com");
}

TEST(Check, EveryKindOfRefusedKeyIsAuth) {
  for (const auto& [status, body] :
       {std::pair{403, ""}, std::pair{403, R"({"message":"Forbidden"})"},
        std::pair{200, "<!DOCTYPE html><html>login</html>"}, std::pair{200, "{}"},
        std::pair{401, "{}"}}) {
    Vendor vendor;
    vendor.on("GET /users/me", status, body);
    const auto error = check_error(vendor);
    EXPECT_EQ(error.code(), Code::Auth) << status << body;
    EXPECT_THAT(error.what(), AllOf(HasSubstr("API key"), HasSubstr("Settings > Developer"),
                                    Not(HasSubstr("secret-key"))));
    EXPECT_LE(vendor.total(), 2U);
  }
}

TEST(Check, AWrongAddressIsNotFound) {
  for (const auto& [status, body] :
       {std::pair{404, "<html>nothing here</html>"}, std::pair{404, R"({"message":"No"})"}}) {
    Vendor vendor;
    vendor.on("GET /users/me", status, body);
    const auto error = check_error(vendor);
    EXPECT_EQ(error.code(), Code::NotFound) << status;
    EXPECT_THAT(error.what(), HasSubstr("set url"));
  }
}

TEST(Check, ARedirectIsToldAndNotFollowed) {
  Vendor vendor;
  vendor.next("GET /users/me", 302, "", {{"Location", "https://else.test/login?key=1"}});
  const auto error = check_error(vendor);
  EXPECT_EQ(error.code(), Code::Config);
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr("a redirect to https://else.test/login;"), Not(HasSubstr("key=1"))));
  EXPECT_EQ(vendor.total(), 1U);
}

TEST(Client, NoRecordIsBlamedForARedirect) {
  Vendor vendor;
  vendor.on("POST /contact/sync", 301, "");
  auto context = vendor.context();
  auto& client = vendor.client();
  try {
    (void)client.send(context, write_request("POST", "/contact/sync", "/contact/sync", {}, true));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Config);
  }
}

TEST(Check, ASuspendedAccountSaysSo) {
  Vendor vendor;
  vendor.on("GET /users/me", 402, "");
  const auto error = check_error(vendor);
  EXPECT_EQ(error.code(), Code::Auth);
  EXPECT_THAT(error.what(), HasSubstr("suspended or unpaid"));
}

TEST(Check, FaultsOfTheServerArePassing) {
  for (const auto& [status, body] :
       {std::pair{502, "{}"}, std::pair{504, "<html>Gateway time-out</html>"},
        std::pair{200, R"({"user":{"id")"}, std::pair{200, ""}}) {
    Vendor vendor;
    vendor.on("GET /users/me", status, body);
    EXPECT_EQ(check_error(vendor).code(), Code::Transient) << status << body;
  }
}

TEST(Client, HonoursRetryAfter) {
  Vendor vendor;
  vendor.next("GET /lists", 429, "", {{"Retry-After", "3"}});
  auto context = vendor.context();
  EXPECT_NO_THROW((void)vendor.client().get(context, "/lists"));
  EXPECT_EQ(vendor.count("GET /lists"), 2U);
}

TEST(Client, SendsACutOffReadAgain) {
  Vendor vendor;
  vendor.next("GET /lists", 200, R"({"lists":[{"id":"1",)");
  auto context = vendor.context();
  EXPECT_TRUE(vendor.client().get(context, "/lists").contains("lists"));
}

TEST(Client, SendsNoCreationTwiceAfterAServerFault) {
  Vendor vendor;
  vendor.on("POST /fields", 502, "{}");
  auto context = vendor.context();
  const auto answer = vendor.client().send(
      context, write_request("POST", "/fields", "/fields", {{"field", 1}}, false));
  EXPECT_EQ(answer.kind, Answer::Kind::Passing);
  EXPECT_EQ(vendor.count("POST /fields"), 1U);
}

TEST(Client, ARefusalThatNamesAMissingThingIsMissing) {
  Vendor vendor;
  vendor.on("GET /fieldValues/10", 403,
            R"({"message":"No Result found for FieldValue with id 10"})");
  auto context = vendor.context();
  const auto answer =
      vendor.client().send(context, get_request("/fieldValues/10", "/fieldValues/{id}"));
  EXPECT_EQ(answer.kind, Answer::Kind::Missing);
  EXPECT_EQ(vendor.total(), 1U);
}

TEST(Client, ARefusedContactIsNoRefusedKey) {
  Vendor vendor;
  vendor.on("GET /users/me", 200, kMe);
  vendor.on("POST /contact/sync", 402, R"({"message":"The contact limit is reached"})");
  const std::vector<sluice::Write> batch{testing::row(R"({"key":"a@b.co","fields":{}})")};
  auto context = vendor.context();
  const auto outcome = vendor.open()->write(context, batch).front();
  EXPECT_EQ(outcome.status, sluice::Outcome::Status::Rejected);
  EXPECT_THAT(outcome.message, HasSubstr("contact limit"));
  vendor.on("GET /users/me", 402, "{}");
  EXPECT_THROW((void)vendor.open()->write(context, batch), Error);
}

TEST(Client, QuotesTheVendorsWords) {
  const auto said = [](const char* body) {
    return vendor_message(sluice::parse_json(body).as_object(), body);
  };
  EXPECT_EQ(said(R"({"errors":[{"title":"Bad","detail":"why"},{"title":"Worse","detail":""}]})"),
            "Bad: why; Worse");
  EXPECT_EQ(said(R"({"errors":"all wrong"})"), "all wrong");
  EXPECT_EQ(said(R"({"message":"No"})"), "No");
  EXPECT_EQ(said(R"({"x":1})"), R"({"x":1})");
}

TEST(Model, ReadsAllPages) {
  Vendor vendor;
  vendor.on("GET /lists", [](const Asked& asked) {
    const auto from = asked.query.find("offset=100") != std::string::npos   ? 100
                      : asked.query.find("offset=200") != std::string::npos ? 200
                                                                            : 0;
    json::array lists;
    for (int i = from; i < std::min(from + 100, 230); ++i) {
      lists.push_back(json::object{{"id", i}, {"name", "L" + std::to_string(i)}});
    }
    return answered(200,
                    sluice::to_json(json::object{{"lists", lists}, {"meta", {{"total", "230"}}}}));
  });
  AccountModel model;
  auto context = vendor.context();
  model.load_lists(context, vendor.client());
  EXPECT_EQ(model.lists().size(), 230U);
  EXPECT_EQ(require_list(model, "L229").id, "229");
  EXPECT_THAT(vendor.asked("GET /lists").front().query, HasSubstr("limit=100"));
}

TEST(Model, GoesOnWhenPagesAreSmallerThanAskedFor) {
  Vendor vendor;
  vendor.on("GET /lists", [](const Asked& asked) {
    const int from = std::stoi(asked.query.substr(asked.query.find("offset=") + 7));
    json::array lists;
    for (int i = from; i < std::min(from + 20, 45); ++i) {
      lists.push_back(json::object{{"id", i}, {"name", "L"}});
    }
    return answered(200,
                    sluice::to_json(json::object{{"lists", lists}, {"meta", {{"total", "45"}}}}));
  });
  AccountModel model;
  auto context = vendor.context();
  model.load_lists(context, vendor.client());
  EXPECT_EQ(model.lists().size(), 45U);
}

std::string list_error(Vendor& vendor, const std::string& list) {
  try {
    (void)vendor.open("{\"list\":\"" + list + "\"}");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Config);
    return error.what();
  }
  return "no error";
}

TEST(Model, ListsAreNamedOrNumberedAndMustBeOne) {
  Vendor vendor;
  vendor.on("GET /lists", 200,
            R"({"lists":[{"id":"1","name":"Customers"},{"id":"16","name":"Twin"},
                         {"id":"17","name":"Twin"}]})");
  EXPECT_NO_THROW((void)vendor.open(R"({"list":"Customers"})"));
  EXPECT_NO_THROW((void)vendor.open(R"({"list":"17"})"));
  EXPECT_NO_THROW((void)vendor.open(R"({"list":17})"));
  EXPECT_THAT(list_error(vendor, "Twin"),
              AllOf(HasSubstr("ambiguous"), HasSubstr("id 16"), HasSubstr("id 17")));
  EXPECT_THAT(list_error(vendor, "customers"),
              AllOf(HasSubstr("did you mean \"Customers\""), HasSubstr("existing lists")));
}

TEST(Discover, DescribesContactsAndTheirFields) {
  Vendor vendor;
  AccountModel model;
  auto context = vendor.context();
  model.load_fields(context, vendor.client());
  const auto object = describe_contacts(model);
  EXPECT_EQ(object.name, "contacts");
  EXPECT_TRUE(object.key_fold_lower);
  EXPECT_THAT(object.match, ::testing::ElementsAre("email"));
  EXPECT_THAT(object.delete_actions, ::testing::ElementsAre("unsubscribe", "tag", "delete"));
  const auto named = [&](const char* name) {
    return *std::find_if(object.fields.begin(), object.fields.end(),
                         [&](const auto& field) { return field.name == name; });
  };
  EXPECT_TRUE(named("tags").set);
  EXPECT_TRUE(named("lists").set);
  EXPECT_TRUE(named("firstName").built_in);
  EXPECT_EQ(named("Tier").type, sluice::FieldType::Option);
  EXPECT_THAT(named("Tier").options, ::testing::ElementsAre("gold", "silver"));
  EXPECT_EQ(named("Interests").type, sluice::FieldType::Options);
  EXPECT_EQ(named("Signed up").type, sluice::FieldType::Datetime);
}

std::string choices_of(Vendor& vendor) {
  auto context = vendor.context();
  const auto object = describe_contacts(load_model(context, vendor.client()));
  return sluice::to_json(object.options.schema().at("properties").at("list").at("examples"));
}

TEST(Discover, OffersTheAccountsLists) {
  Vendor vendor;
  vendor.on("GET /lists", 200,
            R"({"lists":[{"id":"1","name":"Customers"},{"id":"16","name":"Twin"},
                         {"id":"17","name":"Twin"}]})");
  EXPECT_EQ(choices_of(vendor), R"(["Customers","16","17"])");
  vendor.on("GET /lists", 403, "");
  EXPECT_EQ(choices_of(vendor), R"(["Customers"])") << "an example, where nothing is known";
}

TEST(Discover, TwoFieldsOfOneTitleAreNamedByTheirTags) {
  Vendor vendor;
  vendor.on("GET /fields", 200, R"({"fields":[
      {"id":"1","title":"Plan","type":"text","perstag":"PLAN"},
      {"id":"2","title":"Plan","type":"text","perstag":"PLAN_2"}]})");
  AccountModel model;
  auto context = vendor.context();
  model.load_fields(context, vendor.client());
  std::vector<std::string> names;
  for (const auto& field : describe_contacts(model).fields) names.push_back(field.name);
  EXPECT_THAT(names, ::testing::IsSupersetOf({"PLAN", "PLAN_2"}));
  EXPECT_EQ(model.find_fields("PLAN_2").size(), 1U);
}

}  // namespace
}  // namespace activecampaign
