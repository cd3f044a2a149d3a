#include "integration/substitute.hpp"

#include <cctype>
#include <fstream>
#include <system_error>

#include "integration/limits.hpp"
#include "integration/source_text.hpp"
#include "integration/suggest.hpp"

namespace sluice::host {
namespace {

constexpr std::string_view kFilePrefix = "file:";
constexpr std::string_view kCredentialPrefix = "credential:";
constexpr const char* kCredentialFolder = "CREDENTIALS_DIRECTORY";  // systemd's
constexpr std::string_view kForms =
    "write ${NAME}, ${NAME:-default}, ${file:/path} or ${credential:name}; $${ for a plain ${";

std::size_t name_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size()) {
    const auto c = static_cast<unsigned char>(text[length]);
    if (c != '_' && std::isalpha(c) == 0 && (length == 0 || std::isdigit(c) == 0)) break;
    ++length;
  }
  return length;
}

bool is_well_formed(std::string_view reference) {
  if (reference.starts_with(kFilePrefix)) return reference.size() > kFilePrefix.size();
  if (reference.starts_with(kCredentialPrefix)) {
    const auto name = reference.substr(kCredentialPrefix.size());
    return !name.empty() && name.find('/') == std::string_view::npos && !name.starts_with('.');
  }
  const std::size_t length = name_length(reference);
  return length > 0 && (length == reference.size() || reference.substr(length).starts_with(":-"));
}

bool is_exposed(const std::filesystem::path& file, std::filesystem::perms permissions) {
  using std::filesystem::perms;
  const auto has = [](perms all, perms one) { return (all & one) != perms::none; };
  std::error_code problem;
  const auto folder = std::filesystem::status(file.parent_path(), problem).permissions();
  return has(permissions, perms::others_read) && (problem || has(folder, perms::others_exec));
}

}  // namespace

bool has_reference(std::string_view text) {
  for (std::size_t at = text.find("${"); at != std::string_view::npos;
       at = text.find("${", at + 2)) {
    if (at > 0 && text[at - 1] == '$') continue;
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) return false;
    if (is_well_formed(text.substr(at + 2, end - at - 2))) return true;
  }
  return false;
}

Substituted Substitution::apply(std::string_view text, Position at, Findings& findings) const {
  Substituted result;
  std::size_t done = 0;
  for (;;) {
    const std::size_t start = text.find("${", done);
    if (start == std::string_view::npos) break;
    if (start > done && text[start - 1] == '$') {
      result.text.append(text.substr(done, start - 1 - done)).append("${");
      done = start + 2;
      continue;
    }
    const std::size_t end = text.find('}', start);
    const bool closed = end != std::string_view::npos;
    const auto reference = closed ? text.substr(start + 2, end - start - 2) : std::string_view{};
    if (!closed || !is_well_formed(reference)) {
      findings.error(at,
                     closed ? in_quotes(text.substr(start, end - start + 1)) + " refers to nothing"
                            : "a ${ is not closed by }",
                     std::string{kForms});
      return {std::string{text}, true, false};
    }
    result.text.append(text.substr(done, start - done));
    result.substituted = true;
    auto value = look_up(reference);
    if (value.problem.empty()) {
      result.text.append(value.text);
      if (value.exposed) {
        findings.warning(at,
                         "every user of this machine can read the file of " +
                             in_quotes(text.substr(start, end - start + 1)),
                         "if a secret stands in it: chmod o-r");
      }
    } else {
      result.resolved = false;
      if (options_.resolve_secrets) {
        findings.error(at, value.problem, value.hint);
      } else {
        findings.note(at, value.problem, "not needed to check the file, but to run it");
      }
    }
    done = end + 1;
  }
  if (!result.resolved) {
    result.text = text;
    return result;
  }
  result.text.append(text.substr(done));
  return result;
}

Substitution::Value Substitution::look_up(std::string_view reference) const {
  if (reference.starts_with(kFilePrefix)) return from_file(reference.substr(kFilePrefix.size()));
  if (reference.starts_with(kCredentialPrefix)) {
    return from_credential(reference.substr(kCredentialPrefix.size()));
  }
  return from_environment(reference);
}

Substitution::Value Substitution::from_credential(std::string_view name) const {
  const auto folder = options_.environment(kCredentialFolder);
  if (!folder || folder->empty()) {
    return {{},
            "there are no credentials of systemd here: " + std::string{kCredentialFolder} +
                " is not set",
            "name it in the unit: LoadCredential=" + std::string{name} + ":/path"};
  }
  return from_file((std::filesystem::path{*folder} / name).string());
}

// As in a shell, `:-` also covers a variable that is set but empty; without a default, empty counts
// as missing: an empty credential is a forgotten one.
Substitution::Value Substitution::from_environment(std::string_view reference) const {
  const std::size_t length = name_length(reference);
  const std::string name{reference.substr(0, length)};
  const auto value = options_.environment(name);
  if (value && !value->empty()) {
    if (first_invalid_utf8(*value)) {
      return {{}, "the environment variable " + name + " is not valid UTF-8", {}};
    }
    return {*value, {}, {}};
  }
  if (length < reference.size()) return {std::string{reference.substr(length + 2)}, {}, {}};
  return {{},
          "the environment variable " + name + (value ? " is empty" : " is not set"),
          "set it, or write ${" + name + ":-default}"};
}

Substitution::Value Substitution::from_file(std::string_view path) const {
  const auto file = directory_ / std::filesystem::path{path};
  const auto problem = [&](const std::string& what, std::string hint = {}) {
    return Value{{}, "the file " + in_quotes(file.string()) + " " + what, std::move(hint)};
  };
  std::error_code ec;
  const auto status = std::filesystem::status(file, ec);
  if (status.type() == std::filesystem::file_type::not_found) return problem("does not exist");
  if (ec) return problem("cannot be read: " + ec.message());
  // A pipe or device could block for ever.
  if (!std::filesystem::is_regular_file(status)) return problem("is not a regular file");
  if (std::filesystem::file_size(file, ec) > kMaxSecretBytes || ec) {
    return problem("is larger than " + std::to_string(kMaxSecretBytes >> 10U) + " KiB",
                   "a value stands alone in its file");
  }
  std::ifstream in{file, std::ios::binary};
  if (!in) return problem("cannot be read", "check its owner and permissions");
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (in.bad()) return problem("cannot be read");
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return problem("is empty");
  if (first_invalid_utf8(text)) return problem("is not valid UTF-8");
  return {std::move(text), {}, {}, is_exposed(file, status.permissions())};
}

}  // namespace sluice::host
