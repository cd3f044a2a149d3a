// The messages between the host and a worker process, and the one place where they are encoded and
// decoded.
//
// A frame is a header of fixed size and two parts of bytes. Numbers are little-endian.
//
//   offset  size  field
//        0     4  magic "SLWF"
//        4     1  protocol version; both ends come from one build, so another one is refused
//        5     1  type
//        6     1  operation, for Call; otherwise 0
//        7     1  0
//        8     8  request: the answer to a frame carries its number; 0: no answer is expected
//       16     8  handle: the reader or writer of a Call; in an answer, the one that was opened
//       24     8  value, signed
//       32     4  flags
//       36     4  size of body, bytes
//       40     4  size of extra, bytes
//       44        body, then extra
//
// What each type carries besides `request`:
//
//   host to worker
//     Hello     body: the plugin file, extra: what the worker may use, both JSON
//               answered by Response (body: spec, extra: how far it is confined) or Failure
//     Create    body: the connector's options, JSON; the only frame with secrets
//               answered by Response or Failure
//     Call      operation, handle, body: the request
//               answered by Response or Failure
//     Close     handle: a reader or writer
//     Granted   value: milliseconds to wait; the answer to Acquire
//     Cancel, Ping, Shutdown
//   worker to host
//     Response  body; after Read: body the records, extra the cursor, value the count, flags
//     SLUICE_PAGE_*;
//               after OpenReader and OpenWriter: handle; after OpenWriter: body the limits
//     Failure   flags: sluice_code, value: retry_after_ms, body: message
//     Log       flags: level, body: line
//     Count     body: name, value: increment
//     Acquire   value: requests wanted, body: the rate class, JSON
//     BackOff   value: milliseconds, body: the rate class, JSON
//     Pong
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "connector/limits.hpp"

namespace sluice::host {

inline constexpr std::uint8_t kFrameProtocol = 1;
inline constexpr std::size_t kFrameHeaderSize = 44;

enum class FrameType : std::uint8_t {
  Hello = 1,
  Create = 2,
  Call = 3,
  Close = 4,
  Granted = 5,
  Cancel = 6,
  Ping = 7,
  Shutdown = 8,
  Response = 65,
  Failure = 66,
  Log = 67,
  Count = 68,
  Acquire = 69,
  BackOff = 70,
  Pong = 71,
};

// The calls that a plugin's table offers on an instance, a reader or a writer.
enum class Operation : std::uint8_t {
  None = 0,
  Check = 1,
  Discover = 2,
  OpenReader = 3,
  Read = 4,
  LookupRecords = 5,
  Prepare = 6,
  OpenWriter = 7,
  Write = 8,
  Poll = 9,
  Flush = 10,
  LookupRemote = 11,
  Estimate = 12,
  Screen = 13,
  Verify = 14,
};

// The function's name in abi.h, for messages.
[[nodiscard]] const char* to_string(Operation operation) noexcept;

struct FrameFields {
  FrameType type = FrameType::Ping;
  Operation operation = Operation::None;
  std::uint64_t request = 0;
  std::uint64_t handle = 0;
  std::int64_t value = 0;
  std::uint32_t flags = 0;
};

struct Frame : FrameFields {
  std::string body;
  std::string extra;
};

// A frame to send; borrows its parts, so that a page travels without being copied together.
struct FrameView : FrameFields {
  std::string_view body;
  std::string_view extra;
};

using FrameHeader = std::array<char, kFrameHeaderSize>;

// Errors: Error{Rejected} when body and extra together exceed kMaxFramePayload. A frame that
// announces more is refused before anything is allocated for it.
[[nodiscard]] FrameHeader encode_header(const FrameView& frame);

// Turns a stream of bytes into frames. Ask for `space`, read into it, say how much came with
// `filled`, take frames with `next` until there is none. Large parts are read straight into the
// frame that will carry them, and memory is taken as their bytes arrive.
class FrameDecoder {
 public:
  FrameDecoder();

  // Never empty; valid until the next call of any member.
  [[nodiscard]] std::span<char> space();
  void filled(std::size_t size) noexcept;
  // Errors: Error{Internal} saying what is wrong with the bytes; the stream cannot be continued
  // after it.
  [[nodiscard]] std::optional<Frame> next();
  // Whether the stream may end here.
  [[nodiscard]] bool is_between_frames() const noexcept { return !has_header_ && begin_ == end_; }

 private:
  [[nodiscard]] std::string* open_part() noexcept;
  void begin_frame();
  void drain_buffer();

  std::string buffer_;  // bytes between begin_ and end_ are not decoded yet
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool has_header_ = false;
  Frame frame_;
  std::size_t body_size_ = 0;  // as announced
  std::size_t extra_size_ = 0;
  std::size_t body_got_ = 0;
  std::size_t extra_got_ = 0;
  bool is_direct_ = false;  // `space` was given inside a part
};

}  // namespace sluice::host
