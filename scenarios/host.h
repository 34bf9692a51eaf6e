// The simulated host of one sync group: the process that runs its engine, its clock, its store, and what an oracle wants to know
// about them.
//
// With workers a group has a process of each of them, and one store (workers.h). What is asked of the process is asked of the one
// that has the floor: while one takes an input that one, else the owner's. It holds; the World drives. A value, unless its store
// is SQLite.

#ifndef CALSYNC_SCENARIOS_HOST_H_
#define CALSYNC_SCENARIOS_HOST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "adapter/store/memory_store.h"
#include "adapter/store/store.h"
#include "engine/engine.h"
#include "engine/host/input.h"
#include "engine/state/group.h"
#include "fakegoogle/model/truth.h"
#include "scenarios/baselines/baseline.h"
#include "scenarios/durable_image.h"
#include "scenarios/ghost.h"
#include "scenarios/laws/at_rest.h"
#include "scenarios/laws/l08_bounded_writes.h"
#include "scenarios/laws/one_owner.h"
#include "scenarios/laws/told_now.h"
#include "scenarios/laws/trail.h"

namespace calsync::sim {

enum class StoreKind : uint8_t { kMemory, kSqlite };

// A sync group of an installation.
struct InstancePlan {
  std::vector<int> calendars;
  Policy policy;
  std::vector<Direction> directions = {};
  int installation = 0;  // Those with the same number share the instance id and keys.
  std::string group = "g0";
};

class Host {
 public:
  // `processes`: of so many workers.
  Host(int number, FamilyNumber family, GroupConfig config, StoreKind store, EngineKind kind = EngineKind::kCalsync,
       int processes = 1);

  int number() const { return number_; }
  FamilyNumber family() const { return family_; }
  fake::ActorId actor() const { return {fake::ActorKind::kEngine, static_cast<uint32_t>(number_)}; }

  // --- The process.

  int processes() const { return static_cast<int>(processes_.size()); }
  bool has_workers() const { return processes_.size() > 1; }
  // Whose process is meant from now on. REQUIRES: worker < processes().
  void GiveFloor(int worker) { floor_ = static_cast<size_t>(worker); }
  int floor() const { return static_cast<int>(floor_); }

  bool running() const { return process().engine.has_value(); }
  bool stopped() const { return stopped_; }  // For good: nobody starts it again by itself.
  void set_stopped(bool stopped) { stopped_ = stopped; }
  uint64_t incarnation() const { return process().incarnation; }
  // Builds the engine from what is stored. The first input is to be Started with the returned value. Statuses are the store's.
  absl::StatusOr<Started> Boot(const SipKey& seed);
  // The process ends: what was in memory is gone.
  void Die();
  // A baseline's rows are looked at through an engine that does nothing else.
  const Engine& engine() const { return *process().engine; }
  const Baseline* baseline() const { return process().baseline.get(); }  // In the engine's place; null: none.
  Effects Step(const Input& input, absl::Time now) {
    Process& process = processes_[floor_];
    process.stepped_at = now;
    return process.baseline.get() == nullptr ? process.engine->Step(input, now) : process.baseline.get()->Step(input, now);
  }
  absl::Time stepped_at() const { return process().stepped_at; }  // On its clock, last.
  // As Engine::Unsettled says it.
  std::string Unsettled(absl::Span<const CalendarKey> given_up) const {
    return baseline() == nullptr ? engine().Unsettled(given_up) : baseline()->Unsettled();
  }

  // Calls that it sent, or is about to, and that were not answered yet; with workers over all engines that it ran.
  absl::btree_set<CallId>& under_way() { return processes_[floor_].under_way; }
  // What it had not carried out yet when it stood still in the middle of a step; empty if it did not.
  const Effects& unfinished() const { return process().unfinished; }
  void LeaveUnfinished(Effects left) { processes_[floor_].unfinished = std::move(left); }
  Effects TakeUnfinished() { return std::exchange(processes_[floor_].unfinished, {}); }
  // With workers: it is to go for another owner, and lets no call out any more.
  bool leaving() const { return process().leaving; }
  void set_leaving(bool leaving) { processes_[floor_].leaving = leaving; }

