#include "scenarios/world.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/render.h"
#include "fakegoogle/model/series.h"
#include "scenarios/zones.h"

namespace calsync::sim {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(30);  // Then the host gives up a call.
constexpr uint64_t kStepsNowMax = 5000;                     // Within one instant.
constexpr uint64_t kStepsMax = 30000;  // In a run, and more for what there is to do; a standard seed takes some thousand.
constexpr uint64_t kStepsMaxPerEvent = 1000;
constexpr absl::string_view kDomain = "@example.org";

SipKey KeyOfInstallation(int installation) {
  return {0x6b6579206f66206e ^ static_cast<uint64_t>(installation), 0x6f207365637265 + static_cast<uint64_t>(installation)};
}

ApiError Timeout() { return {.transport = Transport::kTimeout, .message = "no answer within 30 seconds"}; }

ApiError Rejected() {
  return {.transport = Transport::kAnswered, .code = 400, .domain = "global", .reason = "invalid", .message = "Invalid value."};
}

OrderedFault::Call CallOf(const Request& request) {
  using Call = OrderedFault::Call;
  return std::visit(Overloaded{
                        [](const ListEvents&) { return Call::kList; },
                        [](const GetEvent&) { return Call::kGet; },
                        [](const InsertEvent&) { return Call::kInsert; },
                        [](const PatchEvent&) { return Call::kPatch; },
                        [](const UpdateEvent&) { return Call::kPatch; },
                        [](const DeleteEvent&) { return Call::kDelete; },
                        [](const MoveEvent&) { return Call::kPatch; },
                        [](const ImportEvent&) { return Call::kInsert; },
                        [](const WatchEvents&) { return Call::kWatch; },
                        [](const StopChannel&) { return Call::kAny; },
                        [](const GetCalendar&) { return Call::kGet; },
                        [](const ListInstances&) { return Call::kList; },
                    },
                    request);
}

void Obey(const OrderedFault& order, fake::CallPlan& plan) {
  using Answer = fake::CallPlan::Answer;
  switch (order.outcome) {
    case OrderedFault::Outcome::kAnsweredWith:
      plan.apply = 0;
      plan.answer = Answer::kError;
      plan.error = order.error;
      return;
    case OrderedFault::Outcome::kAppliedAnsweredWith:
      plan.answer = Answer::kError;
      plan.error = order.error;
      return;
    case OrderedFault::Outcome::kRequestLost:
      plan.apply = 0;
      plan.answer = Answer::kNever;
      return;
    case OrderedFault::Outcome::kReplyLost:
      plan.answer = Answer::kNever;
      return;
    case OrderedFault::Outcome::kDelayed:
      plan.reaches_after += order.delay;
      plan.answered_after += order.delay;
      return;
    case OrderedFault::Outcome::kReplyDelayed:
      plan.answered_after += order.delay;
      return;
    case OrderedFault::Outcome::kReplyDoubled:
      return;  // By the caller.
    case OrderedFault::Outcome::kAppliedTwice:
      plan.apply = 2;
      plan.second_after = plan.reaches_after + std::max(order.delay, absl::Milliseconds(1));
      plan.answered_after = std::max(plan.answered_after, plan.second_after);
      return;
    case OrderedFault::Outcome::kHostileSkip:
      plan.conditions.hostile_skip = true;
      return;
    case OrderedFault::Outcome::kStale:
      plan.conditions.list_lag = order.delay;
      plan.conditions.get_lag = order.delay;
      return;
    case OrderedFault::Outcome::kUnseen:
      plan.conditions.unseen_for = order.delay;
      return;
  }
}

calsync::ResourceState StateOf(fake::ResourceState state) {
  switch (state) {
    case fake::ResourceState::kSync:
      return calsync::ResourceState::kSync;
    case fake::ResourceState::kExists:
      return calsync::ResourceState::kExists;
    case fake::ResourceState::kNotExists:
      return calsync::ResourceState::kNotExists;
  }
  return calsync::ResourceState::kExists;
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
}

void World::SetUpCalendars() {
  for (int i = 0; i < calendars(); ++i) {
    const CalendarPlan& calendar = plan_.calendars[static_cast<size_t>(i)];
    google_ids_.push_back(CalendarId(absl::StrCat(calendar.name, kDomain)));
    owners_.push_back(AccountId(absl::StrCat(calendar.name, kDomain)));
    syncers_.push_back(AccountId(absl::StrCat("sync.", calendar.name, kDomain)));
    calendar_index_[google_ids_.back()] = i;
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
    AddInstance(instance, static_cast<FamilyNumber>(found - families.begin()));
    if (instance.installation > 0) Count(Mishap::kSecondInstance);
  }
  for (int i = 0; i < instances(); ++i) agenda_.Put(now_, HostUp{i, hosts_[static_cast<size_t>(i)].incarnation()});
}

int World::AddInstance(const InstancePlan& plan, FamilyNumber family) {
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
  hosts_.emplace_back(number, family, std::move(config), plan_.store);
  ghost_.SetFamily(static_cast<uint32_t>(number), family);
  return number;
}

int World::CalendarIndex(const CalendarId& id) const {
  const auto found = calendar_index_.find(id);
  return found == calendar_index_.end() ? -1 : found->second;
}

const GroupConfig& World::config(int instance) const { return host(instance).config(); }

// ---- Time ----

absl::Time World::NextTime() const {
  absl::Time next = agenda_.empty() ? absl::InfiniteFuture() : agenda_.next();
  next = std::min(next, server_.NextDue());
  for (const Host& host : hosts_) {
    if (host.running()) next = std::min(next, host.timer());
  }
  return next;
}

bool World::Step() {
  if (violation_.has_value() || step_ >= stop_at_) return false;
  const absl::Time next = std::max(now_, NextTime());
  if (next == absl::InfiniteFuture()) return false;
  steps_now_ = next > now_ ? 0 : steps_now_ + 1;
  now_ = next;
  ++step_;
  if (steps_now_ > kStepsNowMax) {
    Break(Law::kL4, absl::StrCat("time stands still: ", steps_now_, " steps within one instant"));
    return false;
  }
  if (step_ > kStepsMax && step_ > kStepsMax + kStepsMaxPerEvent * ghost_.events()) {
    Break(Law::kL4, absl::StrCat("no end: ", step_, " steps"));
    return false;
  }
  if (!agenda_.empty() && agenda_.next() <= now_) {
    Happen(agenda_.Take());
  } else if (server_.NextDue() <= now_) {
    server_.AdvanceTo(now_);
    Pump();
  } else {
    for (int i = 0; i < instances(); ++i) {
      Host& host = hosts_[static_cast<size_t>(i)];
      if (!host.running() || host.timer() > now_) continue;
      host.ClearTimer();
      StepEngine(i, TimerFired{}, Origin::kOther);
      break;
    }
  }
  return !violation_.has_value();
}

void World::RunUntil(absl::Time time) {
  while (!violation_.has_value() && step_ < stop_at_ && NextTime() <= time) {
    if (!Step()) return;
  }
  now_ = std::max(now_, time);
}

void World::Happen(Happening happening) {
  std::visit(Overloaded{
                 [&](CallArrives& item) { OnCall(item); },
                 [&](ReplyArrives& item) { OnReply(item); },
                 [&](MessageArrives& item) { OnMessage(item); },
                 [&](HostUp& item) {
                   const Host& host = hosts_[static_cast<size_t>(item.host)];
                   if (!host.running() && !host.stopped() && host.incarnation() == item.incarnation) Boot(item.host);
                 },
                 [&](ActorTurn& item) { TakeTurn(item); },
                 [&](Mended& item) { Mend(item); },
             },
             happening);
}

// ---- Engines ----

void World::Boot(int instance) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  const uint64_t nonce = engine_seed_ * 0x9e3779b97f4a7c15 + host.incarnation() * 1024 + static_cast<uint64_t>(instance);
  const absl::StatusOr<Started> started = host.Boot({nonce, ~nonce});
  CALSYNC_CHECK(started.ok());
  if (started->restored) host.amnesty = now_;
  ++host.restarts;
  StepEngine(instance, *started, Origin::kStart);
}

