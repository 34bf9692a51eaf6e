#include "scenarios/script_rules.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "engine/base/status_macros.h"
#include "engine/state/group.h"
#include "engine/state/policy.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

// "22:00-06:00", "09:00-17:00/mon-fri".
absl::StatusOr<Hours> ReadHours(absl::string_view text) {
  static constexpr absl::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  const absl::Status wrong = absl::InvalidArgumentError("hours are like 09:00-17:00 or 09:00-17:00/mon-fri");
  Hours hours;
  const std::vector<absl::string_view> halves = absl::StrSplit(text, '/');
  const std::vector<absl::string_view> ends = absl::StrSplit(halves[0], '-');
  if (halves.size() > 2 || ends.size() != 2) return wrong;
  int* const minutes[] = {&hours.from, &hours.to};
  for (size_t i = 0; i < 2; ++i) {
    const std::vector<absl::string_view> parts = absl::StrSplit(ends[i], ':');
    int hour = 0, minute = 0;
    if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &hour) || !absl::SimpleAtoi(parts[1], &minute)) return wrong;
    *minutes[i] = hour * 60 + minute;
  }
  if (halves.size() == 1) return hours;
  const std::vector<absl::string_view> days = absl::StrSplit(halves[1], '-');
  const auto first = std::find(std::begin(kDays), std::end(kDays), days.front()) - std::begin(kDays);
  const auto last = std::find(std::begin(kDays), std::end(kDays), days.back()) - std::begin(kDays);
  if (last >= 7 || first > last) return wrong;
  hours.days = 0;
  for (auto day = first; day <= last; ++day) hours.days = static_cast<uint8_t>(hours.days | (1 << day));
  return hours;
}

absl::Status ApplyRule(const RuleWord& rule, DirectionPolicy& policy) {
  const std::string& what = rule.what;
  if (what == "nothing") policy.mirrors = false;
  if (what == "everything") policy = DirectionPolicy();
  if (what == "title") policy.title_template = rule.text;
  if (what == "description") policy.description_template = rule.text;
  if (what == "without keyword") policy.keywords.push_back(rule.text);
  if (what == "without colour") policy.colours.push_back(static_cast<uint8_t>(rule.number));
  if (what == "without tentative") policy.tentative = false;
  if (what == "without unanswered") policy.needs_action = false;
  if (what == "without all-day") policy.all_day = false;
  if (what == "all hours") policy.hours.reset();
  if (what == "horizon") policy.horizon_ahead = rule.duration;
  if (what == "back") policy.horizon_back = rule.duration;
  if (what == "keep edited") policy.on_block_edited = OnBlockEdited::kKeep;
  if (what == "restore edited") policy.on_block_edited = OnBlockEdited::kRestore;
  if (what == "recreate deleted") policy.on_block_deleted = OnBlockDeleted::kRecreate;
  if (what == "respect deleted") policy.on_block_deleted = OnBlockDeleted::kRespect;
  if (what == "unless busy") policy.already_busy = AlreadyBusy::kExact;
  if (what == "hours") {
    ASSIGN_OR_RETURN(policy.hours, ReadHours(rule.text));
  }
  if (what == "visibility") {
    if (rule.text != "default" && rule.text != "public" && rule.text != "private") {
      return absl::InvalidArgumentError("visibilities are default, public, private");
    }
    policy.visibility = rule.text == "default"  ? Visibility::kDefault
                        : rule.text == "public" ? Visibility::kPublic
                                                : Visibility::kPrivate;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RuleEverywhere(ScriptRun& run, const std::vector<RuleWord>& rules) {
  absl::Status status;
  const auto apply = [&](DirectionPolicy& policy) {
    for (const RuleWord& rule : rules) status.Update(ApplyRule(rule, policy));
  };
  run.ChangeConfig([&](Policy& policy, std::vector<Direction>& directions) {
    apply(policy);
    for (Direction& direction : directions) apply(direction.policy);
  });
  return status;
}

absl::Status RuleDirections(ScriptRun& run, absl::FunctionRef<bool(int from, int to)> concerned,
                            const std::vector<RuleWord>& rules) {
  absl::Status status;
  run.ChangeConfig([&](Policy& policy, std::vector<Direction>& directions) {
    GroupConfig config{.policy = policy, .directions = std::move(directions)};
    const int calendars = static_cast<int>(run.plan().calendars.size());
    for (int from = 0; from < calendars; ++from) {
      for (int to = 0; to < calendars; ++to) {
        if (from == to || !concerned(from, to)) continue;
        DirectionPolicy& direction = config.EditPolicyFor(World::KeyOf(from), World::KeyOf(to));
        for (const RuleWord& rule : rules) status.Update(ApplyRule(rule, direction));
      }
    }
    directions = std::move(config.directions);
  });
  return status;
}

}  // namespace calsync::sim
