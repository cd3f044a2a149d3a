/* Prints: lines, a line without end, one with bytes that are no text, and a secret. */
#define PLUGIN_ID "prints"
#define PLUGIN_CHECK prints_check
#include "skeleton.h"

sluice_code prints_check(sluice_instance* instance, sluice_buffer* result,
                         sluice_failure* failure) {
  (void)failure;
  printf("hello from stdout\n");
  printf("bytes \xff\x1b[31m\n");
  fprintf(stderr, "the key is s3cr3t-key\n");
  instance->host->log(instance->host->self, SLUICE_LOG_INFO,
                      slice_of("logged s3cr3t-key\nand more"));
  printf("no end of line");
  *result = text_buffer("{\"account_id\":\"acme\",\"title\":\"Acme\"}");
  return SLUICE_OK;
}
