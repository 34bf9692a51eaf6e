#include "scenarios/laws/at_rest.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "scenarios/laws/occurrences.h"

namespace calsync::sim {
namespace {

RowWords WordsOf(const Record& record) {
  return {.known = true,
          .kind = record.kind,
          .status = record.status,
          .seen_as = record.seen_as,
          .hold = record.hold,
          .fights = record.fights,
          .doomed = record.IsDoomed(),
          .id = record.id};
}

// Index into the view's slots, or -1.
int SlotOf(const RestView& view, const Spot& source, int target) {
  const auto at = std::lower_bound(view.slots.begin(), view.slots.end(), std::make_pair(source, target),
                                   [](const IdealSlot& slot, const std::pair<Spot, int>& wanted) {
                                     if (!(slot.source == wanted.first)) return slot.source < wanted.first;
                                     return slot.target < wanted.second;
                                   });
  return at != view.slots.end() && at->source == source && at->target == target ? static_cast<int>(at - view.slots.begin()) : -1;
}

void LookAtOccurrences(const fake::Server& server, const Records& records, const RestView& view, const CalendarFacts& facts,
                       LiveBlock& block) {
  if (block.slot < 0) return;
  const Ahead ahead =
      AheadOf(view.group, view.group.PolicyOf(view.slots[static_cast<size_t>(block.slot)].source.calendar, facts.calendar));
  const bool blocks = Blocks(*block.event);
  for (const TrueOccurrence& occurrence : LiveOccurrences(server, facts.google_id, *block.event, ahead.until + absl::Hours(48))) {
    if (!ahead.Has(occurrence.span)) continue;
    if (occurrence.shown == block.event.get() ? !blocks : !Blocks(*occurrence.shown)) continue;
    block.times.push_back({occurrence.original, occurrence.span, occurrence.shown});
  }
  for (const RowIndex row : records.WithMaster(facts.key, block.event->id.text())) {
    if (records[row].IsBlock()) block.occurrences.emplace_back(records[row].original_start(), WordsOf(records[row]));
  }
}

// Where something that is marked as a block of the system before waits for the operator, at just these times, nothing is due.
void HoldForMarks(const fake::Server& server, const Ghost& ghost, const Records& records, RestView& view) {
  std::set<std::tuple<int, int64_t, int64_t, bool>> held;
  for (const CalendarFacts& facts : view.group.calendars) {
    server.ForEachLive(facts.google_id, [&](const EventPtr& event) {
      const GhostEvent* truth = ghost.Find(facts.calendar, event->id);
      const std::optional<RowIndex> row = records.FindAt(facts.key, event->id.text());
      if (truth == nullptr || !(truth->was_marked || truth->legacy) || !row.has_value() || !records[*row].IsLiveMark()) return;
      const TimeSpan span = event->span();
      held.emplace(facts.calendar, span.start, span.end, span.all_day);
    });
  }
  if (held.empty()) return;
  for (IdealSlot& slot : view.slots) {
    const TimeSpan span = slot.event->span();
    if (slot.duty == Duty::kRequired && held.contains({slot.target, span.start, span.end, span.all_day}))
      slot.duty = Duty::kAllowed;
  }
}

}  // namespace

std::string RestView::CalendarName(int calendar) const {
  const CalendarFacts* facts = group.Find(calendar);
  return facts == nullptr ? absl::StrCat("calendar ", calendar) : facts->name;
}

std::string RestView::Describe(const IdealSlot& slot) const {
  return absl::StrCat("the block on ", CalendarName(slot.target), " for ", slot.source.event.text(), " of ",
                      CalendarName(slot.source.calendar), " at ", FormatSpan(slot.event->span()));
}

std::string RestView::Describe(const LiveBlock& block) const {
  return absl::StrCat("block ", block.event->id.text(), " on ", CalendarName(block.target), " at ",
                      FormatSpan(block.event->span()));
}

bool RestView::IsFrozen(int calendar) const {
  const CalendarFacts* facts = group.Find(calendar);
  return facts == nullptr || !facts->readable || !facts->writable;
}

RestView LookAtRest(const fake::Server& server, const Ghost& ghost, const EngineRows& rows, GroupFacts group, absl::Time now,
                    absl::Time last_rest, absl::Time amnesty) {
  RestView view{.group = std::move(group), .now = now, .last_rest = last_rest, .amnesty = amnesty};
  const Records& records = rows.records;
  view.breaker_open = rows.group.breaker_open;
  for (const CalendarRow* row : rows.calendars) view.sweep_held = view.sweep_held || row->sweep_held;
  view.slots = Ideal(server, ghost, view.group);

  HoldForMarks(server, ghost, records, view);

  const auto place_of = [&](const CorrelationId& id) -> std::optional<Spot> {
    if (id.empty()) return std::nullopt;
    const std::optional<RowIndex> row = records.FindById(id);
    if (!row.has_value()) return std::nullopt;
    for (const CalendarFacts& facts : view.group.calendars) {
      if (facts.key != records[*row].calendar) continue;
      // A baseline's second row for one event; ours have no ids but for events and blocks.
      const bool second = records[*row].kind == RecordKind::kSeen;
      return Spot{facts.calendar, EventId(second ? records[*row].master : records[*row].event)};
    }
    return std::nullopt;
  };

  for (const IdealSlot& slot : view.slots) {
    RowWords words;
    const CalendarKey home = view.group.Find(slot.source.calendar)->key;
    if (const std::optional<RowIndex> source = records.FindAt(home, slot.source.event.text())) {
      const CalendarKey target = view.group.Find(slot.target)->key;
      if (!records[*source].id.empty()) {
        if (const std::optional<RowIndex> block = records.FindBlock(records[*source].id, target))
          words = WordsOf(records[*block]);
      }
    }
    view.slot_rows.push_back(words);
    view.slot_truth.push_back(ghost.FindSlot(SlotKey{view.group.family, slot.source, slot.target}));
  }

  for (const CalendarFacts& facts : view.group.calendars) {
    server.ForEachLive(facts.google_id, [&](const EventPtr& event) {
      const GhostEvent* truth = ghost.Find(facts.calendar, event->id);
      const Nature nature = truth == nullptr ? Nature::kUserEvent : truth->nature;
      const std::optional<RowIndex> row = records.FindAt(facts.key, event->id.text());
      if (truth != nullptr && nature == Nature::kBlock && truth->family == view.group.family) {
        if (event->IsOccurrence()) return;  // Seen with its block.
        LiveBlock block{.target = facts.calendar,
                        .event = event,
                        .revived = truth->revived,
                        .legacy = truth->legacy,
                        .fragment = truth->fragment};
        if (row.has_value()) {
          block.row = WordsOf(records[*row]);
          block.source = place_of(records[*row].source);
        }
        if (block.source.has_value()) block.slot = SlotOf(view, *block.source, facts.calendar);
        if (event->IsSeriesMaster()) LookAtOccurrences(server, records, view, facts, block);
        view.blocks.push_back(std::move(block));
        return;
      }
      if (facts.link != LinkState::kEnabled || !facts.readable) return;
      LiveOther other{.calendar = facts.calendar, .event = event, .nature = nature};
      other.same_family = truth != nullptr && truth->family == view.group.family;
      other.taken = truth != nullptr && truth->nature == Nature::kLegacyBlock && truth->taken_by == view.group.family;
      other.revived = truth != nullptr && truth->revived;
      if (truth != nullptr && truth->moved_from >= 0) {
        other.moved_from = truth->moved_from;
        other.moved_at = truth->moved_at;
        const GhostEvent* source = ghost.Find(truth->source);
        const int slot = SlotOf(view, truth->source, truth->moved_from);
        // Of a series of which all is over nothing is due, either (seed 1462 with three workers).
        const bool over = slot >= 0 && view.slots[slot].event->IsSeriesMaster() && view.slots[slot].times.empty();
        other.was_due_there = source != nullptr && source->mirrored_at + kHeard < truth->moved_at && slot >= 0 && !over;
        if (const CalendarFacts* home = view.group.Find(truth->moved_from)) {
          if (truth->moved_at <= home->reviewed) other.was_due_there = false;  // Imports of three real calendars, seed 7.
          const std::optional<RowIndex> left = records.FindAt(home->key, event->id.text());
          other.loss_is_respected =
              left.has_value() && records[*left].IsBlock() && records[*left].hold == Hold::kRespectedDeletion;
        }
      }
      if (row.has_value()) {
        other.row = WordsOf(records[*row]);
        other.blocking = records[*row].blocking;
      }
      if (rows.trail != nullptr) {
        const Place place{facts.key, event->id};
        other.skip_on_record = rows.trail->SaysSkipped(place);
        other.told_skip = rows.trail->LeftOut(place);
      }
      view.others.push_back(std::move(other));
    });
  }
  return view;
}

bool WasFoughtOver(const GhostSlot* truth, absl::Time when) {
  constexpr int kLeast = 2;  // So many touches within two days may already be called a fight.
  if (truth == nullptr) return false;
  int recent = 0;
  for (const absl::Time touched : truth->touches) {
    if (touched <= when && when - touched <= absl::Hours(48)) ++recent;
  }
  return recent >= kLeast;
}

bool IsFight(const RestView& view, const GhostSlot* truth, const RowWords& row) {
  return row.fights > 0 && WasFoughtOver(truth, view.now);
}

}  // namespace calsync::sim
