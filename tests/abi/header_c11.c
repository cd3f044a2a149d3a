/* The contract is usable from C: this file is a host in C. */
#include <sluice/abi.h>

_Static_assert(sizeof(sluice_code) == 4, "a code is 32 bits wide");

sluice_code sluice_c_spec(const sluice_connector* connector, sluice_buffer* spec,
                          sluice_failure* failure);

sluice_code sluice_c_spec(const sluice_connector* connector, sluice_buffer* spec,
                          sluice_failure* failure) {
  if (connector->magic != SLUICE_ABI_MAGIC || connector->abi_major != SLUICE_ABI_MAJOR) {
    return SLUICE_UNSUPPORTED;
  }
  return connector->spec(spec, failure);
}
