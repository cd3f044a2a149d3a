#include <sluice/sdk.hpp>

#include "connector.hpp"

SLUICE_SOURCE(chargebee::Chargebee)
