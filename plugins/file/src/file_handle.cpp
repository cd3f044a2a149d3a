#include "file_handle.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <memory>
#include <sluice/error.hpp>
#include <system_error>
#include <utility>

namespace file_connector {
namespace {

using sluice::Code;
using sluice::Error;

constexpr std::size_t kReadBytes = 1u << 18;

Error system_error(const std::filesystem::path& path, const char* doing, int number) {
  const auto code = number == ENOENT || number == ENOTDIR                    ? Code::NotFound
                    : number == EACCES || number == EPERM || number == EROFS ? Code::Auth
                                                                             : Code::Transient;
  return Error{
      code, located(path) + ": cannot " + doing + ": " + std::generic_category().message(number)};
}

FileState to_state(const struct stat& status) {
  return {
      status.st_ino, static_cast<std::uint64_t>(status.st_size),
      static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec};
}

}  // namespace

std::string located(const std::filesystem::path& path) {
  std::error_code unknown;
  const auto directory = std::filesystem::current_path(unknown);
  if (path.is_absolute() || unknown) return path.string();
  return path.string() + " (in " + directory.string() + ")";
}

FileHandle FileHandle::open_to_read(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a pipe must fail below rather than wait for somebody to write into it.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) throw system_error(path, "read the file", errno);
  FileHandle file{fd, path};
  file.check_regular();
  return file;
}

FileHandle FileHandle::open_to_append(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
  if (fd < 0) throw system_error(path, "write the file", errno);
  FileHandle file{fd, path};
  file.check_regular();
  return file;
}

FileHandle FileHandle::unpacked(sluice::Context& context, const std::filesystem::path& path) {
  const auto packed = open_to_read(path);
  auto name = (std::filesystem::temp_directory_path() / "sluice-unpacked-XXXXXX").string();
  FileHandle plain{::mkostemp(name.data(), O_CLOEXEC), path};
  if (plain.fd_ < 0) throw system_error(name, "create a temporary file", errno);
  ::unlink(name.c_str());

  const int fd = ::fcntl(packed.fd_, F_DUPFD_CLOEXEC, 0);
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in{fd < 0 ? nullptr : ::gzdopen(fd, "rb"),
                                                      &::gzclose};
  if (in == nullptr) throw system_error(path, "read the file", errno);
  std::string block(kReadBytes, '\0');
  for (;;) {
    context.throw_if_stopped();
    const int count = ::gzread(in.get(), block.data(), static_cast<unsigned>(block.size()));
    int status = Z_OK;
    const char* message = ::gzerror(in.get(), &status);
    if (status == Z_BUF_ERROR) {
      throw Error{Code::Transient,
                  path.string() +
                      ": the compressed file ends in the middle: it is still being "
                      "written, or was cut off"};
    }
    if (count < 0 || (count > 0 && ::gzdirect(in.get()) != 0)) {
      throw Error{Code::SchemaMismatch,
                  path.string() + " is not compressed by gzip, or damaged" +
                      (count < 0 ? ": " + std::string{message} : std::string{})};
    }
    if (count == 0) return plain;
    plain.write({block.data(), static_cast<std::size_t>(count)});
  }
}

FileHandle::~FileHandle() {
  if (fd_ >= 0) ::close(fd_);
}

FileHandle::FileHandle(FileHandle&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)}, path_{std::move(other.path_)} {}

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

void FileHandle::check_regular() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) throw system_error(path_, "inspect the file", errno);
  if (!S_ISREG(status.st_mode)) {
    throw Error{Code::Config, path_.string() + " is not a regular file"};
  }
}

FileState FileHandle::state() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) throw system_error(path_, "inspect the file", errno);
  return to_state(status);
}

std::size_t FileHandle::read_at(std::uint64_t offset, char* out, std::size_t size) const {
  std::size_t done = 0;
  while (done < size) {
    const auto count = ::pread(fd_, out + done, size - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error(path_, "read the file", errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

std::string FileHandle::read_at(std::uint64_t offset, std::size_t size) const {
  std::string text(size, '\0');
  text.resize(read_at(offset, text.data(), size));
  return text;
}

void FileHandle::append(const std::string& text) {
  const auto before = state().size;
  try {
    write(text);
  } catch (...) {
    truncate(before);
    throw;
  }
}

void FileHandle::write(std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(fd_, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error(path_, "write to the file", errno);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void FileHandle::truncate(std::uint64_t size) {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) {
    throw system_error(path_, "truncate the file", errno);
  }
}

void FileHandle::sync() {
  if (::fsync(fd_) != 0) throw system_error(path_, "make the file durable", errno);
}

void FileHandle::lock() {
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  if (errno == EWOULDBLOCK) {
    throw Error{Code::Transient,
                path_.string() + " is being written by another run; wait for its end"};
  }
  throw system_error(path_, "lock the file", errno);
}

std::optional<FileState> state_of(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return to_state(status);
  if (errno == ENOENT) return std::nullopt;
  throw system_error(path, "inspect the file", errno);
}

}  // namespace file_connector
