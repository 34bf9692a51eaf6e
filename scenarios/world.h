// The world: a fake Google, people, programs, and the hosts of one or more engines, on virtual time.
//
// Everything that happens is an item of one agenda, ordered by time and then by when it was put there; everything that is left
// open is decided by the choices. No thread, no wall clock. A value: one assignment copies it, and both go on independently (not
// with StoreKind::kSqlite). What the laws' oracles know beyond Google and the engines is in ghost.h.
//
// Run() lives through a whole seed: warm-up, chaos, healing, settling, checks at rest, an encore of single quiet actions, a quiet
// day, the last check. A scenario drives the world by hand instead: it acts, orders faults, and calls Settle() and CheckAtRest().

#ifndef CALSYNC_SCENARIOS_WORLD_H_
#define CALSYNC_SCENARIOS_WORLD_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/api/failure.h"
#include "engine/host/input.h"
#include "engine/state/group.h"
#include "fakegoogle/faults/fault_layer.h"
#include "fakegoogle/model/server.h"
#include "scenarios/agenda.h"
#include "scenarios/choices.h"
#include "scenarios/ghost.h"
#include "scenarios/host.h"
#include "scenarios/knobs.h"
#include "scenarios/laws/laws.h"
#include "scenarios/laws/told_now.h"
#include "scenarios/lurkers.h"
#include "scenarios/result.h"
#include "scenarios/run_hash.h"
#include "scenarios/workers.h"

namespace calsync::sim {

class Watcher;

// A calendar of a person. Index in Plan::calendars is its name everywhere below.
struct CalendarPlan {
  std::string name;               // For people, one word: "work". Google's id becomes "<name>@example.org".
  std::string time_zone = "UTC";  // What the API tells; its rules are taken to be UTC's unless `zone` says otherwise.
  absl::TimeZone zone = absl::UTCTimeZone();
  int person = 0;                        // Whose it is.
  AccessRole role = AccessRole::kOwner;  // What CalSync's account may do there.
};

// Hears what engines are built from, are given and answer; changes nothing.
class EngineWitness {
 public:
  virtual ~EngineWitness() = default;
  virtual void OnStart(int instance, const GroupConfig& config, const GroupImage& image, const SipKey& seed) = 0;
  virtual void OnStep(int instance, const GroupId& group, const Input& input, absl::Time now, const Effects& effects) = 0;
};

struct Plan {
  absl::Time start;
  std::vector<CalendarPlan> calendars;
  std::vector<InstancePlan> instances;
  Knobs knobs;
  int workers = 1;  // Processes that share the database and the groups of the first installation.
  StoreKind store = StoreKind::kMemory;
  EngineKind engine = EngineKind::kCalsync;
  bool wire = false;      // Calls of engines and their answers go through their text, see wire.h.
  bool thorough = false;  // The engines' own invariants at every step, not only at rest.
  bool tracing = false;
  std::shared_ptr<EngineWitness> witness{};
  // What people have on their calendars when it begins, by calendar (imported calendars). Ids, etags and the like are ignored,
  // but for those that join exceptions with their series.
  std::vector<std::vector<Event>> events;
};

// The plan of a seed: topology, knobs and policy drawn.
Plan DrawPlan(Choices& choices, const Shape& shape, absl::Time start);
// A plan with these calendars, one instance over all of them, and nothing that goes wrong; it begins at `start`.
Plan QuietPlan(const std::vector<std::string>& calendars, absl::Time start);
// When seeds begin, unless told otherwise: a Monday.
absl::Time UsualStart();

// Another product that mirrors one calendar to another (A5): which of its events is for which.
struct MirrorProduct {
  absl::btree_map<EventId, EventId> mirrors;
  uint64_t inserts = 0;
  uint64_t moves = 0;  // So often it put one of its events where the original is by now.
  // After how many rounds of ping-pong it made each of its events. 0: what that mirrors is no block of ours for another of them.
  absl::btree_map<EventId, uint64_t> rounds;
  uint64_t rounds_most = 0;
};

// A fault that a scenario orders. It befalls the next call that fits, once.
struct OrderedFault {
  enum class Call : uint8_t { kAny, kList, kGet, kInsert, kPatch, kDelete, kWatch };
  enum class Outcome : uint8_t {
    kAnsweredWith,         // `error`, and nothing happened.
    kAppliedAnsweredWith,  // It happened; the answer is `error`.
    kRequestLost,          // It did not happen; a timeout.
    kReplyLost,            // It happened; a timeout.
    kDelayed,              // It happens, and is answered, `delay` later.
    kReplyDelayed,         // It happens at once; the answer comes `delay` later (after 30 s: behind a timeout).
    kReplyDoubled,         // The same answer comes twice.
    kAppliedTwice,
    kHostileSkip,  // Lists: the last changed row of the delta is left out.
    kStale,        // Lists and gets: as of `delay` ago.
    kUnseen,       // Gets and writes: events younger than `delay` are 404.
  };
  Call call = Call::kAny;
  int calendar = -1;  // -1: any.
  int instance = 0;
  Outcome outcome = Outcome::kAnsweredWith;
  ApiError error;
  absl::Duration delay = absl::ZeroDuration();
  int skip = 0;  // So many fitting calls go through first.
  int times = 1;
  int id = 0;  // For IsPending().
};

// Where a crash falls, counted within the effects of the next step of the engine that has any (P1 … P4).
enum class CrashPoint : uint8_t { kBeforeCommit, kAfterCommit, kBetweenCalls, kAfterReply };

class World {
 public:
  World(Plan plan, Choices choices);

