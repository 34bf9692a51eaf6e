#include "fakegoogle/ical/expand.h"

#include <libical/ical.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/status_macros.h"
#include "fakegoogle/ical/rule.h"

namespace calsync::ical {
namespace {

// Rules that exclude are followed no further than this, all together: each step costs time, and nobody excludes more.
constexpr size_t kExcludedMax = 100000;

struct Line {
  std::string name;
  std::string zone;
  bool periods = false;
  std::string value;
};

// "EXDATE;TZID=Europe/Paris:2024…" in its parts.
Line SplitLine(absl::string_view text) {
  Line line;
  const std::pair<absl::string_view, absl::string_view> halves = absl::StrSplit(text, absl::MaxSplits(':', 1));
  line.value = std::string(halves.second);
  const std::vector<absl::string_view> words = absl::StrSplit(halves.first, ';');
  line.name = absl::AsciiStrToUpper(words[0]);
  for (size_t i = 1; i < words.size(); ++i) {
    const std::pair<absl::string_view, absl::string_view> parameter = absl::StrSplit(words[i], absl::MaxSplits('=', 1));
    if (absl::EqualsIgnoreCase(parameter.first, "TZID")) {
      line.zone = std::string(absl::StripPrefix(absl::StripSuffix(parameter.second, "\""), "\""));
    }
    if (absl::EqualsIgnoreCase(parameter.first, "VALUE")) line.periods = absl::EqualsIgnoreCase(parameter.second, "PERIOD");
  }
  return line;
}

// One start of an occurrence: on the series' own clock, and as an instant (midnight UTC if all-day).
struct Start {
  absl::CivilSecond local;
  absl::Time instant;
  std::optional<absl::Duration> length;  // Only if an RDATE gives one of its own.
  friend bool operator<(const Start& a, const Start& b) { return a.instant < b.instant; }
};

class Expander {
 public:
  Expander(const Series& series, ZoneRules zones) : series_(series), zones_(zones) {}

  absl::StatusOr<Expansion> Run(int max, absl::Time last) {
    std::vector<Line> lines;
    for (const std::string& line : series_.lines) lines.push_back(SplitLine(line));
    for (const Line& line : lines) {
      if (line.name == "EXDATE") RETURN_IF_ERROR(ReadExcluded(line));
    }
    // As many as could be needed if every exclusion hits one of them.
    const size_t enough = static_cast<size_t>(max) + excluded_instants_.size() + excluded_days_.size() + 1;
    ASSIGN_OR_RETURN(const Start first, At(series_.start.local));
    starts_.push_back(first);
    bool more = false;
    for (const Line& line : lines) {
      if (line.name == "RRULE") {
        ASSIGN_OR_RETURN(const bool ended, Follow(line.value, enough, last, starts_));
        more = more || !ended;
      } else if (line.name == "RDATE") {
        RETURN_IF_ERROR(ReadAdded(line));
      }
    }
    std::sort(starts_.begin(), starts_.end());
    std::vector<Start> excluded;
    for (const Line& line : lines) {
      if (line.name != "EXRULE") continue;
      RETURN_IF_ERROR(Follow(line.value, kExcludedMax - excluded.size(), starts_.back().instant, excluded).status());
    }
    for (const Start& start : excluded) excluded_instants_.push_back(start.instant);
    std::sort(excluded_instants_.begin(), excluded_instants_.end());
    std::sort(excluded_days_.begin(), excluded_days_.end());
    return Collect(max, last, more);
  }

  absl::StatusOr<Halves> CutAt(const WrittenTime& at) {
    const std::optional<absl::Time> cut = at.Instant(zones_);
    if (!cut.has_value()) return absl::NotFoundError(absl::StrCat("the time zone ", at.zone, " is not known"));
    Halves halves;
    for (const std::string& text : series_.lines) {
      const Line line = SplitLine(text);
      if (line.name == "RRULE" || line.name == "EXRULE") {
        RETURN_IF_ERROR(CutRule(line, at, *cut, halves));
      } else {
        RETURN_IF_ERROR(CutDates(line, text, *cut, halves));
      }
    }
    return halves;
  }

