// What only a worker process gives: the host survives whatever the connector does.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sluice/abi.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "connector/child_process.hpp"
#include "connector/worker_driver.hpp"
#include "plugins.hpp"

namespace sluice::host {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr std::string_view kRows = R"({"stream":"rows","mode":"full","options":{}})";
constexpr std::string_view kInto = R"({"object":"rows"})";

// No child of this process is left, not even as a zombie.
bool has_no_children() {
  return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
}

class Worker : public ::testing::Test {
 protected:
  std::unique_ptr<Driver> start(std::string_view id, WorkerOptions options = {}) {
    auto driver = make_worker_driver(test_catalog().find(id), services_, std::move(options));
    driver->create(R"({"records":5,"page":2})");
    return driver;
  }

  static Error read_error(Driver& driver) {
    const auto reader = driver.call(Operation::OpenReader, 0, kRows).handle;
    return error_of([&] {
      while (true) (void)driver.call(Operation::Read, reader, {});
    });
  }

  static Error check_error(Driver& driver) {
    return error_of([&] { (void)driver.call(Operation::Check, 0, {}); });
  }

  void TearDown() override { EXPECT_TRUE(has_no_children()); }

  RecordingServices services_;
};

TEST_F(Worker, CrashInAReadIsOneClearErrorAndTheNextWorkerGoesOn) {
  const auto driver = start("crash_read");
  const auto reader = driver->call(Operation::OpenReader, 0, kRows).handle;
  EXPECT_EQ(driver->call(Operation::Read, reader, {}).value, 2);
  EXPECT_TRUE(driver->alive());
  const auto error = error_of([&] { (void)driver->call(Operation::Read, reader, {}); });
  EXPECT_EQ(error.code(), Code::Transient);
  const std::string expected =
      "worker of connector 'crash_read' was killed by signal 11 (Segmentation fault) during read";
  EXPECT_EQ(error.what(), expected);
  EXPECT_EQ(check_error(*driver).what(), expected);
  EXPECT_FALSE(driver->alive());
  EXPECT_EQ(start("good")->call(Operation::OpenReader, 0, kRows).handle, 1U);
}

TEST_F(Worker, CrashInAWriteIsOneClearError) {
  const auto driver = start("crash_write");
  const auto writer = driver->call(Operation::OpenWriter, 0, kInto).handle;
  const auto error = error_of([&] { (void)driver->call(Operation::Write, writer, "{}\n"); });
  EXPECT_EQ(error.code(), Code::Transient);
  EXPECT_STREQ(error.what(),
               "worker of connector 'crash_write' was killed by signal 11 (Segmentation fault) "
               "during write");
}

TEST_F(Worker, AllWaitingCallsLearnOfTheDeath) {
  const auto driver = start("crash_write");
  const auto writer = driver->call(Operation::OpenWriter, 0, kInto).handle;
  std::vector<std::jthread> threads;
  std::atomic<int> transient = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      try {
        while (true) (void)driver->call(Operation::Check, 0, {});
      } catch (const Error& error) {
        if (error.code() == Code::Transient) ++transient;
      }
    });
  }
  (void)error_of([&] { (void)driver->call(Operation::Write, writer, "{}\n"); });
  threads.clear();
  EXPECT_EQ(transient, 4);
}

TEST_F(Worker, ExitInACallOrWhileLoadingIsOneClearError) {
  EXPECT_STREQ(check_error(*start("exit_check")).what(),
               "worker of connector 'exit_check' ended with exit code 3 during check");
  const auto error = error_of([&] { (void)start("exit_load"); });
  EXPECT_EQ(error.code(), Code::Transient);
  EXPECT_STREQ(error.what(), "worker of connector 'exit_load' ended with exit code 4 during load");
}

