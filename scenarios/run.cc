// A whole seed: warm-up, chaos, healing, settling, checks at rest, an encore, a quiet day.

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "scenarios/actors/administrator.h"
#include "scenarios/actors/migration.h"
#include "scenarios/actors/mishaps.h"
#include "scenarios/actors/people.h"
#include "scenarios/actors/programs.h"
#include "scenarios/probes.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

constexpr absl::Duration kWarmUp = absl::Minutes(10);
constexpr absl::Duration kPatience = absl::Hours(6);  // Of who lies in wait.

// Some turns come in an order, or at a pace, of their own.
bool MayLieInWait(const ActorTurn& turn) {
  if (turn.who == ActorTurn::Who::kMishap) return turn.number != static_cast<int>(MishapTurn::kBackUp);
  return turn.who != ActorTurn::Who::kMirror && turn.who != ActorTurn::Who::kFighter && turn.who != ActorTurn::Who::kLegacy &&
         turn.who != ActorTurn::Who::kWorker;
}

}  // namespace

void World::ScheduleTurns() {
  const Knobs& knobs = plan_.knobs;
  const absl::Time begin = plan_.start + kWarmUp;
  const int64_t seconds = absl::ToInt64Seconds(absl::Hours(24) * knobs.shape.days);
  const auto some_time = [&](Stream stream, absl::string_view label) {
    return begin + absl::Seconds(static_cast<int64_t>(choices_.Choose(stream, static_cast<uint64_t>(seconds), label)));
  };
  absl::Time last = begin;
  std::vector<absl::Time> acted;
  const auto begin_span = [&](ActorTurn::Who who, int number) { choices_.BeginSpan(Name(who), number); };
  for (int i = 0; i < knobs.shape.actions; ++i) {
    begin_span(ActorTurn::Who::kPeople, i);
    // A part of the actions comes in bursts: within seconds of the one before.
    if (i > 0 && choices_.Happens(Stream::kPeople, knobs.bursts, "burst")) {
      last += absl::Milliseconds(static_cast<int64_t>(10 + choices_.Choose(Stream::kPeople, 5000, "moments later")));
    } else {
      last = some_time(Stream::kPeople, "when somebody acts");
    }
    agenda_.Put(last, ActorTurn{ActorTurn::Who::kPeople, i});
    acted.push_back(last);
  }
  const auto schedule = [&](ActorTurn::Who who, int times, absl::string_view label) {
    for (int i = 0; i < times; ++i) {
      begin_span(who, i);
      agenda_.Put(some_time(Stream::kPeople, label), ActorTurn{who, i});
    }
  };
  schedule(ActorTurn::Who::kStripper, knobs.strippers, "when a program strips");
  schedule(ActorTurn::Who::kCopier, knobs.copiers, "when a program copies");
  if (knobs.fighters > 0) {
    // A fight is fought within some hours.
    begin_span(ActorTurn::Who::kFighter, 0);
    absl::Time round = some_time(Stream::kPeople, "when a fight begins");
    for (int i = 0; i < knobs.fighters; ++i) {
      agenda_.Put(round, ActorTurn{ActorTurn::Who::kFighter, i});
      round += absl::Minutes(static_cast<int64_t>(1 + choices_.Choose(Stream::kPeople, 60, "next round")));
    }
  }
  schedule(ActorTurn::Who::kCleaner, knobs.cleaners, "when a program cleans");
  schedule(ActorTurn::Who::kMangler, knobs.manglers, "when a program mangles");
  schedule(ActorTurn::Who::kAdministrator, knobs.administrations, "when the operator acts");
  schedule(ActorTurn::Who::kAccess, knobs.access_changes, "when access is taken");
  schedule(ActorTurn::Who::kPolicy, knobs.policy_changes, "when a policy changes");
  for (int i = 0; i < knobs.legacy.turns; ++i) {
    begin_span(ActorTurn::Who::kLegacy, i);
    agenda_.Put(some_time(Stream::kLegacy, "when the move goes on"), ActorTurn{ActorTurn::Who::kLegacy, i});
  }
  schedule(ActorTurn::Who::kZone, knobs.zone_changes, "when a zone changes");
  if (knobs.mirror_turns > 0) {
    // It looks again and again for some hours: within a poll interval, which is what `already_busy: exact` gives it to follow.
    begin_span(ActorTurn::Who::kMirror, 0);
    absl::Time turn = some_time(Stream::kPeople, "when a mirror begins");
    for (int i = 0; i < knobs.mirror_turns; ++i) {
      agenda_.Put(turn, ActorTurn{ActorTurn::Who::kMirror, i});
      turn += absl::Minutes(static_cast<int64_t>(15 + choices_.Choose(Stream::kPeople, 45, "next look")));
    }
  }
  const auto mishap = [&](MishapTurn what, int times, Stream stream, absl::string_view label) {
    for (int i = 0; i < times; ++i) {
      begin_span(ActorTurn::Who::kMishap, static_cast<int>(what));
      agenda_.Put(some_time(stream, label), ActorTurn{ActorTurn::Who::kMishap, static_cast<int>(what)});
    }
  };
  for (int i = 0; i < knobs.databases_restored; ++i) {
    begin_span(ActorTurn::Who::kMishap, static_cast<int>(MishapTurn::kRestore));
    const absl::Time saved = some_time(Stream::kDisk, "when a backup is made");
    const absl::Time restored =
        saved + absl::Hours(static_cast<int64_t>(1 + choices_.Choose(Stream::kDisk, 24 * 7, "restored after")));
    agenda_.Put(saved, ActorTurn{ActorTurn::Who::kMishap, static_cast<int>(MishapTurn::kBackUp)});
    agenda_.Put(restored, ActorTurn{ActorTurn::Who::kMishap, static_cast<int>(MishapTurn::kRestore)});
  }
  mishap(MishapTurn::kLose, knobs.databases_lost, Stream::kDisk, "when the database is lost");
  mishap(MishapTurn::kClone, knobs.clone ? 1 : 0, Stream::kDisk, "when the database is cloned");
  mishap(MishapTurn::kClock, knobs.clock_steps, Stream::kClock, "when the clock steps");
  mishap(MishapTurn::kDiskFull, knobs.disk_full_spells, Stream::kDisk, "when the disk is full");
  mishap(MishapTurn::kSuspend, knobs.suspensions, Stream::kClock, "when the host sleeps");
  mishap(MishapTurn::kCrashLoop, knobs.crash_loops, Stream::kCrash, "when a crash loop begins");
  for (int i = 0; i < knobs.workers.mishaps; ++i) {
    begin_span(ActorTurn::Who::kWorker, i);
    // Soon after somebody acted: at other times an engine has nothing to do that could go wrong.
    const absl::Time since = acted.empty() ? begin : acted[choices_.Choose(Stream::kWorkers, acted.size(), "after which action")];
    const auto moments = static_cast<int64_t>(choices_.Choose(Stream::kWorkers, 100, "moments later"));
    agenda_.Put(since + absl::Milliseconds(50) * moments, ActorTurn{ActorTurn::Who::kWorker, i});
  }
  if (knobs.workers.skew_max > absl::ZeroDuration()) {
    for (int i = 0; i < workers_.size(); ++i) {
      const absl::Duration ahead =
          knobs.workers.skew_max * (static_cast<int64_t>(choices_.Choose(Stream::kWorkers, 21, "clock of a worker")) - 10) / 10;
      SetWorkerClock(i, ahead, 1 + (static_cast<double>(choices_.Choose(Stream::kWorkers, 11, "rate of its clock")) - 5) / 1000);
    }
    Count(Mishap::kWorkerClocks);
  }
  if (knobs.skew_max > absl::ZeroDuration()) {
    const absl::Duration skew = knobs.skew_max * static_cast<int64_t>(choices_.Choose(Stream::kClock, 11, "skew")) / 10;
    hosts_[0].StepClock(choices_.Choose(Stream::kClock, 2, "behind") == 1 ? -skew : skew);
    Count(Mishap::kSkew);
  }
}

