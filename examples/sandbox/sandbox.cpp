// The API that both examples speak, in memory: GET /account, GET /orders in pages, PUT and DELETE
// of /rows/{id}.
#include "sluice/testing/sandbox.hpp"

#include <map>
#include <mutex>

using namespace sluice::testing;
namespace json = sluice::json;

namespace {

constexpr std::size_t kOrders = 250;
constexpr std::size_t kPage = 100;

SandboxResponse orders(const SandboxRequest& request) {
  const std::string* offset = request.find_query("offset");
  const std::size_t begin = offset == nullptr || offset->empty() ? 0 : std::stoul(*offset);
  const std::size_t end = std::min(kOrders, begin + kPage);
  json::array list;
  for (std::size_t i = begin; i < end; ++i) {
    list.push_back(json::object{{"id", "o" + std::to_string(i)}, {"amount", i * 100}});
  }
  json::object body{{"list", std::move(list)}};
  if (end < kOrders) body["next_offset"] = end;
  return SandboxResponse::json(200, body);
}

}  // namespace

int main() {
  std::mutex mutex;
  std::map<std::string, json::value> rows;  // guarded by mutex
  SandboxClock clock;
  SandboxServer server{clock};
  server.route("GET", "/account", [](const SandboxRequest&) {
    return SandboxResponse::json(200, json::object{{"id", "example"}});
  });
  server.route("GET", "/orders", orders);
  server.route("PUT", "/rows/{id}", [&](const SandboxRequest& request) {
    const json::value row = request.json_body();
    const json::value* amount = row.as_object().if_contains("amount");
    if (amount != nullptr && !amount->is_number())
      return SandboxResponse::json(422, json::object{{"message", "amount must be a number"}});
    const std::lock_guard lock{mutex};
    rows[request.param("id")] = row;
    return SandboxResponse::json(200, json::object{});
  });
  server.route("DELETE", "/rows/{id}", [&](const SandboxRequest& request) {
    const std::lock_guard lock{mutex};
    rows.erase(request.param("id"));
    return SandboxResponse::json(200, json::object{});
  });
  SandboxHooks hooks;
  hooks.gate = [](const SandboxRequest& request) -> std::optional<SandboxResponse> {
    if (request.header("Authorization") != "Basic d3Jvbmc6") return std::nullopt;  // "wrong:"
    return SandboxResponse::json(401, json::object{{"message", "the key is refused"}});
  };
  hooks.dump = [&] {
    const std::lock_guard lock{mutex};
    json::object out;
    for (const auto& [id, row] : rows) out[id] = row;
    return sluice::to_json(out);
  };
  server.hooks(std::move(hooks));
  return run_sandbox(server);
}
