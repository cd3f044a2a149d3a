/* Gives a record that is larger than any record may be. */
#define PLUGIN_ID "large_record"
#define PLUGIN_READ large_read
#include "skeleton.h"

sluice_code large_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  (void)reader;
  (void)failure;
  const size_t size = (size_t)19 << 20;
  char* text = malloc(size);
  memset(text, ' ', size);
  text[size - 1] = '\n';
  const sluice_buffer records = {text, size, text, free};
  page->records = records;
  page->cursor = text_buffer("1");
  page->count = 1;
  return SLUICE_OK;
}
