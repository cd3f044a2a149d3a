#include "serve/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sluice/error.hpp>
#include <string>

namespace sluice::host::serve {
namespace {

namespace fs = std::filesystem;

// Of TLS 1.2; those of 1.3 are all good.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

Error wrong(const std::string& what) {
  return {Code::Config, what};
}

// OpenSSL's own words for what has failed first.
std::string reason() {
  const auto code = ERR_peek_error();
  const char* text = ERR_reason_error_string(code);
  ERR_clear_error();
  return text != nullptr ? text : "OpenSSL gives no reason";
}

bool failed_with(int library, int why) {
  const auto code = ERR_peek_error();
  return ERR_GET_LIB(code) == library && ERR_GET_REASON(code) == why;
}

std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(const fs::path& path, const char* what,
                                                       const char* option) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "re"),
                                                       &std::fclose};
  int problem = file ? 0 : errno;
  std::error_code none;
  if (file && fs::is_directory(path, none)) problem = EISDIR;
  if (problem == 0) return file;
  std::string text = "cannot read the TLS ";
  text.append(what).append(" ").append(path.string()).append(": ").append(std::strerror(problem));
  if (problem == EACCES) {
    text +=
        "; it must be readable for user " + std::to_string(::geteuid()) + ", who runs the service";
  } else {
    text.append("; name a PEM file with ").append(option);
  }
  throw wrong(text);
}

int no_password(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

void take_certificate(SSL_CTX& context, const fs::path& path) {
  opened(path, "certificate", "--tls-certificate");
  if (SSL_CTX_use_certificate_chain_file(&context, path.c_str()) == 1) return;
  if (failed_with(ERR_LIB_PEM, PEM_R_NO_START_LINE)) {
    throw wrong("the TLS certificate " + path.string() +
                " holds no certificate in PEM form, which begins with \"-----BEGIN "
                "CERTIFICATE-----\"; `openssl x509 -in FILE -out NEW` converts other forms");
  }
  throw wrong("the TLS certificate " + path.string() + " cannot be used: " + reason() +
              "; have another issued");
}

void take_key(SSL_CTX& context, const fs::path& path, const fs::path& certificate) {
  const auto file = opened(path, "key", "--tls-key");
  bool has_password = false;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
      PEM_read_PrivateKey(file.get(), nullptr, no_password, &has_password), &EVP_PKEY_free};
  if (has_password) {
    throw wrong("the TLS key " + path.string() +
                " has a password, which nobody can type when the service starts: `openssl pkey -in "
                "FILE -out NEW` writes it without");
  }
  if (!key) {
    const std::string why = failed_with(ERR_LIB_PEM, PEM_R_NO_START_LINE)
                                ? "it has no line \"-----BEGIN PRIVATE KEY-----\""
                                : reason();
    throw wrong("the TLS key " + path.string() + " holds no private key in PEM form: " + why +
                "; `openssl pkey -in FILE -out NEW` converts other forms");
  }
  if (X509_check_private_key(SSL_CTX_get0_certificate(&context), key.get()) != 1) {
    throw wrong("the TLS key " + path.string() + " is not that of the certificate " +
                certificate.string() +
                ": name the two files that were made together, with the service's own certificate "
                "first in its file");
  }
  if (SSL_CTX_use_PrivateKey(&context, key.get()) != 1)
    throw wrong("the TLS key " + path.string() + " cannot be used: " + reason());
}

void warn_of_dates(const X509& certificate, const fs::path& path) {
  const bool over = X509_cmp_current_time(X509_get0_notAfter(&certificate)) < 0;
  const bool early = X509_cmp_current_time(X509_get0_notBefore(&certificate)) > 0;
  if (!over && !early) return;
  spdlog::warn("the TLS certificate {} is {}: browsers and vendors will refuse it", path.string(),
               over ? "no longer valid" : "not valid yet");
}

}  // namespace

void set_up_tls(SSL_CTX& context, const fs::path& certificate, const fs::path& key) {
  ERR_clear_error();
  SSL_CTX_set_options(&context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  if (SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(&context, kCiphers) != 1)
    throw Error{Code::Internal, "OpenSSL cannot be set up: " + reason()};
  take_certificate(context, certificate);
  take_key(context, key, certificate);
  warn_of_dates(*SSL_CTX_get0_certificate(&context), certificate);
}

}  // namespace sluice::host::serve
