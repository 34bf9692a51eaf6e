// Workers that share a database: their beats, what follows from the table, and what befalls them; and processes that stand still
// in the middle of a step, with workers or without. What an engine decides and what the laws say to it is as with one process
// (world.cc).

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/render.h"
#include "scenarios/actors/mishaps.h"
#include "scenarios/watcher.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

using adapter::LeasePlan;
using adapter::LeaseView;
using adapter::WorkerId;

constexpr absl::Duration kOnItsWay = absl::Milliseconds(10);   // A beat to the table, and its answer back.
constexpr absl::Duration kPatience = absl::Seconds(6);         // With an answer of the database.
constexpr absl::Duration kAgain = absl::Milliseconds(500);     // After it did not answer.
constexpr absl::Duration kBeatSoon = absl::Milliseconds(200);  // After something was taken.
constexpr absl::Duration kDelays[] = {
    kOnItsWay,        kOnItsWay,        kOnItsWay,       kOnItsWay, absl::Milliseconds(100),
    absl::Seconds(1), absl::Seconds(3), absl::Seconds(5)};  // So that a view is old when somebody acts on it.

}  // namespace

void World::SetUpWorkers() {
  absl::btree_set<GroupId> groups;
  for (const Host& host : hosts_) {
    if (host.has_workers()) groups.insert(host.config().id);
  }
  workers_.Open(plan_.workers, groups);
  for (int i = 0; i < workers_.size(); ++i) agenda_.Put(now_, WorkerTurn{WorkerTurn::What::kStarts, i, 0});
}

std::string World::WorkerName(int worker) const { return absl::StrCat("worker ", worker + 1); }

int World::InstanceOf(const GroupId& group) const {
  for (const Host& host : hosts_) {
    if (host.has_workers() && host.config().id == group) return host.number();
  }
  CALSYNC_CHECK(false);
  return -1;
}

// Whoever owns a group speaks for it, between one step and the next.
void World::GiveFloors() {
  for (Host& host : hosts_) {
    if (!host.has_workers()) continue;
    if (const int owner = workers_.OwnerNumber(host.config().id); owner >= 0) host.GiveFloor(owner);
  }
}

// ---- Beats ----

void World::ScheduleBeat(int worker, absl::Time at) {
  workers_.at(worker).next_beat = at;
  agenda_.Put(at, WorkerTurn{WorkerTurn::What::kBeats, worker, workers_.at(worker).life});
}

void World::WakeWorkers() {
  workers_.Stir();
  if (!workers_.resting()) return;
  workers_.Renew(now_);
  workers_.Wake();
  for (int i = 0; i < workers_.size(); ++i) {
    if (workers_.at(i).up) ScheduleBeat(i, workers_.at(i).asked + Workers::kRules.BeatEvery());
  }
}

void World::OnWorkerTurn(const WorkerTurn& turn) {
  Workers::Worker& worker = workers_.at(turn.worker);
  switch (turn.what) {
    case WorkerTurn::What::kStarts:
      if (worker.up || worker.life != turn.life) return;
      WakeWorkers();
      worker.up = true;
      if (tracing()) Tell(WorkerName(turn.worker), "starts");
      return ScheduleBeat(turn.worker, now_);
    case WorkerTurn::What::kBeats:
      if (worker.up && worker.life == turn.life && worker.next_beat == now_ && !workers_.resting()) WorkerBeats(turn.worker);
      return;
    case WorkerTurn::What::kHearsNot:
      if (worker.life != turn.life) return;
      worker.asking = false;
      return ScheduleBeat(turn.worker, now_ + kAgain);
    case WorkerTurn::What::kGoesOn:
      if (worker.life == turn.life && worker.stands_until <= now_ && tracing()) Tell(WorkerName(turn.worker), "goes on");
      return;
    case WorkerTurn::What::kUndrained:
      DrainWorker(turn.worker, false);
      return;
    case WorkerTurn::What::kTableIsBack:
      if (workers_.Answers(now_) && tracing()) Tell("world", "the database answers again");
      return;
  }
}

