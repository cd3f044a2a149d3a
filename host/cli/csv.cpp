#include "cli/csv.hpp"

#include <csv.h>
#include <date/date.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sluice/error.hpp>

namespace sluice::host::cli {
namespace {

std::string time_text(std::int64_t ms) {
  const date::sys_time<std::chrono::milliseconds> moment{std::chrono::milliseconds{ms}};
  return date::format("%FT%TZ", date::floor<std::chrono::seconds>(moment));
}

}  // namespace

std::string csv_field(std::string_view text) {
  std::string safe{text};
  if (!safe.empty() && std::string_view{"=+-@\t\r"}.find(safe.front()) != std::string_view::npos) {
    safe.insert(safe.begin(), '\'');
  }
  std::string quoted(safe.size() * 2 + 2, '\0');
  quoted.resize(::csv_write(quoted.data(), quoted.size(), safe.data(), safe.size()));
  return quoted;
}

std::int64_t write_errors_csv(const std::filesystem::path& path, State& state, ErrorState which) {
  const bool to_stdout = path == "-";
  const std::filesystem::path partial = path.string() + ".partial";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{
      to_stdout ? stdout : std::fopen(partial.c_str(), "w"),
      [](std::FILE* f) { return f == stdout ? 0 : std::fclose(f); }};
  const auto fail = [&](const char* what) {
    throw Error{Code::Config,
                std::string{"cannot "} + what + " " + path.string() + ": " + std::strerror(errno)};
  };
  if (!file) fail("write");
  std::fputs("sync,key,stage,code,field,message,first_seen,last_seen,attempts\r\n", file.get());
  std::int64_t count = 0;
  state.errors().each(which, [&](const RecordError& error) {
    const std::string line = csv_field(error.sync) + ',' + csv_field(error.key) + ',' +
                             csv_field(error.stage) + ',' + csv_field(error.code) + ',' +
                             csv_field(error.field) + ',' + csv_field(error.message) + ',' +
                             time_text(error.first_seen) + ',' + time_text(error.last_seen) + ',' +
                             std::to_string(error.attempts) + "\r\n";
    std::fputs(line.c_str(), file.get());
    ++count;
  });
  if (std::fflush(file.get()) != 0 || std::ferror(file.get()) != 0) fail("write");
  if (!to_stdout) {
    std::error_code problem;
    std::filesystem::rename(partial, path, problem);
    if (problem)
      throw Error{Code::Config, "cannot write " + path.string() + ": " + problem.message()};
  }
  return count;
}

}  // namespace sluice::host::cli
