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

PutDown::PutDown(Api& api, const std::string& integration, Decision::Action action,
                 std::string what, const Caller& caller)
    : inbox_{api.service().options().state_root / file_name(integration)} {
  Decision decision;
  decision.action = action;
  decision.who = caller.name;
  decision.why = std::move(what);
  decision = Inbox::made(std::move(decision));
  inbox_.put(decision);
  id_ = decision.id;
}

PutDown::~PutDown() {
  if (!kept_) inbox_.remove(id_);
}

}  // namespace sluice::host::serve