TEST_F(Worker, WhatAConnectorPrintsIsLoggedWithoutSecrets) {
  {
    const auto connector = start_connector(test_catalog().find("prints"),
                                           {{"api_key", "s3cr3t-key"}}, services_, RunMode::Worker);
    EXPECT_EQ(connector->check().at("account_id"), "acme");
  }
  const auto lines = services_.lines();
  EXPECT_THAT(lines, Contains("1 stdout: hello from stdout"));
  EXPECT_THAT(lines, Contains("1 stdout: bytes \xEF\xBF\xBD [31m"));
  EXPECT_THAT(lines, Contains("1 stdout: no end of line"));
  EXPECT_THAT(lines, Contains("2 stderr: the key is ***"));
  EXPECT_THAT(lines, Contains("1 logged *** and more"));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("s3cr3t"))));
}

TEST_F(Worker, AFloodOfLinesIsCut) {
  {
    const auto driver = start("flood");
    EXPECT_THAT(driver->call(Operation::Check, 0, {}).body, HasSubstr("acme"));
  }
  const auto lines = services_.lines();
  EXPECT_LT(lines.size(), 10'000U);
  EXPECT_THAT(lines, Contains(HasSubstr("log lines were left out: the connector wrote too many")));
  for (const auto& line : lines) EXPECT_LT(line.size(), 5'000U);
}

TEST_F(Worker, CancelEndsACallThatDoesNotListen) {
  WorkerOptions options;
  options.cancel_grace = 50ms;
  options.stop_grace = 50ms;
  const auto driver = start("hang_read", options);
  const auto reader = driver->call(Operation::OpenReader, 0, kRows).handle;
  std::jthread other{[&] {
    std::this_thread::sleep_for(20ms);
    driver->cancel();
  }};
  const auto error = error_of([&] { (void)driver->call(Operation::Read, reader, {}); });
  EXPECT_EQ(error.code(), Code::Cancelled);
}

TEST_F(Worker, OneThatIgnoresSigtermIsKilled) {
  WorkerOptions options;
  options.cancel_grace = 50ms;
  options.stop_grace = 50ms;
  options.term_grace = 50ms;
  const auto driver = start("stubborn", options);
  const auto reader = driver->call(Operation::OpenReader, 0, kRows).handle;
  std::jthread other{[&] {
    std::this_thread::sleep_for(20ms);
    driver->cancel();
  }};
  const auto error = error_of([&] { (void)driver->call(Operation::Read, reader, {}); });
  EXPECT_EQ(error.code(), Code::Cancelled);
}

TEST_F(Worker, OneThatAnswersNoPingIsReportedAsHanging) {
  WorkerOptions options;
  options.ping_every = 500ms;
  options.pings_missed = 5;
  const auto error = read_error(*start("stop_read", options));
  EXPECT_EQ(error.code(), Code::Transient);
  EXPECT_STREQ(error.what(),
               "worker of connector 'stop_read' gave no sign of life for 2500 ms and was killed "
               "during read");
}

TEST_F(Worker, ACallThatStaysSilentIsReportedAsHanging) {
  WorkerOptions options;
  options.ping_every = 100ms;
  options.quiet_limit = 2000ms;
  const auto error = read_error(*start("hang_read", options));
  EXPECT_EQ(error.code(), Code::Transient);
  EXPECT_STREQ(error.what(),
               "worker of connector 'hang_read' was silent for 2 s during read and was killed");
}

TEST_F(Worker, OneThatForgesFramesIsKilled) {
  const auto error = check_error(*start("forges_frames"));
  EXPECT_EQ(error.code(), Code::Transient);
  EXPECT_STREQ(error.what(),
               "worker of connector 'forges_frames' broke the protocol (a frame announces 4095 "
               "MiB, the limit is 64 "
               "MiB) and was killed during check");
}

TEST_F(Worker, OneThatAnswersWhatNobodyAskedIsKilled) {
  const auto driver = make_worker_driver(test_catalog().find("forges_frames"), services_, {});
  driver->create(R"({"lie":4})");
  EXPECT_STREQ(check_error(*driver).what(),
               "worker of connector 'forges_frames' broke the protocol (it answered a request that "
               "nobody made) and was killed during check");
}

TEST_F(Worker, TellsHowFarItIsConfined) {
  (void)start("good");
  EXPECT_THAT(services_.lines(), Contains(HasSubstr("0 confined: ")));
  WorkerOptions options;
  options.confinement.limits.confinement = Confine::Off;
  (void)start("good", options);
  EXPECT_THAT(services_.lines(), Contains(HasSubstr("2 not confined: everything")));
}

TEST_F(Worker, OneThatTakesTooMuchMemoryIsKilled) {
  WorkerOptions options;
  options.watch_every = 10ms;
  options.confinement.limits.confinement = Confine::Off;  // so that nothing else holds it up
  options.confinement.limits.memory = 1;
  const auto error = error_of([&] {
    const auto driver = start("hang_read", options);
    const auto reader = driver->call(Operation::OpenReader, 0, kRows).handle;
    (void)driver->call(Operation::Read, reader, {});
  });
  EXPECT_EQ(error.code(), Code::Transient);
  EXPECT_THAT(error.what(), HasSubstr("more than the 0 MiB that `worker: {memory: …}` allows, and "
                                      "was killed"));
}

TEST_F(Worker, ABatchBeyondTheLimitIsRefusedAndTheWorkerGoesOn) {
  const auto driver = start("good");
  const auto writer = driver->call(Operation::OpenWriter, 0, kInto).handle;
  const std::string batch(kMaxFramePayload + 1, '\n');
  EXPECT_EQ(error_of([&] { (void)driver->call(Operation::Write, writer, batch); }).code(),
            Code::Rejected);
  EXPECT_THAT(driver->call(Operation::Write, writer, "{}\n").body, HasSubstr("ok"));
}

TEST_F(Worker, LargeBatchesAndPagesArriveWhole) {
  const auto driver = start("good");
  const auto writer = driver->call(Operation::OpenWriter, 0, kInto).handle;
  std::string batch(8'000'000, 'x');
  for (std::size_t i = 0; i < batch.size(); i += 80) batch[i] = '\n';
  const auto answer = driver->call(Operation::Write, writer, batch);
  EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '\n'), 100'000);
}

TEST_F(Worker, RunsInAPrivateProcessOfItsOwn) {
  ::setenv("A_SECRET", "s3cr3t", 1);
  const int inherited = ::open("/dev/null", O_RDONLY);
  const auto answer = parse_json(start("reports")->call(Operation::Check, 0, {}).body);
  ::close(inherited);
  ::unsetenv("A_SECRET");
  const auto& details = answer.at("details").as_object();
  EXPECT_NE(details.at("pid"), ::getpid());
  EXPECT_EQ(details.at("group"), details.at("pid"));
  EXPECT_EQ(details.at("stdin"), "/dev/null");
  EXPECT_EQ(details.at("core"), 0);
  EXPECT_EQ(details.at("dumpable"), 0);
  EXPECT_EQ(details.at("descriptors"), 4);
  EXPECT_EQ(details.at("secret"), "");
  EXPECT_EQ(details.at("path"), true);
}

TEST_F(Worker, DiesWithItsHost) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t host = ::fork();
  if (host == 0) {
    const auto driver = start("reports");
    const auto answer = parse_json(driver->call(Operation::Check, 0, {}).body);
    const int worker = answer.at("details").at("pid").to_number<int>();
    if (::write(pipe[1], &worker, sizeof worker) < 0) ::_exit(1);
    while (true) ::pause();
  }
  int worker = 0;
  ASSERT_EQ(::read(pipe[0], &worker, sizeof worker), static_cast<ssize_t>(sizeof worker));
  // Stopped, it does not see that its connection ends: the system has to end it.
  ::kill(worker, SIGSTOP);
  ::kill(host, SIGKILL);
  ::waitpid(host, nullptr, 0);
  ::close(pipe[0]);
  ::close(pipe[1]);
  const auto runs = [&] {
    std::ifstream status{"/proc/" + std::to_string(worker) + "/stat"};
    std::string text;
    return std::getline(status, text) && text.find(") Z ") == std::string::npos;
  };
  while (runs()) std::this_thread::sleep_for(5ms);
}