void World::StepEngine(int instance, const Input& input, Origin origin) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  if (!host.running()) return;
  ++counts_.engine_steps;
  Effects effects = host.engine().Step(input, host.ClockAt(now_));
  if (plan_.thorough) Check(Law::kEngine, host.engine().Verify());
  if (tracing()) TellStep(host, input, effects);
  CarryOut(instance, std::move(effects), origin);
}

void World::CarryOut(int instance, Effects effects, Origin origin) {
  size_t crash_at = ~size_t{0};
  absl::Duration down = absl::Seconds(5);
  if (!ordered_crashes_.empty() && !effects.empty()) {
    const auto order = std::find_if(ordered_crashes_.begin(), ordered_crashes_.end(), [&](const OrderedCrash& crash) {
      if (crash.instance != instance) return false;
      const bool has_commit = std::holds_alternative<Commit>(effects.front());
      const auto calls = std::count_if(effects.begin(), effects.end(),
                                       [](const Effect& effect) { return std::holds_alternative<ApiCall>(effect); });
      switch (crash.point) {
        case CrashPoint::kBeforeCommit:
          return has_commit;
        case CrashPoint::kAfterCommit:
          return has_commit && calls > 0;
        case CrashPoint::kBetweenCalls:
          return calls > 1;
        case CrashPoint::kAfterReply:
          return origin == Origin::kReply;
      }
      return false;
    });
    if (order != ordered_crashes_.end()) {
      const bool has_commit = std::holds_alternative<Commit>(effects.front());
      switch (order->point) {
        case CrashPoint::kBeforeCommit:
        case CrashPoint::kAfterReply:
          crash_at = 0;
          break;
        case CrashPoint::kAfterCommit:
          crash_at = 1;
          break;
        case CrashPoint::kBetweenCalls:
          crash_at = has_commit ? 2 : 1;
          break;
      }
      down = order->down;
      ordered_crashes_.erase(order);
    }
  } else if (chaos_ && plan_.knobs.crash > 0 && choices_.Happens(Stream::kCrash, plan_.knobs.crash, "crash")) {
    Host& host = hosts_[static_cast<size_t>(instance)];
    if (origin != Origin::kStart || host.recovery_crashes < 3) {
      crash_at = choices_.Choose(Stream::kCrash, effects.size() + 1, "crash where");
      down = absl::Seconds(1 + static_cast<int64_t>(choices_.Choose(Stream::kCrash, 10, "down for") *
                                                    choices_.Choose(Stream::kCrash, 200, "down for")));
      const bool committed = crash_at > 0 && std::holds_alternative<Commit>(effects.front());
      host.recovery_crashes = origin == Origin::kStart ? host.recovery_crashes + 1 : 0;
      Count(origin == Origin::kStart                    ? Mishap::kCrashInRecovery
            : crash_at == 0 && origin == Origin::kReply ? Mishap::kCrashAfterReply
            : crash_at == 0                             ? Mishap::kCrashBeforeCommit
            : committed && crash_at == 1                ? Mishap::kCrashAfterCommit
                                                        : Mishap::kCrashBetweenCalls);
    }
  }
  for (size_t i = 0; i < effects.size(); ++i) {
    if (i == crash_at) return DieAndRestart(instance, down);
    Effect& effect = effects[i];
    hash_.Add(DigestOf(effect));
    if (auto* commit = std::get_if<Commit>(&effect)) {
      if (!Commits(instance, *commit, origin)) return;
    } else if (auto* call = std::get_if<ApiCall>(&effect)) {
      Sends(instance, *call);
    } else {
      hosts_[static_cast<size_t>(instance)].SetTimer(std::get<SetTimer>(effect).at, now_);
    }
    if (violation_.has_value()) return;
  }
  if (crash_at == effects.size()) DieAndRestart(instance, down);
}

