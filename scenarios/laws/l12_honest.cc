#include "scenarios/laws/l12_honest.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace calsync::sim {
namespace {

// The calendars for which a policy skips the event, each with the reason.
std::vector<std::pair<const CalendarFacts*, std::string>> SkipsOf(const RestView& view, const LiveOther& other) {
  std::vector<std::pair<const CalendarFacts*, std::string>> skips;
  if (!Blocks(*other.event)) return skips;
  const CalendarFacts& home = *view.group.Find(other.calendar);
  for (const CalendarFacts& target : view.group.calendars) {
    if (target.calendar == home.calendar || target.link != LinkState::kEnabled) continue;
    const DirectionPolicy& policy = view.group.PolicyOf(home.calendar, target.calendar);
    if (!policy.mirrors) continue;
    std::string reason = SkippedBy(policy, *other.event, home.zone);
    if (!reason.empty()) skips.emplace_back(&target, std::move(reason));
  }
  return skips;
}

// What a policy skips is in the audit trail, with the calendars that show no block for it.
std::string CheckSkipsTold(const RestView& view, const LiveOther& other) {
  for (const auto& [target, reason] : SkipsOf(view, other)) {
    if (absl::StrContains(other.told_skip, target->name)) continue;
    return absl::StrCat("has no block on ", target->name, " (", reason, "), and the audit trail does not say so");
  }
  return "";
}

// Of private events a reader sees the times alone: neither tag nor transparency. They may be held, or taken to block.
bool IsHidden(const RestView& view, const LiveOther& other) {
  const Visibility visibility = other.event->visibility;
  return view.IsFrozen(other.calendar) && (visibility == Visibility::kPrivate || visibility == Visibility::kConfidential);
}

// What is told to be kept for a person's sake, a person or program did something about.
std::string CheckKeptEdits(const RestView& view) {
  if (view.cloned) return "";  // What its twin wrote looks to an engine like the edit of a person.
  for (const LiveBlock& block : view.blocks) {
    if (block.slot < 0 || block.row.hold != Hold::kKeptEdit) continue;
    const GhostSlot* const truth = view.slot_truth[static_cast<size_t>(block.slot)];
    if (truth == nullptr || truth->touches.empty())
      return absl::StrCat(view.Describe(block), " is kept as somebody edited it, and nobody ever did");
  }
  return "";
}

}  // namespace

std::string CheckHonest(const RestView& view) {
  for (const LiveOther& other : view.others) {
    const std::string which = absl::StrCat(other.event->id.text(), " on ", view.CalendarName(other.calendar));
    if (!other.row.known) return absl::StrCat(which, " is live, and no row accounts for it");
    if (other.nature != Nature::kUserEvent) {
      if (other.row.kind != RecordKind::kSeen)
        return absl::StrCat(which, " is a copy of a block, or another's, and its row says ", Name(other.row.kind));
      if (!other.skip_on_record) return absl::StrCat(which, " was skipped, and the audit trail does not say why");
      continue;
    }
    if (view.group.parked.contains({other.calendar, other.event->id})) {
      if (!other.skip_on_record) return absl::StrCat(which, " waits for the operator, and the audit trail does not say so");
      continue;
    }
    if (IsHidden(view, other)) continue;
    if (other.row.kind != RecordKind::kUserEvent || other.row.status != RecordStatus::kSynced) {
      return absl::StrCat(which, " is an event of a person, and its row says ", Name(other.row.kind), ", ",
                          Name(other.row.status));
    }
    if ((other.blocking == Blocking::kBlocks) != Blocks(*other.event)) {
      return absl::StrCat(which, " is skipped or taken for the wrong reason: ", Name(other.blocking));
    }
    if (other.blocking != Blocking::kBlocks && !other.skip_on_record)
      return absl::StrCat(which, " does not block, and the audit trail does not say why");
    if (std::string flaw = CheckSkipsTold(view, other); !flaw.empty()) return absl::StrCat(which, " ", flaw);
  }
  return CheckKeptEdits(view);
}

std::vector<Place> NotLeftOut(const RestView& view) {
  std::vector<Place> places;
  for (const LiveOther& other : view.others) {
    if (other.nature != Nature::kUserEvent || !Blocks(*other.event) || IsHidden(view, other)) continue;
    if (SkipsOf(view, other).empty()) places.push_back({view.group.Find(other.calendar)->key, other.event->id});
  }
  return places;
}

std::string CheckCounters(const Counters& counters, const CounterTruth& truth) {
  if (counters.busy_blocks_created < 0 || counters.events_processed < 0 || counters.errors < 0) return "a counter is negative";
  if (truth.memory_intact && static_cast<uint64_t>(counters.busy_blocks_created) < truth.blocks_live) {
    return absl::StrCat("busy_blocks_created is ", counters.busy_blocks_created, ", and ", truth.blocks_live,
                        " are there to be seen");
  }
  if (truth.memory_intact && static_cast<uint64_t>(counters.user_events_found) < truth.user_events_live) {
    return absl::StrCat("user_events_found is ", counters.user_events_found, ", and ", truth.user_events_live,
                        " are there to be seen");
  }
  if (truth.memory_intact && static_cast<uint64_t>(counters.busy_blocks_created) > truth.blocks_inserted) {
    return absl::StrCat("busy_blocks_created is ", counters.busy_blocks_created, ", and ", truth.blocks_inserted,
                        " were ever inserted");
  }
  return "";
}

std::string CheckDebtsTold(const Records& records, absl::Span<const CalendarKey> writable) {
  const auto is_at_hand = [&](CalendarKey key) { return std::find(writable.begin(), writable.end(), key) != writable.end(); };
  for (RowIndex row = 0; row < records.size(); ++row) {
    const Record& record = records[row];
    const bool owed = record.IsBlock() && (record.status == RecordStatus::kCreating || record.status == RecordStatus::kDeleting);
    if (!owed || record.fights > 0) continue;  // A fight that was given up owes nothing.
    if (record.IsOccurrence()) continue;       // It may wait for its source's, which cannot be read (seed 16597).
    const std::optional<RowIndex> source = records.FindById(record.source);
    if (!is_at_hand(record.calendar) || (source.has_value() && !is_at_hand(records[*source].calendar))) continue;
    return absl::StrCat("the engine says that it is at rest, and block ", record.event.view(), " is ", Name(record.status));
  }
  return "";
}

}  // namespace calsync::sim
