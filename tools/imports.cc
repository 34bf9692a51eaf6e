#include "tools/imports.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/status_macros.h"
#include "tools/files.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

// "../Work 2026.ics" names the calendar "work2026"; two files of one name are told apart by their number.
std::string CalendarName(const std::string& path, size_t number) {
  std::string name;
  for (char c : std::filesystem::path(path).stem().string()) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) name += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return absl::StrCat(name.empty() ? "calendar" : name, number == 0 ? "" : absl::StrCat("-", number + 1));
}

}  // namespace

bool MakesBusy(const Event& event) {
  return !event.IsCancelled() && event.transparency == Transparency::kOpaque &&
         event.own_response() != ResponseStatus::kDeclined && event.type != EventType::kWorkingLocation &&
         event.type != EventType::kBirthday && event.span().IsValid();
}

std::vector<std::vector<Event>> Imports::Events() const {
  std::vector<std::vector<Event>> events;
  for (const ImportedFile& file : files) events.push_back(file.calendar.events);
  return events;
}

absl::StatusOr<Imports> ReadImports(const std::vector<std::string>& paths, const ical::ImportOptions& options) {
  Imports imports;
  std::set<std::pair<std::string, std::string>> meetings;  // UID and times.
  for (const std::string& path : paths) {
    ImportedFile file;
    file.path = path;
    file.name = CalendarName(path, imports.files.size());
    std::string text;
    if (const int error = ReadFile(path, text); error != 0) {
      return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", std::strerror(error)));
    }
    ASSIGN_OR_RETURN(file.calendar, ical::ReadCalendar(text, path, options));
    std::set<std::pair<std::string, std::string>> here;
    std::set<std::string> series;
    for (const Event& event : file.calendar.events) {
      if (event.IsSeriesMaster()) series.insert(event.id.str());
    }
    for (const Event& event : file.calendar.events) {
      imports.earliest = std::min(imports.earliest, EarliestStart(event.span()));
      imports.latest = std::max(imports.latest, LatestEnd(event.span()));
      if (!MakesBusy(event)) continue;
      if (event.IsOccurrence() && series.contains(event.recurring_event_id.str())) continue;  // Its series' block shows it.
      ++file.busy;
      const std::pair<std::string, std::string> meeting{event.ical_uid.str(), FormatSpan(event.span())};
      if (event.ical_uid.empty()) continue;
      if (meetings.contains(meeting)) ++file.shared;
      here.insert(meeting);
    }
    meetings.merge(here);
    imports.files.push_back(std::move(file));
  }
  return imports;
}

std::string DescribeImport(const ImportedFile& file, int other_calendars) {
  const ical::ImportReport& report = file.calendar.report;
  std::string text =
      absl::StrFormat("%s: %s VEVENTs read, %s taken, %s left out\n", file.path, Thousands(static_cast<uint64_t>(report.read)),
                      Thousands(static_cast<uint64_t>(report.taken)), Thousands(static_cast<uint64_t>(report.AllLeftOut())));
  for (size_t i = 0; i < ical::kLeftOutKinds; ++i) {
    if (report.left_out[i] == 0) continue;
    absl::StrAppend(&text, "  left out: ", report.left_out[i], ", ", ical::Name(static_cast<ical::LeftOut>(i)), "\n");
  }
  if (file.calendar.keeps_series) {
    absl::StrAppend(&text, "  ", Thousands(static_cast<uint64_t>(report.events)), " events made, ", report.series,
                    report.series == 1 ? " of them a series, " : " of them series, ", report.exceptions,
                    report.exceptions == 1 ? " a changed or cancelled occurrence" : " changed or cancelled occurrences");
  } else {
    absl::StrAppend(&text, "  ", Thousands(static_cast<uint64_t>(report.events)), " single events made");
  }
  if (report.series > 0 && !file.calendar.keeps_series) {
    absl::StrAppend(&text, ", the occurrences of ", report.series, report.series == 1 ? " series" : " series each taken singly");
    if (report.capped_series > 0) {
      absl::StrAppend(&text, " (", report.capped_series, " of them cut after ", ical::ImportOptions().occurrences_max, ")");
    }
  }
  absl::StrAppend(&text, "\n");
  if (file.busy == 0) {
    absl::StrAppend(&text, report.events == 0 ? "  blocks expected: none, for there is no event in it\n"
                                              : "  blocks expected: none, for every event in it is free\n");
    return text;
  }
  absl::StrAppend(&text, "  blocks expected: ", Thousands(file.busy * static_cast<uint64_t>(other_calendars)), " (",
                  Thousands(file.busy), file.busy == 1 ? " event that makes" : " events that make", " busy, on ", other_calendars,
                  other_calendars == 1 ? " other calendar" : " other calendars", ")");
  if (file.shared > 0) {
    absl::StrAppend(&text, ", less those for ", Thousands(file.shared), " that another file has too");
  }
  absl::StrAppend(&text, "; a seed's policy may leave some out\n");
  return text;
}

}  // namespace calsync::tools