bool World::Commits(int instance, const Commit& commit, Origin origin) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  CheckCommit(host, commit);
  if (violation_.has_value()) return false;
  const Knobs& knobs = plan_.knobs;
  bool applies = true;
  bool known = true;
  if (host.disk_full) {
    applies = known = false;
  } else if (chaos_ && knobs.commit_fails + knobs.commit_unknown > 0 && (origin != Origin::kStart || host.recovery_crashes < 3)) {
    const uint64_t drawn = choices_.Choose(Stream::kDisk, 1000, "commit fault");
    if (drawn >= static_cast<uint64_t>(1000 - knobs.commit_fails)) {
      applies = known = false;
      Count(Mishap::kCommitFailed);
    } else if (drawn >= static_cast<uint64_t>(1000 - knobs.commit_fails - knobs.commit_unknown)) {
      applies = choices_.Choose(Stream::kDisk, 2, "did it happen") == 0;
      known = false;
      Count(Mishap::kCommitUnknown);
    }
  }
  if (applies) {
    const absl::Status status = host.Apply(commit);
    if (status.code() == absl::StatusCode::kAlreadyExists) {
      Break(Law::kL2, absl::StrCat("the database refuses a commit: ", status.message()));
      return false;
    }
    CALSYNC_CHECK(status.ok());
    ++counts_.commits;
    for (const AuditEntry& entry : commit.audit) {
      ++counts_.verdicts[static_cast<size_t>(entry.kind)];
      if (entry.kind == AuditKind::kBreakerOpened) ++counts_.breaker_trips;
      RememberSkip(host, entry);
      if (entry.kind == AuditKind::kSkippedByPolicy) host.told_skips[Place{entry.calendar, entry.event}] = entry.detail;
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
  host.Die();
  if (tracing()) Tell(EngineName(host), absl::StrCat("dies; up again in ", absl::FormatDuration(down)));
  agenda_.Put(now_ + down, HostUp{instance, host.incarnation()});
}

// ---- Calls ----

void World::Sends(int instance, ApiCall& call) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  ++counts_.calls[call.request->index()];
  CheckSend(host, call);
  if (violation_.has_value()) return;

  int calendar = -1;
  if (const CalendarId* id = CalendarOf(*call.request)) {
    calendar = CalendarIndex(*id);
  } else if (const auto* stop = std::get_if<StopChannel>(call.request.get())) {
    calendar = CalendarOfKey(host.durable().CalendarOfChannel(stop->channel));
  }
  if (calendar < 0) calendar = CalendarOfKey(host.config().calendars.front().key);
  const fake::Caller caller{sync_account(calendar), host.actor()};
  if (IsEventWrite(*call.request)) {
    ++host.writes_sent;
    if (!CanWrite(role(calendar)) || grant(calendar) != fake::Grant::kFull) ++host.probes_sent;
    if (quiet_) host.last_write = Render(*call.request);  // Words are slow, and only a quiet day asks for them.
    counts_.event_writes += 1;
  }
  if (std::holds_alternative<ListEvents>(*call.request)) ++host.lists_sent;

  bool doubled = false;
  fake::CallPlan plan = PlanCall(host, caller, *call.request);
  for (auto order = ordered_.begin(); order != ordered_.end(); ++order) {
    if (order->instance != instance || (order->calendar >= 0 && order->calendar != calendar)) continue;
    if (order->call != OrderedFault::Call::kAny && order->call != CallOf(*call.request)) continue;
    if (order->skip > 0) {
      --order->skip;
      continue;
    }
    doubled = order->outcome == OrderedFault::Outcome::kReplyDoubled;
    Obey(*order, plan);
    ++host.disturbed_calls;
    if (--order->times <= 0) ordered_.erase(order);
    break;
  }

  // The host gives up after a while; an answer may still come behind that.
  const bool overdue = plan.answer == fake::CallPlan::Answer::kNever || plan.answered_after > kCallTimeout;
  if (overdue) agenda_.Put(now_ + kCallTimeout, ReplyArrives{instance, host.incarnation(), {call.id, Timeout()}});
  if (plan.apply == 0) {
    if (plan.answer == fake::CallPlan::Answer::kError) {
      agenda_.Put(now_ + plan.answered_after, ReplyArrives{instance, host.incarnation(), {call.id, *plan.error}});
    }
    return;
  }
  CallArrives first{instance, host.incarnation(), std::move(call), std::move(plan), now_, 1};
  const absl::Time reaches = now_ + first.plan.reaches_after;
  if (first.plan.apply == 2 || doubled) {
    CallArrives second = first;
    second.execution = 2;
    if (doubled) {  // The answer comes twice: once for the call, and once more.
      first.plan.apply = 1;
      second.plan.apply = 0;
      second.plan.second_after = first.plan.reaches_after;
    }
    const absl::Time again = now_ + second.plan.second_after;
    agenda_.Put(reaches, std::move(first));
    agenda_.Put(again, std::move(second));
    return;
  }
  agenda_.Put(reaches, std::move(first));
}

