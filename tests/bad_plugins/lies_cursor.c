/* Gives a cursor that is not JSON. */
#define PLUGIN_ID "lies_cursor"
#define PLUGIN_READ lies_read
#include "skeleton.h"

sluice_code lies_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  const sluice_code code = good_read(reader, page, failure);
  if (page->cursor.release != NULL) page->cursor.release(page->cursor.owner);
  page->cursor = text_buffer("{oops");
  return code;
}
