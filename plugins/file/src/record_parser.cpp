#include "record_parser.hpp"

#include <simdjson.h>

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <charconv>
#include <cstring>
#include <sluice/error.hpp>
#include <sluice/time.hpp>
#include <sstream>

namespace file_connector {
namespace {

namespace json = sluice::json;
using sluice::Code;
using sluice::Error;

std::vector<std::string> split(const std::string& path, Names names) {
  if (names == Names::Plain && !path.empty()) return {path};
  std::vector<std::string> members;
  std::istringstream in{path};
  for (std::string member; std::getline(in, member, '.');) members.push_back(member);
  return members;
}

const json::value* find(const json::value& record, const std::vector<std::string>& path) {
  const json::value* value = &record;
  for (const auto& member : path) {
    const auto* object = value->if_object();
    value = object == nullptr ? nullptr : object->if_contains(member);
    if (value == nullptr || value->is_null()) return nullptr;
  }
  return value;
}

std::string joined(const std::vector<std::string>& path) {
  std::string text;
  for (const auto& member : path) text += (text.empty() ? "" : ".") + member;
  return text;
}

std::optional<std::int64_t> rank(const json::value& record, const std::vector<std::string>& path) {
  if (path.empty()) return std::nullopt;
  const auto* value = find(record, path);
  const auto number = value == nullptr ? std::nullopt : sortable(*value);
  if (!number) {
    throw Error{Code::SchemaMismatch,
                "'" + joined(path) + "' is no whole number, date or timestamp"};
  }
  return number;
}

bool is_deleted(const json::value& record, const std::vector<std::string>& path) {
  const auto* value = path.empty() ? nullptr : find(record, path);
  if (value == nullptr) return false;
  if (value->is_bool()) return value->get_bool();
  if (value->is_string() && value->get_string() == "true") return true;
  if (value->is_string() && value->get_string() == "false") return false;
  throw Error{Code::SchemaMismatch, "'" + joined(path) + "' is neither true nor false"};
}

// Levels of containers; the record will stand one level deeper when it crosses to the host.
std::size_t depth_of(const json::value& value) {
  std::size_t inner = 0;
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object) inner = std::max(inner, depth_of(member.value()));
    return inner + 1;
  }
  if (const auto* array = value.if_array()) {
    for (const auto& item : *array) inner = std::max(inner, depth_of(item));
    return inner + 1;
  }
  return 0;
}

std::optional<std::int64_t> sortable_text(std::string_view text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  if (const auto result = std::from_chars(text.data(), end, number);
      result.ec == std::errc{} && result.ptr == end) {
    return number;
  }
  return sluice::milliseconds_of(text);
}

bool may_be_deep(std::string_view line) {
  return std::count_if(line.begin(), line.end(), [](char c) { return c == '{' || c == '['; }) >=
         static_cast<std::ptrdiff_t>(sluice::kMaxJsonDepth);
}

}  // namespace

// Checks a line and finds the few members that are wanted, without making values of the others.
class RecordParser::Quick {
 public:
  explicit Quick(const RecordParser& of) : of_{of} {}

  // Nothing for a line that is not as nearly all are: the exact parser says what is wrong, if
  // anything is.
  std::optional<RecordHead> parse(std::string_view line) {
    element record;
    if (!read(line, record)) return std::nullopt;
    RecordHead head;
    const auto key = find(record, of_.key_);
    if (!key || !take_key(*key, head.key)) return std::nullopt;
    if (!take_rank(record, of_.version_, head.version)) return std::nullopt;
    if (!take_rank(record, of_.recency_, head.recency)) return std::nullopt;
    const auto deleted = of_.deleted_.empty() ? std::nullopt : find(record, of_.deleted_);
    if (deleted && deleted->get_bool().get(head.deleted) != simdjson::SUCCESS) return std::nullopt;
    return head;
  }

 private:
  using element = simdjson::dom::element;