// True if the turn is not for now: it waits for its moment, or had it.
bool World::LiesInWait(const ActorTurn& turn) {
  if (turn.lurker != 0) return !lurkers_.Acts(turn.lurker);
  if (!MayLieInWait(turn) || !choices_.Happens(Stream::kMoments, plan_.knobs.lurking, "lies in wait")) return false;
  const auto moment = static_cast<Lurkers::Moment>(choices_.Choose(Stream::kMoments, Lurkers::kMoments, "for what"));
  agenda_.Put(now_ + kPatience, lurkers_.Wait(turn, moment));
  return true;
}

void World::Strike(Lurkers::Moment moment) {
  const ActorTurn* turn = lurkers_.Waiting(moment);
  if (turn == nullptr) return;
  // A call takes some fifty milliseconds there and back: before it arrives, or before its answer does.
  const auto late = static_cast<int64_t>(1 + choices_.Choose(Stream::kMoments, 40, "moments later"));
  agenda_.Put(now_ + absl::Milliseconds(late), *turn);
}

void World::TakeTurn(const ActorTurn& turn) {
  if (!chaos_) return;
  choices_.BeginSpan(Name(turn.who), turn.number);
  if (LiesInWait(turn)) return;
  switch (turn.who) {
    case ActorTurn::Who::kPeople:
      return PersonActs(*this);
    case ActorTurn::Who::kStripper:
      return StripperActs(*this);
    case ActorTurn::Who::kCopier:
      return CopierActs(*this);
    case ActorTurn::Who::kFighter:
      return FighterActs(*this);
    case ActorTurn::Who::kCleaner:
      return CleanerActs(*this);
    case ActorTurn::Who::kMangler:
      return ManglerActs(*this);
    case ActorTurn::Who::kAdministrator:
      return AdministratorActs(*this);
    case ActorTurn::Who::kAccess: {
      const AccessTaken taken = AccessIsTaken(*this);
      if (taken.calendar >= 0) agenda_.Put(now_ + taken.lasts, Mended{Mended::What::kRole, taken.calendar});
      return;
    }
    case ActorTurn::Who::kMishap: {
      const auto what = static_cast<MishapTurn>(turn.number);
      MishapStrikes(*this, what);
      if (what == MishapTurn::kDiskFull) agenda_.Put(now_ + absl::Hours(3), Mended{Mended::What::kDisk, 0});
      return;
    }
    case ActorTurn::Who::kPolicy:
      return AdministratorChangesPolicy(*this);
    case ActorTurn::Who::kZone:
      return PersonChangesZone(*this);
    case ActorTurn::Who::kLegacy:
      return MigrationGoesOn(*this);
    case ActorTurn::Who::kMirror:
      return MirrorProductActs(*this);
    case ActorTurn::Who::kWorker:
      return WorkersSuffer(*this);
  }
}

