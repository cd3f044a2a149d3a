// The testing kit works outside of the source tree: scripted answers and a host in memory.
#include <cstdio>
#include <memory>
#include <sluice/sdk.hpp>
#include <sluice/testing/fake_host.hpp>
#include <sluice/testing/scripted_transport.hpp>

int main() {
  const auto transport = std::make_shared<sluice::testing::ScriptedTransport>();
  transport->answer(503).answer(200, R"({"list":[{"id":"a"},{"id":"b"}]})");
  sluice::HttpClient http{{.base_url = "https://vendor.test",
                           .transport = transport,
                           .clock = std::make_shared<sluice::testing::JumpingClock>()}};
  sluice::testing::FakeHost host;
  auto context = host.context();
  const auto records = sluice::rows(http.get(context, "/orders"), "list");
  if (records.size() == 2 && transport->sent().size() == 2 && host.counter("retries") == 1)
    return 0;
  std::fprintf(stderr, "%u records after %zu requests\n", records.size(), transport->sent().size());
  return 1;
}
