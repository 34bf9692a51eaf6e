#include "scenarios/disturb.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "scenarios/script_run.h"
#include "scenarios/story.h"

namespace calsync::sim {
namespace {

constexpr absl::Duration kSettleMax = absl::Hours(24 * 30);
constexpr size_t kToldMax = 60;
constexpr int kPlacesMax = 1000;  // Of one kind and engine in one scenario.
constexpr int kOrder = 1;         // Its id: scenarios order faults of their own.

void OrderCall(World& world, int instance, int nth, OrderedFault::Outcome outcome) {
  OrderedFault fault{.instance = instance, .outcome = outcome, .skip = nth, .id = kOrder};
  fault.error = {
      .transport = Transport::kAnswered, .code = 503, .domain = "global", .reason = "backendError", .message = "Backend Error"};
  world.Order(std::move(fault));
}

void Order(World& world, Disturbance disturbance, int instance, int nth) {
  const auto crash = [&](CrashPoint point) { world.OrderCrash(instance, point, absl::Seconds(5), nth, kOrder); };
  switch (disturbance) {
    case Disturbance::kCrashBeforeCommit:
      return crash(CrashPoint::kBeforeCommit);
    case Disturbance::kCrashAfterCommit:
      return crash(CrashPoint::kAfterCommit);
    case Disturbance::kCrashBetweenCalls:
      return crash(CrashPoint::kBetweenCalls);
    case Disturbance::kCrashAfterReply:
      return crash(CrashPoint::kAfterReply);
    case Disturbance::kRequestLost:
      return OrderCall(world, instance, nth, OrderedFault::Outcome::kRequestLost);
    case Disturbance::kReplyLost:
      return OrderCall(world, instance, nth, OrderedFault::Outcome::kReplyLost);
    case Disturbance::kErrorBefore:
      return OrderCall(world, instance, nth, OrderedFault::Outcome::kAnsweredWith);
    case Disturbance::kErrorAfter:
      return OrderCall(world, instance, nth, OrderedFault::Outcome::kAppliedAnsweredWith);
  }
}

}  // namespace

absl::string_view Name(Disturbance disturbance) {
  switch (disturbance) {
    case Disturbance::kCrashBeforeCommit:
      return "crash before a commit";
    case Disturbance::kCrashAfterCommit:
      return "crash after a commit";
    case Disturbance::kCrashBetweenCalls:
      return "crash between calls";
    case Disturbance::kCrashAfterReply:
      return "crash after a reply";
    case Disturbance::kRequestLost:
      return "request lost";
    case Disturbance::kReplyLost:
      return "applied, answer lost";
    case Disturbance::kErrorBefore:
      return "503, not applied";
    case Disturbance::kErrorAfter:
      return "503, applied";
  }
  return "?";
}

DisturbedRun RunDisturbed(const Script& script, Disturbance disturbance, int instance, int nth) {
  ScriptRun run(script);
  DisturbedRun disturbed;
  bool ordered = false;
  for (const Command& command : script.commands) {
    const bool acts = command.row < CommandTable().size() && CommandTable()[command.row].when == CommandRow::When::kActing;
    if (acts && !ordered) {
      ordered = true;
      if (nth >= 0) Order(run.world(), disturbance, instance, nth);
    }
    // What fails because all came otherwise ends the scenario there; an expectation that is not met ends nothing.
    const bool expects = absl::StartsWith(command.text, "expect");
    if (!run.Do(command).ok() && !expects) break;
  }
  if (!run.started()) return disturbed;
  World& world = run.world();
  // What strikes later is not of the scenario.
  disturbed.struck = nth >= 0 && !world.IsPending(kOrder);
  disturbed.cloned = world.counts().mishaps[static_cast<size_t>(Mishap::kClone)] > 0;
  if (!world.violation().has_value()) {
    disturbed.rested = world.Settle(kSettleMax);
    if (disturbed.rested) world.CheckAtRest();
  }
  const std::string waits_for = disturbed.rested ? std::string() : world.Unsettled();
  const RunResult result = world.Finish();
  if (result.violation.has_value()) {
    disturbed.broken = absl::StrCat(ShortName(result.violation->law), " ", Name(result.violation->law), ": ", MessageOf(result));
    disturbed.story = WholeStoryOf(result, kToldMax);
  } else if (!disturbed.rested) {
    disturbed.broken = absl::StrCat(ShortName(Law::kL4), " ", Name(Law::kL4), ": not at rest after a month: ", waits_for);
  }
  return disturbed;
}

absl::string_view Name(Reach reach) {
  switch (reach) {
    case Reach::kNowhere:
      return "not at all";
    case Reach::kInPart:
      return "in part";
    case Reach::kWhole:
      return "whole";
  }
  return "?";
}

Disturbed DisturbEverywhere(const Script& script, const std::function<bool()>& goes_on) {
  Disturbed disturbed;
  if (!goes_on()) return disturbed;
  const DisturbedRun undisturbed = RunDisturbed(script, Disturbance::kCrashBeforeCommit, 0, -1);
  disturbed.reach = Reach::kWhole;
  if (undisturbed.cloned) {
    disturbed.unjudged = "two engines share an identity in it";
  } else if (!undisturbed.broken.empty()) {
    disturbed.unjudged = absl::StrCat("breaks a law by itself: ", undisturbed.broken);
  } else if (!undisturbed.rested) {
    disturbed.unjudged = "does not come to rest by itself";
  }
  if (!disturbed.judged()) return disturbed;
  for (size_t kind = 0; kind < kDisturbances; ++kind) {
    for (int instance = 0; instance < 2; ++instance) {
      for (int nth = 0; nth < kPlacesMax; ++nth) {
        if (!goes_on()) {
          disturbed.reach = Reach::kInPart;
          return disturbed;
        }
        DisturbedPlace place{.disturbance = static_cast<Disturbance>(kind), .instance = instance, .nth = nth};
        place.run = RunDisturbed(script, place.disturbance, instance, nth);
        if (!place.run.struck) break;
        ++disturbed.places;
        if (!place.run.broken.empty()) disturbed.broken.push_back(std::move(place));
      }
    }
  }
  return disturbed;
}

}  // namespace calsync::sim
