// From a source's line to what the destination shall hold, reading no more of the record than the
// mapping looks at.
#pragma once

#include <memory>
#include <sluice/json.hpp>
#include <string>
#include <string_view>

#include "mapping/mapping.hpp"
#include "pipeline/wire.hpp"

namespace sluice::host {

// Threads: [instance] one thread.
class RecordMapper {
 public:
  // `connector`: the source's, for messages.
  RecordMapper(Mapping mapping, std::string connector);
  ~RecordMapper();
  RecordMapper(const RecordMapper&) = delete;
  RecordMapper& operator=(const RecordMapper&) = delete;

  // The record of a line, its `data` without what the mapping does not look at, in `storage`: good
  // for `map` only. What is left out is not checked to be JSON. Errors: as decode_record.
  [[nodiscard]] Incoming read(std::string_view line, const json::storage_ptr& storage);
  // The result for the line that `record` was read from, as the whole record has it; in the same
  // storage.
  [[nodiscard]] MapResult map(const Incoming& record, std::string_view line);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::host
