#include "adapter/trace/pseudonyms.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "adapter/trace/value_json.h"
#include "engine/base/base32hex.h"
#include "engine/decide/desired.h"

namespace calsync::adapter {
namespace {

constexpr absl::string_view kSummary = "{summary}";
constexpr absl::string_view kCalendar = "{calendar}";
// Texts of the product itself: what a private source shows, what the first design called an event without a title, and what the
// usual templates begin with.
constexpr std::array<absl::string_view, 4> kOurs = {"Busy", "Event", "Busy -", "Busy block for event from"};

bool IsOurs(absl::string_view text) { return absl::c_linear_search(kOurs, text); }

std::string Bytes(absl::uint128 hash) {
  std::string bytes;
  for (int shift = 120; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(absl::Uint128Low64(hash >> shift) & 0xff));
  return bytes;
}

bool IsUtf8(absl::string_view text) {
  if (absl::c_all_of(text, absl::ascii_isascii)) return true;
  const std::string held(text);
  using Json = nlohmann::json;
  return Json::parse(Json(held).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>() == held;
}

// What of an id says which occurrence it is: `_20260504T080000Z`, `_20260504`, `_R20260504T080000`; several of them in a row.
absl::string_view OccurrencePart(absl::string_view id) {
  size_t begins = id.size();
  while (true) {
    const size_t bar = id.substr(0, begins).rfind('_');
    if (bar == absl::string_view::npos || bar == 0) break;
    absl::string_view part = id.substr(bar + 1, begins - bar - 1);
    absl::ConsumePrefix(&part, "R");
    absl::ConsumeSuffix(&part, "Z");
    const bool date = part.size() == 8 && absl::c_all_of(part, absl::ascii_isdigit);
    const bool time = part.size() == 15 && part[8] == 'T' && absl::c_all_of(part.substr(0, 8), absl::ascii_isdigit) &&
                      absl::c_all_of(part.substr(9), absl::ascii_isdigit);
    if (!date && !time) break;
    begins = bar;
  }
  return id.substr(begins);
}

// The words of RFC 5545 that a recurrence line is made of.
bool IsRecurrenceWord(absl::string_view word) {
  constexpr std::array<absl::string_view, 46> kWords = {
      "RRULE",     "EXRULE",   "RDATE",   "EXDATE",   "FREQ",     "SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY",
      "MONTHLY",   "YEARLY",   "UNTIL",   "COUNT",    "INTERVAL", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY",
      "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST",     "MO",       "TU",       "WE",     "TH",    "FR",
      "SA",        "SU",       "VALUE",   "DATE",     "TIME",     "PERIOD",   "T",        "Z",      "P",     "D",
      "PT",        "H",        "M",       "S",        "W",        "TZID"};
  return absl::c_any_of(kWords, [&](absl::string_view known) { return absl::EqualsIgnoreCase(word, known); });
}

bool IsPlainRecurrence(absl::string_view line) {
  while (!line.empty()) {
    const auto ends =
        std::find_if_not(line.begin(), line.end(), [](char c) { return absl::ascii_isalpha(c) || (c & 0x80) != 0; });
    const auto length = static_cast<size_t>(ends - line.begin());
    if (length > 0 && !IsRecurrenceWord(line.substr(0, length))) return false;
    line.remove_prefix(std::max<size_t>(length, 1));
  }
  return true;
}

}  // namespace

Pseudonyms::Pseudonyms(const SipKey& key, Texts texts, const GroupConfig& config)
    : key_(key), texts_(texts), keywords_(KeywordsOf(config)) {
  if (texts_ == Texts::kKept) return;
  for (size_t i = 0; i < keywords_.size(); ++i) {  // The engine sorts them: these sort alike.
    other_keywords_.push_back(Named(absl::StrFormat("k%02d", i), keywords_[i]));
  }
  for (const LinkedCalendar& calendar : config.calendars) {
    const absl::string_view name = absl::StripAsciiWhitespace(calendar.name);
    literals_.emplace(name, Plain(name));
  }
  const auto take = [&](const DirectionPolicy& policy) {
    TakeTemplate(config, policy.title_template);
    TakeTemplate(config, policy.description_template);
  };
  take(config.policy);
  for (const Direction& direction : config.directions) take(direction.policy);
  for (const std::string& title : config.policy.legacy.titles) TakePattern(title, Template(title), kSummary);
  for (const std::string& text : config.policy.legacy.descriptions) TakePattern(text, Template(text), kCalendar);
  std::stable_sort(patterns_.begin(), patterns_.end(), [](const Pattern& a, const Pattern& b) {
    return a.prefix.size() + a.suffix.size() > b.prefix.size() + b.suffix.size();
  });
}

// The template with each calendar's name in it.
void Pseudonyms::TakeTemplate(const GroupConfig& config, absl::string_view text_template) {
  const std::string other = Template(text_template);
  for (const LinkedCalendar& calendar : config.calendars) {
    TakePattern(absl::StrReplaceAll(text_template, {{kCalendar, calendar.name}}),
                absl::StrReplaceAll(other, {{kCalendar, Text(calendar.name)}}), kSummary);
  }
}

void Pseudonyms::TakePattern(absl::string_view text, absl::string_view other, absl::string_view placeholder) {
  const size_t at = text.find(placeholder), other_at = other.find(placeholder);
  const auto without = [&](absl::string_view from) {
    return std::string(absl::StripAsciiWhitespace(absl::StrReplaceAll(from, {{placeholder, ""}})));
  };
  if (std::string bare = without(text); !bare.empty() && !IsOurs(bare)) literals_.emplace(std::move(bare), without(other));
  if (at == absl::string_view::npos || text.size() == placeholder.size()) return;
  // Of texts as Google keeps them: without white space around them.
  const auto before = [](absl::string_view from, size_t until) {
    return std::string(absl::StripLeadingAsciiWhitespace(from.substr(0, until)));
  };
  const auto after = [&](absl::string_view from, size_t until) {
    return std::string(absl::StripTrailingAsciiWhitespace(from.substr(until + placeholder.size())));
  };
  const Pattern pattern{before(text, at), after(text, at), before(other, other_at), after(other, other_at)};
  if (absl::StrContains(pattern.suffix, placeholder)) return;  // Twice: who reads it back cannot tell which is which.
  patterns_.push_back(pattern);
}

// Text without white space around it, as a name of its own.
std::string Pseudonyms::Named(absl::string_view prefix, absl::string_view text) const {
  return absl::StrCat(prefix, EncodeBase32Hex(Bytes(SipHash128(DeriveKey(key_, prefix), text)).substr(0, 10)));
}

std::string Pseudonyms::Plain(absl::string_view text) const {
  std::string plain = Named("t", text);
  const uint32_t found = KeywordsIn(text, keywords_);
  for (size_t i = 0; i < other_keywords_.size() && i < kKeywordsMax; ++i) {
    if ((found >> i & 1) != 0) absl::StrAppend(&plain, " ", other_keywords_[i]);
  }
  return plain;
}

std::string Pseudonyms::Core(absl::string_view core) const {
  if (core.empty() || IsOurs(core)) return std::string(core);
  if (const auto literal = literals_.find(core); literal != literals_.end()) return literal->second;
  for (const Pattern& pattern : patterns_) {
    const size_t around = pattern.prefix.size() + pattern.suffix.size();
    if (around == 0 || core.size() < around) continue;
    if (!absl::StartsWith(core, pattern.prefix) || !absl::EndsWith(core, pattern.suffix)) continue;
    std::string filled =
        absl::StrCat(pattern.other_prefix, Text(core.substr(pattern.prefix.size(), core.size() - around)), pattern.other_suffix);
    if (KeywordsIn(filled, other_keywords_) == KeywordsIn(core, keywords_)) return filled;
  }
  return Plain(core);
}

std::string Pseudonyms::Text(absl::string_view text) const {
  if (texts_ == Texts::kKept && IsUtf8(text)) return std::string(text);
  const absl::string_view core = absl::StripAsciiWhitespace(text);
  const auto begins = static_cast<size_t>(core.data() - text.data());
  return absl::StrCat(text.substr(0, core.empty() ? text.size() : begins), Core(core),
                      core.empty() ? absl::string_view() : text.substr(begins + core.size()));
}

// What a template has between its placeholders.
std::string Pseudonyms::Literal(absl::string_view text) const {
  const absl::string_view core = absl::StripAsciiWhitespace(text);
  if (IsOurs(core) || absl::c_all_of(core, absl::ascii_ispunct)) return std::string(text);
  return absl::StrReplaceAll(text, {{core, Named("l", core)}});
}

std::string Pseudonyms::Template(absl::string_view text_template) const {
  if (texts_ == Texts::kKept && IsUtf8(text_template)) return std::string(text_template);
  std::string other;
  while (true) {
    const size_t at = std::min(text_template.find(kSummary), text_template.find(kCalendar));
    absl::StrAppend(&other, Literal(text_template.substr(0, at)));
    if (at == absl::string_view::npos) return other;
    text_template.remove_prefix(at);
    const absl::string_view placeholder = absl::StartsWith(text_template, kSummary) ? kSummary : kCalendar;
    absl::StrAppend(&other, placeholder);
    text_template.remove_prefix(placeholder.size());
  }
}

std::string Pseudonyms::Keyword(absl::string_view keyword) const {
  if (texts_ == Texts::kKept) return std::string(keyword);
  const auto found = std::find(keywords_.begin(), keywords_.end(), absl::AsciiStrToLower(keyword));
  return found == keywords_.end() ? Named("k", keyword) : other_keywords_[static_cast<size_t>(found - keywords_.begin())];
}

std::string Pseudonyms::Address(absl::string_view email) const {
  if (email.empty() || texts_ == Texts::kKept) return std::string(email);
  return absl::StrCat(Named("a", email), "@example.invalid");
}

std::string Pseudonyms::EventId(absl::string_view id) const {
  if (id.empty() || texts_ == Texts::kKept) return std::string(id);
  const absl::string_view occurrence = OccurrencePart(id);
  return absl::StrCat(Named("e", id.substr(0, id.size() - occurrence.size())), occurrence);
}

std::string Pseudonyms::ICalUid(absl::string_view uid) const {
  if (uid.empty() || texts_ == Texts::kKept) return std::string(uid);
  return Named("u", Hex(HashOf(uid)));
}

uint64_t Pseudonyms::ICalUidHash(uint64_t hash) const {
  if (hash == 0 || texts_ == Texts::kKept) return hash;
  return HashOf(Named("u", Hex(hash)));
}

std::string Pseudonyms::Zone(absl::string_view zone) const {
  absl::TimeZone known;
  const bool fits =
      absl::c_all_of(zone, [](char c) { return absl::ascii_isalnum(c) || absl::StrContains("_+-/", std::string(1, c)); });
  if (zone.empty() || (fits && zone.front() != '/' && absl::LoadTimeZone(std::string(zone), &known))) return std::string(zone);
  return Named("zone", zone);
}

std::string Pseudonyms::RecurrenceLine(absl::string_view line) const {
  if (texts_ == Texts::kKept && IsUtf8(line)) return std::string(line);
  std::string read(line);  // But for the zone, whose name is its own.
  std::string zone;
  if (const size_t at = read.find("TZID="); at != std::string::npos) {
    const size_t ends = std::min(read.find_first_of(":;", at), read.size());
    zone = read.substr(at + 5, ends - at - 5);
    read.erase(at + 5, ends - at - 5);
  }
  if (!IsPlainRecurrence(read)) return absl::StrCat("X", Named("r", line));
  return zone.empty() ? read : absl::StrReplaceAll(read, {{"TZID=", absl::StrCat("TZID=", Zone(zone))}});
}

std::string Pseudonyms::Reason(absl::string_view reason) const {
  constexpr size_t kLongest = 80;
  absl::string_view word = reason;  // "403 rateLimitExceeded", as a record has it, or the word alone.
  while (!word.empty() && absl::ascii_isdigit(word.front())) word.remove_prefix(1);
  absl::ConsumePrefix(&word, " ");
  const bool is_word = absl::c_all_of(word, [](char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_'; });
  return reason.size() <= kLongest && is_word ? std::string(reason) : Named("w", reason);
}

std::string Pseudonyms::Opaque(absl::string_view text) const { return text.empty() ? std::string() : Named("o", text); }

std::string Pseudonyms::Word(absl::string_view text) const {
  if (text.empty() || (texts_ == Texts::kKept && IsUtf8(text))) return std::string(text);
  return Named("w", text);
}

}  // namespace calsync::adapter
