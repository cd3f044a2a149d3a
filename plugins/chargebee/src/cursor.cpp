#include "cursor.hpp"

#include <sluice/error.hpp>

namespace chargebee {

using sluice::Code;
using sluice::Error;

namespace {

constexpr const char* kMark = "chargebee";
constexpr std::int64_t kFormat = 1;

std::string name_of(Cursor::Kind kind) {
  return kind == Cursor::Kind::Full ? "full" : "incremental";
}

[[noreturn]] void refuse(const std::string& why) {
  throw Error{Code::CursorInvalid,
              "the cursor cannot be continued (" + why + "): start the stream again"};
}

std::vector<std::string> texts(const json::object& object, std::string_view name) {
  std::vector<std::string> all;
  const auto* value = object.if_contains(name);
  if (value == nullptr) return all;
  if (!value->is_array()) refuse(std::string{name} + " is no list");
  for (const auto& entry : value->get_array()) {
    const auto* string = entry.if_string();
    if (string == nullptr) refuse(std::string{name} + " holds something else than texts");
    all.emplace_back(string->data(), string->size());
  }
  return all;
}

}  // namespace

json::value Cursor::to_json(const std::string& stream) const {
  json::object object{{kMark, kFormat}, {"stream", stream}, {"kind", name_of(kind)}};
  if (started_at) object["started_at"] = *started_at;
  if (kind == Kind::Incremental) object["bookmark"] = bookmark;
  if (!phase.empty()) object["phase"] = phase;
  if (auto state = walk.to_json(); !state.empty()) object["walk"] = std::move(state);
  if (!after.empty()) object["after"] = after;
  if (!current.empty()) {
    json::array ids;
    for (const auto& id : current) ids.emplace_back(id);
    object["current"] = std::move(ids);
  }
  return object;
}

Cursor Cursor::from_json(const json::value& value, const std::string& stream, Kind kind) {
  if (!value.is_object()) refuse("it is not an object");
  const auto& object = value.get_object();
  if (whole(object, kMark) != kFormat) refuse("it is not one of this connector's");
  if (text_of(object, "stream") != stream) refuse("it belongs to another stream");
  if (text_of(object, "kind") != name_of(kind)) refuse("it belongs to another kind of walk");
  Cursor cursor;
  cursor.kind = kind;
  cursor.started_at = instant(object, "started_at");
  if (kind == Kind::Incremental) {
    const auto bookmark = instant(object, "bookmark");
    if (!bookmark) refuse("it has no bookmark");
    cursor.bookmark = *bookmark;
  } else if (!cursor.started_at) {
    refuse("it has no start");
  }
  cursor.phase = text_of(object, "phase");
  if (const auto* state = object.if_contains("walk")) cursor.walk = WalkState::from_json(*state);
  cursor.after = text_of(object, "after");
  cursor.current = texts(object, "current");
  return cursor;
}

}  // namespace chargebee
