#include "serve/decide.hpp"

namespace sluice::host::serve {

Reply decide(Api& api, const std::string& integration, Decision decision, const Caller& caller) {
  decision.who = caller.name;
  const Handed handed =
      hand_in(api.service().options().state_root, integration, std::move(decision));
  api.service().look_again(integration);
  json::object out{{"done", handed.done}, {"affected", handed.affected}};
  if (!handed.holder.empty()) out["holder"] = handed.holder;
  return Reply::json(json::value(std::move(out)));
}

}  // namespace sluice::host::serve
