// Contacts in the words of the bulk importer, cut into imports of legal size.
#pragma once

#include <cstddef>
#include <sluice/sdk.hpp>
#include <string>
#include <vector>

#include "job.hpp"
#include "tags.hpp"
#include "write_options.hpp"

namespace activecampaign {

inline constexpr std::size_t kMostContacts = 250;
inline constexpr std::size_t kMostBytes = 399'000;  // the limit is 399,999

// Can an import express this row at all? It cannot clear, remove, re-key or look first, and it can
// undo no unsubscription.
[[nodiscard]] bool fits_import(const Job& job, const WriteOptions& options);

// Is this an e-mail that the importer's rules accept? One bad address refuses a whole import.
[[nodiscard]] bool is_importable_email(std::string_view email);

// The lists that the import names for this row: none in which the person has left.
[[nodiscard]] std::vector<std::string> lists_for_import(const Job& job);

struct ImportChunk {
  Jobs jobs;
  std::vector<std::string> contacts;  // each as JSON
};

// The request's body.
[[nodiscard]] std::string import_body(const ImportChunk& chunk, const WriteOptions& options);

// Full chunks first. A last chunk of one row, which the vendor limits more, takes one from its
// neighbour. A row that is too large for any import is left out of the result.
[[nodiscard]] std::vector<ImportChunk> cut_into_imports(const Jobs& jobs, const TagBook& tags,
                                                        const WriteOptions& options);

}  // namespace activecampaign
