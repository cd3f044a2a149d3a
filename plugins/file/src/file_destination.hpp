// Writes a file as the object "records". README.md says what stands in the file.
#pragma once

#include <filesystem>
#include <memory>
#include <sluice/destination.hpp>
#include <string>
#include <vector>

#include "options.hpp"

namespace file_connector {

class FileDestination final : public sluice::Destination {
 public:
  static constexpr auto kId = "file";
  static constexpr auto kVersion = "0.1.0";
  static constexpr bool kPrepare = true;
  static constexpr bool kRemoteLookup = true;
  static constexpr bool kVerify = true;
  static sluice::Spec spec() { return file_connector::spec(); }

  explicit FileDestination(const sluice::Config& config);

  sluice::Account check(sluice::Context& context) override;
  std::vector<sluice::Object> discover(sluice::Context& context) override;
  std::vector<sluice::PreparedField> prepare(sluice::Context& context,
                                             const sluice::PrepareRequest& request) override;
  std::unique_ptr<sluice::Writer> open(sluice::Context& context,
                                       sluice::WriteRequest request) override;

 private:
  void check_target() const;
  void check_writable() const;
  [[nodiscard]] std::string deletion() const { return replace_ ? "delete" : "mark"; }

  Options options_;
  std::filesystem::path target_;
  bool replace_ = false;  // rather than append
};

}  // namespace file_connector
