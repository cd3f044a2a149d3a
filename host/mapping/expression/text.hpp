// UTF-8 text: counting, cutting, trimming, letter case. All input is valid UTF-8.
#pragma once

#include <string>
#include <string_view>

#include "mapping/expression/node.hpp"

namespace sluice::host::expr {

// Bytes of the first character; `text` is not empty.
[[nodiscard]] std::size_t character_size(std::string_view text) noexcept;
[[nodiscard]] std::size_t count_characters(std::string_view text) noexcept;
// The characters [begin, end).
[[nodiscard]] std::string_view characters(std::string_view text, std::size_t begin,
                                          std::size_t end) noexcept;

// Without the white space around it, Unicode's and zero-width marks included.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

// Letter by letter as Unicode maps single characters ("ß" stays "ß").
[[nodiscard]] std::string upper_case(std::string_view text);
[[nodiscard]] std::string lower_case(std::string_view text);
// Each word with a capital first letter: "ANNE-MARIE o'neil" becomes "Anne-Marie O'Neil", "don't"
// becomes "Don't".
[[nodiscard]] std::string title_case(std::string_view text);

// What jq's `tostring` makes of the value: a string as it is, anything else as JSON.
void append_text(json::string& out, const json::value& value);

// Whether the text is an e-mail address that mail systems take in practice.
[[nodiscard]] bool is_email(std::string_view text) noexcept;

}  // namespace sluice::host::expr
