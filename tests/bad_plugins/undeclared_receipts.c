/* Answers with a receipt, though it does not declare any. */
#define PLUGIN_ID "undeclared_receipts"
#define PLUGIN_CAPABILITIES 495
#define PLUGIN_WRITE pending_write
#include "skeleton.h"

sluice_code pending_write(sluice_writer* writer, sluice_slice batch, sluice_buffer* outcomes,
                          sluice_failure* failure) {
  (void)writer;
  (void)batch;
  (void)failure;
  *outcomes = text_buffer("{\"index\":0,\"status\":\"pending\",\"receipt\":\"r\"}\n");
  return SLUICE_OK;
}
