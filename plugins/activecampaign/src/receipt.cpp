#include "receipt.hpp"

#include <limits>
#include <sluice/sdk.hpp>

#include "wire.hpp"

namespace activecampaign {

using std::chrono::milliseconds;
using std::chrono::system_clock;

namespace {

constexpr std::int64_t kMany = std::numeric_limits<std::int64_t>::max();
// Milliseconds; the clock ends in 2262.
constexpr std::int64_t kLatest = 9'223'372'036'000;

// Zero for what is none between 0 and `most`.
std::int64_t integer(const json::object& object, std::string_view key, std::int64_t most) {
  const auto* value = object.if_contains(key);
  const auto* number = value == nullptr ? nullptr : value->if_int64();
  return number != nullptr && *number >= 0 && *number <= most ? *number : 0;
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
  receipt.sent_at = system_clock::time_point{milliseconds{integer(object, "sent_at", kLatest)}};
  receipt.sent = static_cast<std::uint64_t>(integer(object, "sent", kMany));
  receipt.queued = static_cast<std::uint64_t>(integer(object, "queued", kMany));
  return receipt;
}

}  // namespace activecampaign
