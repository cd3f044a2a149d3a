/* Writes its own bytes into the connection to the host. Option `lie`: which. */
#define PLUGIN_ID "forges_frames"
#define PLUGIN_CREATE forges_create
#define PLUGIN_CHECK forges_check
#include "skeleton.h"

enum { kHeader = 44 };

static const unsigned char kLies[][kHeader] = {
    /* announces 4 GiB */
    {'S', 'L', 'W', 'F', 1, 65, [36] = 0xff, 0xff, 0xff, 0xff},
    /* announces a little more than the limit, in two parts */
    {'S', 'L', 'W', 'F', 1, 65, [39] = 2, [43] = 3},
    /* is of a type that there is not */
    {'S', 'L', 'W', 'F', 1, 99},
    /* is of a type that only the host sends */
    {'S', 'L', 'W', 'F', 1, 2},
    /* answers a request that was never made */
    {'S', 'L', 'W', 'F', 1, 65, [8] = 77},
    /* speaks another protocol */
    {'S', 'L', 'W', 'F', 9, 65},
    /* is no frame */
    {'H', 'T', 'T', 'P'},
};
static uint32_t lie;

sluice_code forges_create(const sluice_host* host, sluice_slice config, sluice_instance** instance,
                          sluice_failure* failure) {
  lie = number_in(config, "lie", 0) % (sizeof kLies / sizeof kLies[0]);
  return good_create(host, config, instance, failure);
}

sluice_code forges_check(sluice_instance* instance, sluice_buffer* result,
                         sluice_failure* failure) {
  (void)instance;
  (void)failure;
  if (write(3, kLies[lie], kHeader) < 0) return SLUICE_INTERNAL;
  *result = text_buffer("{}");
  return SLUICE_OK;
}
