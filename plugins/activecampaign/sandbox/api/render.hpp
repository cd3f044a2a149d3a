// Rows as the API writes them: almost everything a string, except where a write echoes numbers.
#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <string>
#include <string_view>

#include "api/call.hpp"

namespace activecampaign_sandbox {

// How the row came to be shown: the first write of a row echoes numbers, a repeated write and a
// read give strings.
enum class Shown : std::uint8_t { Read, Repeated, Fresh };

class Renderer {
 public:
  explicit Renderer(const Call& call)
      : account_{call.account},
        base_{call.base_url()},
        offset_{call.account.switches.utc_offset_minutes},
        storage_{json::make_shared_resource<json::monotonic_resource>()} {}

  // Where rows of contacts are built: an answer of many rows is allocated in a few blocks.
  [[nodiscard]] const json::storage_ptr& storage() const { return storage_; }

  // The short row that answers a creation: by sync (`is_sync`) or by POST /contacts.
  [[nodiscard]] json::object created_contact(const Contact& contact, bool is_sync) const;
  // The full row; reads have some members more than answers to writes.
  [[nodiscard]] json::object contact(const Contact& contact, bool is_read) const;
  // Full row with the ids of what hangs on it, as the answer to PUT and to an updating sync.
  [[nodiscard]] json::object written_contact(const Contact& contact) const;
  [[nodiscard]] json::array contacts_sidecar(const Contact& contact) const;
  [[nodiscard]] json::object tombstone(const Contact& contact) const;

  [[nodiscard]] json::object membership(const Contact& contact, const Membership& row,
                                        Shown shown) const;
  [[nodiscard]] json::object value(const Contact& contact, const FieldValue& row,
                                   Shown shown) const;
  [[nodiscard]] json::object contact_tag(const Contact& contact, const ContactTag& row) const;
  [[nodiscard]] json::object company_contact(const CompanyContact& row) const;
  [[nodiscard]] json::array value_ids(const Contact& contact) const;

  [[nodiscard]] json::object list(const List& row) const;
  [[nodiscard]] json::object created_list(const List& row) const;
  [[nodiscard]] json::object field(const Field& row) const;
  [[nodiscard]] json::object option(const Field& field, const FieldOption& row) const;
  [[nodiscard]] json::object rel(const Field& field, const FieldRel& row, Shown shown) const;
  [[nodiscard]] json::object tag(const Tag& row) const;
  [[nodiscard]] json::object exclusion(const Exclusion& row) const;
  [[nodiscard]] json::object company(const Company& row) const;

  [[nodiscard]] std::string iso(Seconds time) const;
  [[nodiscard]] std::string wall(Seconds time) const;
  [[nodiscard]] std::string link(std::string_view path) const;

 private:
  [[nodiscard]] json::value echo(Id id, Shown shown) const;
  [[nodiscard]] json::object contact_links(Id id) const;
  void add_sms_and_score(json::object& row, const Contact& contact, bool is_read) const;

  const Account& account_;
  std::string base_;
  std::int64_t offset_;
  json::storage_ptr storage_;
};

[[nodiscard]] json::string id_text(Id id);
// {"total": "12"}, a text as everywhere but in a few collections.
[[nodiscard]] json::object total_meta(std::size_t total);

}  // namespace activecampaign_sandbox
