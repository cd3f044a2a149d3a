// What the opaque pointers of the C contract point to.
#pragma once

#include <memory>
#include <mutex>
#include <stop_token>

#include "failure.hpp"
#include "host_bridge.hpp"
#include "sluice/connector.hpp"

struct sluice_instance {
  sluice_instance(const sluice::detail::Description& wanted, const sluice_host* host_table,
                  sluice::Config options)
      : description{wanted}, host{host_table}, config{std::move(options)} {}

  // Each role is made when it is first used, so that a connector of two roles asks only for the
  // options of the one in use. Errors: what its constructor throws; tried again by the next call.
  // Threads: [any thread].
  sluice::Source& source();
  sluice::Destination& destination();

  [[nodiscard]] sluice::Context context() { return {host, stop.get_token()}; }

  const sluice::detail::Description& description;
  sluice::detail::HostBridge host;
  const sluice::Config config;
  std::stop_source stop;

 private:
  std::mutex mutex_;
  std::unique_ptr<sluice::Source> source_;            // guarded by mutex_ until made
  std::unique_ptr<sluice::Destination> destination_;  // likewise
};

struct sluice_reader {
  sluice_instance& instance;
  std::unique_ptr<sluice::Reader> reader;
  bool ended = false;
};

struct sluice_writer {
  sluice_instance& instance;
  std::unique_ptr<sluice::Writer> writer;
  sluice::JsonParser parser = {};
};

namespace sluice::detail {

// Runs `body(context)` as one call of the instance: refused once the instance is cancelled,
// counters handed over at the end, nothing escapes.
template <typename Body>
sluice_code called(sluice_instance* instance, sluice_failure* failure, const Body& body) noexcept {
  if (instance == nullptr)
    return fail(failure, Code::Internal, "the host called without an instance");
  if (instance->stop.stop_requested())
    return fail(failure, Code::Cancelled, "the connector was stopped");
  sluice_code code = SLUICE_OK;
  try {
    auto context = instance->context();
    body(context);
  } catch (...) {
    code = fail_with_current_exception(failure, instance->stop.stop_requested());
  }
  try {
    instance->host.flush();
  } catch (...) {
    // Only memory can be short here; a counter less is better than a failed call.
  }
  return code;
}

template <typename Handle>
sluice_instance* instance_of(Handle* handle) noexcept {
  return handle == nullptr ? nullptr : &handle->instance;
}

// Errors: throws Error{Internal} when the host left out a place for an answer.
template <typename... Pointers>
void require(const Pointers*... pointers) {
  if (((pointers == nullptr) || ...)) {
    throw Error{Code::Internal, "the host called without a place for the answer"};
  }
}

// The functions of the table that belong to one role.
void fill_source(sluice_connector& table) noexcept;
void fill_destination(sluice_connector& table) noexcept;

}  // namespace sluice::detail
