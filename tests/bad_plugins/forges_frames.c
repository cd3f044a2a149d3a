/* Writes its own bytes into the connection to the host. */
#define PLUGIN_ID "forges_frames"
#define PLUGIN_CHECK forges_check
#include "skeleton.h"

sluice_code forges_check(sluice_instance* instance, sluice_buffer* result,
                         sluice_failure* failure) {
  (void)instance;
  (void)failure;
  /* A header that announces 4 GiB. */
  const unsigned char header[44] = {'S', 'L', 'W', 'F', 1, 65, [36] = 0xff, 0xff, 0xff, 0xff};
  if (write(3, header, sizeof header) < 0) return SLUICE_INTERNAL;
  *result = text_buffer("{}");
  return SLUICE_OK;
}
