#include "pipeline/record_mapper.hpp"

#include <simdjson.h>

#include <algorithm>
#include <boost/json/value_stack.hpp>
#include <cstring>
#include <optional>
#include <vector>

namespace sluice::host {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t kFirstCapacity = 16u << 10;

// Values of a document as far as `RecordParts` names them. Every function answers false where it
// cannot go on: the other parser then says what is wrong, if anything is.
class PartsReader {
 public:
  // `text` is padded.
  PartsReader(std::string_view text, json::value_stack& stack) noexcept
      : text_{text}, stack_{stack}, has_escapes_{text.find('\\') != std::string_view::npos} {}

  // False: it is none of these.
  [[nodiscard]] bool may_be_key(ondemand::field& field, const RecordParts& parts) const {
    return has_escapes_ || parts.may_have(field.key().raw());
  }
  [[nodiscard]] bool is_key(ondemand::field& field, std::string_view name) const {
    if (has_escapes_) return key_ == name;
    const char* key = field.key().raw();
    const auto left = static_cast<std::size_t>(text_.data() + text_.size() - key);
    return left > name.size() && key[name.size()] == '"' &&
           std::memcmp(key, name.data(), name.size()) == 0;
  }
  // To be called before `is_key`.
  [[nodiscard]] bool begin(ondemand::field& field) {
    return !has_escapes_ || field.unescaped_key().get(key_) == simdjson::SUCCESS;
  }

  // Pushes the value. `parts`: nullptr for all of it.
  [[nodiscard]] bool put(ondemand::value value, const RecordParts* parts, std::size_t depth = 2) {
    ondemand::json_type type{};
    if (depth > kMaxJsonDepth || value.type().get(type) != simdjson::SUCCESS) return false;
    if (parts != nullptr && parts->whole()) parts = nullptr;
    switch (type) {
      case ondemand::json_type::object:
        return put_object(value, parts, depth);
      case ondemand::json_type::array:
        return put_array(value, parts, depth);
      case ondemand::json_type::string:
        return put_string(value);
      case ondemand::json_type::number:
        return put_number(value);
      case ondemand::json_type::boolean:
        return put_boolean(value);
      case ondemand::json_type::null:
        return put_null(value);
    }
    return false;
  }

 private:
  bool put_object(ondemand::value& value, const RecordParts* parts, std::size_t depth) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return false;
    if (parts != nullptr && parts->element() != nullptr) parts = nullptr;
    std::size_t size = 0;
    for (auto each : object) {
      ondemand::field field;
      if (std::move(each).get(field) != simdjson::SUCCESS) return false;
      if (parts == nullptr) {
        std::string_view key;
        if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
        stack_.push_key(key);
        if (!put(field.value(), nullptr, depth + 1)) return false;
        ++size;
        continue;
      }
      if (!begin(field)) return false;
      if (!may_be_key(field, *parts)) continue;
      for (const auto& [name, part] : parts->members()) {
        if (!is_key(field, name)) continue;
        stack_.push_key(name);
        if (!put(field.value(), &part, depth + 1)) return false;
        ++size;
        break;
      }
    }
    stack_.push_object(size);
    return true;
  }

  bool put_array(ondemand::value& value, const RecordParts* parts, std::size_t depth) {
    std::size_t size = 0;
    if (parts == nullptr || parts->element() != nullptr) {
      ondemand::array array;
      if (value.get_array().get(array) != simdjson::SUCCESS) return false;
      for (auto each : array) {
        if (each.error() != simdjson::SUCCESS) return false;
        const ondemand::value item = each.value_unsafe();
        if (!put(item, parts == nullptr ? nullptr : parts->element(), depth + 1)) return false;
        ++size;
      }
    }
    stack_.push_array(size);
    return true;
  }

