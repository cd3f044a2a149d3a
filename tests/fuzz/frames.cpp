// The bytes that a worker process sends: FrameDecoder, and the JSON inside some frames.
#include <algorithm>
#include <tuple>
#include <vector>

#include "connector/frame.hpp"
#include "connector/worker_messages.hpp"
#include "fuzz.hpp"

namespace {

using namespace sluice::host;  // NOLINT(google-build-using-namespace)
using sluice::Code;
using sluice::fuzz::answered;
using sluice::fuzz::must;

struct Decoded {
  std::vector<Frame> frames;
  std::string refusal;
  bool is_complete = false;
};

Decoded decode(std::string_view bytes, std::size_t chunk) {
  Decoded decoded;
  FrameDecoder decoder;
  while (!bytes.empty() && decoded.refusal.empty()) {
    const auto space = decoder.space();
    must(!space.empty(), "there is always space");
    must(space.size() <= std::size_t{1} << 20, "memory is taken as bytes arrive, not as announced");
    const auto size = std::min({space.size(), bytes.size(), chunk});
    std::copy_n(bytes.data(), size, space.data());
    bytes.remove_prefix(size);
    decoder.filled(size);
    const auto take = [&] {
      while (auto frame = decoder.next()) decoded.frames.push_back(*std::move(frame));
      return true;
    };
    static_cast<void>(answered(take, {Code::Internal}, &decoded.refusal));
  }
  decoded.is_complete = decoder.is_between_frames();
  return decoded;
}

std::string encode(const Frame& frame) {
  const FrameView view{static_cast<const FrameFields&>(frame), frame.body, frame.extra};
  const auto header = encode_header(view);
  return std::string{header.data(), header.size()} + frame.body + frame.extra;
}

auto fields(const Frame& frame) {
  return std::tie(frame.type, frame.operation, frame.request, frame.handle, frame.value,
                  frame.flags, frame.body, frame.extra);
}

void read_messages(const Frame& frame) {
  const auto plugin = answered([&] { return decode_plugin(frame.body); }, {Code::Internal});
  if (plugin) {
    const auto text = encode_plugin(*plugin);
    must(encode_plugin(decode_plugin(text)) == text, "a plugin file survives its encoding");
  }
  const auto rate = answered([&] { return decode_rate(frame.body); }, {Code::Internal});
  if (rate) {
    const auto text = encode_rate(*rate);
    must(encode_rate(decode_rate(text)) == text, "a rate class survives its encoding");
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sluice::fuzz::Input input{data, size};
  const std::size_t chunk = std::size_t{input.number<std::uint8_t>()} * 97 + 1;
  const auto bytes = input.rest();
  const auto whole = decode(bytes, bytes.size() + 1);
  const auto pieces = decode(bytes, chunk);
  must(whole.refusal == pieces.refusal, "how the bytes are cut does not matter: refusal");
  must(whole.frames.size() == pieces.frames.size(), "how the bytes are cut does not matter: count");
  std::string again;
  for (std::size_t i = 0; i < whole.frames.size(); ++i) {
    must(fields(whole.frames[i]) == fields(pieces.frames[i]),
         "how the bytes are cut does not matter: frames");
    again += encode(whole.frames[i]);
    read_messages(whole.frames[i]);
  }
  must(again.size() <= bytes.size(), "no frame has more bytes than came");
  if (whole.refusal.empty()) {
    must(whole.is_complete == (again.size() == bytes.size()), "it knows where a stream may end");
  }
  const auto back = decode(again, chunk);
  must(back.refusal.empty() && back.is_complete && back.frames.size() == whole.frames.size(),
       "what was decoded can be encoded");
  for (std::size_t i = 0; i < back.frames.size(); ++i) {
    must(fields(back.frames[i]) == fields(whole.frames[i]), "encoding keeps every field");
  }
  return 0;
}
