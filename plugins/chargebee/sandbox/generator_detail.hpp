// What the generator's parts share.
#pragma once

#include <cstdint>
#include <string_view>

#include "catalogue.hpp"
#include "generator.hpp"
#include "people.hpp"

namespace chargebee_sandbox::detail {

inline constexpr std::int64_t kDay = 86'400;

// One kind for each independent draw.
enum Kind : std::uint64_t {
  kIdDraw = 1,
  kCreatedDraw,
  kUpdatedDraw,
  kEmailDraw,
  kPersonDraw,
  kAddressDraw,
  kFieldsDraw,
  kAccountDraw,
  kPiiDraw,
  kCardDraw,
  kCountDraw,
  kSubscriptionDraw,
  kStatusDraw,
  kTermDraw,
  kProductDraw,
  kGiftDraw,
  kGifterDraw,
  kInvoiceDraw,
};

struct Product {
  const PlanKind* plan;
  std::string_view currency;
  bool yearly;
  std::int64_t quantity;
  bool with_addon;
};

[[nodiscard]] constexpr bool is_gift(std::uint64_t source) {
  return source % 256 >= kGiftOrdinal;
}

[[nodiscard]] Product product_of(Draw draws, bool gift, std::string_view currency);

[[nodiscard]] inline const Culture& culture_of(Draw& draw) {
  return draw.pick(cultures());
}

// The number with leading zeros.
[[nodiscard]] inline std::string digits(std::uint64_t number, std::size_t width) {
  std::string text = std::to_string(number);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

}  // namespace chargebee_sandbox::detail