void World::WorkerBeats(int number) {
  Workers::Worker& worker = workers_.at(number);
  if (worker.stands_until > now_) return ScheduleBeat(number, worker.stands_until);
  if (!workers_.Answers(now_)) return ScheduleBeat(number, now_ + kAgain);
  worker.asking = true;
  worker.next_beat = absl::InfiniteFuture();
  if (workers_.LosesBeats(now_) && choices_.Choose(Stream::kWorkers, 4, "a beat is lost") == 3) {
    Count(Mishap::kBeatLost);
    return agenda_.Put(now_ + kPatience, WorkerTurn{WorkerTurn::What::kHearsNot, number, worker.life});
  }
  const absl::Duration there =
      chaos_ ? kDelays[choices_.Choose(Stream::kWorkers, std::size(kDelays), "a beat on its way")] : kOnItsWay;
  agenda_.Put(now_ + there, BeatArrives{number, worker.life, now_, worker.Clock(now_), worker.holder.registered()});
}

// Also of a worker that stands still, or died since.
void World::OnBeatArrives(const BeatArrives& item) {
  const WorkerTurn unheard{WorkerTurn::What::kHearsNot, item.worker, item.life};
  if (!workers_.Answers(now_)) return agenda_.Put(item.sent + kPatience, unheard);
  adapter::MemoryLeases& table = workers_.table(now_);
  WorkerId as = item.as;
  if (as.empty()) {
    as = workers_.NewId();
    CALSYNC_CHECK(table.Register(as, WorkerName(item.worker), Workers::kRules.lease).ok());
  }
  absl::StatusOr<std::optional<LeaseView>> view = table.Beat(as, Workers::kRules.lease);
  CALSYNC_CHECK(view.ok());
  if (workers_.LosesBeats(now_) && choices_.Choose(Stream::kWorkers, 4, "its answer is lost") == 3) {
    Count(Mishap::kBeatLost);
    if (watcher_ != nullptr) watcher_->Leases(hosts_.front(), Processed::What::kBeatUnheard);
    return agenda_.Put(item.sent + kPatience, unheard);
  }
  const absl::Duration back =
      chaos_ ? kDelays[choices_.Choose(Stream::kWorkers, std::size(kDelays), "its answer on its way")] : kOnItsWay;
  agenda_.Put(now_ + back, BeatAnswered{item.worker, item.life, item.sent, item.asked, as, *std::move(view)});
}

void World::OnBeatAnswered(BeatAnswered& item) {
  Workers::Worker& worker = workers_.at(item.worker);
  if (worker.life != item.life) return;
  if (worker.stands_until > now_) return agenda_.Put(worker.stands_until, std::move(item));
  worker.asking = false;
  if (!item.view.has_value()) return LoseLease(item.worker);
  worker.holder.Registered(item.as);
  worker.holder.Held(item.asked);
  worker.asked = item.sent;
  worker.stood_still = false;
  FollowTable(item.worker, *item.view);
  if (workers_.Answers(now_) && !worker.holder.behind()) DeliverMail(item.worker);
  if (worker.life != item.life) return;  // It died of what it was told.
  ScheduleBeat(item.worker, now_ + (worker.holder.behind() ? kBeatSoon : Workers::kRules.BeatEvery()));
  if (WorkersMayRest()) workers_.Rest();
}

void World::LoseLease(int number) {
  Workers::Worker& worker = workers_.at(number);
  workers_.Stir();
  const bool stood_still = std::exchange(worker.stood_still, false);
  if (tracing()) Tell(WorkerName(number), "learns that its lease is over");
  for (const GroupId& group : worker.holder.Lose()) {
    StopGroup(number, group);
    if (stood_still && watcher_ != nullptr)
      watcher_->Leases(hosts_[static_cast<size_t>(InstanceOf(group))], Processed::What::kLeaseWentOn);
  }
  ScheduleBeat(number, now_ + kBeatSoon);
}

