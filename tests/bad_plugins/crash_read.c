/* Dies of SIGSEGV in the second page. */
#define PLUGIN_ID "crash_read"
#define PLUGIN_READ crash_read
#include "skeleton.h"

sluice_code crash_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  if (reader->next != 0) die_of_segv();
  return good_read(reader, page, failure);
}
