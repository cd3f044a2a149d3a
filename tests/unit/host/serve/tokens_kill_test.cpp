// Whatever call a process is killed at, each change of the tokens is there with its record, or not
// at all.
#include <gtest/gtest.h>
#include <unistd.h>

#include "die_at.hpp"
#include "serve/tokens.hpp"

namespace sluice::host::serve {
namespace {

namespace fs = std::filesystem;

TEST(TokensKill, AChangeAndItsRecordAreThereTogether) {
  std::string root = (fs::temp_directory_path() / "sluice-tokens-XXXXXX").string();
  ASSERT_NE(::mkdtemp(root.data()), nullptr);
  std::int64_t n = 1;
  for (bool killed = true; killed && !testing::Test::HasFailure(); ++n) {
    SCOPED_TRACE("call " + std::to_string(n));
    const fs::path directory = fs::path{root} / std::to_string(n);
    killed = killed_at(n, [&directory] {
      Tokens tokens{directory};
      (void)tokens.add("ann", Role::Viewer, 1);
      (void)tokens.add("bob", Role::Operator, 2);
      (void)tokens.remove("ann", 3);
    });
    Tokens tokens{directory};
    std::vector<std::string> told;
    for (const auto& entry : tokens.decisions(9)) told.push_back(entry.detail);
    std::vector<std::string> names;
    for (const auto& row : tokens.all()) names.push_back(row.name);
    const std::vector<std::vector<std::string>> after{{}, {"ann"}, {"ann", "bob"}, {"bob"}};
    ASSERT_LT(told.size(), after.size());
    EXPECT_EQ(names, after[told.size()]);
    EXPECT_TRUE(killed || told.size() == 3U);
    EXPECT_TRUE(tokens.find(tokens.add("next", Role::Viewer, 4)));
  }
  EXPECT_GT(n, 10);
  fs::remove_all(root);
}

}  // namespace
}  // namespace sluice::host::serve
