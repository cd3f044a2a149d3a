// Writes batches whatever becomes of the connector: sends again what may not have arrived, and
// finds the record that kills the connector.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
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
  // Asks for a receipt: `header` is the question's first line, `lines` the writes behind it. Only
  // for a connector that dies of it is it asked again, in parts; one that is not settled yet may
  // then answer some of the lines alone. Errors: the connector's.
  [[nodiscard]] std::vector<WriteResult> poll(const std::string& header,
                                              std::span<const std::string> lines);

 private:
  // Sends some of the lines; nothing when the connector died of them, `death` says how. `repeated`:
  // they may have been sent before.
  using Send = std::function<std::optional<std::string>(
      std::span<const std::string> lines, bool repeated, std::optional<Error>& death)>;

  struct Part {
    std::size_t begin, end;
    int deaths;     // of the connector, while it wrote this very part
    bool repeated;  // some of it may have been written before
  };

  [[nodiscard]] std::vector<WriteResult> search(std::span<const std::string> lines,
                                                const Send& send, std::string_view doing);
  [[nodiscard]] std::optional<std::string> send(std::span<const std::string> lines, bool repeated,
                                                std::optional<Error>& death);
  [[nodiscard]] std::optional<std::string> ask(const std::string& text,
                                               std::optional<Error>& death);
  [[nodiscard]] WriteResult isolated(const Error& death, std::string_view doing);

  WriterSlot& slot_;
  std::stop_token stop_;
  int isolated_in_a_row_ = 0;
  int isolated_in_all_ = 0;
};

}  // namespace sluice::host
