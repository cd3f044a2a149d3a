/* Writes far too much: log lines and one endless line of output. */
#define PLUGIN_ID "flood"
#define PLUGIN_CHECK flood_check
#include "skeleton.h"

sluice_code flood_check(sluice_instance* instance, sluice_buffer* result, sluice_failure* failure) {
  (void)failure;
  for (int i = 0; i < 20000; ++i)
    instance->host->log(instance->host->self, SLUICE_LOG_INFO, slice_of("again"));
  for (int i = 0; i < 1000000; ++i) putchar('x');
  putchar('\n');
  *result = text_buffer("{\"account_id\":\"acme\",\"title\":\"Acme\"}");
  return SLUICE_OK;
}
