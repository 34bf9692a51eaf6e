#include "scenarios/script_mishaps.h"

#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/host/input.h"
#include "scenarios/world.h"

namespace calsync::sim::mishaps {

absl::Status Refuse(ScriptRun& run, int calendar, const EventWord& word, bool refused) {
  ASSIGN_OR_RETURN(const EventPtr event, run.FindEvent(calendar, word));
  GhostEvent* ghost = run.world().ghost().FindForChange({calendar, event->id});
  CALSYNC_CHECK(ghost != nullptr);
  ghost->rejected = refused;
  return absl::OkStatus();
}

absl::Status SetRole(ScriptRun& run, int calendar, const std::string& name) {
  const std::pair<const char*, AccessRole> kRoles[] = {
      {"none", AccessRole::kNone},     {"freeBusyReader", AccessRole::kFreeBusyReader},
      {"reader", AccessRole::kReader}, {"writerWithoutPrivateAccess", AccessRole::kWriterWithoutPrivateAccess},
      {"writer", AccessRole::kWriter}, {"owner", AccessRole::kOwner}};
  for (const auto& [word, role] : kRoles) {
    if (name != word) continue;
    if (run.started()) {
      run.world().SetRole(calendar, role);
    } else {
      run.plan().calendars[static_cast<size_t>(calendar)].role = role;
    }
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("roles are none, freeBusyReader, reader, writerWithoutPrivateAccess, writer, owner");
}

absl::Status Forge(ScriptRun& run, int calendar, bool right_channel) {
  Notification forged;
  forged.channel = ChannelId("forged-channel");
  forged.token = "guessed";
  if (right_channel) {
    const Host& host = run.world().host(0);
    const CalendarRow* row = host.running() ? host.engine().calendar(World::KeyOf(calendar)) : nullptr;
    if (row == nullptr || row->channels.empty()) return absl::FailedPreconditionError("the calendar has no channel");
    forged.channel = row->channels.back().id;
  }
  run.world().ForgeMessage(0, std::move(forged));
  return absl::OkStatus();
}

absl::Status WithWorker(ScriptRun& run, int number, absl::FunctionRef<void(int)> act) {
  if (run.world().workers().empty()) return absl::FailedPreconditionError("there are no workers: `workers 2` sets the scene");
  if (number < 1 || number > run.world().workers().size()) {
    return absl::InvalidArgumentError(absl::StrCat("workers are from 1 to ", run.world().workers().size()));
  }
  act(number - 1);
  return absl::OkStatus();
}

}  // namespace calsync::sim::mishaps
