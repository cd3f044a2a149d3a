// An open file, and what tells one state of it from another.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <sluice/context.hpp>
#include <string>
#include <string_view>

namespace file_connector {

struct FileState {
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;

  friend bool operator==(const FileState&, const FileState&) = default;
};

// The path, and where a relative one begins, for messages.
[[nodiscard]] std::string located(const std::filesystem::path& path);

// Errors of all functions: NotFound (no such file), Auth (no permission), Config (not a regular
// file), Transient (the rest), naming the path.
class FileHandle {
 public:
  [[nodiscard]] static FileHandle open_to_read(const std::filesystem::path& path);
  // Creates the file when there is none.
  [[nodiscard]] static FileHandle open_to_append(const std::filesystem::path& path);
  // What is compressed in the file, unpacked into a temporary file that goes with the handle.
  // Errors: also Transient when the file is cut off, which it is while somebody writes it, and
  // SchemaMismatch when it is damaged or not compressed by gzip.
  [[nodiscard]] static FileHandle unpacked(sluice::Context& context,
                                           const std::filesystem::path& path);
  ~FileHandle();
  FileHandle(FileHandle&& other) noexcept;
  FileHandle& operator=(FileHandle&& other) noexcept;

  [[nodiscard]] FileState state() const;
  // Fewer bytes only at the end of the file.
  [[nodiscard]] std::size_t read_at(std::uint64_t offset, char* out, std::size_t size) const;
  [[nodiscard]] std::string read_at(std::uint64_t offset, std::size_t size) const;
  // Appends all of `text` or, on an error, nothing.
  void append(const std::string& text);
  void truncate(std::uint64_t size);
  void sync();
  // Errors: Transient when another process or another writer holds the file.
  void lock();

 private:
  FileHandle(int fd, std::filesystem::path path) : fd_{fd}, path_{std::move(path)} {}
  void check_regular() const;
  void write(std::string_view text);

  int fd_;
  std::filesystem::path path_;
};

// The state of the file that bears the name now; nothing when there is none.
[[nodiscard]] std::optional<FileState> state_of(const std::filesystem::path& path);

}  // namespace file_connector
