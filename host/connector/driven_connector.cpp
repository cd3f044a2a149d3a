#include <sluice/abi.h>

#include <algorithm>
#include <cstring>
#include <sluice/error.hpp>

#include "connector/driver.hpp"
#include "connector/limits.hpp"
#include "connector/secrets.hpp"
#include "connector/worker_driver.hpp"

namespace sluice::host {
namespace {

// What readers and writers share with their connector.
class Link {
 public:
  Link(const PluginFile& plugin, HostServices& services, RunMode mode,
       const Confinement& confinement)
      : plugin_{plugin}, services_{services}, driver_{make_driver(mode, confinement)} {}

  [[nodiscard]] const PluginFile& plugin() const noexcept { return plugin_; }
  [[nodiscard]] Driver& driver() noexcept { return *driver_; }
  [[nodiscard]] const Driver& driver() const noexcept { return *driver_; }

  void create(const json::object& config) {
    const auto* schema = driver_->spec().if_contains("config");
    services_.hide(secret_values(schema->as_object(), config));
    std::string text = to_json(config);
    try {
      driver_->create(text);
    } catch (const Error& error) {
      explicit_bzero(text.data(), text.size());
      services_.throw_failure();
      rethrow_clean(error);
    }
    explicit_bzero(text.data(), text.size());
  }

  [[nodiscard]] Answer call(Operation operation, std::uint64_t handle = 0,
                            std::string_view request = {}) {
    // Here and not after a call that went well: what it did is not to be lost.
    services_.throw_failure();
    try {
      return driver_->call(operation, handle, request);
    } catch (const Error& error) {
      services_.throw_failure();
      rethrow_clean(error);
    }
  }

  // The same where the answer holds texts for people.
  [[nodiscard]] std::string call_told(Operation operation, std::uint64_t handle,
                                      std::string_view request) {
    return services_.clean_answer(call(operation, handle, request).body);
  }

  [[nodiscard]] json::value call_json(Operation operation, std::string_view request = {}) {
    return parse(operation, call_told(operation, 0, request));
  }

  [[nodiscard]] json::object call_object(Operation operation, std::string_view request = {}) {
    auto value = call_json(operation, request);
    if (auto* object = value.if_object()) return std::move(*object);
    broken(operation, "answered with JSON that is not an object");
  }

  [[nodiscard]] json::value parse(Operation operation, std::string_view text,
                                  const char* part = "an answer") const {
    try {
      return parse_json(text);
    } catch (const Error& error) {
      broken(operation, std::string{"gave "} + part + " that is not JSON (" + error.what() + ")");
    }
  }

  [[noreturn]] void broken(Operation operation, const std::string& how) const {
    throw Error{Code::Internal,
                "connector '" + plugin_.id + "' " + how + " in " + to_string(operation)};
  }

 private:
  [[nodiscard]] std::unique_ptr<Driver> make_driver(RunMode mode, const Confinement& confinement) {
    if (mode == RunMode::InProcess) return make_table_driver(plugin_, services_);
    WorkerOptions options;
    options.quiet_limit = confinement.limits.hang_after;
    // Silence is counted in pings.
    options.ping_every = std::min(options.ping_every, options.quiet_limit / 4);
    options.confinement = confinement;
    return make_worker_driver(plugin_, services_, std::move(options));
  }

  [[noreturn]] void rethrow_clean(const Error& error) const {
    throw Error{error.code(), services_.clean(error.what()), error.retry_after_ms()};
  }

  PluginFile plugin_;
  GuardedServices services_;
  std::unique_ptr<Driver> driver_;
};

class DrivenReader final : public RecordReader {
 public:
  DrivenReader(Link& link, std::uint64_t handle) : link_{link}, handle_{handle} {}
  ~DrivenReader() override { link_.driver().close(handle_); }

  RecordPage read() override {
    Answer answer = link_.call(Operation::Read, handle_);
    if (!answer.body.empty() && answer.body.back() != '\n') {
      link_.broken(Operation::Read, "gave a page whose last record is cut off");
    }
    const Lines lines = measure(answer.body);
    if (lines.count != answer.value) {
      link_.broken(Operation::Read, "announced " + std::to_string(answer.value) +
                                        " records and gave " + std::to_string(lines.count));
    }
    check_limits(answer, lines);
    RecordPage page;
    page.cursor = link_.parse(Operation::Read, answer.extra, "a cursor");
    page.records = std::move(answer.body);
    page.count = static_cast<std::uint32_t>(lines.count);
    page.end = (answer.flags & SLUICE_PAGE_END) != 0;
    page.complete = page.end && (answer.flags & SLUICE_PAGE_COMPLETE) != 0;
    return page;
  }

 private:
  struct Lines {
    std::int64_t count = 0;
    std::size_t longest = 0;
  };

  static Lines measure(std::string_view ndjson) {
    Lines lines;
    while (!ndjson.empty()) {
      const auto size = ndjson.find('\n');
      lines.longest = std::max(lines.longest, size);
      ++lines.count;
      ndjson.remove_prefix(size + 1);
    }
    return lines;
  }

  void check_limits(const Answer& answer, const Lines& lines) const {
    if (answer.value > static_cast<std::int64_t>(kMaxPageRecords)) {
      link_.broken(Operation::Read,
                   "gave a page of " + std::to_string(answer.value) + " records (the limit is " +
                       std::to_string(kMaxPageRecords) + ": its pages must be smaller)");
    }
    if (answer.extra.size() > kMaxCursorBytes) {
      link_.broken(Operation::Read, "gave a cursor of " + std::to_string(answer.extra.size()) +
                                        " bytes (the limit is " + std::to_string(kMaxCursorBytes) +
                                        ": it must hold less)");
    }
    if (lines.longest > kMaxRecordBytes) {
      link_.broken(Operation::Read, "gave a record of " + std::to_string(lines.longest) +
                                        " bytes (the limit is " + std::to_string(kMaxRecordBytes) +
                                        ": leave members out of it at the source)");
    }
  }