 private:
  absl::Status CutRule(const Line& line, const WrittenTime& at, absl::Time cut, Halves& halves) const {
    ASSIGN_OR_RETURN(Rule* const rule, Rule::Known(line.value, series_.start.local, series_.start.is_date));
    const int count = rule->count();
    std::string others;  // All but COUNT and UNTIL.
    for (absl::string_view part : absl::StrSplit(line.value, ';', absl::SkipEmpty())) {
      if (absl::StartsWithIgnoreCase(part, "COUNT=") || absl::StartsWithIgnoreCase(part, "UNTIL=")) continue;
      absl::StrAppend(&others, others.empty() ? "" : ";", part);
    }
    if (count > 0) {
      std::vector<Start> starts;
      RETURN_IF_ERROR(Follow(line.value, static_cast<size_t>(count), cut - absl::Nanoseconds(1), starts).status());
      const int first = static_cast<int>(starts.size());
      if (first > 0) halves.before.push_back(absl::StrCat(line.name, ":", others, ";COUNT=", first));
      if (first < count) halves.after.push_back(absl::StrCat(line.name, ":", others, ";COUNT=", count - first));
      return absl::OkStatus();
    }
    const std::string until =
        series_.start.is_date
            ? absl::FormatTime("%Y%m%d", absl::FromCivil(absl::CivilDay(at.local) - 1, absl::UTCTimeZone()), absl::UTCTimeZone())
            : absl::FormatTime("%Y%m%dT%H%M%SZ", cut - absl::Seconds(1), absl::UTCTimeZone());
    halves.before.push_back(absl::StrCat(line.name, ":", others, ";UNTIL=", until));
    halves.after.push_back(absl::StrCat(line.name, ":", line.value));
    return absl::OkStatus();
  }

  // Dates go to the half that they lie in.
  absl::Status CutDates(const Line& line, const std::string& text, absl::Time cut, Halves& halves) const {
    const std::string head = text.substr(0, text.find(':') + 1);
    std::string parts[2];
    for (absl::string_view word : absl::StrSplit(line.value, ',', absl::SkipEmpty())) {
      const std::pair<absl::string_view, absl::string_view> period = absl::StrSplit(word, absl::MaxSplits('/', 1));
      const std::optional<WrittenTime> time = ParseWrittenTime(period.first, ZoneOf(line));
      if (!time.has_value()) return absl::InvalidArgumentError(absl::StrCat("the ", line.name, " ", word, " cannot be read"));
      const std::optional<absl::Time> instant = time->Instant(zones_);
      if (!instant.has_value()) return absl::NotFoundError(absl::StrCat("the time zone ", time->zone, " is not known"));
      std::string& part = parts[*instant < cut ? 0 : 1];
      absl::StrAppend(&part, part.empty() ? "" : ",", word);
    }
    if (!parts[0].empty()) halves.before.push_back(absl::StrCat(head, parts[0]));
    if (!parts[1].empty()) halves.after.push_back(absl::StrCat(head, parts[1]));
    return absl::OkStatus();
  }

  // The start at a wall-clock time of the series.
  absl::StatusOr<Start> At(absl::CivilSecond local) const {
    if (series_.start.is_date || series_.start.zone == "UTC") {
      return Start{local, absl::FromCivil(local, absl::UTCTimeZone()), std::nullopt};
    }
    const std::optional<absl::Time> instant = zones_(local, series_.start.zone);
    if (!instant.has_value()) return absl::NotFoundError(absl::StrCat("the time zone ", series_.start.zone, " is not known"));
    return Start{local, *instant, std::nullopt};
  }

  // Adds the starts that a rule gives to `starts`: up to `enough`, none after `last`. Returns whether it gives no others.
  absl::StatusOr<bool> Follow(const std::string& text, size_t enough, absl::Time last, std::vector<Start>& starts) const {
    ASSIGN_OR_RETURN(Rule* const rule, Rule::Known(text, series_.start.local, series_.start.is_date));
    for (size_t given = 0; given < enough; ++given) {
      const std::optional<absl::CivilSecond> local = rule->Start(given);
      if (!local.has_value()) return true;
      ASSIGN_OR_RETURN(const Start start, At(*local));
      if (rule->until().has_value() && IsAfter(start, *rule->until())) return true;
      if (start.instant > last) return false;
      starts.push_back(start);
    }
    return false;
  }

