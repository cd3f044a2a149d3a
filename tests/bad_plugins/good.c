/* Behaves well. */
#define PLUGIN_ID "good"
#include "skeleton.h"
