/* A connector as somebody built it against version 1.0 of the contract, which stands beside it. It
 * must load, read and write under every later host of major version 1: neither file ever changes.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi_1_0.h"

#define ID "frozen_1_0"
#define CAPABILITIES 7 /* source, destination, look-up of records */
#define TEXT_OF(x) #x
#define AS_TEXT(x) TEXT_OF(x)
#define IDENTITY                                       \
  "{\"abi\":[1,0],\"id\":\"" ID                        \
  "\",\"version\":\"1.0.0\",\"sdk_version\":\"none\"," \
  "\"capabilities\":" AS_TEXT(CAPABILITIES) "}"

__attribute__((section(".note.sluice,\"a\",@note#"), used, aligned(4))) static const struct {
  uint32_t owner_size;
  uint32_t description_size;
  uint32_t type;
  char owner[8];
  char description[sizeof(IDENTITY)];
} identity = {7, sizeof(IDENTITY) - 1, SLUICE_NOTE_TYPE, SLUICE_NOTE_OWNER, IDENTITY};

struct sluice_instance {
  const sluice_host* host;
  atomic_int is_cancelled;
};
struct sluice_reader {
  sluice_instance* instance;
  unsigned next;
};
struct sluice_writer {
  sluice_instance* instance;
};

enum { kRecords = 5, kPage = 2 };

static sluice_slice slice_of(const char* text) {
  const sluice_slice slice = {text, strlen(text)};
  return slice;
}

static sluice_buffer buffer_of(const char* text) {
  const size_t size = strlen(text);
  char* copy = malloc(size + 1);
  if (copy == NULL) abort();
  memcpy(copy, text, size + 1);
  const sluice_buffer buffer = {copy, size, copy, free};
  return buffer;
}

static sluice_code fail(sluice_failure* failure, sluice_code code, const char* message) {
  failure->code = code;
  failure->message = buffer_of(message);
  return code;
}

static sluice_code spec(sluice_buffer* out, sluice_failure* failure) {
  (void)failure;
  *out = buffer_of("{\"id\":\"" ID
                   "\",\"title\":\"Frozen\",\"version\":\"1.0.0\","
                   "\"roles\":[\"source\",\"destination\"],\"config\":{\"type\":\"object\","
                   "\"properties\":{},\"additionalProperties\":false}}");
  return SLUICE_OK;
}

static sluice_code create(const sluice_host* host, sluice_slice config, sluice_instance** instance,
                          sluice_failure* failure) {
  (void)config;
  if (host->struct_size < sizeof(sluice_host) || host->abi_major != SLUICE_ABI_MAJOR)
    return fail(failure, SLUICE_INTERNAL, "this host is older than 1.0");
  *instance = calloc(1, sizeof **instance);
  if (*instance == NULL) return fail(failure, SLUICE_INTERNAL, "out of memory");
  (*instance)->host = host;
  return SLUICE_OK;
}
static void destroy(sluice_instance* instance) {
  free(instance);
}
static void cancel(sluice_instance* instance) {
  instance->is_cancelled = 1;
}

static sluice_code check(sluice_instance* instance, sluice_buffer* result,
                         sluice_failure* failure) {
  (void)failure;
  const sluice_rate rate = {slice_of("frozen"), slice_of("general"), 1000, 1000};
  const sluice_host* host = instance->host;
  (void)host->acquire(host->self, &rate, 1);
  host->log(host->self, SLUICE_LOG_INFO, slice_of("checked"));
  host->progress(host->self, slice_of("{\"checks\":1}"));
  *result = buffer_of("{\"account_id\":\"frozen\",\"title\":\"Frozen\"}");
  return SLUICE_OK;
}

static sluice_code discover(sluice_instance* instance, sluice_buffer* catalog,
                            sluice_failure* failure) {
  (void)instance;
  (void)failure;
  *catalog = buffer_of(
      "{\"streams\":[{\"name\":\"rows\",\"modes\":[\"full\",\"latest\"]}],"
      "\"objects\":[{\"name\":\"rows\",\"match\":[\"key\"],\"key_fold\":\"none\","
      "\"fields\":[{\"name\":\"key\",\"type\":\"text\"},{\"name\":\"text\",\"type\":\"text\"}],"
      "\"creates_fields\":[],\"delete_actions\":[]}]}");
  return SLUICE_OK;
}

static int write_record(char* to, size_t room, unsigned number) {
  return snprintf(to, room,
                  "{\"op\":\"upsert\",\"key\":\"k%u\",\"version\":1,\"recency\":%u,"
                  "\"data\":{\"key\":\"k%u\",\"text\":\"row %u\"}}\n",
                  number, number, number, number);
}

