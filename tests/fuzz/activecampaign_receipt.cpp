// A receipt of an import, as the state gives it back.
#include <sluice/error.hpp>

#include "fuzz.hpp"
#include "receipt.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sluice::fuzz::must;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto receipt = sluice::fuzz::answered([&] { return activecampaign::parse_receipt(text); },
                                              {sluice::Code::Internal});
  if (receipt) {
    must(!receipt->batch_id.empty(), "a receipt names its import");
    const auto written = receipt->text();
    must(activecampaign::parse_receipt(written).text() == written,
         "a receipt survives its encoding");
  }
  return 0;
}
