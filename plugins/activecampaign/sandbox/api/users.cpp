#include <array>

#include "api/handlers.hpp"
#include "api/render.hpp"

namespace activecampaign_sandbox {

namespace {

SandboxResponse get_me(const Call& call) {
  const Renderer render{call};
  json::object links;
  for (const char* name : {"lists", "userGroup", "dealGroupTotals", "configs"}) {
    links.emplace(name, render.link(std::string{"users/1/"} + name));
  }
  return reply(200, json::object{{"user",
                                  {{"username", "admin"},
                                   {"firstName", "Sandbox"},
                                   {"lastName", "Admin"},
                                   {"email", "admin@sandbox.example.com"},
                                   {"phone", ""},
                                   {"signature", nullptr},
                                   {"links", std::move(links)},
                                   {"id", "1"}}}});
}

SandboxResponse get_settings(const Call& call) {
  const auto& limit = call.account.contact_limit;
  return reply(200,
               json::object{{"subscriber_limit", limit ? std::to_string(*limit) : "unlimited"},
                            {"subscriber_total", std::to_string(call.account.contacts.live())}});
}

constexpr std::array kRoutes = {
    Route{"GET", "/users/me", get_me},
    Route{"GET", "/settings/account", get_settings},
};

}  // namespace

std::span<const Route> user_routes() {
  return kRoutes;
}

}  // namespace activecampaign_sandbox
