#include "scenarios/world.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/render.h"
#include "fakegoogle/model/series.h"
#include "scenarios/actors/migration.h"
#include "scenarios/probes.h"
#include "scenarios/watcher.h"
#include "scenarios/wire.h"
#include "scenarios/zones.h"

namespace calsync::sim {
namespace {

constexpr uint64_t kStepsNowMax = 5000;  // Within one instant.
constexpr uint64_t kStepsMax = 30000;    // In a run, and more for what there is to do; a standard seed takes some thousand.
constexpr uint64_t kStepsMaxPerEvent = 1000;
// A walk that Google breaks off begins anew, with all its pages (seed 7399490002653), and small pages under a small quota take
// steps of their own (seed 4319042 with three workers).
constexpr uint64_t kStepsMaxPerAdversity = 60;
constexpr absl::string_view kDomain = "@example.org";

SipKey KeyOfInstallation(int installation) {
  return {0x6b6579206f66206e ^ static_cast<uint64_t>(installation), 0x6f207365637265 + static_cast<uint64_t>(installation)};
}

// A page of two or three rows shows in a small calendar what there is to see. With thousands of imported events the same walk
// takes thousands of pages and shows nothing more: pages grow with the events, so that a walk takes some tens of them.
Plan WithFittingPages(Plan plan) {
  constexpr size_t kPagesMax = 40;
  size_t events = 0;  // Each calendar shows its own, and blocks of all others.
  for (const std::vector<Event>& calendar : plan.events) events += calendar.size();
  const int smallest = static_cast<int>(events / kPagesMax);
  for (InstancePlan& instance : plan.instances) instance.policy.page_size = std::max(instance.policy.page_size, smallest);
  int& of_google = plan.knobs.google.page_size;
  if (of_google > 0) of_google = std::max(of_google, smallest);
  return plan;
}

}  // namespace

absl::Time UsualStart() { return absl::FromCivil(absl::CivilDay(2026, 5, 4), absl::UTCTimeZone()); }

Plan QuietPlan(const std::vector<std::string>& calendars, absl::Time start) {
  Plan plan;
  plan.start = start;
  InstancePlan instance;
  for (const std::string& name : calendars) {
    instance.calendars.push_back(static_cast<int>(plan.calendars.size()));
    plan.calendars.push_back({.name = name});
  }
  instance.policy.push_address = "https://calsync.example.org/push";
  plan.instances.push_back(std::move(instance));
  return plan;
}

Plan DrawPlan(Choices& choices, const Shape& shape, absl::Time start) {
  static constexpr absl::string_view kNames[] = {"work", "home", "club", "client", "school", "choir", "lab", "board"};
  Plan plan;
  plan.start = start;
  plan.knobs = DrawKnobs(choices, shape);
  plan.workers = shape.workers;
  InstancePlan first{.policy = plan.knobs.policy, .directions = plan.knobs.directions};
  for (int i = 0; i < shape.calendars; ++i) {
    const size_t name = static_cast<size_t>(i);
    plan.calendars.push_back({.name = name < std::size(kNames) ? std::string(kNames[name]) : absl::StrCat("calendar", i)});
    first.calendars.push_back(i);
    if (name < plan.knobs.zones.size()) {
      plan.calendars.back().time_zone = plan.knobs.zones[name];
      CALSYNC_CHECK(FindZone(plan.knobs.zones[name], plan.calendars.back().zone));
    }
  }
  // One calendar may be left out at first, for the administrator to add.
  if (plan.knobs.administrations > 0 && shape.calendars > 2 && choices.Choose(Stream::kTopology, 2, "one calendar later") == 1) {
    first.calendars.pop_back();
  }
  if (plan.knobs.second_group) {
    // Another person, of the same installation: two calendars of their own.
    InstancePlan second{.policy = plan.knobs.policy, .group = "g1"};
    for (int i = 0; i < 2; ++i) {
      second.calendars.push_back(static_cast<int>(plan.calendars.size()));
      plan.calendars.push_back({.name = i == 0 ? "other-work" : "other-home", .person = 1});
    }
    plan.instances.push_back(std::move(first));
    plan.instances.push_back(std::move(second));
    return plan;
  }
  plan.instances.push_back(first);
  if (plan.knobs.second_instance) {
    first.installation = 1;
    if (first.calendars.size() > 2)
      first.calendars.resize(2 + choices.Choose(Stream::kTopology, first.calendars.size() - 1, "shared calendars"));
    plan.instances.push_back(std::move(first));
  }
  return plan;
}

World::World(Plan plan, Choices choices)
    : plan_(WithFittingPages(std::move(plan))),
      choices_(std::move(choices)),
      server_(plan_.knobs.google, choices_.Choose(Stream::kTopology, uint64_t{1} << 32, "seed of Google")),
      now_(plan_.start) {
  engine_seed_ = choices_.Choose(Stream::kTopology, uint64_t{1} << 32, "seed of the engines");
  SetUpCalendars();
  SetUpInstances();
  if (plan_.knobs.legacy.turns > 0) PlantLegacy(*this);
}

void World::SetUpCalendars() {
  for (int i = 0; i < calendars(); ++i) {
    const CalendarPlan& calendar = plan_.calendars[static_cast<size_t>(i)];
    google_ids_.push_back(CalendarId(absl::StrCat(calendar.name, kDomain)));
    owners_.push_back(AccountId(absl::StrCat(calendar.name, kDomain)));
    syncers_.push_back(AccountId(absl::StrCat("sync.", calendar.name, kDomain)));
    server_.AddAccount(owners_.back());
    server_.AddAccount(syncers_.back());
    server_.AddCalendar({.id = google_ids_.back(),
                         .owner = owners_.back(),
                         .summary = calendar.name,
                         .time_zone = calendar.time_zone,
                         .zone = calendar.zone,
                         .primary = true});
    const AccessRole role = calendar.role == AccessRole::kOwner ? AccessRole::kWriter : calendar.role;
    server_.SetRole(google_ids_.back(), syncers_.back(), role);
    roles_.push_back(role);
    grants_.push_back(fake::Grant::kFull);
    narrowed_since_.push_back(absl::InfiniteFuture());
    narrowed_for_.push_back(absl::ZeroDuration());
    message_delays_.push_back(absl::ZeroDuration());
    full_walk_needed_.push_back(absl::InfinitePast());
  }
  // A person may write on all calendars of theirs, whichever account they use: to move an event takes both (C-53).
  for (int i = 0; i < calendars(); ++i) {
    for (int j = 0; j < calendars(); ++j) {
      const bool same = plan_.calendars[static_cast<size_t>(i)].person == plan_.calendars[static_cast<size_t>(j)].person;
      if (i != j && same) server_.SetRole(google_ids_[static_cast<size_t>(i)], owner_account(j), AccessRole::kWriter);
    }
  }
  for (size_t i = 0; i < plan_.events.size() && i < plan_.calendars.size(); ++i) {
    const fake::ActorId owner = person(plan_.calendars[i].person);
    absl::btree_map<EventId, EventId> series;  // By the ids that the plan knows.
    for (const Event& event : plan_.events[i]) {
      if (event.IsOccurrence()) continue;
      const EventId made = Insert(owner, static_cast<int>(i), event);
      if (event.IsSeriesMaster() && !event.id.empty()) series[event.id] = made;
    }
    for (Event event : plan_.events[i]) {  // Those of a series that is not there stand alone (C-70).
      if (!event.IsOccurrence()) continue;
      if (const auto found = series.find(event.recurring_event_id); found != series.end()) {
        event.recurring_event_id = found->second;
        event.ical_uid = fake::DefaultUid(found->second);
      }
      event.id = fake::OccurrenceId(event.recurring_event_id, event.original_start, server_.knobs().split_ids_derived);
      server_.Plant(google_id(static_cast<int>(i)), std::move(event), owner, now_);
    }
  }
  Pump();
}

void World::SetUpInstances() {
  std::vector<std::pair<int, std::string>> families;
  for (const InstancePlan& instance : plan_.instances) {
    const std::pair<int, std::string> identity{instance.installation, instance.group};
    auto found = std::find(families.begin(), families.end(), identity);
    if (found == families.end()) found = families.insert(families.end(), identity);
    const bool shared = plan_.workers > 1 && instance.installation == 0;
    AddInstance(instance, static_cast<FamilyNumber>(found - families.begin()), shared ? plan_.workers : 1);
    if (instance.installation > 0) Count(Mishap::kSecondInstance);
  }
  for (const Host& host : hosts_) {
    if (!host.has_workers()) agenda_.Put(now_, HostUp{host.number(), 0, host.incarnation()});
  }
  if (plan_.workers > 1) SetUpWorkers();
}

int World::AddInstance(const InstancePlan& plan, FamilyNumber family, int processes) {
  GroupConfig config;
  config.id = GroupId(plan.group);
  config.instance = InstanceId{absl::MakeUint128(0x1157a11a71000000, static_cast<uint64_t>(plan.installation) + 1)};
  config.keys = {KeyOfInstallation(plan.installation)};
  config.policy = plan.policy;
  config.directions = plan.directions;
  const int number = instances();
  if (!config.policy.push_address.empty()) absl::StrAppend(&config.policy.push_address, "/", number);
  for (const int calendar : plan.calendars) {
    config.calendars.push_back(
        {.key = KeyOf(calendar), .google_id = google_id(calendar), .name = plan_.calendars[static_cast<size_t>(calendar)].name});
  }
  hosts_.emplace_back(number, family, std::move(config), plan_.store, plan_.engine, processes);
  ghost_.SetFamily(static_cast<uint32_t>(number), family);
  return number;
}

int World::CalendarIndex(const CalendarId& id) const {
  const auto found = std::find(google_ids_.begin(), google_ids_.end(), id);  // There are a few.
  return found == google_ids_.end() ? -1 : static_cast<int>(found - google_ids_.begin());
}

const GroupConfig& World::config(int instance) const { return host(instance).config(); }

// ---- Time ----

absl::Time World::NextTime() const {
  absl::Time next = agenda_.empty() ? absl::InfiniteFuture() : agenda_.next();
  next = std::min(next, server_.NextDue());
  for (const Host& host : hosts_) {
    for (int worker = 0; worker < host.processes(); ++worker) next = std::min(next, TimerOf(host, worker));
  }
  return next;
}

bool World::Begin(absl::Time next) {
  if (step_ >= stop_at_ || (stop_when_ != nullptr && stop_when_())) {
    ended_ = true;
    return false;
  }
  steps_now_ = next > now_ ? 0 : steps_now_ + 1;
  now_ = next;
  choices_.BeginSpan("step", static_cast<int>(++step_));
  if (steps_now_ > kStepsNowMax) {
    Break(Law::kL4, absl::StrCat("time stands still: ", steps_now_, " steps within one instant"));
    return false;
  }
  // What engines make does not count: one that makes ever more would never be found out.
  const uint64_t made_by_others = ghost_.events() - std::min<uint64_t>(ghost_.events(), counts_.blocks_created);
  // A message that nobody takes comes eight times, each of them a step (seed 3014509).
  const uint64_t redelivered = counts_.mishaps[static_cast<size_t>(Mishap::kRedelivered)];
  const uint64_t allowed = kStepsMax + kStepsMaxPerEvent * made_by_others + kStepsMaxPerAdversity * Adversities() + redelivered;
  if (step_ > allowed) {
    Break(Law::kL4, absl::StrCat("no end: ", step_, " steps"));
    return false;
  }
  return true;
}

bool World::Step() {
  if (IsOver()) return false;
  const absl::Time next = std::max(now_, NextTime());
  if (next == absl::InfiniteFuture()) return false;
  if (!Begin(next)) return false;
  if (!agenda_.empty() && agenda_.next() <= now_) {
    Happen(agenda_.Take());
  } else if (server_.NextDue() <= now_) {
    server_.AdvanceTo(now_);
    Pump();
  } else {
    FireTimer();
  }
  if (!workers_.empty()) GiveFloors();
  return !violation_.has_value();
}

void World::FireTimer() {
  for (Host& host : hosts_) {
    for (int worker = 0; worker < host.processes(); ++worker) {
      if (TimerOf(host, worker) > now_) continue;
      host.GiveFloor(worker);
      host.ClearTimer();
      return StepEngine(host.number(), TimerFired{}, Origin::kOther);
    }
  }
}

bool World::Overtake(size_t which) {
  if (IsOver()) return false;
  auto [time, happening] = agenda_.TakeUnderWay(which);
  if (!Begin(std::max(now_, time))) return false;
  Happen(std::move(happening));
  if (!workers_.empty()) GiveFloors();
  return !violation_.has_value();
}

void World::RunUntil(absl::Time time) {
  while (!IsOver() && NextTime() <= time) {
    if (!Step()) return;
  }
  if (!ended_) now_ = std::max(now_, time);
}

void World::Happen(Happening happening) {
  std::visit(Overloaded{
                 [&](CallArrives& item) { OnCall(item); },
                 [&](ReplyArrives& item) { OnReply(item); },
                 [&](MessageArrives& item) { OnMessage(item); },
                 [&](HostUp& item) {
                   if (Waits(item)) return;
                   Host& host = hosts_[static_cast<size_t>(item.host)];
                   host.GiveFloor(item.worker);
                   if (!host.running() && !host.stopped() && host.incarnation() == item.incarnation && MayLoad(host))
                     Boot(item.host);
                 },
                 [&](CallLeaves& item) { OnCallLeaves(item); },
                 [&](StepGoesOn& item) { OnStepGoesOn(item); },
                 [&](ActorTurn& item) { TakeTurn(item); },
                 [&](Mended& item) { Mend(item); },
                 [&](WorkerTurn& item) { OnWorkerTurn(item); },
                 [&](BeatArrives& item) { OnBeatArrives(item); },
                 [&](BeatAnswered& item) { OnBeatAnswered(item); },
             },
             happening);
}

// ---- Engines ----

void World::Boot(int instance) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  const uint64_t nonce = engine_seed_ * 0x9e3779b97f4a7c15 + host.incarnation() * 1024 + static_cast<uint64_t>(instance) +
                         static_cast<uint64_t>(host.floor()) * 0x2545f4914f6cdd1d;
  if (plan_.witness != nullptr) plan_.witness->OnStart(instance, host.config(), host.image(), {nonce, ~nonce});
  const absl::StatusOr<Started> started = host.Boot({nonce, ~nonce});
  CALSYNC_CHECK(started.ok());
  if (started->restored) host.amnesty = now_;
  ++host.restarts;
  host.started = now_;
  host.has_slept = false;
  host.listings_heard.clear();
  if (watcher_ != nullptr) watcher_->Starts(host, *started);
  if (chaos_ && !lurkers_.empty()) Strike(Lurkers::Moment::kStart);
  StepEngine(instance, *started, Origin::kStart);
  SayAgain(instance);
}