void World::FollowTable(int number, const LeaseView& view) {
  Workers::Worker& worker = workers_.at(number);
  const LeasePlan plan = worker.holder.Follow(view, workers_.groups());
  const bool nothing = plan.stop.empty() && plan.run.empty() && plan.leave.empty() && plan.take.empty();
  if (!nothing) workers_.Stir();
  worker.rests = nothing;
  for (const GroupId& group : plan.stop) StopGroup(number, group);
  for (const GroupId& group : plan.run) RunGroup(number, group);
  for (const GroupId& group : plan.leave) LeaveGroup(number, group);
  hash_.Add(static_cast<uint64_t>(number) * 1000000 + plan.stop.size() * 1000 + plan.run.size() * 100 + plan.leave.size() * 10 +
            plan.take.size());
  // What it saw may be old by now: the table takes no group away from anybody.
  if (!plan.take.empty() && workers_.Answers(now_))
    static_cast<void>(workers_.table(now_).Take(worker.holder.registered(), plan.take));
}

bool World::WorkersMayRest() const {
  if (!workers_.MayRest(now_)) return false;
  for (const Host& host : hosts_) {
    if (!host.has_workers()) continue;
    const int owner = workers_.OwnerNumber(host.config().id);
    if (owner < 0 || !workers_.at(owner).holder.Runs(host.config().id) || workers_.at(owner).holder.IsLeaving(host.config().id))
      return false;
  }
  return true;
}

// ---- Groups ----

void World::RunGroup(int number, const GroupId& group) {
  Host& host = hosts_[static_cast<size_t>(InstanceOf(group))];
  host.GiveFloor(number);
  host.set_leaving(false);
  if (host.running()) return;
  agenda_.Put(now_, HostUp{host.number(), number, host.incarnation()});
}

void World::StopGroup(int number, const GroupId& group) {
  Host& host = hosts_[static_cast<size_t>(InstanceOf(group))];
  host.GiveFloor(number);
  host.set_leaving(false);
  if (host.running()) DropEngine(host);
}

void World::DropEngine(Host& host) {
  if (watcher_ != nullptr) watcher_->Dies(host);
  host.Die();
  SayAgain(host.number());
}

void World::LeaveGroup(int number, const GroupId& group) {
  Host& host = hosts_[static_cast<size_t>(InstanceOf(group))];
  host.GiveFloor(number);
  host.set_leaving(true);
  host.ClearTimer();
  if (tracing()) Tell(EngineName(host), "is to leave its group to others");
  EndIfLeft(host);
}

// Of the process that has the floor.
void World::EndIfLeft(Host& host) {
  if (!host.has_workers() || !host.leaving() || !host.under_way().empty()) return;
  host.set_leaving(false);
  if (host.running()) DropEngine(host);
  Workers::Worker& worker = workers_.at(host.floor());
  const WorkerId id = worker.holder.registered();
  if (!worker.holder.Left(id, host.config().id)) return;
  workers_.Stir();
  if (watcher_ != nullptr) watcher_->Leases(host, Processed::What::kGroupLeft);
  if (tracing()) Tell(EngineName(host), "has left its group");
  // Else the next beat finds it, and it is run or left anew.
  if (workers_.Answers(now_)) static_cast<void>(workers_.table(now_).Leave(id, {host.config().id}));
}

bool World::MayLoad(const Host& host) {
  if (!host.has_workers()) return true;
  const GroupId& group = host.config().id;
  const adapter::LeaseHolder& holder = workers_.at(host.floor()).holder;
  if (!holder.Runs(group) || host.leaving()) return false;
  if (workers_.Owns(host.floor(), group)) return true;
  if (tracing()) Tell(EngineName(host), "the database does not let it load: another owner has the lease");
  WakeWorkers();  // Its beat tells it so (seed 16303479 with two workers).
  agenda_.Put(now_ + absl::Seconds(1), HostUp{host.number(), host.floor(), host.incarnation()});
  return false;
}

// The two fences of the database: who owns the group, and who loaded it last.
bool World::RefusesCommit(const Host& host) {
  if (workers_.Owns(host.floor(), host.config().id) && host.has_latest_epoch()) return false;
  if (tracing()) Tell(EngineName(host), "the database takes nothing of it: another owner has the lease");
  if (watcher_ != nullptr) watcher_->Leases(host, Processed::What::kCommitRefused);
  return true;
}

bool World::LosesAnswerOfCommit(const Host& host) {
  return host.has_workers() && workers_.LosesBeats(now_) && choices_.Choose(Stream::kWorkers, 10, "answer of a commit") == 9;
}

