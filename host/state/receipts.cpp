#include "state/receipts.hpp"

#include "state/packer.hpp"

namespace sluice::host {

Receipts::Receipts(Database& database, Packer& packer)
    : database_{database},
      packer_{packer},
      add_{database.prepare(
          "INSERT INTO receipts(sync,run,receipt,issued_at,next_poll) VALUES(?1,?2,?3,?4,?5)")},
      add_write_{database.prepare(
          "INSERT INTO pending_writes(sync,receipt,source_key,row,target,previous_target,"
          "line,document,hash) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)")},
      postpone_{database.prepare("UPDATE receipts SET next_poll=?2 WHERE id=?1")},
      open_{database.prepare(
          "SELECT id,receipt,issued_at,next_poll,run FROM receipts WHERE sync=?1 ORDER BY id")},
      writes_{database.prepare("SELECT source_key,row,target,previous_target,line,document,hash "
                               "FROM pending_writes WHERE receipt=?1 ORDER BY id")},
      waiting_{database.prepare("SELECT receipt FROM pending_writes WHERE sync=?1 AND target=?2")} {
}

std::int64_t Receipts::add(std::int64_t sync, std::int64_t run, std::string_view receipt,
                           std::int64_t issued_at, std::int64_t next_poll) {
  add_.bind(1, sync).bind(2, run).bind(3, receipt).bind(4, issued_at).bind(5, next_poll).run();
  return database_.last_insert_id();
}

void Receipts::add_write(std::int64_t sync, std::int64_t receipt, const PendingWrite& write) {
  const std::string line = packer_.pack(write.line);
  add_write_.bind(1, sync)
      .bind(2, receipt)
      .bind(3, write.source_key)
      .bind(4, write.row)
      .bind(5, write.target);
  add_write_.bind(6, write.previous_target).bind_blob(7, line).bind_blob(8, write.document);
  add_write_.bind_blob(9, write.hash).run();
}

void Receipts::postpone(std::int64_t receipt, std::int64_t next_poll) {
  postpone_.bind(1, receipt).bind(2, next_poll).run();
}

std::vector<OpenReceipt> Receipts::open(std::int64_t sync) {
  std::vector<OpenReceipt> out;
  open_.bind(1, sync);
  while (open_.step()) {
    out.push_back({open_.integer(0), std::string{open_.text(1)}, open_.integer(2), open_.integer(3),
                   open_.integer(4)});
  }
  return out;
}

std::vector<PendingWrite> Receipts::writes(std::int64_t receipt) {
  std::vector<PendingWrite> out;
  writes_.bind(1, receipt);
  while (writes_.step()) {
    PendingWrite write;
    write.source_key = writes_.text(0);
    write.row = writes_.integer(1);
    write.target = writes_.text(2);
    write.previous_target = writes_.text(3);
    write.line = packer_.unpack(writes_.blob(4));
    write.document = writes_.blob(5);
    write.hash = writes_.blob(6);
    out.push_back(std::move(write));
  }
  return out;
}

void Receipts::settle(std::int64_t receipt) {
  Statement writes = database_.prepare("DELETE FROM pending_writes WHERE receipt=?1");
  writes.bind(1, receipt).run();
  Statement row = database_.prepare("DELETE FROM receipts WHERE id=?1");
  row.bind(1, receipt).run();
}

std::optional<std::int64_t> Receipts::waiting(std::int64_t sync, std::string_view target) {
  waiting_.bind(1, sync).bind(2, target);
  if (!waiting_.step()) return std::nullopt;
  const std::int64_t id = waiting_.integer(0);
  waiting_.reset();
  return id;
}

}  // namespace sluice::host
