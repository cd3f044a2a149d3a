/* Announces another number of records than it gives. */
#define PLUGIN_ID "lies_count"
#define PLUGIN_READ lies_read
#include "skeleton.h"

sluice_code lies_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  const sluice_code code = good_read(reader, page, failure);
  page->count += 5;
  return code;
}
