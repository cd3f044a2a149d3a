// One write as the vendor's terms: which fields by id, which lists by id, which tags.
#pragma once

#include <sluice/sdk.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "write_options.hpp"

namespace activecampaign {

inline constexpr auto kTagsField = "tags";
inline constexpr auto kListsField = "lists";

// The API names of the fields that every account has.
[[nodiscard]] bool is_built_in(std::string_view name);

struct CustomValue {
  const CustomField* field = nullptr;
  std::string name;  // as the integration names it
  std::string text;  // empty: clear
};

struct Contact {
  std::string email;
  std::vector<std::pair<std::string, std::string>> built_in;  // API name, text; empty: clear
  std::vector<CustomValue> custom;
  std::vector<std::string> subscribe;    // ids of lists
  std::vector<std::string> unsubscribe;  // ids of lists, none of them in `subscribe`
  std::vector<std::string> add_tags;
  std::vector<std::string> remove_tags;  // none of them in `add_tags`
  // Given earlier: to be given again where the contact turns out to be new.
  std::vector<std::string> keep_lists;  // ids
  std::vector<std::string> keep_tags;

  void add_kept();
  // Removes the tag as well, unless it is to be added.
  void withdraw_tag(const std::string& name);
  [[nodiscard]] bool clears_something() const;
  // The `contact` of contact/sync, POST and PUT contacts.
  [[nodiscard]] json::object body() const;
};

// Fields, sets and options of an upsert put together, or why the row can never be written.
// The fields that the result points to belong to `model`.
[[nodiscard]] std::variant<Contact, sluice::Outcome> build_contact(const sluice::Write& write,
                                                                   const AccountModel& model,
                                                                   const WriteOptions& options);

// The tags that stay on the contact of a deleted record: they go when somebody returns who has them
// not.
[[nodiscard]] std::vector<std::string> tags_left_behind(const sluice::Write& write);

// The ids of the lists that a deletion leaves: those that Sluice put the contact on.
[[nodiscard]] std::vector<std::string> lists_to_leave(const sluice::Write& write,
                                                      const AccountModel& model,
                                                      const WriteOptions& options);

}  // namespace activecampaign