void World::CheckOwner(const Host& host) {
  Check(Law::kL7,
        CheckCommitOfOwner(workers_.at(host.floor()).holder.registered().value(), workers_.OwnerOf(host.config().id).value()));
}

// ---- Calls ----

// Whoever lets it out asks again when it leaves: it may wait for its turn, and the process may stand still meanwhile.
void World::QueueCall(Host& host, ApiCall& call) {
  if (host.leaving()) return;  // As if it had been lost: the next owner finds out.
  const Workers::Worker& worker = workers_.at(host.floor());
  host.under_way().insert(call.id);
  const uint64_t waits = chaos_ ? choices_.Choose(Stream::kWorkers, 40, "a call waits to leave") : 0;
  CallLeaves item{
      host.number(), host.floor(), worker.life, host.incarnation(), now_, std::move(call), worker.holder.keeper().worker()};
  if (workers_.resting()) workers_.Renew(now_);
  const bool may = worker.holder.keeper().MayCall(item.under, worker.Clock(now_), Workers::kRules.CallMax());
  if (waits <= 36 || !may) return OnCallLeaves(item);
  // What it says is judged by what holds now, when it is decided; that its row still names it, when it leaves.
  CheckSend(host, item.call, Leaving::kAtOnce);
  if (violation_.has_value()) return;
  agenda_.Put(now_ + absl::Seconds(10) * static_cast<int64_t>(waits - 36), std::move(item));
}

void World::OnCallLeaves(CallLeaves& item) {
  Workers::Worker& worker = workers_.at(item.worker);
  if (worker.life != item.life) return;
  if (worker.stands_until > now_) return agenda_.Put(worker.stands_until, std::move(item));
  if (workers_.resting()) workers_.Renew(now_);
  Host& host = hosts_[static_cast<size_t>(item.host)];
  host.GiveFloor(item.worker);
  if (host.incarnation() != item.incarnation || !host.running()) {  // It does not outlive its engine.
    host.under_way().erase(item.call.id);
    return EndIfLeft(host);
  }
  const absl::Duration lasts = Workers::kRules.CallMax();
  if (!worker.holder.keeper().MayCall(item.under, worker.Clock(now_), lasts)) {
    ++host.disturbed_calls;
    if (watcher_ != nullptr) watcher_->Leases(host, Processed::What::kCallHeldBack);
    if (tracing())
      Tell(EngineName(host), absl::StrCat("holds back ", Render(*item.call.request), ": its lease would not outlast it"));
    ApiError error{.transport = Transport::kNotSent, .message = "who decided it may not send it any more"};
    return agenda_.Put(now_, ReplyArrives{item.host, item.worker, item.incarnation, {item.call.id, std::move(error)}});
  }
  if (ChangesSomething(*item.call.request)) {
    Check(Law::kL7, host.one_owner.CheckLeaving(item.call.id, item.under.value(), now_, now_ + lasts / worker.rate));
    if (violation_.has_value()) return;
  }
  Leaves(host, item.call, item.decided < now_ ? Leaving::kLater : Leaving::kAtOnce);
}

// ---- What befalls a step ----

size_t World::DrawPause(int instance, size_t effects) {
  constexpr size_t kNone = ~size_t{0};
  const Host& host = hosts_[static_cast<size_t>(instance)];
  if (!chaos_ || effects == 0) return kNone;
  if (!host.has_workers()) return choices_.Happens(Stream::kDisk, plan_.knobs.slow_commits, "slow commit") ? 0 : kNone;
  if (!choices_.Happens(Stream::kWorkers, plan_.knobs.workers.pauses, "stands still in a step")) return kNone;
  return choices_.Choose(Stream::kWorkers, effects, "stands still where");
}

