// Addresses as the account compares and accepts them.
#pragma once

#include <string>
#include <string_view>

namespace activecampaign_sandbox {

// ASCII letters in lower case: the form by which addresses, tag names and titles are compared.
[[nodiscard]] std::string fold(std::string_view text);

// The importer's published rules: a local part without any of `" ( ) , : ; < > @ [ ] \` or blanks,
// an `@`, a domain of letters, digits, dots and hyphens that contains a dot with at least two
// letters after the last one.
[[nodiscard]] bool is_valid_email(std::string_view email);

}  // namespace activecampaign_sandbox
