/* Gives a cursor that is larger than any cursor may be. */
#define PLUGIN_ID "large_cursor"
#define PLUGIN_READ large_read
#include "skeleton.h"

sluice_code large_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  const sluice_code code = good_read(reader, page, failure);
  if (page->cursor.release != NULL) page->cursor.release(page->cursor.owner);
  const size_t size = ((size_t)1 << 20) + 1;
  char* text = malloc(size);
  memset(text, ' ', size);
  text[0] = '1';
  const sluice_buffer cursor = {text, size, text, free};
  page->cursor = cursor;
  return code;
}
