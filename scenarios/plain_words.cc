#include "scenarios/plain_words.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "engine/state/block_id.h"

namespace calsync::sim {
namespace {

bool IsWord(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-'; }

std::string Day(absl::CivilDay day) {
  return absl::FormatTime("%-d %b", absl::FromCivil(day, absl::UTCTimeZone()), absl::UTCTimeZone());
}

std::string Days(absl::CivilDay first, absl::CivilDay end) {
  if (end == first + 1) return absl::StrCat(Day(first), " all day");
  return absl::StrCat(Day(first), " to ", Day(end - 1), " all day");
}

std::string Times(absl::Time start, absl::Time end) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilDay first = absl::ToCivilDay(start, utc), last = absl::ToCivilDay(end, utc);
  return absl::StrCat(Day(first), absl::FormatTime(" %H:%M", start, utc), "-", first == last ? "" : absl::StrCat(Day(last), " "),
                      absl::FormatTime("%H:%M", end, utc));
}

// "2026-05-05T08:00:00Z/2026-05-05T08:30:00Z" is "5 May 08:00-08:30"; "2026-05-05/2026-05-06" is "5 May all day"; an instant
// alone is "5 May 08:00". Nothing if the word is no time.
std::optional<std::string> TimeInWords(absl::string_view word) {
  const std::vector<std::string> halves = absl::StrSplit(word, '/');
  std::string error;
  absl::Time times[2];
  absl::CivilDay days[2];
  if (halves.size() > 2) return std::nullopt;
  for (size_t i = 0; i < halves.size(); ++i) {
    if (absl::ParseTime("%Y-%m-%dT%H:%M:%E*S%Ez", halves[i], &times[i], &error)) continue;
    if (halves.size() < 2 || !absl::ParseCivilTime(halves[i], &days[i])) return std::nullopt;
    if (i == 1) return Days(days[0], days[1]);
  }
  if (halves.size() == 2) return Times(times[0], times[1]);
  return absl::FormatTime("%-d %b %H:%M", times[0], absl::UTCTimeZone());
}

// What is said differently, longest first.
std::string Reworded(absl::string_view what) {
  return absl::StrReplaceAll(what, {
                                       {"@example.org", ""},
                                       {"call: ", ""},
                                       {"commit: ", ""},
                                       {"busy block", "block"},
                                       {"status,times,recurrence,summary,description,transparency,visibility", "everything"},
                                       {"calsync_id,calsync_instance,calsync_source,calsync_type,calsync_version", "its tag"},
                                       {",", ", "},
                                       {", ", ", "},  // As it is.
                                       {": 1 events", ": 1 event"},
                                       {"person 0", "a person"},
                                       {"program 0", "a program"},
                                       {"engine 0", "engine"},
                                       {"engine 1", "engine 2"},  // By ground truth they count from 0, in traces from 1.
                                       {" inserted ", " added "},
                                       {" patched ", " changed "},
                                       {" replaced ", " wrote back "},
                                       {"notification exists on channel", "notification on"},
                                       {"notification sync on channel", "first message on"},
                                       {" on channel ", " on "},
                                       {"stop channel ", "stop "},
                                   });
}

}  // namespace

// Whole words that are an id or a time.
std::string PlainWords::NamesFor(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && text[end] != ' ' && text[end] != ';' && text[end] != ',' && text[end] != '"') ++end;
    if (end == i) {
      out += text[i++];
      continue;
    }
    absl::string_view word = text.substr(i, end - i);
    i = end;
    const bool colon = absl::ConsumeSuffix(&word, ":");
    const bool is_uuid =
        word.size() == 36 && std::count(word.begin(), word.end(), '-') == 4 && std::all_of(word.begin(), word.end(), IsWord);
    if (std::optional<std::string> time = TimeInWords(word)) {
      out += *time;
    } else if (is_uuid || BlockIds::HasShape(word)) {
      std::map<std::string, std::string>& names = is_uuid ? channels_ : planned_;
      const auto [found, added] = names.try_emplace(std::string(word), absl::StrCat(is_uuid ? "c" : "p", names.size() + 1));
      out += found->second;
    } else if (absl::StartsWith(word, "calsync.") && word.size() == 16) {
      out += "its tag";
    } else {
      absl::StrAppend(&out, word);
    }
    if (colon) out += ':';
  }
  return out;
}

std::string PlainWords::Of(absl::string_view what) {
  std::vector<std::string> pieces;
  bool alone = false;  // The input of an engine whose first effect was left out.
  for (absl::string_view piece : absl::StrSplit(what, "; ")) {
    // The timer and how many rows of calendars a commit has: when, and how, is the program's business.
    if (absl::StartsWith(piece, "timer at ")) continue;
    piece = piece.substr(0, piece.find(": timer at "));
    std::string text(piece);
    if (const size_t open = text.rfind(" ("); open != std::string::npos && absl::EndsWith(text, " calendars)")) text.resize(open);
    text = Reworded(NamesFor(text));
    const size_t length = text.size();
    while (absl::EndsWith(text, ":") || absl::EndsWith(text, " ") || absl::EndsWith(text, ": commit")) {
      text = std::string(absl::StripSuffix(absl::StripSuffix(absl::StripSuffix(text, " "), ": commit"), ":"));
    }
    if (pieces.empty()) alone = text.size() < length;
    if (!text.empty() && text != "commit") pieces.push_back(std::move(text));
  }
  if (alone && pieces.size() > 1) {
    pieces[1] = absl::StrCat(pieces[0], ": ", pieces[1]);
    pieces.erase(pieces.begin());
  }
  const std::string line = absl::StrJoin(pieces, "; ");
  return line == "timer" ? "" : line;
}

}  // namespace calsync::sim
