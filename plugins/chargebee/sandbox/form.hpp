// What a POST request asks to change, from the API's form encoding to JSON.
#pragma once

#include "sluice/json.hpp"
#include "sluice/testing/sandbox_message.hpp"

namespace chargebee_sandbox {

// Turns `a=1`, `address[city]=x`, `items[id][0]=y` and JSON-valued meta_data into
// {"a":"1","address":{"city":"x"},"items":[{"id":"y"}],"meta_data":{…}}. Values get the API's
// types: numbers and booleans where the attribute has them, strings elsewhere; an empty value is
// null (the attribute is cleared). Errors: throws ApiError (400 param_wrong_value) for a value of
// the wrong type.
[[nodiscard]] sluice::json::object read_form(const sluice::testing::SandboxPairs& form);

}  // namespace chargebee_sandbox
