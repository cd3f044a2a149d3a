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

// A file in place of one of this process's streams.
class Captured {
 public:
  Captured(int stream, const std::filesystem::path& path) : stream_{stream}, kept_{::dup(stream)} {
    std::fflush(nullptr);
    file_ = ::open(path.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    expect(file_ >= 0, "cannot write " + path.string());
    ::dup2(file_, stream_);
  }
  ~Captured() {
    std::fflush(nullptr);
    ::dup2(kept_, stream_);
    ::close(kept_);
    ::close(file_);
  }
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;

  // What was printed so far.
  [[nodiscard]] std::string text() const {
    std::fflush(nullptr);
    std::string text(static_cast<std::size_t>(::lseek(file_, 0, SEEK_END)), '\0');
    text.resize(static_cast<std::size_t>(
        std::max<ssize_t>(0, ::pread(file_, text.data(), text.size(), 0))));
    return text;
  }

 private:
  int stream_;
  int kept_;
  int file_ = -1;
};

void prints_nothing(Bench& bench) {
  const Captured output{STDOUT_FILENO, bench.folder / "stdout"};
  use(bench);
  expect(output.text().empty(), "the connector prints to stdout: use Context::info and the like");
}

// Makes the calls of a run, on the plugin itself: a host would take the secrets out. Each may fail,
// and nothing that it says may tell a secret.
class Eavesdropper {
 public:
  Eavesdropper(Bench& bench, json::object config)
      : bench_{bench},
        config_{std::move(config)},
        secrets_{host::secrets_in(bench.spec.at("config").as_object(), config_)},
        output_{STDOUT_FILENO, bench.folder / "stdout"},
        errors_{STDERR_FILENO, bench.folder / "stderr"},
        driver_{host::make_table_driver(bench.plugin, services_)} {}

  void listen() {
    make("create", false, [&] {
      driver_->create(to_json(config_));
      return host::Answer{};
    });
    call("check", host::Operation::Check);
    call("discover", host::Operation::Discover);
    if (const auto& plan = bench_.scenario.read) {
      const auto reader =
          call("open_reader", host::Operation::OpenReader, 0, to_json(read_request(*plan)));
      // Records are data: what a vendor keeps in them is no leak.
      if (reader != 0) call("read", host::Operation::Read, reader, {}, false);
    }
    if (const auto& plan = bench_.scenario.write) write(*plan);
  }

 private:
  void write(const WritePlan& plan) {
    if ((bench_.plugin.capabilities & SLUICE_CAP_PREPARE) != 0)
      call("prepare", host::Operation::Prepare, 0, to_json(prepare_request(plan)));
    const auto writer =
        call("open_writer", host::Operation::OpenWriter, 0, to_json(write_request(plan)));
    if (writer == 0) return;
    Lines lines = upsert_lines(plan);
    if (plan.refused) lines.push_back(upsert_line(plan, *plan.refused));
    call("write", host::Operation::Write, writer, batch_of(lines));
  }

  std::uint64_t call(const std::string& function, host::Operation operation,
                     std::uint64_t handle = 0, const std::string& request = {},
                     bool answer_is_told = true) {
    return make(function, answer_is_told,
                [&] { return driver_->call(operation, handle, request); });
  }

  template <typename Make>
  std::uint64_t make(const std::string& function, bool answer_is_told, const Make& call) {
    std::uint64_t handle = 0;
    try {
      const auto answer = call();
      handle = answer.handle;
      if (answer_is_told) expect_no_secret(secrets_, "the answer of " + function, answer.body);
    } catch (const Error& error) {
      expect_no_secret(secrets_, "the error of " + function, error.what());
    }
    expect_no_secret(secrets_, "a log line of " + function, services_.text());
    expect_no_secret(secrets_, "what " + function + " prints to stdout", output_.text());
    expect_no_secret(secrets_, "what " + function + " prints to stderr", errors_.text());
    return handle;
  }

  Bench& bench_;
  json::object config_;
  std::vector<host::Secret> secrets_;
  Captured output_;
  Captured errors_;
  Listener services_;
  std::unique_ptr<host::Driver> driver_;
};

void tells_no_secret(Bench& bench) {
  json::object refused = bench.config;
  if (bench.scenario.bad_credentials) {
    const auto bad =
        substituted(json::value(*bench.scenario.bad_credentials), {{"DIR", bench.folder.string()}});
    for (const auto& [key, value] : bad.as_object()) refused[key] = value;
  }
  for (json::object config : {bench.config, refused}) {
    host::apply_defaults(config, bench.spec.at("config").as_object());
    Eavesdropper{bench, std::move(config)}.listen();
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
  add("secrets", "no log line, error, answer or stream tells a secret", Needs::Nothing,
      tells_no_secret);
  add("modes", "a worker and this process read the same", Needs::Read, runs_alike);
}

}  // namespace sluice::conformance
