// The production host: many sync groups on one loop. Notifications, replies, timers and words of the operator become inputs; what
// the engines decide is made durable, then carried out.
//
// Engines are loaded when there is something for them to do, and dropped when many rows are in memory. Groups take turns, one
// input at a time, so that none keeps the others waiting (L10); turns of some milliseconds share one transaction of the store,
// and nothing that they decided leaves before it is durable (docs/decisions/0033-*). What is done costs what the groups cost that
// it is for: nothing goes through all of them but a change of the whole configuration. It decides nothing about calendars.

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
  // After a commit is durable, also if the group was in trouble meanwhile. Its audit entries say what was done and why.
  virtual void OnCommit(const GroupConfig& /*group*/, const Commit& /*commit*/) {}
  // A group's engine could not go on; it is started again after `again_in`, or not at all if that is infinite.
  virtual void OnTrouble(const GroupId& /*group*/, const absl::Status& /*status*/, absl::Duration /*again_in*/) {}
  // The store cannot be written for now: all groups wait, and nothing is lost. OK: they go on.
  virtual void OnStore(const absl::Status& /*status*/) {}
};

struct RunnerOptions {
  std::function<absl::Time()> clock;       // The wall clock.
  std::function<SipKey()> seed;            // Unpredictable, and never the same twice.
  std::shared_ptr<const ZoneTable> zones;  // Null: the machine's, once a group needs them (zones.h).
  // Rows in memory, of all engines together; above this those that rest are dropped, longest rested first, and those that nobody
  // waits for are not loaded. A group that is larger than this is loaded all the same.
  size_t rows_max = 300'000;
  // How soon a wall clock that was set, or a machine that slept, is noticed at the latest.
  absl::Duration look_at_clock = absl::Seconds(20);
  bool restored = false;  // The operator says that the database is older than the calendars.
  // A group whose commit was refused is another's, and not started again. False: whoever removes it decides that.
  bool refused_for_good = true;
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
  // The same for one of them: it is new, or changed; or it is gone.
  void Put(Linked linked);
  void Remove(const GroupId& group);
  // It goes for another owner: no new calls leave, answers to those that did are still taken; `left` once all came, at the moment
  // at which it is gone, perhaps from within Leave.
  void Leave(const GroupId& group, std::function<void()> left);

