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

}  // namespace

std::string CheckNoOrphan(const RestView& view) {
  if (view.breaker_open || view.sweep_held) return "";
  for (const LiveBlock& block : view.blocks) {
    if (view.IsFrozen(block.target)) continue;
    // What a person brings back or splits off, or a clone puts, on a calendar that is not listed any more, nobody can know.
    const CalendarFacts* lies_on = view.group.Find(block.target);
    const bool listed = lies_on != nullptr && lies_on->link == LinkState::kEnabled;
    if (!listed && (block.revived || ((view.cloned || block.fragment) && !block.row.known))) continue;
    // What a person split off a block that they edited stays with it, under policy `keep`.
    if (block.fragment && block.row.seen_as == SeenAs::kFragment) continue;
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
  return "";
}

}  // namespace calsync::sim
