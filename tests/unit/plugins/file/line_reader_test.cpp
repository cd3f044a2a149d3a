#include "line_reader.hpp"

#include <gmock/gmock.h>

#include "file_fixture.hpp"

namespace file_connector {
namespace {

class LineReaderTest : public FileTest {
 protected:
  struct Place {
    std::string text;
    std::uint64_t offset;
    std::uint64_t end;
    bool terminated;
    friend bool operator==(const Place&, const Place&) = default;
  };

  std::vector<Place> forwards() {
    const auto file = FileHandle::open_to_read(path);
    LineReader reader{file, 0};
    std::vector<Place> lines;
    while (const auto line = reader.next()) {
      lines.push_back({std::string{line->text}, line->offset, line->end, line->terminated});
    }
    return lines;
  }
  std::vector<Place> backwards() {
    const auto file = FileHandle::open_to_read(path);
    BackwardLineReader reader{file, file.state().size};
    std::vector<Place> lines;
    while (const auto line = reader.previous()) {
      lines.push_back({std::string{line->text}, line->offset, line->end, line->terminated});
    }
    std::reverse(lines.begin(), lines.end());
    return lines;
  }
};

TEST_F(LineReaderTest, FindsTheSameLinesInBothDirections) {
  const std::string long_line(600'000, 'x');  // longer than both blocks
  for (const std::string& text :
       {std::string{}, std::string{"\n"}, std::string{"a"}, std::string{"a\n"}, std::string{"a\nb"},
        std::string{"\n\na\n\n"}, "a\n" + long_line + "\nb\n", long_line,
        "\n" + long_line + "\n"}) {
    put(text);
    const auto lines = forwards();
    EXPECT_EQ(lines, backwards()) << text.substr(0, 20);
    std::string joined;
    for (const auto& line : lines) {
      EXPECT_EQ(line.offset, joined.size());
      joined += line.text + (line.terminated ? "\n" : "");
      EXPECT_EQ(line.end, joined.size());
    }
    EXPECT_EQ(joined, text);
  }
}

TEST_F(LineReaderTest, FindsManyLinesAcrossBlocks) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + "\n";
  put(text);
  const auto lines = forwards();
  ASSERT_EQ(lines.size(), 100'000U);
  EXPECT_EQ(lines[54'321].text, "54321");
  EXPECT_EQ(lines, backwards());
}

TEST_F(LineReaderTest, SeesWhatIsAppendedAfterTheEnd) {
  put("a\n");
  const auto file = FileHandle::open_to_read(path);
  LineReader reader{file, 0};
  EXPECT_EQ(reader.next()->text, "a");
  EXPECT_FALSE(reader.next());
  append("b\n");
  EXPECT_EQ(reader.next()->text, "b");
  reader.seek(0);
  EXPECT_EQ(reader.next()->text, "a");
}

TEST_F(LineReaderTest, RefusesALineThatDoesNotFit) {
  put(std::string(kMaxLineBytes + (1u << 20), 'x'));
  EXPECT_EQ(error_of([&] { forwards(); }).code(), sluice::Code::SchemaMismatch);
  EXPECT_EQ(error_of([&] { backwards(); }).code(), sluice::Code::SchemaMismatch);
}

}  // namespace
}  // namespace file_connector
