#include "adapter/runner/runner.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapter/runner/zones.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"

namespace calsync::adapter {
namespace {

// Turns that share a transaction. Then sockets and signals have their say.
constexpr int kTurnsAtOnce = 256;
constexpr absl::Duration kTurnsLast = absl::Milliseconds(20);
constexpr absl::Duration kAgainFirst = absl::Seconds(1);
constexpr absl::Duration kAgainMax = absl::Minutes(5);
constexpr absl::Duration kStoreAgainFirst = absl::Milliseconds(50);
constexpr absl::Duration kStoreAgainMax = absl::Seconds(2);
constexpr size_t kInputsMax = 10'000;   // Of a group that wait. More notifications say nothing new.
constexpr size_t kRowsOfAnEngine = 16;  // What it takes besides its rows, counted as rows.

absl::Time SteadyNow() { return absl::UnixEpoch() + absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); }

// The calendar that a call is made for. A channel is known to whoever opened it alone (C-87).
std::optional<CalendarKey> KeyOf(const GroupHost& host, const Request& request) {
  const CalendarId* const id = CalendarOf(request);
  const auto* const stop = std::get_if<StopChannel>(&request);
  for (const LinkedCalendar& calendar : host.config().calendars) {
    if (id != nullptr && calendar.google_id == *id) return calendar.key;
    const CalendarRow* const row = stop != nullptr && host.running() ? host.engine()->calendar(calendar.key) : nullptr;
    if (row == nullptr) continue;
    for (const ChannelRow& channel : row->channels) {
      if (channel.id == stop->channel) return calendar.key;
    }
  }
  return std::nullopt;
}

}  // namespace

Runner::Runner(http::Loop& loop, Store& store, Epochs& epochs, Caller& caller, Watcher* watcher, RunnerOptions options)
    : loop_(loop),
      store_(store),
      epochs_(epochs),
      caller_(caller),
      watcher_(watcher),
      options_(std::move(options)),
      wall_ahead_(options_.clock() - SteadyNow()),
      alarm_(loop),
      patience_(loop),
      store_alarm_(loop),
      self_(std::make_shared<Runner*>(this)) {}

Runner::~Runner() { *self_ = nullptr; }

template <class Action>
auto Runner::Counting(Group& group, Action action) {
  const auto rows = [&] { return group.host.running() ? group.host.engine()->records().size() + kRowsOfAnEngine : size_t{0}; };
  const size_t before = rows();
  auto result = action(group.host);
  rows_ += rows() - before;
  return result;
}

void Runner::Configure(std::vector<Linked> groups) {
  absl::btree_set<GroupId> gone;
  for (const auto& [id, group] : groups_) gone.insert(id);
  for (const Linked& linked : groups) gone.erase(linked.config.id);
  for (const GroupId& id : gone) Remove(id);
  for (Linked& linked : groups) Put(std::move(linked));
}

void Runner::Put(Linked linked) {
  const GroupId id = linked.config.id;
  const auto known = groups_.find(id);
  if (known == groups_.end()) {
    leaving_.erase(id);  // What left was another life of it.
    Group& group =
        *groups_.emplace(id, std::make_unique<Group>(std::move(linked), store_, epochs_, options_.recorder)).first->second;
    return Queue(id, group, Lane::kPatient);
  }
  Group& group = *known->second;
  group.accounts = std::move(linked.accounts);
  if (linked.paused && !group.paused) {
    Drop(id, group);
    SetTimer(id, group, absl::InfiniteFuture());
  }
  if (!linked.paused && group.paused) group.wants_start = true;
  group.paused = linked.paused;
  if (!(group.host.config() == linked.config)) {
    // Rules of zones are given to an engine when it starts, and not later.
    if (group.host.running() && !group.has_zones && NeedsZones(linked.config)) Drop(id, group);
    group.host.SetConfig(linked.config);
    if (group.host.running()) {
      Push(id, group, OperatorCommand{Reconfigure{std::move(linked.config)}});
    } else if (group.again_in == absl::ZeroDuration()) {
      group.wants_start = true;  // What differs is to be carried out, also for a group that rests.
    }
  }
  if (group.wants_start) Queue(id, group, Lane::kPatient);
}

