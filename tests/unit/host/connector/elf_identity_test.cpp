#include "connector/elf_identity.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <sluice/error.hpp>

#include "plugins.hpp"

namespace sluice::host {
namespace {

ByteSource bytes_of(const std::string& file) {
  ByteSource source;
  source.size = file.size();
  source.read = [&file](std::uint64_t offset, std::span<char> to) {
    EXPECT_LE(offset, file.size());
    EXPECT_LE(to.size(), file.size() - offset);
    std::memcpy(to.data(), file.data() + offset, to.size());
    return true;
  };
  return source;
}

std::string good_file() {
  std::ifstream file{plugin_directory() / "libsluice_good.so", std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(ElfIdentity, IsTheDescriptionOfTheNote) {
  const auto note = read_identity_note(bytes_of(good_file()));
  ASSERT_TRUE(note);
  EXPECT_EQ(
      *note,
      R"({"abi":[1,0],"id":"good","version":"1.2.3","sdk_version":"none","capabilities":511})");
}

TEST(ElfIdentity, EveryCutOfAFileIsAnErrorAndNeverARead) {
  const auto file = good_file();
  for (std::size_t size = 0; size < file.size(); size += 37) {
    const std::string cut = file.substr(0, size);
    EXPECT_THROW((void)read_identity_note(bytes_of(cut)), Error) << size;
  }
}

TEST(ElfIdentity, RandomChangesNeverReadOutsideTheFile) {
  const auto good = good_file();
  std::mt19937 random{11};
  for (int round = 0; round < 2000; ++round) {
    std::string file = good;
    for (int changes = 0; changes < 3; ++changes) {
      const std::size_t near = random() % 2500;
      file[random() % 2 == 0 ? near : file.size() - 1 - near] = static_cast<char>(random());
    }
    try {
      (void)read_identity_note(bytes_of(file));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::Config);
    }
  }
}

}  // namespace
}  // namespace sluice::host
