/* The contract between the Sluice host and a connector plugin: a plain C table of functions.
 *
 * A plugin is a shared library that exports exactly one function, `sluice_connector_entry`. It
 * returns a table that lives as long as the process. No C++ type, exception or allocation crosses
 * this line, so host and plugin may be built with different compilers, standard libraries and
 * flags. Authors write C++ against <sluice/sdk.hpp>, which fills this table; nobody needs to write
 * against this header by hand, but anybody may.
 *
 * Version: major.minor. Majors must be equal. A minor version only appends, and a field that lies
 * beyond the other side's `struct_size` reads as NULL: a host takes plugins of every minor version
 * of its major one, save those whose `min_host_minor` is above its own.
 *
 * Conventions
 *   Text      UTF-8, sized, not NUL-terminated unless the type is `const char*`.
 *   JSON      one document, RFC 8259, numbers exact within 64 bits or a double.
 *   NDJSON    one JSON object a line, each line ended by '\n'.
 *   Ownership a `sluice_slice` is borrowed for the duration of the call; a `sluice_buffer` belongs
 * to the receiver, who calls its `release` once. Whoever allocates provides the release. Results
 * every function that can fail returns a `sluice_code` and, unless it is SLUICE_OK, fills
 * `*failure` and leaves its other out-parameters untouched. `failure` is never NULL. Threads   [any
 * thread]  from any thread at any time, also while another call runs. [instance]    from any
 * thread; calls on one instance may overlap. [handle]      from any thread, but only one call at a
 * time on one reader or writer. [exclusive]   no other call on the object or on its children is
 * running. Cancel    after `cancel` every running and later call on the instance returns
 * SLUICE_CANCELLED within a second; a running call whose work was already done may return SLUICE_OK
 * with its answer instead. Functions never throw, never terminate the process, never write to
 * stdout, never touch signal handlers, the working directory, the locale or the umask.
 */
/* clang-format off: the comments are laid out by hand */
#ifndef SLUICE_ABI_H
#define SLUICE_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SLUICE_ABI_MAGIC UINT64_C(0x3049424145434c53) /* "SLCEABI0", little-endian */
#define SLUICE_ABI_MAJOR 1
#define SLUICE_ABI_MINOR 0
#define SLUICE_ENTRY_NAME "sluice_connector_entry"

/* What an error means. The host decides by the code alone, never by the text. */
typedef int32_t sluice_code;
enum {
  SLUICE_OK = 0,
  SLUICE_CONFIG = 1,          /* an option is missing, of the wrong type or impossible */
  SLUICE_AUTH = 2,            /* the vendor refuses the credentials or their rights */
  SLUICE_NOT_FOUND = 3,       /* a named thing does not exist */
  SLUICE_RATE_LIMITED = 4,    /* try again after retry_after_ms */
  SLUICE_TRANSIENT = 5,       /* network, 5xx, broken answer: may succeed later */
  SLUICE_REJECTED = 6,        /* refused for good */
  SLUICE_CURSOR_INVALID = 7,  /* the cursor cannot be continued: open the stream anew */
  SLUICE_SCHEMA_MISMATCH = 8, /* data is not shaped as it must be */
  SLUICE_CANCELLED = 9,       /* `cancel` was called */
  SLUICE_UNSUPPORTED = 10,    /* the connector does not offer this */
  SLUICE_INTERNAL = 11        /* a defect of the connector */
};

typedef struct sluice_slice {
  const char* data; /* may be NULL when size is 0 */
  size_t size;      /* bytes */
} sluice_slice;

typedef struct sluice_buffer {
  const char* data;
  size_t size;                  /* bytes */
  void* owner;                  /* handed to release */
  void (*release)(void* owner); /* [any thread] frees the memory; NULL: nothing to free */
} sluice_buffer;

typedef struct sluice_failure {
  sluice_code code;
  int64_t retry_after_ms; /* for RATE_LIMITED and TRANSIENT: how long to wait, 0 when unknown */
  sluice_buffer
      message; /* one line for a person: what is wrong, where, what to do; never a secret */
} sluice_failure;