fake::CallPlan World::PlanCall(Host& host, const fake::Caller& caller, const Request& request) {
  fake::CallPlan plan = faults_.PlanCall(caller, request, now_, [this](uint64_t bound, absl::string_view label) {
    return choices_.Choose(Stream::kNetwork, bound, label);
  });
  if (plan.fault.has_value() || plan.view_fault.has_value()) ++host.disturbed_calls;
  // Google refuses every block of some sources, for good.
  EventId block;
  if (const auto* insert = std::get_if<InsertEvent>(&request)) block = insert->event.id;
  if (const auto* patch = std::get_if<PatchEvent>(&request); patch != nullptr && patch->patch.start.has_value())
    block = patch->event;
  if (!block.empty() && plan_.knobs.rejected_events > 0) {
    const int calendar = CalendarIndex(*CalendarOf(request));
    if (const RowDigest* row = host.durable().Find(KeyOf(calendar), block); row != nullptr && !row->source.empty()) {
      if (const Place* place = host.durable().FindById(row->source)) {
        const GhostEvent* source = ghost_.Find(CalendarOfKey(place->calendar), place->event);
        if (source != nullptr && source->rejected) {
          plan.apply = 0;
          plan.answer = fake::CallPlan::Answer::kError;
          plan.error = Rejected();
        }
      }
    }
  }
  return plan;
}

