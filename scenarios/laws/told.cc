#include "scenarios/laws/told.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
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

// True if somebody else makes the target busy at exactly the event's times.
bool IsBusyThere(const RestView& view, const ToldSlot& told) {
  const TimeSpan span = told.event->span();
  return std::any_of(view.others.begin(), view.others.end(),
                     [&](const LiveOther& other) { return other.calendar == told.target && other.event->span() == span; }) ||
         std::any_of(view.blocks.begin(), view.blocks.end(),
                     [&](const LiveBlock& block) { return block.target == told.target && block.event->span() == span; });
}

// Another copy of the event's meeting lies on an enabled calendar, or may do so where nobody can look.
bool HasTwin(const RestView& view, const ToldSlot& told) {
  for (const CalendarFacts& facts : view.group.calendars) {
    if (facts.link == LinkState::kEnabled && !facts.readable) return true;
  }
  return std::any_of(view.others.begin(), view.others.end(), [&](const LiveOther& other) {
    return other.calendar != told.source.calendar && other.event->ical_uid == told.event->ical_uid;
  });
}

// A horizon moves with time, and an engine looks at it from time to time.
bool IsBeyondHorizon(const RestView& view, const DirectionPolicy& policy, const Event& event) {
  constexpr absl::Duration kLooked = absl::Hours(25);
  if (event.IsSeriesMaster()) return true;  // Its occurrences decide.
  const TimeSpan span = event.span();
  return LatestEnd(span) <= view.group.now - policy.horizon_back ||
         EarliestStart(span) > view.group.now + policy.horizon_ahead - kLooked;
}

// What is said to speak against a block does, by the policy, by the event and by what else there is.
std::string FlawOfReason(const RestView& view, const ToldSlot& told) {
  const CalendarFacts& home = *view.group.Find(told.source.calendar);
  const CalendarFacts& target = *view.group.Find(told.target);
  const bool enabled = home.link == LinkState::kEnabled && target.link == LinkState::kEnabled;
  if ((told.why == WhyNot::kCalendarDisabled) == enabled)
    return enabled ? "one of its calendars is said to be disabled, and none is"
                   : "one of its calendars is disabled, and that is not said";
  if (!enabled) return "";
  const DirectionPolicy& policy = view.group.PolicyOf(home.calendar, target.calendar);
  if ((told.why == WhyNot::kNotMirrored) == policy.mirrors)
    return policy.mirrors ? "its direction is said to mirror nothing, and it does"
                          : "its direction mirrors nothing, and that is not said";
  if (told.event == nullptr || view.IsFrozen(home.calendar) || view.IsFrozen(target.calendar) || view.cloned) return "";
  switch (told.why) {
    case WhyNot::kNotBlocking:
      return Blocks(*told.event) ? "its event is said not to block, and it does" : "";
    case WhyNot::kSkipped: {
      const std::string truth = SkippedBy(policy, *told.event, home.zone);
      return truth.empty() || !absl::StartsWith(told.reason, truth) ? absl::StrCat("by the policy that is '", truth, "'") : "";
    }
    case WhyNot::kTwin:
      return HasTwin(view, told) ? "" : "there is no other copy of the meeting";
    case WhyNot::kHorizon:
      return IsBeyondHorizon(view, policy, *told.event) ? "" : "it lies within the horizon";
    case WhyNot::kAlreadyBusy:
      return policy.already_busy == AlreadyBusy::kExact && IsBusyThere(view, told) ? "" : "nobody is shown busy at its times";
    case WhyNot::kPartOfSeries:
      return told.event->IsOccurrence() ? "" : "its event is no part of a series";
    case WhyNot::kOther:
    case WhyNot::kCalendarDisabled:
    case WhyNot::kNotMirrored:
      return "";
  }
  return "";
}

std::string FlawOfSlot(const RestView& view, const std::vector<const LiveBlock*>& blocks, const ToldSlot& told) {
  if (told.unexplained) return "nobody can say why it is as it is";
  if (told.not_due || told.stays) {
    if (std::string flaw = FlawOfReason(view, told); !flaw.empty()) return flaw;
  }
  const std::optional<size_t> at = FindSlot(view, told);
  const LiveBlock* block = at.has_value() ? blocks[*at] : nullptr;
  if (view.IsFrozen(told.source.calendar) || view.IsFrozen(told.target)) {  // What is known there may be old, …
    // … but a block that is known is not there without being due; one that a person brought back may be unknown.
    const bool stays = told.not_due && block != nullptr && !block->revived;
    return stays ? "it is said not to be due, and its block stays" : "";
  }
  if (!at.has_value()) {  // While the operator is asked what is gone, its block stays.
    return told.shown && !view.sweep_held ? "it is said to hold a block, and none is due" : "";
  }
  const IdealSlot& slot = view.slots[*at];
  const bool filled = block != nullptr;
  if ((told.shown || told.stays) && !filled) return "it is said to hold a block, and there is none";
  if (told.shown && slot.duty != Duty::kFrozen && !view.cloned) {
    if (std::string flaw = FlawOf(slot, *block->event); !flaw.empty())
      return absl::StrCat("it is said to show its event, and ", flaw);
  }
  if (slot.duty != Duty::kRequired || view.breaker_open || view.sweep_held || view.cloned) return "";
  // A stray exception of a series whose block somebody deleted is told to be part of that (seed 27883).
  const bool excused = !filled && slot.event->IsOccurrence() && !ReasonForEmpty(view, *at).empty();
  if (told.not_due && !excused) return "it is said not to be due, and it is";
  // What covered it went lately, and a new one would wait for another to come.
  if (told.stays && told.reason != "already busy until lately")
    return "its block is said to stay though none would be made, and one is due";
  if (told.frozen) return "it is said to be frozen, and both calendars can be read and written";
  if (told.waiting) return "all is at rest, and something is said to be still to do";
  if (!filled && !told.left && !excused) return "it is empty, and no reason is told";
  return "";
}

