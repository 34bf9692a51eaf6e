#include "adapter/runner/epochs.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapter/config/tight_file.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

constexpr size_t kLinesSpare = 200;

}  // namespace

absl::StatusOr<Epochs> Epochs::Open(std::string file) {
  Epochs epochs(std::move(file));
  const absl::StatusOr<std::string> text = ReadFile(epochs.file_, Privacy::kAnybody);
  if (absl::IsNotFound(text.status())) return epochs;
  RETURN_IF_ERROR(text.status());
  for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    ++epochs.lines_;
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(' ', 1));
    int64_t epoch = 0;
    // A last line that a crash cut short is no reason to refuse: the epoch before it stands.
    if (!absl::SimpleAtoi(parts.first, &epoch) || parts.second.empty()) continue;
    epochs.known_[GroupId(parts.second)] = epoch;
  }
  return epochs;
}

int64_t Epochs::Known(const GroupId& group) const {
  const auto found = known_.find(group);
  return found == known_.end() ? 0 : found->second;
}

absl::Status Epochs::Note(const GroupId& group, int64_t epoch) {
  known_[group] = epoch;
  if (file_.empty()) return absl::OkStatus();
  ++lines_;
  if (lines_ > 2 * known_.size() + kLinesSpare || lines_ == 1) return Rewrite();
  return AppendToFile(file_, absl::StrCat(epoch, " ", group.text(), "\n"));
}

absl::Status Epochs::Rewrite() {
  std::string text;
  for (const auto& [group, epoch] : known_) absl::StrAppend(&text, epoch, " ", group.text(), "\n");
  lines_ = known_.size();
  return WriteTightFile(file_, text, Existing::kReplace);
}

}  // namespace calsync::adapter
