// Real calendar exports as calendars of simulated people.

#ifndef CALSYNC_TOOLS_IMPORTS_H_
#define CALSYNC_TOOLS_IMPORTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/api/event.h"
#include "fakegoogle/ical/import.h"

namespace calsync::tools {

// One file, read, and what is to be expected of it.
struct ImportedFile {
  std::string path;
  std::string name;  // Of the calendar, one word: from the file's name.
  ical::ImportedCalendar calendar;
  uint64_t busy = 0;    // Events that make their owner busy: each gets a block on every other calendar.
  uint64_t shared = 0;  // Of those, copies of a meeting that lies on an earlier file's calendar too, at the same times.
};

struct Imports {
  std::vector<ImportedFile> files;
  absl::Time earliest = absl::InfiniteFuture();  // Of all events.
  absl::Time latest = absl::InfinitePast();      // The last end.

  // The events of each file, in the files' order.
  std::vector<std::vector<Event>> Events() const;
};

// Reads all files, in order. The first that cannot be read ends it, with a sentence that says why.
absl::StatusOr<Imports> ReadImports(const std::vector<std::string>& paths, const ical::ImportOptions& options = {});

// True if the event makes the calendar's owner busy, by the same words that the design uses.
bool MakesBusy(const Event& event);

// What to say about a file on a calendar that has so many others beside it: one line, and one for each reason of leaving out.
std::string DescribeImport(const ImportedFile& file, int other_calendars);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_IMPORTS_H_
