// A file that claims to be a plugin: everything that is read of it before any of it may run.
#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "connector/connector.hpp"
#include "connector/elf_identity.hpp"
#include "fuzz.hpp"

namespace {

namespace host = sluice::host;
namespace fs = std::filesystem;
using sluice::Code;
using sluice::fuzz::answered;
using sluice::fuzz::must;

void read_note(std::string_view bytes) {
  host::ByteSource file;
  file.size = bytes.size();
  file.read = [&](std::uint64_t offset, std::span<char> to) {
    must(offset <= bytes.size() && to.size() <= bytes.size() - offset,
         "only what is there is asked for");
    if (!to.empty()) std::memcpy(to.data(), bytes.data() + offset, to.size());
    return true;
  };
  const auto note = answered([&] { return host::read_identity_note(file); }, {Code::Config});
  if (note && *note)
    must(bytes.find(**note) != std::string_view::npos, "the identity stands in the file");
}

// A folder that only this process uses, for the name by which plugins are found.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "sluice-fuzz-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void put(std::string_view bytes) const {
    const int fd =
        ::open((path_ / "libsluice_good.so").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    must(fd >= 0 && ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
         "the temporary folder takes the file");
    ::close(fd);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void check_message(const std::string& message) {
  must(!message.empty() && message.size() < 6000, "a refusal is of readable length");
  for (const char c : message) must(static_cast<unsigned char>(c) >= 0x20, "a refusal is one line");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  read_note(bytes);

  static const Folder folder;
  folder.put(bytes);
  const auto catalog = host::Catalog::scan({folder.path()});
  must(catalog.plugins().size() + catalog.problems().size() == 1,
       "a file is a plugin or a problem");
  for (const auto& problem : catalog.problems()) check_message(problem.message);
  for (const auto& plugin : catalog.plugins()) {
    must(plugin.id == "good", "the file's name and identity agree");
    must(bytes.find("sluice_connector_entry") != std::string_view::npos,
         "the entry point is named in the file");
    check_message(plugin.version + " " + plugin.sdk_version);
  }
  return 0;
}
