// expect: expected: class Class : public Source, for SLUICE_SOURCE
#include <sluice/sdk.hpp>
using namespace sluice;

class Orders final {
 public:
  static constexpr auto kId = "orders";
  static constexpr auto kVersion = "0.1.0";
  static Spec spec() { return Spec{"Orders"}; }
  explicit Orders(const Config&) {}
  Account check(Context&) { return {}; }
  std::vector<Stream> discover(Context&) { return {}; }
  std::unique_ptr<Reader> open(Context&, ReadRequest) { return nullptr; }
};
SLUICE_SOURCE(Orders)
