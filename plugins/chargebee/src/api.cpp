#include "api.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace chargebee {

using sluice::Code;
using sluice::Context;
using sluice::Error;
using sluice::HttpRequest;
using sluice::HttpResponse;

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Every attribute but the status is optional; the body may even be HTML.
json::object error_body(const HttpResponse& response) {
  try {
    auto value = sluice::parse_json(response.body);
    if (value.is_object()) return std::move(value.get_object());
  } catch (const Error&) {
    // Proxies and gateways answer in HTML.
  }
  return {};
}

bool refuses_offset(const HttpResponse& response) {
  if (response.status != 400) return false;
  const auto body = error_body(response);
  const auto param = text_of(body, "param");
  return param == "offset" ||
         (param.empty() && text_of(body, "api_error_code") == "param_wrong_value");
}

}  // namespace

Api::Api(sluice::HttpOptions options, std::string site)
    : http_{std::move(options)}, site_{std::move(site)} {}

Error Api::error_of(const HttpResponse& response, const std::string& what) const {
  const auto body = error_body(response);
  const std::string code = text_of(body, "api_error_code");
  Error plain = sluice::http_error(response, what);
  const auto explained = [&](Code meaning, const std::string& advice) {
    return Error{meaning, std::string{plain.what()} + "; " + advice, plain.retry_after_ms()};
  };
  if (response.status == 401) {
    return explained(Code::Auth, "site " + site_ +
                                     " refuses the API key: check api_key (a test site's key works "
                                     "on that test site only)");
  }
  if (response.status == 403) {
    return explained(Code::Auth,
                     "the API key may not read this: give a key with read access, or "
                     "ask Chargebee whether the site is blocked");
  }
  if (code == "site_not_found") {
    return explained(Code::NotFound, "there is no Chargebee site " + site_ + ": check site");
  }
  if (response.status == 404 && code.empty()) {
    return explained(Code::NotFound, "this is not Chargebee's API: check site and base_url");
  }
  if (code == "configuration_incompatible") {
    return explained(Code::Unsupported, "the site's product catalogue does not offer it");
  }
  if (const auto param = text_of(body, "param"); !param.empty()) {
    return Error{plain.code(), std::string{plain.what()} + " (parameter " + param + ")",
                 plain.retry_after_ms()};
  }
  return plain;
}

json::object Api::answer(const HttpResponse& response, const std::string& what,
                         const json::storage_ptr& storage) const {
  if (!response.ok()) throw error_of(response, what);
  json::value body = [&] {
    try {
      return response.json(storage);
    } catch (const Error& error) {
      throw Error{error.code(), what + " at " + site_ + ": " + error.what()};
    }
  }();
  if (!body.is_object()) {
    throw Error{Code::SchemaMismatch, what + " at " + site_ + " was not answered with an object"};
  }
  return std::move(body.get_object());
}

ListPage Api::list(Context& context, const std::string& path, const sluice::Pairs& query,
                   const json::storage_ptr& storage, std::string_view thin) {
  HttpRequest request;
  request.path = path;
  request.query = query;
  request.label = "GET " + path;
  const auto response = http_.send(context, request);
  const bool continued = std::any_of(query.begin(), query.end(),
                                     [](const auto& pair) { return pair.first == "offset"; });
  if (continued && refuses_offset(response)) {
    throw OffsetRefused{error_of(response, request.label).what()};
  }
  const auto local =
      std::chrono::duration_cast<std::chrono::seconds>(context.now().time_since_epoch());
  const auto date = response.date().value_or(local.count());
  if (response.ok() && !thin.empty()) {
    if (auto list = read_thin(response.body, thin, storage)) {
      return {std::move(list->rows), std::move(list->next_offset), date};
    }
  }
  auto body = answer(response, request.label, storage);
  auto* rows = body.if_contains("list");
  if (rows == nullptr || !rows->is_array()) {
    throw Error{Code::SchemaMismatch, request.label + " was answered without a list"};
  }
  return {std::move(rows->get_array()), text_of(body, "next_offset"), date};
}

std::optional<ThinList> Api::read_thin(std::string_view body, std::string_view member,
                                       const json::storage_ptr& storage) {
  std::unique_ptr<ThinReader> reader;
  {
    const std::lock_guard lock{readers_mutex_};
    if (!readers_.empty()) {
      reader = std::move(readers_.back());
      readers_.pop_back();
    }
  }
  if (!reader) reader = std::make_unique<ThinReader>();
  auto list = reader->read(body, member, storage);
  const std::lock_guard lock{readers_mutex_};
  readers_.push_back(std::move(reader));
  return list;
}

std::optional<json::object> Api::retrieve(Context& context, const std::string& path,
                                          std::string_view member, const std::string& id) {
  HttpRequest request;
  request.path = path + "/" + sluice::path_segment(id);
  request.label = "GET " + path + "/{id}";
  const auto response = http_.send(context, request);
  if (response.status == 404 &&
      text_of(error_body(response), "api_error_code") == "resource_not_found") {
    return std::nullopt;
  }
  auto body = answer(response, request.label);
  json::value row(std::move(body));
  return std::move(row_object(row, member));
}

Site Api::site(Context& context) {
  const std::lock_guard lock{mutex_};
  if (!known_) known_ = ask_site(context);
  return *known_;
}

Site Api::ask_site(Context& context) {
  HttpRequest request;
  request.path = "/configurations";
  const auto response = http_.send(context, request);
  Site site;
  // Keys without the right to read the configuration still work for everything else. Chargebee says
  // so with a code: what a gateway refuses in passing must not change whose account this is.
  if (!response.ok() && !text_of(error_body(response), "api_error_code").empty() &&
      (response.status == 400 || response.status == 403 || response.status == 404)) {
    context.debug("Chargebee does not show the site's configuration; probing its catalogue");
    site.catalogue = probe(context);
    return site;
  }
  const auto body = answer(response, "GET /configurations");
  const auto* entries = body.if_contains("configurations");
  const json::object* chosen = nullptr;
  if (entries != nullptr && entries->is_array()) {
    for (const auto& entry : entries->get_array()) {
      if (!entry.is_object()) continue;
      const auto& object = entry.get_object();
      const bool ours = lower(text_of(object, "domain")) == lower(site_);
      if (chosen == nullptr || ours) chosen = &object;
      if (ours) break;
    }
  }
  const std::string version = chosen != nullptr ? text_of(*chosen, "product_catalog_version") : "";
  if (chosen != nullptr) site.domain = text_of(*chosen, "domain");
  if (version == "v1" || version == "v2") {
    site.catalogue = version == "v1" ? Catalogue::V1 : Catalogue::V2;
  } else {
    site.catalogue = probe(context);
  }
  return site;
}

Catalogue Api::probe(Context& context) {
  try {
    static_cast<void>(list(context, "/item_prices", {{"limit", "1"}}));
    return Catalogue::V2;
  } catch (const Error& error) {
    if (error.code() != Code::Unsupported) throw;
    return Catalogue::V1;
  }
}

}  // namespace chargebee
