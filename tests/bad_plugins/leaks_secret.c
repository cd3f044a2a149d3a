/* Puts a secret into its error message. */
#define PLUGIN_ID "leaks_secret"
#define PLUGIN_CHECK leaks_check
#include "skeleton.h"

sluice_code leaks_check(sluice_instance* instance, sluice_buffer* result, sluice_failure* failure) {
  (void)instance;
  (void)result;
  return failed(failure, SLUICE_AUTH, "the vendor refuses the key s3cr3t-key\nfor good");
}
