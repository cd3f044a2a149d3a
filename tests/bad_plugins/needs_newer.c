#define PLUGIN_ID "needs_newer"
#define PLUGIN_MIN_HOST_MINOR 9
#include "skeleton.h"