// Nothing has gone wrong for so long that the group must be well again, if it can be.
std::string CheckWell(const RestView& view, const ToldAlerts& told) {
  if (!told.silent.empty())
    return absl::StrCat(view.CalendarName(told.silent.front()), " is said to be silent, and nothing is wrong");
  if (!told.writes_rest.empty())
    return absl::StrCat("writes to ", view.CalendarName(told.writes_rest.front()), " are said to rest, and nothing is wrong");
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

std::string CheckRowsTold(const RestView& view, absl::Span<const ToldRow> told) {
  const auto find = [&](int calendar, const EventId& event) -> const ToldRow* {
    const auto at =
        std::lower_bound(told.begin(), told.end(), std::tie(calendar, event),
                         [](const ToldRow& row, const auto& wanted) { return std::tie(row.calendar, row.event) < wanted; });
    return at == told.end() || at->calendar != calendar || at->event != event ? nullptr : &*at;
  };
  const auto flaw_of = [&](const ToldRow& row, absl::string_view flaw) {
    return absl::StrCat(row.event.text(), " on ", view.CalendarName(row.calendar), " ", flaw, " (told: ", row.words, ")");
  };
  if (view.cloned || view.sweep_held) return "";
  for (const LiveOther& other : view.others) {
    const ToldRow* row = find(other.calendar, other.event->id);
    if (row == nullptr || view.IsFrozen(other.calendar)) continue;  // L12 says where there must be one.
    const bool waits = view.group.parked.contains({other.calendar, other.event->id});
    const bool persons = other.nature == Nature::kUserEvent && !waits;
    if (absl::StartsWith(row->words, "an event of a person") != persons) {
      return flaw_of(*row, persons ? "is an event of a person, and that is not said" : "is no event of a person that counts");
    }
    if (!persons) continue;
    if (absl::StrContains(row->words, "gone")) return flaw_of(*row, "is there");
    if (absl::StrContains(row->words, "does not block") == Blocks(*other.event)) return flaw_of(*row, "does the opposite");
    if (absl::StrContains(row->words, ", a series") != other.event->IsSeriesMaster() ||
        absl::StrContains(row->words, ", one of a series") != other.event->IsOccurrence()) {
      return flaw_of(*row, "is a series, or one of one, or neither");
    }
  }
  for (const LiveBlock& block : view.blocks) {
    const ToldRow* row = find(block.target, block.event->id);
    if (row == nullptr || block.row.kind != RecordKind::kBlock || block.row.status != RecordStatus::kCreated) continue;
    if (!absl::StartsWith(row->words, "a block of ours, created")) return flaw_of(*row, "is a block that is there");
  }
  return "";
}

std::string CheckAlerts(const RestView& view, const ToldAlerts& told, absl::Span<const ToldFigures> figures,
                        absl::Duration calm_for) {
  if (told.breaker_open != view.breaker_open) return "the alert about the breaker is not what the breaker is";
  const bool well = std::none_of(view.group.calendars.begin(), view.group.calendars.end(),
                                 [&](const CalendarFacts& facts) { return view.IsFrozen(facts.calendar); });
  if (well && calm_for > absl::Hours(2)) {
    if (std::string flaw = CheckWell(view, told); !flaw.empty()) return flaw;
  }
  for (const int calendar : told.unreachable) {
    const CalendarFacts* const facts = view.group.Find(calendar);
    if (facts != nullptr && facts->readable) return absl::StrCat(facts->name, " can be read, and the alert says that it cannot");
  }
  for (const CalendarFacts& facts : view.group.calendars) {
    const auto is_told = [&](const std::vector<int>& of) { return std::find(of.begin(), of.end(), facts.calendar) != of.end(); };
    const bool told_so = is_told(told.unreachable) || is_told(told.grant_lost);
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
