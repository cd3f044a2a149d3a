#include "connector/elf_identity.hpp"

#include <elf.h>
#include <sluice/abi.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <sluice/error.hpp>
#include <string_view>
#include <type_traits>
#include <vector>

#include "connector/limits.hpp"

namespace sluice::host {
namespace {

static_assert(sizeof(void*) == 8 && std::endian::native == std::endian::little);
#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr Elf64_Half kMachine = EM_RISCV;
#else
#error "say which e_machine this processor has"
#endif

constexpr std::string_view kSection = ".note.sluice";

[[noreturn]] void damaged(const std::string& what) {
  throw Error{Code::Config, "the file is damaged: " + what};
}

class Elf {
 public:
  explicit Elf(const ByteSource& file) : file_{file} { read_header(); }

  [[nodiscard]] std::optional<std::string> find_note() const {
    for (const auto& segment :
         table<Elf64_Phdr>(header_.e_phoff, header_.e_phnum, header_.e_phentsize)) {
      if (segment.p_type != PT_NOTE) continue;
      if (auto note = search(segment.p_offset, segment.p_filesz, segment.p_align)) return note;
    }
    for (const auto& section : sections_) {
      if (section.sh_type == SHT_NOBITS || name_of(section) != kSection) continue;
      if (auto note = search(section.sh_offset, section.sh_size, section.sh_addralign)) return note;
    }
    return std::nullopt;
  }

  // What boost::dll::library_info relies on without looking.
  void check_tables() {
    sections_ = table<Elf64_Shdr>(header_.e_shoff, header_.e_shnum, header_.e_shentsize);
    if (sections_.empty()) damaged("it has no sections");
    if (header_.e_shstrndx >= sections_.size()) damaged("its section names lie nowhere");
    for (const auto& section : sections_) {
      if (section.sh_type == SHT_NOBITS || section.sh_type == SHT_NULL) continue;
      require(section.sh_offset, section.sh_size, "a section lies outside");
      const bool is_symbols = section.sh_type == SHT_SYMTAB || section.sh_type == SHT_DYNSYM;
      if (is_symbols && section.sh_size % sizeof(Elf64_Sym) != 0)
        damaged("its symbol table is cut short");
    }
    const auto& names = sections_[header_.e_shstrndx];
    if (names.sh_size > kMaxSectionNameBytes) {
      damaged("its section names are too long: more than " +
              std::to_string(kMaxSectionNameBytes >> 10U) + " KiB");
    }
    if (names.sh_type == SHT_NOBITS || names.sh_type == SHT_NULL)
      damaged("its section names lie nowhere");
    names_.resize(names.sh_size);
    read(names.sh_offset, names_.data(), names_.size());
  }

 private:
  void require(std::uint64_t offset, std::uint64_t size, const char* what) const {
    if (offset > file_.size || size > file_.size - offset) damaged(what);
  }

  void read(std::uint64_t offset, char* to, std::size_t size) const {
    require(offset, size, "something lies beyond its end");
    if (!file_.read(offset, {to, size})) throw Error{Code::Config, "the file cannot be read"};
  }

  void read_header() {
    constexpr const char* kNotElf = "this is not an ELF shared library";
    if (file_.size < sizeof header_) throw Error{Code::Config, kNotElf};
    read(0, reinterpret_cast<char*>(&header_), sizeof header_);
    if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0) throw Error{Code::Config, kNotElf};
    if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB ||
        header_.e_machine != kMachine) {
      throw Error{Code::Config, "this library is built for another kind of machine"};
    }
    if (header_.e_type != ET_DYN) throw Error{Code::Config, kNotElf};
  }

  template <typename Row>
  [[nodiscard]] std::vector<Row> table(std::uint64_t offset, std::size_t rows,
                                       std::size_t row_size) const {
    static_assert(std::is_trivially_copyable_v<Row>);
    if (rows == 0) return {};
    if (row_size != sizeof(Row)) damaged("its tables have rows of an unknown size");
    require(offset, rows * sizeof(Row), "a table lies outside");
    std::vector<Row> result(rows);
    read(offset, reinterpret_cast<char*>(result.data()), rows * sizeof(Row));
    return result;
  }

  [[nodiscard]] std::string_view name_of(const Elf64_Shdr& section) const {
    if (section.sh_name >= names_.size()) return {};
    const std::string_view rest = std::string_view{names_}.substr(section.sh_name);
    return rest.substr(0, rest.find('\0'));
  }

  [[nodiscard]] std::optional<std::string> search(std::uint64_t offset, std::uint64_t size,
                                                  std::uint64_t align) const {
    if (size > kMaxNoteBytes) {
      damaged("its notes are too long: more than " + std::to_string(kMaxNoteBytes >> 10U) + " KiB");
    }
    std::string notes(size, '\0');
    read(offset, notes.data(), notes.size());
    const std::size_t unit = align == 8 ? 8 : 4;
    const auto padded = [&](std::uint64_t length) { return (length + unit - 1) / unit * unit; };
    for (std::uint64_t at = 0; at + sizeof(Elf64_Nhdr) <= size;) {
      Elf64_Nhdr note{};
      std::memcpy(&note, notes.data() + at, sizeof note);
      const std::uint64_t name = at + sizeof note;
      const std::uint64_t description = at + padded(sizeof note + std::uint64_t{note.n_namesz});
      const std::uint64_t end = description + note.n_descsz;
      if (description > size || end > size) break;
      const std::string_view owner{notes.data() + name, note.n_namesz};
      if (note.n_type == SLUICE_NOTE_TYPE &&
          owner.substr(0, owner.find('\0')) == SLUICE_NOTE_OWNER) {
        if (note.n_descsz > kMaxIdentityBytes) {
          damaged("its identity is too long: more than " +
                  std::to_string(kMaxIdentityBytes >> 10U) + " KiB");
        }
        return notes.substr(description, note.n_descsz);
      }
      at = padded(end);
    }
    return std::nullopt;
  }

  const ByteSource& file_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Shdr> sections_;
  std::string names_;
};

}  // namespace

std::optional<std::string> read_identity_note(const ByteSource& file) {
  Elf elf{file};
  elf.check_tables();
  return elf.find_note();
}

}  // namespace sluice::host
