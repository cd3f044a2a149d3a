// Reading the vendor's JSON: ids and flags arrive as strings or numbers, members may be missing.
#pragma once

#include <sluice/sdk.hpp>
#include <string>
#include <string_view>

namespace activecampaign {

namespace json = sluice::json;

// A string or a number as text; empty for null, for containers and for an absent member.
[[nodiscard]] std::string scalar(const json::value& value);
[[nodiscard]] std::string scalar(const json::object& object, std::string_view key);

// The member's elements; empty when it is absent or no array.
[[nodiscard]] const json::array& items(const json::object& object, std::string_view key);
[[nodiscard]] bool has_array(const json::object& object, std::string_view key);

// The member when it is an object; an empty one otherwise.
[[nodiscard]] const json::object& member(const json::object& object, std::string_view key);
[[nodiscard]] const json::object& as_object(const json::value& value);

// An id as a number where it is one, since some endpoints document integers.
[[nodiscard]] json::value id_value(const std::string& id);

// "/contacts/7": the id, which comes from an answer or the state, leads to no other path.
[[nodiscard]] std::string path_to(std::string_view collection, std::string_view id);

// ASCII lower case without surrounding blanks: how e-mails, titles and names are compared.
[[nodiscard]] std::string fold(std::string_view text);
[[nodiscard]] std::string_view trim(std::string_view text);

// The vendor's words: the titles and details of `errors`, else `message`, else the first bytes.
[[nodiscard]] std::string vendor_message(const json::object& body, std::string_view raw);
// The first `errors[].code`, such as "duplicate"; empty when there is none.
[[nodiscard]] std::string vendor_code(const json::object& body);

}  // namespace activecampaign
