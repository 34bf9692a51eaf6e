#include "scenarios/script_operator.h"

#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "engine/base/status_macros.h"
#include "engine/state/policy.h"
#include "scenarios/world.h"
#include "scenarios/zones.h"

namespace calsync::sim::operators {
namespace {

absl::Status GiveWord(ScriptRun& run, SettleLegacy word) {
  const int calendar = static_cast<int>(word.calendar.value()) - 1;
  if (word.as == SettleLegacy::As::kBlock) run.world().ghost().Take(run.world().host(0).family(), {calendar, word.event});
  return Operate(run, std::move(word));
}

}  // namespace

absl::Status Settle(ScriptRun& run) {
  if (!run.world().Settle()) {
    if (run.world().violation().has_value()) return absl::OkStatus();  // Told by the caller.
    return absl::DeadlineExceededError(absl::StrCat("does not settle: ", run.world().Unsettled()));
  }
  run.world().CheckAtRest();
  run.TellRest("settled");
  // Whoever acts next does so a little later: what happens at the very instant of a rest could belong to either side of it.
  run.world().RunFor(absl::Seconds(1));
  return absl::OkStatus();
}

absl::Status SetZone(ScriptRun& run, int calendar, const std::string& name) {
  absl::TimeZone zone;
  if (!FindZone(name, zone)) return absl::InvalidArgumentError(absl::StrCat("zones are ", absl::StrJoin(ZoneNames(), ", ")));
  if (run.started()) {
    run.world().SetZone(calendar, name);
  } else {
    run.plan().calendars[static_cast<size_t>(calendar)].time_zone = name;
    run.plan().calendars[static_cast<size_t>(calendar)].zone = zone;
  }
  return absl::OkStatus();
}

absl::Status Operate(ScriptRun& run, OperatorCommand command) {
  run.world().Command(0, std::move(command));
  return absl::OkStatus();
}

absl::Status SetDetection(ScriptRun& run, const std::string& word) {
  for (const Detection detection : {Detection::kUuid, Detection::kHybrid, Detection::kText}) {
    if (word == Name(detection)) {
      run.ChangePolicy([&](Policy& policy) { policy.detection = detection; });
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError("detections are uuid, hybrid, text");
}

absl::Status SettleMark(ScriptRun& run, int calendar, const EventWord& word, SettleLegacy::As as) {
  ASSIGN_OR_RETURN(const EventPtr event, run.FindEvent(calendar, word));
  return GiveWord(run, {.calendar = World::KeyOf(calendar), .event = event->id, .as = as});
}

absl::Status SettleMarkFor(ScriptRun& run, int calendar, const EventWord& word, int home, const EventWord& source_word) {
  ASSIGN_OR_RETURN(const EventPtr event, run.FindEvent(calendar, word));
  ASSIGN_OR_RETURN(const EventPtr source, run.FindEvent(home, source_word));
  return GiveWord(run, {.calendar = World::KeyOf(calendar),
                        .event = event->id,
                        .as = SettleLegacy::As::kBlock,
                        .source_calendar = World::KeyOf(home),
                        .source_event = source->id});
}

}  // namespace calsync::sim::operators
