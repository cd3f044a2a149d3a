// A disk that fails: SQLite's default VFS with faults in between.
//
// While an object lives it is the default VFS of this process. It counts what changes files
// (writes, truncations, syncs, deletions; not SQLite's shared memory, which no one needs after a
// crash), and strikes at the n-th. Nothing is really synced: what a sync makes durable is modelled.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace sluice::host {

class FaultVfs {
 public:
  enum class Fault {
    None,
    Error,  // the n-th and all later changes fail with an I/O error
    Full,   // the same with a full disk; of the n-th write some sectors are done
    Stop,   // the process dies before the n-th: nothing of what it does from then on happens
  };

  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  // Counts from 0 again.
  void arm(Fault fault, std::int64_t at);
  // The files were replaced by others. No database may be open.
  void forget_files();
  [[nodiscard]] std::int64_t changes() const noexcept { return count_; }
  [[nodiscard]] bool struck() const noexcept { return struck_; }
  // Leaves the files as a power cut at the moment of the strike may have left them: of what was
  // written since a file's last sync everything, nothing, a beginning, some writes, or some sectors
  // of some writes are there. No database may be open.
  void cut_power(std::uint64_t seed);

  // For the callbacks of SQLite.
  struct Change {
    bool truncation = false;
    std::int64_t at = 0;  // or the size
    std::string data;
  };
  struct Image {
    std::string durable;
    bool exists = false;            // durably
    bool deleted = false;           // at the moment, durably or not
    std::vector<Change> pending;    // since the last sync
    std::unique_ptr<Image> before;  // the file that had this name, deleted, and not durably so
  };
  // Whether the change may be done; else what SQLite is told.
  [[nodiscard]] int permit(int error);
  [[nodiscard]] Fault fault() const noexcept { return fault_; }
  Image& image(const std::string& path);
  [[nodiscard]] sqlite3_vfs& real() noexcept { return *real_; }

 private:
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_{};
  Fault fault_ = Fault::None;
  std::int64_t at_ = 0, count_ = 0;
  bool struck_ = false;
  std::map<std::string, Image> images_;
};

}  // namespace sluice::host
