#include "scenarios/webhook_run.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "scenarios/actors/people.h"
#include "scenarios/choices.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

using adapter::LoggedNotification;
using What = Rhythm::Beat::What;

constexpr absl::Duration kWarmUp = absl::Minutes(10);     // Channels are there by then.
constexpr absl::Duration kUsualDelay = absl::Seconds(1);  // From a change to its message.
constexpr absl::Duration kApart = absl::Milliseconds(1);  // Changes of one channel come one after the other.
constexpr absl::Duration kLongest = absl::Hours(24 * 366);

// One message of a channel, however often it came.
struct Message {
  absl::Time first;
  int calendar = 0;
  bool taken = false;  // At least once.
};
using Channel = std::map<uint64_t, Message>;  // By message number.

// Numbers grow with the changes (C-83): what a later message tells of happened after what an earlier one does.
void AddChanges(const Channel& channel, absl::Time began, Rhythm& rhythm) {
  absl::Time next = absl::InfiniteFuture();
  for (auto message = channel.rbegin(); message != channel.rend(); ++message) {
    next = std::min(message->second.first - kUsualDelay, next - kApart);
    rhythm.beats.push_back({next - began, What::kChange, message->second.calendar});
    ++rhythm.changes;
    if (!message->second.taken) ++rhythm.lost;
  }
}

// The person's own calendars are as many as the log shows, and one more if it shows one alone: a block needs a target.
Plan PlanFor(const Rhythm& rhythm) {
  std::vector<std::string> names;
  for (size_t i = 0; i < rhythm.resources.size(); ++i) names.push_back(absl::StrCat("calendar", i + 1));
  if (names.size() == 1) names.push_back("another");
  return QuietPlan(names, UsualStart());
}

}  // namespace

absl::StatusOr<Rhythm> RhythmOf(absl::Span<const LoggedNotification> messages) {
  Rhythm rhythm;
  std::map<std::string, Channel> channels;
  std::map<std::string, uint64_t> latest;  // By channel.
  const absl::Time began = messages.empty() ? absl::UnixEpoch() : messages.front().at;
  for (const LoggedNotification& message : messages) {
    if (message.state != "exists") {
      ++rhythm.first;
      continue;
    }
    const auto known = std::find(rhythm.resources.begin(), rhythm.resources.end(), message.resource);
    const int calendar = static_cast<int>(known - rhythm.resources.begin());
    if (known == rhythm.resources.end()) rhythm.resources.push_back(message.resource);
    const auto [which, is_new] = channels[message.channel].try_emplace(message.number, Message{message.at, calendar});
    which->second.taken = which->second.taken || message.taken;
    if (!message.taken) continue;
    ++rhythm.arrived;
    uint64_t& highest = latest[message.channel];
    if (!is_new) ++rhythm.again;
    if (is_new && message.number < highest) ++rhythm.overtaken;
    highest = std::max(highest, message.number);
    rhythm.beats.push_back({message.at - began, What::kMessage, calendar});
  }
  for (const auto& [name, channel] : channels) AddChanges(channel, began, rhythm);
  if (rhythm.changes == 0)
    return absl::InvalidArgumentError("none of its messages tells of a change (X-Goog-Resource-State: exists)");
  if (static_cast<int>(rhythm.resources.size()) > kCalendarsMax) {
    return absl::InvalidArgumentError(absl::StrCat("it shows ", rhythm.resources.size(), " calendars, and one person has ",
                                                   kCalendarsMax, " at most; choose those of one person by X-Goog-Resource-ID"));
  }
  std::stable_sort(rhythm.beats.begin(), rhythm.beats.end(), [](const Rhythm::Beat& a, const Rhythm::Beat& b) {
    return std::pair(a.at, a.what) < std::pair(b.at, b.what);
  });
  rhythm.length = rhythm.beats.back().at - std::min(rhythm.beats.front().at, absl::ZeroDuration());
  if (rhythm.length > kLongest) {
    return absl::InvalidArgumentError(
        absl::StrCat("its messages span ", absl::ToInt64Hours(rhythm.length) / 24, " days; a year is the most"));
  }
  return rhythm;
}

RunResult RunRhythm(const Rhythm& rhythm, const WebhookRunOptions& options) {
  Plan plan = PlanFor(rhythm);
  plan.tracing = options.trace;
  World world(std::move(plan), Choices::FromSeed(options.seed));
  world.RunFor(kWarmUp);
  world.DelayMessages(-1, absl::InfiniteDuration());  // From now on those of the log alone.
  const absl::Time began = world.now() - std::min(rhythm.beats.front().at, absl::ZeroDuration());
  for (const Rhythm::Beat& beat : rhythm.beats) {
    if (world.violation().has_value()) break;
    world.RunUntil(began + beat.at);
    if (beat.what == What::kChange) {
      PersonActsOn(world, beat.calendar);
    } else {
      for (int instance = 0; instance < world.instances(); ++instance) world.BringMessage(instance, beat.calendar);
    }
  }
  world.RunFor(absl::Seconds(1));
  world.SettleAndCheck();
  world.QuietDay();
  return world.Finish();
}

}  // namespace calsync::sim
