/* Dies of SIGSEGV in a write. */
#define PLUGIN_ID "crash_write"
#define PLUGIN_WRITE crash_write
#include "skeleton.h"

sluice_code crash_write(sluice_writer* writer, sluice_slice batch, sluice_buffer* outcomes,
                        sluice_failure* failure) {
  die_of_segv();
  return good_write(writer, batch, outcomes, failure);
}
