#include "outstanding.hpp"

#include <algorithm>

#include "poll_pace.hpp"
#include "wire.hpp"

namespace activecampaign {

namespace {

using std::chrono::milliseconds;

constexpr auto kImports = "/import/bulk_import";

bool is_any_outstanding(const json::object& body) {
  const auto& days = items(body, "outstanding");
  return std::any_of(days.begin(), days.end(), [](const json::value& day) {
    const auto batches = scalar(as_object(day), "batches");
    return !batches.empty() && batches != "0";
  });
}

}  // namespace

void await_outstanding_imports(sluice::Context& context, Client& client, milliseconds patience) {
  const PollPace pace;
  for (milliseconds waited{0};;) {
    const auto answer = client.send(context, get_request(kImports, kImports));
    if (!answer.ok() && answer.kind != Answer::Kind::Passing) return;
    if (answer.ok() && !is_any_outstanding(answer.body)) return;
    if (waited >= patience) break;
    if (waited.count() == 0) {
      context.info(
          "the last writer was interrupted: waiting until the account has carried out the "
          "imports that it had accepted");
    }
    const auto pause = std::min(std::max(pace.next(waited), answer.after), patience - waited);
    context.sleep_for(pause);
    waited += pause;
  }
  context.warn("imports are still outstanding after " +
               std::to_string(std::chrono::duration_cast<std::chrono::seconds>(patience).count()) +
               " s: one that was interrupted may yet write older values; the next `full --verify` "
               "puts them right");
}

}  // namespace activecampaign
