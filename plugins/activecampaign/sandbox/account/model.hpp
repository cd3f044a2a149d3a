// The rows an account consists of. Times are Unix seconds; id 0 means "none".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace activecampaign_sandbox {

using Id = std::uint32_t;
using Seconds = std::int64_t;

enum class Write : std::uint8_t {
  Create = 0,
  Sync = 1,
  Update = 2,
  Delete = 3,
  List = 4,
  Tag = 5,
  FieldValue = 6,
  Bulk = 7,
  Company = 8,
};
inline constexpr std::size_t kWriteKinds = 9;

// The values of `contactList.status`.
inline constexpr int kUnconfirmed = 0;
inline constexpr int kSubscribed = 1;
inline constexpr int kUnsubscribed = 2;
inline constexpr int kBounced = 3;

struct Membership {
  Id id = 0;
  Id list = 0;
  int status = kUnconfirmed;
  int source_id = 0;
  Seconds created = 0;
  Seconds subscribed = 0;    // first subscription; 0 = never
  Seconds unsubscribed = 0;  // last unsubscription; 0 = never
  Seconds updated = 0;
};

struct FieldValue {
  Id id = 0;
  Id field = 0;
  std::string value;
  Seconds created = 0;
  Seconds updated = 0;
};

struct ContactTag {
  Id id = 0;
  Id tag = 0;
  Seconds created = 0;
};

struct Contact {
  Id id = 0;
  std::string email;
  std::string first_name;
  std::string last_name;
  std::string phone;
  Seconds created = 0;
  Seconds updated = 0;
  Seconds deleted_at = 0;
  bool deleted = false;
  bool edited = false;  // changed by PUT or PATCH: from then on some nulls read as "" or "0"
  bool bounced = false;
  std::vector<Membership> lists;
  std::vector<FieldValue> values;
  std::vector<ContactTag> tags;
  std::array<std::uint32_t, kWriteKinds> writes{};  // accepted API writes, by `Write`
  std::uint32_t automation_runs = 0;
};

struct List {
  Id id = 0;
  std::string name;
  std::string string_id;
  std::string channel = "email";
  std::string sender_url;
  std::string sender_reminder;
  Seconds created = 0;
  Seconds updated = 0;
  std::uint64_t members = 0;
  std::uint64_t active = 0;
};

struct FieldOption {
  Id id = 0;
  std::int64_t order = 0;
  std::string value;
  std::string label;
  bool is_default = false;
  Seconds updated = 0;
};

struct FieldRel {
  Id id = 0;
  Id list = 0;  // 0 = all lists
  std::int64_t order = 0;
  Seconds created = 0;
};

struct Field {
  Id id = 0;
  std::string title;
  std::string type = "text";
  std::string description;
  std::string perstag;
  std::string default_value;
  bool required = false;
  bool visible = true;
  std::int64_t order = 0;
  Seconds created = 0;
  Seconds updated = 0;
  std::vector<FieldOption> options;
  std::vector<FieldRel> rels;
};

struct Tag {
  Id id = 0;
  std::string name;
  std::string type;  // empty: the tag exists but is not listed
  std::string description;
  Seconds created = 0;
  Seconds updated = 0;
  std::uint64_t subscribers = 0;
};

struct Exclusion {
  Id id = 0;
  std::string phrase;
  std::string match = "exact";  // exact, end, begin, contain
  std::string channel = "all";
  std::vector<std::string> lists;
  Seconds created = 0;
};

// What the API calls an account: the company that a contact works for.
struct Company {
  Id id = 0;
  std::string name;
  std::string url;
  std::string owner = "1";
  Seconds created = 0;
  Seconds updated = 0;
};

struct CompanyContact {
  Id id = 0;
  Id company = 0;
  Id contact = 0;
  std::string job_title;
  Seconds created = 0;
  Seconds updated = 0;
};

}  // namespace activecampaign_sandbox
