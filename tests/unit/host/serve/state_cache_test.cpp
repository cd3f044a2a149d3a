#include "serve/state_cache.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

namespace sluice::host::serve {
namespace {

namespace fs = std::filesystem;

class StateCacheTest : public testing::Test {
 protected:
  StateCacheTest() {
    std::string pattern = (fs::temp_directory_path() / "sluice-test-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    cache_ = std::make_unique<StateCache>(root_);
    fs::create_directory(root_ / "a");
    written(1);
  }
  ~StateCacheTest() override { fs::remove_all(root_); }
  // The state was written so many minutes after the first time.
  void written(int minutes) {
    std::ofstream{root_ / "a" / "state.db"} << "x";
    fs::last_write_time(
        root_ / "a" / "state.db",
        fs::file_time_type::clock::now() - std::chrono::hours{1} + std::chrono::minutes{minutes});
  }
  std::int64_t get(const std::string& what) {
    return cache_->get("a", what, [this]() -> json::value { return ++made_; }).as_int64();
  }

  fs::path root_;
  std::unique_ptr<StateCache> cache_;
  std::int64_t made_ = 0;
};

TEST_F(StateCacheTest, WhatIsKnownIsNotWorkedOutAgain) {
  EXPECT_EQ(get("x"), 1);
  EXPECT_EQ(get("x"), 1);
  EXPECT_EQ(get("y"), 2);
  EXPECT_EQ(get("x"), 1);
}

TEST_F(StateCacheTest, AWriteEndsIt) {
  EXPECT_EQ(get("x"), 1);
  written(2);
  EXPECT_EQ(get("x"), 2);
  EXPECT_EQ(get("x"), 2);
  std::ofstream{root_ / "a" / "state.db-wal"} << "longer";
  fs::last_write_time(root_ / "a" / "state.db-wal",
                      fs::file_time_type::clock::now() - std::chrono::hours{9});
  EXPECT_EQ(get("x"), 3) << "a log of another size";
}

TEST_F(StateCacheTest, TheEmptyLogOfAReaderEndsNothing) {
  EXPECT_EQ(get("x"), 1);
  std::ofstream{root_ / "a" / "state.db-wal"};
  EXPECT_EQ(get("x"), 1);
}

TEST_F(StateCacheTest, WhatMayYetBeWrittenUnderTheSameStampIsNotKept) {
  written(60);  // just now
  fs::last_write_time(root_ / "a" / "state.db",
                      fs::file_time_type::clock::now() + std::chrono::minutes{1});
  EXPECT_EQ(get("x"), 1);
  EXPECT_EQ(get("x"), 2);
}

TEST_F(StateCacheTest, AFailureIsNotKept) {
  EXPECT_THROW((void)cache_->get("a", "x", []() -> json::value { throw std::runtime_error{"no"}; }),
               std::runtime_error);
  EXPECT_EQ(get("x"), 1);
}

}  // namespace
}  // namespace sluice::host::serve
