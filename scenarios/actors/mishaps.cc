#include "scenarios/actors/mishaps.h"

#include "absl/strings/str_cat.h"

namespace calsync::sim {

void MishapStrikes(World& world, MishapTurn what) {
  Choices& choices = world.choices();
  switch (what) {
    case MishapTurn::kBackUp:
      return world.BackUp(0);
    case MishapTurn::kRestore:
      world.Count(Mishap::kDatabaseRestored);
      return world.RestoreBackup(0);
    case MishapTurn::kLose:
      world.Count(Mishap::kDatabaseLost);
      return world.LoseDatabase(0);
    case MishapTurn::kClone:
      world.CloneInstance(0);
      return;
    case MishapTurn::kClock: {
      // From a second to the largest step, each magnitude as often as the other.
      absl::Duration by = world.knobs().clock_step_max;
      for (uint64_t i = choices.Choose(Stream::kClock, 6, "size of the step"); i > 0; --i) by /= 8;
      const bool back = choices.Choose(Stream::kClock, 2, "back") == 1;
      world.Count(back ? Mishap::kClockBack : Mishap::kClockForward);
      return world.StepClock(0, back ? -by : by);
    }
    case MishapTurn::kDiskFull:
      world.Count(Mishap::kDiskFull);
      world.host_for_change(0).disk_full = true;
      return;
  }
}

}  // namespace calsync::sim
