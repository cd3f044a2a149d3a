// hygiene: what a connector leaves behind in the process that runs it.
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sluice/abi.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "check.hpp"
#include "connector/driver.hpp"
#include "connector/secrets.hpp"
#include "deliver.hpp"
#include "integration/options.hpp"
#include "walk.hpp"

namespace sluice::conformance {
namespace {

using Needs = Check::Needs;
using host::RunMode;

std::size_t entries_of(const char* directory) {
  std::size_t count = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry{directory, error}, end; !error && entry != end;
       entry.increment(error))
    ++count;
  return count;
}

// A thread that has been joined may be listed a moment longer.
std::size_t settled_threads(std::size_t wanted) {
  std::size_t threads = entries_of("/proc/self/task");
  for (int i = 0; i < 100 && threads > wanted; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    threads = entries_of("/proc/self/task");
  }
  return threads;
}

mode_t current_umask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

std::string handlers() {
  std::string text;
  for (int number = 1; number < SIGRTMIN; ++number) {
    struct sigaction action {};
    if (::sigaction(number, nullptr, &action) == 0)
      text += std::to_string(reinterpret_cast<std::uintptr_t>(action.sa_handler)) + ",";
  }
  return text;
}

// All that a connector does in a run, in this process.
void use(Bench& bench, RunMode mode = RunMode::InProcess) {
  auto connector = bench.start(mode);
  static_cast<void>(connector->check());
  static_cast<void>(connector->discover());
  if (const auto& plan = bench.scenario.read)
    static_cast<void>(walk(*connector, read_request(*plan)));
  if (const auto& plan = bench.scenario.write) {
    Flow flow{std::move(connector), *plan};
    expect_ok(deliver(flow, upsert_lines(*plan)), "in a batch of good records");
    flow.writer->flush();
  }
}

void leaves_nothing_behind(Bench& bench) {
  // Libraries open files and start helpers once in a process.
  use(bench);
  const auto threads = entries_of("/proc/self/task");
  const auto files = entries_of("/proc/self/fd");
  const auto folder = std::filesystem::current_path();
  const auto mask = current_umask();
  const std::string locale = std::setlocale(LC_ALL, nullptr);
  const auto signals = handlers();
  use(bench);
  expect(settled_threads(threads) <= threads, "a thread is left running");
  expect(entries_of("/proc/self/fd") <= files, "a file or connection is left open");
  expect(std::filesystem::current_path() == folder, "the working directory was changed");
  expect(current_umask() == mask, "the umask was changed");
  expect(std::setlocale(LC_ALL, nullptr) == locale, "the locale was changed");
  expect(handlers() == signals, "a signal handler was changed");
}

void prints_nothing(Bench& bench) {
  const auto path = bench.folder / "stdout";
  std::fflush(stdout);
  const int kept = ::dup(1);
  const int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  ::dup2(file, 1);
  ::close(file);
  use(bench);
  std::fflush(stdout);
  ::dup2(kept, 1);
  ::close(kept);
  expect(std::filesystem::file_size(path) == 0,
         "the connector prints to stdout: use Context::info and the like");
}

void logs_no_secret(Bench& bench) {
  const auto& schema = bench.spec.at("config").as_object();
  json::object options = bench.config;
  if (bench.scenario.bad_credentials) {
    const auto bad =
        substituted(json::value(*bench.scenario.bad_credentials), {{"DIR", bench.folder.string()}});
    for (const auto& [key, value] : bad.as_object()) options[key] = value;
  }
  std::string said;
  for (json::object config : {bench.config, options}) {
    host::apply_defaults(config, schema);
    Listener listener;
    const auto driver = host::make_table_driver(bench.plugin, listener);
    driver->create(to_json(config));
    for (const auto operation : {host::Operation::Check, host::Operation::Discover}) {
      try {
        said += driver->call(operation, 0, {}).body;
      } catch (const Error& error) {
        said += error.what();
      }
    }
    said += listener.text();
    for (const auto& secret : host::secret_values(schema, config))
      expect(said.find(secret) == std::string::npos,
             "a log line, an error or an answer contains a secret");
  }
}

std::string data_of(const json::object& record) {
  const auto* data = record.if_contains("data");
  return data == nullptr ? std::string{} : to_canonical_json(*data);
}

void runs_alike(Bench& bench) {
  const auto& plan = *bench.scenario.read;
  const auto here = keys_of(walk(*bench.start(RunMode::InProcess), read_request(plan)));
  const auto there = keys_of(walk(*bench.start(RunMode::Worker), read_request(plan)));
  expect_same(there, here, "in this process");
  for (const auto& [key, record] : here)
    // A version may be the moment of reading.
    expect(data_of(record) == data_of(there.at(key)),
           "record " + key + " differs between this process and a worker");
}

}  // namespace

void add_hygiene_checks(std::vector<Check>& checks) {
  const auto add = [&](const char* name, const char* about, Needs needs, auto run) {
    checks.push_back({"hygiene", name, about, 0, needs, run, true, false});
  };
  add("leftovers", "threads, files, signals and settings are as before", Needs::Nothing,
      leaves_nothing_behind);
  add("stdout", "nothing is printed", Needs::Nothing, prints_nothing);
  add("secrets", "no log line or error tells a secret", Needs::Nothing, logs_no_secret);
  add("modes", "a worker and this process read the same", Needs::Read, runs_alike);
}

}  // namespace sluice::conformance
