/* Ends its process while it is loaded. */
#define PLUGIN_ID "exit_load"
#include "skeleton.h"

__attribute__((constructor)) static void end_process(void) {
  _exit(4);
}
