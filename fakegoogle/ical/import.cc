#include "fakegoogle/ical/import.h"

#include <libical/ical.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "engine/base/base32hex.h"
#include "engine/base/status_macros.h"
#include "fakegoogle/ical/expand.h"
#include "fakegoogle/ical/schedule.h"
#include "fakegoogle/ical/vevent.h"
#include "fakegoogle/ical/zone_names.h"

namespace calsync::ical {
namespace {

struct FreeComponent {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using ComponentPtr = std::unique_ptr<icalcomponent, FreeComponent>;

// Whether the text is whole: BEGIN and END balance, and VEVENTs lie directly in a VCALENDAR. libical would silently repair it.
absl::Status CheckFrame(absl::string_view text, absl::string_view name) {
  std::vector<std::pair<std::string, int>> open;
  bool any = false;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (number == 1) absl::ConsumePrefix(&line, "\xEF\xBB\xBF");
    line = absl::StripTrailingAsciiWhitespace(line);
    if (line.empty()) continue;
    if (!any && !absl::EqualsIgnoreCase(line, "BEGIN:VCALENDAR")) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is not an iCalendar file: it does not start with BEGIN:VCALENDAR"));
    }
    any = true;
    if (absl::StartsWithIgnoreCase(line, "BEGIN:")) {
      const std::string kind = absl::AsciiStrToUpper(line.substr(6));
      const bool inside_calendar = !open.empty() && open.back().first == "VCALENDAR";
      if ((kind == "VCALENDAR") != open.empty() || (kind == "VEVENT" && !inside_calendar)) {
        return absl::InvalidArgumentError(absl::StrCat(name, " is broken: line ", number, " begins a ", kind,
                                                       open.empty() ? " outside of every VCALENDAR" : " inside a ",
                                                       open.empty() ? "" : open.back().first));
      }
      open.emplace_back(kind, number);
    } else if (absl::StartsWithIgnoreCase(line, "END:")) {
      const std::string kind = absl::AsciiStrToUpper(line.substr(4));
      if (open.empty() || open.back().first != kind) {
        return absl::InvalidArgumentError(absl::StrCat(name, " is broken: line ", number, " ends a ", kind, " that is not open"));
      }
      open.pop_back();
    }
  }
  if (!any) return absl::InvalidArgumentError(absl::StrCat(name, " is not an iCalendar file: it is empty"));
  if (!open.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is broken off: the ", open.back().first, " that begins at line ",
                                                   open.back().second, " has no end"));
  }
  return absl::OkStatus();
}

class Importer {
 public:
  Importer(icalcomponent* calendar, const ImportOptions& options) : calendar_(calendar), options_(options), reader_(calendar) {
    result_.keeps_series = options.keep_series;
    result_.name = ExtraValue(calendar, "X-WR-CALNAME");
    result_.time_zone = reader_.time_zone();
  }

  ImportedCalendar Run() {
    for (icalcomponent* component = icalcomponent_get_first_component(calendar_, ICAL_VEVENT_COMPONENT); component != nullptr;
         component = icalcomponent_get_next_component(calendar_, ICAL_VEVENT_COMPONENT)) {
      entries_.push_back(reader_.Read(component));
    }
    DropDuplicates();
    // Families of one UID, in the order in which they first come. Without a UID each is alone.
    std::map<std::string, size_t> family_of;
    std::vector<std::vector<Entry*>> families;
    for (Entry& entry : entries_) {
      const std::string& uid = entry.event.ical_uid.str();
      const auto [found, added] = family_of.try_emplace(uid, families.size());
      if (added || uid.empty()) families.emplace_back();
      families[added || uid.empty() ? families.size() - 1 : found->second].push_back(&entry);
    }
    for (const std::vector<Entry*>& family : families) TakeFamily(family);
    for (const Entry& entry : entries_) Count(entry);
    std::stable_sort(result_.events.begin(), result_.events.end(), [](const Event& a, const Event& b) {
      return std::pair(a.IsOccurrence(), EarliestStart(a.span())) < std::pair(b.IsOccurrence(), EarliestStart(b.span()));
    });
    result_.report.events = static_cast<int>(result_.events.size());
    return std::move(result_);
  }