TEST_F(Worker, MayBeStartedFromAThreadThatEnds) {
  std::unique_ptr<Driver> driver;
  std::thread{[&] { driver = start("good"); }}.join();
  std::this_thread::sleep_for(20ms);
  EXPECT_THAT(driver->call(Operation::Check, 0, {}).body, HasSubstr("acme"));
}

// A program that stands in for sluice-worker.
class FakeProgram {
 public:
  explicit FakeProgram(const std::string& script) {
    std::string name = ::testing::TempDir() + "fake_worker_XXXXXX";
    ::close(::mkstemp(name.data()));
    path_ = name;
    std::ofstream{path_} << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  }
  ~FakeProgram() { std::filesystem::remove(path_); }

  WorkerOptions options() const {
    WorkerOptions options;
    options.program = path_;
    options.stop_grace = 50ms;
    options.term_grace = 50ms;
    return options;
  }

 private:
  std::filesystem::path path_;
};

TEST_F(Worker, ProgramsThatAreNoWorkerAreReported) {
  const auto start_error = [&](const std::string& script, auto&& change) {
    const FakeProgram program{script};
    auto options = program.options();
    change(options);
    return std::string{error_of([&] { (void)start("good", options); }).what()};
  };
  const auto nothing = [](WorkerOptions&) {};
  EXPECT_THAT(start_error("exit 127", nothing),
              HasSubstr("worker of connector 'good' ended with exit code 127"));
  // Whether the call was under way already when the worker was killed is up to the scheduler.
  EXPECT_THAT(start_error("printf '%060d' 0 >&3; exec sleep 60", nothing),
              HasSubstr("worker of connector 'good' broke the protocol (the bytes are not a frame) "
                        "and was killed"));
  EXPECT_EQ(start_error("sleep 60", [](WorkerOptions& options) { options.start_limit = 50ms; }),
            "worker of connector 'good' did not finish within 50 ms and was killed during load");
}

