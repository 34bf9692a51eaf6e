#include "adapter/runner/runner.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"

namespace calsync::adapter {
namespace {

constexpr int kTurnsAtOnce = 64;  // Then sockets and signals have their say.
constexpr absl::Duration kAgainFirst = absl::Seconds(1);
constexpr absl::Duration kAgainMax = absl::Minutes(5);
constexpr size_t kInputsMax = 10'000;  // Of a group that wait. More notifications say nothing new.

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
      self_(std::make_shared<Runner*>(this)) {}

Runner::~Runner() { *self_ = nullptr; }

template <class Action>
auto Runner::Counting(Group& group, Action action) {
  const bool before = group.host.running();
  auto result = action(group.host);
  engines_ += (group.host.running() ? size_t{1} : size_t{0}) - (before ? size_t{1} : size_t{0});
  return result;
}

void Runner::Configure(std::vector<Linked> groups) {
  absl::btree_map<GroupId, std::unique_ptr<Group>> before = std::exchange(groups_, {});
  for (Linked& linked : groups) {
    const GroupId id = linked.config.id;
    const auto known = before.find(id);
    if (known == before.end()) {
      Group& group =
          *groups_.emplace(id, std::make_unique<Group>(std::move(linked), store_, epochs_, options_.recorder)).first->second;
      Queue(id, group);
      continue;
    }
    Group& group = *groups_.emplace(id, std::move(known->second)).first->second;
    before.erase(known);
    group.accounts = std::move(linked.accounts);
    if (linked.paused && !group.paused) {
      Drop(group);
      SetTimer(id, group, absl::InfiniteFuture());
    }
    if (!linked.paused && group.paused) group.wants_start = true;
    group.paused = linked.paused;
    if (group.host.config() == linked.config) continue;
    const bool was_running = group.host.running();
    absl::StatusOr<Outgoing> out =
        Counting(group, [&](GroupHost& host) { return host.Reconfigure(std::move(linked.config), options_.clock()); });
    if (was_running) CarryOut(id, group, std::move(out));
  }
  for (auto& [id, gone] : before) {
    Drop(*gone);
    due_.erase({gone->steady_due, id});
  }
  for (auto& [id, group] : groups_) {
    if (group->wants_start) Queue(id, *group);
  }
  Arm();
}

void Runner::Drop(Group& group) {
  Counting(group, [](GroupHost& host) {
    host.Drop();
    return true;
  });
  group.inputs.clear();
}

void Runner::Notify(const GroupId& group, Notification notification) {
  const auto found = groups_.find(group);
  if (found == groups_.end() || found->second->paused) return;
  Push(group, *found->second, std::move(notification));
}

absl::Status Runner::Command(const GroupId& group, OperatorCommand command) {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return absl::NotFoundError(absl::StrCat("there is no group \"", group.text(), "\""));
  if (found->second->paused) {
    return absl::FailedPreconditionError(absl::StrCat("the group \"", group.text(), "\" is paused. `calsync resume` first"));
  }
  Push(group, *found->second, std::move(command));
  return absl::OkStatus();
}

void Runner::Push(const GroupId& id, Group& group, Input input) {
  if (group.inputs.size() >= kInputsMax && std::holds_alternative<Notification>(input)) return;
  group.inputs.push_back(std::move(input));
  if (!group.host.running() && group.again_in == absl::ZeroDuration()) group.wants_start = true;
  Queue(id, group);
}

void Runner::Queue(const GroupId& id, Group& group) {
  if (group.queued || group.paused || group.for_good) return;
  group.queued = true;
  ready_.push_back(id);
  if (std::exchange(turning_, true)) return;
  loop_.Post([self = self_] {
    if (*self != nullptr) (*self)->TakeTurns();
  });
}

void Runner::TakeTurns() {
  turning_ = false;
  for (int turn = 0; turn < kTurnsAtOnce && !ready_.empty(); ++turn) {
    const GroupId id = std::move(ready_.front());
    ready_.pop_front();
    const auto found = groups_.find(id);
    if (found == groups_.end() || !found->second->queued) continue;
    found->second->queued = false;
    TakeTurn(id, *found->second);
  }
  Evict();
  EndIfStopped();
  if (ready_.empty() || std::exchange(turning_, true)) return;
  loop_.Post([self = self_] {
    if (*self != nullptr) (*self)->TakeTurns();
  });
}

void Runner::TakeTurn(const GroupId& id, Group& group) {
  if (group.paused || group.for_good) return;
  const absl::Time now = options_.clock();
  if (!group.host.running()) {
    if (stopping_ || !std::exchange(group.wants_start, false)) return;
    ++group.incarnation;
    const bool restored = options_.restored && !std::exchange(group.restored_told, true);
    absl::StatusOr<Outgoing> out =
        Counting(group, [&](GroupHost& host) { return host.Start(options_.seed(), options_.zones, restored, now); });
    const bool started = out.ok();
    CarryOut(id, group, std::move(out));
    if (started && !group.inputs.empty()) Queue(id, group);
    return;
  }
  if (group.inputs.empty()) return;
  const Input input = std::move(group.inputs.front());
  group.inputs.pop_front();
  CarryOut(id, group, Counting(group, [&](GroupHost& host) { return host.Step(input, now); }));
  if (!group.inputs.empty()) Queue(id, group);
}

void Runner::CarryOut(const GroupId& id, Group& group, absl::StatusOr<Outgoing> out) {
  if (!out.ok()) return Troubled(id, group, out.status());
  group.trouble = absl::OkStatus();
  group.again_in = absl::ZeroDuration();
  group.rested_since = options_.clock();
  if (watcher_ != nullptr && !out->commit.IsEmpty()) watcher_->OnCommit(group.host.config(), out->commit);
  if (stopping_) return;
  for (ApiCall& call : out->calls) Send(id, group, std::move(call));
  if (out->timer.has_value()) SetTimer(id, group, *out->timer);
}

void Runner::Send(const GroupId& id, Group& group, ApiCall call) {
  const std::optional<CalendarKey> key = KeyOf(group.host, *call.request);
  auto account = !key.has_value() ? group.accounts.end() : group.accounts.find(*key);
  if (account == group.accounts.end() && !group.accounts.empty()) account = group.accounts.begin();
  ++calls_in_flight_;
  const auto answered = [self = self_, id, incarnation = group.incarnation, call_id = call.id](Reply reply) {
    Runner* const runner = *self;
    if (runner == nullptr) return;
    --runner->calls_in_flight_;
    const auto found = runner->groups_.find(id);
    if (found != runner->groups_.end() && found->second->incarnation == incarnation) {
      runner->Push(id, *found->second, ApiReply{call_id, std::move(reply)});
    }
    runner->EndIfStopped();
  };
  if (account == group.accounts.end()) {
    loop_.Post([answered] { answered(ApiError{.transport = Transport::kNotSent, .message = "no account is linked"}); });
    return;
  }
  caller_.Send(account->second, std::move(call.request), answered);
}

void Runner::Troubled(const GroupId& id, Group& group, const absl::Status& status) {
  // Whatever failed, the engine is gone, and what was asked of it will be found again by listing.
  Drop(group);
  group.trouble = status;
  // Another owner took the group over: two would fight (L7). A damaged database gets no better by itself.
  group.for_good = absl::IsFailedPrecondition(status) || absl::IsDataLoss(status);
  group.again_in = group.for_good ? absl::InfiniteDuration() : std::clamp(2 * group.again_in, kAgainFirst, kAgainMax);
  if (watcher_ != nullptr) watcher_->OnTrouble(id, status, group.again_in);
  SetTimer(id, group, group.for_good ? absl::InfiniteFuture() : options_.clock() + group.again_in);
}

void Runner::SetTimer(const GroupId& id, Group& group, absl::Time at) {
  due_.erase({group.steady_due, id});
  group.wall_due = at;
  group.steady_due = at == absl::InfiniteFuture() ? at : SteadyNow() + (at - options_.clock());
  if (at != absl::InfiniteFuture()) due_.insert({group.steady_due, id});
  Arm();
}

void Runner::Arm() {
  if (due_.empty() || stopping_) return alarm_.Cancel();
  const absl::Duration wait = std::clamp(due_.begin()->first - SteadyNow(), absl::ZeroDuration(), options_.look_at_clock);
  alarm_.Set(wait, [this] { OnAlarm(); });
}

void Runner::OnAlarm() {
  const absl::Time steady = SteadyNow();
  const absl::Time wall = options_.clock();
  // Set forward, or the machine slept: what is due by the wall clock is due, though the steady one does not say so yet.
  const absl::Duration ahead = wall - steady;
  const bool jumped = ahead > wall_ahead_ + absl::Seconds(1);
  wall_ahead_ = ahead;
  std::vector<GroupId> due;
  for (const auto& [at, id] : due_) {
    if (at > steady && !jumped) break;
    if (at <= steady || groups_.at(id)->wall_due <= wall) due.push_back(id);
  }
  for (const GroupId& id : due) {
    Group& group = *groups_.at(id);
    SetTimer(id, group, absl::InfiniteFuture());
    if (group.host.running()) {
      Push(id, group, TimerFired{});
    } else {
      group.again_in = group.trouble.ok() ? absl::ZeroDuration() : group.again_in;
      group.wants_start = true;
      Queue(id, group);
    }
  }
  Arm();
}

void Runner::Evict() {
  if (engines_ <= options_.engines_max) return;
  std::vector<std::pair<absl::Time, Group*>> rest;
  for (auto& [id, group] : groups_) {
    if (group->host.running() && group->host.MayRest() && group->inputs.empty())
      rest.push_back({group->rested_since, group.get()});
  }
  std::sort(rest.begin(), rest.end());
  // A tenth more than need be, so that the next start does not evict again. Their timers stay and start them anew.
  const size_t many = engines_ - options_.engines_max + options_.engines_max / 10;
  for (size_t i = 0; i < rest.size() && i < many; ++i) {
    Drop(*rest[i].second);
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

std::vector<Runner::View> Runner::Groups() const {
  std::vector<View> views;
  for (const auto& [id, group] : groups_) {
    views.push_back({.group = id,
                     .engine = group->host.engine(),
                     .trouble = group->trouble,
                     .paused = group->paused,
                     .for_good = group->for_good,
                     .timer = group->wall_due,
                     .inputs = group->inputs.size()});
  }
  return views;
}

}  // namespace calsync::adapter
