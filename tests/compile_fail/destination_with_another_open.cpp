// expect: expected in the destination, public: std::unique_ptr<Writer> open(Context&, WriteRequest)
// override;
#include <sluice/sdk.hpp>
using namespace sluice;

class Rows final : public Destination {
 public:
  static constexpr auto kId = "rows";
  static constexpr auto kVersion = "0.1.0";
  static Spec spec() { return Spec{"Rows"}; }
  explicit Rows(const Config&) {}
  Account check(Context&) override { return {}; }
  std::vector<Object> discover(Context&) override { return {}; }
  std::unique_ptr<Writer> open(WriteRequest) { return nullptr; }
};
SLUICE_DESTINATION(Rows)
