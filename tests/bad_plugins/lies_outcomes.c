/* Answers a batch with outcomes that cannot be right. Option `lie`: which. */
#define PLUGIN_ID "lies_outcomes"
#define PLUGIN_CREATE lies_create
#define PLUGIN_WRITE lies_write
#include "skeleton.h"

static const char* const kLies[] = {
    "{\"index\":0,\"status\":\"ok\"}\n{\"index\":0,\"status\":\"ok\"}\n",
    "{\"index\":4000000000,\"status\":\"ok\"}\n",
    "{\"index\":-1,\"status\":\"ok\"}\n",
    "{\"index\":0,\"status\":\"fine\"}\n",
    "{\"index\":0,\"status\":\"pending\"}\n",
    "{\"index\":0,\"status\":\"ok\",\"remote_id\":\"\xFF\xFE\"}\n",
    "not JSON\n",
    "[1,2]\n",
};
static const char* lie;

sluice_code lies_create(const sluice_host* host, sluice_slice config, sluice_instance** instance,
                        sluice_failure* failure) {
  lie = kLies[number_in(config, "lie", 0) % (sizeof kLies / sizeof kLies[0])];
  return good_create(host, config, instance, failure);
}

sluice_code lies_write(sluice_writer* writer, sluice_slice batch, sluice_buffer* outcomes,
                       sluice_failure* failure) {
  (void)writer;
  (void)batch;
  (void)failure;
  *outcomes = text_buffer(lie);
  return SLUICE_OK;
}
