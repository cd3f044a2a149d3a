#include "account/seed.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace activecampaign_sandbox {

namespace {

constexpr std::array<std::string_view, 12> kFirstNames = {"Ada",  "Björn",  "Chloé", "Dmitri",
                                                          "Elif", "Fatima", "Grace", "Hiro",
                                                          "Inés", "Jack",   "Kofi",  "Łucja"};
constexpr std::array<std::string_view, 12> kLastNames = {
    "Lovelace", "O'Neil", "Müller", "Nguyen", "Okafor", "Papadopoulos",
    "Quispe",   "Rossi",  "Silva",  "Tanaka", "Ünal",   "Van der Berg"};
constexpr std::array<std::string_view, 6> kTypes = {"text",     "number",   "date",
                                                    "datetime", "dropdown", "listbox"};

// Distributions of the standard library differ between implementations; a remainder does not.
std::uint64_t below(std::mt19937_64& random, std::uint64_t limit) {
  return random() % limit;
}

template <std::size_t N>
std::string pick(const std::array<std::string_view, N>& names, std::mt19937_64& random) {
  return std::string{names[below(random, N)]};
}

// The draws are statements of their own: compilers choose the order of arguments.
std::string date(std::mt19937_64& random) {
  const std::uint64_t year = 10 + below(random, 15);
  const std::uint64_t month = 1 + below(random, 12);
  const std::uint64_t day = 1 + below(random, 28);
  return fmt::format("20{:02}-{:02}-{:02}", year, month, day);
}

std::string value_for(const Field& field, std::mt19937_64& random) {
  if (field.type == "number") return std::to_string(below(random, 10'000));
  if (field.type == "date") return date(random);
  if (field.type == "datetime") return date(random) + "T08:30:00+00:00";
  if (has_options(field.type)) {
    if (field.options.empty()) return {};
    const std::string& option = field.options[below(random, field.options.size())].value;
    return field.type == "listbox" || field.type == "checkbox" ? "||" + option + "||" : option;
  }
  return fmt::format("value {}", below(random, 1'000'000));
}

void set_random_value(Account& account, Contact& contact, std::mt19937_64& random) {
  if (account.fields.size() == 0) return;
  auto field = account.fields.rows().begin();
  std::advance(field, static_cast<std::ptrdiff_t>(below(random, account.fields.size())));
  account.set_value(contact, field->second, value_for(field->second, random));
}

void add_seeded_field(Account& account, std::uint64_t number) {
  const std::string_view type = kTypes[(number - 1) % kTypes.size()];
  const std::string title =
      fmt::format("{} {}", number % 10 == 0 ? "SEEDED FIELD" : "Seeded field", number);
  std::string spec = fmt::format("{}:{}", title, type);
  if (has_options(type)) spec += ":Gold|Silver|Bronze";
  add_field_by_spec(account, spec);
}

}  // namespace

Field& add_field_by_spec(Account& account, const std::string& specification) {
  const std::size_t colon = specification.find(':');
  const std::size_t second =
      colon == std::string::npos ? colon : specification.find(':', colon + 1);
  const std::string title = specification.substr(0, colon);
  std::string type = "text";
  if (colon != std::string::npos) type = specification.substr(colon + 1, second - colon - 1);
  Field& field = account.add_field(title, type);
  field.rels.push_back(
      {.id = account.next_rel_id(), .list = 0, .order = 1, .created = account.now()});
  if (second == std::string::npos) return field;
  std::string_view rest = std::string_view{specification}.substr(second + 1);
  while (!rest.empty()) {
    const std::string option{rest.substr(0, rest.find('|'))};
    account.add_option(field, option, option);
    rest.remove_prefix(std::min(rest.size(), option.size() + 1));
  }
  return field;
}

Contact& add_random_contact(Account& account, std::mt19937_64& random) {
  const std::string first = pick(kFirstNames, random);
  const std::string last = pick(kLastNames, random);
  std::string email = fmt::format("person{}@seed.example.com", account.contacts.ever() + 1);
  while (account.contacts.find_by_email(email) != nullptr) {
    email = fmt::format("person{}@seed.example.com", random());
  }
  Contact& contact = account.create_contact(email, false);
  contact.first_name = first;
  contact.last_name = last;
  contact.phone = fmt::format("+1 555 {:07}", below(random, 10'000'000));
  const std::uint64_t dice = below(random, 10);
  if (dice < 8 && account.lists.size() != 0) {
    account.set_membership(contact, account.lists.rows().begin()->first,
                           dice == 0 ? kUnsubscribed : kSubscribed, 0, false);
  }
  set_random_value(account, contact, random);
  return contact;
}

void change_randomly(Account& account, Contact& contact, std::mt19937_64& random) {
  switch (below(random, 4)) {
    case 0:
      contact.first_name = pick(kFirstNames, random);
      break;
    case 1:
      contact.last_name = pick(kLastNames, random);
      break;
    case 2:
      contact.phone = fmt::format("+1 555 {:07}", below(random, 10'000'000));
      break;
    default:
      set_random_value(account, contact, random);
  }
  contact.updated = account.now();
  account.contacts.changed();
}

void seed_account(Account& account, const Seed& seed) {
  account.add_list("Customers");
  for (std::uint64_t n = 1; n <= seed.lists; ++n)
    account.add_list(fmt::format("Seeded list {}", n));
  for (const std::string& name : seed.list_names) account.add_list(name);
  for (std::uint64_t n = 1; n <= seed.fields; ++n) add_seeded_field(account, n);
  for (const std::string& spec : seed.field_specs) add_field_by_spec(account, spec);
  for (const std::string& name : seed.tag_names) account.create_tag(name, "contact");
  std::mt19937_64 random{seed.number};
  for (std::uint64_t n = 0; n < seed.contacts; ++n) add_random_contact(account, random);
}

}  // namespace activecampaign_sandbox
