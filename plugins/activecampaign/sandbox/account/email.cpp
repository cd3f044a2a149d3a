#include "account/email.hpp"

#include <algorithm>

namespace activecampaign_sandbox {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_local_char(char c) {
  constexpr std::string_view kForbidden = "\"(),:;<>@[]\\";
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7f && kForbidden.find(c) == std::string_view::npos;
}

bool is_domain_char(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.';
}

}  // namespace

std::string fold(std::string_view text) {
  std::string folded{text};
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

bool is_valid_email(std::string_view email) {
  const std::size_t at = email.rfind('@');
  if (at == std::string_view::npos || at == 0) return false;
  const std::string_view local = email.substr(0, at);
  const std::string_view domain = email.substr(at + 1);
  const std::size_t dot = domain.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || domain.size() - dot - 1 < 2) return false;
  if (domain.find("..") != std::string_view::npos) return false;
  return std::all_of(local.begin(), local.end(), is_local_char) &&
         std::all_of(domain.begin(), domain.end(), is_domain_char) &&
         std::all_of(domain.begin() + static_cast<std::ptrdiff_t>(dot) + 1, domain.end(),
                     is_letter);
}

}  // namespace activecampaign_sandbox