  Link& link_;
  std::uint64_t handle_;
};

class DrivenWriter final : public RecordWriter {
 public:
  DrivenWriter(Link& link, const Answer& opened) : link_{link}, handle_{opened.handle} {
    try {
      read_limits(link_.parse(Operation::OpenWriter, opened.body, "limits"));
    } catch (...) {
      link_.driver().close(handle_);
      throw;
    }
  }
  ~DrivenWriter() override { link_.driver().close(handle_); }

  std::uint32_t preferred_records() const override { return preferred_records_; }
  std::uint64_t max_bytes() const override { return max_bytes_; }
  std::string write(std::string_view batch) override {
    return link_.call_told(Operation::Write, handle_, batch);
  }
  std::string poll(std::string_view request) override {
    return link_.call_told(Operation::Poll, handle_, request);
  }
  void flush() override { (void)link_.call(Operation::Flush, handle_); }
  std::string lookup(const json::object& request) override {
    return link_.call(Operation::LookupRemote, handle_, to_json(request)).body;
  }
  std::string estimate(std::string_view batch) override {
    return link_.call(Operation::Estimate, handle_, batch).body;
  }
  std::string screen(const json::object& request) override {
    return link_.call_told(Operation::Screen, handle_, to_json(request));
  }
  std::string verify(std::string_view batch) override {
    return link_.call(Operation::Verify, handle_, batch).body;
  }

 private:
  void read_limits(const json::value& limits) {
    const auto positive = [&](const char* name, std::int64_t most) {
      const auto* object = limits.if_object();
      const auto* value = object == nullptr ? nullptr : object->if_contains(name);
      const auto* number = value == nullptr ? nullptr : value->if_int64();
      if (number == nullptr || *number < 1) {
        link_.broken(Operation::OpenWriter,
                     std::string{"gave limits without a positive \""} + name + "\"");
      }
      return std::min(*number, most);
    };
    preferred_records_ =
        static_cast<std::uint32_t>(positive("preferred_records", kMaxBatchRecords));
    max_bytes_ = static_cast<std::uint64_t>(
        positive("max_bytes", static_cast<std::int64_t>(kMaxFramePayload)));
  }

  Link& link_;
  std::uint64_t handle_;
  std::uint32_t preferred_records_ = 1;
  std::uint64_t max_bytes_ = 1;
};

class DrivenConnector final : public Connector {
 public:
  explicit DrivenConnector(std::unique_ptr<Link> link) : link_{std::move(link)} {}

  const PluginFile& plugin() const noexcept override { return link_->plugin(); }
  json::object check() override { return link_->call_object(Operation::Check); }
  json::object discover() override { return link_->call_object(Operation::Discover); }
  std::unique_ptr<RecordReader> open_reader(const json::object& request) override {
    return std::make_unique<DrivenReader>(
        *link_, link_->call(Operation::OpenReader, 0, to_json(request)).handle);
  }
  std::string lookup_records(const json::object& request) override {
    return link_->call(Operation::LookupRecords, 0, to_json(request)).body;
  }
  json::object prepare(const json::object& request) override {
    return link_->call_object(Operation::Prepare, to_json(request));
  }
  std::unique_ptr<RecordWriter> open_writer(const json::object& request) override {
    return std::make_unique<DrivenWriter>(*link_,
                                          link_->call(Operation::OpenWriter, 0, to_json(request)));
  }
  void cancel() noexcept override { link_->driver().cancel(); }
  bool alive() const noexcept override { return link_->driver().alive(); }
  std::uint64_t peak_memory() const noexcept override { return link_->driver().peak_memory(); }

 private:
  std::unique_ptr<Link> link_;
};

class DrivenPlugin final : public LoadedConnector {
 public:
  explicit DrivenPlugin(std::unique_ptr<Link> link) : link_{std::move(link)} {}

  const json::object& spec() const noexcept override { return link_->driver().spec(); }
  bool alive() const noexcept override { return link_->driver().alive(); }
  std::unique_ptr<Connector> create(const json::object& config) override {
    link_->create(config);
    return std::make_unique<DrivenConnector>(std::move(link_));
  }

 private:
  std::unique_ptr<Link> link_;
};

// For loading a plugin only to read its spec.
class SilentServices final : public HostServices {
 public:
  void log(LogLevel, std::string_view) override {}
  std::chrono::milliseconds acquire(const RateClass&, std::uint32_t) override { return {}; }
  void back_off(const RateClass&, std::chrono::milliseconds) override {}
  void count(std::string_view, std::int64_t) override {}
};

}  // namespace

std::unique_ptr<LoadedConnector> load_connector(const PluginFile& plugin, HostServices& services,
                                                RunMode mode, const Confinement& confinement) {
  return std::make_unique<DrivenPlugin>(
      std::make_unique<Link>(plugin, services, mode, confinement));
}

json::object read_spec(const PluginFile& plugin, RunMode mode) {
  SilentServices services;
  return load_connector(plugin, services, mode)->spec();
}

std::unique_ptr<Connector> start_connector(const PluginFile& plugin, const json::object& config,
                                           HostServices& services, RunMode mode,
                                           const Confinement& confinement) {
  return load_connector(plugin, services, mode, confinement)->create(config);
}

}  // namespace sluice::host
