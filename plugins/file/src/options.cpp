#include "options.hpp"

#include <sluice/error.hpp>

namespace file_connector {

Options::Options(const sluice::Config& config)
    : path{config.text("path")},
      key{config.text("key", "id")},
      version{config.text("version", "")},
      recency{config.text("recency", "")},
      deleted{config.text("deleted", "")},
      skip_bad_lines{config.text("bad_lines", "fail") == "skip"},
      page_records{static_cast<std::uint32_t>(config.integer("page_records", 500))} {
  if (path.empty()) throw sluice::Error{sluice::Code::Config, "option 'path' is empty"};
  if (key.empty()) throw sluice::Error{sluice::Code::Config, "option 'key' is empty"};
}

sluice::Spec spec() {
  return sluice::Spec{"NDJSON file"}
      .file("path")
      .required()
      .example("customers.ndjson")
      .describe("The file: one JSON object a line. Relative to the directory that Sluice runs in.")
      .string("key")
      .fallback("id")
      .example("customer.id")
      .describe("Reading: the member that identifies a record, a text or a whole number.")
      .string("version")
      .example("updated_at")
      .describe(
          "Reading: a member that never decreases for one record, a whole number or a timestamp. "
          "Without it a record is as new as the moment it was read.")
      .string("recency")
      .example("created_at")
      .describe(
          "Reading: a member, a whole number or a timestamp, that ranks records which claim the "
          "same "
          "key at the destination. Without it a later line ranks higher.")
      .string("deleted")
      .example("_deleted")
      .describe("Reading: a member that is true when the record has been deleted.")
      .choice("bad_lines", {"fail", "skip"})
      .fallback("fail")
      .describe(
          "Reading: whether a line that is no record stops the run or is left out, counted and "
          "logged.")
      .integer("page_records")
      .fallback(500)
      .minimum(1)
      .maximum(100'000)
      .describe("Reading: records a page.");
}

}  // namespace file_connector
