#include "tools/files.h"

#include <cerrno>
#include <cstdio>

namespace calsync::tools {

int ReadFile(const std::string& path, std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return errno;
  char buffer[1 << 14];
  size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof(buffer), file)) > 0) text.append(buffer, got);
  const int error = std::ferror(file) != 0 ? errno : 0;  // A directory opens, and cannot be read.
  std::fclose(file);
  return error;
}

int ReplaceFile(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  std::FILE* file = std::fopen(fresh.c_str(), "wb");
  if (file == nullptr) return errno;
  int error = std::fwrite(text.data(), 1, text.size(), file) == text.size() ? 0 : errno;
  if (std::fclose(file) != 0 && error == 0) error = errno;
  if (error == 0 && std::rename(fresh.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) std::remove(fresh.c_str());
  return error;
}

}  // namespace calsync::tools
