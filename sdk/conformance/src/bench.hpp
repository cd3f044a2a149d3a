// What surrounds one check: the connector to try, its sandbox, a host that listens. Each check has
// a process and a bench of its own.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <sluice/error.hpp>
#include <sluice/http.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "connector/connector.hpp"
#include "connector/secrets.hpp"
#include "scenario.hpp"

namespace sluice::conformance {

// The connector does not do what it must; the message says what it did instead.
class Failed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws Failed unless `holds`.
void expect(bool holds, const std::string& otherwise);
// The error of a call that must fail. Throws Failed when it does not.
[[nodiscard]] Error error_of(const std::string& what, const std::function<void()>& call);
// Also that its code is one of these.
Error expect_error(const std::string& what, std::initializer_list<Code> codes,
                   const std::function<void()>& call);

// Grants room at once and keeps what was logged, as the connector wrote it.
class Listener final : public HostServices {
 public:
  void log(LogLevel level, std::string_view line) override;
  std::chrono::milliseconds acquire(const RateClass&, std::uint32_t) override {
    return std::chrono::milliseconds{0};
  }
  void back_off(const RateClass&, std::chrono::milliseconds) override {}
  void count(std::string_view, std::int64_t) override {}
  [[nodiscard]] std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

// A vendor's stand-in of the sandbox toolkit, as a process that ends with this one.
class Sandbox {
 public:
  // Errors: Failed naming the program, and what it says.
  Sandbox(const std::vector<std::string>& command, const std::filesystem::path& scenario_folder);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  // Adds a fault that holds for every route.
  void fault(json::object fault);
  void heal();
  // How many requests of the fault's route have met a fault.
  [[nodiscard]] std::int64_t faults_fired();
  // Requests other than GET, HEAD and OPTIONS, by route, as one text; equal when nothing was
  // written in between.
  [[nodiscard]] std::string writes();

 private:
  [[nodiscard]] json::value control(const std::string& method, const std::string& path,
                                    const std::string& body = {});

  int pid_ = -1;
  std::string url_;
  Listener services_;
  std::unique_ptr<HttpClient> http_;
};

// Throws Failed when the text contains the value of one of these; the message names the option and
// the place and quotes the text without the value.
void expect_no_secret(const std::vector<host::Secret>& secrets, const std::string& place,
                      const std::string& text);

struct Bench {
  Bench(const host::PluginFile& plugin, const Scenario& scenario);
  ~Bench();

  // Starts the connector with the scenario's options, changed as given.
  [[nodiscard]] std::unique_ptr<host::Connector> start(host::RunMode mode = host::RunMode::Worker,
                                                       const json::object& changes = {});
  // The sandbox; Failed when the scenario has none.
  [[nodiscard]] Sandbox& sandbox();
  // Kills the worker processes of this one.
  static void kill_workers();

  const host::PluginFile& plugin;
  const Scenario& scenario;
  Listener services;
  json::object spec;
  json::object config;
  std::filesystem::path folder;
  std::string measured;  // by a check that passes: for the report

 private:
  std::optional<Sandbox> sandbox_;
};

}  // namespace sluice::conformance
