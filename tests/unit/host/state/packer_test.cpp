#include "state/packer.hpp"

#include <gtest/gtest.h>

#include <sluice/error.hpp>

#include "state_fixture.hpp"

namespace sluice::host {
namespace {

constexpr std::string_view kLikeness =
    R"({"fields":{"email":"","first_name":"","score":0},"sets":{}})";
constexpr std::string_view kText =
    R"({"fields":{"email":"zoë@example.com","first_name":"漢字","score":12345678901234567},"sets":{}})";

class PackerTest : public StateFixture {};

TEST_F(PackerTest, GivesBackEveryByteWithAndWithoutALikeness) {
  Packer& packer = state_.packer();
  const std::string alone = packer.pack(kText);
  packer.expect(std::string{kLikeness});
  const std::string alike = packer.pack(kText);
  EXPECT_LT(alike.size(), alone.size());
  EXPECT_EQ(packer.unpack(alone), kText);
  EXPECT_EQ(packer.unpack(alike), kText);
  EXPECT_EQ(packer.unpack(packer.pack("")), "");
  EXPECT_EQ(packer.unpack(""), "");
}

TEST_F(PackerTest, AnotherProcessReadsWhatWasPackedMeanwhile) {
  Packer reader{state_.database()};
  state_.packer().expect(std::string{kLikeness});
  const std::string first = state_.packer().pack(kText);
  state_.packer().expect("another likeness of the texts to come");
  const std::string second = state_.packer().pack(kText);
  EXPECT_EQ(reader.unpack(first), kText);
  EXPECT_EQ(reader.unpack(second), kText);
}

TEST_F(PackerTest, EqualLikenessesAreKeptOnce) {
  state_.packer().expect(std::string{kLikeness});
  (void)state_.packer().pack(kText);
  Packer later{state_.database()};
  later.expect(std::string{kLikeness});
  (void)later.pack(kText);
  EXPECT_EQ(state_.database().scalar("SELECT count(*) FROM dictionaries"), 1);
}

TEST_F(PackerTest, WhatIsRolledBackIsStoredAgain) {
  state_.packer().expect(std::string{kLikeness});
  (void)state_.packer().pack(kText);
  state_.roll_back();
  const std::string packed = state_.packer().pack(kText);
  state_.commit();
  EXPECT_EQ(Packer{state_.database()}.unpack(packed), kText);
}

TEST_F(PackerTest, DamageIsToldAndNeverGuessed) {
  state_.packer().expect(std::string{kLikeness});
  const std::string packed = state_.packer().pack(kText);
  EXPECT_THROW((void)state_.packer().unpack("x"), Error);
  EXPECT_THROW((void)state_.packer().unpack(packed.substr(0, packed.size() - 3)), Error);
  std::string unknown = packed;
  unknown[1] = '\x7f';  // of a dictionary that is not there
  EXPECT_THROW((void)state_.packer().unpack(unknown), Error);
}

}  // namespace
}  // namespace sluice::host
