#include "scenarios/actors/mishaps.h"

#include <iterator>

#include "absl/strings/str_cat.h"

namespace calsync::sim {
namespace {

uint64_t DrawForWorkers(World& world, uint64_t bound, absl::string_view label) {
  return world.choices().Choose(Stream::kWorkers, bound, label);
}

int DrawWorker(World& world) {
  const auto count = static_cast<uint64_t>(world.workers().size());
  const auto owner = static_cast<uint64_t>(world.host(0).floor());
  const uint64_t which = DrawForWorkers(world, count + 2, "which worker");
  return static_cast<int>(which < 3 ? owner : (owner + which - 2) % count);
}

}  // namespace

absl::Duration DrawStandstill(Choices& choices) {
  // A call may last for half a lease, which is a minute.
  static constexpr int kSeconds[] = {2, 90, 35, 62, 130, 58, 20, 400};
  const int seconds = kSeconds[choices.Choose(Stream::kWorkers, std::size(kSeconds), "stands still for")];
  return absl::Seconds(seconds) +
         absl::Milliseconds(100) * static_cast<int64_t>(choices.Choose(Stream::kWorkers, 50, "and moments"));
}

void WorkersSuffer(World& world) {
  const auto seconds = [&](uint64_t most) {
    return absl::Seconds(1 + static_cast<int64_t>(DrawForWorkers(world, most, "for how long")));
  };
  const uint64_t what = DrawForWorkers(world, 10, "what befalls workers");
  const int worker = DrawWorker(world);
  switch (what) {
    case 0:
    case 1:
    case 2:
      if (world.PauseWorker(worker, DrawStandstill(world.choices()))) world.Count(Mishap::kStoodStill);
      return;
    case 3:
    case 4:
      if (world.KillWorker(worker, seconds(300))) world.Count(Mishap::kWorkerKilled);
      return;
    case 5:
      if (world.StopWorker(worker, seconds(300))) world.Count(Mishap::kWorkerStopped);
      return;
    case 6:
    case 7:
      if (world.DrainWorker(worker, true)) world.Count(Mishap::kWorkerDrained);
      return world.UndrainLater(worker, seconds(600));
    case 8:
      world.Count(Mishap::kDatabaseAway);
      return world.TakeDatabaseAway(seconds(120));
    default:
      return world.LoseBeats(seconds(300));
  }
}

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
      // From the largest step to a 32,768th of it, which may be milliseconds: each magnitude as often as the other.
      absl::Duration by = world.knobs().clock_step_max;
      for (uint64_t i = choices.Choose(Stream::kClock, 6, "size of the step"); i > 0; --i) by /= 8;
      const bool back = choices.Choose(Stream::kClock, 2, "back") == 1;
      world.Count(back ? Mishap::kClockBack : Mishap::kClockForward);
      return world.StepClock(0, back ? -by : by);
    }
    case MishapTurn::kSuspend:
      return world.Suspend(0, absl::Minutes(20) * static_cast<int64_t>(1 + choices.Choose(Stream::kClock, 72, "sleeps for")));
    case MishapTurn::kCrashLoop:
      return world.DieAgainAndAgain(0, static_cast<int>(5 + choices.Choose(Stream::kCrash, 25, "short lives")));
    case MishapTurn::kDiskFull:
      world.Count(Mishap::kDiskFull);
      world.host_for_change(0).disk_full = true;
      return;
  }
}

}  // namespace calsync::sim
