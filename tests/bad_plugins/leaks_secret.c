/* Puts a secret into its error message, and into what it says of a record. */
#define PLUGIN_ID "leaks_secret"
#define PLUGIN_CHECK leaks_check
#define PLUGIN_WRITE leaks_write
#include "skeleton.h"

sluice_code leaks_check(sluice_instance* instance, sluice_buffer* result, sluice_failure* failure) {
  (void)instance;
  (void)result;
  return failed(failure, SLUICE_AUTH, "the vendor refuses the key s3cr3t-key\nfor good");
}

sluice_code leaks_write(sluice_writer* writer, sluice_slice batch, sluice_buffer* outcomes,
                        sluice_failure* failure) {
  (void)writer;
  (void)batch;
  (void)failure;
  *outcomes = text_buffer(
      "{\"index\":0,\"status\":\"rejected\",\"code\":\"no\",\"message\":\"s3cr3t-key may not\"}\n");
  return SLUICE_OK;
}
