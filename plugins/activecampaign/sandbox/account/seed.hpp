// A made-up account of any size. The same arguments make the same account.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "account/account.hpp"

namespace activecampaign_sandbox {

struct Seed {
  std::uint64_t contacts = 0;
  std::uint64_t number = 1;
  std::uint64_t lists = 0;              // so many lists beside Customers
  std::uint64_t fields = 0;             // so many custom fields; every tenth title in upper case
  std::vector<std::string> list_names;  // further lists
  std::vector<std::string>
      field_specs;  // further fields: "Title" or "Title:type" or "Title:dropdown:A|B"
  std::vector<std::string> tag_names;  // further tags
};

// Fills an empty account: the list Customers, then what the seed asks for.
void seed_account(Account& account, const Seed& seed);

// Adds `specification` ("Title", "Title:type", "Title:type:option|option") as a field shown on all
// lists.
Field& add_field_by_spec(Account& account, const std::string& specification);

// Adds a made-up contact whose address is not in use yet, a member of the first list in most cases.
Contact& add_random_contact(Account& account, std::mt19937_64& random);

// Changes names, phone or a field value of `contact`.
void change_randomly(Account& account, Contact& contact, std::mt19937_64& random);

}  // namespace activecampaign_sandbox
