// A file layer for SQLite that fails when it is told to: once, for good, or like a machine that loses its power.
//
// It passes everything on to the system's files and counts. Reads, writes, truncations, syncs and removals count; the shared
// memory of the write-ahead log and locks do not. Syncs are remembered instead of carried out, and so is what was written since:
// after a PowerCut() every file is what it was at its last one, with any of the writes since then, or with none.

#ifndef CALSYNC_ADAPTER_STORE_TESTING_FAULT_FILES_H_
#define CALSYNC_ADAPTER_STORE_TESTING_FAULT_FILES_H_

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace calsync::adapter {

class FaultFiles {
 public:
  enum class Fault {
    kOnce,      // One operation fails with an I/O error and does nothing.
    kFullDisk,  // The same, with "disk full" if it is a write.
    kTorn,      // One write is carried out by half, with an I/O error.
    kForGood,   // This operation and all after it fail, as for a process that dies here: what was written stays. A write is torn.
  };

  FaultFiles();  // Registers the layer under name().
  ~FaultFiles();
  FaultFiles(const FaultFiles&) = delete;
  FaultFiles& operator=(const FaultFiles&) = delete;

  const std::string& name() const { return name_; }

  // Counts from 1 from here on. `operation` 0: nothing fails.
  void FailAt(int64_t operation, Fault fault);
  void FailNothing() { FailAt(0, Fault::kOnce); }
  bool fired() const { return fail_at_ != 0 && count_ >= fail_at_; }
  int64_t count() const { return count_; }

  // A disk that says "synced" and does nothing (D4).
  void LieAboutSyncs(bool lies) { lies_ = lies; }

  // Each file as it was at its last sync; what never was synced is empty. Of the writes and truncations since then those happened
  // of which `survives` says so, which is asked once for each, in their order. REQUIRES: no file is open.
  void PowerCut(const std::function<bool()>& survives);

 private:
  friend struct FaultFileMethods;  // SQLite's view of a file; in the .cc.

  enum class Operation { kRead, kWrite, kOther };
  // SQLITE_OK, or the code with which the operation fails. `torn` says that half of a write happens nevertheless.
  int Count(Operation operation, bool* torn);
  void Synced(const std::string& path);
  void Pending(const std::string& path, int64_t offset, std::string bytes) {
    pending_[path].push_back({offset, std::move(bytes)});
  }

  struct Change {
    int64_t offset = 0;  // Of a truncation the new size.
    std::string bytes;   // Empty: a truncation.
  };

  std::string name_;
  sqlite3_vfs layer_;
  sqlite3_vfs* below_;
  int64_t count_ = 0;
  int64_t fail_at_ = 0;
  Fault fault_ = Fault::kOnce;
  bool lies_ = false;
  std::map<std::string, std::string> synced_;           // Content at the last sync, by path; only of files that there are.
  std::map<std::string, std::vector<Change>> pending_;  // Since then.
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_TESTING_FAULT_FILES_H_
