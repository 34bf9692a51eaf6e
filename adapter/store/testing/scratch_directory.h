// A new directory that is gone, with all in it, when the object is.

#ifndef CALSYNC_ADAPTER_STORE_TESTING_SCRATCH_DIRECTORY_H_
#define CALSYNC_ADAPTER_STORE_TESTING_SCRATCH_DIRECTORY_H_

#include <string>

#include "absl/strings/string_view.h"

namespace calsync::adapter {

class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string File(absl::string_view name) const;

 private:
  std::string path_;
};

// The whole content of a file, and its replacement. CHECKs that they work.
std::string ReadWholeFile(const std::string& path);
void WriteWholeFile(const std::string& path, absl::string_view content);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_TESTING_SCRATCH_DIRECTORY_H_
