// The integration files of a directory, as they are now.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "integration/integration.hpp"
#include "integration/load.hpp"

namespace sluice::host::serve {

// One file. Keeps no values of the environment and no options: those are read anew when they are
// needed.
struct Member {
  std::string name;  // the integration's; of a broken file: the file's name without its extension
  std::filesystem::path file;
  std::vector<Diagnostic> findings;  // errors of a broken file; warnings and notes of others
  bool broken = false;               // it starts no runs
  std::string source, destination;   // ids of the connectors
  std::vector<std::string> syncs;    // their names, in the order of the file
  std::vector<std::string> streams;  // what each of them reads
  Schedule schedule;
  std::string problem;         // why runs will fail all the same: a variable without a value
  std::uint64_t revision = 0;  // another number each time the file is read anew
};

// Threads: [instance] one thread.
class Fleet {
 public:
  // `directory`: every *.yaml and *.yml directly in it is an integration; files whose names begin
  // with a dot are not looked at.
  Fleet(std::filesystem::path directory, LoadOptions options);

  // Looks at the directory and reads the files that are new or have changed. True when anything
  // differs from the last time. A directory that is not there has no files, and `problem` says so.
  bool refresh();

  // In the order of the file names. Of several files that call themselves the same, all but the
  // first that can be used are broken.
  [[nodiscard]] const std::vector<Member>& members() const noexcept { return members_; }
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

 private:
  // What tells a file that has been replaced or written from the one that was read.
  struct Stamp {
    std::int64_t modified_ns = 0;
    std::uint64_t size = 0, inode = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct Known {
    Stamp stamp;
    Member member;
  };
  [[nodiscard]] std::map<std::string, Stamp> look();
  [[nodiscard]] Member read(const std::filesystem::path& file) const;

  std::filesystem::path directory_;
  LoadOptions options_;
  std::map<std::string, Known> known_;  // by file name
  std::vector<Member> members_;
  std::string problem_;
  std::uint64_t reads_ = 0;
};

}  // namespace sluice::host::serve