void World::StandStill(int instance, Effects left) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  host.LeaveUnfinished(std::move(left));
  if (!host.has_workers()) {
    Count(Mishap::kSlowCommit);
    host.stands_until = now_ + absl::Seconds(1 + static_cast<int64_t>(choices_.Choose(Stream::kDisk, 20, "how slow")));
    host.has_slept = true;
    if (tracing())
      Tell(EngineName(host), absl::StrCat("waits for its disk for ", absl::FormatDuration(host.stands_until - now_)));
  } else {
    if (PauseWorker(host.floor(), DrawStandstill(choices_))) Count(Mishap::kStoodStill);
  }
  agenda_.Put(StandsUntil(host, host.floor()), StepGoesOn{instance, host.floor(), host.incarnation()});
}

void World::GoOn(int instance) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  host.stands_until = std::min(host.stands_until, now_);
  if (host.unfinished().empty()) return;
  Effects effects = host.TakeUnfinished();
  if (host.has_workers() && !workers_.Answers(now_) && std::holds_alternative<Commit>(effects.front()))
    return DieAndRestart(instance, absl::Seconds(1));
  CarryOut(instance, std::move(effects), Origin::kOther);
  EndIfLeft(host);
}

void World::OnStepGoesOn(StepGoesOn& item) {
  Host& host = hosts_[static_cast<size_t>(item.host)];
  host.GiveFloor(item.worker);
  // An order or an answer was in between, or it sleeps on, or the process that waited is no more.
  if (host.incarnation() != item.incarnation || host.unfinished().empty()) return;
  const absl::Time until = StandsUntil(host, item.worker);
  return until > now_ ? agenda_.Put(until, std::move(item)) : GoOn(item.host);
}

// ---- Messages and orders ----

// At one of the processes that take messages: one that stands still is passed by.
void World::OnWorkerMessage(MessageArrives& item) {
  const GroupId group = hosts_[static_cast<size_t>(item.host)].config().id;
  const int owner = std::max(0, workers_.OwnerNumber(group));
  const auto count = static_cast<uint64_t>(workers_.size());
  int at = owner;
  if (chaos_)
    at = static_cast<int>((static_cast<uint64_t>(at) + choices_.Choose(Stream::kWorkers, count, "at which worker")) % count);
  for (int tried = 0; tried < workers_.size(); ++tried, at = (at + 1) % workers_.size()) {
    const Workers::Worker& worker = workers_.at(at);
    if (!worker.up || worker.stands_until > now_) continue;
    Host& host = hosts_[static_cast<size_t>(item.host)];
    host.GiveFloor(at);
    if (worker.holder.Runs(group) && host.running() && workers_.Answers(now_)) return HearMessage(item);
    if (!workers_.Answers(now_)) return;  // It is not kept, and a poll finds what it told of.
    workers_.Put(group, item.message, now_);
    return WakeOwner(group);
  }
}

void World::PutOrder(int instance, OperatorCommand order) {
  const GroupId group = hosts_[static_cast<size_t>(instance)].config().id;
  workers_.Put(group, std::move(order), now_);
  WakeOwner(group);
  GiveFloors();
}

void World::WakeOwner(const GroupId& group) {
  const int owner = workers_.OwnerNumber(group);
  const Host& host = hosts_[static_cast<size_t>(InstanceOf(group))];
  if (owner >= 0 && BusyUntil(host, owner) <= now_ && !workers_.at(owner).holder.behind()) DeliverMail(owner);
  if (workers_.HasMail()) WakeWorkers();
}

void World::DeliverMail(int number) {
  for (adapter::Mail& mail : workers_.TakeMail(number, now_)) {
    Host& host = hosts_[static_cast<size_t>(InstanceOf(mail.group))];
    host.GiveFloor(number);
    const bool takes = host.running() && BusyUntil(host, number) <= now_;
    if (mail.notification.has_value()) {
      MessageArrives message{.host = host.number(), .message = *std::move(mail.notification)};
      if (takes) HearMessage(message);  // Else it is lost, and a poll finds the change.
    } else if (takes) {
      host.amnesty = now_;
      StepEngine(host.number(), OperatorCommand(workers_.OrderOf(mail)), Origin::kOther);
    } else {
      workers_.Put(mail.group, OperatorCommand(workers_.OrderOf(mail)), now_);  // It is taken with a later beat.
    }
  }
}

// ---- Mishaps ----

