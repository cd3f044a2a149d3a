// Values on their way to a custom field and back.
#pragma once

#include <chrono>
#include <optional>
#include <sluice/sdk.hpp>
#include <string>
#include <string_view>

#include "account_model.hpp"

namespace activecampaign {

// Either the text that the vendor stores, or why the value does not fit ("" when it does).
struct FormattedValue {
  std::string text;
  std::string problem;
};

// `value` is not null. Numbers become decimals without exponent, dates YYYY-MM-DD, instants
// ISO 8601 with offset, options their stored value, several options ||a||b||.
[[nodiscard]] FormattedValue format_value(const CustomField& field, const json::value& value);

// For the built-in text fields.
[[nodiscard]] FormattedValue format_text(const json::value& value);

// A stored text as a value of the field's type: a number, an array of options, an instant in UTC;
// null when there is no value. A text that does not fit the type stays a text.
[[nodiscard]] json::value parse_value(const CustomField& field, std::string_view stored);

// No value: empty, or a date of zeros.
[[nodiscard]] bool is_blank(std::string_view stored);

// Do two stored texts of the field mean the same? Instants are compared as instants, options as
// sets, since the account's time zone and order decide how they are shown.
[[nodiscard]] bool same_value(const CustomField& field, std::string_view a, std::string_view b);

// Finer than what is stored, and wide enough for all years of four digits, which system_clock's is
// not.
using Instant = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

// An ISO 8601 instant with offset.
[[nodiscard]] std::optional<Instant> parse_instant(std::string_view text);

}  // namespace activecampaign
