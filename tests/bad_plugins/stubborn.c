/* Hangs in a read and ignores SIGTERM. */
#define PLUGIN_ID "stubborn"
#define PLUGIN_READ stubborn_read
#include "skeleton.h"

sluice_code stubborn_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  signal(SIGTERM, SIG_IGN);
  for (;;) pause();
  return good_read(reader, page, failure);
}
