// The production host: many sync groups on one loop. Notifications, replies, timers and words of the operator become inputs; what
// the engines decide is made durable, then carried out.
//
// Engines are loaded when there is something for them to do, and dropped when many of them rest. Groups take turns, one input at
// a time, so that none keeps the others waiting (L10). It decides nothing about calendars.

#ifndef CALSYNC_ADAPTER_RUNNER_RUNNER_H_
#define CALSYNC_ADAPTER_RUNNER_RUNNER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "adapter/config/settings.h"
#include "adapter/http/loop.h"
#include "adapter/runner/caller.h"
#include "adapter/runner/epochs.h"
#include "adapter/runner/group_host.h"
#include "adapter/store/store.h"
#include "engine/host/input.h"

namespace calsync::adapter {

// Hears what happens, for logs, recorders and people; changes nothing.
class Watcher {
 public:
  virtual ~Watcher() = default;
  // After a commit is durable. Its audit entries say what was done and why.
  virtual void OnCommit(const GroupConfig& /*group*/, const Commit& /*commit*/) {}
  // A group's engine could not go on; it is started again after `again_in`, or not at all if that is infinite.
  virtual void OnTrouble(const GroupId& /*group*/, const absl::Status& /*status*/, absl::Duration /*again_in*/) {}
};

struct RunnerOptions {
  std::function<absl::Time()> clock;  // The wall clock.
  std::function<SipKey()> seed;       // Unpredictable, and never the same twice.
  std::shared_ptr<const ZoneTable> zones;
  size_t engines_max = 4096;  // In memory; above this those that rest are dropped, longest rested first.
  // How soon a wall clock that was set, or a machine that slept, is noticed at the latest.
  absl::Duration look_at_clock = absl::Seconds(20);
  bool restored = false;         // The operator says that the database is older than the calendars.
  Recorder* recorder = nullptr;  // Of what engines are given and answer; null: nothing is recorded. It must outlive the runner.
};

class Runner {
 public:
  // All must outlive it; `watcher` may be null.
  Runner(http::Loop& loop, Store& store, Epochs& epochs, Caller& caller, Watcher* watcher, RunnerOptions options);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // The groups there are from now on, each with the accounts of its calendars. Those that were there go on with what is new;
  // those that are gone or paused stop at once, as they are.
  struct Linked {
    GroupConfig config;
    absl::btree_map<CalendarKey, AccountId> accounts;
    bool paused = false;
  };
  void Configure(std::vector<Linked> groups);

  // A push message for a group; unknown groups are ignored.
  void Notify(const GroupId& group, Notification notification);
  // NotFound for an unknown group, FailedPrecondition for a paused one.
  absl::Status Command(const GroupId& group, OperatorCommand command);

  // No new calls leave. Answers to those that did are still taken; `done` once all came, or after `grace`. What was decided and
  // not sent counts as lost: the next start finds out.
  void Stop(absl::Duration grace, std::function<void()> done);

  // --- For who looks.

  struct View {
    GroupId group;
    const Engine* engine;  // Null: not loaded.
    absl::Status trouble;  // Why it is not running, if it should.
    bool paused;
    bool for_good;     // It will not be started again.
    absl::Time timer;  // By the wall clock, when it was set; InfiniteFuture if none.
    size_t inputs;     // That it has not taken yet.
  };
  std::vector<View> Groups() const;
  size_t calls_in_flight() const { return calls_in_flight_; }

 private:
  struct Group {
    Group(Linked linked, Store& store, Epochs& epochs, Recorder* recorder)
        : accounts(std::move(linked.accounts)), paused(linked.paused), host(std::move(linked.config), store, epochs, recorder) {}

    absl::btree_map<CalendarKey, AccountId> accounts;
    bool paused;
    GroupHost host;
    std::deque<Input> inputs;
    bool queued = false;  // In ready_.
    bool wants_start = true;
    bool restored_told = false;  // RunnerOptions::restored is for the first start alone.
    uint64_t incarnation = 0;    // Of its engine.
    absl::Duration again_in = absl::ZeroDuration();
    absl::Status trouble;
    bool for_good = false;
    absl::Time wall_due = absl::InfiniteFuture();    // By the wall clock …
    absl::Time steady_due = absl::InfiniteFuture();  // … and by one that nobody sets: the earlier of the two counts.
    absl::Time rested_since = absl::InfinitePast();
  };

  // Does something to the host, and counts engines that come and go by it.
  template <class Action>
  auto Counting(Group& group, Action action);
  void Push(const GroupId& id, Group& group, Input input);
  void Queue(const GroupId& id, Group& group);
  void TakeTurns();
  void TakeTurn(const GroupId& id, Group& group);
  void CarryOut(const GroupId& id, Group& group, absl::StatusOr<Outgoing> out);
  void Send(const GroupId& id, Group& group, ApiCall call);
  void Troubled(const GroupId& id, Group& group, const absl::Status& status);
  void SetTimer(const GroupId& id, Group& group, absl::Time at);
  void Arm();
  void OnAlarm();
  void Drop(Group& group);
  void Evict();
  void EndIfStopped();

  http::Loop& loop_;
  Store& store_;
  Epochs& epochs_;
  Caller& caller_;
  Watcher* watcher_;
  RunnerOptions options_;
  absl::btree_map<GroupId, std::unique_ptr<Group>> groups_;
  std::deque<GroupId> ready_;
  bool turning_ = false;  // TakeTurns() is posted.
  bool stopping_ = false;
  std::function<void()> stopped_;
  size_t calls_in_flight_ = 0;
  size_t engines_ = 0;                                   // Loaded.
  absl::btree_set<std::pair<absl::Time, GroupId>> due_;  // By the steady clock.
  absl::Duration wall_ahead_;                            // Of the steady clock, when it was last looked at.
  http::Loop::Alarm alarm_;
  http::Loop::Alarm patience_;     // While stopping.
  std::shared_ptr<Runner*> self_;  // Null inside once this is gone: answers may come later.
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_RUNNER_RUNNER_H_
