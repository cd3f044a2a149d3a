#include "serve/new_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "connector/unique_fd.hpp"
#include "serve/http.hpp"
#include "state/durable.hpp"

namespace sluice::host::serve {
namespace {

namespace fs = std::filesystem;

Problem unwritable(const fs::path& file, int problem) {
  if (problem == EEXIST) {
    return {409, "exists",
            file.string() +
                " is there already, and existing files are never rewritten: choose "
                "another name, or apply the change by hand"};
  }
  return {409, "refused",
          "cannot write " + file.string() + ": " + std::strerror(problem) +
              "; let the service's user write to that folder, or put the file there by hand"};
}

}  // namespace

NewFiles::~NewFiles() {
  for (const auto& file : written_) ::unlink(file.c_str());
}

void NewFiles::write_secret(const fs::path& file, std::string_view text) {
  if (::mkdir(file.parent_path().c_str(), 0700) != 0 && errno != EEXIST)
    throw unwritable(file, errno);
  write(file, text, 0600);
}

void NewFiles::write(const fs::path& file, std::string_view text) {
  write(file, text, 0640);
}

void NewFiles::write(const fs::path& file, std::string_view text, unsigned mode) {
  // Under a name that nobody looks at; the other one appears with all that stands in it.
  std::string partial =
      (file.parent_path() / ("." + file.filename().string() + ".XXXXXX")).string();
  const UniqueFd descriptor{::mkostemp(partial.data(), O_CLOEXEC)};
  if (!descriptor) throw unwritable(file, errno);
  int problem = 0;
  const bool done = write_all(descriptor.get(), text) && ::fchmod(descriptor.get(), mode) == 0 &&
                    ::fsync(descriptor.get()) == 0 && ::link(partial.c_str(), file.c_str()) == 0;
  if (!done) problem = errno;
  ::unlink(partial.c_str());
  if (!done) throw unwritable(file, problem);
  written_.push_back(file);
  sync_to_disk(file.parent_path());
}

}  // namespace sluice::host::serve
