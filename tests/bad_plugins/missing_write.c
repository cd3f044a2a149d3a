/* Says Destination but has no write. */
#define PLUGIN_ID "missing_write"
#define PLUGIN_TABLE_WRITE NULL
#include "skeleton.h"
