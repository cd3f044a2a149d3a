/* Fails with a code that the contract does not know, and without a word. */
#define PLUGIN_ID "lies_code"
#define PLUGIN_CHECK lies_check
#include "skeleton.h"

sluice_code lies_check(sluice_instance* instance, sluice_buffer* result, sluice_failure* failure) {
  (void)instance;
  (void)result;
  (void)failure;
  return 99;
}