 private:
  // Of entries with one UID and one occurrence, the highest SEQUENCE stays, then the first.
  void DropDuplicates() {
    std::map<std::tuple<std::string, bool, absl::Time>, Entry*> kept;
    for (Entry& entry : entries_) {
      if (entry.left_out.has_value() || entry.event.ical_uid.empty()) continue;
      absl::Time occurrence = absl::InfinitePast();
      if (entry.occurrence.has_value()) {
        const std::optional<absl::Time> instant = reader_.InstantOf(*entry.occurrence);
        if (!instant.has_value()) {
          entry.left_out = LeftOut::kUnknownZone;
          continue;
        }
        occurrence = *instant;
      }
      const auto [found, added] =
          kept.try_emplace({entry.event.ical_uid.str(), entry.occurrence.has_value(), occurrence}, &entry);
      if (added) continue;
      Entry* best = found->second;
      if (entry.sequence > best->sequence) std::swap(*best, entry);
      entry.left_out = LeftOut::kDuplicate;
    }
  }

  void TakeFamily(const std::vector<Entry*>& family) {
    Entry* master = nullptr;
    std::vector<Entry*> changed;
    for (Entry* entry : family) {
      if (entry->left_out.has_value()) continue;
      if (entry->from_here_on) {
        entry->left_out = LeftOut::kFromHereOn;
      } else if (entry->occurrence.has_value()) {
        changed.push_back(entry);
      } else {
        master = entry;
      }
    }
    if (options_.keep_series && (!changed.empty() || (master != nullptr && !master->lines.empty()))) {
      KeepSeries(master, changed);
      return;
    }
    if (master != nullptr && !master->lines.empty()) {
      TakeSeries(*master, changed);
      return;
    }
    if (master != nullptr) TakeSingle(*master, master->event.ical_uid);
    for (Entry* entry : changed) TakeAlone(*entry);
  }

  // The series as it is; its changed and cancelled occurrences as exceptions of it. `master` may be null, or no series (any
  // more).
  void KeepSeries(Entry* master, const std::vector<Entry*>& changed) {
    std::optional<Event> series;
    if (master != nullptr && master->lines.empty()) {
      TakeSingle(*master, master->event.ical_uid);
    } else if (master != nullptr) {
      series = SeriesOf(*master);
    }
    if (series.has_value()) {
      result_.events.push_back(*series);
      ++result_.report.series;
    }
    for (Entry* entry : changed) {
      if (entry->event.ical_uid.empty() || (entry->cancelled && !series.has_value())) {
        TakeAlone(*entry);
        continue;
      }
      Event exception = EventOf(*entry);
      exception.ical_uid = entry->event.ical_uid;
      exception.recurring_event_id = IdOfUid(entry->event.ical_uid);
      const absl::Time original =
          series.has_value() ? OriginalOf(*entry, *master) : reader_.InstantOf(*entry->occurrence).value_or(absl::UnixEpoch());
      const bool is_date = series.has_value() ? master->start.is_date : entry->occurrence->is_date;
      exception.original_start = is_date ? EventTime::Date(absl::ToCivilDay(original, absl::UTCTimeZone()))
                                         : EventTime::At(original, series.has_value() ? series->start.time_zone : "UTC");
      exception.id = EventId(absl::StrCat(exception.recurring_event_id.text(), Stamp(original, is_date)));
      if (entry->cancelled) exception.status = EventStatus::kCancelled;
      result_.events.push_back(std::move(exception));
      ++result_.report.exceptions;
    }
  }