void World::OnCall(CallArrives& item) {
  Host& host = hosts_[static_cast<size_t>(item.host)];
  const Request& request = *item.call.request;
  int calendar = -1;
  const auto* list = std::get_if<ListEvents>(&request);
  if (const CalendarId* id = CalendarOf(request)) calendar = CalendarIndex(*id);
  if (list != nullptr && !list->page_token.has_value()) {
    const absl::Duration lag = std::max(item.plan.conditions.list_lag, server_.knobs().list_lag);
    Host::Listings& listings = host.listings(calendar);
    listings.begun = now_ - lag;
    listings.begun_in_full = !list->sync_token.has_value();
  }
  // What deltas skip, or a read shows wrongly, only a full walk finds again (K-23).
  const fake::Conditions& seen = item.plan.conditions;
  bool wrong_read = list == nullptr && (seen.get_lag > absl::ZeroDuration() || seen.unseen_for > absl::ZeroDuration());
  if (std::holds_alternative<ListInstances>(request)) {
    wrong_read = wrong_read || std::max(seen.list_lag, server_.knobs().list_lag) > absl::ZeroDuration();
  }
  if (calendar >= 0 && (seen.hostile_skip || wrong_read)) {
    full_walk_needed_[static_cast<size_t>(calendar)] = now_;
  }
  int account = calendar;
  if (const auto* stop = std::get_if<StopChannel>(&request)) {
    account = CalendarOfKey(host.durable().CalendarOfChannel(stop->channel));
  }
  if (account < 0) account = CalendarOfKey(host.config().calendars.front().key);

  Reply reply;
  if (item.plan.apply > 0) {
    reply = server_.Handle({sync_account(account), host.actor()}, request, now_, item.plan.conditions);
    Pump();
    if (violation_.has_value()) return;
    if (item.execution < item.plan.apply) return;  // The last execution makes the answer.
  } else {
    reply = server_.Handle({sync_account(account), host.actor()}, request, now_, item.plan.conditions);
    Pump();
  }
  hash_.Add(static_cast<uint64_t>(reply.index()));
  if (item.plan.answer == fake::CallPlan::Answer::kNever) return;
  if (item.plan.answer == fake::CallPlan::Answer::kError) reply = *std::move(item.plan.error);
  if (const auto* patch = std::get_if<PatchEvent>(&request); patch != nullptr && std::holds_alternative<EventPtr>(reply)) {
    CountPatch(host, {calendar, patch->event});
  }
  int listed = -1;
  if (const auto* page = std::get_if<EventsPage>(&reply)) {
    hash_.Add(page->items.size());
    if (page->next_sync_token.has_value()) listed = calendar;
  }
  agenda_.Put(std::max(now_, item.sent + item.plan.answered_after),
              ReplyArrives{item.host, item.incarnation, {item.call.id, std::move(reply)}, listed});
}

void World::CountPatch(Host& host, const Spot& spot) {
  const RowDigest* row = host.durable().Find(KeyOf(spot.calendar), spot.event);
  if (!host.memory_intact || row == nullptr) return;
  PatchCount& count = host.patches[spot];
  if (row->kind == RecordKind::kUserEvent) {
    ++count.tags;
    return Check(Law::kL8, CheckTags(count, host.restarts));
  }
  const uint64_t explained = ghost_.foreign_writes() - ghost_.foreign_block_touches() + host.commands + host.disturbed_calls;
  const int64_t day = absl::ToUnixSeconds(host.ClockAt(now_)) / 86400;
  if (day != count.day) count = {.day = day, .explained = explained};
  ++count.patches;
  Check(Law::kL8, CheckRestores(count, explained, host.restarts));
}