  // --- Words of the operator. What one says is lost with the process that did not come to its commit.

  // Until it ends, the process takes in this one. What was reconfigured is found beside the database, and is never lost.
  void TakeWord(const OperatorCommand& word);
  void EndWord() { processes_[floor_].word.reset(); }
  void LoseWord(OperatorCommand word) { lost_words_.push_back(std::move(word)); }
  const std::vector<OperatorCommand>& lost_words() const { return lost_words_; }
  std::vector<OperatorCommand> TakeLostWords() { return std::exchange(lost_words_, {}); }

  // --- Its clock.

  absl::Time ClockAt(absl::Time world) const { return world + process().clock_offset; }
  void StepClock(absl::Duration by) {
    processes_[floor_].clock_offset += by;
    ++clock_steps;
  }
  absl::Duration clock_offset() const { return process().clock_offset; }
  // A timer is armed for a delay, not for a time of day: stepping the clock neither delays nor hastens it.
  void SetTimer(absl::Time at, absl::Time world) { processes_[floor_].timer = world + (at - ClockAt(world)); }
  void ClearTimer() { processes_[floor_].timer = absl::InfiniteFuture(); }
  absl::Time timer() const { return process().timer; }  // On the world's clock.
  absl::Time timer_of(int worker) const { return processes_[static_cast<size_t>(worker)].timer; }

  // --- Its store.

  absl::Status Apply(const Commit& commit, absl::Time world);
  // No other process loaded the group since this one did. REQUIRES: running.
  bool has_latest_epoch() const;
  // When the row, in its present generation, was first durable, on the host's clock. InfinitePast: before this host.
  absl::Time born(const CorrelationId& id) const;
  const DurableImage& durable() const { return image_; }
  GroupImage image() const;  // All that is stored.
  size_t calls_in_flight() const {
    if (!running()) return 0;
    return baseline() == nullptr ? engine().calls_in_flight() : baseline()->calls_in_flight();
  }
  // A new database with this content; its epoch starts over. REQUIRES: no process is running.
  void ReplaceStore(const GroupImage& content);

  // --- Configuration. Kept apart from the database.

  // As the operator gave it last …
  const GroupConfig& config() const { return config_; }
  // … and what the engine decides by: with workers an order waits until its owner takes it. REQUIRES: running.
  const GroupConfig& config_in_force() const { return baseline() == nullptr ? engine().config() : config_; }
  void set_config(GroupConfig config) { config_ = std::move(config); }

  // --- For oracles and settling, by calendar number.

  struct Backup {
    GroupImage image;
    Trail trail;
  };

  struct Listings {
    absl::Time begun = absl::InfinitePast();  // The listing under way …
    absl::Time sent = absl::InfinitePast();   // … was asked for.
    bool begun_in_full = false;
    absl::Time seen = absl::InfinitePast();  // The last listing that came to its end began then.
    absl::Time seen_in_full = absl::InfinitePast();
    absl::Time reviewed = absl::InfinitePast();  // The last amnesty was over, after the first full one since.
    absl::Time told = absl::InfinitePast();      // The last notification that a channel of it brought.
    uint64_t shown_in_full = 0;                  // Full ones that were answered with a page.
    uint64_t broken = 0;                         // Of whatever kind, refused or not answered.
    Outage outage;
    AnsweredLast answered;
  };
  Listings& listings(int calendar) { return listings_[calendar]; }
  const absl::btree_map<int, Listings>& listings() const { return listings_; }
  absl::Time seen(int calendar) const;
  absl::Time seen_in_full(int calendar) const;
  absl::Time reviewed(int calendar) const;  // The infinite future if it was not yet.
  absl::Time told(int calendar) const;
  // What its rows were found to hold of Google's log of a calendar, when a sync token was last stored.
  struct Passed {
    uint32_t position = 0;
    absl::Time last_full_walk = absl::InfinitePast();
    absl::Time seen_in_full = absl::InfinitePast();  // Of that walk: one that was lost with its commit left nothing in the rows.
  };
  Passed& passed(CalendarKey key) { return passed_[key]; }
  // What its engines heard last, oldest first: messages and answers.
  const std::vector<Input>& heard() const { return heard_; }
  void Remember(Input&& input);
  void HearListing(absl::Time world, bool failed);

