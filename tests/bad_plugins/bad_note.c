/* Its identity is not JSON. */
#define PLUGIN_ID "bad_note"
#define PLUGIN_NOTE "{\"id\":"
#include "skeleton.h"
