#include "serve/tokens.hpp"

#include <sodium.h>

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
#include "state/state_error.hpp"

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

constexpr std::int64_t kApplication = 0x534c5154;  // "SLQT"
constexpr std::int64_t kVersion = 1;

constexpr const char* kTables = R"sql(
CREATE TABLE tokens(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL,
  role TEXT NOT NULL CHECK(role IN ('viewer','operator','sender')), hash TEXT NOT NULL,
  created INTEGER NOT NULL, integration TEXT NOT NULL);
CREATE TABLE audit(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
  detail TEXT NOT NULL, affected INTEGER NOT NULL, decision TEXT);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
  BEGIN SELECT raise(ABORT, 'entries of the audit are never changed'); END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit
  BEGIN SELECT raise(ABORT, 'entries of the audit are never removed'); END;
)sql";

std::filesystem::path made(const std::filesystem::path& directory) {
  auto file = directory / "tokens.db";
  make_private_directory(directory);
  make_private_file(file);
  return file;
}

TokenRow row_of(const json::value& entry) {
  TokenRow row;
  row.name = std::string{entry.at("name").as_string()};
  row.role = role_of(entry.at("role").as_string()).value();
  row.hash = std::string{entry.at("hash").as_string()};
  row.created = entry.at("created").as_int64();
  if (const auto* integration = entry.as_object().if_contains("integration"))
    row.integration = std::string{integration->as_string()};
  return row;
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

Tokens::Tokens(const std::filesystem::path& directory)
    : database_{made(directory), Database::Mode::Shared} {
  // A hash that is removed leaves no bytes behind.
  database_.execute("PRAGMA secure_delete=ON");
  const auto former = directory / "tokens.json";
  bool is_new = false;
  change([&] {
    is_new = database_.scalar("PRAGMA application_id") == 0;
    if (!database_.set_up(kApplication, kVersion, kTables)) {
      throw StateError{StateError::Kind::Unusable,
                       (directory / "tokens.db").string() +
                           " holds no tokens of this version of sluice: use the version that wrote "
                           "it, or move the file away and make new tokens with `sluice serve token "
                           "add`"};
    }
    if (is_new) take_over(former);
  });
  std::error_code none;
  if (is_new && std::filesystem::remove(former, none)) sync_to_disk(directory);
  version_of_file_ = database_.prepare("PRAGMA data_version");
}

void Tokens::take_over(const std::filesystem::path& former) {
  std::ifstream in{former, std::ios::binary};
  if (!in && errno == ENOENT) return;
  if (!in)
    throw Error{Code::Config, "cannot read " + former.string() + ": " + std::strerror(errno)};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  std::vector<TokenRow> rows;
  try {
    const json::value document = parse_json(text);
    for (const auto& entry : document.at("tokens").as_array()) rows.push_back(row_of(entry));
  } catch (const std::exception&) {
    throw Error{Code::Config, former.string() +
                                  " is damaged: remove it, and make new tokens with `sluice serve "
                                  "token add`"};
  }
  for (const auto& row : rows) insert(row);
}

template <typename Change>
void Tokens::change(const Change& change) {
  const std::lock_guard guard{mutex_};
  database_.transact(change);
  version_ = -1;  // the file's own version is another only after changes of others
}

std::vector<TokenRow> Tokens::read() {
  Statement statement =
      database_.prepare("SELECT name,role,hash,created,integration FROM tokens ORDER BY id");
  std::vector<TokenRow> rows;
  while (statement.step()) {
    rows.push_back({std::string{statement.text(0)}, role_of(statement.text(1)).value(),
                    std::string{statement.text(2)}, statement.integer(3),
                    std::string{statement.text(4)}});
  }
  return rows;
}

void Tokens::insert(const TokenRow& row) {
  Statement statement = database_.prepare(
      "INSERT INTO tokens(name,role,hash,created,integration) VALUES(?1,?2,?3,?4,?5)");
  statement.bind(1, row.name).bind(2, to_string(row.role)).bind(3, row.hash);
  statement.bind(4, row.created).bind(5, row.integration).run();
}

void Tokens::put_down(const char* action, const TokenRow& row, std::int64_t now_ms) {
  std::string detail = row.name + ", " + std::string{to_string(row.role)};
  if (!row.integration.empty()) detail += " of " + row.integration;
  Audit{database_}.add(
      {.at = now_ms, .who = {}, .action = action, .detail = detail, .affected = 1, .decision = {}});
}

std::vector<TokenRow> Tokens::all() {
  const std::lock_guard guard{mutex_};
  return read();
}

std::vector<AuditEntry> Tokens::decisions(std::size_t count) {
  const std::lock_guard guard{mutex_};
  return Audit{database_}.last(count);
}

std::string Tokens::add(const std::string& name, Role role, std::int64_t now_ms,
                        const std::string& integration) {
  if (!is_name(name))
    throw Error{Code::Config, "\"" + name +
                                  "\" is no name for a token: use 1 to 64 letters, digits, "
                                  "underscores, dots or hyphens"};
  std::string token = "sluice_" + random_secret();
  const TokenRow row{name, role, hash_of(token), now_ms, integration};
  change([&] {
    for (const auto& other : read()) {
      if (other.name == name)
        throw Error{Code::Config, "there is a token \"" + name +
                                      "\" already: take another name, or remove it first"};
    }
    insert(row);
    put_down("token add", row, now_ms);
  });
  return token;
}

bool Tokens::remove(const std::string& name, std::int64_t now_ms) {
  bool found = false;
  change([&] {
    for (const auto& row : read()) {
      if (row.name != name) continue;
      found = true;
      Statement statement = database_.prepare("DELETE FROM tokens WHERE name=?1");
      statement.bind(1, name).run();
      put_down("token remove", row, now_ms);
    }
  });
  return found;
}

std::vector<TokenRow> Tokens::current() {
  const std::lock_guard guard{mutex_};
  (void)version_of_file_.step();
  const std::int64_t version = version_of_file_.integer(0);
  version_of_file_.reset();
  if (version != version_) {
    rows_ = read();
    version_ = version;
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
