// What the account has: lists, custom fields and tags, as they were when they were read.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <sluice/sdk.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "client.hpp"

namespace activecampaign {

struct MailingList {
  std::string id;
  std::string name;
};

struct CustomField {
  struct Option {
    std::string value;  // what is written
    std::string label;  // what people see
  };
  std::string id;
  std::string title;
  std::string perstag;
  std::string vendor_type;  // "listbox", "date", …
  sluice::FieldType type = sluice::FieldType::Text;
  std::vector<Option> options;
  std::set<std::string> lists;  // where it shows; "0" is everywhere
  bool lists_are_known = false;
};

struct Tag {
  std::string id;
  std::string name;
};

// Result of a look-up by name: several matches are the caller's decision.
template <typename T>
using Matches = std::vector<const T*>;

// [exclusive] while it is loaded; reading needs no lock then.
class AccountModel {
 public:
  void load_lists(sluice::Context& context, Client& client);
  void load_fields(sluice::Context& context, Client& client);
  void load_tags(sluice::Context& context, Client& client);
  // Reads lists and fields unless they have been.
  void complete(sluice::Context& context, Client& client);

  [[nodiscard]] const std::vector<MailingList>& lists() const noexcept { return lists_; }
  [[nodiscard]] const std::vector<CustomField>& fields() const noexcept { return fields_; }
  [[nodiscard]] bool tags_are_loaded() const noexcept { return tags_are_loaded_; }

  // By id or by exact name.
  [[nodiscard]] Matches<MailingList> find_lists(std::string_view name_or_id) const;
  // By title or personalisation tag, exact spelling first, then without regard to case.
  [[nodiscard]] Matches<CustomField> find_fields(std::string_view title_or_perstag) const;
  [[nodiscard]] const CustomField* field_by_id(std::string_view id) const;
  // Names of tags that differ only in case are one.
  [[nodiscard]] const Tag* find_tag(std::string_view name) const;
  [[nodiscard]] const Tag* tag_by_id(std::string_view id) const;
  void add_tag(const Tag& tag);

 private:
  std::vector<MailingList> lists_;
  std::vector<CustomField> fields_;
  std::map<std::string, Tag> tags_;               // by folded name
  std::map<std::string, std::string> tag_names_;  // by id: folded name
  bool lists_are_loaded_ = false;
  bool fields_are_loaded_ = false;
  bool tags_are_loaded_ = false;
};

// The one list that `name_or_id` means. Errors: Error{Config} when there is none (naming what there
// is) or more than one.
[[nodiscard]] const MailingList& require_list(const AccountModel& model,
                                              std::string_view name_or_id);

// The SDK's type of a vendor's field type.
[[nodiscard]] sluice::FieldType field_type_of(std::string_view vendor_type);

}  // namespace activecampaign
