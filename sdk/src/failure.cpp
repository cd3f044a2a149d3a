#include "failure.hpp"

#include <cxxabi.h>

#include <boost/core/demangle.hpp>
#include <memory>
#include <typeinfo>

namespace sluice::detail {
namespace {

void release_string(void* owner) {
  delete static_cast<std::string*>(owner);
}

// How many bytes the UTF-8 sequence at the front takes; 0 when it is not one.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool beyond = (lead == 0xed && byte(1) > 0x9f) || (lead == 0xf4 && byte(1) > 0x8f);
  return overlong || beyond ? 0 : length;
}

std::string one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const auto length = sequence_length(text);
    if (length == 0) {
      line.append("\xef\xbf\xbd");  // U+FFFD
    } else if (static_cast<unsigned char>(text.front()) < 0x20) {
      line.push_back(' ');
    } else {
      line.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return line;
}

std::string type_of_current_exception() {
  const auto* type = abi::__cxa_current_exception_type();
  return type == nullptr ? "of unknown type" : "of type " + boost::core::demangle(type->name());
}

// Of a member that is not there, the JSON library says no more than "out of range".
std::string unexpected(const std::exception& error) {
  const bool is_json = std::string_view{error.what()} == "out of range";
  return std::string{"unexpected error: "} + error.what() +
         (is_json ? ", such as a member that JSON lacks" : "");
}

}  // namespace

sluice_buffer to_buffer(std::string text) {
  auto owned = std::make_unique<std::string>(std::move(text));
  const sluice_buffer buffer{owned->data(), owned->size(), owned.get(), &release_string};
  static_cast<void>(owned.release());
  return buffer;
}

void release(sluice_buffer& buffer) noexcept {
  if (buffer.release != nullptr) buffer.release(buffer.owner);
  buffer = {};
}

sluice_code fail(sluice_failure* failure, Code code, std::string_view message,
                 std::int64_t retry_after_ms) noexcept {
  // An error that says "no error" is a defect too.
  if (code == Code::Ok) code = Code::Internal;
  const auto c_code = static_cast<sluice_code>(code);
  if (failure == nullptr) return c_code;
  *failure = {c_code, retry_after_ms, {}};
  try {
    failure->message = to_buffer(one_line(message));
  } catch (...) {
    static constexpr std::string_view kNoMemory = "out of memory while reporting an error";
    failure->message = {kNoMemory.data(), kNoMemory.size(), nullptr, nullptr};
  }
  return c_code;
}

sluice_code fail_with_current_exception(sluice_failure* failure, bool stopped) noexcept {
  const auto code = [&](Code found) { return stopped ? Code::Cancelled : found; };
  try {
    try {
      throw;
    } catch (const Error& error) {
      return fail(failure, code(error.code()), error.what(), stopped ? 0 : error.retry_after_ms());
    } catch (const std::bad_alloc&) {
      return fail(failure, code(Code::Internal), "out of memory");
    } catch (const std::exception& error) {
      return fail(failure, code(Code::Internal), unexpected(error));
    } catch (...) {
      return fail(failure, code(Code::Internal),
                  "the connector threw an exception " + type_of_current_exception());
    }
  } catch (...) {
    return fail(failure, code(Code::Internal), "out of memory");
  }
}

}  // namespace sluice::detail
