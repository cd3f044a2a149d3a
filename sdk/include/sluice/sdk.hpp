// All that a connector needs.
#pragma once

#include <sluice/connector.hpp>
#include <sluice/context.hpp>
#include <sluice/destination.hpp>
#include <sluice/error.hpp>
#include <sluice/http.hpp>
#include <sluice/json.hpp>
#include <sluice/source.hpp>
#include <sluice/spec.hpp>
#include <sluice/time.hpp>
