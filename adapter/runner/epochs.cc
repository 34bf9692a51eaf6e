#include "adapter/runner/epochs.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "adapter/config/tight_file.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

constexpr size_t kLinesSpare = 200;
constexpr char kDoubt[] = "?";

}  // namespace

absl::StatusOr<Epochs> Epochs::Open(std::string file) {
  Epochs epochs(std::move(file));
  const absl::StatusOr<std::string> text = ReadFile(epochs.file_, Privacy::kAnybody);
  if (absl::IsNotFound(text.status())) return epochs;
  RETURN_IF_ERROR(text.status());
  for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    ++epochs.lines_;
    // "7 ann", "8? ann". A last line that a crash cut short is no reason to refuse: the one before it stands.
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(' ', 1));
    absl::string_view number = parts.first;
    Known known;
    known.in_doubt = absl::ConsumeSuffix(&number, kDoubt);
    if (!absl::SimpleAtoi(number, &known.epoch) || parts.second.empty()) continue;
    epochs.known_[GroupId(parts.second)] = known;
  }
  return epochs;
}

absl::StatusOr<bool> Epochs::IsOlder(const GroupId& group, int64_t epoch) {
  Known& known = known_[group];
  known.in_doubt = known.in_doubt || epoch <= known.epoch;
  known.epoch = epoch;
  RETURN_IF_ERROR(Write(group, known));
  return known.in_doubt;
}

absl::Status Epochs::Trust(const GroupId& group) {
  Known& known = known_[group];
  if (!known.in_doubt) return absl::OkStatus();
  known.in_doubt = false;
  return Write(group, known);
}

absl::Status Epochs::Write(const GroupId& group, const Known& known) {
  if (file_.empty()) return absl::OkStatus();
  ++lines_;
  if (lines_ > 2 * known_.size() + kLinesSpare || lines_ == 1) return Rewrite();
  return AppendToFile(file_, absl::StrCat(known.epoch, known.in_doubt ? kDoubt : "", " ", group.text(), "\n"));
}

absl::Status Epochs::Rewrite() {
  std::string text;
  for (const auto& [group, known] : known_) {
    absl::StrAppend(&text, known.epoch, known.in_doubt ? kDoubt : "", " ", group.text(), "\n");
  }
  lines_ = known_.size();
  return WriteTightFile(file_, text, Existing::kReplace);
}

}  // namespace calsync::adapter
