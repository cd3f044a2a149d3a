/* Its file says the right ABI, its table another one. */
#define PLUGIN_ID "wrong_table_abi"
#define PLUGIN_TABLE_ABI_MAJOR 7
#include "skeleton.h"