void World::StepEngine(int instance, Input input, Origin origin, absl::string_view inert) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  // What comes at the very moment in which it goes on comes after that (seeds 2053511 and, of --workers 2, 8226170).
  if (!host.unfinished().empty()) GoOn(instance);
  if (!host.running()) return;
  ++counts_.engine_steps;
  auto* const reply = std::get_if<ApiReply>(&input);
  if (watcher_ != nullptr && reply != nullptr) watcher_->Hears(host, *reply, now_);
  auto* const page = reply == nullptr ? nullptr : std::get_if<EventsPage>(&reply->reply);
  if (plan_.wire && page != nullptr && host.baseline() == nullptr) {
    LeaveUnread(*page, [&](absl::Span<const VersionView> shown) { return host.engine().Known(reply->call, shown); });
  }
  std::optional<Engine> before;
  if (!inert.empty() && host.baseline() == nullptr) before = host.engine();
  if (const auto* word = std::get_if<OperatorCommand>(&input)) host.TakeWord(*word);
  Effects effects = host.Step(input, host.ClockAt(now_));
  if (before.has_value()) Check(Law::kL8, CheckInert(*std::move(before), effects, host.engine(), host.ClockAt(now_), inert));
  if (plan_.witness != nullptr) plan_.witness->OnStep(instance, host.config().id, input, host.ClockAt(now_), effects);
  if (plan_.thorough && host.baseline() == nullptr) Check(Law::kEngine, host.engine().Verify());
  if (tracing()) TellStep(host, input, effects);
  host.Remember(std::move(input));
  CarryOut(instance, std::move(effects), origin);
  if (watcher_ != nullptr) watcher_->Stepped(hosts_[static_cast<size_t>(instance)]);
  constexpr uint64_t kStepsBetweenLooks = 32;
  if (!chaos_ || counts_.engine_steps % kStepsBetweenLooks != 0 || violation_.has_value()) return;
  if (const Host& told = hosts_[static_cast<size_t>(instance)];
      told.running() && told.baseline() == nullptr && told.unfinished().empty()) {
    CheckToldNow(told);
  }
}

