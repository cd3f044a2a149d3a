/* Announces bytes that it does not hand over. */
#define PLUGIN_ID "lies_buffer"
#define PLUGIN_READ lies_read
#include "skeleton.h"

sluice_code lies_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  (void)reader;
  (void)failure;
  page->records.size = 100;
  page->cursor = text_buffer("1");
  page->count = 1;
  return SLUICE_OK;
}