static sluice_code open_reader(sluice_instance* instance, sluice_slice request,
                               sluice_reader** reader, sluice_failure* failure) {
  char text[512] = "";
  memcpy(text, request.data, request.size < sizeof text - 1 ? request.size : sizeof text - 1);
  if (strstr(text, "\"rows\"") == NULL)
    return fail(failure, SLUICE_NOT_FOUND, "there is only the stream 'rows'");
  *reader = calloc(1, sizeof **reader);
  if (*reader == NULL) return fail(failure, SLUICE_INTERNAL, "out of memory");
  (*reader)->instance = instance;
  const char* cursor = strstr(text, "\"cursor\":");
  if (cursor != NULL) (*reader)->next = (unsigned)strtoul(cursor + 9, NULL, 10);
  return SLUICE_OK;
}

static sluice_code read_page(sluice_reader* reader, sluice_page* page, sluice_failure* failure) {
  if (reader->instance->is_cancelled) return fail(failure, SLUICE_CANCELLED, "stopped");
  char text[1024] = "";
  size_t size = 0;
  page->count = 0;
  for (; page->count < kPage && reader->next < kRecords; ++page->count, ++reader->next)
    size += (size_t)write_record(text + size, sizeof text - size, reader->next);
  char cursor[16];
  snprintf(cursor, sizeof cursor, "%u", reader->next);
  page->records = buffer_of(text);
  page->cursor = buffer_of(cursor);
  page->flags = reader->next == kRecords ? SLUICE_PAGE_END | SLUICE_PAGE_COMPLETE : 0;
  return SLUICE_OK;
}
static void close_reader(sluice_reader* reader) {
  free(reader);
}

static sluice_code lookup_records(sluice_instance* instance, sluice_slice request,
                                  sluice_buffer* records, sluice_failure* failure) {
  (void)instance;
  (void)request;
  (void)failure;
  *records = buffer_of("");
  return SLUICE_OK;
}

static sluice_code open_writer(sluice_instance* instance, sluice_slice request,
                               sluice_writer** writer, sluice_buffer* limits,
                               sluice_failure* failure) {
  (void)request;
  *writer = calloc(1, sizeof **writer);
  if (*writer == NULL) return fail(failure, SLUICE_INTERNAL, "out of memory");
  (*writer)->instance = instance;
  *limits = buffer_of("{\"preferred_records\":50,\"max_bytes\":100000}");
  return SLUICE_OK;
}

static sluice_code write_batch(sluice_writer* writer, sluice_slice batch, sluice_buffer* outcomes,
                               sluice_failure* failure) {
  if (writer->instance->is_cancelled) return fail(failure, SLUICE_CANCELLED, "stopped");
  char text[8192] = "";
  size_t size = 0;
  unsigned index = 0;
  for (size_t i = 0; i < batch.size; ++i) {
    if (batch.data[i] != '\n') continue;
    size += (size_t)snprintf(text + size, sizeof text - size,
                             "{\"index\":%u,\"status\":\"ok\",\"effect\":\"created\"}\n", index++);
  }
  *outcomes = buffer_of(text);
  return SLUICE_OK;
}
static sluice_code flush_writer(sluice_writer* writer, sluice_failure* failure) {
  (void)writer;
  (void)failure;
  return SLUICE_OK;
}
static void close_writer(sluice_writer* writer) {
  free(writer);
}

static const sluice_connector kTable = {
    .magic = SLUICE_ABI_MAGIC,
    .struct_size = sizeof(sluice_connector),
    .abi_major = SLUICE_ABI_MAJOR,
    .abi_minor = SLUICE_ABI_MINOR,
    .capabilities = CAPABILITIES,
    .id = ID,
    .version = "1.0.0",
    .sdk_version = "none",
    .build_info = "C",
    .spec = spec,
    .create = create,
    .destroy = destroy,
    .cancel = cancel,
    .check = check,
    .discover = discover,
    .open_reader = open_reader,
    .read = read_page,
    .close_reader = close_reader,
    .lookup_records = lookup_records,
    .open_writer = open_writer,
    .write = write_batch,
    .flush = flush_writer,
    .close_writer = close_writer,
};

__attribute__((visibility("default"))) const sluice_connector* sluice_connector_entry(
    uint32_t abi_major);
const sluice_connector* sluice_connector_entry(uint32_t abi_major) {
  return abi_major == SLUICE_ABI_MAJOR ? &kTable : NULL;
}
