#include "cli/csv.hpp"

#include <csv.h>
#include <date/date.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sluice/error.hpp>

#include "integration/one_line.hpp"

namespace sluice::host::cli {
namespace {

std::string time_text(std::int64_t ms) {
  const date::sys_time<std::chrono::milliseconds> moment{std::chrono::milliseconds{ms}};
  return date::format("%FT%TZ", date::floor<std::chrono::seconds>(moment));
}

// Never through a link that somebody has placed there.
std::FILE* create_anew(const std::filesystem::path& path) {
  ::unlink(path.c_str());
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  return file < 0 ? nullptr : ::fdopen(file, "w");
}

// Line breaks stay: a quoted field may have them.
std::string cleaned(std::string_view text) {
  std::string out;
  for (std::size_t start = 0;;) {
    const auto end = text.find('\n', start);
    out += one_line(text.substr(start, end - start), kUncut);
    if (end == std::string_view::npos) return out;
    out += '\n';
    start = end + 1;
  }
}

}  // namespace

std::string csv_field(std::string_view text) {
  std::string safe = cleaned(text);
  const auto first = safe.find_first_not_of(" \n");
  if (first != std::string::npos &&
      std::string_view{"=+-@"}.find(safe[first]) != std::string_view::npos) {
    safe.insert(safe.begin(), '\'');
  }
  std::string quoted(safe.size() * 2 + 2, '\0');
  quoted.resize(::csv_write(quoted.data(), quoted.size(), safe.data(), safe.size()));
  return quoted;
}

std::int64_t write_errors_csv(const std::filesystem::path& path, State& state, ErrorState which,
                              const ErrorSelection& selection) {
  const bool to_stdout = path == "-";
  const std::filesystem::path partial = path.string() + ".partial";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{
      to_stdout ? stdout : create_anew(partial),
      [](std::FILE* f) { return f == stdout ? 0 : std::fclose(f); }};
  const auto fail = [&](const char* what) {
    throw Error{Code::Config,
                std::string{"cannot "} + what + " " + path.string() + ": " + std::strerror(errno)};
  };
  if (!file) fail("write");
  std::fputs("sync,key,stage,code,field,message,first_seen,last_seen,attempts,ignored_by,why\r\n",
             file.get());
  std::int64_t count = 0;
  const auto write = [&](const RecordError& error) {
    std::string line;
    for (const auto* text :
         {&error.sync, &error.key, &error.stage, &error.code, &error.field, &error.message}) {
      line += csv_field(*text) + ',';
    }
    line += time_text(error.first_seen) + ',' + time_text(error.last_seen) + ',' +
            std::to_string(error.attempts) + ',' + csv_field(error.decided_by) + ',' +
            csv_field(error.decided_why) + "\r\n";
    std::fwrite(line.data(), 1, line.size(), file.get());
    ++count;
  };
  state.errors().each(which, write, selection);
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
