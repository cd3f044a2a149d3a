/* A connector in plain C that behaves well. Each plugin of this folder is this one with a single
 * thing replaced: it defines the macros below before it includes this file, and what it does not
 * define stays as it should be.
 *
 * Source: `records` records (an option, default 3) in pages of `page` (default 2). Destination:
 * answers "ok" for every line. It logs, counts and asks for room in the budget as it goes. */
#ifndef SLUICE_TESTS_SKELETON_H
#define SLUICE_TESTS_SKELETON_H

#include <signal.h>
#include <sluice/abi.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef PLUGIN_ID
#error "PLUGIN_ID: the name of the file"
#endif
#ifndef PLUGIN_CAPABILITIES
#define PLUGIN_CAPABILITIES 511
#endif
#ifndef PLUGIN_ABI_MAJOR
#define PLUGIN_ABI_MAJOR SLUICE_ABI_MAJOR
#endif
#ifndef PLUGIN_TABLE_ABI_MAJOR
#define PLUGIN_TABLE_ABI_MAJOR PLUGIN_ABI_MAJOR
#endif
#ifndef PLUGIN_MAGIC
#define PLUGIN_MAGIC SLUICE_ABI_MAGIC
#endif
#ifndef PLUGIN_STRUCT_SIZE
#define PLUGIN_STRUCT_SIZE sizeof(sluice_connector)
#endif
#ifndef PLUGIN_MIN_HOST_MINOR
#define PLUGIN_MIN_HOST_MINOR 0
#endif
#ifndef PLUGIN_TABLE_ID
#define PLUGIN_TABLE_ID PLUGIN_ID
#endif

#define TEXT_OF(x) #x
#define AS_TEXT(x) TEXT_OF(x)

#ifndef PLUGIN_NO_NOTE
#ifndef PLUGIN_NOTE
#define PLUGIN_NOTE                                                          \
  "{\"abi\":[" AS_TEXT(PLUGIN_ABI_MAJOR) "," AS_TEXT(                        \
      SLUICE_ABI_MINOR) "],\"id\":\"" PLUGIN_ID                              \
                        "\",\"version\":\"1.2.3\",\"sdk_version\":\"none\"," \
                        "\"capabilities\":" AS_TEXT(PLUGIN_CAPABILITIES) "}"
#endif
/* The section name carries its own type; the rest of the assembler's line becomes a comment. */
__attribute__((section(".note.sluice,\"a\",@note#"), used, aligned(4))) static const struct {
  uint32_t owner_size;
  uint32_t description_size;
  uint32_t type;
  char owner[8];
  char description[sizeof(PLUGIN_NOTE)];
} sluice_note = {7, sizeof(PLUGIN_NOTE) - 1, SLUICE_NOTE_TYPE, SLUICE_NOTE_OWNER, PLUGIN_NOTE};
#endif

struct sluice_instance {
  const sluice_host* host;
  uint32_t records;
  uint32_t page;
  atomic_int is_cancelled;
};

struct sluice_reader {
  sluice_instance* instance;
  uint32_t next;
};

struct sluice_writer {
  sluice_instance* instance;
};

static __attribute__((unused)) sluice_buffer buffer_of(const char* text, size_t size) {
  char* copy = malloc(size + 1);
  memcpy(copy, text, size);
  const sluice_buffer buffer = {copy, size, copy, free};
  return buffer;
}

static __attribute__((unused)) sluice_buffer text_buffer(const char* text) {
  return buffer_of(text, strlen(text));
}

static __attribute__((unused)) sluice_code failed(sluice_failure* failure, sluice_code code,
                                                  const char* message) {
  failure->code = code;
  failure->message = text_buffer(message);
  return code;
}

/* As a wild pointer would; a sanitizer's own handler would end the process in another way. */
static __attribute__((unused)) void die_of_segv(void) {
  signal(SIGSEGV, SIG_DFL);
  raise(SIGSEGV);
}