  // --- A whole seed.
  RunResult Run();
  // Run() goes on up to this step, and to what is judged before another one would begin.
  void StopAt(uint64_t step) { stop_at_ = step; }
  // Likewise, once `asked`, which is asked before each step, says yes.
  void StopWhen(bool (*asked)()) { stop_when_ = asked; }

  // --- By hand. Engines are started by the constructor, at the plan's start.

  // Carries out the next item of the agenda. False if there is none, or a law was broken.
  bool Step();
  // Carries out the which-th of what is under way, from 0, before all that was to happen earlier: an order of events as good as
  // any other. REQUIRES: which < agenda().under_way().
  bool Overtake(size_t which);
  // Time goes by, and nothing happens in it: what was due comes that much late.
  void Linger(absl::Duration duration) { now_ += duration; }
  // From now on what may befall calls, messages and processes befalls them, as the knobs say; or nothing does.
  void SetChaos(bool on);
  void RunUntil(absl::Time time);
  void RunFor(absl::Duration duration) { RunUntil(now_ + duration); }
  // Runs until nothing is left to do but polls and renewals, at most for `limit`. False, or Unsettled() says what it waits for.
  bool Settle(absl::Duration limit = absl::Hours(48));
  // What it still waits for, in words; empty if settled.
  std::string Unsettled() const;
  // All oracles that hold at rest. REQUIRES: settled.
  void CheckAtRest();
  // Settles, with the operator's help where an engine waits for it, and checks; not to come to rest in time breaks L4.
  void SettleAndCheck();
  // A day in which nobody does anything and no event may be written (L4).
  void QuietDay();
  // Ends a run by hand.
  RunResult Finish();

  // --- People, programs, the calendar of ground truth.

  // Somebody acts, at once; nothing goes wrong on the way. `who` is a person or a program; the account is the calendar owner's.
  Reply Act(fake::ActorId who, const Request& request);
  // Somebody duplicates an event onto a calendar. The copy is what the original was: a copy of a block is no source. Only a copy
  // of a block without its tag and with a UID of its own is an event like any other. Returns the copy's id, empty if refused.
  enum class CopyTags : uint8_t { kKept, kLost };
  EventId Duplicate(fake::ActorId who, int from, const EventId& event, int to, CopyTags tags);
  fake::ActorId person(int number = 0) const { return {fake::ActorKind::kPerson, static_cast<uint32_t>(number)}; }
  fake::ActorId program(int number = 0) const { return {fake::ActorKind::kProgram, static_cast<uint32_t>(number)}; }
  // The live block that an instance made on `target` for the event (by ground truth); empty if there is none.
  EventId BlockOf(int calendar, const EventId& event, int target, int instance = 0) const;

  // --- The operator.

  void Command(int instance, OperatorCommand command);
  // The configuration as it was last given to the engine; Command(i, Reconfigure{…}) changes it.
  const GroupConfig& config(int instance) const;
  // A calendar of the world that the instance links from now on.
  void LinkCalendar(int instance, int calendar);
  void SetLinkState(int instance, int calendar, LinkState state);

