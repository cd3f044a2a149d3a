/* Stops the whole process in a read: nothing in it answers any more. */
#define PLUGIN_ID "stop_read"
#define PLUGIN_READ stop_read
#include "skeleton.h"

sluice_code stop_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  raise(SIGSTOP);
  return good_read(reader, page, failure);
}
