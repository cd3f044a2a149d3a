#include <algorithm>
#include <array>
#include <cctype>

#include "generator_detail.hpp"

namespace chargebee_sandbox {

using namespace detail;

std::string_view Generator::pii_state(std::uint64_t index) const {
  const double state = draw(kPiiDraw, index).unit();
  if (index >= total_ || is_gifter(index)) return "active";
  if (state < 0.002) return "cleared";
  return state < 0.003 ? "scheduled_for_clear" : "active";
}

std::string Generator::own_email(std::uint64_t index) const {
  auto person = draw(kPersonDraw, index);
  const Culture& culture = culture_of(person);
  const Name& first = person.pick(culture.first);
  const Name& last = person.pick(culture.last);
  auto draws = draw(kEmailDraw, index);
  static_cast<void>(draws.next());
  const std::string number = std::to_string(index);
  std::string local;
  switch (draws.below(4)) {
    case 0:
      local = std::string{first.latin} + '.' + std::string{last.latin} + '.' + number;
      break;
    case 1:
      local = std::string{first.latin.substr(0, 1)} + '_' + std::string{last.latin} + number;
      break;
    case 2:
      local = std::string{last.latin} + number + "+billing";
      break;
    default:
      local = std::string{first.latin} + number;
      break;
  }
  return local + '@' + std::string{draws.pick(mail_domains())};
}

std::string Generator::email(std::uint64_t index) const {
  if (pii_state(index) == "cleared") return {};
  auto draws = draw(kEmailDraw, index);
  double kind = draws.unit();
  if (index >= total_) return own_email(index);
  if (kind < settings_.missing_email) return {};
  kind -= settings_.missing_email;
  if (kind < settings_.malformed_email) {
    static constexpr std::array<std::string_view, 4> kMalformed = {
        "no-at-sign.example.com", "two@@example.com", "trailing@dot.", "spaces in@example.com"};
    return std::string{draws.pick(kMalformed)};
  }
  kind -= settings_.malformed_email;
  std::string address = own_email(index);
  if (kind < settings_.duplicate_email && index > 0) {
    const std::string other = email(index - 1 - draws.below(std::min<std::uint64_t>(index, 50)));
    if (!other.empty()) address = other;
    if (draws.chance(0.5))
      address[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(address[0])));
  } else if (draws.chance(0.02)) {
    std::transform(address.begin(), address.end(), address.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  }
  return address;
}

std::string_view Generator::currency(std::uint64_t index) const {
  auto person = draw(kPersonDraw, index);
  return culture_of(person).currency;
}

void Generator::add_person(json::object& row, std::uint64_t index) const {
  auto person = draw(kPersonDraw, index);
  const Culture& culture = culture_of(person);
  const Name& first = person.pick(culture.first);
  const Name& last = person.pick(culture.last);
  if (pii_state(index) != "cleared") {
    if (!person.chance(0.03)) row["first_name"] = first.written;
    if (!person.chance(0.03)) row["last_name"] = last.written;
    if (const std::string address = email(index); !address.empty()) row["email"] = address;
    if (person.chance(0.6)) {
      row["phone"] = person.chance(0.5) ? std::string{culture.dial_code} + ' ' +
                                              digits(person.below(1'000'000'000), 9)
                                        : std::string{"0"} + digits(person.below(100'000'000), 8);
    }
    if (person.chance(0.35)) row["company"] = person.pick(companies());
    if (person.chance(0.1))
      row["vat_number"] = std::string{culture.country} + digits(person.below(1'000'000'000), 9);
  }
  row["locale"] = culture.locale;
  row["preferred_currency_code"] = culture.currency;
}

void Generator::add_address(json::object& row, std::uint64_t index) const {
  auto person = draw(kPersonDraw, index);
  const Culture& culture = culture_of(person);
  auto draws = draw(kAddressDraw, index);
  if (pii_state(index) == "cleared" || draws.chance(0.15)) return;
  const Town& place = draws.pick(culture.places);
  json::object address;
  for (const char* name : {"first_name", "last_name", "company"}) {
    if (const json::value* value = row.if_contains(name)) address[name] = *value;
  }
  address["line1"] = place.street;
  if (draws.chance(0.1)) address["line2"] = "c/o Empfang, 2. OG";
  address["city"] = place.city;
  if (!place.state_code.empty()) address["state_code"] = place.state_code;
  address["state"] = place.state;
  address["country"] = culture.country;
  address["zip"] = place.zip;
  address["validation_status"] = "not_validated";
  address["object"] = "billing_address";
  row["billing_address"] = std::move(address);
}

}  // namespace chargebee_sandbox
