/* Dies of, or hangs in, a write of one certain record. Options: `poison`, its number, and up to
 * `poison_to`; `hang`: 1 to hang. Any other write is answered well. */
#define _GNU_SOURCE
#define PLUGIN_ID "poison"
#define PLUGIN_CREATE poison_create
#define PLUGIN_WRITE poison_write
#include "skeleton.h"

static uint32_t first, last, hangs;

sluice_code poison_create(const sluice_host* host, sluice_slice config, sluice_instance** instance,
                          sluice_failure* failure) {
  first = number_in(config, "poison", UINT32_MAX);
  last = number_in(config, "poison_to", first);
  hangs = number_in(config, "hang", 0);
  return good_create(host, config, instance, failure);
}

/* The source's records end in their number, with many zeros in front of it. */
static int holds(sluice_slice batch, uint32_t number) {
  char text[32];
  const int size = snprintf(text, sizeof text, "%016u\"", number);
  return memmem(batch.data, batch.size, text, (size_t)size) != NULL;
}

sluice_code poison_write(sluice_writer* writer, sluice_slice batch, sluice_buffer* outcomes,
                         sluice_failure* failure) {
  for (uint32_t number = first; first != UINT32_MAX && number <= last; ++number) {
    if (!holds(batch, number)) continue;
    if (hangs == 0) die_of_segv();
    while (1) pause();
  }
  return good_write(writer, batch, outcomes, failure);
}