  // --- Mishaps.

  void Order(OrderedFault fault) { ordered_.push_back(std::move(fault)); }
  // `skip`: so many steps that would do go through first.
  void OrderCrash(int instance, CrashPoint point, absl::Duration down = absl::Seconds(5), int skip = 0, int id = 0);
  // What was ordered with this id has not befallen anybody yet.
  bool IsPending(int id) const;
  // Messages about the calendar (-1: all) come this much later from now on; InfiniteDuration: never.
  void DelayMessages(int calendar, absl::Duration delay);
  void ForgeMessage(int instance, Notification forged);
  // A message that the calendar changed arrives now, on the latest channel that the engine knows; nothing if it knows none.
  void BringMessage(int instance, int calendar);
  // Ends the process now; it is up again after `down`.
  void Crash(int instance, absl::Duration down = absl::Seconds(5));
  void Stop(int instance);  // For good, until Start.
  void Start(int instance);
  void BackUp(int instance);         // Remembers what the store holds.
  void RestoreBackup(int instance);  // And puts it back; the engine is told (Started{restored}).
  void LoseDatabase(int instance);
  int CloneInstance(int instance);  // A second process with a copy of the database. Returns its number.
  void StepClock(int instance, absl::Duration by);
  void SetRole(int calendar, AccessRole role);  // Of CalSync's account.
  void SetGrant(int calendar, fake::Grant grant);
  // Its owner chooses another time zone for the calendar. REQUIRES: one of ZoneNames(), see zones.h.
  void SetZone(int calendar, const std::string& name);

  // The host sleeps, with all that is under way to it (K6): what waited for a time is due at once when it wakes. An order of the
  // operator wakes it.
  void Suspend(int instance, absl::Duration duration);
  // So many of its lives, from the next on, end within some steps (P6).
  void DieAgainAndAgain(int instance, int lives);

  // --- Workers, from 0. REQUIRES: the plan has two or more. False: nothing happened, for it is down, stands still already, or
  // has not come into the table yet.

  // It stands still, with all that is under way to it and from it, and goes on after that (P7).
  bool PauseWorker(int worker, absl::Duration duration);
  // It ends at once; another one begins in its place after `down`.
  bool KillWorker(int worker, absl::Duration down);
  // It ends, and gives its lease back if nothing of it is under way (P8).
  bool StopWorker(int worker, absl::Duration down);
  // The operator has it hand over its groups; or takes it back.
  bool DrainWorker(int worker, bool draining);
  void UndrainLater(int worker, absl::Duration later);
  // Neither table nor rows can be reached.
  void TakeDatabaseAway(absl::Duration duration);
  // Answers of the database, and beats on their way to it, may be lost.
  void LoseBeats(absl::Duration duration);
  // Its machine's clock differs from others by this, in what the engine is told and in what its lease is counted by (K7).
  void SetWorkerClock(int worker, absl::Duration ahead, double rate);
  const Workers& workers() const { return workers_; }

  // --- Looking.

  // From now on it looks at what flows by; null: nobody does. It must outlive the world. A copy of the world has the same.
  void SetWatcher(Watcher* watcher) { watcher_ = watcher; }

  absl::Time now() const { return now_; }
  uint64_t step() const { return step_; }
  const Plan& plan() const { return plan_; }
  const Knobs& knobs() const { return plan_.knobs; }
  Choices& choices() { return choices_; }
  fake::Server& server() { return server_; }  // After a change by hand call Pump().
  const fake::Server& server() const { return server_; }
  const Agenda& agenda() const { return agenda_; }
  // How often something went wrong so far with a call, a message, a process or a commit.
  uint64_t Adversities() const;
  const fake::FaultLayer& faults() const { return faults_; }
  const Ghost& ghost() const { return ghost_; }
  Ghost& ghost() { return ghost_; }
  int calendars() const { return static_cast<int>(plan_.calendars.size()); }
  const CalendarId& google_id(int calendar) const { return google_ids_[static_cast<size_t>(calendar)]; }
  int CalendarIndex(const CalendarId& id) const;  // -1 if it is none of ours.
  static CalendarKey KeyOf(int calendar) { return CalendarKey(static_cast<uint64_t>(calendar) + 1); }
  const AccountId& owner_account(int calendar) const { return owners_[static_cast<size_t>(calendar)]; }
  const AccountId& sync_account(int calendar) const { return syncers_[static_cast<size_t>(calendar)]; }
  int instances() const { return static_cast<int>(hosts_.size()); }
  const Host& host(int instance) const { return hosts_[static_cast<size_t>(instance)]; }
  const std::optional<Violation>& violation() const { return violation_; }
  const Counts& counts() const { return counts_; }
  void Count(Mishap mishap, uint64_t times = 1) {
    counts_.mishaps[static_cast<size_t>(mishap)] += times;
    if (watcher_ != nullptr) TellWatcher(mishap);
  }

