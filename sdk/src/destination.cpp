#include "sluice/destination.hpp"

#include <array>
#include <utility>

namespace sluice {
namespace {

constexpr std::array<std::pair<FieldType, std::string_view>, 8> kFieldTypes{{
    {FieldType::Text, "text"},
    {FieldType::Textarea, "textarea"},
    {FieldType::Number, "number"},
    {FieldType::Date, "date"},
    {FieldType::Datetime, "datetime"},
    {FieldType::Boolean, "boolean"},
    {FieldType::Option, "option"},
    {FieldType::Options, "options"},
}};

}  // namespace

std::string_view to_string(FieldType type) noexcept {
  for (const auto& [known, name] : kFieldTypes) {
    if (known == type) return name;
  }
  return "text";
}

std::optional<FieldType> field_type(std::string_view name) noexcept {
  for (const auto& [type, known] : kFieldTypes) {
    if (known == name) return type;
  }
  return std::nullopt;
}

Outcome Outcome::ok(std::optional<Effect> effect, std::optional<std::string> remote_id) {
  Outcome outcome;
  outcome.status = Status::Ok;
  outcome.effect = effect;
  outcome.remote_id = std::move(remote_id);
  return outcome;
}

Outcome Outcome::rejected(std::string code, std::string message, std::string field) {
  Outcome outcome;
  outcome.status = Status::Rejected;
  outcome.code = std::move(code);
  outcome.message = std::move(message);
  outcome.field = std::move(field);
  return outcome;
}

Outcome Outcome::retry(std::chrono::milliseconds after, std::string message) {
  Outcome outcome;
  outcome.status = Status::Retry;
  outcome.after = after;
  outcome.message = std::move(message);
  return outcome;
}

Outcome Outcome::pending(std::string receipt, std::chrono::milliseconds after) {
  Outcome outcome;
  outcome.status = Status::Pending;
  outcome.receipt = std::move(receipt);
  outcome.after = after;
  return outcome;
}

Outcome Outcome::unconfirmed(std::string message) {
  Outcome outcome;
  outcome.status = Status::Unconfirmed;
  outcome.message = std::move(message);
  return outcome;
}

std::vector<Outcome> Writer::poll(Context&, const Receipt&, std::span<const Write>) {
  throw Error{Code::Unsupported, "this connector gives no receipts"};
}

std::vector<RemoteRow> Writer::lookup(Context&, const std::vector<std::string>&, bool) {
  throw Error{Code::Unsupported, "this connector cannot read back what it wrote"};
}

std::vector<CallEstimate> Writer::estimate(Context&, std::span<const Write>) {
  throw Error{Code::Unsupported, "this connector cannot tell what writing costs"};
}

std::vector<Refusal> Writer::screen(Context&, const std::vector<std::string>&) {
  return {};
}

std::vector<Difference> Writer::verify(Context&, std::span<const Write>) {
  throw Error{Code::Unsupported, "this connector cannot compare with what it wrote"};
}

std::vector<PreparedField> Destination::prepare(Context&, const PrepareRequest& request) {
  std::vector<PreparedField> fields;
  fields.reserve(request.fields.size());
  for (const auto& field : request.fields) {
    fields.push_back({field.name, PreparedField::Status::Exists, {}});
  }
  return fields;
}

}  // namespace sluice