void World::OnReply(ReplyArrives& item) {
  Host& host = hosts_[static_cast<size_t>(item.host)];
  if (!host.running() || host.incarnation() != item.incarnation) return;  // Nobody is there to hear it.
  if (item.listed >= 0) {
    Host::Listings& listings = host.listings(item.listed);
    listings.seen = listings.begun;
    if (listings.begun_in_full) listings.seen_in_full = listings.begun;
  }
  StepEngine(item.host, std::move(item.reply), Origin::kReply);
}

// ---- Messages ----

void World::Pump() {
  if (!server_.writes().empty()) {
    for (const fake::WriteRecord& write : server_.writes()) Observe(write);
    server_.ClearWrites();
  }
  if (server_.HasMessages()) {
    for (const fake::PushMessage& message : server_.TakeMessages()) Deliver(message);
  }
}

void World::Deliver(const fake::PushMessage& message) {
  const fake::MessagePlan plan = faults_.PlanMessage(message, now_, [this](uint64_t bound, absl::string_view label) {
    return choices_.Choose(Stream::kNotifications, bound, label);
  });
  const int calendar = CalendarIndex(message.calendar);
  const absl::Duration held = calendar < 0 ? absl::ZeroDuration() : message_delays_[static_cast<size_t>(calendar)];
  if (held == absl::InfiniteDuration()) return;
  // The number of the host ends the address.
  const size_t slash = message.address.rfind('/');
  CALSYNC_CHECK(slash != std::string::npos);
  const int instance = std::atoi(message.address.c_str() + slash + 1);
  for (const fake::MessagePlan::Delivery& delivery : plan.deliveries) {
    agenda_.Put(now_ + delivery.after + held,
                MessageArrives{instance, {delivery.message.channel, delivery.message.token, StateOf(delivery.message.state)}});
  }
}

void World::OnMessage(MessageArrives& item) {
  if (item.host >= instances()) return;
  Host& host = hosts_[static_cast<size_t>(item.host)];
  for (const LinkedCalendar& linked : host.config().calendars) {
    if (item.message.state != ResourceState::kExists) continue;
    const CalendarRow* row = host.running() ? host.engine().calendar(linked.key) : nullptr;
    const auto is_of_it = [&](const ChannelRow& channel) { return channel.id == item.message.channel; };
    if (row != nullptr && std::any_of(row->channels.begin(), row->channels.end(), is_of_it))
      host.listings(CalendarOfKey(linked.key)).told = now_;
  }
  StepEngine(item.host, std::move(item.message), Origin::kOther);
}

void World::Observe(const fake::WriteRecord& write) {
  const int calendar = CalendarIndex(write.calendar);
  CALSYNC_CHECK(calendar >= 0);
  hash_.Add(static_cast<uint64_t>(write.kind));
  const bool by_engine = write.actor.kind == fake::ActorKind::kEngine;
  const fake::EventTruth* truth = write.before == nullptr || by_engine ? server_.TruthOf(write.calendar, write.event) : nullptr;
  const int came_from = truth == nullptr || truth->came_from.empty() ? -1 : CalendarIndex(truth->came_from);
  if (by_engine) {
    const GhostEvent* ghost = ghost_.FindOrSeries(calendar, *write.after);
    EngineWrite observed{.write = &write, .writer = ghost_.FamilyOf(write.actor)};
    if (ghost != nullptr) {
      observed.nature = ghost->nature;
      observed.family = ghost->family;
    }
    if (truth != nullptr) observed.made_by = ghost_.FamilyOf(truth->creator);
    if (write.before == nullptr) ++counts_.blocks_created;
    Check(Law::kL6, CheckHandsOff(observed));
    Check(Law::kL10, CheckBlocksOfOthers(observed));
  } else if (write.before == nullptr && write.actor.kind != fake::ActorKind::kGoogle) {
    ++counts_.user_events;
  }
  ghost_.Observe(write, calendar, came_from);
  if (tracing()) TellWrite(write);
}

// ---- Laws at every step ----

void World::Break(Law law, std::string message) {
  if (violation_.has_value()) return;
  if (tracing()) Tell("world", absl::StrCat(ShortName(law), " ", Name(law), ": ", message));
  violation_ = Violation{.law = law, .message = std::move(message), .step = step_, .time = now_};
}