  bool put_string(ondemand::value& value) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) return false;
    stack_.push_string(text);
    return true;
  }

  bool put_number(ondemand::value& value) {
    ondemand::number number;
    if (value.get_number().get(number) != simdjson::SUCCESS) return false;
    if (number.is_int64()) {
      stack_.push_int64(number.get_int64());
    } else if (number.is_uint64()) {
      stack_.push_uint64(number.get_uint64());
    } else {
      stack_.push_double(number.get_double());
    }
    return true;
  }

  bool put_boolean(ondemand::value& value) {
    bool truth = false;
    if (value.get_bool().get(truth) != simdjson::SUCCESS) return false;
    stack_.push_bool(truth);
    return true;
  }

  bool put_null(ondemand::value& value) {
    bool is_null = false;
    if (value.is_null().get(is_null) != simdjson::SUCCESS || !is_null) return false;
    stack_.push_null();
    return true;
  }

  std::string_view text_;
  json::value_stack& stack_;
  std::string_view key_;  // of the field that `begin` was called for, where there are escapes
  bool has_escapes_;
};

bool get_text(ondemand::field& field, std::string& out) {
  std::string_view text;
  if (field.value().get_string().get(text) != simdjson::SUCCESS) return false;
  out = text;
  return true;
}

}  // namespace

struct RecordMapper::Impl {
  Impl(Mapping of, std::string name) : mapping{std::move(of)}, connector{std::move(name)} {}

  Mapping mapping;
  std::string connector;
  JsonParser exact;
  ondemand::parser parser;
  std::vector<char> padded;
  json::value_stack stack;

  // Nothing for a line that is not as nearly all are.
  std::optional<Incoming> read(std::string_view line, const json::storage_ptr& storage) {
    const std::size_t needed = line.size() + simdjson::SIMDJSON_PADDING;
    if (padded.size() < needed) padded.resize(std::max(needed, kFirstCapacity));
    std::memcpy(padded.data(), line.data(), line.size());
    stack.reset(storage);
    Incoming head;
    const bool is_read = read_members({padded.data(), line.size()}, head);
    if (!is_read || head.key.empty()) {
      stack.reset();
      return std::nullopt;
    }
    json::value data = stack.release();
    // Made from the value and not assigned, which would copy it out of its storage.
    return Incoming{head.remove,  std::move(head.key),  head.version,
                    head.recency, std::move(head.skip), json::value(std::move(data))};
  }

  bool read_members(std::string_view text, Incoming& head) {
    ondemand::document document;
    ondemand::object object;
    if (parser.iterate(text.data(), text.size(), padded.size()).get(document) !=
            simdjson::SUCCESS ||
        document.get_object().get(object) != simdjson::SUCCESS) {
      return false;
    }
    PartsReader reader{text, stack};
    bool has_op = false;
    bool has_data = false;
    for (auto each : object) {
      ondemand::field field;
      if (std::move(each).get(field) != simdjson::SUCCESS || !reader.begin(field)) return false;
      bool is_fine = true;
      if (reader.is_key(field, "data")) {
        is_fine = !has_data && reader.put(field.value(), &mapping.parts());
        has_data = true;
      } else if (reader.is_key(field, "op")) {
        std::string_view op;
        is_fine = field.value().get_string().get(op) == simdjson::SUCCESS &&
                  (op == "upsert" || op == "delete");
        head.remove = op == "delete";
        has_op = true;
      } else if (reader.is_key(field, "key")) {
        is_fine = get_text(field, head.key);
      } else if (reader.is_key(field, "skip")) {
        is_fine = get_text(field, head.skip);
      } else if (reader.is_key(field, "version")) {
        is_fine = field.value().get_int64().get(head.version) == simdjson::SUCCESS;
      } else if (reader.is_key(field, "recency")) {
        is_fine = field.value().get_int64().get(head.recency) == simdjson::SUCCESS;
      }
      if (!is_fine) return false;
    }
    if (!has_data) stack.push_null();
    return has_op && document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  }
};

RecordMapper::RecordMapper(Mapping mapping, std::string connector)
    : impl_{std::make_unique<Impl>(std::move(mapping), std::move(connector))} {}
RecordMapper::~RecordMapper() = default;

Incoming RecordMapper::read(std::string_view line, const json::storage_ptr& storage) {
  if (auto record = impl_->read(line, storage)) return *std::move(record);
  return decode_record(impl_->exact, line, impl_->connector, storage);
}

MapResult RecordMapper::map(const Incoming& record, std::string_view line) {
  MapResult result = impl_->mapping.apply(record.data, record.data.storage());
  if (result.status != MapResult::Status::Rejected) return result;
  return impl_->mapping.apply(decode_record(impl_->exact, line, impl_->connector).data);
}

}  // namespace sluice::host
