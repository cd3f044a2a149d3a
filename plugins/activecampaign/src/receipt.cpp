#include "receipt.hpp"

#include <date/date.h>

#include <sluice/sdk.hpp>
#include <sstream>

#include "wire.hpp"

namespace activecampaign {

using std::chrono::milliseconds;
using std::chrono::system_clock;

namespace {

std::int64_t integer(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr) return 0;
  if (value->is_int64()) return value->get_int64();
  return value->is_uint64() ? static_cast<std::int64_t>(value->get_uint64()) : 0;
}

}  // namespace

std::string ImportReceipt::text() const {
  const auto since_epoch =
      std::chrono::duration_cast<milliseconds>(sent_at.time_since_epoch()).count();
  return sluice::to_json(json::object{
      {"batchId", batch_id}, {"sent_at", since_epoch}, {"sent", sent}, {"queued", queued}});
}

ImportReceipt parse_receipt(std::string_view text) {
  json::object object;
  try {
    object = as_object(sluice::parse_json(text));
  } catch (const sluice::Error&) {
    object.clear();
  }
  ImportReceipt receipt;
  receipt.batch_id = scalar(object, "batchId");
  if (receipt.batch_id.empty()) {
    throw sluice::Error{sluice::Code::Internal,
                        "this is no receipt of an ActiveCampaign import: " + std::string{text}};
  }
  receipt.sent_at = system_clock::time_point{milliseconds{integer(object, "sent_at")}};
  receipt.sent = static_cast<std::uint64_t>(integer(object, "sent"));
  receipt.queued = static_cast<std::uint64_t>(integer(object, "queued"));
  return receipt;
}

system_clock::time_point parse_http_date(const std::string& text,
                                         system_clock::time_point fallback) {
  std::istringstream in{text};
  date::sys_seconds instant;
  in >> date::parse("%a, %d %b %Y %T", instant);
  return in.fail() ? fallback : system_clock::time_point{instant};
}

}  // namespace activecampaign