// Where in the effects of a step a crash of this kind falls; nothing: the step is none that will do. REQUIRES: effects not empty.
std::optional<size_t> World::PlaceOf(CrashPoint point, const Effects& effects, Origin origin) {
  const auto at = [](size_t place, bool will_do) { return will_do ? std::optional<size_t>(place) : std::nullopt; };
  const bool has_commit = std::holds_alternative<Commit>(effects.front());
  const auto calls =
      std::count_if(effects.begin(), effects.end(), [](const Effect& effect) { return std::holds_alternative<ApiCall>(effect); });
  switch (point) {
    case CrashPoint::kBeforeCommit:
      return at(0, has_commit);
    case CrashPoint::kAfterCommit:
      return at(1, has_commit && calls > 0);
    case CrashPoint::kBetweenCalls:
      return at(has_commit ? 2 : 1, calls > 1);
    case CrashPoint::kAfterReply:
      return at(0, origin == Origin::kReply);
  }
  return std::nullopt;
}

World::Fall World::DrawCrash(int instance, const Effects& effects, Origin origin) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  Fall fall;
  if (!ordered_crashes_.empty() && !effects.empty()) {
    const auto order = std::find_if(ordered_crashes_.begin(), ordered_crashes_.end(), [&](const OrderedCrash& crash) {
      return crash.instance == instance && PlaceOf(crash.point, effects, origin).has_value();
    });
    if (order == ordered_crashes_.end() || order->skip-- > 0) return fall;
    fall = {*PlaceOf(order->point, effects, origin), order->down};
    ordered_crashes_.erase(order);
    return fall;
  }
  if (!chaos_) return fall;
  if (host.short_lives > 0 && --host.steps_left <= 0) {
    fall.at = choices_.Choose(Stream::kCrash, effects.size() + 1, "crash where");
    --host.short_lives;
    host.steps_left = static_cast<int>(1 + choices_.Choose(Stream::kCrash, 6, "steps of a short life"));
    return fall;
  }
  if (!choices_.Happens(Stream::kCrash, plan_.knobs.crash, "crash")) return fall;
  if (origin == Origin::kStart && host.recovery_crashes >= 3) return fall;
  fall.at = choices_.Choose(Stream::kCrash, effects.size() + 1, "crash where");
  const uint64_t times = choices_.Choose(Stream::kCrash, 10, "down for");  // In this order, whatever the compiler (L11).
  fall.down = absl::Seconds(1 + static_cast<int64_t>(times * choices_.Choose(Stream::kCrash, 200, "down for")));
  const bool committed = fall.at > 0 && std::holds_alternative<Commit>(effects.front());
  host.recovery_crashes = origin == Origin::kStart ? host.recovery_crashes + 1 : 0;
  Count(origin == Origin::kStart                   ? Mishap::kCrashInRecovery
        : fall.at == 0 && origin == Origin::kReply ? Mishap::kCrashAfterReply
        : fall.at == 0                             ? Mishap::kCrashBeforeCommit
        : committed && fall.at == 1                ? Mishap::kCrashAfterCommit
                                                   : Mishap::kCrashBetweenCalls);
  return fall;
}

