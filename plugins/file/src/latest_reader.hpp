// The newest records: the last lines of the last files, newest first, in one page.
#pragma once

#include <sluice/source.hpp>
#include <utility>
#include <vector>

#include "input.hpp"
#include "options.hpp"

namespace file_connector {

class LatestReader final : public sluice::Reader {
 public:
  LatestReader(const Options& options, std::vector<InputName> files, std::uint32_t limit)
      : options_{options}, files_{std::move(files)}, limit_{limit} {}
  sluice::Page next(sluice::Context& context) override;

 private:
  const Options& options_;
  std::vector<InputName> files_;
  std::uint32_t limit_;
};

}  // namespace file_connector