void Runner::Remove(const GroupId& id) {
  const auto known = groups_.find(id);
  if (known == groups_.end()) return;
  Drop(id, *known->second);
  SetTimer(id, *known->second, absl::InfiniteFuture());
  groups_.erase(known);
}

void Runner::Leave(const GroupId& id, std::function<void()> left) {
  const auto known = groups_.find(id);
  if (known != groups_.end()) {
    known->second->leaving = true;
    SetTimer(id, *known->second, absl::InfiniteFuture());
  }
  leaving_[id] = std::move(left);
  EndIfLeft(id);
}

void Runner::EndIfLeft(const GroupId& id) {
  const auto leaving = leaving_.find(id);
  if (leaving == leaving_.end() || under_way_.contains(id)) return;
  const auto known = groups_.find(id);
  if (known != groups_.end() && known->second->host.running() && !known->second->inputs.empty()) return;
  // In one moment: a Put that came between the two would run a group that is given away.
  const std::function<void()> left = std::move(leaving->second);
  leaving_.erase(leaving);
  Remove(id);
  left();
}

void Runner::EndIfLeftSoon(const GroupId& id) {
  loop_.Post([self = self_, id] {
    if (*self != nullptr) (*self)->EndIfLeft(id);
  });
}

void Runner::Drop(const GroupId& id, Group& group) {
  Counting(group, [](GroupHost& host) {
    host.Drop();
    return true;
  });
  for (const Given& lost : std::exchange(group.inputs, {})) {
    if (lost.ended) lost.ended(false);
  }
  resting_.erase({group.rested_since, id});
}

void Runner::Notify(const GroupId& group, Notification notification) {
  const auto found = groups_.find(group);
  if (found == groups_.end() || found->second->paused) return;
  Push(group, *found->second, std::move(notification));
}

absl::Status Runner::Command(const GroupId& group, OperatorCommand command, Ended ended) {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return absl::NotFoundError(absl::StrCat("there is no group \"", group.text(), "\""));
  if (found->second->paused) {
    return absl::FailedPreconditionError(absl::StrCat("the group \"", group.text(), "\" is paused. `calsync resume` first"));
  }
  Push(group, *found->second, std::move(command), std::move(ended));
  return absl::OkStatus();
}

void Runner::Push(const GroupId& id, Group& group, Input input, Ended ended) {
  if (group.inputs.size() >= kInputsMax && std::holds_alternative<Notification>(input)) return;
  group.inputs.push_back({std::move(input), std::move(ended)});
  if (!group.host.running() && group.again_in == absl::ZeroDuration()) group.wants_start = true;
  Queue(id, group, Lane::kReady);
}

void Runner::Queue(const GroupId& id, Group& group, Lane lane) {
  if (group.queued >= lane || group.paused || group.for_good) return;
  group.queued = lane;
  (lane == Lane::kReady ? ready_ : patient_).push_back(id);
  TurnSoon();
}

// At once, or when there is room for more.
void Runner::TurnSoon() {
  if (ready_.empty() && (patient_.empty() || IsFull())) return;
  if (std::exchange(turning_, true)) return;
  loop_.Post([self = self_] {
    if (*self != nullptr) (*self)->TakeTurns();
  });
}

std::optional<GroupId> Runner::NextInLine() {
  for (;;) {
    const bool may_be_patient = !patient_.empty() && !IsFull();
    if (ready_.empty() && !may_be_patient) return std::nullopt;
    std::deque<GroupId>& lane = may_be_patient && (patient_next_ || ready_.empty()) ? patient_ : ready_;
    patient_next_ = &lane == &ready_;
    GroupId id = std::move(lane.front());
    lane.pop_front();
    const auto found = groups_.find(id);
    if (found == groups_.end() || found->second->queued == Lane::kNone) continue;  // It had its turn in the other lane.
    found->second->queued = Lane::kNone;
    return id;
  }
}

