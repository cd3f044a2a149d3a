#include "state/state_file.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <string_view>

#include "state/state_error.hpp"

namespace sluice::host {
namespace {

constexpr off_t kSmallestDatabase = 512;  // one page

// Of the log, as https://www.sqlite.org/fileformat2.html#walformat has it.
constexpr std::size_t kLogHeader = 32;
constexpr std::size_t kFrameHeader = 24;
constexpr std::uint32_t kLogMagic =
    0x377f0682;  // the last bit: which way round words are summed up
constexpr std::uint32_t kLogVersion = 3'007'000;

std::filesystem::path log_of(const std::filesystem::path& file) {
  return file.string() + "-wal";
}

std::uint32_t word(const char* bytes, bool big_endian) {
  const auto byte = [bytes](int at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at]));
  };
  return big_endian ? byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3)
                    : byte(3) << 24 | byte(2) << 16 | byte(1) << 8 | byte(0);
}

class LogReader {
 public:
  explicit LogReader(const std::filesystem::path& log) : in_{log, std::ios::binary} {}

  // False when the header is none. A power cut cannot do that once there are frames: the header is
  // on the disk before the first of them, and it is overwritten as a whole.
  bool read_header() {
    std::string header(kLogHeader, '\0');
    if (!in_.read(header.data(), kLogHeader)) return true;
    const std::uint32_t magic = word(header.data(), true);
    big_endian_ = (magic & 1) != 0;
    page_size_ = word(header.data() + 8, true);
    salt_ = header.substr(16, 8);
    add(std::string_view{header}.substr(0, 24));
    readable_ = (magic & ~1U) == kLogMagic && word(header.data() + 4, true) == kLogVersion &&
                page_size_ >= 512 && page_size_ <= 65536 && (page_size_ & (page_size_ - 1)) == 0 &&
                is_sum(header.data() + 24);
    return readable_ || in_.peek() == std::ifstream::traits_type::eof();
  }

  // Whether frames of this log follow a transaction that SQLite does not reach any more. Each
  // transaction is on the disk before the next one is written, so only the last can be torn.
  bool has_lost_transactions() {
    if (!readable_) return false;
    std::string frame(kFrameHeader + page_size_, '\0');
    bool reached = true;
    bool lost = false;
    while (in_.read(frame.data(), static_cast<std::streamsize>(frame.size()))) {
      const bool of_this_log = std::string_view{frame}.substr(8, 8) == salt_;
      if (reached && of_this_log) {
        add(std::string_view{frame}.substr(0, 8));
        add(std::string_view{frame}.substr(kFrameHeader));
      }
      reached = reached && of_this_log && is_sum(frame.data() + 16);
      if (reached || !of_this_log) continue;
      if (lost) return true;
      lost = word(frame.data() + 4, true) != 0;
    }
    return false;
  }

 private:
  void add(std::string_view bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first_ += word(bytes.data() + at, big_endian_) + second_;
      second_ += word(bytes.data() + at + 4, big_endian_) + first_;
    }
  }
  [[nodiscard]] bool is_sum(const char* stored) const {
    return word(stored, true) == first_ && word(stored + 4, true) == second_;
  }

  std::ifstream in_;
  bool readable_ = false;
  bool big_endian_ = false;
  std::uint32_t page_size_ = 0;
  std::string salt_;
  std::uint32_t first_ = 0, second_ = 0;  // the sum so far
};

}  // namespace

std::filesystem::path mark_of(const std::filesystem::path& file) {
  return file.parent_path() / "created";
}

bool state_exists(const std::filesystem::path& file) {
  // Not opened: closing it would drop the locks that SQLite has on it in this process.
  struct stat info {};
  if (::lstat(file.c_str(), &info) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) throw inaccessible(file, "open", errno);
    std::error_code none;
    const bool was_there =
        std::filesystem::exists(log_of(file), none) || std::filesystem::exists(mark_of(file), none);
    if (was_there) {
      throw damaged(file,
                    "it is missing, although it has been here. To begin anew without it, remove " +
                        file.parent_path().string() + " as a whole");
    }
    return false;
  }
  if (S_ISLNK(info.st_mode))
    throw damaged(file, "it is a symbolic link; link the directory or the state's root instead");
  if (!S_ISREG(info.st_mode)) throw damaged(file, "it is not a file");
  if (info.st_nlink > 1) {
    throw damaged(file,
                  "it has a second name somewhere (a hard link), under which another process "
                  "could write it at the same time; make a copy of it instead");
  }
  if (info.st_size == 0) throw damaged(file, "it is empty");
  if (info.st_size < kSmallestDatabase) throw damaged(file, "it is not a database");
  return true;
}

void require_whole_log(const std::filesystem::path& file) {
  const auto log = log_of(file);
  std::error_code none;
  if (!std::filesystem::exists(log, none)) return;
  LogReader reader{log};
  if (!reader.read_header() || reader.has_lost_transactions())
    throw damaged(log, "it is damaged, and what was last committed stands there");
}

}  // namespace sluice::host
