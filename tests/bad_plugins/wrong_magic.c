#define PLUGIN_ID "wrong_magic"
#define PLUGIN_MAGIC 42
#include "skeleton.h"
