// The open writer, which may be opened again after its connector has died.
#pragma once

#include <sluice/error.hpp>

#include "connector/connector.hpp"
#include "pipeline/side.hpp"

namespace sluice::host {

class WriterSlot {
 public:
  virtual ~WriterSlot() = default;
  [[nodiscard]] virtual const PluginFile& plugin() const = 0;  // of the connector
  [[nodiscard]] virtual RecordWriter& writer() = 0;
  // False when the connector has died since `writer` was called.
  [[nodiscard]] virtual bool alive() const = 0;
  // After a transient failure: a fresh writer if the old one's connector is dead. Errors: the
  // reason why there can be no further one.
  virtual void recover(const Error& problem, Death death) = 0;
  // A death that was reported as unexplained has got its explanation.
  virtual void explain_death() = 0;
};

}  // namespace sluice::host