void Runner::TakeTurns() {
  turning_ = false;
  if (const absl::Status begun = store_.Begin(); !begun.ok()) return WaitForStore(begun);
  if (std::exchange(store_again_in_, absl::ZeroDuration()) != absl::ZeroDuration() && watcher_ != nullptr) {
    watcher_->OnStore(absl::OkStatus());
  }
  std::vector<Turn> turns;
  const absl::Time end = SteadyNow() + kTurnsLast;
  for (int turn = 0; turn < kTurnsAtOnce && SteadyNow() < end; ++turn) {
    const std::optional<GroupId> next = NextInLine();
    // What failed may have taken the transaction with it: whoever comes next has another one.
    if (!next.has_value() || !TakeTurn(*next, *groups_.at(*next), turns)) break;
  }
  absl::Status durable = store_.Flush();
  if (durable.ok()) durable = epochs_.Flush();
  epochs_.Discard();
  for (Turn& turn : turns) {
    Group& group = *groups_.at(turn.group);
    calls_in_flight_ -= turn.out.calls.size();  // Those that leave are counted again.
    if (turn.ended) turn.ended(durable.ok());
    if (durable.ok() && watcher_ != nullptr && !turn.out.commit.IsEmpty())
      watcher_->OnCommit(group.host.config(), turn.out.commit);
    // Its engine failed at a later turn: what it wanted to send then is not known to have left, and is found out.
    if (!group.host.running() || group.incarnation != turn.incarnation) continue;
    if (durable.ok()) {
      CarryOut(turn.group, group, std::move(turn.out));
    } else {
      Troubled(turn.group, group, durable);
    }
  }
  Evict();
  EndIfStopped();
  TurnSoon();
}

// Somebody else writes, perhaps: what waits loses nothing by waiting.
void Runner::WaitForStore(const absl::Status& status) {
  turning_ = true;
  if (store_again_in_ == absl::ZeroDuration() && watcher_ != nullptr) watcher_->OnStore(status);
  store_again_in_ = std::clamp(2 * store_again_in_, kStoreAgainFirst, kStoreAgainMax);
  store_alarm_.Set(store_again_in_, [this] { TakeTurns(); });
}

bool Runner::TakeTurn(const GroupId& id, Group& group, std::vector<Turn>& turns) {
  if (group.paused || group.for_good) return true;
  const absl::Time now = options_.clock();
  absl::StatusOr<Outgoing> out;
  Ended ended;
  if (!group.host.running()) {
    if (stopping_ || group.leaving || !std::exchange(group.wants_start, false)) return true;
    ++group.incarnation;
    group.rests = false;
    const bool restored = options_.restored && !std::exchange(group.restored_told, true);
    if (options_.zones == nullptr && NeedsZones(group.host.config())) options_.zones = MachineZones();
    group.has_zones = options_.zones != nullptr;
    out = Counting(group, [&](GroupHost& host) { return host.Start(options_.seed(), options_.zones, restored, now); });
  } else {
    if (group.inputs.empty()) return true;
    Given given = std::move(group.inputs.front());
    group.inputs.pop_front();
    ended = std::move(given.ended);
    out = Counting(group, [&](GroupHost& host) { return host.Step(given.input, now); });
  }
  if (!out.ok()) {
    Troubled(id, group, out.status());
    if (ended) ended(false);
    return false;
  }
  calls_in_flight_ += out->calls.size();
  turns.push_back({id, group.incarnation, *std::move(out), std::move(ended)});
  if (!group.inputs.empty()) Queue(id, group, Lane::kReady);
  return true;
}

void Runner::CarryOut(const GroupId& id, Group& group, Outgoing out) {
  group.trouble = absl::OkStatus();
  group.again_in = absl::ZeroDuration();
  if (!stopping_ && !group.leaving) {
    for (ApiCall& call : out.calls) Send(id, group, std::move(call));
    if (out.timer.has_value()) SetTimer(id, group, *out.timer);
  }
  Rest(id, group);
  if (group.leaving) EndIfLeftSoon(id);  // Other turns of this batch may be its.
}

