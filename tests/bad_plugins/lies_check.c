/* Answers a check with something that is not JSON. */
#define PLUGIN_ID "lies_check"
#define PLUGIN_CHECK lies_check
#include "skeleton.h"

sluice_code lies_check(sluice_instance* instance, sluice_buffer* result, sluice_failure* failure) {
  (void)instance;
  (void)failure;
  *result = text_buffer("fine");
  return SLUICE_OK;
}
