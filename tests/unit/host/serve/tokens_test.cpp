#include "serve/tokens.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sluice/error.hpp>

namespace sluice::host::serve {
namespace {

namespace fs = std::filesystem;

class TokensTest : public testing::Test {
 protected:
  TokensTest() {
    std::string name = (fs::temp_directory_path() / "sluice-tokens-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~TokensTest() override { fs::remove_all(directory_); }

  fs::path directory_;
};

TEST_F(TokensTest, AreKnownByTheirHashAlone) {
  const fs::path file = directory_ / "own" / "tokens.json";
  Tokens tokens{file};
  const std::string token = tokens.add("ann", Role::Operator, 7);
  const auto found = tokens.find(token);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "ann");
  EXPECT_EQ(found->role, Role::Operator);
  EXPECT_FALSE(tokens.find(token + "x"));
  EXPECT_FALSE(tokens.find(""));
  std::ifstream in{file};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_EQ(text.find(token.substr(7)), std::string::npos);
  EXPECT_EQ(fs::status(file).permissions() & (fs::perms::group_all | fs::perms::others_all),
            fs::perms::none);
}

TEST_F(TokensTest, ARemovedOneIsUnknownAtOnceElsewhereToo) {
  const fs::path file = directory_ / "own" / "tokens.json";
  Tokens service{file}, command{file};
  const std::string token = command.add("ann", Role::Viewer, 7);
  const auto row = service.find(token);
  ASSERT_TRUE(row);
  EXPECT_TRUE(service.has(*row));
  EXPECT_TRUE(command.remove("ann"));
  EXPECT_FALSE(command.remove("ann"));
  EXPECT_FALSE(service.find(token));
  EXPECT_FALSE(service.has(*row));
}

TEST_F(TokensTest, RefusesNamesThatAreTakenOrNone) {
  Tokens tokens{directory_ / "own" / "tokens.json"};
  (void)tokens.add("ann", Role::Viewer, 7);
  EXPECT_THROW((void)tokens.add("ann", Role::Viewer, 8), Error);
  EXPECT_THROW((void)tokens.add("", Role::Viewer, 8), Error);
  EXPECT_THROW((void)tokens.add("a b", Role::Viewer, 8), Error);
}

TEST_F(TokensTest, ADamagedFileIsSaidToBe) {
  fs::create_directory(directory_ / "own");
  std::ofstream{directory_ / "own" / "tokens.json"} << "{";
  Tokens tokens{directory_ / "own" / "tokens.json"};
  EXPECT_THROW((void)tokens.find("x"), Error);
}

TEST(Sessions, EndWithTime) {
  std::int64_t now = 1000;
  Sessions sessions{[&now] { return now; }};
  const std::string cookie = sessions.open({"ann", Role::Viewer, "hash", 7});
  ASSERT_TRUE(sessions.find(cookie));
  EXPECT_FALSE(sessions.find(cookie + "x"));
  now = sessions.find(cookie)->expires;
  EXPECT_FALSE(sessions.find(cookie));
  const std::string other = sessions.open({"ann", Role::Viewer, "hash", 7});
  sessions.close(other);
  EXPECT_FALSE(sessions.find(other));
}

TEST(Secrets, AreAllDifferentAndCompareAsText) {
  EXPECT_NE(random_secret(), random_secret());
  EXPECT_GE(random_secret().size(), 43U);
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_FALSE(same_secret("abc", "abd"));
  EXPECT_FALSE(same_secret("abc", "ab"));
}

}  // namespace
}  // namespace sluice::host::serve
