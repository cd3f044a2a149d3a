#include "pipeline/checkpoint.hpp"

#include <gtest/gtest.h>

namespace sluice::host {
namespace {

TEST(CheckpointTest, ACursorWaitsForItsRecordsAndForEarlierPages) {
  Checkpoint checkpoint;
  checkpoint.begin_page("1");
  const auto first = checkpoint.take();
  checkpoint.finish_page();
  checkpoint.begin_page("2");
  const auto second = checkpoint.take();
  checkpoint.finish_page();
  checkpoint.settled(second);
  EXPECT_FALSE(checkpoint.take_safe_cursor());
  checkpoint.settled(first);
  EXPECT_EQ(checkpoint.take_safe_cursor(), "2");
  EXPECT_FALSE(checkpoint.take_safe_cursor());
}

TEST(CheckpointTest, AnUnfinishedPageHoldsItsCursorBack) {
  Checkpoint checkpoint;
  checkpoint.begin_page("1");
  EXPECT_FALSE(checkpoint.take_safe_cursor());
  checkpoint.finish_page();
  EXPECT_EQ(checkpoint.take_safe_cursor(), "1");
}

TEST(CheckpointTest, TicketsOutliveThePagesBeforeTheirs) {
  Checkpoint checkpoint;
  for (const char* cursor : {"1", "2"}) {
    checkpoint.begin_page(cursor);
    checkpoint.finish_page();
  }
  checkpoint.begin_page("3");
  const auto ticket = checkpoint.take();
  checkpoint.finish_page();
  EXPECT_EQ(checkpoint.take_safe_cursor(), "2");
  checkpoint.settled(ticket);
  EXPECT_EQ(checkpoint.take_safe_cursor(), "3");
}

TEST(CheckpointTest, RecordsWithoutAPageHoldNothingBack) {
  Checkpoint checkpoint;
  EXPECT_EQ(checkpoint.take(), 0U);
  checkpoint.settled(0);
  EXPECT_FALSE(checkpoint.take_safe_cursor());
}

}  // namespace
}  // namespace sluice::host
