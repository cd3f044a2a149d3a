#include "curl_transfer.hpp"

#include <sys/socket.h>

#include <string_view>

#include "address.hpp"

namespace sluice::http {
namespace {

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
  if (curl_easy_setopt(easy, option, value) != CURLE_OK) {
    throw Error{Code::Config, "libcurl refuses a setting (option " +
                                  std::to_string(static_cast<int>(option)) +
                                  "): check proxy, ca_file and http_version"};
  }
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Rather than a connection that broke during the handshake; libcurl tells them apart in words only.
bool is_protocol_quarrel(std::string_view why) {
  for (const auto* words : {"unsupported protocol", "protocol version", "wrong version number"}) {
    if (why.find(words) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

CurlTransfer::~CurlTransfer() {
  on_stop.reset();
  if (easy != nullptr) curl_easy_cleanup(easy);
  curl_slist_free_all(headers_);
}

void CurlTransfer::prepare(const CurlSettings& settings) {
  easy = curl_easy_init();
  if (easy == nullptr) throw Error{Code::Internal, "libcurl has no memory for a request"};
  set(easy, CURLOPT_PRIVATE, static_cast<void*>(this));
  set(easy, CURLOPT_ERRORBUFFER, message_);
  set(easy, CURLOPT_URL, exchange.url.c_str());
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  set(easy, CURLOPT_USERAGENT, "sluice");
  set(easy, CURLOPT_HTTP_VERSION,
      static_cast<long>(settings.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_PIPEWAIT, settings.http2 ? 1L : 0L);
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect_timeout.count()));
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(exchange.timeout.count()));
  set(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(easy, CURLOPT_LOW_SPEED_TIME, 30L);
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(easy, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(easy, CURLOPT_PREREQFUNCTION, &CurlTransfer::on_request);
  set(easy, CURLOPT_PREREQDATA, static_cast<void*>(this));
  if (settings.proxy) set(easy, CURLOPT_PROXY, settings.proxy->c_str());
  set_security(settings);
  set_body();
}

void CurlTransfer::set_security(const CurlSettings& settings) {
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy, CURLOPT_CAINFO, settings.ca_file.c_str());
  set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  set(easy, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
  set(easy, CURLOPT_PROXY_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy, CURLOPT_PROXY_CAINFO, settings.ca_file.c_str());
  set(easy, CURLOPT_PROXY_CAPATH, static_cast<const char*>(nullptr));
  rule_ = &settings.rule;
  set(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::on_connect);
  set(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
}

// Once for each address that the name of the server, or of the proxy, resolves to.
curl_socket_t CurlTransfer::on_connect(void* self, curlsocktype /*purpose*/,
                                       curl_sockaddr* address) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (auto why = transfer.rule_->refusal(address->addr)) {
    transfer.refusal_ = std::move(*why);
    return CURL_SOCKET_BAD;
  }
  transfer.tried_ = true;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void CurlTransfer::set_body() {
  for (const auto& [name, value] : exchange.headers) {
    // libcurl drops a header without a value unless it ends in a semicolon.
    std::string line = name;
    line.append(value.empty() ? ";" : ": ").append(value);
    headers_ = curl_slist_append(headers_, line.c_str());
  }
  headers_ = curl_slist_append(headers_, "Expect:");
  set(easy, CURLOPT_HTTPHEADER, headers_);
  if (exchange.method == "HEAD") {
    set(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  const bool has_body =
      !exchange.body.empty() || exchange.method == "POST" || exchange.method == "PUT";
  if (has_body) {
    set(easy, CURLOPT_POST, 1L);
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(exchange.body.size()));
    set(easy, CURLOPT_POSTFIELDS, exchange.body.c_str());
  }
  if (exchange.method != (has_body ? "POST" : "GET")) {
    set(easy, CURLOPT_CUSTOMREQUEST, exchange.method.c_str());
  }
}

std::size_t CurlTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const std::size_t bytes = size * count;
  if (transfer.response_.body.size() + bytes > transfer.exchange.max_body_bytes) {
    transfer.too_large_ = true;
    return 0;
  }
  transfer.response_.body.append(data, bytes);
  return bytes;
}

std::size_t CurlTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& response = static_cast<CurlTransfer*>(self)->response_;
  const std::string_view line{data, size * count};
  if (line.starts_with("HTTP/")) {
    response.headers.clear();  // an interim answer came before
  } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    response.headers.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return line.size();
}

// libcurl sends a request again on its own when a reused connection turns out dead; this is how it
// is kept from doing so with requests that may already have had their effect.
int CurlTransfer::on_request(void* self, char* /*remote*/, char* /*local*/, int /*remote_port*/,
                             int /*local_port*/) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const bool again = transfer.sends_++ > 0;
  return again && !transfer.exchange.idempotent ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

HttpResult CurlTransfer::conclude(CURLcode code) {
  HttpResult result;
  if (code != CURLE_OK) {
    result.error = error_of(code);
    result.unsent = sends_ == 0;
    return result;
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  result.response = std::move(response_);
  return result;
}

Error CurlTransfer::error_of(CURLcode code) const {
  const std::string where = shown_url(exchange.url);
  const std::string host = where.substr(0, where.find('/', where.find("://") + 3));
  const std::string why = message_[0] != '\0' ? message_ : curl_easy_strerror(code);
  if (too_large_) {
    return Error{Code::Rejected, "the answer from " + host + " is larger than " +
                                     std::to_string(exchange.max_body_bytes) +
                                     " bytes and was given up"};
  }
  if (code == CURLE_COULDNT_CONNECT && !tried_ && !refusal_.empty()) {
    return Error{Code::Config, "refusing to connect to " + host + ": " + refusal_};
  }
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Error{Code::Config, "cannot request " + where + ": " + why};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return Error{Code::Config, "TLS with " + host + " cannot be trusted (" + why +
                                     "): check the address, the machine's clock and ca_file"};
    case CURLE_SSL_CONNECT_ERROR:
      if (!is_protocol_quarrel(why)) break;
      return Error{Code::Config, "TLS with " + host + " fails (" + why +
                                     "): the server must speak TLS 1.2 or 1.3 on this port"};
    case CURLE_COULDNT_RESOLVE_HOST:
      return Error{Code::Transient,
                   "cannot resolve " + host + ": check the address and the name service"};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Error{Code::Transient, "cannot resolve the proxy's name: check the proxy's address"};
    case CURLE_COULDNT_CONNECT:
      return Error{Code::Transient, "cannot connect to " + host +
                                        ": nothing accepts connections there; check the address, "
                                        "the port and the firewall"};
    case CURLE_ABORTED_BY_CALLBACK:
      return Error{Code::Transient,
                   "the connection to " + host + " was lost before an answer came"};
    case CURLE_OPERATION_TIMEDOUT:
      return Error{Code::Transient, sends_ == 0
                                        ? "no connection to " + host + " in time: " + why
                                        : "no complete answer from " + host + " in time: " + why};
    default:
      break;
  }
  return Error{Code::Transient, "the exchange with " + host + " broke off: " + why};
}

}  // namespace sluice::http
