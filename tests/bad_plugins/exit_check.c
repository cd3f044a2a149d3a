/* Ends its process in a check. */
#define PLUGIN_ID "exit_check"
#define PLUGIN_CHECK exit_check
#include "skeleton.h"

sluice_code exit_check(sluice_instance* instance, sluice_buffer* result, sluice_failure* failure) {
  (void)instance;
  (void)result;
  (void)failure;
  exit(3);
}