void World::CarryOut(int instance, Effects effects, Origin origin) {
  const Fall fall = DrawCrash(instance, effects, origin);
  // Who is to die does not stand still before that: what was left then would be carried out without the crash.
  const size_t drawn = DrawPause(instance, effects.size());
  const size_t pause_at = fall.at <= effects.size() ? ~size_t{0} : drawn;
  for (size_t i = 0; i < effects.size(); ++i) {
    if (i == fall.at) return CrashAndRestart(instance, fall.down);
    if (i == pause_at)
      return StandStill(instance, {std::make_move_iterator(effects.begin() + static_cast<std::ptrdiff_t>(i)),
                                   std::make_move_iterator(effects.end())});
    Effect& effect = effects[i];
    hash_.Add(DigestOf(effect));
    if (auto* commit = std::get_if<Commit>(&effect)) {
      if (!Commits(instance, *commit, origin)) return;
    } else if (auto* call = std::get_if<ApiCall>(&effect)) {
      Sends(instance, *call);
    } else if (Host& host = hosts_[static_cast<size_t>(instance)]; !host.leaving()) {
      host.SetTimer(std::get<SetTimer>(effect).at, now_);
    }
    if (violation_.has_value()) return;
  }
  if (fall.at == effects.size()) return CrashAndRestart(instance, fall.down);
  hosts_[static_cast<size_t>(instance)].EndWord();
}

