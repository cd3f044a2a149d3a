/* Lets an exception out of a read. */
#define PLUGIN_ID "throws"
#define PLUGIN_READ throws_read
#include "skeleton.h"

void throw_42(void);

sluice_code throws_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  throw_42();
  return good_read(reader, page, failure);
}
