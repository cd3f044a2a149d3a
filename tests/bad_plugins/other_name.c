/* Its identity is not the name of its file. */
#define PLUGIN_ID "another"
#include "skeleton.h"
