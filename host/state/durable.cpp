#include "state/durable.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "state/private_files.hpp"
#include "state/state_error.hpp"

namespace sluice::host {
namespace {

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
}

}  // namespace

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void sync_to_disk(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = file >= 0 && ::fsync(file) == 0;
  const int problem = errno;
  if (file >= 0) ::close(file);
  if (!done) throw inaccessible(path, "write", problem);
}

void write_durably(const std::filesystem::path& file, std::string_view text) {
  const auto partial = file.string() + ".partial";
  const int descriptor = open_private_file(partial, O_WRONLY | O_TRUNC);
  if (descriptor < 0) throw inaccessible(partial, "write", errno);
  const bool written = write_all(descriptor, text) && ::fsync(descriptor) == 0;
  const int problem = errno;
  ::close(descriptor);
  if (!written) {
    ::unlink(partial.c_str());
    throw inaccessible(file, "write", problem);
  }
  rename_durably(partial, file);
}

void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throw inaccessible(to, "write", errno);
  sync_to_disk(folder_of(to));
  if (folder_of(from) != folder_of(to)) sync_to_disk(folder_of(from));
}

}  // namespace sluice::host
