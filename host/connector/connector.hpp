// A running connector, however it runs: in a worker process (the default) or in this one.
//
// Bytes cross here as they cross the plugin boundary (sluice/abi.h says what they mean); the
// pipeline gives them meaning. Errors of the connector arrive as sluice::Error with its code. A
// worker that dies, hangs or breaks the protocol is Error{Transient} whose message says what
// happened ("worker of connector 'x' was killed by signal 11 …"): the caller may start a new one
// from its last committed cursor.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <sluice/context.hpp>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "connector/confinement.hpp"

namespace sluice::host {

// A plugin found on disk. Reading it executes none of its code.
struct PluginFile {
  std::filesystem::path path;
  std::string id;
  std::string version;
  std::string sdk_version;
  std::uint16_t abi_major = 0;
  std::uint16_t abi_minor = 0;
  std::uint64_t capabilities = 0;  // SLUICE_CAP_*
};

// A file that looks like a plugin and is not one that this host can run.
struct PluginProblem {
  std::filesystem::path path;
  std::string message;  // one line: what is wrong and what to do
};

// The plugins of some directories. Of two with one id the first directory's wins.
class Catalog {
 public:
  // Directories that do not exist are skipped.
  static Catalog scan(const std::vector<std::filesystem::path>& directories);

  [[nodiscard]] const std::vector<PluginFile>& plugins() const noexcept { return plugins_; }
  [[nodiscard]] const std::vector<PluginProblem>& problems() const noexcept { return problems_; }
  // Errors: Error{Config} naming what is there, "did you mean", and the problem if the id's file
  // was refused.
  [[nodiscard]] const PluginFile& find(std::string_view id) const;
  // The same, of which the file has one of these SHA-256 digests (lower-case hex; none: any file).
  // Errors: also Error{Config} with the digest that it has.
  [[nodiscard]] const PluginFile& find(std::string_view id,
                                       const std::vector<std::string>& sha256) const;

 private:
  std::vector<std::filesystem::path> directories_;
  std::vector<PluginFile> plugins_;
  std::vector<PluginProblem> problems_;
};

// Where plugins are looked for: SLUICE_PLUGIN_PATH (colon-separated), then ../lib/sluice beside the
// program.
[[nodiscard]] std::vector<std::filesystem::path> default_plugin_directories();

enum class RunMode { Worker, InProcess };

struct RecordPage {
  std::string records;  // NDJSON
  json::value cursor;
  std::uint32_t count = 0;  // lines in `records`
  bool end = false;
  bool complete = false;
};

// Threads: [handle]. Closed by its destructor, which never throws.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  [[nodiscard]] virtual RecordPage read() = 0;
};

// Threads: [handle]. Closed by its destructor, which never throws.
class RecordWriter {
 public:
  virtual ~RecordWriter() = default;
  [[nodiscard]] virtual std::uint32_t preferred_records() const = 0;
  [[nodiscard]] virtual std::uint64_t max_bytes() const = 0;
  // NDJSON in, NDJSON out, as in abi.h.
  [[nodiscard]] virtual std::string write(std::string_view batch) = 0;
  [[nodiscard]] virtual std::string poll(std::string_view request) = 0;
  virtual void flush() = 0;
  [[nodiscard]] virtual std::string lookup(const json::object& request) = 0;
  [[nodiscard]] virtual std::string estimate(std::string_view batch) = 0;
  [[nodiscard]] virtual std::string screen(const json::object& request) = 0;
  [[nodiscard]] virtual std::string verify(std::string_view batch) = 0;
};

// A configured connector. Readers and writers must be gone before it is.
// Threads: [instance]; calls may overlap.
class Connector {
 public:
  virtual ~Connector() = default;
  [[nodiscard]] virtual const PluginFile& plugin() const noexcept = 0;
  [[nodiscard]] bool can(std::uint64_t capability) const noexcept {
    return (plugin().capabilities & capability) == capability;
  }
  [[nodiscard]] virtual json::object check() = 0;
  [[nodiscard]] virtual json::object discover() = 0;
  [[nodiscard]] virtual std::unique_ptr<RecordReader> open_reader(const json::object& request) = 0;
  [[nodiscard]] virtual std::string lookup_records(const json::object& request) = 0;
  [[nodiscard]] virtual json::object prepare(const json::object& request) = 0;
  [[nodiscard]] virtual std::unique_ptr<RecordWriter> open_writer(const json::object& request) = 0;
  // Running and later calls end with Error{Cancelled} within a second. Threads: [any thread].
  virtual void cancel() noexcept = 0;
  // False once the worker is gone: every further call fails. Threads: [any thread].
  [[nodiscard]] virtual bool alive() const noexcept { return true; }
  // Peak resident memory of the process that runs the connector, bytes; 0 when unknown.
  [[nodiscard]] virtual std::uint64_t peak_memory() const noexcept { return 0; }
};

// A plugin that is loaded, with the whole handshake, and has no options yet.
// Threads: one.
class LoadedConnector {
 public:
  virtual ~LoadedConnector() = default;
  // {"id","title","version","roles","config"}
  [[nodiscard]] virtual const json::object& spec() const noexcept = 0;
  // False once its worker is gone: `create` fails.
  [[nodiscard]] virtual bool alive() const noexcept = 0;
  // Makes the instance, once. Errors: Error{Config} for options that cannot be used.
  [[nodiscard]] virtual std::unique_ptr<Connector> create(const json::object& config) = 0;
};

// `services` outlives it and the connector that it makes. `confinement` holds for a worker. Errors:
// Error{Config} for a plugin that cannot be used, with one clear message a cause.
[[nodiscard]] std::unique_ptr<LoadedConnector> load_connector(const PluginFile& plugin,
                                                              HostServices& services, RunMode mode,
                                                              const Confinement& confinement = {});

// The spec alone: loads the plugin, in the given mode, and lets go of it.
[[nodiscard]] json::object read_spec(const PluginFile& plugin, RunMode mode);

// Loads the plugin and makes an instance. Errors: of both steps.
[[nodiscard]] std::unique_ptr<Connector> start_connector(const PluginFile& plugin,
                                                         const json::object& config,
                                                         HostServices& services, RunMode mode,
                                                         const Confinement& confinement = {});

}  // namespace sluice::host
