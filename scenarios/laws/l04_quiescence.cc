#include "scenarios/laws/l04_quiescence.h"

#include "absl/strings/str_cat.h"

namespace calsync::sim {

std::string CheckQuiet(const QuietTime& quiet) {
  if (quiet.event_writes > quiet.writes_allowed) {
    return absl::StrCat(quiet.event_writes, " writes in ", absl::FormatDuration(quiet.length),
                        " in which nothing happened; the last: ", quiet.last_write);
  }
  if (quiet.lists > quiet.lists_allowed) {
    return absl::StrCat(quiet.lists, " listings in ", absl::FormatDuration(quiet.length), " in which nothing happened; ",
                        quiet.lists_allowed, " would do");
  }
  return "";
}

uint64_t ListsAllowed(const QuietCalendar& calendar) {
  constexpr uint64_t kSpare = 4;                 // A poll at both ends of the time, what is still looked for when it begins.
  constexpr uint64_t kEachIsTold = 2 * (1 + 3);  // By two channels; what is not seen then is looked for three times more (S-7).
  uint64_t calls = 2 + calendar.rows / calendar.page_size;  // The token may be dead: then the calendar is walked.
  if (calendar.empty_pages) calls *= 2;
  if (calendar.has_quota) calls *= 2;
  return calendar.retries + (kSpare + calendar.polls + kEachIsTold * calendar.changes + calendar.watches) * calls;
}

std::string CheckSettled(const Settling& settling) {
  if (settling.settled) return "";
  return absl::StrCat("not at rest after ", absl::FormatDuration(settling.took),
                      " (bound: ", absl::FormatDuration(settling.bound), "); it waits for: ", settling.waits_for);
}

std::string CheckFresh(absl::Duration took) {
  // Blocks take seconds; tags half a minute; what cannot be found is looked for a while.
  constexpr absl::Duration kBound = absl::Minutes(30);
  if (took <= kBound) return "";
  return absl::StrCat("one change of which the engines were told kept them busy for ", absl::FormatDuration(took), "; ",
                      absl::FormatDuration(kBound), " would do");
}

}  // namespace calsync::sim