  // The series with a zone and lines that Google takes; nothing, and the reason in the entry, if there are none.
  std::optional<Event> SeriesOf(Entry& master) const {
    Event series = EventOf(master);
    if (!series.ical_uid.empty()) series.id = IdOfUid(series.ical_uid);
    if (!master.start.is_date) {
      const std::optional<std::string> zone = KnownZone(master.start.zone, series.start.instant);
      if (!zone.has_value()) {
        master.left_out = LeftOut::kUnknownZone;
        return std::nullopt;
      }
      series.start.time_zone = series.end.time_zone = *zone;
    }
    for (const std::string& line : master.lines) {
      const std::optional<std::string> readable = WithKnownZone(line, series.start.instant);
      if (!readable.has_value()) {
        master.left_out = LeftOut::kUnknownZone;
        return std::nullopt;
      }
      series.recurrence.push_back(*readable);
    }
    if (const absl::Status lines = CheckLines(series); !lines.ok()) {
      master.left_out = absl::IsNotFound(lines) ? LeftOut::kUnknownZone : LeftOut::kUnreadable;
      return std::nullopt;
    }
    if (!Schedule(series).First().has_value()) {
      master.left_out = LeftOut::kNothingLeft;
      return std::nullopt;
    }
    return series;
  }

  // "EXDATE;TZID=W. Europe Standard Time:…" with a name that Google knows.
  std::optional<std::string> WithKnownZone(const std::string& line, absl::Time around) const {
    constexpr absl::string_view kParameter = ";TZID=";
    const size_t at = absl::string_view(line).find(kParameter);
    const size_t colon = line.find(':');
    if (at == std::string::npos || at > colon) return line;
    const size_t begin = at + kParameter.size();
    const size_t end = std::min(line.find(';', begin), colon);
    const std::optional<std::string> zone = KnownZone(line.substr(begin, end - begin), around);
    if (!zone.has_value()) return std::nullopt;
    return absl::StrCat(line.substr(0, begin), *zone, line.substr(end));
  }

  // The zone of the machine that the file means by this name.
  std::optional<std::string> KnownZone(const std::string& name, absl::Time around) const {
    if (MachineZone(name).has_value()) return name;
    if (const absl::string_view ours = ZoneOfWindows(name); !ours.empty()) return std::string(ours);
    for (size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
      if (const std::string rest = name.substr(slash + 1); absl::StrContains(rest, '/') && MachineZone(rest).has_value()) {
        return rest;
      }
    }
    icaltimezone* rules = icalcomponent_get_timezone(calendar_, name.c_str());
    if (rules == nullptr) return std::nullopt;
    const char* claimed = icaltimezone_get_location(rules);
    if (claimed != nullptr && *claimed != '\0' && MachineZone(claimed).has_value()) return claimed;
    for (const absl::string_view candidate : CommonZones()) {
      if (AgreesWith(name, candidate, around)) return std::string(candidate);
    }
    return std::nullopt;
  }

  // Whether the two show the same hour on each fifth day, from a year before to two years after.
  bool AgreesWith(const std::string& name, absl::string_view candidate, absl::Time around) const {
    const absl::CivilSecond noon = absl::CivilSecond(absl::CivilDay(absl::ToCivilDay(around, absl::UTCTimeZone()))) + 12 * 3600;
    for (int day = -365; day < 2 * 365; day += 5) {
      const absl::CivilSecond local = noon + day * int64_t{86400};
      if (reader_.InstantOf(local, name) != MachineZones(local, candidate)) return false;
    }
    return true;
  }

  // C-2.
  static EventId IdOfUid(const ICalUid& uid) { return EventId(absl::StrCat("_", EncodeBase32Hex(uid.text()))); }

