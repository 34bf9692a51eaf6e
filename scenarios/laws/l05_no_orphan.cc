#include "scenarios/laws/l05_no_orphan.h"

#include "absl/strings/str_cat.h"

namespace calsync::sim {
namespace {

bool AnyUnreadable(const RestView& view) {
  for (const CalendarFacts& facts : view.group.calendars) {
    if (facts.link == LinkState::kEnabled && !facts.readable) return true;
  }
  return false;
}

// Whether the group knows that a block of its own was moved, and may do something about it. What happened to source or database
// meanwhile may hide it: the block is a copy then, and is left alone.
bool MustHaveGone(const RestView& view, const LiveOther& other) {
  if (other.nature != Nature::kCopyOfBlock || !other.same_family || other.moved_from < 0) return false;
  if (view.cloned || view.amnesty >= other.moved_at || view.IsFrozen(other.calendar) || !other.event->organizer.self)
    return false;
  const CalendarFacts* home = view.group.Find(other.moved_from);
  if (home == nullptr || home->link != LinkState::kEnabled || !home->readable) return false;
  if (other.loss_is_respected) return true;
  // It was made anew. Of what is over nothing is due: it is not, and nobody asks where it went.
  return other.was_due_there && (!other.event->recurrence.empty() || LatestEnd(other.event->span()) > other.moved_at + kHeard);
}

// What a person split off a block that they edited stays with it, under policy `keep`, until it is restored or removed.
bool MayStayWithItsBlock(const RestView& view, const LiveBlock& fragment) {
  const absl::string_view id = fragment.event->id.text();
  const absl::string_view of = id.substr(0, id.find('_'));
  for (const LiveBlock& block : view.blocks) {
    if (block.target == fragment.target && block.event->id.text() == of) return block.row.hold == Hold::kKeptEdit;
  }
  return false;
}

}  // namespace

std::string CheckNoOrphan(const RestView& view) {
  if (view.breaker_open || view.sweep_held) return "";
  for (const LiveBlock& block : view.blocks) {
    if (view.IsFrozen(block.target)) continue;
    // What a person brings back or splits off, or a clone puts, on a calendar that is not listed any more, nobody can know.
    const CalendarFacts* lies_on = view.group.Find(block.target);
    const bool listed = lies_on != nullptr && lies_on->link == LinkState::kEnabled;
    if (!listed && (block.revived || ((view.cloned || block.fragment) && !block.row.known))) continue;
    if (block.fragment && block.row.seen_as == SeenAs::kFragment && MayStayWithItsBlock(view, block)) continue;
    // The database forgot that it was adopted, or a person brought back what was left behind: it waits for the operator's word.
    if (block.row.kind == RecordKind::kSeen && (block.row.seen_as == SeenAs::kTextMarked || (block.legacy && block.revived)))
      continue;
    if (!block.row.known) return absl::StrCat(view.Describe(block), " has no row");
    if (block.slot >= 0) {
      if (block.row.kind == RecordKind::kSeen) return absl::StrCat(view.Describe(block), " is surplus and still there");
      continue;
    }
    if (block.source.has_value()) {
      // The source's calendar cannot be read: its slots are frozen both ways.
      const CalendarFacts* home = view.group.Find(block.source->calendar);
      if (home != nullptr && home->link == LinkState::kEnabled && !home->readable) continue;
    } else if (AnyUnreadable(view)) {
      continue;  // Its source may lie where nobody can look.
    }
    return absl::StrCat(view.Describe(block), " has no source any more; its row is ", Name(block.row.status));
  }
  for (const LiveOther& other : view.others) {
    // What it may still be for, and what is in doubt, is still marked in the engine's eyes.
    const bool settled = other.row.known && other.row.kind == RecordKind::kSeen && other.row.seen_as != SeenAs::kTextMarked;
    if (!other.taken || other.revived || !settled || view.IsFrozen(other.calendar)) continue;
    return absl::StrCat(other.event->id.text(), " on ", view.CalendarName(other.calendar),
                        " is a block of the system before, as the operator said, and for nothing; it still lies there");
  }
  for (const LiveOther& other : view.others) {
    if (!MustHaveGone(view, other)) continue;
    return absl::StrCat("the block ", other.event->id.text(), ", which a person moved from ", view.CalendarName(other.moved_from),
                        " to ", view.CalendarName(other.calendar), ", still lies there");
  }
  return "";
}

}  // namespace calsync::sim
