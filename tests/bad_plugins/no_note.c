/* A library that exports the entry point and does not say who it is. */
#define PLUGIN_ID "no_note"
#define PLUGIN_NO_NOTE
#include "skeleton.h"
