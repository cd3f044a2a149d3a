/* Carries the note and does not export the entry point. */
#define PLUGIN_ID "no_entry"
#define PLUGIN_NO_ENTRY
#include "skeleton.h"

const void* not_the_entry(void);
__attribute__((visibility("default"))) const void* not_the_entry(void) {
  return &kTable;
}