  // A push message for a group; unknown groups are ignored.
  void Notify(const GroupId& group, Notification notification);
  // NotFound for an unknown group, FailedPrecondition for a paused one. `ended`, if any, is called once: with true when what the
  // command led to is durable, with false if it went with its engine and is to be given again.
  using Ended = std::function<void(bool durable)>;
  absl::Status Command(const GroupId& group, OperatorCommand command, Ended ended = nullptr);

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
    bool rests;        // It was dropped to make room, and is loaded when something happens or its timer comes …
    std::string left;  // … and this is what it had still to do then, in words; empty: nothing.
    absl::Time timer;  // By the wall clock, when it was set; InfiniteFuture if none.
    size_t inputs;     // That it has not taken yet.
  };
  std::vector<View> Groups() const;
  std::optional<View> Look(const GroupId& group) const;
  // Up to so many, the first of them after this one by name; from the beginning again after the last.
  std::vector<View> GroupsAfter(const GroupId& group, size_t many) const;
  size_t size() const { return groups_.size(); }
  size_t calls_in_flight() const { return calls_in_flight_; }
  size_t rows() const { return rows_; }  // In memory.

 private:
  enum class Lane : uint8_t { kNone, kPatient, kReady };
  struct Given {
    Input input;
    Ended ended;
  };
  struct Group {
    Group(Linked linked, Store& store, Epochs& epochs, Recorder* recorder)
        : accounts(std::move(linked.accounts)), paused(linked.paused), host(std::move(linked.config), store, epochs, recorder) {}

    absl::btree_map<CalendarKey, AccountId> accounts;
    bool paused;
    GroupHost host;
    std::deque<Given> inputs;
    Lane queued = Lane::kNone;
    bool wants_start = true;
    bool restored_told = false;  // RunnerOptions::restored is for the first start alone.
    bool has_zones = false;      // Its engine was given rules of zones.
    uint64_t incarnation = 0;    // Of its engine.
    absl::Duration again_in = absl::ZeroDuration();
    absl::Status trouble;
    bool for_good = false;
    bool rests = false;
    std::string left;
    bool leaving = false;
    absl::Time wall_due = absl::InfiniteFuture();    // By the wall clock …
    absl::Time steady_due = absl::InfiniteFuture();  // … and by one that nobody sets: the earlier of the two counts.
    absl::Time rested_since = absl::InfinitePast();  // By the steady clock, if it is in resting_.
  };
  // What a turn decided, until it is durable.
  struct Turn {
    GroupId group;
    uint64_t incarnation;
    Outgoing out;
    Ended ended;
  };

  // Does something to the host, and counts the rows that come and go by it.
  template <class Action>
  auto Counting(Group& group, Action action);
  void Push(const GroupId& id, Group& group, Input input, Ended ended = nullptr);
  void Queue(const GroupId& id, Group& group, Lane lane);
  std::optional<GroupId> NextInLine();
  void TurnSoon();
  void TakeTurns();
  // False: what it did to the store failed.
  bool TakeTurn(const GroupId& id, Group& group, std::vector<Turn>& turns);
  void CarryOut(const GroupId& id, Group& group, Outgoing out);
  void WaitForStore(const absl::Status& status);
  void Send(const GroupId& id, Group& group, ApiCall call);
  void Troubled(const GroupId& id, Group& group, const absl::Status& status);
  void SetTimer(const GroupId& id, Group& group, absl::Time at);
  void Arm();
  void FollowWallClock(absl::Time steady, absl::Time wall);
  void OnAlarm();
  void Drop(const GroupId& id, Group& group);
  View ViewOf(const GroupId& id, const Group& group) const;
  void Rest(const GroupId& id, Group& group);
  bool IsFull() const { return rows_ > options_.rows_max && calls_in_flight_ > 0; }
  void Evict();
  void EndIfStopped();
  void EndIfLeft(const GroupId& id);
  void EndIfLeftSoon(const GroupId& id);

  http::Loop& loop_;
  Store& store_;
  Epochs& epochs_;
  Caller& caller_;
  Watcher* watcher_;
  RunnerOptions options_;
  absl::btree_map<GroupId, std::unique_ptr<Group>> groups_;
  // Two lanes that take turns: who was told something, and who is only to be looked after. A group may stand in both; the first
  // of the two that comes counts.
  std::deque<GroupId> ready_;
  std::deque<GroupId> patient_;
  bool patient_next_ = false;
  bool turning_ = false;  // TakeTurns() is posted.
  absl::Duration store_again_in_ = absl::ZeroDuration();
  bool stopping_ = false;
  std::function<void()> stopped_;
  size_t calls_in_flight_ = 0;
  absl::btree_map<GroupId, size_t> under_way_;               // Calls that were sent, by group; also of engines that are gone.
  absl::btree_map<GroupId, std::function<void()>> leaving_;  // Whom to tell.
  size_t rows_ = 0;                                          // Of all engines.
  absl::btree_set<std::pair<absl::Time, GroupId>> resting_;  // Engines that may be dropped, by when they began to rest.
  absl::btree_set<std::pair<absl::Time, GroupId>> due_;      // By the steady clock.
  absl::Time armed_for_ = absl::InfiniteFuture();            // Likewise: when the alarm goes off.
  absl::Duration wall_ahead_;                                // Of the steady clock, when it was last looked at.
  http::Loop::Alarm alarm_;
  http::Loop::Alarm patience_;     // While stopping.
  http::Loop::Alarm store_alarm_;  // While the store cannot be written.
  std::shared_ptr<Runner*> self_;  // Null inside once this is gone: answers may come later.
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_RUNNER_RUNNER_H_
