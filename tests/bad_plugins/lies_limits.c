/* Asks for batches of no records. */
#define PLUGIN_ID "lies_limits"
#define PLUGIN_LIMITS "{\"preferred_records\":0,\"max_bytes\":100000}"
#include "skeleton.h"
