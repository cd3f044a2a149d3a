/* Gives the same page for ever. */
#define PLUGIN_ID "endless"
#define PLUGIN_READ endless_read
#include "skeleton.h"

sluice_code endless_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  reader->next = 0;
  return good_read(reader, page, failure);
}
