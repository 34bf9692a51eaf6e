#include "adapter/store/testing/fault_files.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "adapter/store/testing/scratch_directory.h"
#include "engine/base/check.h"

namespace calsync::adapter {

// What SQLite calls. Every open file is one of these, followed in memory by the file of the layer below.
struct FaultFileMethods {
  struct File {
    sqlite3_file base;  // First: SQLite sees no more.
    FaultFiles* owner;
    std::string* path;
  };

  static FaultFiles* Owner(sqlite3_vfs* layer) { return static_cast<FaultFiles*>(layer->pAppData); }
  static File* Mine(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
  static sqlite3_file* Below(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(Mine(file) + 1); }

  static int Count(sqlite3_file* file, FaultFiles::Operation operation, bool* torn) {
    return Mine(file)->owner->Count(operation, torn);
  }

  static int Close(sqlite3_file* file) {
    delete Mine(file)->path;
    return Below(file)->pMethods->xClose(Below(file));
  }
  static int Read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
    bool torn = false;
    if (const int code = Count(file, FaultFiles::Operation::kRead, &torn); code != SQLITE_OK) return code;
    return Below(file)->pMethods->xRead(Below(file), data, size, offset);
  }
  static int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    bool torn = false;
    const int code = Count(file, FaultFiles::Operation::kWrite, &torn);
    if (code != SQLITE_OK && !torn) return code;
    const int much = code == SQLITE_OK ? size : size / 2;
    const int done = Below(file)->pMethods->xWrite(Below(file), data, much, offset);
    Mine(file)->owner->Pending(*Mine(file)->path, offset, std::string(static_cast<const char*>(data), static_cast<size_t>(much)));
    return code == SQLITE_OK ? done : code;
  }
  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    bool torn = false;
    if (const int code = Count(file, FaultFiles::Operation::kOther, &torn); code != SQLITE_OK) return code;
    Mine(file)->owner->Pending(*Mine(file)->path, size, "");
    return Below(file)->pMethods->xTruncate(Below(file), size);
  }
  static int Sync(sqlite3_file* file, int) {
    bool torn = false;
    if (const int code = Count(file, FaultFiles::Operation::kOther, &torn); code != SQLITE_OK) return code;
    Mine(file)->owner->Synced(*Mine(file)->path);
    return SQLITE_OK;
  }
  static int FileSize(sqlite3_file* file, sqlite3_int64* size) { return Below(file)->pMethods->xFileSize(Below(file), size); }
  static int Lock(sqlite3_file* file, int kind) { return Below(file)->pMethods->xLock(Below(file), kind); }
  static int Unlock(sqlite3_file* file, int kind) { return Below(file)->pMethods->xUnlock(Below(file), kind); }
  static int CheckReservedLock(sqlite3_file* file, int* held) {
    return Below(file)->pMethods->xCheckReservedLock(Below(file), held);
  }
  static int FileControl(sqlite3_file* file, int operation, void* argument) {
    return Below(file)->pMethods->xFileControl(Below(file), operation, argument);
  }
  static int SectorSize(sqlite3_file* file) { return Below(file)->pMethods->xSectorSize(Below(file)); }
  static int DeviceCharacteristics(sqlite3_file*) { return 0; }  // Nothing may be taken for granted.
  static int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** at) {
    return Below(file)->pMethods->xShmMap(Below(file), region, size, extend, at);
  }
  static int ShmLock(sqlite3_file* file, int offset, int n, int flags) {
    return Below(file)->pMethods->xShmLock(Below(file), offset, n, flags);
  }
  static void ShmBarrier(sqlite3_file* file) { Below(file)->pMethods->xShmBarrier(Below(file)); }
  static int ShmUnmap(sqlite3_file* file, int remove) { return Below(file)->pMethods->xShmUnmap(Below(file), remove); }

  static int Open(sqlite3_vfs* layer, const char* path, sqlite3_file* file, int flags, int* flags_out) {
    static const sqlite3_io_methods kMethods = {2,
                                                Close,
                                                Read,
                                                Write,
                                                Truncate,
                                                Sync,
                                                FileSize,
                                                Lock,
                                                Unlock,
                                                CheckReservedLock,
                                                FileControl,
                                                SectorSize,
                                                DeviceCharacteristics,
                                                ShmMap,
                                                ShmLock,
                                                ShmBarrier,
                                                ShmUnmap,
                                                nullptr,
                                                nullptr};
    FaultFiles* const owner = Owner(layer);
    Mine(file)->base.pMethods = nullptr;
    const int code = owner->below_->xOpen(owner->below_, path, Below(file), flags, flags_out);
    if (code != SQLITE_OK) return code;
    Mine(file)->base.pMethods = &kMethods;
    Mine(file)->owner = owner;
    Mine(file)->path = new std::string(path == nullptr ? "" : path);
    if (path != nullptr) owner->synced_.try_emplace(path);
    return SQLITE_OK;
  }
  static int Delete(sqlite3_vfs* layer, const char* path, int sync_directory) {
    FaultFiles* const owner = Owner(layer);
    bool torn = false;
    if (const int code = owner->Count(FaultFiles::Operation::kOther, &torn); code != SQLITE_OK) return code;
    owner->synced_.erase(path);
    owner->pending_.erase(path);
    return owner->below_->xDelete(owner->below_, path, sync_directory);
  }
  static int Access(sqlite3_vfs* layer, const char* path, int flags, int* result) {
    return Owner(layer)->below_->xAccess(Owner(layer)->below_, path, flags, result);
  }
  static int FullPathname(sqlite3_vfs* layer, const char* path, int size, char* full) {
    return Owner(layer)->below_->xFullPathname(Owner(layer)->below_, path, size, full);
  }
  static int Randomness(sqlite3_vfs* layer, int size, char* out) {
    return Owner(layer)->below_->xRandomness(Owner(layer)->below_, size, out);
  }
  static int Sleep(sqlite3_vfs* layer, int microseconds) {
    return Owner(layer)->below_->xSleep(Owner(layer)->below_, microseconds);
  }
  static int CurrentTime(sqlite3_vfs* layer, double* days) {
    return Owner(layer)->below_->xCurrentTime(Owner(layer)->below_, days);
  }
  static int GetLastError(sqlite3_vfs* layer, int size, char* out) {
    return Owner(layer)->below_->xGetLastError(Owner(layer)->below_, size, out);
  }
};

