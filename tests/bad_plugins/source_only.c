/* A good source that offers nothing else. */
#define PLUGIN_ID "source_only"
#define PLUGIN_CAPABILITIES 1
#define PLUGIN_LOOKUP_REMOTE NULL
#include "skeleton.h"
