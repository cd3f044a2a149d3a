/* Tells its secret. Option `leak`: where; 0 in the error of its check and in what it says of a
 * record, 1 in what it says of a record alone, 2 in a log line, 3 on stdout, 4 on stderr, 5 in the
 * answer of its check. */
#define PLUGIN_ID "leaks_secret"
#define PLUGIN_CREATE leaks_create
#define PLUGIN_CHECK leaks_check
#define PLUGIN_WRITE leaks_write
#include "skeleton.h"

static uint32_t leak;

sluice_code leaks_create(const sluice_host* host, sluice_slice config, sluice_instance** instance,
                         sluice_failure* failure) {
  leak = number_in(config, "leak", 0);
  return good_create(host, config, instance, failure);
}

sluice_code leaks_check(sluice_instance* instance, sluice_buffer* result, sluice_failure* failure) {
  if (leak == 0)
    return failed(failure, SLUICE_AUTH, "the vendor refuses the key s3cr3t-key\nfor good");
  if (leak == 2)
    instance->host->log(instance->host->self, SLUICE_LOG_INFO, slice_of("with key s3cr3t-key"));
  if (leak == 3) printf("key s3cr3t-key\n");
  if (leak == 4) fprintf(stderr, "key s3cr3t-key\n");
  *result = text_buffer(leak == 5 ? "{\"account_id\":\"s3cr3t-key\"}" : "{\"account_id\":\"a\"}");
  return SLUICE_OK;
}

sluice_code leaks_write(sluice_writer* writer, sluice_slice batch, sluice_buffer* outcomes,
                        sluice_failure* failure) {
  if (leak > 1) return good_write(writer, batch, outcomes, failure);
  *outcomes = text_buffer(
      "{\"index\":0,\"status\":\"rejected\",\"code\":\"no\",\"message\":\"s3cr3t-key may not\"}\n");
  return SLUICE_OK;
}
