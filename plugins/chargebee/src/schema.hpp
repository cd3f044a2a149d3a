// JSON Schemas of the streams' data, with the site's custom fields.
#pragma once

#include <sluice/context.hpp>
#include <string>
#include <vector>

#include "api.hpp"

namespace chargebee {

struct CustomFields {
  // JSON Schema properties by API name; without the right to read them, any cf_ field is allowed.
  json::object customer;
  json::object subscription;
  bool known = false;
};

[[nodiscard]] CustomFields read_custom_fields(sluice::Context& context, Api& api);

// Of the data of stream "customers".
[[nodiscard]] json::object customers_schema(const CustomFields& fields);
// Of the data of a plain stream whose objects stand in `member`.
[[nodiscard]] json::object plain_schema(const std::string& member, const CustomFields& fields);

}  // namespace chargebee
