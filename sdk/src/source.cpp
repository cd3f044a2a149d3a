#include "sluice/source.hpp"

#include <algorithm>
#include <charconv>

#include "sluice/error.hpp"
#include "sluice/time.hpp"

namespace sluice {
namespace {

void append_number(std::string& out, std::int64_t number) {
  char buffer[24];
  const auto result = std::to_chars(std::begin(buffer), std::end(buffer), number);
  out.append(buffer, result.ptr);
}

void open_line(std::string& out, std::string_view op, std::string_view key, std::int64_t version,
               std::int64_t recency) {
  out.append("{\"op\":\"").append(op).append("\",\"key\":");
  write_json(out, key);
  out.append(",\"version\":");
  append_number(out, version);
  out.append(",\"recency\":");
  append_number(out, recency);
}

void append_data(std::string& out, std::string_view data) {
  out.append(",\"data\":");
  const auto start = out.size();
  out.append(data);
  // A line break can only stand between the tokens of a document, where a space means the same.
  for (const char line_break : {'\n', '\r'}) {
    for (auto at = out.find(line_break, start); at != std::string::npos;
         at = out.find(line_break, at)) {
      out[at] = ' ';
    }
  }
}

std::string where(std::string_view list, std::size_t index) {
  return "item " + std::to_string(index) + " of '" + std::string{list} + "'";
}

std::string key_of(const json::object& item, std::string_view list, std::size_t index,
                   std::string_view member) {
  const auto* value = item.if_contains(member);
  if (value != nullptr && value->is_string() && !value->get_string().empty()) {
    return std::string{value->get_string()};
  }
  if (value != nullptr && (value->is_int64() || value->is_uint64())) return to_json(*value);
  throw Error{Code::SchemaMismatch, where(list, index) + " has no text or number '" +
                                        std::string{member} + "' to be its key"};
}

std::int64_t version_of(const json::object& item, std::string_view list, std::size_t index,
                        std::string_view member) {
  if (member.empty()) return 0;
  const auto* value = item.if_contains(member);
  if (value != nullptr && value->is_int64()) return value->get_int64();
  if (value != nullptr && value->is_string()) {
    if (const auto time = milliseconds_of(value->get_string())) return *time;
  }
  throw Error{Code::SchemaMismatch, where(list, index) + " has no whole number or timestamp '" +
                                        std::string{member} + "' to be its version"};
}

}  // namespace

Record Record::removed(std::string key, std::int64_t version) {
  Record record;
  record.op = Op::Delete;
  record.key = std::move(key);
  record.version = version;
  return record;
}

void RecordBatch::add(const Record& record) {
  std::string data;
  if (record.op == Record::Op::Upsert) write_json(data, record.data);
  add(record, data);
}

void RecordBatch::add(const Record& record, std::string_view data) {
  open_line(text_, record.op == Record::Op::Upsert ? "upsert" : "delete", record.key,
            record.version, record.recency);
  if (!record.skip.empty()) {
    text_.append(",\"skip\":");
    write_json(text_, std::string_view{record.skip});
  }
  if (record.op == Record::Op::Upsert) append_data(text_, data);
  text_.append("}\n");
  ++count_;
}

void RecordBatch::add_raw(std::string_view key, std::int64_t version, std::int64_t recency,
                          std::string_view data) {
  open_line(text_, "upsert", key, version, recency);
  append_data(text_, data);
  text_.append("}\n");
  ++count_;
}

RecordBatch rows(const json::object& body, std::string_view list, std::string_view key,
                 std::string_view version) {
  const auto* items = body.if_contains(list);
  if (items == nullptr || !items->is_array()) {
    throw Error{Code::SchemaMismatch, "the answer has no list '" + std::string{list} + "'"};
  }
  RecordBatch batch;
  std::size_t index = 0;
  for (const auto& item : items->get_array()) {
    if (!item.is_object()) {
      throw Error{Code::SchemaMismatch, where(list, index) + " is not an object"};
    }
    const auto& object = item.get_object();
    std::string data;
    write_json(data, item);
    batch.add_raw(key_of(object, list, index, key), version_of(object, list, index, version), 0,
                  data);
    ++index;
  }
  return batch;
}

RecordBatch Source::lookup(Context&, const ReadRequest&, const std::vector<std::string>&) {
  throw Error{Code::Unsupported, "this connector cannot read single records by key"};
}

}  // namespace sluice
