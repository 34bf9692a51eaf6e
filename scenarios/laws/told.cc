#include "scenarios/laws/told.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "scenarios/laws/l03_nothing_missed.h"

namespace calsync::sim {
namespace {

constexpr absl::Duration kNewFor = absl::Hours(24);
constexpr absl::Duration kNotSeen = absl::Hours(2);
constexpr absl::Duration kSlack = absl::Minutes(10);  // Between the beginning of a listing and its end.

bool HidesDetails(const Event& event) {
  return event.visibility == Visibility::kPrivate || event.visibility == Visibility::kConfidential;
}

// What bears the marks of the system before waits for a person's word, and is tracked once it is theirs.
bool Waits(const LiveOther& other) { return other.row.kind == RecordKind::kSeen && other.row.seen_as == SeenAs::kTextMarked; }

// True if the calendar holds the live master of the occurrence: it counts with that, or waits with it.
bool IsPartOfSeries(const RestView& view, const LiveOther& other) {
  if (!other.event->IsOccurrence()) return false;
  return std::any_of(view.others.begin(), view.others.end(), [&](const LiveOther& master) {
    return master.calendar == other.calendar && master.event->id == other.event->recurring_event_id &&
           (master.row.kind == RecordKind::kUserEvent || Waits(master));
  });
}

struct TrueCount {
  int64_t user_events = 0;
  int64_t blocks = 0;
  int64_t created_24h = 0;
  int64_t blocks_created_24h = 0;
};

TrueCount CountOf(const RestView& view, const CalendarFacts& facts, const FigureTruth& truth) {
  TrueCount count;
  const auto is_new = [&](const RowWords& row) {
    const absl::Time born = truth.born(row.id);
    return born != absl::InfinitePast() && absl::FromUnixSeconds(absl::ToUnixSeconds(born)) >= truth.now - kNewFor;
  };
  for (const LiveOther& other : view.others) {
    if (other.calendar != facts.calendar || other.nature != Nature::kUserEvent || IsPartOfSeries(view, other)) continue;
    if (Waits(other)) continue;
    ++count.user_events;
    if (is_new(other.row)) ++count.created_24h;
  }
  for (const LiveBlock& block : view.blocks) {
    // One whose row calls it a part that a person split off, or surplus that waits, is no block that counts.
    if (block.target != facts.calendar || block.row.kind != RecordKind::kBlock) continue;
    const bool unconfirmed = block.row.status != RecordStatus::kCreated;
    if (unconfirmed) continue;  // Counted with those that the engine says are unconfirmed.
    ++count.blocks;
    if (!is_new(block.row)) continue;
    ++count.created_24h;
    ++count.blocks_created_24h;
  }
  return count;
}

// True if what lies on the calendar is known at rest, in full.
bool IsKnown(const RestView& view, const CalendarFacts& facts) {
  if (facts.link != LinkState::kEnabled || !facts.readable || !facts.writable || !facts.sees_private) return false;
  return !view.sweep_held && !view.cloned;
}

std::string FlawOfFigures(const RestView& view, const CalendarFacts& facts, const ToldFigures& told, const FigureTruth& truth) {
  const TrueCount count = CountOf(view, facts, truth);
  const auto differ = [&](const char* name, int64_t says, int64_t is) {
    return says == is ? "" : absl::StrCat(name, " of ", facts.name, " is ", says, ", and in truth ", is);
  };
  if (std::string flaw = differ("user_events_tracked", told.user_events, count.user_events); !flaw.empty()) return flaw;
  if (std::string flaw = differ("busy_blocks_tracked", told.busy_blocks - told.unconfirmed, count.blocks); !flaw.empty())
    return flaw;
  if (std::string flaw = differ("total_events_tracked", told.total, told.user_events + told.busy_blocks); !flaw.empty())
    return flaw;
  if (truth.clock_was_set) return "";
  if (truth.memory_intact && told.unconfirmed == 0) {
    if (std::string flaw = differ("events_created_24h", told.created_24h, count.created_24h); !flaw.empty()) return flaw;
    if (std::string flaw = differ("busy_blocks_created_24h", told.blocks_created_24h, count.blocks_created_24h); !flaw.empty())
      return flaw;
  }
  const absl::Duration unseen = view.now - truth.seen(facts.calendar);
  if (unseen < kNotSeen - kSlack && told.not_seen != 0)
    return absl::StrCat("events of ", facts.name, " were seen, and count as not seen");
  if (unseen > kNotSeen + kSlack && told.not_seen != told.total) {
    return absl::StrCat("events of ", facts.name, " were not seen for ", absl::FormatDuration(unseen), ", and count as seen");
  }
  return "";
}

// Where it stands in the view; nothing if no block is due there.
std::optional<size_t> FindSlot(const RestView& view, const ToldSlot& told) {
  const auto at = std::lower_bound(view.slots.begin(), view.slots.end(), told, [](const IdealSlot& slot, const ToldSlot& wanted) {
    return slot.source == wanted.source ? slot.target < wanted.target : slot.source < wanted.source;
  });
  if (at == view.slots.end() || !(at->source == told.source) || at->target != told.target) return std::nullopt;
  return static_cast<size_t>(at - view.slots.begin());
}

std::string FlawOfSlot(const RestView& view, const std::vector<const LiveBlock*>& blocks, const ToldSlot& told) {
  if (told.unexplained) return "nobody can say why it is as it is";
  const std::optional<size_t> at = FindSlot(view, told);
  const LiveBlock* block = at.has_value() ? blocks[*at] : nullptr;
  if (view.IsFrozen(told.source.calendar) || view.IsFrozen(told.target)) {  // What is known there may be old, …
    // … but a block that is known is not there without being due; one that a person brought back may be unknown.
    const bool stays = told.not_due && block != nullptr && !block->revived;
    return stays ? "it is said not to be due, and its block stays" : "";
  }
  if (!at.has_value()) return told.shown ? "it is said to hold a block, and none is due" : "";
  const IdealSlot& slot = view.slots[*at];
  const bool filled = block != nullptr;
  if (told.shown && !filled) return "it is said to hold a block, and there is none";
  if (slot.duty != Duty::kRequired || view.breaker_open || view.sweep_held || view.cloned) return "";
  // A stray exception of a series whose block somebody deleted is told to be part of that (seed 27883).
  const bool excused = !filled && slot.event->IsOccurrence() && !ReasonForEmpty(view, *at).empty();
  if (told.not_due && !excused) return "it is said not to be due, and it is";
  if (told.frozen) return "it is said to be frozen, and both calendars can be read and written";
  if (told.waiting) return "all is at rest, and something is said to be still to do";
  if (!filled && !told.left && !excused) return "it is empty, and no reason is told";
  return "";
}

}  // namespace

std::string CheckFigures(const RestView& view, absl::Span<const ToldFigures> told, const FigureTruth& truth) {
  for (const ToldFigures& figures : told) {
    const CalendarFacts* const facts = view.group.Find(figures.calendar);
    if (facts == nullptr || !IsKnown(view, *facts)) continue;
    if (std::string flaw = FlawOfFigures(view, *facts, figures, truth); !flaw.empty()) return flaw;
  }
  return "";
}

std::string CheckSlotsTold(const RestView& view, absl::Span<const ToldSlot> told) {
  std::vector<const LiveBlock*> blocks(view.slots.size(), nullptr);
  for (const LiveBlock& block : view.blocks) {
    if (block.slot >= 0) blocks[static_cast<size_t>(block.slot)] = &block;
  }
  for (const ToldSlot& slot : told) {
    const std::string flaw = FlawOfSlot(view, blocks, slot);
    if (flaw.empty()) continue;
    return absl::StrCat("the slot of ", slot.source.event.text(), " of ", view.CalendarName(slot.source.calendar), " on ",
                        view.CalendarName(slot.target), ": ", flaw, " (told: ", slot.words, ")");
  }
  return "";
}

std::string CheckAlerts(const RestView& view, const ToldAlerts& told, absl::Span<const ToldFigures> figures) {
  if (told.breaker_open != view.breaker_open) return "the alert about the breaker is not what the breaker is";
  for (const int calendar : told.unreachable) {
    const CalendarFacts* const facts = view.group.Find(calendar);
    if (facts != nullptr && facts->readable) return absl::StrCat(facts->name, " can be read, and the alert says that it cannot");
  }
  for (const CalendarFacts& facts : view.group.calendars) {
    const bool told_so = std::find(told.unreachable.begin(), told.unreachable.end(), facts.calendar) != told.unreachable.end();
    if (facts.link == LinkState::kEnabled && !facts.answers && !told_so)
      return absl::StrCat(facts.name, " cannot be read, and no alert says so");
  }
  for (const int calendar : told.no_user_events) {
    for (const LiveOther& other : view.others) {
      if (other.calendar != calendar || other.nature != Nature::kUserEvent || HidesDetails(*other.event)) continue;
      if (other.row.kind != RecordKind::kUserEvent) continue;
      return absl::StrCat(view.CalendarName(calendar), " holds events, and the alert says that none is seen");
    }
  }
  if (told.sweep_held.empty() == view.sweep_held) return "the alert about a held sweep is not what is held";
  int64_t stuck = 0;
  for (const ToldFigures& calendar : figures) stuck += calendar.stuck_creating;
  if (told.stuck_creating && stuck <= 5) return absl::StrCat("blocks are said to be stuck, and ", stuck, " are being created");
  return "";
}

}  // namespace calsync::sim
