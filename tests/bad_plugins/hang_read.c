/* Never comes back from a read, not even after a cancel. */
#define PLUGIN_ID "hang_read"
#define PLUGIN_READ hang_read
#include "skeleton.h"

sluice_code hang_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  for (;;) pause();
  return good_read(reader, page, failure);
}
