// One account of the vendor, in memory: its rows and the rules for changing them.
//
// Not synchronised: the server guards it with one mutex. Deterministic: the same calls at the same
// times give the same state. Operations record the write on the contact and, where a trigger
// exists, an automation run.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "account/contact_store.hpp"
#include "account/model.hpp"
#include "account/switches.hpp"
#include "account/table.hpp"

namespace activecampaign_sandbox {

struct ValueChange {
  Id field = 0;
  std::string value;
};

// What a write says about a contact; absent members keep their value.
struct ContactChange {
  std::optional<std::string> email;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::optional<std::string> phone;
  std::vector<ValueChange> values;
};

struct WrittenValue {
  Id field = 0;
  bool fresh = false;  // the contact had no value of this field before
};

class Account {
 public:
  explicit Account(Switches initial_switches);

  Switches switches;
  ContactStore contacts;
  Table<List> lists;
  Table<Field> fields;
  Table<Tag> tags;
  Table<Exclusion> exclusions;
  Table<Company> companies;
  Table<CompanyContact> company_contacts;  // changed by link_company and unlink_company alone
  std::set<std::string> bounced;           // folded addresses
  std::optional<std::uint64_t> contact_limit;

  // The moment at which everything below happens, in milliseconds since 1970.
  void set_now_ms(std::int64_t now_ms) { now_ms_ = now_ms; }
  [[nodiscard]] std::int64_t now_ms() const { return now_ms_; }
  [[nodiscard]] Seconds now() const { return now_ms_ / 1000; }

  // contacts
  // The address must be valid and free, and `at_contact_limit()` false.
  Contact& create_contact(const std::string& email, bool automations = true);
  // The address, when given, must be free. Returns the values that were written, each field once;
  // values for unknown fields are dropped.
  std::vector<WrittenValue> apply(Contact& contact, const ContactChange& change);
  void remove_contact(Contact& contact);
  // `from` disappears; `into` gains its lists, tags and the values that it lacks.
  void merge_contacts(Contact& from, Contact& into);
  [[nodiscard]] bool at_contact_limit() const;
  [[nodiscard]] bool is_excluded(std::string_view email) const;
  [[nodiscard]] bool is_bounced(std::string_view email) const;
  void set_bounced(std::string_view email, bool is_bounced);
  // Counts an accepted API write and moves `udate`.
  void record_write(Contact& contact, Write kind);

  // what hangs on a contact
  // Returns whether the status changed or the row is new.
  bool set_membership(Contact& contact, Id list, int status, int source_id,
                      bool automations = true);
  [[nodiscard]] static const Membership* find_membership(const Contact& contact, Id list);
  // Returns null when the switches say that the value is dropped; `fresh` tells whether the row is
  // new.
  FieldValue* set_value(Contact& contact, const Field& field, std::string_view value,
                        bool* fresh = nullptr);
  [[nodiscard]] static const FieldValue* find_value(const Contact& contact, Id field);
  bool remove_value(Id value_id);
  // Returns whether the contact did not have the tag before.
  bool add_tag(Contact& contact, Tag& tag, bool automations = true);
  bool remove_tag(Contact& contact, Id tag);
  [[nodiscard]] static const ContactTag* find_tag(const Contact& contact, Id tag);

  // the catalogue
  List& add_list(std::string name);
  void remove_list(Id list);
  [[nodiscard]] List* find_list(std::string_view name);
  Tag& create_tag(std::string name, std::string type, std::string description = {});
  // Case-insensitive.
  [[nodiscard]] Tag* find_tag_by_name(std::string_view name);
  void rename_tag(Tag& tag, std::string name);
  void delete_tag(Id tag);
  // An empty `perstag` is made from the title; it is made unique.
  Field& add_field(std::string title, std::string type, std::string_view perstag = {});
  [[nodiscard]] Field* find_field(std::string_view title);
  void remove_field(Id field);
  FieldOption& add_option(Field& field, std::string value, std::string label);

  // companies; a contact has one at most
  Company& add_company(std::string name);
  [[nodiscard]] Company* find_company(std::string_view name);
  void rename_company(Company& company, std::string name);
  void remove_company(Id company);
  [[nodiscard]] const CompanyContact* company_link(Id contact) const;
  CompanyContact& link_company(Id contact, Id company, std::string job_title = {});
  bool unlink_company(Id link);

  // Ids of rows that live inside a field.
  [[nodiscard]] Id next_option_id() { return ++last_option_; }
  [[nodiscard]] Id next_rel_id() { return ++last_rel_; }

 private:
  void count_membership(Id list, int status, int by);
  [[nodiscard]] std::string stored_value(const Field& field, std::string_view value) const;

  std::int64_t now_ms_ = 0;
  Id last_option_ = 0;
  Id last_rel_ = 0;
  std::unordered_map<std::string, Id> tag_names_;
  std::unordered_map<std::string, Id> company_names_;
  std::unordered_map<Id, Id> company_links_;  // contact → link
};

// Whether a field holds one or several of its options.
[[nodiscard]] bool has_options(std::string_view field_type);
// The parts of `||a||b||`; a text without pipes is one part.
[[nodiscard]] std::vector<std::string> split_multi_value(std::string_view value);

}  // namespace activecampaign_sandbox
