#include "tools/files.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace calsync::tools {
namespace {

constexpr size_t kFileMax = size_t{1} << 30;

int Write(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return errno;
  int error = std::fwrite(text.data(), 1, text.size(), file) == text.size() ? 0 : errno;
  if (std::fclose(file) != 0 && error == 0) error = errno;
  return error;
}

}  // namespace

int ReadFile(const std::string& path, std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return errno;
  char buffer[1 << 14];
  size_t got = 0;
  while (text.size() <= kFileMax && (got = std::fread(buffer, 1, sizeof(buffer), file)) > 0) text.append(buffer, got);
  // A directory opens, and cannot be read; some devices have no end.
  const int error = std::ferror(file) != 0 ? errno : text.size() > kFileMax ? EFBIG : 0;
  std::fclose(file);
  return error;
}

int ReplaceFile(const std::string& path, const std::string& text) {
  std::error_code unknown;
  const std::filesystem::file_status status = std::filesystem::status(path, unknown);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) return Write(path, text);
  // Behind a link the file is replaced, not the link.
  const std::filesystem::path behind = std::filesystem::canonical(path, unknown);
  const std::string place = unknown ? path : behind.string();
  const std::string fresh = place + ".new";
  int error = Write(fresh, text);
  if (error == 0 && std::rename(fresh.c_str(), place.c_str()) != 0) error = errno;
  if (error != 0) std::remove(fresh.c_str());
  return error;
}

}  // namespace calsync::tools
