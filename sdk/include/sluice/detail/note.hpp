// A connector's description, and the ELF note that carries it in the file. Authors do not use this
// directly.
#pragma once

#include <sluice/abi.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sluice/version.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

class Config;
class Destination;
class Source;
class Spec;
struct Events;
using NamedSpecs = std::vector<std::pair<std::string, Spec>>;

namespace detail {

// What the thunks need to know about a connector's classes.
struct Description {
  const char* id;
  const char* version;
  Spec (*spec)();
  std::unique_ptr<Source> (*make_source)(const Config&);            // nullptr: not a source
  std::unique_ptr<Destination> (*make_destination)(const Config&);  // nullptr: not a destination
  std::uint64_t capabilities;
  NamedSpecs (*read_options)() = nullptr;   // nullptr: known to `discover` only
  NamedSpecs (*write_options)() = nullptr;  // likewise
  Events (*events)() = nullptr;             // nullptr: the vendor's webhooks are not understood
};

constexpr bool is_connector_id(std::string_view id) {
  if (id.empty() || id.front() < 'a' || id.front() > 'z') return false;
  for (const char c : id) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
  }
  return true;
}

constexpr bool is_version(std::string_view version) {
  for (const char c : version) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '+') return false;
  }
  return !version.empty();
}

// Writes the note's JSON; with `out` null it only measures.
constexpr std::size_t write_note_text(const Description& description, char* out) {
  std::size_t size = 0;
  const auto text = [&](std::string_view part) {
    for (const char c : part) {
      if (out != nullptr) out[size] = c;
      ++size;
    }
  };
  const auto number = [&](std::uint64_t value) {
    char digits[20]{};
    std::size_t count = 0;
    do {
      digits[count++] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    while (count > 0) text({&digits[--count], 1});
  };
  text("{\"abi\":[");
  number(SLUICE_ABI_MAJOR);
  text(",");
  number(SLUICE_ABI_MINOR);
  text("],\"id\":\"");
  text(description.id);
  text("\",\"version\":\"");
  text(description.version);
  text("\",\"sdk_version\":\"");
  text(kSdkVersion);
  text("\",\"capabilities\":");
  number(description.capabilities);
  text("}");
  return size;
}

// An Elf64_Nhdr with its name and description, both padded to four bytes.
template <std::size_t Size>
struct Note {
  std::uint32_t name_size = sizeof(SLUICE_NOTE_OWNER);
  std::uint32_t text_size = static_cast<std::uint32_t>(Size);
  std::uint32_t type = SLUICE_NOTE_TYPE;
  char name[(sizeof(SLUICE_NOTE_OWNER) + 3) / 4 * 4] = SLUICE_NOTE_OWNER;
  char text[(Size + 3) / 4 * 4]{};
};

template <const Description& description>
consteval auto make_note() {
  static_assert(is_connector_id(description.id), "kId must match [a-z][a-z0-9_]*");
  static_assert(is_version(description.version),
                "kVersion must be a semantic version such as 1.2.0");
  Note<write_note_text(description, nullptr)> note;
  write_note_text(description, note.text);
  return note;
}

}  // namespace detail
}  // namespace sluice

// A sanitizer's padding around the object would break the note.
#if defined(__clang__)
#define SLUICE_NOTE_ATTRIBUTES \
  __attribute__((section(".note.sluice"), used, aligned(4), no_sanitize("address")))
#else
#define SLUICE_NOTE_ATTRIBUTES __attribute__((section(".note.sluice"), used, aligned(4)))
#endif
