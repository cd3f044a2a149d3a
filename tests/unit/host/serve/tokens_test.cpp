#include "serve/tokens.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sluice/error.hpp>
#include <thread>

#include "state/state_error.hpp"

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

  [[nodiscard]] fs::path own() const { return directory_ / ".serve"; }
  [[nodiscard]] fs::path file() const { return own() / "tokens.db"; }
  static std::string content(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  fs::path directory_;
};

TEST_F(TokensTest, AreKnownByTheirHashAlone) {
  Tokens tokens{own()};
  const std::string token = tokens.add("ann", Role::Operator, 7);
  const auto found = tokens.find(token);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "ann");
  EXPECT_EQ(found->role, Role::Operator);
  EXPECT_FALSE(tokens.find(token + "x"));
  EXPECT_FALSE(tokens.find(""));
  EXPECT_NE(content(file()).find(found->hash), std::string::npos);
  EXPECT_EQ(content(file()).find(token.substr(7)), std::string::npos);
}

TEST_F(TokensTest, AreForTheirUserAlone) {
  Tokens tokens{own()};
  (void)tokens.add("ann", Role::Operator, 7);
  constexpr auto kOthers = fs::perms::group_all | fs::perms::others_all;
  EXPECT_EQ(fs::status(own()).permissions() & kOthers, fs::perms::none);
  for (const auto& entry : fs::directory_iterator{own()})
    EXPECT_EQ(entry.status().permissions() & kOthers, fs::perms::none) << entry.path();
}

TEST_F(TokensTest, ARemovedOneIsUnknownAtOnceElsewhereToo) {
  Tokens service{own()}, command{own()};
  const std::string token = command.add("ann", Role::Viewer, 7);
  const auto row = service.find(token);
  ASSERT_TRUE(row);
  EXPECT_TRUE(service.has(*row));
  EXPECT_TRUE(command.remove("ann", 8));
  EXPECT_FALSE(command.remove("ann", 9));
  EXPECT_FALSE(service.find(token));
  EXPECT_FALSE(service.has(*row));
  EXPECT_FALSE(command.find(token));
  EXPECT_EQ(content(file()).find(row->hash), std::string::npos);
}

TEST_F(TokensTest, RefusesNamesThatAreTakenOrNone) {
  Tokens tokens{own()};
  (void)tokens.add("ann", Role::Viewer, 7);
  EXPECT_THROW((void)tokens.add("ann", Role::Viewer, 8), Error);
  EXPECT_THROW((void)tokens.add("", Role::Viewer, 8), Error);
  EXPECT_THROW((void)tokens.add("a b", Role::Viewer, 8), Error);
  EXPECT_EQ(tokens.all().size(), 1U);
  EXPECT_EQ(tokens.decisions(9).size(), 1U);
}

TEST_F(TokensTest, WhoAddedAndRemovedThemIsOnRecord) {
  Tokens tokens{own()};
  const std::string token = tokens.add("vendor", Role::Sender, 7, "people");
  (void)tokens.add("ann", Role::Operator, 8);
  EXPECT_TRUE(tokens.remove("vendor", 9));
  EXPECT_FALSE(tokens.remove("nobody", 10));
  const auto entries = Tokens{own()}.decisions(9);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].at, 9);
  EXPECT_EQ(entries[0].who, os_user());
  EXPECT_EQ(entries[0].action, "token remove");
  EXPECT_EQ(entries[0].detail, "vendor, sender of people");
  EXPECT_EQ(entries[1].action, "token add");
  EXPECT_EQ(entries[1].detail, "ann, operator");
  EXPECT_EQ(entries[2].at, 7);
  EXPECT_EQ(tokens.decisions(1).size(), 1U);
  for (const auto& entry : entries) {
    const std::string text = to_json(json::value(json_of(entry)));
    EXPECT_EQ(text.find(token), std::string::npos);
    EXPECT_EQ(text.find(hash_of(token)), std::string::npos);
  }
}

TEST_F(TokensTest, TheRecordIsOnlyAddedTo) {
  Tokens tokens{own()};
  (void)tokens.add("ann", Role::Viewer, 7);
  Database database{file(), Database::Mode::Shared};
  EXPECT_ANY_THROW(database.execute("UPDATE audit SET who='nobody'"));
  EXPECT_ANY_THROW(database.execute("DELETE FROM audit"));
  EXPECT_EQ(tokens.decisions(9).size(), 1U);
}

TEST_F(TokensTest, NothingChangesWithoutARecord) {
  Tokens tokens{own()};
  const std::string token = tokens.add("ann", Role::Viewer, 7);
  Database{file(), Database::Mode::Shared}.execute(
      "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'no room'); END");
  EXPECT_ANY_THROW((void)tokens.add("bob", Role::Viewer, 8));
  EXPECT_ANY_THROW((void)tokens.remove("ann", 9));
  EXPECT_TRUE(tokens.find(token));
  EXPECT_EQ(tokens.all().size(), 1U);
}

TEST_F(TokensTest, SeveralMayWriteAtOnce) {
  constexpr int kWriters = 4, kEach = 5;
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([this, writer] {
        Tokens tokens{own()};
        for (int i = 0; i < kEach; ++i) {
          const std::string name = std::to_string(writer) + "-" + std::to_string(i);
          (void)tokens.add(name, Role::Viewer, 7);
        }
        EXPECT_TRUE(tokens.remove(std::to_string(writer) + "-0", 8));
      });
    }
  }
  Tokens tokens{own()};
  EXPECT_EQ(tokens.all().size(), std::size_t{kWriters * (kEach - 1)});
  EXPECT_EQ(tokens.decisions(999).size(), std::size_t{kWriters * (kEach + 1)});
}

TEST_F(TokensTest, TakesOverTheFileThatHeldThemBefore) {
  fs::create_directory(own());
  std::ofstream{own() / "tokens.json"}
      << R"({"tokens":[{"name":"ann","role":"operator","hash":")" << hash_of("secret")
      << R"(","created":7},{"name":"vendor","role":"sender","hash":"1","created":8,"integration":"people"}]})";
  Tokens tokens{own()};
  EXPECT_EQ(tokens.find("secret")->name, "ann");
  ASSERT_EQ(tokens.all().size(), 2U);
  EXPECT_EQ(tokens.all()[1].integration, "people");
  EXPECT_FALSE(fs::exists(own() / "tokens.json"));
  EXPECT_EQ(Tokens{own()}.all().size(), 2U);
}

TEST_F(TokensTest, ADamagedFileIsSaidToBe) {
  fs::create_directory(own());
  std::ofstream{own() / "tokens.json"} << "{";
  EXPECT_THROW(Tokens{own()}, Error);
  fs::remove(own() / "tokens.json");
  std::ofstream{file()} << std::string(1000, '{');
  EXPECT_THROW(
      {
        try {
          Tokens{own()};
        } catch (const StateError& error) {
          EXPECT_NE(std::string{error.what()}.find("move the file away"), std::string::npos);
          throw;
        }
      },
      StateError);
  EXPECT_EQ(content(file()), std::string(1000, '{'));
}

TEST_F(TokensTest, AFileOfAnotherVersionIsLeftAlone) {
  { const Tokens tokens{own()}; }
  Database{file(), Database::Mode::Shared}.execute("PRAGMA user_version=99");
  EXPECT_THROW(Tokens{own()}, StateError);
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
