#include "adapter/config/tight_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

constexpr size_t kFileMax = size_t{256} << 20;  // The largest are reports of thousands of groups. Some devices have no end.

absl::Status Failed(absl::string_view what, const std::string& file, int error) {
  const std::string text = absl::StrCat("cannot ", what, " ", file, ": ", std::strerror(error));
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(text);
    case EEXIST:
      return absl::AlreadyExistsError(text);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(text);
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(text);
    default:
      return absl::InternalError(text);
  }
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

absl::Status WriteAll(const Descriptor& to, const std::string& file, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(to.number(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write", file, errno);
    text.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(to.number()) != 0) return Failed("sync", file, errno);
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeFolder(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return absl::OkStatus();
  const std::string parent = std::filesystem::path(folder).parent_path().string();
  if (!parent.empty() && parent != folder) RETURN_IF_ERROR(MakeFolder(parent));
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return Failed("make the folder", folder, errno);
  return absl::OkStatus();
}

absl::Status WriteTightFile(const std::string& file, absl::string_view text, Existing existing) {
  const std::string folder = std::filesystem::absolute(file).parent_path().string();
  RETURN_IF_ERROR(MakeFolder(folder));
  const std::string beside = absl::StrCat(file, ".", getpid(), ".new");
  absl::Status status;
  {
    const Descriptor to(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (to.number() < 0) return Failed("write", beside, errno);
    status = WriteAll(to, beside, text);
  }
  if (status.ok()) {
    // link() refuses where rename() would replace.
    const int failed = existing == Existing::kRefuse ? link(beside.c_str(), file.c_str()) : rename(beside.c_str(), file.c_str());
    if (failed != 0) status = Failed("write", file, errno);
  }
  if (!status.ok() || existing == Existing::kRefuse) unlink(beside.c_str());
  RETURN_IF_ERROR(status);
  const Descriptor directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.number() < 0 || fsync(directory.number()) != 0) return Failed("sync", folder, errno);
  return absl::OkStatus();
}

absl::Status RemoveFile(const std::string& file) {
  if (unlink(file.c_str()) != 0) return Failed("remove", file, errno);
  const std::string folder = std::filesystem::absolute(file).parent_path().string();
  const Descriptor directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.number() < 0 || fsync(directory.number()) != 0) return Failed("sync", folder, errno);
  return absl::OkStatus();
}

absl::Status AppendToFile(const std::string& file, absl::string_view text) {
  const Descriptor to(open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (to.number() < 0) return Failed("write", file, errno);
  return WriteAll(to, file, text);
}

absl::StatusOr<std::string> ReadFile(const std::string& file, Privacy privacy) {
  const Descriptor from(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (from.number() < 0) return Failed("read", file, errno);
  struct stat about = {};
  if (fstat(from.number(), &about) != 0) return Failed("read", file, errno);
  if (S_ISDIR(about.st_mode)) return absl::InvalidArgumentError(absl::StrCat("cannot read ", file, ": it is a folder"));
  if (privacy == Privacy::kOwnerOnly && (about.st_mode & 077) != 0) {
    return absl::PermissionDeniedError(absl::StrFormat(
        "%s holds secrets, and others than its owner may read it (mode %o). `chmod 600 %s`, and consider it known if it lay so "
        "for long",
        file, static_cast<unsigned>(about.st_mode & 0777), file));
  }
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t count = read(from.number(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failed("read", file, errno);
    if (count == 0) return text;
    text.append(buffer, static_cast<size_t>(count));
    if (text.size() > kFileMax)
      return absl::InvalidArgumentError(absl::StrCat("cannot read ", file, ": it is larger than 256 MiB"));
  }
}

}  // namespace calsync::adapter
