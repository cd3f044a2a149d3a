// expect: expected in the source, public: Account check(Context&) override;
#include <sluice/sdk.hpp>
using namespace sluice;

class Orders final : public Source {
 public:
  static constexpr auto kId = "orders";
  static constexpr auto kVersion = "0.1.0";
  static Spec spec() { return Spec{"Orders"}; }
  explicit Orders(const Config&) {}
  Account check(const Context&) { return {}; }
  std::vector<Stream> discover(Context&) override { return {}; }
  std::unique_ptr<Reader> open(Context&, ReadRequest) override { return nullptr; }
};
SLUICE_SOURCE(Orders)
