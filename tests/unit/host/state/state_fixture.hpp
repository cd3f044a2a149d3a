// A state in a directory of its own.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "state/state.hpp"

namespace sluice::host {

// Makes a state as the first version left it.
inline constexpr const char* kToVersion1 = R"sql(
DROP INDEX audit_by_decision; ALTER TABLE audit DROP COLUMN decision; ALTER TABLE audit DROP COLUMN affected;
ALTER TABLE errors DROP COLUMN decided_at; ALTER TABLE errors DROP COLUMN decided_why;
ALTER TABLE errors DROP COLUMN decided_by;
DROP TABLE dictionaries;
ALTER TABLE targets RENAME TO newer;
CREATE TABLE targets(object INTEGER NOT NULL, key TEXT NOT NULL, sync INTEGER NOT NULL, owner TEXT NOT NULL,
  remote_id TEXT, document BLOB NOT NULL, hash BLOB NOT NULL, pending_hash BLOB NOT NULL,
  PRIMARY KEY(object,key)) WITHOUT ROWID;
INSERT INTO targets SELECT object,key,sync,owner,remote_id,document,hash,pending_hash FROM newer;
DROP TABLE newer;
DROP INDEX pending_by_target; DROP INDEX pending_by_receipt;
ALTER TABLE pending_writes RENAME TO newer;
CREATE TABLE pending_writes(receipt INTEGER NOT NULL, at INTEGER NOT NULL, sync INTEGER NOT NULL,
  source_key TEXT NOT NULL, row INTEGER NOT NULL, target TEXT NOT NULL, previous_target TEXT NOT NULL,
  line BLOB NOT NULL, document BLOB NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(receipt,at)) WITHOUT ROWID;
INSERT INTO pending_writes SELECT receipt,id,sync,source_key,row,target,previous_target,line,document,hash FROM newer;
DROP TABLE newer;
CREATE INDEX pending_by_target ON pending_writes(sync,target);
PRAGMA application_id=0; PRAGMA user_version=1;
)sql";

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class StateFixture : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  State state_ = State::open(directory_.path(), "an integration", "test");
};

}  // namespace sluice::host
