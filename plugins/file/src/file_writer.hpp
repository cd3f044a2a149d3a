// Writes documents into the file: what each write of a batch means for the document under its key.
#pragma once

#include <memory>
#include <sluice/destination.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "store.hpp"

namespace file_connector {

class FileWriter final : public sluice::Writer {
 public:
  // `deletion` is the one action that a deletion may be.
  FileWriter(std::unique_ptr<Store> store, std::string match, sluice::WriteMode mode,
             std::string deletion)
      : store_{std::move(store)},
        match_{std::move(match)},
        mode_{mode},
        deletion_{std::move(deletion)} {}

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

  [[nodiscard]] sluice::json::object after(sluice::json::object document,
                                           const sluice::Write& write) const;
  [[nodiscard]] std::vector<std::string> changed(const sluice::json::object& known,
                                                 const sluice::Write& write) const;

  std::unique_ptr<Store> store_;
  std::string match_;
  sluice::WriteMode mode_;
  std::string deletion_;
};

// `document` as it is after the write. Pure.
[[nodiscard]] sluice::json::object merged(sluice::json::object document,
                                          const sluice::Write& write);

}  // namespace file_connector
