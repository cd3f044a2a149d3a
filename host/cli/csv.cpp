#include "cli/csv.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sluice/error.hpp>

#include "state/state_error.hpp"

namespace sluice::host::cli {
namespace {

// Never through a link that somebody has placed there.
std::FILE* create_anew(const std::filesystem::path& path) {
  ::unlink(path.c_str());
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  return file < 0 ? nullptr : ::fdopen(file, "w");
}

}  // namespace

std::int64_t write_errors_csv(const std::filesystem::path& path, State& state, ErrorState which,
                              const ErrorSelection& selection) {
  const bool to_stdout = path == "-";
  const std::filesystem::path partial = path.string() + ".partial";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{
      to_stdout ? stdout : create_anew(partial),
      [](std::FILE* f) { return f == stdout ? 0 : std::fclose(f); }};
  const auto fail = [&] {
    const int problem = errno;
    if (!to_stdout) ::unlink(partial.c_str());
    if (is_full(problem)) throw full_disk(path);
    throw Error{Code::Config, "cannot write " + path.string() + ": " + std::strerror(problem)};
  };
  if (!file) fail();
  std::fputs(errors_csv_header().c_str(), file.get());
  std::int64_t count = 0;
  const auto write = [&](const RecordError& error) {
    const std::string line = errors_csv_line(error);
    const bool whole = std::fwrite(line.data(), 1, line.size(), file.get()) == line.size();
    if (!whole && !to_stdout) fail();
    ++count;
  };
  state.errors().each(which, write, selection);
  if (to_stdout) return count;  // whether it has arrived is looked at when everything is printed
  if (std::fflush(file.get()) != 0 || std::ferror(file.get()) != 0) fail();
  if (::rename(partial.c_str(), path.c_str()) != 0) fail();
  return count;
}

}  // namespace sluice::host::cli