  // UNTIL is inclusive: an instant if it is given in UTC, else a wall-clock time or a date (contract 4.1).
  bool IsAfter(const Start& start, const Rule::Until& until) const {
    if (series_.start.is_date || until.is_date) return absl::CivilDay(start.local) > absl::CivilDay(until.local);
    if (until.is_utc) return start.instant > absl::FromCivil(until.local, absl::UTCTimeZone());
    return start.local > until.local;
  }

  absl::Status ReadExcluded(const Line& line) {
    for (absl::string_view word : absl::StrSplit(line.value, ',', absl::SkipEmpty())) {
      const std::optional<WrittenTime> time = ParseWrittenTime(word, ZoneOf(line));
      if (!time.has_value()) return absl::InvalidArgumentError(absl::StrCat("the EXDATE ", word, " cannot be read"));
      if (time->is_date || series_.start.is_date) {
        excluded_days_.push_back(absl::CivilDay(time->local));
        continue;
      }
      const std::optional<absl::Time> instant = time->Instant(zones_);
      if (!instant.has_value()) return absl::NotFoundError(absl::StrCat("the time zone ", time->zone, " is not known"));
      excluded_instants_.push_back(*instant);
    }
    return absl::OkStatus();
  }

  absl::Status ReadAdded(const Line& line) {
    for (absl::string_view word : absl::StrSplit(line.value, ',', absl::SkipEmpty())) {
      const std::pair<absl::string_view, absl::string_view> period = absl::StrSplit(word, absl::MaxSplits('/', 1));
      const std::optional<WrittenTime> time = ParseWrittenTime(period.first, ZoneOf(line));
      if (!time.has_value()) return absl::InvalidArgumentError(absl::StrCat("the RDATE ", word, " cannot be read"));
      if (series_.start.is_date || time->is_date) {
        // Of the other kind than the series: the day counts, at the series' own hour.
        const absl::CivilDay day(time->local);
        const absl::CivilSecond& own = series_.start.local;
        ASSIGN_OR_RETURN(const Start start,
                         At(absl::CivilSecond(day.year(), day.month(), day.day(), own.hour(), own.minute(), own.second())));
        starts_.push_back(start);
        continue;
      }
      const std::optional<absl::Time> instant = time->Instant(zones_);
      if (!instant.has_value()) return absl::NotFoundError(absl::StrCat("the time zone ", time->zone, " is not known"));
      Start start{time->local, *instant, std::nullopt};
      if (line.periods && !period.second.empty()) {
        const std::optional<WrittenTime> end = ParseWrittenTime(period.second, ZoneOf(line));
        const icaldurationtype length = icaldurationtype_from_string(std::string(period.second).c_str());
        if (end.has_value() && end->Instant(zones_).has_value()) {
          start.length = *end->Instant(zones_) - *instant;
        } else if (!icaldurationtype_is_bad_duration(length)) {
          start.length = absl::Seconds(icaldurationtype_as_int(length));
        }
      }
      starts_.push_back(start);
    }
    return absl::OkStatus();
  }

  std::string ZoneOf(const Line& line) const { return line.zone.empty() ? series_.start.zone : line.zone; }

  bool IsExcluded(const Start& start) const {
    return std::binary_search(excluded_instants_.begin(), excluded_instants_.end(), start.instant) ||
           std::binary_search(excluded_days_.begin(), excluded_days_.end(), absl::CivilDay(start.local));
  }

  Expansion Collect(int max, absl::Time last, bool more) const {
    Expansion result;
    result.more = more;
    const Start* previous = nullptr;
    for (const Start& start : starts_) {
      const bool again = previous != nullptr && previous->instant == start.instant;
      previous = &start;
      if (again || IsExcluded(start)) continue;
      if (start.instant > last) {
        result.more = true;
        break;
      }
      if (static_cast<int>(result.occurrences.size()) == max) {
        result.more = true;
        break;
      }
      const absl::Duration length = start.length.value_or(series_.length);
      Occurrence occurrence;
      occurrence.original = start.instant;
      if (series_.start.is_date) {
        const absl::CivilDay day(start.local);
        occurrence.start = EventTime::Date(day);
        occurrence.end = EventTime::Date(day + absl::ToInt64Hours(length) / 24);
      } else {
        occurrence.start = EventTime::At(start.instant, series_.start.zone);
        occurrence.end = EventTime::At(start.instant + length, series_.start.zone);
      }
      result.occurrences.push_back(std::move(occurrence));
    }
    return result;
  }

