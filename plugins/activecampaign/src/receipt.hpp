// What is remembered of an import until it is settled: the text of a receipt.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace activecampaign {

struct ImportReceipt {
  std::string batch_id;
  std::chrono::system_clock::time_point sent_at;  // by the vendor's clock, if it told
  std::uint64_t sent = 0;                         // contacts in the request
  std::uint64_t queued = 0;                       // contacts that the vendor took

  // The vendor silently leaves out addresses on its exclusion list.
  [[nodiscard]] bool some_were_left_out() const noexcept { return queued < sent; }
  [[nodiscard]] std::string text() const;
};

// Errors: Error{Internal} for a text that is no receipt of this connector.
[[nodiscard]] ImportReceipt parse_receipt(std::string_view text);

}  // namespace activecampaign