/* Severity of a log line. */
enum { SLUICE_LOG_DEBUG = 0, SLUICE_LOG_INFO = 1, SLUICE_LOG_WARN = 2, SLUICE_LOG_ERROR = 3 };

/* One class of requests at a vendor's account, limited to `requests` in any `window_ms`. */
typedef struct sluice_rate {
  sluice_slice account; /* whom the vendor counts, e.g. a host name: shared by all who use the same
                           account */
  sluice_slice class_name; /* e.g. "general", "bulk" */
  uint32_t requests;       /* 0: unlimited */
  uint32_t window_ms;
} sluice_rate;

/* What the host offers to an instance. Valid from `create` until `destroy` returns. All functions:
 * [any thread], never fail, never block for long. */
typedef struct sluice_host {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  void* self; /* first argument of every function below */
  /* Writes one log line. The host adds time and connector. */
  void (*log)(void* self, int32_t level, sluice_slice line);
  /* Reserves room for `n` requests in the account's budget and returns how many milliseconds to
   * wait before sending them; 0: now. The budget is shared by every integration and process on this
   * machine. A reservation that is not used is lost. */
  int64_t (*acquire)(void* self, const sluice_rate* rate, uint32_t n);
  /* The vendor asked for a pause (Retry-After, 429): nobody gets room in this class for `ms`. */
  void (*back_off)(void* self, const sluice_rate* rate, int64_t ms);
  /* Adds to the run's counters: a JSON object of counter name to increment, e.g. {"requests GET
   * /customers":3}. */
  void (*progress)(void* self, sluice_slice counters);
  /* A later or private interface by name, NULL when the host has none of that name. */
  const void* (*get_extension)(void* self, const char* name);
} sluice_host;

typedef struct sluice_instance sluice_instance; /* a configured connector */
typedef struct sluice_reader sluice_reader;     /* one open walk over a stream */
typedef struct sluice_writer sluice_writer;     /* one open flow into an object */

/* Flags of a page. */
enum {
  SLUICE_PAGE_END = 1, /* the walk is over; no further `read` */
  SLUICE_PAGE_COMPLETE =
      2 /* with END: the walk showed every record that exists; what it did not show is gone */
};

/* A page of records. `records` is NDJSON, a line each:
 *   {"op":"upsert"|"delete", "key":text, "version":int, "recency":int, "skip":text?,
 * "data":object?} key      identifies the record within its stream. version  never decreases for
 * one key; a joined record has the highest version of its parts; 0 for a "delete" of what is simply
 * not there: newer than all that was read before, older than all that is read later. recency  ranks
 * records that claim the same key at the destination; equal ones are ranked by `key`. skip     why
 * the source's own option leaves the record out (it is counted as filtered). data     absent for
 * "delete". A page may be empty without being the last. */
typedef struct sluice_page {
  sluice_buffer records;
  sluice_buffer
      cursor;     /* JSON: continues after this page; survives the process; opaque to the host */
  uint32_t count; /* lines in `records` */
  uint32_t flags;
} sluice_page;

/* What a connector can do; each bit promises the functions named beside it. */
#define SLUICE_CAP_SOURCE (UINT64_C(1) << 0)        /* open_reader, read, close_reader */
#define SLUICE_CAP_DESTINATION (UINT64_C(1) << 1)   /* open_writer, write, flush, close_writer */
#define SLUICE_CAP_SOURCE_LOOKUP (UINT64_C(1) << 2) /* lookup_records */
#define SLUICE_CAP_PREPARE (UINT64_C(1) << 3)       /* prepare */
#define SLUICE_CAP_RECEIPTS (UINT64_C(1) << 4)      /* poll */
#define SLUICE_CAP_DESTINATION_LOOKUP (UINT64_C(1) << 5) /* lookup_remote */
#define SLUICE_CAP_ESTIMATE (UINT64_C(1) << 6)           /* estimate */
#define SLUICE_CAP_SCREEN (UINT64_C(1) << 7)             /* screen */
#define SLUICE_CAP_VERIFY (UINT64_C(1) << 8)             /* verify */

