#include "scenarios/laws/l08_bounded_writes.h"

#include "absl/strings/str_cat.h"

namespace calsync::sim {

uint64_t WriteBudget::allowed() const {
  constexpr uint64_t kSlack = 10;
  constexpr uint64_t kInFlight = 8;  // Calls that one engine has under way at a time, a calendar.
  return kSlack + foreign_writes * (2 * calendars + 2) + block_touches * 4 + exceptions_shaken * 2 * calendars + faults * 2 +
         restarts * kInFlight * calendars + narrowed_hours + commands * events * (2 * calendars + 2);
}

std::string CheckWrites(const WriteBudget& budget) {
  const uint64_t people = budget.foreign_writes - budget.mirror_writes;
  const uint64_t mirrored = 10 + 2 * people + budget.faults + 2 * budget.commands * people;
  if (budget.exact && budget.mirror_inserts > mirrored) {
    return absl::StrCat("a product that mirrors our blocks made ", budget.mirror_inserts, " events of ", people,
                        " changes of people: a loop");
  }
  if (budget.writes <= budget.allowed()) return "";
  return absl::StrCat(budget.writes, " writes, though ", budget.foreign_writes, " changes on ", budget.calendars, " calendars, ",
                      budget.block_touches, " touched blocks, ", budget.faults, " faults, ", budget.restarts, " restarts and ",
                      budget.commands, " commands explain no more than ", budget.allowed());
}

std::string CheckRows(uint64_t rows, uint64_t events) {
  constexpr uint64_t kSlack = 20;
  const uint64_t most = kSlack + 2 * events;  // A block may be planned and never made.
  if (rows <= most) return "";
  return absl::StrCat(rows, " rows are stored, though ", events, " events that ever were explain no more than ", most);
}

std::string CheckTags(const PatchCount& count, uint64_t restarts) {
  constexpr uint64_t kMost = 3;
  if (count.tags <= kMost + restarts) return "";
  return absl::StrCat("the tag of one event was written ", count.tags, " times; ", kMost, " would do");
}

std::string CheckRestores(const PatchCount& count, uint64_t explained, uint64_t restarts) {
  constexpr uint64_t kMost = 10;
  const uint64_t others = 1 + 2 * (explained - count.explained) + restarts;  // The first may be news.
  if (count.patches <= kMost + others) return "";
  return absl::StrCat("one block was written ", count.patches, " times in a day; ", kMost, " restores and ", others,
                      " changes would do");
}

}  // namespace calsync::sim
