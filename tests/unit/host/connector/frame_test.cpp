#include "connector/frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <sluice/error.hpp>

namespace sluice::host {
namespace {

using ::testing::HasSubstr;

std::string bytes_of(const FrameView& frame) {
  const auto header = encode_header(frame);
  return std::string{header.data(), header.size()} + std::string{frame.body} +
         std::string{frame.extra};
}

// Feeds `bytes` in pieces of at most `piece`; the frames that come out.
std::vector<Frame> decode(FrameDecoder& decoder, std::string_view bytes, std::size_t piece) {
  std::vector<Frame> frames;
  while (!bytes.empty()) {
    const auto space = decoder.space();
    EXPECT_FALSE(space.empty());
    const std::size_t size = std::min({space.size(), piece, bytes.size()});
    std::memcpy(space.data(), bytes.data(), size);
    decoder.filled(size);
    bytes.remove_prefix(size);
    while (auto frame = decoder.next()) frames.push_back(*std::move(frame));
  }
  return frames;
}

TEST(Frame, ComesBackAsItWasSent) {
  const std::string bytes = bytes_of({{.type = FrameType::Response,
                                       .operation = Operation::Read,
                                       .request = 0x0102030405060708,
                                       .handle = 9,
                                       .value = -3,
                                       .flags = 0xF0000001},
                                      "records",
                                      "cursor"});
  FrameDecoder decoder;
  const auto frames = decode(decoder, bytes, 1);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].type, FrameType::Response);
  EXPECT_EQ(frames[0].operation, Operation::Read);
  EXPECT_EQ(frames[0].request, 0x0102030405060708U);
  EXPECT_EQ(frames[0].handle, 9U);
  EXPECT_EQ(frames[0].value, -3);
  EXPECT_EQ(frames[0].flags, 0xF0000001U);
  EXPECT_EQ(frames[0].body, "records");
  EXPECT_EQ(frames[0].extra, "cursor");
  EXPECT_TRUE(decoder.is_between_frames());
}

TEST(Frame, AnyCutOfTheStreamGivesTheSameFrames) {
  std::mt19937 random{7};
  std::string stream;
  std::vector<std::pair<std::string, std::string>> sent;
  for (const std::size_t size :
       {0U, 1U, 43U, 44U, 45U, 16'383U, 16'384U, 65'535U, 65'536U, 70'000U, 2'500'000U, 3U}) {
    sent.emplace_back(std::string(size, static_cast<char>('a' + sent.size())),
                      std::string(size / 2, 'x'));
    stream += bytes_of(
        {{.type = FrameType::Log, .request = sent.size()}, sent.back().first, sent.back().second});
  }
  for (const std::size_t piece : {7U, 1'000U, 16'384U, 65'536U, 10'000'000U}) {
    FrameDecoder decoder;
    const auto frames = decode(decoder, stream, piece);
    ASSERT_EQ(frames.size(), sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
      EXPECT_EQ(frames[i].request, i + 1);
      EXPECT_EQ(frames[i].body, sent[i].first);
      EXPECT_EQ(frames[i].extra, sent[i].second);
    }
    EXPECT_TRUE(decoder.is_between_frames());
  }
}

TEST(Frame, RefusesToEncodeMoreThanTheLimit) {
  const std::string body(kMaxFramePayload, ' ');
  EXPECT_NO_THROW((void)encode_header({{}, body, {}}));
  EXPECT_THROW((void)encode_header({{}, body, "x"}), Error);
}

std::string refusal(std::string bytes) {
  FrameDecoder decoder;
  try {
    (void)decode(decoder, bytes, bytes.size());
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(Frame, RefusesHeadersThatLie) {
  const std::string good = bytes_of({{.type = FrameType::Ping}, {}, {}});
  const auto with = [&](std::size_t at, const char* bytes, std::size_t size) {
    std::string changed = good;
    changed.replace(at, size, bytes, size);
    return refusal(changed);
  };
  EXPECT_EQ(refusal(good), "");
  EXPECT_EQ(with(0, "HTTP", 4), "the bytes are not a frame");
  EXPECT_THAT(with(4, "\x09", 1), HasSubstr("protocol 9 instead of 1"));
  EXPECT_THAT(with(5, "\x40", 1), HasSubstr("unknown type 64"));
  EXPECT_THAT(with(36, "\xff\xff\xff\xff", 4),
              HasSubstr("announces 4095 MiB, the limit is 64 MiB"));
  EXPECT_THAT(with(36, "\xff\xff\xff\x03\xff\xff\xff\x03", 8), HasSubstr("announces 127 MiB"));
}

TEST(Frame, TakesMemoryOnlyAsBytesArrive) {
  FrameDecoder decoder;
  const std::string large(kMaxFramePayload, ' ');
  const auto header = encode_header({{.type = FrameType::Log}, large, {}});
  (void)decode(decoder, {header.data(), header.size()}, header.size());
  EXPECT_LE(decoder.space().size(), std::size_t{1} << 20);
}

TEST(Frame, RandomBytesNeverBreakTheDecoder) {
  std::mt19937_64 random{20};
  for (int round = 0; round < 1500; ++round) {
    std::string bytes;
    for (int frame = 0; frame < 3; ++frame) {
      bytes += bytes_of({{.type = FrameType::Response, .request = random()},
                         std::string(random() % 300, 'b'),
                         std::string(random() % 30, 'e')});
    }
    for (std::uint64_t changes = random() % 6; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (round % 3 == 0) {
      for (auto& byte : bytes) byte = static_cast<char>(random());
    }
    FrameDecoder decoder;
    try {
      (void)decode(decoder, bytes, 1 + random() % 200);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::Internal);
    }
  }
}

}  // namespace
}  // namespace sluice::host
