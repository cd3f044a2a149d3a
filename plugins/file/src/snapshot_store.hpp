// A file that is replaced as a whole at the end of a run. Until then the changes stand in a file
// beside it, `.<name>.changes`, so that none is lost when the run ends in another way.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "document_store.hpp"
#include "options.hpp"
#include "snapshot.hpp"
#include "store.hpp"

namespace file_connector {

class SnapshotStore final : public Store {
 public:
  SnapshotStore(const Options& options, std::filesystem::path path, std::string match);

  void refresh(sluice::Context& context) override;
  void refresh_to_write(sluice::Context& context) override;
  [[nodiscard]] std::optional<sluice::json::object> find(const std::string& key) const override;
  void put(const std::string& key, const sluice::json::object& document) override;
  void put_new(const std::string& key, const sluice::json::object& fields) override;
  void remove(const std::string& key) override;
  [[nodiscard]] sluice::json::object stored(sluice::json::object document) const override;
  void commit() override { changes_.commit(); }
  void discard() noexcept override { changes_.discard(); }
  // Replaces the file when there are changes.
  void sync(sluice::Context& context) override;

 private:
  void refresh_snapshot(sluice::Context& context);
  [[nodiscard]] std::vector<std::string> columns(const std::vector<std::string>& changed) const;

  const Options& options_;
  std::filesystem::path path_;
  std::string match_;
  bool csv_;
  DocumentStore changes_;
  mutable std::optional<Snapshot> snapshot_;  // reading it fills its buffers
};

}  // namespace file_connector
