#include "scenarios/laws/l03_nothing_missed.h"

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace calsync::sim {
namespace {

// True if a decision about the slot that was made when all was at rest, for the source as it was `then`, still stands: the block
// would show now what it would have shown then.
bool StillHolds(const RestView& view, const EventPtr& then, const IdealSlot& slot) {
  if (then == nullptr || !(then->span() == slot.event->span())) return false;
  const std::string home = view.CalendarName(slot.source.calendar);
  const DirectionPolicy& policy = view.group.PolicyOf(slot.source.calendar, slot.target);
  return Expanded(policy.title_template, *then, home) == slot.summary &&
         Expanded(policy.description_template, *then, home) == slot.description;
}

// True if the row of the block's occurrence says that a person's deletion or edit stands, and people did touch occurrences of it.
bool IsExcused(const RestView& view, const LiveBlock& block, const GhostSlot* truth, const OriginalStart& original) {
  if (truth == nullptr || truth->part_touched_at == absl::InfinitePast()) return view.cloned;
  for (const auto& [start, row] : block.occurrences) {
    if (start == original) return row.hold != Hold::kNone || IsFight(view, truth, row);
  }
  return false;
}

// The first occurrence that the block does not show as it should; empty if there is none. The series itself it shows as due.
std::string FlawOfOccurrences(const RestView& view, const IdealSlot& slot, const LiveBlock& block, const GhostSlot* truth) {
  const auto at = [](const BusyTime& time) { return FormatSpan(time.span); };
  const std::string home = view.CalendarName(slot.source.calendar);
  const std::string& title = view.group.PolicyOf(slot.source.calendar, slot.target).title_template;
  // What neither side changed reads as the series do.
  const auto reads_as_due = [&](const BusyTime& wanted, const BusyTime& shown) {
    if (wanted.shown == slot.event.get() && shown.shown == block.event.get()) return true;
    return absl::StripAsciiWhitespace(shown.shown->summary) == Expanded(title, *wanted.shown, home);
  };
  auto wanted = slot.times.begin();
  auto shown = block.times.begin();
  while (wanted != slot.times.end() || shown != block.times.end()) {
    const bool missing =
        shown == block.times.end() || (wanted != slot.times.end() && wanted->original.start < shown->original.start);
    const bool surplus = !missing && (wanted == slot.times.end() || shown->original.start < wanted->original.start);
    const OriginalStart& original = missing ? wanted->original : shown->original;
    std::string flaw;
    if (missing) {
      flaw = absl::StrCat("lacks the occurrence at ", at(*wanted));
    } else if (surplus) {
      flaw = absl::StrCat("has an occurrence at ", at(*shown), " too many");
    } else if (!(wanted->span == shown->span)) {
      flaw = absl::StrCat("shows the occurrence of ", at(*wanted), " at ", at(*shown));
    } else if (!reads_as_due(*wanted, *shown)) {
      flaw = absl::StrCat("reads '", absl::StripAsciiWhitespace(shown->shown->summary), "' at ", at(*shown));
    }
    if (!flaw.empty() && !IsExcused(view, block, truth, original)) return flaw;
    if (!surplus) ++wanted;
    if (!missing) ++shown;
  }
  return "";
}

bool MayBeKept(const RestView& view, const LiveBlock& block) {
  const size_t slot = static_cast<size_t>(block.slot);
  const DirectionPolicy& policy = view.group.PolicyOf(view.slots[slot].source.calendar, view.slots[slot].target);
  if (policy.on_block_edited != OnBlockEdited::kKeep || block.row.hold != Hold::kKeptEdit) return false;
  const GhostSlot* truth = view.slot_truth[slot];
  if (view.cloned) return true;  // What its twin wrote looks to an engine like the edit of a person.
  if (truth == nullptr) return false;
  return truth->edited_at > view.last_rest || truth->undeleted_at > view.last_rest ||
         StillHolds(view, truth->kept_source, view.slots[slot]) || view.amnesty > view.last_rest;
}

// The slot of the series that a stray exception belonged to, on the same target.
std::optional<size_t> SlotOfSeries(const RestView& view, const IdealSlot& slot) {
  if (!slot.event->IsOccurrence()) return std::nullopt;
  for (size_t at = 0; at < view.slots.size(); ++at) {
    const IdealSlot& other = view.slots[at];
    const bool of_series = other.source.calendar == slot.source.calendar && other.source.event == slot.event->recurring_event_id;
    if (of_series && other.target == slot.target) return at;
  }
  return std::nullopt;
}

// True if a deletion of the slot's block stands: it is respected, or it ended a fight (decision 0012, seed 4034919).
bool StaysDeleted(const RestView& view, const IdealSlot& slot, const GhostSlot& truth, const RowWords& row) {
  const DirectionPolicy& policy = view.group.PolicyOf(slot.source.calendar, slot.target);
  return policy.on_block_deleted == OnBlockDeleted::kRespect || (row.fights > 0 && WasFoughtOver(&truth, truth.deleted_at));
}

}  // namespace

std::string ReasonForEmpty(const RestView& view, size_t slot) {
  const IdealSlot& ideal = view.slots[slot];
  const RowWords& row = view.slot_rows[slot];
  const GhostSlot* truth = view.slot_truth[slot];
  if (ideal.duty == Duty::kFrozen) return "frozen";
  if (ideal.duty == Duty::kAllowed) return "not required";
  // A block may have been edited, and the edit kept, before it was deleted.
  const bool given_up = row.hold == Hold::kRespectedDeletion || row.hold == Hold::kKeptEdit;
  if (row.known && given_up && truth != nullptr && StaysDeleted(view, ideal, *truth, row)) {
    if (truth->deleted_at > view.last_rest || StillHolds(view, truth->respected_source, ideal)) return "a respected deletion";
    if (view.amnesty > view.last_rest && truth->deleted_at > absl::InfinitePast()) return "a deletion, met anew";
  }
  // A clone that knows less removes what it takes for surplus; to its twin that is a deletion by a person.
  if (view.cloned && row.known && row.hold == Hold::kRespectedDeletion) return "a deletion by a clone";
  if (IsFight(view, truth, row)) return "a fight";
  // Who deleted the block of a series, deleted it with its exceptions, also with those that the series gives no more.
  const std::optional<size_t> series = SlotOfSeries(view, ideal);
  if (series.has_value() && view.slot_rows[*series].hold == Hold::kRespectedDeletion) return ReasonForEmpty(view, *series);
  // What its twin wrote to the block of the series is kept as a person's edit, and its exceptions wait with it (seed 14249).
  if (series.has_value() && view.cloned && view.slot_rows[*series].hold == Hold::kKeptEdit) return "a clone's edit is kept";
  return "";
}

std::string FlawOf(const IdealSlot& slot, const Event& block) {
  if (!(block.span() == slot.event->span())) {
    return absl::StrCat("is at ", FormatSpan(block.span()), " instead");
  }
  if (absl::StripAsciiWhitespace(block.summary) != slot.summary) return absl::StrCat("reads '", block.summary, "'");
  if (absl::StripAsciiWhitespace(block.description) != slot.description) return "has another description";
  if (block.transparency != Transparency::kOpaque) return "does not show as busy";
  if (block.visibility != slot.visibility) {
    return slot.visibility == Visibility::kPrivate ? "is not private" : "has another visibility than the policy says";
  }
  if (!block.attendees.empty()) return "has guests";
  if (block.recurrence != slot.event->recurrence) return block.recurrence.empty() ? "does not recur" : "recurs by another rule";
  return "";
}

std::string CheckNothingMissed(const RestView& view) {
  if (view.breaker_open || view.sweep_held) return "";
  std::vector<bool> filled(view.slots.size(), false);
  for (const LiveBlock& block : view.blocks) {
    if (block.slot < 0) continue;
    const size_t at = static_cast<size_t>(block.slot);
    const IdealSlot& slot = view.slots[at];
    filled[at] = true;
    if (slot.duty == Duty::kFrozen) continue;
    if (slot.duty == Duty::kAllowed) continue;  // An ended block stays as it is until its source goes.
    const GhostSlot* truth = view.slot_truth[at];
    std::string flaw = FlawOf(slot, *block.event);
    if (flaw.empty() && slot.event->IsSeriesMaster()) flaw = FlawOfOccurrences(view, slot, block, truth);
    if (!flaw.empty() && !MayBeKept(view, block) && !IsFight(view, truth, block.row)) {
      return absl::StrCat(view.Describe(slot), " ", flaw);
    }
    if (truth != nullptr && StillHolds(view, truth->respected_source, slot) && slot.changed_at <= view.last_rest &&
        truth->undeleted_at <= view.last_rest && view.amnesty <= view.last_rest && truth->deleted_at <= view.last_rest) {
      return absl::StrCat(view.Describe(slot), " is back, though a person deleted it and nothing changed since");
    }
  }
  for (size_t at = 0; at < view.slots.size(); ++at) {
    if (filled[at] || !ReasonForEmpty(view, at).empty()) continue;
    const RowWords& row = view.slot_rows[at];
    return absl::StrCat(
        view.Describe(view.slots[at]), " is missing; ",
        row.known ? absl::StrCat("its row is ", Name(row.status), ", hold: ", Name(row.hold)) : std::string("it has no row"));
  }
  return "";
}

}  // namespace calsync::sim