  bool read(std::string_view line, element& record) {
    const std::size_t needed = line.size() + simdjson::SIMDJSON_PADDING;
    if (padded_.size() < needed) {
      padded_.resize(std::max(needed, std::size_t{16u << 10}));
      // The record will stand one level deeper when it crosses to the host.
      if (parser_.allocate(padded_.size(), sluice::kMaxJsonDepth - 1) != simdjson::SUCCESS)
        return false;
    }
    std::memcpy(padded_.data(), line.data(), line.size());
    return parser_.parse(padded_.data(), line.size(), false).get(record) == simdjson::SUCCESS &&
           record.is_object();
  }

  // As `find` does: of equal members the last one counts, and null is as good as none.
  static std::optional<element> find(element value, const Path& path) {
    for (const auto& member : path) {
      simdjson::dom::object object;
      if (value.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
      bool found = false;
      for (const auto field : object) {
        if (field.key != member) continue;
        value = field.value;
        found = true;
      }
      if (!found || value.is_null()) return std::nullopt;
    }
    return value;
  }

  static bool take_key(const element& value, std::string& key) {
    if (std::string_view text; value.get_string().get(text) == simdjson::SUCCESS) {
      key = text;
    } else if (value.is_int64()) {
      key = std::to_string(value.get_int64().value_unsafe());
    } else if (value.is_uint64()) {
      key = std::to_string(value.get_uint64().value_unsafe());
    }
    return !key.empty();
  }

  static bool take_rank(element record, const Path& path, std::optional<std::int64_t>& rank) {
    if (path.empty()) return true;
    const auto value = find(record, path);
    if (!value) return false;
    if (value->is_int64()) {
      rank = value->get_int64().value_unsafe();
    } else if (std::string_view text; value->get_string().get(text) == simdjson::SUCCESS) {
      rank = sortable_text(text);
    }
    return rank.has_value();
  }

  const RecordParser& of_;
  simdjson::dom::parser parser_;
  std::vector<char> padded_;
};

RecordParser::RecordParser(const Options& options, Names names)
    : key_{split(options.key, names)},
      version_{split(options.version, names)},
      recency_{split(options.recency, names)},
      deleted_{split(options.deleted, names)},
      quick_{std::make_unique<Quick>(*this)},
      memory_(16u << 10) {}
RecordParser::~RecordParser() = default;

RecordHead RecordParser::parse(std::string_view line) {
  if (auto head = quick_->parse(line)) return *std::move(head);
  return parse_exactly(line);
}

RecordHead RecordParser::parse_exactly(std::string_view line) {
  json::monotonic_resource values{memory_.data(), memory_.size()};
  const auto record = parser_.parse(line, &values);
  if (!record.is_object()) throw Error{Code::SchemaMismatch, "the line is no JSON object"};
  if (may_be_deep(line) && depth_of(record) >= sluice::kMaxJsonDepth) {
    throw Error{Code::SchemaMismatch, "the record is nested too deeply"};
  }
  const auto* key_value = find(record, key_);
  auto key = key_value == nullptr ? std::nullopt : key_text(*key_value);
  if (!key) {
    throw Error{Code::SchemaMismatch,
                "the record has no text or whole number '" + joined(key_) + "' to be its key"};
  }
  return {*std::move(key), rank(record, version_), rank(record, recency_),
          is_deleted(record, deleted_)};
}

std::string_view trimmed(std::string_view line) noexcept {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  return line;
}

bool is_blank(std::string_view line) noexcept {
  return trimmed(line).find_first_not_of(" \t") == std::string_view::npos;
}

std::optional<std::string> key_text(const json::value& value) {
  if (const auto* text = value.if_string(); text != nullptr && !text->empty()) {
    return std::string{*text};
  }
  if (value.is_int64() || value.is_uint64()) return sluice::to_json(value);
  return std::nullopt;
}

std::optional<std::int64_t> sortable(const json::value& value) {
  if (const auto* number = value.if_int64()) return *number;
  const auto* text = value.if_string();
  return text == nullptr ? std::nullopt : sortable_text(*text);
}

}  // namespace file_connector
