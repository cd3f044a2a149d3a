/* Built before the table had a write, and yet a destination. */
#define PLUGIN_ID "short_table"
#define PLUGIN_STRUCT_SIZE offsetof(sluice_connector, write)
#include "skeleton.h"
