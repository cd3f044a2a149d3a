#include "bench.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <thread>

#include "connector/child_process.hpp"
#include "connector/confinement.hpp"
#include "connector/unique_fd.hpp"
#include "integration/one_line.hpp"
#include "integration/options.hpp"

namespace sluice::conformance {
namespace fs = std::filesystem;

void expect(bool holds, const std::string& otherwise) {
  if (!holds) throw Failed{otherwise};
}

Error error_of(const std::string& what, const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  throw Failed{what + " succeeds, though it must not"};
}

Error expect_error(const std::string& what, std::initializer_list<Code> codes,
                   const std::function<void()>& call) {
  Error error = error_of(what, call);
  std::string names;
  for (const Code code : codes) {
    if (error.code() == code) return error;
    names += (names.empty() ? "" : " or ") + std::string{to_string(code)};
  }
  throw Failed{what + " must fail with " + names + ", but fails with " +
               std::string{to_string(error.code())} + ": " + error.what()};
}

void Listener::log(LogLevel, std::string_view line) {
  const std::lock_guard lock{mutex_};
  text_.append(line).append("\n");
}

std::string Listener::text() const {
  const std::lock_guard lock{mutex_};
  return text_;
}

namespace {

// Beside the scenario, beside this program, or found by PATH.
std::string program_of(const std::string& name, const fs::path& scenario_folder) {
  std::error_code error;
  const auto own = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& folder : {scenario_folder, own}) {
    const auto path = folder / name;
    if (::access(path.c_str(), X_OK) == 0) return fs::absolute(path).string();
  }
  return name;
}

std::string first_line(int descriptor) {
  std::string line;
  char c = 0;
  while (::read(descriptor, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

// How a program ends that is about to, empty when it goes on; then it is killed.
std::string end_of(pid_t pid) {
  constexpr int kMostNaps = 100;
  int status = 0;
  for (int naps = 0; naps < kMostNaps; ++naps) {
    if (::waitpid(pid, &status, WNOHANG) == pid) return host::describe_status(status);
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  return {};
}

std::string beginning_of(int file) {
  std::string text(500, '\0');
  text.resize(
      static_cast<std::size_t>(std::max<ssize_t>(0, ::pread(file, text.data(), text.size(), 0))));
  return host::one_line(text);
}

}  // namespace

Sandbox::Sandbox(const std::vector<std::string>& command, const fs::path& scenario_folder) {
  int ends[2];
  int failure[2];  // tells why the program could not be run; closed when it runs
  expect(::pipe2(ends, O_CLOEXEC) == 0 && ::pipe2(failure, O_CLOEXEC) == 0,
         "no pipe for the sandbox");
  const host::UniqueFd errors{::memfd_create("stderr", MFD_CLOEXEC)};
  std::vector<std::string> words = command;
  words.front() = program_of(words.front(), scenario_folder);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(errors.get(), STDERR_FILENO);
    ::execvp(arguments.front(), arguments.data());
    const int why = errno;
    static_cast<void>(!::write(failure[1], &why, sizeof why));
    ::_exit(127);
  }
  ::close(ends[1]);
  ::close(failure[1]);
  int why = 0;
  const bool runs = ::read(failure[0], &why, sizeof why) == 0;
  ::close(failure[0]);
  url_ = first_line(ends[0]);
  ::close(ends[0]);
  if (!runs) {
    ::waitpid(pid_, nullptr, 0);
    throw Failed{"the sandbox " + command.front() +
                 " cannot be run: " + std::generic_category().message(why) +
                 "; it is looked for beside the scenarios, beside sluice-conformance and in PATH: "
                 "add the folder that it is built in to PATH"};
  }
  if (!url_.starts_with("http")) {
    const auto end = end_of(pid_);
    const auto said = beginning_of(errors.get());
    throw Failed{"the sandbox " + command.front() + " runs, but " +
                 (end.empty() ? "does not start" : end) +
                 ": it must print its URL on the first line, and prints \"" + url_ + "\"" +
                 (said.empty() ? "" : "; on stderr it says: " + said)};
  }
  http_ = std::make_unique<HttpClient>(HttpOptions{.base_url = url_, .max_attempts = 1});
}

Sandbox::~Sandbox() {
  http_.reset();
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

json::value Sandbox::control(const std::string& method, const std::string& path,
                             const std::string& body) {
  Context context{services_, {}};
  const auto response =
      http_->send(context, {.method = method, .path = "/_sandbox/" + path, .body = body});
  if (!response.ok()) throw Failed{"the sandbox refuses " + path + ": " + response.body};
  return response.json();
}

void Sandbox::fault(json::object fault) {
  fault["route"] = ".*";
  static_cast<void>(control("POST", "fault", to_json(fault)));
}

void Sandbox::heal() {
  static_cast<void>(control("DELETE", "fault"));
}

std::int64_t Sandbox::faults_fired() {
  return control("GET", "stats").as_object().at("faults_fired").to_number<std::int64_t>();
}

std::string Sandbox::writes() {
  const auto stats = control("GET", "stats");
  json::object counted;
  for (const auto& [route, statuses] : stats.at("requests").as_object()) {
    const std::string_view name{route.data(), route.size()};
    if (!name.starts_with("GET ") && !name.starts_with("HEAD ") && !name.starts_with("OPTIONS "))
      counted[route] = statuses;
  }
  return to_canonical_json(counted);
}

void expect_no_secret(const std::vector<host::Secret>& secrets, const std::string& place,
                      const std::string& text) {
  constexpr std::size_t kShown = 200;
  std::vector<std::string> values;
  values.reserve(secrets.size());
  for (const auto& secret : secrets) values.push_back(secret.value);
  for (const auto& secret : secrets) {
    expect(text.find(secret.value) == std::string::npos,
           place + " tells the secret option \"" + secret.option +
               "\": " + host::one_line(host::redact(text, values), kShown));
  }
}

Bench::Bench(const host::PluginFile& of, const Scenario& with) : plugin{of}, scenario{with} {
  std::string name = (fs::temp_directory_path() / "sluice-conformance-XXXXXX").string();
  expect(::mkdtemp(name.data()) != nullptr, "cannot make a folder in " + name);
  folder = name;
  for (const auto& [file, text] : scenario.files) {
    fs::create_directories((folder / file).parent_path());
    std::ofstream{folder / file} << text;
  }
  if (!scenario.sandbox.empty()) sandbox_.emplace(scenario.sandbox, scenario.file.parent_path());
  config =
      substituted(json::value(scenario.config),
                  {{"URL", sandbox_ ? sandbox_->url() : std::string{}}, {"DIR", folder.string()}})
          .as_object();
  spec = host::read_spec(plugin, host::RunMode::Worker);
}

Bench::~Bench() {
  sandbox_.reset();
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

std::unique_ptr<host::Connector> Bench::start(host::RunMode mode, const json::object& changes) {
  json::object options = config;
  for (const auto& [key, value] : changes) options[key] = value;
  const auto& schema = spec.at("config").as_object();
  host::Confinement confinement;
  confinement.files = host::granted_files(schema, options, scenario.write.has_value(), {});
  host::create_missing(confinement.files);
  host::apply_defaults(options, schema);
  return host::start_connector(plugin, options, services, mode, confinement);
}

Sandbox& Bench::sandbox() {
  if (!sandbox_)
    throw Failed{
        "the scenario has no sandbox to try this with: name one, or say in quirks.yaml "
        "why there is none"};
  return *sandbox_;
}

void Bench::kill_workers() {
  DIR* processes = ::opendir("/proc");
  if (processes == nullptr) throw Failed{"/proc cannot be read"};
  while (const auto* entry = ::readdir(processes)) {
    const int pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    std::ifstream file{"/proc/" + std::string{entry->d_name} + "/stat"};
    std::string stat{std::istreambuf_iterator<char>{file}, {}};
    const auto name_end = stat.rfind(')');
    if (name_end == std::string::npos || name_end + 4 > stat.size()) continue;
    const bool is_worker = stat.find("(sluice-worker)") != std::string::npos;
    if (is_worker && std::atoi(stat.c_str() + name_end + 4) == ::getpid()) ::kill(pid, SIGKILL);
  }
  ::closedir(processes);
}

}  // namespace sluice::conformance