  // --- Telling. Lines are kept only if the plan says `tracing`.

  const std::vector<TraceLine>& trace() const { return trace_; }
  // "e3": events are numbered in the order in which they came to be, over all calendars.
  std::string NameOf(const CalendarId& calendar, const EventId& event) const;
  // The text with every id of an event, record and channel replaced by its short name (e3, k7, c2).
  std::string WithShortNames(std::string text) const;
  bool tracing() const { return plan_.tracing; }
  void Tell(std::string place, std::string what, TraceLine::Kind kind = TraceLine::Kind::kMishap);

 private:
  struct OrderedCrash {
    int instance = 0;
    CrashPoint point = CrashPoint::kBeforeCommit;
    absl::Duration down;
    int skip = 0;
    int id = 0;
  };
  enum class Origin : uint8_t { kStart, kReply, kOther };  // What made an engine step.
  // Before which effect of a step its process dies, and for how long; more than there are: it does not.
  struct Fall {
    size_t at = ~size_t{0};
    absl::Duration down = absl::Seconds(5);
  };

  // Carrying out (world.cc).
  void SetUpCalendars();
  void SetUpInstances();
  int AddInstance(const InstancePlan& plan, FamilyNumber family, int processes = 1);
  absl::Time NextTime() const;
  bool Begin(absl::Time next);  // A step. False: a law says that there is no end to them.
  void Happen(Happening happening);
  void TakeTurn(const ActorTurn& turn);  // run.cc
  bool LiesInWait(const ActorTurn& turn);
  void Strike(Lurkers::Moment moment);  // Whoever waited for it acts.
  void StrikeAt(const Host& host, int calendar, const Request& request);
  void Mend(const Mended& mended);
  void OnCall(CallArrives& item);
  Reply Refused(const Request& request, const ApiError& error) const;
  void CountPatch(Host& host, const Spot& spot);
  void CheckPatienceOf(Host& host, int calendar);
  void Excuse(int calendar);
  void TakeAnswer(Host& host, int calendar, const Request& request, const Reply& reply);
  void OnReply(ReplyArrives& item);
  void Review(Host& host, int calendar) const;
  void OnMessage(MessageArrives& item);
  void Boot(int instance);
  void SayAgain(int instance);
  // `inert`: in words, what the input is if it should be nothing to the engine.
  void StepEngine(int instance, Input input, Origin origin, absl::string_view inert = {});
  static std::optional<size_t> PlaceOf(CrashPoint point, const Effects& effects, Origin origin);
  Fall DrawCrash(int instance, const Effects& effects, Origin origin);
  void CarryOut(int instance, Effects effects, Origin origin);
  bool Commits(int instance, const Commit& commit, Origin origin);  // False: the engine is gone.
  void Sends(int instance, ApiCall& call);
  void Leaves(Host& host, ApiCall& call, Leaving leaving);
  fake::CallPlan PlanCall(Host& host, const fake::Caller& caller, const Request& request);
  void DieAndRestart(int instance, absl::Duration down);    // The engine.
  void CrashAndRestart(int instance, absl::Duration down);  // The process.
  void FireTimer();
  void HearMessage(MessageArrives& item);
  void Deliver(const fake::PushMessage& message);
  void Observe(const fake::WriteRecord& write);
  int CalendarOfKey(CalendarKey key) const { return static_cast<int>(key.value()) - 1; }
  bool IsOver() const { return violation_.has_value() || ended_; }
  bool IsAtRest() const;
  const LinkedCalendar* NotSeenYet(const Host& host) const;
  void Break(Law law, std::string message);
  void Check(Law law, std::string breach) {
    if (!breach.empty()) Break(law, std::move(breach));
  }
  void CheckSend(Host& host, const ApiCall& call, Leaving leaving);
  void CheckSentWrite(Host& host, int calendar, const Request& request, Leaving leaving);
  void TakeChosenId(const Host& host, const CallArrives& item, const Reply& reply);
  void TellWatcher(Mishap mishap) const;
  void CheckCommit(const Host& host, const Commit& commit);
  void CheckTransitions(const Host& host, const Commit& commit);
  void CheckTokens(Host& host, const Commit& commit);
  void CheckPlan(const Host& host, const Commit& commit, const Record& block);
  void CheckAdoption(const Host& host, const Commit& commit, const Record& block);
  // What is durable now about blocks of the system before CalSync.
  void TakeAdoptions(const Host& host, const Commit& commit);
  void ForgetAdoptions(const Host& host);
  Spot SourceOf(const Host& host, const Commit& commit, const Record& block) const;  // As the engine says; none if it does not.