void World::Mend(const Mended& mended) {
  if (!chaos_) return;  // What Heal() left broken stays so.
  switch (mended.what) {
    case Mended::What::kRole:
      return AccessComesBack(*this, mended.which);
    case Mended::What::kDisk:
      hosts_[static_cast<size_t>(mended.which)].disk_full = false;
      return;
  }
}

void World::Heal() {
  chaos_ = false;
  faults_.Calm();
  faults_.plan().latency_max = faults_.plan().latency_min;
  fake::Knobs& google = server_.knobs();
  google.collision_unseen_for = absl::ZeroDuration();
  google.list_lag = absl::ZeroDuration();
  for (int i = 0; i < calendars(); ++i) {
    const bool taken = role(i) != AccessRole::kWriter || grant(i) != fake::Grant::kFull;
    // Some things stay broken for good: everything else must come to rest all the same. A grant that only reads does not: nothing
    // but another try tells when it ends.
    const bool tried_again = grant(i) == fake::Grant::kReadOnly;
    if (tried_again) AccessComesBack(*this, i);
    if (taken && !tried_again && choices_.Choose(Stream::kTopology, 4, "stays broken") != 3) AccessComesBack(*this, i);
  }
  for (int i = 0; i < instances(); ++i) {
    Host& host = hosts_[static_cast<size_t>(i)];
    host.disk_full = false;
    host.short_lives = 0;
    for (int worker = 0; worker < host.processes(); ++worker) {
      host.GiveFloor(worker);
      if (host.clock_offset() != absl::ZeroDuration()) host.StepClock(-host.clock_offset());
    }
  }
  if (!workers_.empty()) HealWorkers();
  // A clone does not live on: two that share an identity were never meant to.
  if (plan_.knobs.clone && instances() > static_cast<int>(plan_.instances.size())) Stop(instances() - 1);
  seen_after_ = healed_ = now_;
}