/* Enough for the flat objects that the tests hand over. */
static __attribute__((unused)) uint32_t number_in(sluice_slice json, const char* name,
                                                  uint32_t fallback) {
  char text[4096] = "";
  char key[64];
  const size_t size = json.size < sizeof text - 1 ? json.size : sizeof text - 1;
  memcpy(text, json.data, size);
  snprintf(key, sizeof key, "\"%s\":", name);
  const char* found = strstr(text, key);
  return found == NULL ? fallback : (uint32_t)strtoul(found + strlen(key), NULL, 10);
}

static __attribute__((unused)) void text_in(sluice_slice json, const char* name, char* to,
                                            size_t room) {
  char text[4096] = "";
  char key[64];
  const size_t size = json.size < sizeof text - 1 ? json.size : sizeof text - 1;
  memcpy(text, json.data, size);
  snprintf(key, sizeof key, "\"%s\":\"", name);
  const char* found = strstr(text, key);
  to[0] = '\0';
  if (found == NULL) return;
  found += strlen(key);
  snprintf(to, room, "%.*s", (int)strcspn(found, "\""), found);
}

static __attribute__((unused)) sluice_slice slice_of(const char* text) {
  const sluice_slice slice = {text, strlen(text)};
  return slice;
}

#ifdef PLUGIN_SPEC
sluice_code PLUGIN_SPEC(sluice_buffer* spec, sluice_failure* failure);
#else
#define PLUGIN_SPEC good_spec
static sluice_code good_spec(sluice_buffer* spec, sluice_failure* failure) {
  (void)failure;
  *spec = text_buffer(
      "{\"id\":\"" PLUGIN_ID
      "\",\"title\":\"Test\",\"version\":\"1.2.3\",\"roles\":[\"source\",\"destination\"],"
      "\"config\":{\"type\":\"object\",\"properties\":{\"api_key\":{\"type\":\"string\","
      "\"writeOnly\":true},"
      "\"records\":{\"type\":\"integer\"},\"page\":{\"type\":\"integer\"}}}}");
  return SLUICE_OK;
}
#endif

#ifdef PLUGIN_CREATE
sluice_code PLUGIN_CREATE(const sluice_host* host, sluice_slice config, sluice_instance** instance,
                          sluice_failure* failure);
#else
#define PLUGIN_CREATE good_create
#endif
static sluice_code good_create(const sluice_host* host, sluice_slice config,
                               sluice_instance** instance, sluice_failure* failure) {
  if (number_in(config, "refuse", 0) != 0)
    return failed(failure, SLUICE_CONFIG, "option 'refuse' must be 0");
  sluice_instance* made = calloc(1, sizeof *made);
  made->host = host;
  made->records = number_in(config, "records", 3);
  made->page = number_in(config, "page", 2);
  *instance = made;
  return SLUICE_OK;
}

static void good_destroy(sluice_instance* instance) {
  free(instance);
}
static void good_cancel(sluice_instance* instance) {
  instance->is_cancelled = 1;
}

#ifdef PLUGIN_CHECK
sluice_code PLUGIN_CHECK(sluice_instance* instance, sluice_buffer* result, sluice_failure* failure);
#else
#define PLUGIN_CHECK good_check
static sluice_code good_check(sluice_instance* instance, sluice_buffer* result,
                              sluice_failure* failure) {
  (void)failure;
  const sluice_rate rate = {slice_of("acme"), slice_of("general"), 10, 1000};
  const int64_t wait = instance->host->acquire(instance->host->self, &rate, 3);
  instance->host->back_off(instance->host->self, &rate, 250);
  instance->host->log(instance->host->self, SLUICE_LOG_INFO, slice_of("checked"));
  instance->host->progress(instance->host->self, slice_of("{\"requests GET /me\":1,\"bytes\":20}"));
  char text[128];
  snprintf(text, sizeof text,
           "{\"account_id\":\"acme\",\"title\":\"Acme\",\"details\":{\"waited\":%ld}}", (long)wait);
  *result = text_buffer(text);
  return SLUICE_OK;
}
#endif

static sluice_code good_discover(sluice_instance* instance, sluice_buffer* catalog,
                                 sluice_failure* failure) {
  (void)instance;
  (void)failure;
  *catalog = text_buffer(
      "{\"streams\":[{\"name\":\"rows\",\"modes\":[\"full\"]}],\"objects\":[{\"name\":\"rows\"}]}");
  return SLUICE_OK;
}

