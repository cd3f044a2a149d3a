// Writes batches whatever becomes of the connector: sends again what may not have arrived, and
// finds the record that kills the connector.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "pipeline/wire.hpp"
#include "pipeline/writer_slot.hpp"

namespace sluice::host {

// Upserts and deletes by key may be repeated: a batch whose fate is unknown is sent again until it
// is known. One that kills the connector twice is halved until the record is found that does; that
// record is answered as rejected, all others are written.
// Threads: [instance].
class BatchWriter {
 public:
  // Records that kill the connector: more than these, in a row or in all, are not the records'
  // fault.
  static constexpr int kMostInARow = 5;
  static constexpr int kMostInAll = 50;

  BatchWriter(WriterSlot& slot, std::stop_token stop);

  // One result a line. Errors: the connector's, when trying again does not help.
  [[nodiscard]] std::vector<WriteResult> write(std::span<const std::string> lines);

 private:
  struct Part {
    std::size_t begin, end;
    int deaths;     // of the connector, while it wrote this very part
    bool repeated;  // some of it may have been written before
  };

  // Nothing when the connector died while it wrote; `death` says how.
  [[nodiscard]] std::optional<std::string> send(std::span<const std::string> lines, bool repeated,
                                                std::optional<Error>& death);
  [[nodiscard]] WriteResult isolated(const Error& death);
  void pause(std::int64_t ms) const;

  WriterSlot& slot_;
  std::stop_token stop_;
  int isolated_in_a_row_ = 0;
  int isolated_in_all_ = 0;
};

}  // namespace sluice::host