bool World::PauseWorker(int number, absl::Duration duration) {
  Workers::Worker& worker = workers_.at(number);
  if (!worker.up || worker.stands_until > now_) return false;  // What waits for it to go on keeps its order.
  WakeWorkers();
  worker.stands_until = now_ + duration;
  worker.stood_still = true;
  if (tracing()) Tell(WorkerName(number), absl::StrCat("stands still for ", absl::FormatDuration(duration)));
  agenda_.Put(worker.stands_until, WorkerTurn{WorkerTurn::What::kGoesOn, number, worker.life});
  return true;
}

bool World::KillWorker(int number, absl::Duration down) {
  Workers::Worker& worker = workers_.at(number);
  if (!worker.up) return false;
  WakeWorkers();
  ++counts_.crashes;
  Workers::Worker next{.life = worker.life + 1, .ahead = worker.ahead, .rate = worker.rate};
  worker = std::move(next);
  for (Host& host : hosts_) {
    if (!host.has_workers()) continue;
    host.GiveFloor(number);
    if (host.running()) DropEngine(host);
    host.under_way().clear();
    host.set_leaving(false);
  }
  if (tracing()) Tell(WorkerName(number), absl::StrCat("ends; up again in ", absl::FormatDuration(down)));
  if (down < absl::InfiniteDuration()) agenda_.Put(now_ + down, WorkerTurn{WorkerTurn::What::kStarts, number, worker.life});
  return true;
}

bool World::StopWorker(int number, absl::Duration down) {
  bool under_way = false;
  for (Host& host : hosts_) {
    if (!host.has_workers()) continue;
    host.GiveFloor(number);
    under_way = under_way || !host.under_way().empty();
  }
  const WorkerId id = workers_.at(number).holder.registered();
  if (!under_way && !id.empty() && workers_.Answers(now_)) static_cast<void>(workers_.table(now_).End(id));
  return KillWorker(number, down);
}

bool World::DrainWorker(int number, bool draining) {
  WakeWorkers();
  const WorkerId id = workers_.at(number).holder.registered();
  workers_.table(now_).Drain(id, draining);
  if (tracing()) Tell("operator", absl::StrCat(draining ? "drains " : "takes back ", WorkerName(number)));
  return !id.empty();
}

void World::UndrainLater(int number, absl::Duration later) {
  agenda_.Put(now_ + later, WorkerTurn{WorkerTurn::What::kUndrained, number, workers_.at(number).life});
}

void World::TakeDatabaseAway(absl::Duration duration) {
  WakeWorkers();
  workers_.SetAway(std::max(workers_.away_until(), now_ + duration));
  if (tracing()) Tell("world", absl::StrCat("the database is out of reach for ", absl::FormatDuration(duration)));
  agenda_.Put(workers_.away_until(), WorkerTurn{WorkerTurn::What::kTableIsBack, 0, 0});
}

void World::LoseBeats(absl::Duration duration) {
  WakeWorkers();
  workers_.LoseBeats(now_ + duration);
}

void World::SetWorkerClock(int number, absl::Duration ahead, double rate) {
  Workers::Worker& worker = workers_.at(number);
  worker.ahead = ahead;
  worker.rate = rate;
  for (Host& host : hosts_) {
    if (!host.has_workers()) continue;
    host.GiveFloor(number);
    host.StepClock(ahead);
  }
  GiveFloors();
}

// Everybody stops, another database is put in its place, everybody starts.
void World::RenewDatabase() {
  for (int i = 0; i < workers_.size(); ++i) KillWorker(i, absl::Seconds(5));
  workers_.EmptyTable();
  for (Host& host : hosts_) host.one_owner.Forget();
}

// Who stands still goes on by itself within minutes, and the database is back.
void World::HealWorkers() {
  WakeWorkers();
  workers_.LoseBeats(now_);
  for (int i = 0; i < workers_.size(); ++i) {
    Workers::Worker& worker = workers_.at(i);
    workers_.table(now_).Drain(worker.holder.registered(), false);
    if (!worker.up) agenda_.Put(now_, WorkerTurn{WorkerTurn::What::kStarts, i, worker.life});
    if (worker.up && !worker.asking) ScheduleBeat(i, now_);
  }
  GiveFloors();
}

}  // namespace calsync::sim
