#include "serve/tokens.hpp"

#include <sodium.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sluice/error.hpp>
#include <sluice/json.hpp>

#include "state/durable.hpp"
#include "state/private_files.hpp"

namespace sluice::host::serve {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMostSessions = 1000;
constexpr std::int64_t kSessionMs = 12LL * 60 * 60'000;

void start_sodium() {
  if (sodium_init() < 0) throw Error{Code::Internal, "libsodium cannot be used"};
}

bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

std::int64_t stamp_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return 0;
  return status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec +
         static_cast<std::int64_t>(status.st_ino);
}

}  // namespace

std::string_view to_string(Role role) noexcept {
  return role == Role::Operator ? "operator" : role == Role::Sender ? "sender" : "viewer";
}

std::optional<Role> role_of(std::string_view text) noexcept {
  if (text == "viewer") return Role::Viewer;
  if (text == "operator") return Role::Operator;
  if (text == "sender") return Role::Sender;
  return std::nullopt;
}

std::string random_secret() {
  start_sodium();
  std::array<unsigned char, kSecretBytes> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_ENCODED_LEN(kSecretBytes, kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.resize(std::strlen(text.c_str()));
  return text;
}

std::string hash_of(std::string_view secret) {
  start_sodium();
  std::array<unsigned char, crypto_generichash_BYTES> hash{};
  crypto_generichash(hash.data(), hash.size(),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), nullptr,
                     0);
  std::string text(hash.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
  text.pop_back();
  return text;
}

bool same_secret(std::string_view left, std::string_view right) noexcept {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::vector<TokenRow> Tokens::all() const {
  std::ifstream in{file_, std::ios::binary};
  if (!in && errno == ENOENT) return {};
  if (!in) throw Error{Code::Config, "cannot read " + file_.string() + ": " + std::strerror(errno)};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  std::vector<TokenRow> rows;
  try {
    const json::value document = parse_json(text);
    for (const auto& entry : document.at("tokens").as_array()) {
      TokenRow row;
      row.name = std::string{entry.at("name").as_string()};
      row.role = role_of(entry.at("role").as_string()).value();
      row.hash = std::string{entry.at("hash").as_string()};
      row.created = entry.at("created").as_int64();
      if (const auto* integration = entry.as_object().if_contains("integration"))
        row.integration = std::string{integration->as_string()};
      rows.push_back(std::move(row));
    }
  } catch (const std::exception&) {
    throw Error{Code::Config, file_.string() +
                                  " is damaged: remove it, and make new tokens with `sluice serve "
                                  "token add`"};
  }
  return rows;
}

void Tokens::write(const std::vector<TokenRow>& rows) const {
  json::array entries;
  for (const auto& row : rows) {
    json::object entry{{"name", row.name},
                       {"role", to_string(row.role)},
                       {"hash", row.hash},
                       {"created", row.created}};
    if (row.role == Role::Sender) entry["integration"] = row.integration;
    entries.push_back(std::move(entry));
  }
  make_private_directory(file_.parent_path());
  write_durably(file_, to_json(json::value(json::object{{"tokens", std::move(entries)}})));
}

std::string Tokens::add(const std::string& name, Role role, std::int64_t now_ms,
                        const std::string& integration) {
  if (!is_name(name))
    throw Error{Code::Config, "\"" + name +
                                  "\" is no name for a token: use 1 to 64 letters, digits, "
                                  "underscores, dots or hyphens"};
  auto rows = all();
  for (const auto& row : rows) {
    if (row.name == name)
      throw Error{Code::Config, "there is a token \"" + name +
                                    "\" already: take another name, or remove it first"};
  }
  std::string token = "sluice_" + random_secret();
  rows.push_back({name, role, hash_of(token), now_ms, integration});
  write(rows);
  return token;
}

bool Tokens::remove(const std::string& name) {
  auto rows = all();
  if (std::erase_if(rows, [&](const TokenRow& row) { return row.name == name; }) == 0) return false;
  write(rows);
  return true;
}

std::vector<TokenRow> Tokens::current() {
  const std::lock_guard guard{mutex_};
  const std::int64_t stamp = stamp_of(file_);
  if (stamp != stamp_) {
    rows_ = all();
    stamp_ = stamp;
  }
  return rows_;
}

std::optional<TokenRow> Tokens::find(std::string_view token) {
  const std::string hash = hash_of(token);
  std::optional<TokenRow> found;
  // All of them, so that the time tells nothing.
  for (auto& row : current()) {
    if (same_secret(row.hash, hash)) found = std::move(row);
  }
  return found;
}

bool Tokens::has(const TokenRow& row) {
  const auto rows = current();
  return std::any_of(rows.begin(), rows.end(), [&](const TokenRow& other) {
    return other.name == row.name && other.hash == row.hash && other.role == row.role;
  });
}

std::string Sessions::open(const TokenRow& token) {
  std::string cookie = random_secret();
  const std::int64_t now = clock_();
  const std::lock_guard guard{mutex_};
  std::erase_if(sessions_, [now](const auto& entry) { return entry.second.expires <= now; });
  if (sessions_.size() >= kMostSessions) sessions_.erase(sessions_.begin());
  sessions_[hash_of(cookie)] = {token, now + kSessionMs};
  return cookie;
}

std::optional<Sessions::Session> Sessions::find(std::string_view cookie) {
  const std::lock_guard guard{mutex_};
  const auto found = sessions_.find(hash_of(cookie));
  if (found == sessions_.end() || found->second.expires <= clock_()) return std::nullopt;
  return found->second;
}

void Sessions::close(std::string_view cookie) {
  const std::lock_guard guard{mutex_};
  sessions_.erase(hash_of(cookie));
}

}  // namespace sluice::host::serve
