// The newest records: the last lines of the file, newest first, in one page.
#pragma once

#include <sluice/source.hpp>

#include "file_handle.hpp"
#include "options.hpp"

namespace file_connector {

class LatestReader final : public sluice::Reader {
 public:
  LatestReader(const Options& options, FileHandle file, std::uint32_t limit)
      : options_{options}, file_{std::move(file)}, limit_{limit} {}
  sluice::Page next(sluice::Context& context) override;

 private:
  const Options& options_;
  FileHandle file_;
  std::uint32_t limit_;
};

}  // namespace file_connector
