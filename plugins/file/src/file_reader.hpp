// The full and the incremental walk: from a position to the end of the file.
#pragma once

#include <cstdint>
#include <sluice/source.hpp>

#include "file_handle.hpp"
#include "line_reader.hpp"
#include "options.hpp"
#include "prefix_hash.hpp"
#include "record_emitter.hpp"

namespace file_connector {

// How far a walk has come.
struct Position {
  std::uint64_t offset = 0;  // everything before it has been read
  std::uint64_t lines = 0;   // lines before it
  PrefixHash hash;           // of everything before it
  std::int64_t version = 0;  // the highest that was given
  bool whole = true;         // the walk began at the beginning of the file
  bool skipped = false;      // the walk left out a bad line, which may hide a record
};

class FileReader final : public sluice::Reader {
 public:
  FileReader(const Options& options, FileHandle file, Position position);
  sluice::Page next(sluice::Context& context) override;

 private:
  // Adds the line to the page and moves the position behind it. False: the line is incomplete.
  bool take(sluice::Context& context, const Line& line, Position& position,
            sluice::RecordBatch& records);
  void check_unchanged(sluice::Context& context, const Position& position);

  const Options& options_;
  FileHandle file_;
  FileState opened_;
  Position position_;
  LineReader lines_;
  RecordEmitter emitter_;
};

// Where the request's cursor continues.
// Errors: CursorInvalid when the file no longer begins as it did when the cursor was made, or when
// the cursor is none of a file's.
[[nodiscard]] Position position_of(sluice::Context& context, const sluice::ReadRequest& request,
                                   const Options& options, const FileHandle& file);

}  // namespace file_connector