  const Series& series_;
  ZoneRules zones_;
  std::vector<Start> starts_;
  std::vector<absl::Time> excluded_instants_;
  std::vector<absl::CivilDay> excluded_days_;
};

// Zones are kept in files, and a name that leads to any other file, or to a device, may be read for ever. What "localtime" is
// follows from the machine.
bool IsZoneName(absl::string_view name) {
  if (name.empty() || name == "localtime" || name == "posixrules") return false;
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  if (parts[0] == "posix" || parts[0] == "right") return false;
  return std::all_of(parts.begin(), parts.end(), [](absl::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '+';
    });
  });
}

// Whether the machine has the file that Abseil would read. A name that fails there it remembers for ever, whoever sent it.
bool HasZoneFile(absl::string_view name) {
  const char* const folder = std::getenv("TZDIR");
  const absl::string_view root = folder != nullptr && *folder != '\0' ? folder : "/usr/share/zoneinfo";
  std::error_code trouble;
  return std::filesystem::is_regular_file(absl::StrCat(root, "/", name), trouble);
}

}  // namespace

std::optional<absl::TimeZone> MachineZone(absl::string_view zone) {
  if (zone == "UTC") return absl::UTCTimeZone();
  // What is known of a zone does not change while a process lives; a table a thread needs no lock. There are some hundred zones;
  // of names that are none there is no end, so none is remembered.
  thread_local absl::flat_hash_map<std::string, absl::TimeZone> known;
  const auto found = known.find(zone);
  if (found != known.end()) return found->second;
  absl::TimeZone rules;
  if (!IsZoneName(zone) || !HasZoneFile(zone) || !absl::LoadTimeZone(zone, &rules)) return std::nullopt;
  known.emplace(zone, rules);
  return rules;
}

std::optional<absl::Time> MachineZones(absl::CivilSecond local, absl::string_view zone) {
  const std::optional<absl::TimeZone> rules = MachineZone(zone);
  if (!rules.has_value()) return std::nullopt;
  return rules->At(local).pre;  // With the offset from before, where the clocks jump.
}

std::optional<absl::Time> WrittenTime::Instant(ZoneRules zones) const {
  if (is_date || zone == "UTC") return absl::FromCivil(local, absl::UTCTimeZone());
  return zones(local, zone);
}

std::optional<WrittenTime> ParseWrittenTime(absl::string_view text, absl::string_view zone) {
  const bool utc = absl::ConsumeSuffix(&text, "Z");
  const bool is_date = text.size() == 8;
  if (!is_date && (text.size() != 15 || text[8] != 'T')) return std::nullopt;
  if (is_date && utc) return std::nullopt;
  const auto number = [&](size_t at, size_t digits) {
    int value = 0;
    for (char c : text.substr(at, digits)) {
      if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4), month = number(4, 2), day = number(6, 2);
  int hour = 0, minute = 0, second = 0;
  if (!is_date) hour = number(9, 2), minute = number(11, 2), second = number(13, 2);
  if (year < 0 || hour < 0 || minute < 0 || second < 0 || hour > 24 || minute > 59 || second > 60) return std::nullopt;
  const absl::CivilDay date(year, month, day);
  if (date.month() != month || date.day() != day) return std::nullopt;
  WrittenTime result;
  result.is_date = is_date;
  result.local = absl::CivilSecond(year, month, day, hour, minute, second);
  if (!is_date) result.zone = utc ? "UTC" : std::string(zone);
  return result;
}

absl::StatusOr<Expansion> Expand(const Series& series, int max, ZoneRules zones) {
  return Expander(series, zones).Run(max, absl::InfiniteFuture());
}

absl::StatusOr<Expansion> ExpandUntil(const Series& series, absl::Time last, int max, ZoneRules zones) {
  return Expander(series, zones).Run(max, last);
}

absl::StatusOr<Halves> Cut(const Series& series, const WrittenTime& at, ZoneRules zones) {
  return Expander(series, zones).CutAt(at);
}

}  // namespace calsync::ical
