// expect: expected in the connector's class, public: static constexpr auto kId = "name";
#include <sluice/sdk.hpp>
using namespace sluice;

class Orders final : public Source {
 public:
  static constexpr auto kVersion = "0.1.0";
  static Spec spec() { return Spec{"Orders"}; }
  explicit Orders(const Config&) {}
  Account check(Context&) override { return {}; }
  std::vector<Stream> discover(Context&) override { return {}; }
  std::unique_ptr<Reader> open(Context&, ReadRequest) override { return nullptr; }
};
SLUICE_SOURCE(Orders)
