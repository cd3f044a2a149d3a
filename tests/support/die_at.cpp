#include "die_at.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace {

std::int64_t left = -1;  // calls until the end; negative: nobody is to die

void count() {
  if (left >= 0 && --left <= 0) ::kill(::getpid(), SIGKILL);
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* from, size_t size) {
  count();
  return ::syscall(SYS_write, file, from, size);
}
ssize_t pwrite64(int file, const void* from, size_t size, off64_t at) {
  count();
  return ::syscall(SYS_pwrite64, file, from, size, at);
}
ssize_t pwrite(int file, const void* from, size_t size, off_t at) {
  count();
  return ::syscall(SYS_pwrite64, file, from, size, at);
}
int fsync(int) {
  count();
  return 0;  // a killed process loses nothing that was written: no need to wait for the disk
}
int fdatasync(int file) {
  return fsync(file);
}
int ftruncate64(int file, off64_t size) noexcept {
  count();
  return static_cast<int>(::syscall(SYS_ftruncate, file, size));
}
int ftruncate(int file, off_t size) noexcept {
  return ftruncate64(file, size);
}
int rename(const char* from, const char* to) noexcept {
  count();
  return static_cast<int>(::syscall(SYS_rename, from, to));
}
int unlink(const char* path) noexcept {
  count();
  return static_cast<int>(::syscall(SYS_unlink, path));
}
int mkdir(const char* path, mode_t mode) noexcept {
  count();
  return static_cast<int>(::syscall(SYS_mkdir, path, mode));
}

}  // extern "C"

namespace sluice::host {

bool killed_at(std::int64_t at, const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    left = at;
    int code = 0;
    try {
      work();
    } catch (const std::exception& error) {
      left = -1;
      std::fprintf(stderr, "%s\n", error.what());
      code = 1;
    }
    left = -1;
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << "the work failed, at " << at;
  return WIFSIGNALED(status);
}

}  // namespace sluice::host