TEST_F(Worker, AMissingProgramIsNamed) {
  WorkerOptions options;
  options.program = "/nonexistent/sluice-worker";
  const auto error = error_of([&] { (void)start("good", options); });
  EXPECT_EQ(error.code(), Code::Config);
  EXPECT_STREQ(error.what(), "cannot start /nonexistent/sluice-worker: No such file or directory");
}

TEST(WorkerProgram, IsTheOneThatTheEnvironmentNames) {
  ::setenv("SLUICE_WORKER", "/somewhere/sluice-worker", 1);
  EXPECT_EQ(worker_program(), "/somewhere/sluice-worker");
  ::unsetenv("SLUICE_WORKER");
  EXPECT_EQ(worker_program().filename(), "sluice-worker");
}

TEST(WorkerEnvironment, KeepsWhatIsNeededAndNothingElse) {
  ::setenv("AWS_SECRET_ACCESS_KEY", "x", 1);
  ::setenv("LC_SLUICE_TEST", "de", 1);
  ::setenv("https_proxy", "http://127.0.0.1:1", 1);
  const auto variables = worker_environment();
  EXPECT_THAT(variables, Contains("LC_SLUICE_TEST=de"));
  EXPECT_THAT(variables, Contains("https_proxy=http://127.0.0.1:1"));
  EXPECT_THAT(variables, Not(Contains(HasSubstr("AWS_SECRET"))));
  ::unsetenv("AWS_SECRET_ACCESS_KEY");
  ::unsetenv("LC_SLUICE_TEST");
  ::unsetenv("https_proxy");
}

TEST(DescribeStatus, NamesSignalAndExitCode) {
  EXPECT_EQ(describe_status(3 << 8), "ended with exit code 3");
  EXPECT_EQ(describe_status(SIGKILL), "was killed by signal 9 (Killed)");
}

}  // namespace
}  // namespace sluice::host
