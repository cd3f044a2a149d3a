#include "fault_vfs.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <stdexcept>

namespace sluice::host {
namespace {

constexpr std::size_t kSector = 512;

struct File {
  sqlite3_file base;
  FaultVfs* vfs;
  FaultVfs::Image* image;  // none: a temporary file
  sqlite3_file* real;
};

File& of(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file);
}

FaultVfs& of(sqlite3_vfs* vfs) {
  return *static_cast<FaultVfs*>(vfs->pAppData);
}

void apply(std::string& content, const FaultVfs::Change& change) {
  const auto at = static_cast<std::size_t>(change.at);
  if (change.truncation) return content.resize(at);
  if (content.size() < at + change.data.size()) content.resize(at + change.data.size());
  content.replace(at, change.data.size(), change.data);
}

int close_file(sqlite3_file* file) {
  sqlite3_file* real = of(file).real;
  return real->pMethods != nullptr ? real->pMethods->xClose(real) : SQLITE_OK;
}

int read_file(sqlite3_file* file, void* into, int size, sqlite3_int64 at) {
  sqlite3_file* real = of(file).real;
  return real->pMethods->xRead(real, into, size, at);
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  File& self = of(file);
  const bool was_struck = self.vfs->struck();
  const int verdict = self.vfs->permit(SQLITE_IOERR_WRITE);
  const bool dying = !was_struck && self.vfs->struck();
  if (self.image != nullptr && (verdict == SQLITE_OK || dying)) {
    self.image->pending.push_back(
        {false, at, std::string(static_cast<const char*>(from), static_cast<std::size_t>(size))});
  }
  if (verdict == SQLITE_OK) return self.real->pMethods->xWrite(self.real, from, size, at);
  if (dying && self.vfs->fault() == FaultVfs::Fault::Full) {
    const int sectors = size / 2 / static_cast<int>(kSector) * static_cast<int>(kSector);
    if (sectors > 0) self.real->pMethods->xWrite(self.real, from, sectors, at);
  }
  return verdict;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  File& self = of(file);
  if (const int verdict = self.vfs->permit(SQLITE_IOERR_TRUNCATE); verdict != SQLITE_OK)
    return verdict;
  if (self.image != nullptr) self.image->pending.push_back({true, size, {}});
  return self.real->pMethods->xTruncate(self.real, size);
}

int sync_file(sqlite3_file* file, int) {
  File& self = of(file);
  if (const int verdict = self.vfs->permit(SQLITE_IOERR_FSYNC); verdict != SQLITE_OK)
    return verdict;
  if (self.image == nullptr) return SQLITE_OK;
  for (const auto& change : self.image->pending) apply(self.image->durable, change);
  self.image->pending.clear();
  self.image->exists = true;
  self.image->before.reset();
  return SQLITE_OK;
}

template <auto Method, typename... Arguments>
auto pass(sqlite3_file* file, Arguments... arguments) {
  sqlite3_file* real = of(file).real;
  return (real->pMethods->*Method)(real, arguments...);
}

const sqlite3_io_methods& methods() {
  static const sqlite3_io_methods table = [] {
    using M = sqlite3_io_methods;
    M all{};
    all.iVersion = 2;  // without memory mapping, which would bypass the faults
    all.xClose = close_file;
    all.xRead = read_file;
    all.xWrite = write_file;
    all.xTruncate = truncate_file;
    all.xSync = sync_file;
    all.xFileSize = [](sqlite3_file* f, sqlite3_int64* s) { return pass<&M::xFileSize>(f, s); };
    all.xLock = [](sqlite3_file* f, int lock) { return pass<&M::xLock>(f, lock); };
    all.xUnlock = [](sqlite3_file* f, int lock) { return pass<&M::xUnlock>(f, lock); };
    all.xCheckReservedLock = [](sqlite3_file* f, int* out) {
      return pass<&M::xCheckReservedLock>(f, out);
    };
    all.xFileControl = [](sqlite3_file* f, int op, void* arg) {
      return pass<&M::xFileControl>(f, op, arg);
    };
    all.xSectorSize = [](sqlite3_file* f) { return pass<&M::xSectorSize>(f); };
    all.xDeviceCharacteristics = [](sqlite3_file* f) {
      return pass<&M::xDeviceCharacteristics>(f);
    };
    all.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return pass<&M::xShmMap>(f, page, size, extend, out);
    };
    all.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
      return pass<&M::xShmLock>(f, offset, n, flags);
    };
    all.xShmBarrier = [](sqlite3_file* f) { pass<&M::xShmBarrier>(f); };
    all.xShmUnmap = [](sqlite3_file* f, int remove) { return pass<&M::xShmUnmap>(f, remove); };
    return all;
  }();
  return table;
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  FaultVfs& self = of(vfs);
  auto* made = new (file) File{};
  made->vfs = &self;
  made->real = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(File));
  if (name != nullptr &&
      (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)))
    made->image = &self.image(name);
  const int result = self.real().xOpen(&self.real(), name, made->real, flags, out_flags);
  if (result == SQLITE_OK && made->image != nullptr) made->image->deleted = false;
  made->base.pMethods = made->real->pMethods != nullptr ? &methods() : nullptr;
  return result;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int durably) {
  FaultVfs& self = of(vfs);
  if (const int verdict = self.permit(SQLITE_IOERR_DELETE); verdict != SQLITE_OK) return verdict;
  FaultVfs::Image& image = self.image(name);
  auto old = std::make_unique<FaultVfs::Image>(std::move(image));
  image = FaultVfs::Image{};
  image.deleted = true;
  if (durably == 0) image.before = old->exists ? std::move(old) : std::move(old->before);
  return self.real().xDelete(&self.real(), name, 0);
}