  void TakeSeries(Entry& master, const std::vector<Entry*>& changed) {
    const auto zones = [this](absl::CivilSecond local, absl::string_view zone) { return reader_.InstantOf(local, zone); };
    const absl::StatusOr<Expansion> expansion =
        Expand({.start = master.start, .length = master.length, .lines = master.lines}, options_.occurrences_max, zones);
    if (!expansion.ok()) {
      master.left_out = absl::IsNotFound(expansion.status()) ? LeftOut::kUnknownZone : LeftOut::kUnreadable;
      for (Entry* entry : changed) TakeAlone(*entry);
      return;
    }
    std::set<absl::Time> replaced;
    for (Entry* entry : changed) {
      const absl::Time original = OriginalOf(*entry, master);
      const auto is_it = [&](const Occurrence& occurrence) { return occurrence.original == original; };
      const bool known = std::any_of(expansion->occurrences.begin(), expansion->occurrences.end(), is_it);
      if (known) {
        replaced.insert(original);
        if (!entry->cancelled) TakeSingle(*entry, OccurrenceUid(*entry));
      } else if (expansion->more && original > expansion->occurrences.back().original) {
        entry->left_out = LeftOut::kBeyondMax;
      } else {
        TakeAlone(*entry);  // An occurrence that the rule no longer gives, yet the export shows it (K-11).
      }
    }
    if (expansion->occurrences.empty()) {
      master.left_out = LeftOut::kNothingLeft;
      return;
    }
    for (const Occurrence& occurrence : expansion->occurrences) {
      if (replaced.contains(occurrence.original)) continue;
      Event event = master.event;
      event.start = occurrence.start;
      event.end = occurrence.end;
      event.ical_uid = OccurrenceUid(master.event.ical_uid, occurrence.original, master.start.is_date);
      result_.events.push_back(std::move(event));
    }
    ++result_.report.series;
    if (expansion->more) ++result_.report.capped_series;
  }

  // The start that names the occurrence. Of the other kind than the series, its date counts.
  absl::Time OriginalOf(const Entry& entry, const Entry& master) const {
    WrittenTime named = *entry.occurrence;
    if (master.start.is_date && !named.is_date) {
      named.is_date = true;
      named.local = absl::CivilSecond(absl::CivilDay(named.local));
    } else if (!master.start.is_date && named.is_date) {
      const absl::CivilSecond& own = master.start.local;
      const absl::CivilDay day(named.local);
      named = master.start;
      named.local = absl::CivilSecond(day.year(), day.month(), day.day(), own.hour(), own.minute(), own.second());
    }
    return reader_.InstantOf(named).value_or(absl::InfinitePast());
  }

  // A changed occurrence whose series is not there.
  void TakeAlone(Entry& entry) {
    if (entry.cancelled) {
      entry.left_out = LeftOut::kCancelled;
      return;
    }
    TakeSingle(entry, OccurrenceUid(entry));
  }

  void TakeSingle(const Entry& entry, const ICalUid& uid) {
    Event event = EventOf(entry);
    event.ical_uid = uid;
    result_.events.push_back(std::move(event));
  }

  // The event with its times.
  Event EventOf(const Entry& entry) const {
    Event event = entry.event;
    if (entry.start.is_date) {
      const absl::CivilDay day(entry.start.local);
      event.start = EventTime::Date(day);
      event.end = EventTime::Date(day + absl::ToInt64Hours(entry.length) / 24);
    } else {
      const absl::Time begin = reader_.InstantOf(entry.start).value_or(absl::UnixEpoch());  // Known: ReadLength asked before.
      event.start = EventTime::At(begin, entry.start.zone);
      event.end = EventTime::At(begin + entry.length, entry.start.zone);
    }
    return event;
  }

  ICalUid OccurrenceUid(const Entry& entry) const {
    return OccurrenceUid(entry.event.ical_uid, reader_.InstantOf(*entry.occurrence).value_or(absl::UnixEpoch()),
                         entry.occurrence->is_date);
  }

  // "abc@google.com" and an original start: "abc_20260504T080000Z@google.com", so that equal meetings of two files stay equal.
  static ICalUid OccurrenceUid(const ICalUid& series, absl::Time original, bool is_date) {
    if (series.empty()) return series;
    const size_t at = std::min(series.str().find('@'), series.str().size());
    return ICalUid(absl::StrCat(series.str().substr(0, at), Stamp(original, is_date), series.str().substr(at)));
  }

