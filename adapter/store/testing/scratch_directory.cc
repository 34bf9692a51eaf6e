#include "adapter/store/testing/scratch_directory.h"

#include <stdlib.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"

namespace calsync::adapter {

ScratchDirectory::ScratchDirectory() {
  path_ = (std::filesystem::temp_directory_path() / "calsync-store-XXXXXX").string();
  CALSYNC_CHECK(mkdtemp(path_.data()) != nullptr);
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ScratchDirectory::File(absl::string_view name) const { return absl::StrCat(path_, "/", name); }

std::string ReadWholeFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary | std::ios::ate);
  CALSYNC_CHECK(stream.good());
  std::string content(static_cast<size_t>(stream.tellg()), '\0');
  stream.seekg(0);
  stream.read(content.data(), static_cast<std::streamsize>(content.size()));
  CALSYNC_CHECK(stream.good());
  return content;
}

void WriteWholeFile(const std::string& path, absl::string_view content) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  CALSYNC_CHECK(stream.good());
}

}  // namespace calsync::adapter
