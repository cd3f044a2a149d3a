#include <mutex>
#include <sluice/http.hpp>
#include <utility>

#include "address.hpp"
#include "batch.hpp"
#include "curl_transport.hpp"
#include "exchange.hpp"

namespace sluice {

struct HttpClient::Impl {
  http::Core core;
  std::once_flag warned;
};

Network network_of(const Config& config) {
  return {.http_version = config.text("http_version", "2"),
          .proxy = config.text("proxy", ""),
          .ca_file = config.text("ca_file", ""),
          .allow_plain_http = config.flag("allow_plain_http", false),
          .allow_addresses = config.texts("allow_addresses")};
}

HttpClient::HttpClient(HttpOptions options) : impl_{std::make_unique<Impl>()} {
  const auto& version = options.network.http_version;
  if (version != "2" && version != "1.1") {
    throw Error{Code::Config, "http_version must be \"2\" or \"1.1\", not \"" + version + "\""};
  }
  if (options.max_in_flight == 0 || options.max_attempts == 0) {
    throw Error{Code::Config, "max_in_flight and max_attempts must be at least 1"};
  }
  auto& core = impl_->core;
  core.address = http::parse_address(options.base_url, options.network);
  core.clock = options.clock ? options.clock : std::make_shared<HttpClock>();
  core.transport = options.transport ? options.transport
                                     : std::make_shared<http::CurlTransport>(options, core.address);
  core.board = std::make_shared<http::Switchboard>();
  core.options = std::move(options);
  // Refuses credentials and headers that no request could carry.
  static_cast<void>(http::make_exchange(core, {}));
}

HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

HttpResponse HttpClient::send(Context& context, HttpRequest request) {
  std::vector<HttpRequest> one;
  one.push_back(std::move(request));
  auto results = send_all(context, std::move(one));
  if (results.front().error) throw *results.front().error;
  return std::move(*results.front().response);
}

std::vector<HttpResult> HttpClient::send_all(Context& context, std::vector<HttpRequest> requests) {
  const auto& address = impl_->core.address;
  if (!address.https && !address.loopback) {
    std::call_once(impl_->warned, [&] {
      context.warn("allow_plain_http: credentials and records travel in clear to " +
                   http::shown_url(address.base));
    });
  }
  return http::Batch{impl_->core, context, std::move(requests)}.run();
}

json::object HttpClient::get(Context& context, std::string path, Pairs query) {
  const std::string what = "GET " + path;
  HttpRequest request;
  request.path = std::move(path);
  request.query = std::move(query);
  const auto response = send(context, std::move(request));
  if (!response.ok()) throw http_error(response, what);
  auto value = response.json();
  if (!value.is_object()) {
    throw Error{Code::Transient, what + " was answered with JSON that is not an object"};
  }
  return std::move(value.get_object());
}

}  // namespace sluice