void World::CheckCommit(const Host& host, const Commit& commit) {
  for (const Record& record : commit.records) {
    if (!record.IsLiveUserEvent()) continue;
    const int calendar = CalendarOfKey(record.calendar);
    const EventId event(record.event.view());
    // What nobody changed is what its series is.
    const bool by_series = record.IsOccurrence() && ghost_.Find(calendar, event) == nullptr;
    Check(Law::kL1, CheckUserEventRow(ghost_, {calendar, by_series ? EventId(record.master) : event}));
  }
  for (const Record& record : commit.records) CheckPlan(host, commit, record);
}

// `already_busy: exact`: no new block where somebody is shown busy. Judged when it is planned, and only where the engine must
// know.
void World::CheckPlan(const Host& host, const Commit& commit, const Record& block) {
  if (!block.IsBlock() || block.status != RecordStatus::kCreating || block.generation != 1) return;
  if (host.disturbed_calls > 0 || host.restarts > 1 || !host.memory_intact) return;
  if (host.durable().Find(block.calendar, EventId(block.event)) != nullptr) return;  // Planned before.
  const int target = CalendarOfKey(block.calendar);
  std::optional<Spot> source;
  if (const Place* place = host.durable().FindById(block.source)) source = Spot{CalendarOfKey(place->calendar), place->event};
  for (const Record& record : commit.records) {
    if (record.id == block.source) source = Spot{CalendarOfKey(record.calendar), EventId(record.event)};
  }
  if (!source.has_value()) return;
  const DirectionPolicy& policy =
      PolicyOfDirection(host.config().policy, host.config().directions, KeyOf(source->calendar), block.calendar);
  if (policy.already_busy != AlreadyBusy::kExact) return;
  const EventPtr* event = server_.Find(google_id(source->calendar), source->event);
  if (block.IsOccurrence() || event == nullptr || (*event)->IsSeriesMaster()) return;  // A series is covered by nothing.
  const CalendarFacts facts{.calendar = target, .google_id = google_id(target)};
  if (!IsShownBusy(server_, ghost_, host.family(), facts, block.span, *source, host.seen(target) - absl::Minutes(10))) return;
  Check(Law::kL8, absl::StrCat("a block is planned on ", plan_.calendars[static_cast<size_t>(target)].name, " at ",
                               FormatSpan(block.span), ", where somebody is shown busy at just these times"));
}

void World::CheckSend(Host& host, const ApiCall& call) {
  Check(Law::kL10, CheckCallStaysHome(host.config(), *call.request));
  const CalendarId* id = CalendarOf(*call.request);
  if (id == nullptr || std::holds_alternative<ListEvents>(*call.request) || std::holds_alternative<GetEvent>(*call.request) ||
      std::holds_alternative<ListInstances>(*call.request)) {
    return;
  }
  const int calendar = CalendarIndex(*id);
  if (calendar < 0) return;
  Check(Law::kL7, CheckDurable(host.durable(), KeyOf(calendar), *call.request));

  const auto* insert = std::get_if<InsertEvent>(call.request.get());
  const auto* patch = std::get_if<PatchEvent>(call.request.get());
  if (insert == nullptr && patch == nullptr) return;
  const EventId& block = insert != nullptr ? insert->event.id : patch->event;
  const RowDigest* row = host.durable().Find(KeyOf(calendar), block);
  const bool is_block = row != nullptr && row->kind == RecordKind::kBlock;
  std::vector<std::string> names;
  for (const LinkedCalendar& linked : host.config().calendars) names.push_back(linked.name);
  const Place* place = is_block ? host.durable().FindById(row->source) : nullptr;
  const Spot source = place == nullptr ? Spot{} : Spot{CalendarOfKey(place->calendar), place->event};
  const GhostEvent* truth = ghost_.FindOrSeries(source);
  MayShow may{.calendars = names};  // A tag shows nothing.
  if (is_block && place != nullptr) {
    may = WhatMayShow(PolicyOfDirection(host.config().policy, host.config().directions, place->calendar, KeyOf(calendar)),
                      truth != nullptr && truth->was_public, names);
  }
  if (patch != nullptr) Check(Law::kL9, CheckPrivate(patch->patch, may));
  if (insert == nullptr || !is_block) return;
  Check(Law::kL1, CheckSourceOfInsert(ghost_, {calendar, block}, source, insert->event));
  Check(Law::kL9, CheckPrivate(insert->event, may));
  ghost_.Claim(host.family(), {calendar, block}, source);
}

}  // namespace calsync::sim