typedef struct sluice_connector {
  uint64_t magic;       /* SLUICE_ABI_MAGIC */
  uint32_t struct_size; /* sizeof(sluice_connector) as the plugin was built */
  uint16_t abi_major;
  uint16_t abi_minor;
  uint16_t min_host_minor; /* the oldest host minor that the plugin works with */
  uint16_t reserved;       /* 0 */
  uint32_t reserved2;      /* 0 */
  uint64_t capabilities;   /* SLUICE_CAP_* */
  const char* id;          /* [a-z][a-z0-9_]*, also the name of the file: libsluice_<id>.so */
  const char* version;     /* semantic version of the connector */
  const char* sdk_version;
  const char* build_info; /* compiler, for support requests */

  /* JSON: {"id","title","version","roles":["source","destination"],"config":<JSON Schema of the
   * options>, "read"?:{stream:<JSON Schema of `read:`>}, "write"?:{object:<JSON Schema of
   * `write:`>}}; the last two where they do not depend on the account. In the schemas every secret
   * is `writeOnly`. A source with lookup_records may add what its vendor's webhooks tell:
   * "events":{"id":pointer,"records":[{"stream":text,"key":pointer,"version"?:pointer}]}, JSON
   * Pointers into an event: its own id, and the key and version of each record that it concerns.
   * [any thread] No network. */
  sluice_code (*spec)(sluice_buffer* spec, sluice_failure* failure);

  /* Makes an instance from its options (JSON object, checked against the schema by the host,
   * defaults filled in). No network. `host` outlives the instance. [any thread] Errors: CONFIG. */
  sluice_code (*create)(const sluice_host* host, sluice_slice config, sluice_instance** instance,
                        sluice_failure* failure);
  /* Frees the instance; its readers and writers are closed before. [exclusive] */
  void (*destroy)(sluice_instance* instance);
  /* Stops the instance for good: see Cancel above. Returns at once. [any thread] */
  void (*cancel)(sluice_instance* instance);

  /* Connects with the given credentials and answers
   *   {"account_id":text, "title":text, "details":object?}
   * `account_id` is stable for the vendor's account: the host binds an integration's state to it.
   * Writes nothing. A connector of both roles answers for the roles that work and adds, for the one
   * that does not, "unusable":{"source"|"destination":{"code":int,"message":text}} (also in
   * `discover`); when neither works the call fails. [instance] Errors: AUTH, NOT_FOUND,
   * RATE_LIMITED, TRANSIENT. */
  sluice_code (*check)(sluice_instance* instance, sluice_buffer* result, sluice_failure* failure);
  /* What there is to read and to write:
   *   {"streams":[{"name","modes":["full","incremental","latest"],"options":<JSON Schema of
   * `read:`>, "schema":<JSON Schema of a record's data>}],
   *    "objects":[{"name","match":[field],"key_fold":"none"|"lower","fields":[{"name","title"?,"type","set"?:bool,
   *                "options"?:[text],"required"?:bool,"built_in"?:bool,"max_length"?:int}],
   *                "creates_fields":[type],"delete_actions":[text],"options":<JSON Schema of
   * `write:`>}]} Field types: text, textarea, number, date, datetime, boolean, option, options. A
   * field with "set" holds a set of texts of which others may own members: it is changed by adding
   * and removing. An empty "match" means that any field may be the one. [instance] */
  sluice_code (*discover)(sluice_instance* instance, sluice_buffer* catalog,
                          sluice_failure* failure);

  /* Source. Opens a walk:
   *   {"stream","mode":"full"|"incremental"|"latest","limit":int?,"cursor":any?,"options":object}
   * full         every record; its last page's cursor starts an incremental walk.
   * incremental  what changed, deletions included, since the cursor; again, the last cursor starts
   * the next one. latest       the `limit` newest records, newest first; its cursors are not kept.
   * A cursor from a page that was not the last continues the same walk after that page.
   * [instance] Errors: NOT_FOUND (stream), CURSOR_INVALID, CONFIG (options). */
  sluice_code (*open_reader)(sluice_instance* instance, sluice_slice request,
                             sluice_reader** reader, sluice_failure* failure);
  /* The next page. [handle] After an error the same call may be repeated. */
  sluice_code (*read)(sluice_reader* reader, sluice_page* page, sluice_failure* failure);
  void (*close_reader)(sluice_reader* reader); /* [exclusive] */
  /* Reads records by key as they are now: {"stream","options","keys":[text]} → NDJSON records, one
   * for every key, in any order; "delete" for a key that no longer exists. A key without a line is
   * one of which the source cannot say whether it exists: nothing may be concluded about it.
   * [instance] */
  sluice_code (*lookup_records)(sluice_instance* instance, sluice_slice request,
                                sluice_buffer* records, sluice_failure* failure);

  /* Destination. Makes the destination ready for the fields that will be written:
   *   {"object","fields":[{"name","type"}],"options":object,"dry_run":bool}
   *   → {"fields":[{"name","status":"exists"|"created"|"missing"|"impossible","message"?}]}
   * With dry_run nothing is written and what would be created is "missing". Repeatable. [instance]
   */
  sluice_code (*prepare)(sluice_instance* instance, sluice_slice request, sluice_buffer* result,
                         sluice_failure* failure);
  /* Opens a flow into an object:
   * {"object","match","mode":"upsert"|"create"|"update","options":object,"settle_ms"?:int}
   * settle_ms: an earlier writer ended without an answer, so that what it had handed over may still
   * arrive, and would undo later writes: wait until it has, at most so long. `limits`:
   * {"preferred_records":int,"max_bytes":int}: the batches that the host forms.
   * Writes nothing yet. [instance] */
  sluice_code (*open_writer)(sluice_instance* instance, sluice_slice request,
                             sluice_writer** writer, sluice_buffer* limits,
                             sluice_failure* failure);
  /* Writes a batch. `batch` is NDJSON, a line each:
   *   {"op":"upsert"|"delete", "key":text, "previous_key"?:text, "remote_id"?:text,
   * "delivered"?:bool, "repeated"?:bool, "fields":object,
   * "sets"?:{name:{"add":[text],"remove":[text],"keep"?:[text]}},
   * "if_empty"?:[name], "action"?:text, "opted_out"?:[scope], "withdrawn"?:[scope],
   * "previous_opted_out"?:[scope], "previous_withdrawn"?:[scope]} fields what to
   * set; null clears; a field that is absent keeps its value. previous_key  the record is known at
   * the destination under this key: change that one's key. delivered     Sluice has written this
   * key before. repeated      an attempt at this very write has been made whose answer was lost:
   * what exists under the key may be its work. if_empty      fields to set only where the
   * destination has no value. action for "delete": one of the object's delete_actions; its sets
   * name as remove what was added. opted_out scopes (the connector's own words) in which the person
   * behind this key has withdrawn. withdrawn scopes in which Sluice itself withdrew this key.
   * previous_opted_out, previous_withdrawn the same of previous_key: what the person decided under
   * either key holds for the record, and what comes along from previous_key must not be active in a
   * scope of opted_out. keep members that were added earlier: add them where the record turns out
   * to be new. No two lines of a batch have a key or previous_key in common.
   *
   * `outcomes` is NDJSON, one line for every line of the batch, in any order:
   *   {"index":int, "status":"ok"|"rejected"|"retry"|"pending"|"unconfirmed",
   *    "effect"?:"created"|"updated"|"unchanged"|"deleted", "remote_id"?:text, "rekeyed"?:bool,
   *    "code"?:text, "message"?:text, "field"?:text, "after_ms"?:int, "receipt"?:text,
   *    "opted_out"?:[scope], "withdrawn"?:[scope], "previous_opted_out"?:[scope]}
   * ok           done. "rekeyed":false: previous_key still exists at the destination.
   * rejected     refused for good: code, message (the vendor's words) and, if known, field.
   * retry        not done; try again after after_ms.
   * pending      accepted, result later: `poll` with the receipt, first after after_ms.
   * unconfirmed  the answer does not say what became of this one.
   * opted_out, withdrawn: the complete sets after this write, if known. previous_opted_out: of
   * those that stay with previous_key, for whoever gets it; all of opted_out when it is absent. An
   * error return means that the fate of the whole batch is unknown. [handle] */
  sluice_code (*write)(sluice_writer* writer, sluice_slice batch, sluice_buffer* outcomes,
                       sluice_failure* failure);
  /* Asks for the result of a receipt: NDJSON, first {"receipt":text,"age_ms":int,"overdue":bool},
   * then the lines that were written under it. Answers outcomes as `write` does; "pending" again
   * when it is not ready. With `overdue` the connector must decide by looking at the destination.
   * [handle] */
  sluice_code (*poll)(sluice_writer* writer, sluice_slice request, sluice_buffer* outcomes,
                      sluice_failure* failure);
  /* Makes everything written so far durable. [handle] */
  sluice_code (*flush)(sluice_writer* writer, sluice_failure* failure);
  void (*close_writer)(sluice_writer* writer); /* [exclusive] */
  /* Reads from the destination: {"keys":[text]} or {"remote_ids":[text]} → NDJSON, one line for
   * every key:
   *   {"key":text,"found":bool,"remote_id"?:text,"fields"?:object,"sets"?:{name:[text]},"opted_out"?:[scope]}
   * [handle] */
  sluice_code (*lookup_remote)(sluice_writer* writer, sluice_slice request, sluice_buffer* rows,
                               sluice_failure* failure);

  /* A later or private interface by name, NULL when there is none of that name. [any thread] */
  const void* (*get_extension)(const char* name);

  /* Destination. What writing a batch (NDJSON, as for `write`) would cost, an approximation:
   *   {"calls":[{"account":text,"class":text,"requests":int,"window_ms":int,"calls":int}]}
   * A class of requests as `acquire` is asked for it, and how many of them the batch needs, those
   * that ask for results included. Reads at most, and writes nothing; fields that a run would
   * create may be missing. [handle] Errors: UNSUPPORTED for an object that has no estimate. */
  sluice_code (*estimate)(sluice_writer* writer, sluice_slice batch, sluice_buffer* result,
                          sluice_failure* failure);
  /* Destination. Which keys it would refuse whatever were written under them (an account's
   * suppression list), as far as reading tells: {"keys":[text]} → NDJSON, one line for every such
   * key and none for the others:
   *   {"key":text,"code":text,"message":text,"field"?:text}
   * in the words of a rejected outcome. Writes nothing. What the credentials may not read refuses
   * nothing, and is said once in the log. [handle] */
  sluice_code (*screen)(sluice_writer* writer, sluice_slice request, sluice_buffer* refusals,
                        sluice_failure* failure);
  /* Destination. Which of these writes would change something: reads what the destination holds and
   * compares it in the connector's own terms. `batch` is NDJSON upserts as for `write`, but "add"
   * in "sets" names all members that shall be there. Answers NDJSON, one line for every line of the
   * batch:
   *   {"index":int,"found":bool,"remote_id"?:text,"key"?:text,"differs"?:[name],"opted_out"?:[scope],
   *    "withdrawn"?:[scope]}
   * found      the destination has the record under its key.
   * key        not found, but the record with the line's remote_id has this key now.
   * differs    fields, sets and scopes that `write` would change; what it would leave alone (a
   *            person's own decision, a field of if_empty that has a value) is no difference.
   * opted_out, withdrawn: the complete sets as they are now, if known.
   * Writes nothing. [handle] */
  sluice_code (*verify)(sluice_writer* writer, sluice_slice batch, sluice_buffer* differences,
                        sluice_failure* failure);
} sluice_connector;

/* The one exported symbol. Returns the table for the major version asked for, NULL when the plugin
 * has none. [any thread] Repeatable, always the same pointer. */
typedef const sluice_connector* (*sluice_connector_entry_fn)(uint32_t abi_major);

/* Identity without running the plugin: an ELF note in section ".note.sluice", owner "Sluice", this
 * type; its description is the JSON
 * {"abi":[major,minor],"id","version","sdk_version","capabilities":int}. */
#define SLUICE_NOTE_OWNER "Sluice"
#define SLUICE_NOTE_TYPE 1

#ifdef __cplusplus
}
#endif

#endif
