// expect: expected in the source, all three of: Account check(Context&) override;
// std::vector<Stream> discover(Context&) override; std::unique_ptr<Reader> open(Context&,
// ReadRequest) override;
#include <sluice/sdk.hpp>
using namespace sluice;

class Orders final : public Source {
 public:
  static constexpr auto kId = "orders";
  static constexpr auto kVersion = "0.1.0";
  static Spec spec() { return Spec{"Orders"}; }
  explicit Orders(const Config&) {}
  Account check(Context&) override { return {}; }
  std::vector<Stream> discover(Context&) override { return {}; }
};
SLUICE_SOURCE(Orders)