FaultFiles::FaultFiles() : layer_(), below_(sqlite3_vfs_find(nullptr)) {
  CALSYNC_CHECK(below_ != nullptr);
  name_ = absl::StrCat("calsync-fault-", absl::Hex(reinterpret_cast<uintptr_t>(this)));
  layer_.iVersion = 1;
  layer_.szOsFile = static_cast<int>(sizeof(FaultFileMethods::File)) + below_->szOsFile;
  layer_.mxPathname = below_->mxPathname;
  layer_.zName = name_.c_str();
  layer_.pAppData = this;
  layer_.xOpen = FaultFileMethods::Open;
  layer_.xDelete = FaultFileMethods::Delete;
  layer_.xAccess = FaultFileMethods::Access;
  layer_.xFullPathname = FaultFileMethods::FullPathname;
  layer_.xRandomness = FaultFileMethods::Randomness;
  layer_.xSleep = FaultFileMethods::Sleep;
  layer_.xCurrentTime = FaultFileMethods::CurrentTime;
  layer_.xGetLastError = FaultFileMethods::GetLastError;
  CALSYNC_CHECK(sqlite3_vfs_register(&layer_, 0) == SQLITE_OK);
}

FaultFiles::~FaultFiles() { sqlite3_vfs_unregister(&layer_); }

void FaultFiles::FailAt(int64_t operation, Fault fault) {
  count_ = 0;
  fail_at_ = operation;
  fault_ = fault;
}

int FaultFiles::Count(Operation operation, bool* torn) {
  ++count_;
  const bool for_good = fault_ == Fault::kForGood;
  if (fail_at_ == 0 || count_ < fail_at_ || (count_ > fail_at_ && !for_good)) return SQLITE_OK;
  const bool write = operation == Operation::kWrite;
  *torn = write && count_ == fail_at_ && (fault_ == Fault::kTorn || for_good);
  if (write && fault_ == Fault::kFullDisk) return SQLITE_FULL;
  if (operation == Operation::kRead) return SQLITE_IOERR_READ;
  return write ? SQLITE_IOERR_WRITE : SQLITE_IOERR_FSYNC;
}

void FaultFiles::Synced(const std::string& path) {
  if (lies_) return;
  synced_[path] = ReadWholeFile(path);
  pending_.erase(path);
}

void FaultFiles::PowerCut(const std::function<bool()>& survives) {
  for (auto& [path, content] : synced_) {
    for (const Change& change : pending_[path]) {
      if (!survives()) continue;
      const size_t end = static_cast<size_t>(change.offset) + change.bytes.size();
      if (change.bytes.empty() || content.size() < end) content.resize(end);
      content.replace(static_cast<size_t>(change.offset), change.bytes.size(), change.bytes);
    }
    WriteWholeFile(path, content);
    std::error_code ignored;
    std::filesystem::remove(path + "-shm", ignored);  // Memory only, though it has a name.
  }
  pending_.clear();
}

}  // namespace calsync::adapter