// From now on it may be dropped, unless there is something that it waits for.
void Runner::Rest(const GroupId& id, Group& group) {
  resting_.erase({group.rested_since, id});
  if (!group.host.MayRest() || !group.inputs.empty()) return;
  group.rested_since = SteadyNow();
  resting_.insert({group.rested_since, id});
}

void Runner::Send(const GroupId& id, Group& group, ApiCall call) {
  const std::optional<CalendarKey> key = KeyOf(group.host, *call.request);
  auto account = !key.has_value() ? group.accounts.end() : group.accounts.find(*key);
  if (account == group.accounts.end() && !group.accounts.empty()) account = group.accounts.begin();
  ++calls_in_flight_;
  ++under_way_[id];
  const auto answered = [self = self_, id, incarnation = group.incarnation, call_id = call.id](Reply reply) {
    Runner* const runner = *self;
    if (runner == nullptr) return;
    --runner->calls_in_flight_;
    const auto under_way = runner->under_way_.find(id);
    if (--under_way->second == 0) runner->under_way_.erase(under_way);
    const auto found = runner->groups_.find(id);
    if (found != runner->groups_.end() && found->second->incarnation == incarnation) {
      runner->Push(id, *found->second, ApiReply{call_id, std::move(reply)});
    }
    runner->EndIfLeft(id);
    runner->TurnSoon();
    runner->EndIfStopped();
  };
  if (account == group.accounts.end()) {
    loop_.Post([answered] { answered(ApiError{.transport = Transport::kNotSent, .message = "no account is linked"}); });
    return;
  }
  // What a dropped engine decided and did not send counts as lost: the next one finds out, and its rows may say otherwise by
  // then.
  const auto engine_of = [self = self_, id, incarnation = group.incarnation]() -> const Engine* {
    if (*self == nullptr) return nullptr;
    const auto found = (*self)->groups_.find(id);
    const bool same = found != (*self)->groups_.end() && found->second->incarnation == incarnation;
    return same ? found->second->host.engine() : nullptr;
  };
  Caller::Questions questions;
  questions.may_leave = [engine_of] { return engine_of() != nullptr; };
  questions.known = [engine_of, call_id = call.id](absl::Span<const VersionView> shown) {
    const Engine* const engine = engine_of();
    return engine != nullptr ? engine->Known(call_id, shown) : std::vector<std::optional<EventVersion>>(shown.size());
  };
  caller_.Send(account->second, std::move(call.request), answered, std::move(questions));
}

void Runner::Troubled(const GroupId& id, Group& group, const absl::Status& status) {
  // Whatever failed, the engine is gone, and what was asked of it will be found again by listing.
  Drop(id, group);
  group.trouble = status;
  // Another owner took the group over: two would fight (L7). A damaged database gets no better by itself.
  group.for_good = (absl::IsFailedPrecondition(status) && options_.refused_for_good) || absl::IsDataLoss(status);
  group.again_in = group.for_good ? absl::InfiniteDuration() : std::clamp(2 * group.again_in, kAgainFirst, kAgainMax);
  if (watcher_ != nullptr) watcher_->OnTrouble(id, status, group.again_in);
  if (group.leaving) return EndIfLeftSoon(id);
  SetTimer(id, group, group.for_good ? absl::InfiniteFuture() : options_.clock() + group.again_in);
}

void Runner::SetTimer(const GroupId& id, Group& group, absl::Time at) {
  due_.erase({group.steady_due, id});
  group.wall_due = at;
  group.steady_due = at == absl::InfiniteFuture() ? at : SteadyNow() + (at - options_.clock());
  if (at != absl::InfiniteFuture()) due_.insert({group.steady_due, id});
  Arm();
}

