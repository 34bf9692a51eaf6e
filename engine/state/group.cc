#include "engine/state/group.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace calsync {
namespace {

std::string ProblemOf(const DirectionPolicy& policy) {
  if (policy.hours.has_value()) {
    const Hours& hours = *policy.hours;
    if (hours.from < 0 || hours.from >= 24 * 60 || hours.to < 1 || hours.to > 24 * 60) return "hours outside of a day";
    if (hours.from == hours.to) return "hours of no length";
    if (hours.days == 0 || hours.days > 0x7f) return "hours on no day";
  }
  for (const std::string& keyword : policy.keywords) {
    if (absl::StripAsciiWhitespace(keyword).empty()) return "an empty keyword";
  }
  if (policy.horizon_ahead < absl::ZeroDuration() || policy.horizon_back < absl::ZeroDuration()) return "a horizon below zero";
  return "";
}

// A mark that any text bears would skip whatever nobody knows.
std::string ProblemOf(const std::vector<std::string>& marks, absl::string_view placeholder) {
  for (const std::string& mark : marks) {
    const size_t at = mark.find(placeholder.data(), 0, placeholder.size());
    std::string literal = mark;
    if (at != std::string::npos) literal.erase(at, placeholder.size());
    if (absl::StripAsciiWhitespace(literal).empty()) return absl::StrCat("a mark \"", mark, "\" that says nothing");
    if (absl::StrContains(literal, "{summary}") || absl::StrContains(literal, "{calendar}")) {
      return absl::StrCat("a mark \"", mark, "\" with more than one ", placeholder, " in it");
    }
  }
  return "";
}

}  // namespace

const LinkedCalendar* GroupConfig::Find(CalendarKey key) const {
  for (const LinkedCalendar& calendar : calendars) {
    if (calendar.key == key) return &calendar;
  }
  return nullptr;
}

const DirectionPolicy& GroupConfig::PolicyFor(CalendarKey source, CalendarKey target) const {
  for (const Direction& direction : directions) {
    if (direction.source == source && direction.target == target) return direction.policy;
  }
  return policy;
}

DirectionPolicy& GroupConfig::EditPolicyFor(CalendarKey source, CalendarKey target) {
  for (Direction& direction : directions) {
    if (direction.source == source && direction.target == target) return direction.policy;
  }
  directions.push_back({source, target, static_cast<const DirectionPolicy&>(policy)});
  return directions.back().policy;
}

std::string GroupConfig::Problem() const {
  if (std::string wrong = ProblemOf(policy); !wrong.empty()) return wrong;
  for (size_t i = 0; i < directions.size(); ++i) {
    const Direction& direction = directions[i];
    if (std::string wrong = ProblemOf(direction.policy); !wrong.empty()) return wrong;
    if (direction.source == direction.target) return "a direction from a calendar to itself";
    for (size_t j = 0; j < i; ++j) {
      if (directions[j].source == direction.source && directions[j].target == direction.target)
        return "two policies for a direction";
    }
  }
  if (std::string wrong = ProblemOf(policy.legacy.titles, "{summary}"); !wrong.empty()) return wrong;
  if (std::string wrong = ProblemOf(policy.legacy.descriptions, "{calendar}"); !wrong.empty()) return wrong;
  if (HeedsMarks(policy) && policy.legacy.titles.empty() && policy.legacy.descriptions.empty()) {
    return "detection by texts, and no mark";
  }
  if (const size_t count = KeywordsOf(*this).size(); count > kKeywordsMax) {
    return absl::StrCat(count, " keywords; ", kKeywordsMax, " are the most");
  }
  return "";
}

bool InShare(const GroupId& group, int percent) {
  constexpr SipKey kKey{0x726f6c6c206f7574, 0x62792073686172};  // Never changed: shares are to be stable.
  constexpr uint64_t kSteps = 100;
  return SipHash64(kKey, group.text()) % kSteps < static_cast<uint64_t>(std::max(percent, 0));
}

std::vector<std::string> KeywordsOf(const GroupConfig& config) {
  std::vector<std::string> keywords;
  const auto take = [&](const DirectionPolicy& policy) {
    for (const std::string& keyword : policy.keywords) keywords.push_back(absl::AsciiStrToLower(keyword));
  };
  take(config.policy);
  for (const Direction& direction : config.directions) take(direction.policy);
  std::sort(keywords.begin(), keywords.end());
  keywords.erase(std::unique(keywords.begin(), keywords.end()), keywords.end());
  return keywords;
}

uint32_t KeywordsIn(absl::string_view title, const std::vector<std::string>& keywords) {
  uint32_t found = 0;
  if (keywords.empty()) return found;
  const std::string lower = absl::AsciiStrToLower(title);
  for (size_t i = 0; i < keywords.size() && i < kKeywordsMax; ++i) {
    if (absl::StrContains(lower, keywords[i])) found |= uint32_t{1} << i;
  }
  return found;
}

Counters& Counters::operator+=(const Counters& other) {
  calendars_processed += other.calendars_processed;
  events_processed += other.events_processed;
  user_events_found += other.user_events_found;
  busy_blocks_created += other.busy_blocks_created;
  our_events_skipped += other.our_events_skipped;
  external_events_skipped += other.external_events_skipped;
  errors += other.errors;
  return *this;
}

Counters& Counters::operator-=(const Counters& other) {
  calendars_processed -= other.calendars_processed;
  events_processed -= other.events_processed;
  user_events_found -= other.user_events_found;
  busy_blocks_created -= other.busy_blocks_created;
  our_events_skipped -= other.our_events_skipped;
  external_events_skipped -= other.external_events_skipped;
  errors -= other.errors;
  return *this;
}

}  // namespace calsync
