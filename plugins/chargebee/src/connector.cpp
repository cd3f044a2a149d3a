#include "connector.hpp"

#include <utility>

#include "customers_reader.hpp"
#include "schema.hpp"
#include "streams.hpp"

namespace chargebee {

using sluice::Code;
using sluice::Context;
using sluice::Error;
using sluice::ReadMode;

namespace {

sluice::HttpOptions options_of(const Settings& settings, const Chargebee::Replaced& replaced) {
  auto options = http_options(settings);
  options.transport = replaced.transport;
  options.clock = replaced.clock;
  return options;
}

std::string shown_site(const Settings& settings) {
  return settings.site.empty() ? settings.authority : settings.site;
}

}  // namespace

Chargebee::Chargebee(Settings settings, const Replaced& replaced)
    : settings_{std::move(settings)},
      api_{options_of(settings_, replaced), shown_site(settings_)},
      cache_{api_} {}

sluice::Account Chargebee::check(Context& context) {
  try {
    static_cast<void>(api_.list(context, "/customers", {{"limit", "1"}}));
  } catch (const Error& error) {
    // While connecting, an answer that is not Chargebee's means a wrong address rather than a
    // passing fault.
    const std::string message = error.what();
    if (message.find("HTML") != std::string::npos && error.code() == Code::Transient) {
      throw Error{Code::NotFound,
                  message + "; check site and base_url (" + settings_.base_url + ")"};
    }
    throw;
  }
  const auto site = api_.site(context);
  sluice::Account account;
  account.id = !site.domain.empty() ? site.domain : shown_site(settings_);
  account.title = "Chargebee site " + account.id;
  account.details["product_catalogue"] = site.catalogue == Catalogue::V1 ? "1.0" : "2.0";
  return account;
}

std::vector<sluice::Stream> Chargebee::discover(Context& context) {
  const auto site = api_.site(context);
  const auto fields = read_custom_fields(context, api_);
  std::vector<sluice::Stream> streams;
  streams.push_back({kCustomers,
                     {ReadMode::Full, ReadMode::Incremental, ReadMode::Latest},
                     customer_options_spec(),
                     customers_schema(fields)});
  for (const auto& info : plain_streams()) {
    if (info.only && *info.only != site.catalogue) continue;
    sluice::Stream stream;
    stream.name = info.name;
    stream.modes = {ReadMode::Full, ReadMode::Incremental};
    if (info.latest_by[0] != '\0') stream.modes.push_back(ReadMode::Latest);
    stream.schema = plain_schema(info.list.member, fields);
    streams.push_back(std::move(stream));
  }
  return streams;
}

std::unique_ptr<sluice::Reader> Chargebee::open(Context& /*context*/, sluice::ReadRequest request) {
  const std::int64_t lag = settings_.visibility_lag.count();
  if (request.stream != kCustomers) {
    return open_plain(api_, plain_stream(request.stream), request, lag);
  }
  const auto options = read_customer_options(request.options);
  switch (request.mode) {
    case ReadMode::Latest:
      return std::make_unique<LatestCustomers>(api_, cache_, options, request.limit);
    case ReadMode::Full: {
      Cursor cursor;
      if (!request.cursor.is_null()) {
        cursor = Cursor::from_json(request.cursor, kCustomers, Cursor::Kind::Full);
      }
      return std::make_unique<FullCustomers>(api_, cache_, options, lag, std::move(cursor));
    }
    case ReadMode::Incremental:
      break;
  }
  if (request.cursor.is_null()) {
    throw Error{Code::CursorInvalid, "an incremental walk needs the cursor of a full one"};
  }
  return std::make_unique<IncrementalCustomers>(
      api_, cache_, options, lag,
      Cursor::from_json(request.cursor, kCustomers, Cursor::Kind::Incremental));
}

sluice::RecordBatch Chargebee::lookup(Context& context, const sluice::ReadRequest& request,
                                      const std::vector<std::string>& keys) {
  if (request.stream != kCustomers) {
    return look_up_plain(context, api_, cache_, plain_stream(request.stream), keys);
  }
  sluice::RecordBatch records;
  const auto options = read_customer_options(request.options);
  const auto run = cache_.for_keys(context, keys.size());
  join_customers_by_id(context, api_, keys, run, options, records);
  return records;
}

}  // namespace chargebee
