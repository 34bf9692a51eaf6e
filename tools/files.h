// Whole files: read, and replaced as a whole or not at all.

#ifndef CALSYNC_TOOLS_FILES_H_
#define CALSYNC_TOOLS_FILES_H_

#include <string>

namespace calsync::tools {

// Returns 0, or the errno of what failed: EISDIR for a folder, EFBIG beyond 1 GiB. What is no file (a pipe, a device) is read to
// its end.
int ReadFile(const std::string& path, std::string& text);
// The whole of it or nothing: on a full disk the old file stays. What is no file (a terminal, a pipe, a device) is written to as
// it is. Returns 0, or the errno of what failed.
int ReplaceFile(const std::string& path, const std::string& text);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_FILES_H_
