// What Chargebee's webhooks tell. Their body is the event object itself; its content is a snapshot
// by kind of resource, whose ids alone are used: the records are read anew.
#pragma once

#include <sluice/source.hpp>

namespace chargebee {

[[nodiscard]] sluice::Events webhook_events();

}  // namespace chargebee
