#include <gtest/gtest.h>

#include <sluice/error.hpp>

#include "file_fixture.hpp"

namespace file_connector {
namespace {

using sluice::Code;
using sluice::PreparedField;

class FileDestinationTest : public FileTest {};

TEST_F(FileDestinationTest, ChecksWithoutCreatingTheFile) {
  FileDestination destination{config()};
  EXPECT_EQ(destination.check(context).id,
            "file:" + std::filesystem::weakly_canonical(path).string());
  EXPECT_FALSE(std::filesystem::exists(path));
  path = folder / "absent" / "x.ndjson";
  FileDestination lost{config()};
  EXPECT_EQ(error_of([&] { lost.check(context); }).code(), Code::NotFound);
}

TEST_F(FileDestinationTest, IsTheSameAccountBeforeAndAfterTheFileIsMade) {
  const auto real = path;
  path = std::filesystem::relative(path);
  FileDestination destination{config()};
  const std::string before = destination.check(context).id;
  put("");
  EXPECT_EQ(destination.check(context).id, before);
  EXPECT_EQ(before, "file:" + std::filesystem::canonical(real).string());
}

TEST_F(FileDestinationTest, TakesAnyFieldButTheMark) {
  FileDestination destination{config()};
  const auto objects = destination.discover(context);
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects[0].creates_fields.size(), 8U);
  const auto prepared = destination.prepare(
      context, {.object = "records", .fields = {{.name = "Any name"}, {.name = "_deleted"}}});
  EXPECT_EQ(prepared[0].status, PreparedField::Status::Exists);
  EXPECT_EQ(prepared[1].status, PreparedField::Status::Impossible);
}

TEST_F(FileDestinationTest, RefusesOtherObjectsAndMissingKeys) {
  FileDestination destination{config()};
  EXPECT_EQ(error_of([&] { destination.open(context, {.object = "people", .match = "k"}); }).code(),
            Code::NotFound);
  EXPECT_EQ(error_of([&] { destination.open(context, {.object = "records", .match = ""}); }).code(),
            Code::Config);
}

TEST_F(FileDestinationTest, NeedsAPath) {
  EXPECT_EQ(error_of([] { FileDestination{sluice::Config{{}}}; }).code(), Code::Config);
  EXPECT_EQ(error_of([] { FileSource{sluice::Config{{{"path", ""}}}}; }).code(), Code::Config);
}

}  // namespace
}  // namespace file_connector
