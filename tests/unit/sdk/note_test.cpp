#include "sluice/detail/note.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "sluice/json.hpp"
#include "sluice/version.hpp"

namespace sluice::detail {
namespace {

constexpr Description kDescription{"some_vendor2", "10.2.3-rc.1+b5", nullptr, nullptr, nullptr, 47};
constexpr auto kNote = make_note<kDescription>();

TEST(Note, HoldsTheIdentityAsJson) {
  const std::string text{kNote.text, kNote.text_size};
  const auto identity = parse_json(text).as_object();
  EXPECT_EQ(identity.at("id").as_string(), "some_vendor2");
  EXPECT_EQ(identity.at("version").as_string(), "10.2.3-rc.1+b5");
  EXPECT_EQ(identity.at("sdk_version").as_string(), kSdkVersion);
  EXPECT_EQ(identity.at("capabilities").as_int64(), 47);
  EXPECT_EQ(to_json(identity.at("abi")), "[1,0]");
}

TEST(Note, IsLaidOutAsAnElfNote) {
  static_assert(offsetof(decltype(kNote), name) == 12);
  static_assert(offsetof(decltype(kNote), text) == 20);
  static_assert(sizeof(kNote) % 4 == 0 && alignof(decltype(kNote)) == 4);
  EXPECT_EQ(kNote.name_size, 7U);
  EXPECT_EQ(kNote.type, 1U);
  EXPECT_STREQ(kNote.name, "Sluice");
}

TEST(Note, KnowsIdsAndVersions) {
  static_assert(is_connector_id("a") && is_connector_id("a_1"));
  static_assert(!is_connector_id("") && !is_connector_id("1a") && !is_connector_id("a-b"));
  static_assert(is_version("1.0.0") && !is_version("") && !is_version("1.0\""));
}

TEST(Version, IsTheProjects) {
  EXPECT_STREQ(kSdkVersion, SLUICE_PROJECT_VERSION);
}

}  // namespace
}  // namespace sluice::detail
