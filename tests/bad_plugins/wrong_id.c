/* The file and the table disagree about who it is. */
#define PLUGIN_ID "wrong_id"
#define PLUGIN_TABLE_ID "somebody_else"
#include "skeleton.h"
