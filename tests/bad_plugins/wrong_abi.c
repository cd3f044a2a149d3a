/* Built for a later ABI; its file says so. */
#define PLUGIN_ID "wrong_abi"
#define PLUGIN_ABI_MAJOR 7
#include "skeleton.h"