void World::CheckDebts() {
  for (const Host& host : hosts_) {
    if (!host.running() || host.baseline() != nullptr || host.engine().group_row().breaker_open) continue;
    if (!host.Unsettled({}).empty()) continue;
    std::vector<CalendarKey> writable;
    for (const LinkedCalendar& linked : host.config().calendars) {
      const CalendarRow* row = host.engine().calendar(linked.key);
      if (linked.state != LinkState::kEnabled || row == nullptr || row->unreachable || !CanWrite(row->role)) continue;
      writable.push_back(linked.key);
    }
    Check(Law::kL12, CheckDebtsTold(host.engine().records(), writable));
  }
}

absl::Duration World::SettleBound() const {
  absl::Duration bound = absl::Hours(24);
  for (const Host& host : hosts_) {
    const Policy& policy = host.config().policy;
    bound = std::max(
        bound, absl::Hours(24) + std::max(policy.poll_interval, policy.poll_interval_with_push) * 2 + policy.full_walk_interval);
  }
  return bound;
}

void World::SettleAndCheck() {
  const absl::Duration bound = SettleBound();
  for (int attempt = 0; attempt < 12 && !IsOver(); ++attempt) {
    const absl::Time began = now_;
    if (!Settle(bound)) {
      if (IsOver()) return;
      Check(Law::kL4, CheckSettled({.settled = false, .took = now_ - began, .bound = bound, .waits_for = Unsettled()}));
      return;
    }
    if (OperatorHelps()) {
      seen_after_ = now_;
    } else if (!OperatorSettles()) {
      break;
    }
  }
  CheckAtRest();
}

// Every engine was told of all that others did since then, and what it shows depends on nothing else: with `already_busy` it
// waits on purpose.
bool World::WasToldSince(absl::Time acted) const {
  const auto covers = [](const auto& policy) { return policy.already_busy == AlreadyBusy::kExact; };
  for (const Host& host : hosts_) {
    if (host.stopped()) continue;
    const GroupConfig& config = host.config();
    if (covers(config.policy)) return false;
    for (const Direction& direction : config.directions) {
      if (covers(direction.policy)) return false;
    }
    for (const LinkedCalendar& linked : config.calendars) {
      const int calendar = CalendarOfKey(linked.key);
      if (linked.state != LinkState::kEnabled || ghost_.LastChangeByOthers(calendar, host.family()) < acted) continue;
      if (host.told(calendar) < acted) return false;
    }
  }
  return true;
}

void World::Encore() {
  choices_.BeginSpan("encore", 0);
  const uint64_t actions = choices_.Choose(Stream::kPeople, 4, "encore");
  for (uint64_t i = 0; i < actions && !IsOver(); ++i) {
    choices_.BeginSpan("encore", static_cast<int>(i) + 1);
    RunFor(absl::Minutes(5));
    if (ended_) return;
    const absl::Time acted = now_;
    PersonActsQuietly(*this);
    RunFor(absl::Minutes(2));
    const bool told = WasToldSince(acted);
    SettleAndCheck();
    if (told) Check(Law::kL4, CheckFresh(now_ - acted));
  }
}

// What the engines would do from here on, with nobody around them.
void World::CheckAlone() {
  if (IsOver()) return;
  for (const Host& host : hosts_) {
    if (!host.running() || host.baseline() != nullptr) continue;
    Check(Law::kL8, CheckHeardAgain(host.engine(), host.ClockAt(now_), host.heard()));
    Check(Law::kL4, CheckEars(host.engine(), host.ClockAt(host.timer()), host.ClockAt(now_)));
  }
}

RunResult World::Run() {
  ScheduleTurns();
  RunUntil(plan_.start + kWarmUp);
  SetChaos(true);
  RunUntil(plan_.start + kWarmUp + absl::Hours(24) * plan_.knobs.shape.days);
  if (!IsOver()) {
    CheckDebts();
    Heal();
    SettleAndCheck();
    Encore();
    QuietDay();
    // A block for what the horizon came to reach in that day may still have to be seen by another installation (seed 16887).
    SettleAndCheck();
    CheckAlone();
  }
  return Finish();
}

}  // namespace calsync::sim