// What is left of the changes since the last sync.
std::string surviving(const FaultVfs::Image& image, std::mt19937_64& random) {
  std::string content = image.durable;
  const auto style = random() % 5;
  const std::size_t kept = image.pending.empty() ? 0 : random() % (image.pending.size() + 1);
  for (std::size_t i = 0; i < image.pending.size(); ++i) {
    const auto& change = image.pending[i];
    const bool whole = style == 1 || (style == 2 && i < kept) || (style == 3 && random() % 2 == 0);
    if (whole || (style == 4 && change.truncation && random() % 2 == 0)) apply(content, change);
    if (style != 4 || change.truncation) continue;
    for (std::size_t from = 0; from < change.data.size();) {
      const auto place = static_cast<std::size_t>(change.at) + from;
      const std::size_t size = std::min(change.data.size() - from, kSector - place % kSector);
      if (random() % 2 == 0)
        apply(content, {false, static_cast<std::int64_t>(place), change.data.substr(from, size)});
      from += size;
    }
  }
  return content;
}

}  // namespace

FaultVfs::FaultVfs() : real_{sqlite3_vfs_find(nullptr)} {
  vfs_ = *real_;
  vfs_.iVersion = 1;
  vfs_.pNext = nullptr;
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
  vfs_.zName = "fault";
  vfs_.pAppData = this;
  vfs_.xOpen = open_file;
  vfs_.xDelete = delete_file;
  // The real one keeps data of its own where this one keeps the object.
  vfs_.xAccess = [](sqlite3_vfs* v, const char* name, int flags, int* out) {
    return of(v).real().xAccess(&of(v).real(), name, flags, out);
  };
  vfs_.xFullPathname = [](sqlite3_vfs* v, const char* name, int size, char* out) {
    return of(v).real().xFullPathname(&of(v).real(), name, size, out);
  };
  if (sqlite3_vfs_register(&vfs_, 1) != SQLITE_OK) throw std::runtime_error{"cannot register"};
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real_, 1);
}

void FaultVfs::arm(Fault fault, std::int64_t at) {
  fault_ = fault;
  at_ = at;
  count_ = 0;
  struck_ = false;
}

void FaultVfs::forget_files() {
  images_.clear();
}

int FaultVfs::permit(int error) {
  ++count_;
  if (fault_ == Fault::None || (!struck_ && count_ < at_)) return SQLITE_OK;
  struck_ = true;
  return fault_ == Fault::Full ? SQLITE_FULL : error;
}

FaultVfs::Image& FaultVfs::image(const std::string& path) {
  const auto found = images_.find(path);
  if (found != images_.end()) return found->second;
  Image& made = images_[path];
  std::ifstream in{path, std::ios::binary};
  made.exists = in.good();
  if (made.exists) made.durable.assign(std::istreambuf_iterator<char>{in}, {});
  return made;
}

void FaultVfs::cut_power(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  for (auto& [path, image] : images_) {
    std::filesystem::remove(path + "-shm");
    const Image* found = &image;
    // A name whose file was never synced may stand for it, for the deleted one, or for none.
    if (!found->exists && random() % 2 == 0) found = found->before.get();
    const bool made = found != nullptr && (found->exists || !found->pending.empty());
    if (!made) {
      std::filesystem::remove(path);
      continue;
    }
    std::ofstream{path, std::ios::binary | std::ios::trunc} << surviving(*found, random);
  }
}

}  // namespace sluice::host
