/* Gives a page of more records than any page may hold. */
#define PLUGIN_ID "many_records"
#define PLUGIN_READ many_read
#include "skeleton.h"

sluice_code many_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  (void)reader;
  (void)failure;
  static const char line[] = "{\"op\":\"delete\",\"key\":\"a\"}\n";
  const size_t length = sizeof line - 1;
  const uint32_t count = 100001;
  char* text = malloc(length * count);
  for (uint32_t i = 0; i < count; ++i) memcpy(text + i * length, line, length);
  const sluice_buffer records = {text, length * count, text, free};
  page->records = records;
  page->cursor = text_buffer("1");
  page->count = count;
  return SLUICE_OK;
}
