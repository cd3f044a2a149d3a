// Writes documents into the file: what each write of a batch means for the document under its key.
#pragma once

#include <filesystem>
#include <sluice/destination.hpp>
#include <span>
#include <string>
#include <vector>

#include "document_store.hpp"

namespace file_connector {

class FileWriter final : public sluice::Writer {
 public:
  FileWriter(std::filesystem::path path, std::string match, sluice::WriteMode mode)
      : match_{std::move(match)}, mode_{mode}, store_{std::move(path), match_} {}

  [[nodiscard]] sluice::WriterLimits limits() const override { return {1000, 4u << 20}; }
  std::vector<sluice::Outcome> write(sluice::Context& context,
                                     std::span<const sluice::Write> batch) override;
  void flush(sluice::Context& context) override;
  std::vector<sluice::RemoteRow> lookup(sluice::Context& context,
                                        const std::vector<std::string>& keys,
                                        bool by_remote_id) override;
  std::vector<sluice::Difference> verify(sluice::Context& context,
                                         std::span<const sluice::Write> batch) override;

 private:
  sluice::Outcome apply(const sluice::Write& write);
  sluice::Outcome upsert(const sluice::Write& write);
  sluice::Outcome remove(const sluice::Write& write);

  std::string match_;
  sluice::WriteMode mode_;
  DocumentStore store_;
};

// `document` as it is after the write. Pure.
[[nodiscard]] sluice::json::object merged(sluice::json::object document,
                                          const sluice::Write& write);

}  // namespace file_connector