static sluice_code good_open_reader(sluice_instance* instance, sluice_slice request,
                                    sluice_reader** reader, sluice_failure* failure) {
  char text[256] = "";
  memcpy(text, request.data, request.size < sizeof text - 1 ? request.size : sizeof text - 1);
  if (strstr(text, "\"rows\"") == NULL)
    return failed(failure, SLUICE_NOT_FOUND, "there is only the stream 'rows'");
  sluice_reader* made = calloc(1, sizeof *made);
  made->instance = instance;
  made->next = number_in(request, "cursor", 0);
  *reader = made;
  return SLUICE_OK;
}

#ifdef PLUGIN_READ
sluice_code PLUGIN_READ(sluice_reader* reader, sluice_page* page, sluice_failure* failure);
#else
#define PLUGIN_READ good_read
#endif
static __attribute__((unused)) sluice_code good_read(sluice_reader* reader, sluice_page* page,
                                                     sluice_failure* failure) {
  if (reader->instance->is_cancelled) return failed(failure, SLUICE_CANCELLED, "stopped");
  const uint32_t records = reader->instance->records;
  const size_t room = 1024 * (size_t)reader->instance->page + 1;
  char* text = malloc(room);
  size_t size = 0;
  uint32_t count = 0;
  for (; count < reader->instance->page && reader->next < records; ++count, ++reader->next) {
    size += (size_t)snprintf(text + size, room - size,
                             "{\"op\":\"upsert\",\"key\":\"k%u\",\"version\":1,\"recency\":%u,"
                             "\"data\":{\"text\":\"%0700u\"}}\n",
                             reader->next, reader->next, reader->next);
  }
  char cursor[32];
  snprintf(cursor, sizeof cursor, "%u", reader->next);
  page->records = buffer_of(text, size);
  page->cursor = text_buffer(cursor);
  page->count = count;
  page->flags = reader->next == records ? SLUICE_PAGE_END | SLUICE_PAGE_COMPLETE : 0;
  free(text);
  return SLUICE_OK;
}

static void good_close_reader(sluice_reader* reader) {
  free(reader);
}

static sluice_code good_lookup_records(sluice_instance* instance, sluice_slice request,
                                       sluice_buffer* records, sluice_failure* failure) {
  (void)instance;
  (void)request;
  (void)failure;
  *records = text_buffer("{\"op\":\"delete\",\"key\":\"k0\",\"version\":2,\"recency\":0}\n");
  return SLUICE_OK;
}

static sluice_code good_prepare(sluice_instance* instance, sluice_slice request,
                                sluice_buffer* result, sluice_failure* failure) {
  (void)instance;
  (void)request;
  (void)failure;
  *result = text_buffer("{\"fields\":[{\"name\":\"text\",\"status\":\"exists\"}]}");
  return SLUICE_OK;
}

#ifndef PLUGIN_LIMITS
#define PLUGIN_LIMITS "{\"preferred_records\":50,\"max_bytes\":100000}"
#endif
static sluice_code good_open_writer(sluice_instance* instance, sluice_slice request,
                                    sluice_writer** writer, sluice_buffer* limits,
                                    sluice_failure* failure) {
  (void)request;
  (void)failure;
  *writer = calloc(1, sizeof **writer);
  (*writer)->instance = instance;
  *limits = text_buffer(PLUGIN_LIMITS);
  return SLUICE_OK;
}

#ifdef PLUGIN_WRITE
sluice_code PLUGIN_WRITE(sluice_writer* writer, sluice_slice batch, sluice_buffer* outcomes,
                         sluice_failure* failure);
#else
#define PLUGIN_WRITE good_write
#endif
static __attribute__((unused)) sluice_code good_write(sluice_writer* writer, sluice_slice batch,
                                                      sluice_buffer* outcomes,
                                                      sluice_failure* failure) {
  if (writer->instance->is_cancelled) return failed(failure, SLUICE_CANCELLED, "stopped");
  size_t lines = 0;
  for (size_t i = 0; i < batch.size; ++i) lines += batch.data[i] == '\n';
  char* text = malloc(64 * lines + 1);
  size_t size = 0;
  for (size_t i = 0; i < lines; ++i)
    size += (size_t)sprintf(text + size, "{\"index\":%zu,\"status\":\"ok\"}\n", i);
  *outcomes = buffer_of(text, size);
  free(text);
  return SLUICE_OK;
}

