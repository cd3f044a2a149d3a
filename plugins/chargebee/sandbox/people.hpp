// Names, places and companies that the generated customers are made of.
#pragma once

#include <span>
#include <string_view>

namespace chargebee_sandbox {

struct Name {
  std::string_view written;  // as the person writes it
  std::string_view latin;    // as it stands in an e-mail address
};

struct Town {
  std::string_view city;
  std::string_view state;
  std::string_view state_code;  // empty: the country has none
  std::string_view zip;         // text: leading zeros and spaces matter
  std::string_view street;
};

struct Culture {
  std::string_view locale;
  std::string_view country;  // ISO 3166 alpha-2
  std::string_view currency;
  std::string_view dial_code;
  std::span<const Name> first;
  std::span<const Name> last;
  std::span<const Town> places;
};

[[nodiscard]] std::span<const Culture> cultures();
[[nodiscard]] std::span<const std::string_view> companies();
[[nodiscard]] std::span<const std::string_view> mail_domains();

}  // namespace chargebee_sandbox