// An alarm that goes off too early does no harm: it is set again.
void Runner::Arm() {
  if (due_.empty() || stopping_) return;
  const absl::Time now = SteadyNow();
  const absl::Time at = std::clamp(due_.begin()->first, now, now + options_.look_at_clock);
  if (armed_for_ <= at) return;
  armed_for_ = at;
  alarm_.Set(at - now, [this] { OnAlarm(); });
}

// Set forward, or the machine slept: what is due by the wall clock, now or later, is due sooner than the steady one says.
void Runner::FollowWallClock(absl::Time steady, absl::Time wall) {
  for (const auto& [at, id] : std::exchange(due_, {})) {
    Group& group = *groups_.at(id);
    group.steady_due = std::min(at, steady + (group.wall_due - wall));
    due_.insert({group.steady_due, id});
  }
}

void Runner::OnAlarm() {
  armed_for_ = absl::InfiniteFuture();
  const absl::Time steady = SteadyNow();
  const absl::Time wall = options_.clock();
  const absl::Duration ahead = wall - steady;
  const bool jumped = ahead > wall_ahead_ + absl::Seconds(1);
  wall_ahead_ = ahead;
  if (jumped) FollowWallClock(steady, wall);
  std::vector<GroupId> due;
  for (auto next = due_.begin(); next != due_.end() && next->first <= steady; ++next) due.push_back(next->second);
  for (const GroupId& id : due) {
    Group& group = *groups_.at(id);
    SetTimer(id, group, absl::InfiniteFuture());
    if (group.host.running()) {
      Push(id, group, TimerFired{});
    } else {
      group.again_in = group.trouble.ok() ? absl::ZeroDuration() : group.again_in;
      group.wants_start = true;
      Queue(id, group, Lane::kPatient);
    }
  }
  Arm();
}

void Runner::Evict() {
  if (rows_ <= options_.rows_max) return;
  // A tenth more than need be, so that the next start does not evict again. Their timers stay and start them anew.
  const size_t enough = options_.rows_max - options_.rows_max / 10;
  while (rows_ > enough && !resting_.empty()) {
    const GroupId id = resting_.begin()->second;
    resting_.erase(resting_.begin());
    Group& group = *groups_.at(id);
    if (!group.host.MayRest() || !group.inputs.empty()) continue;  // It rests again when that is done.
    group.left = group.host.engine()->Unsettled({}, OwedTags::kLeave);
    group.rests = true;
    Drop(id, group);
  }
}

void Runner::Stop(absl::Duration grace, std::function<void()> done) {
  stopping_ = true;
  alarm_.Cancel();
  stopped_ = std::move(done);
  patience_.Set(grace, [this] {
    if (stopped_) std::exchange(stopped_, nullptr)();
  });
  EndIfStopped();
}

void Runner::EndIfStopped() {
  if (!stopping_ || calls_in_flight_ != 0 || !ready_.empty() || !stopped_) return;
  patience_.Cancel();
  loop_.Post(std::exchange(stopped_, nullptr));
}

Runner::View Runner::ViewOf(const GroupId& id, const Group& group) const {
  return {.group = id,
          .engine = group.host.engine(),
          .trouble = group.trouble,
          .paused = group.paused,
          .for_good = group.for_good,
          .rests = group.rests,
          .left = group.left,
          .timer = group.wall_due,
          .inputs = group.inputs.size()};
}

std::vector<Runner::View> Runner::Groups() const {
  std::vector<View> views;
  views.reserve(groups_.size());
  for (const auto& [id, group] : groups_) views.push_back(ViewOf(id, *group));
  return views;
}

std::optional<Runner::View> Runner::Look(const GroupId& group) const {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return std::nullopt;
  return ViewOf(found->first, *found->second);
}

std::vector<Runner::View> Runner::GroupsAfter(const GroupId& group, size_t many) const {
  std::vector<View> views;
  auto at = groups_.upper_bound(group);
  for (size_t left = std::min(many, groups_.size()); left > 0; --left, ++at) {
    if (at == groups_.end()) at = groups_.begin();
    views.push_back(ViewOf(at->first, *at->second));
  }
  return views;
}

}  // namespace calsync::adapter
