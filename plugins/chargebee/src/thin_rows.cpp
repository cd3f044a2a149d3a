#include "thin_rows.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <sluice/error.hpp>
#include <utility>

namespace chargebee {
namespace {

namespace ondemand = simdjson::ondemand;

// Of customers and subscriptions: identity, versions, what chooses among subscriptions, and what
// names their plan.
constexpr std::array<std::string_view, 15> kLookedAt{
    "id",         "customer_id", "resource_version", "updated_at",  "occurred_at",
    "created_at", "date",        "deleted",          "pii_cleared", "active_id",
    "status",     "mrr",         "exchange_rate",    "plan_id",     "subscription_items"};
// What `name_plan` adds.
constexpr std::array<std::string_view, 2> kAdded{"plan_name", "plan_code"};

template <typename Value, typename Result>
bool got(Result&& result, Value& value) {
  return std::forward<Result>(result).get(value) == simdjson::SUCCESS;
}

}  // namespace

struct ThinReader::Buffers {
  ondemand::parser parser;
  sluice::JsonParser exact;
  std::string padded;
};

namespace {

// Reads one list's answer. Every function answers false where it cannot go on.
class ListReader {
 public:
  ListReader(ondemand::parser& parser, sluice::JsonParser& exact, std::string_view member,
             const json::storage_ptr& storage)
      : parser_{parser}, exact_{exact}, member_{member} {
    list_.emplace(ThinList{json::array(storage), {}});
  }

  // `body` is padded up to `capacity`.
  std::optional<ThinList> read(std::string_view body, std::size_t capacity) {
    ondemand::document document;
    ondemand::object answer;
    if (!got(parser_.iterate(body.data(), body.size(), capacity), document) ||
        !got(document.get_object(), answer)) {
      return std::nullopt;
    }
    bool has_rows = false;
    for (auto each : answer) {
      ondemand::field field;
      std::string_view key;
      if (!got(std::move(each), field) || !got(field.unescaped_key(), key)) return std::nullopt;
      bool is_fine = true;
      if (key == "list") {
        is_fine = !std::exchange(has_rows, true) && read_rows(field.value());
      } else if (key == "next_offset") {
        std::string_view offset;
        is_fine = got(field.value().get_string(), offset);
        list_->next_offset = offset;
      }
      if (!is_fine) return std::nullopt;
    }
    const bool is_over = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    return has_rows && is_over ? std::move(list_) : std::nullopt;
  }

 private:
  bool read_rows(ondemand::value value) {
    ondemand::array rows;
    if (!got(value.get_array(), rows)) return false;
    for (auto each : rows) {
      if (each.error() != simdjson::SUCCESS) return false;
      ondemand::value row = each.value_unsafe();
      ondemand::object members;
      if (!got(row.get_object(), members)) return false;
      auto& out = list_->rows.emplace_back(json::object_kind).get_object();
      for (auto one : members) {
        ondemand::field field;
        std::string_view key;
        if (!got(std::move(one), field) || !got(field.unescaped_key(), key)) return false;
        if (key != member_) continue;
        if (!read_object(field.value(), out[member_].emplace_object())) return false;
      }
    }
    return true;
  }

  bool read_object(ondemand::value value, json::object& thin) {
    ondemand::object object;
    std::string_view written;
    if (!got(value.get_object(), object) || !got(object.raw_json(), written) ||
        object.reset().error() != simdjson::SUCCESS) {
      return false;
    }
    thin.reserve(kLookedAt.size());
    for (auto each : object) {
      ondemand::field field;
      std::string_view key;
      if (!got(std::move(each), field) || !got(field.unescaped_key(), key)) return false;
      const auto* name = std::find(kLookedAt.begin(), kLookedAt.end(), key);
      if (name != kLookedAt.end() && !read_value(field.value(), thin[*name])) return false;
    }
    while (!written.empty() && written.back() != '}') written.remove_suffix(1);
    thin[kWritten] = written;
    return true;
  }

  bool read_value(ondemand::value value, json::value& out) {
    ondemand::json_type type{};
    if (!got(value.type(), type)) return false;
    if (type == ondemand::json_type::string) {
      std::string_view text;
      if (!got(value.get_string(), text)) return false;
      out.emplace_string() = text;
    } else if (type == ondemand::json_type::boolean) {
      if (!got(value.get_bool(), out.emplace_bool())) return false;
    } else if (type == ondemand::json_type::array) {
      ondemand::array array;
      std::string_view text;
      if (!got(value.get_array(), array) || !got(array.raw_json(), text)) return false;
      while (!text.empty() && text.back() != ']') text.remove_suffix(1);
      out = exact_.parse(text, out.storage());
    } else if (type == ondemand::json_type::number) {
      ondemand::number number;
      if (!got(value.get_number(), number)) return false;
      if (number.is_int64()) {
        out = number.get_int64();
      } else if (number.is_uint64()) {
        out = number.get_uint64();
      } else {
        out = number.get_double();
      }
    } else {
      out = nullptr;  // nothing looks into an object here
    }
    return true;
  }

  ondemand::parser& parser_;
  sluice::JsonParser& exact_;
  std::string_view member_;
  std::optional<ThinList> list_;
};

}  // namespace

ThinReader::ThinReader() : buffers_{std::make_unique<Buffers>()} {}
ThinReader::~ThinReader() = default;

std::optional<ThinList> ThinReader::read(std::string_view body, std::string_view member,
                                         const json::storage_ptr& storage) {
  auto& [parser, exact, padded] = *buffers_;
  padded.assign(body);
  padded.resize(body.size() + simdjson::SIMDJSON_PADDING);
  return ListReader{parser, exact, member, storage}.read({padded.data(), body.size()},
                                                         padded.size());
}

void write_whole(std::string& out, const json::value& value) {
  const auto* object = value.if_object();
  const auto* array = value.if_array();
  const auto* written = object != nullptr ? object->if_contains(kWritten) : nullptr;
  if (array != nullptr) {
    out.push_back('[');
    for (const auto& item : *array) {
      if (out.back() != '[') out.push_back(',');
      write_whole(out, item);
    }
    out.push_back(']');
  } else if (written == nullptr) {
    sluice::write_json(out, value);
  } else {
    const auto& text = written->get_string();
    out.append(text.data(), text.size() - 1);
    for (const auto name : kAdded) {
      const auto* added = object->if_contains(name);
      if (added == nullptr) continue;
      // Of equal members the last one counts, should Chargebee give one of this name.
      if (out.back() != '{') out.push_back(',');
      sluice::write_json(out, name);
      out.push_back(':');
      sluice::write_json(out, *added);
    }
    out.push_back('}');
  }
}

}  // namespace chargebee