  static std::string Stamp(absl::Time original, bool is_date) {
    return absl::FormatTime(is_date ? "_%Y%m%d" : "_%Y%m%dT%H%M%SZ", original, absl::UTCTimeZone());
  }

  void Count(const Entry& entry) {
    ++result_.report.read;
    if (entry.left_out.has_value()) {
      ++result_.report.left_out[static_cast<size_t>(*entry.left_out)];
    } else {
      ++result_.report.taken;
    }
  }

  icalcomponent* calendar_;
  ImportOptions options_;
  VeventReader reader_;
  std::vector<Entry> entries_;
  ImportedCalendar result_;
};

// Several VCALENDARs in one file are one calendar.
void Append(ImportedCalendar& all, ImportedCalendar part) {
  all.keeps_series = part.keeps_series;
  if (all.name.empty()) all.name = std::move(part.name);
  if (all.time_zone.empty()) all.time_zone = std::move(part.time_zone);
  std::move(part.events.begin(), part.events.end(), std::back_inserter(all.events));
  ImportReport& sum = all.report;
  sum.read += part.report.read;
  sum.taken += part.report.taken;
  for (size_t i = 0; i < kLeftOutKinds; ++i) sum.left_out[i] += part.report.left_out[i];
  sum.series += part.report.series;
  sum.exceptions += part.report.exceptions;
  sum.capped_series += part.report.capped_series;
  sum.events += part.report.events;
}

}  // namespace

absl::string_view Name(LeftOut reason) {
  switch (reason) {
    case LeftOut::kCancelled:
      return "cancelled";
    case LeftOut::kNoStart:
      return "no start";
    case LeftOut::kNoLength:
      return "ends when it begins, or before";
    case LeftOut::kMixedTimes:
      return "a date and a time mixed";
    case LeftOut::kUnknownZone:
      return "time zone not known";
    case LeftOut::kUnreadable:
      return "a time or rule cannot be read";
    case LeftOut::kNothingLeft:
      return "series with every occurrence excluded";
    case LeftOut::kBeyondMax:
      return "change of an occurrence beyond those taken";
    case LeftOut::kFromHereOn:
      return "changes all later occurrences at once";
    case LeftOut::kDuplicate:
      return "same UID again";
  }
  return "";
}

int ImportReport::AllLeftOut() const {
  int sum = 0;
  for (int count : left_out) sum += count;
  return sum;
}

absl::StatusOr<ImportedCalendar> ReadCalendarFile(const std::string& path, const ImportOptions& options) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file) {
    char buffer[1 << 16];
    do {
      file.read(buffer, sizeof buffer);
      text.append(buffer, static_cast<size_t>(file.gcount()));
    } while (file);
  }
  if (!file.is_open() || file.bad()) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", std::strerror(errno == 0 ? EIO : errno)));
  }
  return ReadCalendar(text, path, options);
}

absl::StatusOr<ImportedCalendar> ReadCalendar(absl::string_view text, absl::string_view name, const ImportOptions& options) {
  RETURN_IF_ERROR(CheckFrame(text, name));
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  const ComponentPtr root(icalparser_parse_string(std::string(text).c_str()));
  if (root == nullptr) return absl::InvalidArgumentError(absl::StrCat(name, " is broken: libical cannot read it"));
  if (icalcomponent_isa(root.get()) == ICAL_VCALENDAR_COMPONENT) return Importer(root.get(), options).Run();
  ImportedCalendar all;
  for (icalcomponent* calendar = icalcomponent_get_first_component(root.get(), ICAL_VCALENDAR_COMPONENT); calendar != nullptr;
       calendar = icalcomponent_get_next_component(root.get(), ICAL_VCALENDAR_COMPONENT)) {
    Append(all, Importer(calendar, options).Run());
  }
  return all;
}

}  // namespace calsync::ical
