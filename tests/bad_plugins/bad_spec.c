/* Its spec is not JSON. */
#define PLUGIN_ID "bad_spec"
#define PLUGIN_SPEC bad_spec
#include "skeleton.h"

sluice_code bad_spec(sluice_buffer* spec, sluice_failure* failure) {
  (void)failure;
  *spec = text_buffer("title: Test");
  return SLUICE_OK;
}
