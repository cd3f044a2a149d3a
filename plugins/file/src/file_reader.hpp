// The full and the incremental walk: from a position to the end of the last file.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <sluice/source.hpp>
#include <string>
#include <vector>

#include "input.hpp"
#include "options.hpp"
#include "prefix_hash.hpp"

namespace file_connector {

// How much of a file has been read.
struct Extent {
  std::uint64_t offset = 0;  // everything before it, unpacked
  std::uint64_t lines = 0;   // line ends before it
  std::string hash;          // of everything before it
  std::string state;  // of the file, once its end was reached: while it stays, nothing is new
};

// How far a walk has come.
struct Position {
  std::map<std::string, Extent> files;  // by name
  std::int64_t version = 0;             // the highest that was given
  bool whole = true;                    // the walk began at the beginning of everything
  bool skipped = false;                 // the walk left out a line, which may hide a record
};

class FileReader final : public sluice::Reader {
 public:
  // Errors: CursorInvalid when a file has gone, or when the first one that has something new no
  // longer begins as it did; `next` says the same of the others.
  FileReader(sluice::Context& context, const Options& options, std::vector<InputName> files,
             Position position);
  ~FileReader() override;
  sluice::Page next(sluice::Context& context) override;

 private:
  struct Open;

  [[nodiscard]] std::size_t next_with_news(std::size_t file, const Position& position) const;
  [[nodiscard]] std::unique_ptr<Open> opened(sluice::Context& context, std::size_t file,
                                             const Position& position) const;
  [[nodiscard]] bool is_full(const sluice::Page& page) const;

  const Options& options_;
  std::vector<InputName> files_;
  Position position_;
  std::size_t file_ = 0;        // the one that is read next
  std::unique_ptr<Open> open_;  // it; none: where position_ says
};

// What the request's cursor says. Errors: CursorInvalid when it is none of a file's.
[[nodiscard]] Position position_of(const sluice::ReadRequest& request);

}  // namespace file_connector