static sluice_code good_poll(sluice_writer* writer, sluice_slice request, sluice_buffer* outcomes,
                             sluice_failure* failure) {
  (void)request;
  return good_write(writer, slice_of("\n"), outcomes, failure);
}

static sluice_code good_flush(sluice_writer* writer, sluice_failure* failure) {
  (void)writer;
  (void)failure;
  return SLUICE_OK;
}

static void good_close_writer(sluice_writer* writer) {
  free(writer);
}

#ifndef PLUGIN_LOOKUP_REMOTE
#define PLUGIN_LOOKUP_REMOTE good_lookup_remote
static sluice_code good_lookup_remote(sluice_writer* writer, sluice_slice request,
                                      sluice_buffer* rows, sluice_failure* failure) {
  (void)writer;
  (void)request;
  (void)failure;
  *rows = text_buffer("{\"key\":\"k0\",\"found\":false}\n");
  return SLUICE_OK;
}
#endif

static sluice_code good_estimate(sluice_writer* writer, sluice_slice batch, sluice_buffer* result,
                                 sluice_failure* failure) {
  (void)writer;
  (void)batch;
  (void)failure;
  *result = text_buffer(
      "{\"calls\":[{\"account\":\"acme\",\"class\":\"general\",\"requests\":10,"
      "\"window_ms\":1000,\"calls\":3}]}");
  return SLUICE_OK;
}

static sluice_code good_screen(sluice_writer* writer, sluice_slice request, sluice_buffer* refusals,
                               sluice_failure* failure) {
  (void)writer;
  (void)request;
  (void)failure;
  *refusals = text_buffer("");
  return SLUICE_OK;
}

static sluice_code good_verify(sluice_writer* writer, sluice_slice batch,
                               sluice_buffer* differences, sluice_failure* failure) {
  (void)writer;
  (void)batch;
  (void)failure;
  *differences = text_buffer("{\"index\":0,\"found\":true}\n");
  return SLUICE_OK;
}

#ifndef PLUGIN_TABLE_WRITE
#define PLUGIN_TABLE_WRITE PLUGIN_WRITE
#endif

static const sluice_connector kTable = {
    .magic = PLUGIN_MAGIC,
    .struct_size = PLUGIN_STRUCT_SIZE,
    .abi_major = PLUGIN_TABLE_ABI_MAJOR,
    .abi_minor = SLUICE_ABI_MINOR,
    .min_host_minor = PLUGIN_MIN_HOST_MINOR,
    .capabilities = PLUGIN_CAPABILITIES,
    .id = PLUGIN_TABLE_ID,
    .version = "1.2.3",
    .sdk_version = "none",
    .build_info = "C",
    .spec = PLUGIN_SPEC,
    .create = PLUGIN_CREATE,
    .destroy = good_destroy,
    .cancel = good_cancel,
    .check = PLUGIN_CHECK,
    .discover = good_discover,
    .open_reader = good_open_reader,
    .read = PLUGIN_READ,
    .close_reader = good_close_reader,
    .lookup_records = good_lookup_records,
    .prepare = good_prepare,
    .open_writer = good_open_writer,
    .write = PLUGIN_TABLE_WRITE,
    .poll = good_poll,
    .flush = good_flush,
    .close_writer = good_close_writer,
    .lookup_remote = PLUGIN_LOOKUP_REMOTE,
    .estimate = good_estimate,
    .screen = good_screen,
    .verify = good_verify,
};

#ifndef PLUGIN_NO_ENTRY
__attribute__((visibility("default"))) const sluice_connector* sluice_connector_entry(
    uint32_t abi_major);
const sluice_connector* sluice_connector_entry(uint32_t abi_major) {
  return abi_major == SLUICE_ABI_MAJOR ? &kTable : NULL;
}
#endif

#endif