  // Workers (world_workers.cc).
  void SetUpWorkers();
  int InstanceOf(const GroupId& group) const;
  absl::Time StandsUntil(const Host& host, int worker) const {
    return host.has_workers() ? workers_.at(worker).stands_until : host.stands_until;
  }
  // Until then the process can take nothing that its engine would have to store something for.
  absl::Time BusyUntil(const Host& host, int worker) const {
    const absl::Time stands_until = StandsUntil(host, worker);
    return host.has_workers() ? std::max(stands_until, workers_.away_until()) : stands_until;
  }
  absl::Time TimerOf(const Host& host, int worker) const { return std::max(host.timer_of(worker), BusyUntil(host, worker)); }
  // True: the process cannot take it yet, and it comes again when it can.
  template <class Item>
  bool Waits(Item& item) {
    const absl::Time until = BusyUntil(hosts_[static_cast<size_t>(item.host)], item.worker);
    if (until <= now_) return false;
    agenda_.Put(until, std::move(item));
    return true;
  }
  void GiveFloors();
  void WakeWorkers();
  void ScheduleBeat(int worker, absl::Time at);
  void OnWorkerTurn(const WorkerTurn& turn);
  void WorkerBeats(int worker);
  void OnBeatArrives(const BeatArrives& item);
  void OnBeatAnswered(BeatAnswered& item);
  void FollowTable(int worker, const adapter::LeaseView& view);
  void LoseLease(int worker);
  bool WorkersMayRest() const;
  void RunGroup(int worker, const GroupId& group);
  void StopGroup(int worker, const GroupId& group);
  void LeaveGroup(int worker, const GroupId& group);
  void EndIfLeft(Host& host);
  void QueueCall(Host& host, ApiCall& call);
  void OnCallLeaves(CallLeaves& item);
  void OnStepGoesOn(StepGoesOn& item);
  void OnWorkerMessage(MessageArrives& item);
  void PutOrder(int instance, OperatorCommand order);
  void WakeOwner(const GroupId& group);
  void DeliverMail(int worker);
  bool MayLoad(const Host& host);
  bool RefusesCommit(const Host& host);
  bool LosesAnswerOfCommit(const Host& host);
  void CheckOwner(const Host& host);
  size_t DrawPause(int instance,
                   size_t effects);  // Before which of them the process stands still; more than there are: it does not.
  void StandStill(int instance, Effects left);
  // Whatever it stood still for is over.
  void GoOn(int instance);
  void DropEngine(Host& host);
  void ReplaceDatabase(int instance, const Host::Backup& content, absl::string_view words);
  void RenewDatabase();
  void HealWorkers();
  std::string WorkerName(int worker) const;

  // At rest (world_rest.cc).
  GroupFacts FactsOf(const Host& host) const;
  void RememberRest(const RestView& view);
  void CheckBudgets();
  QuietCalendar QuietCalendarOf(const Host& host, int calendar, uint64_t changes, uint64_t watches) const;
  bool OperatorHelps();
  bool OperatorSettles();
  void AddParked(const Records& records, GroupFacts& facts) const;