  uint64_t rows_read = 0;     // From the store: all at a start, and of each commit the group's own.
  uint64_t rows_written = 0;  // To the store, erased ones and entries of the trail among them.
  uint64_t writes_sent = 0;
  uint64_t lists_sent = 0;
  uint64_t watches_sent = 0;
  uint64_t restarts = 0;
  uint64_t disturbed_calls = 0;
  uint64_t commands = 0;      // That concern every event there is.
  bool memory_intact = true;  // The database was never lost, restored or cloned.
  absl::Time amnesty = absl::InfinitePast();
  int recovery_crashes = 0;  // In a row.
  bool disk_full = false;
  absl::Time stands_until = absl::InfinitePast();  // It sleeps, or its disk takes its time. Without workers; else they have it.
  int short_lives = 0;                             // So many lives from now on end soon …
  int steps_left = 0;                              // … of this one, after so many steps.
  Backup backup;                                   // Empty if none was made.
  // Of the engine that runs, without workers: since when, whether it slept, and the listings that it heard the end of
  // (told_now.h).
  absl::Time started = absl::InfinitePast();
  bool has_slept = false;
  std::vector<std::pair<absl::Time, bool>> listings_heard;
  std::string last_write;
  uint64_t clock_steps = 0;
  Trail trail;                                              // As committed.
  absl::flat_hash_map<Spot, PatchCount, SpotHash> patches;  // Look-ups only.
  OneOwner one_owner;                                       // With workers.

 private:
  adapter::Store& store() const { return sqlite_ != nullptr ? *sqlite_ : *memory_; }
  void OpenStore();
  void LookAtRows(absl::Time now);  // Of a baseline.

  int number_;
  FamilyNumber family_;
  GroupConfig config_;
  StoreKind store_kind_;
  EngineKind engine_kind_;
  mutable std::optional<adapter::MemoryStore> memory_;  // Store's questions are not const: another process may answer.
  std::shared_ptr<adapter::Store> sqlite_;
  DurableImage image_;
  struct Birth {
    uint32_t generation = 0;
    RecordStatus status = RecordStatus::kSeen;
    SharedText event;
    absl::Time at;
  };
  absl::flat_hash_map<CorrelationId, Birth> births_;  // Look-ups only.
  struct Process {
    std::optional<Engine> engine;
    AnyBaseline baseline;  // None unless engine_kind_ asks for one, and it runs.
    uint64_t incarnation = 0;
    int64_t epoch = 0;
    absl::Duration clock_offset = absl::ZeroDuration();
    absl::Time timer = absl::InfiniteFuture();
    absl::Time stepped_at = absl::InfinitePast();
    absl::btree_set<CallId> under_way;
    bool leaving = false;
    Effects unfinished;
    std::optional<OperatorCommand> word;  // What the operator said, and is not durable yet.
  };
  const Process& process() const { return processes_[floor_]; }

  std::vector<Process> processes_;
  size_t floor_ = 0;
  bool stopped_ = false;
  uint64_t incarnations_ = 0;  // Of all processes together: no two ever have the same.
  int64_t known_epoch_ = 0;    // Kept beside the configuration: a store below it is older than what was once known.
  bool in_doubt_ = false;      // Likewise: it was seen to be older, and no engine that was told has come to a commit.
  absl::btree_map<int, Listings> listings_;
  absl::btree_map<CalendarKey, Passed> passed_;
  std::vector<Input> heard_;
  std::vector<OperatorCommand> lost_words_;  // Oldest first.
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_HOST_H_
