#include "failure.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "sluice/json.hpp"

namespace sluice::detail {
namespace {

struct Failure {
  sluice_failure raw{};
  ~Failure() { release(raw.message); }
  [[nodiscard]] std::string text() const { return {raw.message.data, raw.message.size}; }
};

template <typename Body>
Failure failure_of(const Body& body) {
  Failure failure;
  EXPECT_EQ(guarded(&failure.raw, body), failure.raw.code);
  return failure;
}

TEST(Failure, KeepsAnErrorsCodeMessageAndPause) {
  const auto failure = failure_of([] { throw Error{Code::RateLimited, "slow down", 1500}; });
  EXPECT_EQ(failure.raw.code, SLUICE_RATE_LIMITED);
  EXPECT_EQ(failure.raw.retry_after_ms, 1500);
  EXPECT_EQ(failure.text(), "slow down");
}

TEST(Failure, MakesEverythingElseADefectWithAClearMessage) {
  EXPECT_EQ(failure_of([] { throw 42; }).text(), "the connector threw an exception of type int");
  EXPECT_EQ(failure_of([] { throw std::bad_alloc{}; }).text(), "out of memory");
  EXPECT_EQ(failure_of([] { throw std::runtime_error{"boom"}; }).text(), "unexpected error: boom");
  EXPECT_EQ(failure_of([] { throw 42; }).raw.code, SLUICE_INTERNAL);
}

TEST(Failure, SaysWhatIsOutOfRangeWhereAMemberIsMissing) {
  const json::value answer{{"id", 1}};
  EXPECT_EQ(failure_of([&] { return answer.at("name"); }).text(),
            "unexpected error: out of range, such as a member that JSON lacks");
}

TEST(Failure, NeverReportsAFailureAsOk) {
  EXPECT_EQ(failure_of([] { throw Error{Code::Ok, "odd"}; }).raw.code, SLUICE_INTERNAL);
}

TEST(Failure, IsOneLineOfValidUtf8) {
  const auto failure = failure_of([] {
    throw Error{Code::Rejected,
                "Gr\xc3\xbc\xc3\x9f"
                "e\nfrom\ta\xff\xed\xa0\x80 vendor\xc3"};
  });
  EXPECT_EQ(failure.text(),
            "Gr\xc3\xbc\xc3\x9f"
            "e from a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd vendor\xef\xbf\xbd");
}

TEST(Failure, IsCancelledWhateverWentWrongAfterAStop) {
  sluice_failure failure{};
  try {
    throw Error{Code::Transient, "connection reset", 100};
  } catch (...) {
    EXPECT_EQ(fail_with_current_exception(&failure, true), SLUICE_CANCELLED);
  }
  EXPECT_EQ(failure.retry_after_ms, 0);
  release(failure.message);
}

TEST(Failure, MayBeLeftOut) {
  EXPECT_EQ(guarded(nullptr, [] { throw Error{Code::Auth, "no"}; }), SLUICE_AUTH);
}

}  // namespace
}  // namespace sluice::detail