bool World::Commits(int instance, const Commit& commit, Origin origin) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  if (host.has_workers() && RefusesCommit(host)) {
    DieAndRestart(instance, absl::Seconds(1));
    return false;
  }
  CheckCommit(host, commit);
  if (violation_.has_value()) return false;
  const Knobs& knobs = plan_.knobs;
  bool applies = true;
  bool known = true;
  if (host.disk_full) {
    applies = known = false;
  } else if (chaos_ && knobs.commit_fails + knobs.commit_unknown > 0 && (origin != Origin::kStart || host.recovery_crashes < 3)) {
    uint64_t drawn = choices_.Choose(Stream::kDisk, knobs.faults.enumerate ? 3 : 1000, "commit fault");
    if (knobs.faults.enumerate && drawn > 0) drawn = static_cast<uint64_t>(drawn == 1 ? 999 : 1000 - knobs.commit_fails - 1);
    if (drawn >= static_cast<uint64_t>(1000 - knobs.commit_fails)) {
      applies = known = false;
      Count(Mishap::kCommitFailed);
    } else if (drawn >= static_cast<uint64_t>(1000 - knobs.commit_fails - knobs.commit_unknown)) {
      applies = choices_.Choose(Stream::kDisk, 2, "did it happen") == 0;
      known = false;
      Count(Mishap::kCommitUnknown);
    }
  }
  if (known && LosesAnswerOfCommit(host)) {
    applies = choices_.Choose(Stream::kWorkers, 2, "did it happen") == 0;
    known = false;
    Count(Mishap::kCommitUnknown);
  }
  if (watcher_ != nullptr) {
    const Watcher::Fate fate = known ? Watcher::Fate::kDurable : applies ? Watcher::Fate::kUnknown : Watcher::Fate::kLost;
    watcher_->Commits(host, commit, applies, fate);
  }
  if (applies) {
    const absl::Status status = host.Apply(commit, now_);
    if (status.code() == absl::StatusCode::kAlreadyExists) {
      Break(Law::kL2, absl::StrCat("the database refuses a commit: ", status.message()));
      return false;
    }
    CALSYNC_CHECK(status.ok());
    host.EndWord();
    if (host.has_workers()) CheckOwner(host);
    CheckTokens(host, commit);
    TakeAdoptions(host, commit);
    host.trail.Append(commit);
    ++counts_.commits;
    for (const AuditEntry& entry : commit.audit) {
      ++counts_.verdicts[static_cast<size_t>(entry.kind)];
      if (entry.kind == AuditKind::kBreakerOpened) ++counts_.breaker_trips;
    }
  }
  if (known) return true;
  if (tracing()) Tell(EngineName(host), "the outcome of the commit is unknown: the engine is built anew");
  host.recovery_crashes = origin == Origin::kStart ? host.recovery_crashes + 1 : 0;
  DieAndRestart(instance, host.disk_full ? absl::Minutes(10) : absl::Seconds(1));
  return false;
}

void World::DieAndRestart(int instance, absl::Duration down) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  ++counts_.crashes;
  if (watcher_ != nullptr) watcher_->Dies(host);
  host.Die();
  if (host.has_workers()) SayAgain(instance);
  if (tracing()) Tell(EngineName(host), absl::StrCat("dies; up again in ", absl::FormatDuration(down)));
  agenda_.Put(now_ + down, HostUp{instance, host.floor(), host.incarnation()});
}

void World::CrashAndRestart(int instance, absl::Duration down) {
  const Host& host = hosts_[static_cast<size_t>(instance)];
  if (!host.has_workers()) return DieAndRestart(instance, down);
  KillWorker(host.floor(), down);
}

}  // namespace calsync::sim
