/* Gives a page that is larger than any message may be. */
#define PLUGIN_ID "huge_page"
#define PLUGIN_READ huge_read
#include "skeleton.h"

sluice_code huge_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  (void)reader;
  (void)failure;
  const size_t size = (size_t)65 << 20;
  char* text = malloc(size);
  memset(text, ' ', size);
  text[size - 1] = '\n';
  const sluice_buffer records = {text, size, text, free};
  page->records = records;
  page->cursor = text_buffer("1");
  page->count = 1;
  return SLUICE_OK;
}
