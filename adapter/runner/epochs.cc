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
  // A last line that a crash or a full disk cut short is no reason to refuse, and says nothing: "12 an" may have been of "ann".
  const size_t whole = text->rfind('\n') + 1;  // 0 if there is none.
  for (const absl::string_view line : absl::StrSplit(absl::string_view(*text).substr(0, whole), '\n', absl::SkipEmpty())) {
    ++epochs.lines_;
    // "7 ann", "8? ann".
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(' ', 1));
    absl::string_view number = parts.first;
    Known known;
    known.in_doubt = absl::ConsumeSuffix(&number, kDoubt);
    if (!absl::SimpleAtoi(number, &known.epoch) || parts.second.empty()) continue;
    epochs.known_[GroupId(parts.second)] = known;
  }
  if (whole != text->size()) epochs.lines_ = 0;
  return epochs;
}

Epochs::Known Epochs::Latest(const GroupId& group) const {
  if (const auto said = said_.find(group); said != said_.end()) return said->second;
  const auto known = known_.find(group);
  return known == known_.end() ? Known() : known->second;
}

bool Epochs::IsOlder(const GroupId& group, int64_t epoch) {
  Known now = Latest(group);
  now.in_doubt = now.in_doubt || epoch <= now.epoch;
  now.epoch = epoch;
  said_[group] = now;
  return now.in_doubt;
}

void Epochs::Trust(const GroupId& group) {
  Known now = Latest(group);
  if (!now.in_doubt) return;
  now.in_doubt = false;
  said_[group] = now;
}

absl::Status Epochs::Flush() {
  if (said_.empty()) return absl::OkStatus();
  const ByGroup said = std::exchange(said_, {});
  if (!file_.empty()) RETURN_IF_ERROR(Write(said));
  for (const auto& [group, known] : said) known_[group] = known;
  return absl::OkStatus();
}

absl::Status Epochs::Write(const ByGroup& said) {
  const bool anew = lines_ == 0 || lines_ + said.size() > 2 * known_.size() + kLinesSpare;
  ByGroup all = said;
  if (anew) all.insert(known_.begin(), known_.end());  // What was said stays.
  std::string text;
  for (const auto& [group, known] : all) {
    absl::StrAppend(&text, known.epoch, known.in_doubt ? kDoubt : "", " ", group.text(), "\n");
  }
  absl::Status written = anew ? WriteTightFile(file_, text, Existing::kReplace) : AppendToFile(file_, text);
  // Half of it may be there.
  lines_ = !written.ok() ? 0 : anew ? all.size() : lines_ + all.size();
  return written;
}

}  // namespace calsync::adapter
