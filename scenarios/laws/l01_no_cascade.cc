#include "scenarios/laws/l01_no_cascade.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace calsync::sim {
namespace {

absl::string_view Words(Nature nature) {
  switch (nature) {
    case Nature::kUserEvent:
      return "an event of a person";
    case Nature::kBlock:
      return "a block";
    case Nature::kLegacyBlock:
      return "a block of the system before";
    case Nature::kCopyOfBlock:
      return "a copy of a block";
  }
  return "?";
}

}  // namespace

std::string CheckSourceOfInsert(const Ghost& ghost, const Spot& block, const Spot& source, const Event& inserted) {
  const GhostEvent* truth = ghost.FindOrSeries(source);  // What an occurrence that nobody touched is, its series is.
  if (truth == nullptr)
    return absl::StrCat("block ", block.event.text(), " has a source that never existed: ", source.event.text());
  if (truth->nature != Nature::kUserEvent) {
    return absl::StrCat("block ", block.event.text(), " has ", Words(truth->nature), " as its source: ", source.event.text());
  }
  if (source.calendar == block.calendar) {
    return absl::StrCat("block ", block.event.text(), " is to lie on its source's own calendar");
  }
  // The watermark tells where the times come from, whatever the engine claims.
  const TimeSpan span = inserted.span();
  const int64_t residue = (span.start % 3600 + 3600) % 3600;  // Before 1970 seconds are negative.
  if (truth->residue >= 0 && !span.all_day && residue != truth->residue) {
    return absl::StrCat("block ", block.event.text(), " has times that never were those of its source ", source.event.text());
  }
  return "";
}

std::string CheckUserEventRow(const Ghost& ghost, const Spot& spot) {
  const GhostEvent* truth = ghost.Find(spot);
  if (truth == nullptr) return absl::StrCat("recorded as a user event, yet nobody ever made it: ", spot.event.text());
  if (truth->nature == Nature::kUserEvent) return "";
  return absl::StrCat(Words(truth->nature), " is recorded as a user event: ", spot.event.text());
}

}  // namespace calsync::sim