  // What is told to people (world_told.cc).
  ToldAlerts AlertsOf(const GroupHealth& health) const;
  std::vector<CalendarKey> GrantsLost(const Host& host) const;
  void CheckTold(const Host& host, const RestView& view);
  void CheckToldFromDatabase(const Host& host);
  GroupNow LookNow(const Host& host) const;
  void CheckToldNow(const Host& host);
  void CheckSlotsNow(const Host& host, const GroupNow& truth, RowIndex source_row);
  void TellAlerts(const Host& host, const GroupHealth& health);

  // A whole seed (run.cc).
  void ScheduleTurns();
  void Heal();
  absl::Duration SettleBound() const;
  void Encore();
  void CheckAlone();
  void CheckDebts();
  bool WasToldSince(absl::Time acted) const;

  // Telling (trace.cc).
  void TellStep(const Host& host, const Input& input, const Effects& effects);
  void TellWrite(const fake::WriteRecord& write);
  // Only at the end every event that ever was has its short name, also where it was only planned.
  std::vector<TraceLine> NamedTrace() const;
  std::string EngineName(const Host& host) const;

  Plan plan_;
  Choices choices_;
  Watcher* watcher_ = nullptr;  // Not ours.
  fake::Server server_;
  fake::FaultLayer faults_;
  Agenda agenda_;
  Ghost ghost_;
  std::vector<Host> hosts_;
  Workers workers_;
  absl::Time now_;
  uint64_t step_ = 0;
  uint64_t stop_at_ = ~uint64_t{0};
  bool (*stop_when_)() = nullptr;
  bool ended_ = false;      // Another step was to begin after that: nothing more happens, and nothing is judged.
  uint64_t steps_now_ = 0;  // Within this instant: an engine that never lets time pass is caught by it.
  bool chaos_ = false;
  bool quiet_ = false;  // A quiet day: whatever is written breaks a law.
  uint64_t engine_seed_ = 0;
  std::vector<CalendarId> google_ids_;
  std::vector<AccountId> owners_;
  std::vector<AccountId> syncers_;
  std::vector<AccessRole> roles_;  // Of CalSync's accounts, by calendar.
  std::vector<fake::Grant> grants_;
  std::vector<absl::Time> narrowed_since_;    // By calendar: its grant is for reading alone; InfiniteFuture if it is not.
  std::vector<absl::Duration> narrowed_for_;  // … and was before, in all.
  std::vector<absl::Duration> message_delays_;
  std::vector<absl::Time> full_walk_needed_;  // By calendar: until then something was hidden from deltas.
  std::vector<OrderedFault> ordered_;
  std::vector<OrderedCrash> ordered_crashes_;
  Lurkers lurkers_;
  absl::Time last_rest_ = absl::InfinitePast();
  absl::Time seen_after_ = absl::InfinitePast();  // Every calendar must have been listed after this.
  absl::Time healed_ = absl::InfiniteFuture();    // Nothing goes wrong any more from then on.
  absl::Duration settle_time_ = absl::ZeroDuration();
  bool breaker_stays_open_ = false;
  RunHash hash_;
  Counts counts_;
  std::optional<Violation> violation_;
  std::vector<TraceLine> trace_;
  absl::btree_map<std::pair<int, CallId>, Spot> id_chosen_later_;  // Inserts of baselines, by host: where their rows lie.
  std::vector<std::pair<std::string, std::string>> short_names_;   // Ids and what they are called in traces.

 public:
  // For actors: numbers of their own, and the next watermark.
  uint64_t NextTitle() { return ++titles_; }
  int NextResidue() { return plan_.knobs.watermarks ? static_cast<int>(residues_++ * 7 % 3600) : -1; }
  // An event of a person, with its watermark. Empty if refused.
  EventId Insert(fake::ActorId who, int calendar, Event event, int residue = -1);
  MirrorProduct& mirror_product() { return mirror_product_; }
  void Announce(Mishap mishap, absl::string_view place, std::string what);  // Counts and tells.
  AccessRole role(int calendar) const { return roles_[static_cast<size_t>(calendar)]; }
  fake::Grant grant(int calendar) const { return grants_[static_cast<size_t>(calendar)]; }
  Host& host_for_change(int instance) { return hosts_[static_cast<size_t>(instance)]; }
  // After something was done to the server by hand: its changes and messages are taken in.
  void Pump();

 private:
  MirrorProduct mirror_product_;
  uint64_t titles_ = 0;
  uint64_t residues_ = 1;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_WORLD_H_
