// `ledger: false`: records are mapped and written, and nothing is remembered of them but the
// errors.
//
// Every run sends what it reads. Without a ledger nobody can say which destination record a source
// record has become, so nothing is deleted, no duplicate noticed, and no member of a set withdrawn.
// A run that was killed continues at its last commit: what it wrote after that is written again.
#pragma once

#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/batch_writer.hpp"
#include "pipeline/page_stream.hpp"
#include "pipeline/record_mapper.hpp"
#include "pipeline/sync_context.hpp"
#include "pipeline/wire.hpp"
#include "pipeline/writer_slot.hpp"

namespace sluice::host {

// Threads: [instance] one thread; the batch under way runs on one of its own.
class PassThrough {
 public:
  // Errors: Refused when the destination answers writes with receipts, which a ledger has to keep.
  PassThrough(SyncContext& context, WriterSlot& slot, bool one_by_one);
  ~PassThrough();

  void take(std::string_view line);
  std::size_t take_keys(const std::vector<std::string>& keys);
  // Every record taken has its outcome.
  void flush();
  // Commits once a second.
  void tend();
  // Commits the errors and the newest cursor whose records are settled.
  void commit();

  [[nodiscard]] const Totals& totals() const noexcept { return totals_; }
  [[nodiscard]] std::int64_t new_errors() const noexcept { return new_errors_; }

 private:
  struct Write {
    std::string source_key;
    Checkpoint::Ticket ticket = 0;
    int attempts = 0;
  };
  struct Batch;

  [[nodiscard]] bool is_ignored(const std::string& key, const MapResult& mapped);
  void settle(const std::string& key, Checkpoint::Ticket ticket, RecordOutcome outcome);
  void count(Checkpoint::Ticket ticket, RecordOutcome outcome);
  // The batch under way has an outcome for each write, and the planned one is on its way.
  void send();
  void receive();
  void apply(const Write& write, const std::string& line, const WriteResult& result);
  void reject(const Write& write, const std::string& line, const WriteResult& result,
              std::string_view code);

  SyncContext& context_;
  BatchWriter batch_writer_;
  std::size_t batch_records_;
  std::uint64_t batch_bytes_;
  RecordMapper mapper_;
  std::vector<unsigned char> memory_;
  std::vector<Write> planned_;
  std::vector<std::string> planned_lines_;  // one each
  std::size_t planned_bytes_ = 0;
  std::unique_ptr<Batch> in_flight_;
  Totals totals_;
  std::int64_t new_errors_ = 0;
  std::int64_t committed_at_;
  bool has_told_deletions_ = false;
};

}  // namespace sluice::host
