#include "connector/frame.hpp"

#include <algorithm>
#include <cstring>
#include <sluice/error.hpp>

namespace sluice::host {
namespace {

constexpr std::uint32_t kMagic = 0x46574C53;  // "SLWF"
constexpr std::size_t kBufferSize = std::size_t{64} << 10;
// A part grows by at most this much ahead of the bytes that have arrived.
constexpr std::size_t kGrowth = std::size_t{1} << 20;

template <typename Number>
void put(char* to, Number number) noexcept {
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    to[i] = static_cast<char>(static_cast<unsigned char>(number >> (8 * i)));
  }
}

template <typename Number>
Number get(const char* from) noexcept {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    number |=
        static_cast<Number>(static_cast<Number>(static_cast<unsigned char>(from[i])) << (8 * i));
  }
  return number;
}

bool is_known(FrameType type) noexcept {
  const auto number = static_cast<std::uint8_t>(type);
  return (number >= 1 && number <= 8) || (number >= 65 && number <= 71);
}

std::string mebibytes(std::uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

}  // namespace

const char* to_string(Operation operation) noexcept {
  switch (operation) {
    case Operation::None:
      return "none";
    case Operation::Check:
      return "check";
    case Operation::Discover:
      return "discover";
    case Operation::OpenReader:
      return "open_reader";
    case Operation::Read:
      return "read";
    case Operation::LookupRecords:
      return "lookup_records";
    case Operation::Prepare:
      return "prepare";
    case Operation::OpenWriter:
      return "open_writer";
    case Operation::Write:
      return "write";
    case Operation::Poll:
      return "poll";
    case Operation::Flush:
      return "flush";
    case Operation::LookupRemote:
      return "lookup_remote";
    case Operation::Estimate:
      return "estimate";
    case Operation::Screen:
      return "screen";
    case Operation::Verify:
      return "verify";
  }
  return "unknown";
}

FrameHeader encode_header(const FrameView& frame) {
  const std::size_t size = frame.body.size() + frame.extra.size();
  if (size > kMaxFramePayload) {
    throw Error{Code::Rejected, "a message of " + mebibytes(size) + " exceeds the limit of " +
                                    mebibytes(kMaxFramePayload) +
                                    ": make pages and batches smaller"};
  }
  FrameHeader header{};
  put(header.data(), kMagic);
  put(header.data() + 4, kFrameProtocol);
  put(header.data() + 5, static_cast<std::uint8_t>(frame.type));
  put(header.data() + 6, static_cast<std::uint8_t>(frame.operation));
  put(header.data() + 8, frame.request);
  put(header.data() + 16, frame.handle);
  put(header.data() + 24, static_cast<std::uint64_t>(frame.value));
  put(header.data() + 32, frame.flags);
  put(header.data() + 36, static_cast<std::uint32_t>(frame.body.size()));
  put(header.data() + 40, static_cast<std::uint32_t>(frame.extra.size()));
  return header;
}

FrameDecoder::FrameDecoder() : buffer_(kBufferSize, '\0') {}

std::string* FrameDecoder::open_part() noexcept {
  if (!has_header_) return nullptr;
  if (body_got_ < body_size_) return &frame_.body;
  if (extra_got_ < extra_size_) return &frame_.extra;
  return nullptr;
}

std::span<char> FrameDecoder::space() {
  std::string* part = begin_ == end_ ? open_part() : nullptr;
  if (part != nullptr) {
    const bool is_body = part == &frame_.body;
    const std::size_t got = is_body ? body_got_ : extra_got_;
    const std::size_t missing = (is_body ? body_size_ : extra_size_) - got;
    if (missing >= kBufferSize / 4) {
      is_direct_ = true;
      part->resize(got + std::min(missing, kGrowth));
      return {part->data() + got, part->size() - got};
    }
  }
  is_direct_ = false;
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == buffer_.size()) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return {buffer_.data() + end_, buffer_.size() - end_};
}

void FrameDecoder::filled(std::size_t size) noexcept {
  if (!is_direct_) {
    end_ += size;
    return;
  }
  const bool is_body = body_got_ < body_size_;
  (is_body ? body_got_ : extra_got_) += size;
  is_direct_ = false;
}

void FrameDecoder::begin_frame() {
  const char* header = buffer_.data() + begin_;
  if (get<std::uint32_t>(header) != kMagic)
    throw Error{Code::Internal, "the bytes are not a frame"};
  const auto protocol = get<std::uint8_t>(header + 4);
  if (protocol != kFrameProtocol) {
    throw Error{Code::Internal, "protocol " + std::to_string(protocol) + " instead of " +
                                    std::to_string(kFrameProtocol) +
                                    ": sluice and sluice-worker must come from one build"};
  }
  frame_ = Frame{};
  frame_.type = static_cast<FrameType>(get<std::uint8_t>(header + 5));
  frame_.operation = static_cast<Operation>(get<std::uint8_t>(header + 6));
  if (!is_known(frame_.type)) {
    throw Error{Code::Internal,
                "a frame of unknown type " + std::to_string(get<std::uint8_t>(header + 5))};
  }
  frame_.request = get<std::uint64_t>(header + 8);
  frame_.handle = get<std::uint64_t>(header + 16);
  frame_.value = static_cast<std::int64_t>(get<std::uint64_t>(header + 24));
  frame_.flags = get<std::uint32_t>(header + 32);
  body_size_ = get<std::uint32_t>(header + 36);
  extra_size_ = get<std::uint32_t>(header + 40);
  if (body_size_ + extra_size_ > kMaxFramePayload) {
    throw Error{Code::Internal, "a frame announces " + mebibytes(body_size_ + extra_size_) +
                                    ", the limit is " + mebibytes(kMaxFramePayload)};
  }
  begin_ += kFrameHeaderSize;
  body_got_ = extra_got_ = 0;
  has_header_ = true;
}

void FrameDecoder::drain_buffer() {
  while (std::string* part = open_part()) {
    if (begin_ == end_) return;
    std::size_t& got = part == &frame_.body ? body_got_ : extra_got_;
    const std::size_t size = part == &frame_.body ? body_size_ : extra_size_;
    const std::size_t take = std::min(size - got, end_ - begin_);
    part->resize(got);
    part->append(buffer_, begin_, take);
    got += take;
    begin_ += take;
  }
}

std::optional<Frame> FrameDecoder::next() {
  if (!has_header_) {
    if (end_ - begin_ < kFrameHeaderSize) return std::nullopt;
    begin_frame();
  }
  drain_buffer();
  if (open_part() != nullptr) return std::nullopt;
  has_header_ = false;
  frame_.body.resize(body_size_);
  frame_.extra.resize(extra_size_);
  return std::move(frame_);
}

}  // namespace sluice::host
