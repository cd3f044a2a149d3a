/* Reads records that cannot be right. Option `lie`: which. */
#define PLUGIN_ID "lies_records"
#define PLUGIN_CREATE lies_create
#define PLUGIN_READ lies_read
#include "skeleton.h"

static const char* const kLies[] = {
    "{\"op\":\"upsert\",\"key\":\"a\",\"data\":\n",
    "{\"op\":\"upsert\",\"key\":\"\xC3\x28\",\"data\":{}}\n",
    "{\"op\":\"upsert\",\"data\":{}}\n",
    "{\"op\":\"explode\",\"key\":\"a\"}\n",
    "7\n",
};
static const char* lie;

sluice_code lies_create(const sluice_host* host, sluice_slice config, sluice_instance** instance,
                        sluice_failure* failure) {
  lie = kLies[number_in(config, "lie", 0) % (sizeof kLies / sizeof kLies[0])];
  return good_create(host, config, instance, failure);
}

sluice_code lies_read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  (void)reader;
  (void)failure;
  page->records = text_buffer(lie);
  page->cursor = text_buffer("1");
  page->count = 1;
  page->flags = SLUICE_PAGE_END;
  return SLUICE_OK;
}
