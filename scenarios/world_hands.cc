// What people, programs and the operator do by hand, and mishaps that are ordered.

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "scenarios/world.h"
#include "scenarios/zones.h"

namespace calsync::sim {

Reply World::Act(fake::ActorId who, const Request& request) {
  const CalendarId* id = CalendarOf(request);
  CALSYNC_CHECK(id != nullptr);
  const int calendar = CalendarIndex(*id);
  CALSYNC_CHECK(calendar >= 0);
  ++counts_.user_actions;
  Reply reply = server_.Handle({owner_account(calendar), who}, request, now_);
  Pump();
  return reply;
}

EventId World::Insert(fake::ActorId who, int calendar, Event event, int residue) {
  event.id = EventId();
  event.etag = Etag();
  event.ical_uid = ICalUid();
  const Reply reply = Act(who, InsertEvent{.calendar = google_id(calendar), .event = std::move(event)});
  const auto* made = std::get_if<EventPtr>(&reply);
  if (made == nullptr) return EventId();
  if (GhostEvent* ghost = ghost_.FindForChange({calendar, (*made)->id})) {
    ghost->residue = residue;
    if (plan_.knobs.rejected_events > 0 &&
        choices_.Happens(Stream::kServer, plan_.knobs.rejected_events, "Google refuses its blocks")) {
      ghost->rejected = true;
      Count(Mishap::kRejectedEvent);
    }
  }
  return (*made)->id;
}

EventId World::Duplicate(fake::ActorId who, int from, const EventId& event, int to, CopyTags tags) {
  const EventPtr* original = server_.Find(google_id(from), event);
  if (original == nullptr || *original == nullptr || (*original)->IsCancelled()) return EventId();
  const GhostEvent* truth = ghost_.Find(from, event);
  const Nature nature = truth == nullptr || truth->nature == Nature::kUserEvent ? Nature::kUserEvent : Nature::kCopyOfBlock;
  const FamilyNumber family = truth == nullptr ? -1 : truth->family;
  const int residue = truth == nullptr ? -1 : truth->residue;
  const Spot source = truth == nullptr ? Spot{} : truth->source;
  const bool tagged = !(*original)->private_properties.empty();
  Event copy = **original;
  copy.attendees.clear();
  if (tags == CopyTags::kLost) copy.private_properties.clear();
  copy.id = EventId(absl::StrCat("dup", NextTitle() + 100000));
  copy.ical_uid = ICalUid();
  copy.sequence = 0;
  copy.recurring_event_id = EventId();  // Of an occurrence: an event by itself.
  copy.original_start = EventTime();
  // A copy of a block that nothing shows to be one is an event like any other.
  const bool is_copy = nature == Nature::kCopyOfBlock && tagged && tags == CopyTags::kKept;
  const EventId id = copy.id;
  // It bears all that a block of the system before is known by: one that is there twice, also if the original was adopted, and
  // refused the tag that says so (legacy seed 8010898), or is one of ours that reads as those do, and was stripped of its tag
  // (legacy seed 931011054). What was adopted, and forgotten since, does not look like one any more (legacy seed 11874).
  const auto person_of = [&](int calendar) { return plan_.calendars[static_cast<size_t>(calendar)].person; };
  const bool heeded = person_of(to) == person_of(from) && HeedsMarks(config(person_of(to)).policy);
  const bool is_old = nature == Nature::kCopyOfBlock && !is_copy && heeded && Ghost::IsMarked(copy);
  // Who may only read sees nothing of a private event that would tell what it is (C-14). On a calendar with blocks of its own an
  // engine waits until it can be seen; elsewhere nobody could know, and to there a block of the system before may be moved.
  const bool must_show = is_old || (is_copy && (to != from || instances() > 1));
  if (must_show && plan_.knobs.access_changes > 0) copy.visibility = Visibility::kDefault;
  ghost_.Declare({to, id}, is_copy ? Nature::kCopyOfBlock : Nature::kUserEvent);
  const Reply reply = Act(who, InsertEvent{.calendar = google_id(to), .event = std::move(copy)});
  if (!std::holds_alternative<EventPtr>(reply)) return EventId();
  if (GhostEvent* ghost = ghost_.FindForChange({to, id})) {
    if (is_copy) ghost->family = family;
    ghost->residue = residue;
  }
  if (is_old) ghost_.DeclareLegacy({to, id}, source);
  return id;
}

EventId World::BlockOf(int calendar, const EventId& event, int target, int instance) const {
  EventId found;
  server_.ForEachLive(google_id(target), [&](const EventPtr& live) {
    const GhostEvent* truth = ghost_.Find(target, live->id);
    if (truth == nullptr || truth->nature != Nature::kBlock || truth->family != host(instance).family()) return;
    if (truth->source == Spot{calendar, event}) found = live->id;
  });
  return found;
}

// ---- The operator ----

void World::Command(int instance, OperatorCommand command) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  // What was decided before goes out first, and is judged by the configuration that it was decided by (seed 4735784).
  if (!host.has_workers()) GoOn(instance);
  if (const auto* change = std::get_if<Reconfigure>(&command)) {
    host.set_config(change->config);
    // A clone shares the configuration.
    for (int i = 0; i < instances(); ++i) {
      Host& other = hosts_[static_cast<size_t>(i)];
      if (i == instance || other.family() != host.family() || other.stopped()) continue;
      if (!other.has_workers()) GoOn(i);
      GroupConfig config = change->config;
      config.policy.push_address = other.config().policy.push_address;
      other.set_config(config);
      ++other.commands;
      other.amnesty = now_;
      if (other.has_workers()) {
        PutOrder(i, Reconfigure{std::move(config)});
      } else {
        StepEngine(i, OperatorCommand(Reconfigure{std::move(config)}), Origin::kOther);
      }
    }
  }
  ++host.commands;
  host.amnesty = now_;
  if (host.has_workers()) return PutOrder(instance, std::move(command));
  if (host.running()) return StepEngine(instance, std::move(command), Origin::kOther);
  // It finds the new configuration when it starts.
  if (!std::holds_alternative<Reconfigure>(command)) host.LoseWord(std::move(command));
}

// Who said something that did nothing, since it went with an engine or none ran, sees that, and says it again: when the next one
// runs, or at once to whichever worker will take it.
void World::SayAgain(int instance) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  if (host.lost_words().empty()) return;
  for (OperatorCommand& word : host.TakeLostWords()) {
    if (!host.has_workers()) {
      Command(instance, std::move(word));
      continue;
    }
    workers_.Put(host.config().id, std::move(word), now_);
    WakeWorkers();
  }
}

void World::Suspend(int instance, absl::Duration duration) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  if (host.has_workers()) {  // The others beat all that time, step by step.
    if (PauseWorker(host.floor(), std::min(duration, absl::Minutes(20)))) Count(Mishap::kSuspended);
    return;
  }
  Count(Mishap::kSuspended);
  host.stands_until = std::max(host.stands_until, now_ + duration);
  host.has_slept = true;
  if (tracing()) Tell(EngineName(host), absl::StrCat("sleeps for ", absl::FormatDuration(duration)));
}

void World::DieAgainAndAgain(int instance, int lives) {
  Count(Mishap::kCrashLoop);
  Host& host = hosts_[static_cast<size_t>(instance)];
  host.short_lives = lives;
  host.steps_left = 1;
}

void World::LinkCalendar(int instance, int calendar) {
  GroupConfig config = host(instance).config();
  for (const LinkedCalendar& linked : config.calendars) {
    if (linked.key == KeyOf(calendar)) return SetLinkState(instance, calendar, LinkState::kEnabled);
  }
  config.calendars.push_back(
      {.key = KeyOf(calendar), .google_id = google_id(calendar), .name = plan_.calendars[static_cast<size_t>(calendar)].name});
  Command(instance, Reconfigure{std::move(config)});
}

void World::SetLinkState(int instance, int calendar, LinkState state) {
  GroupConfig config = host(instance).config();
  for (LinkedCalendar& linked : config.calendars) {
    if (linked.key == KeyOf(calendar)) linked.state = state;
  }
  Command(instance, Reconfigure{std::move(config)});
}

// ---- Mishaps ----

void World::OrderCrash(int instance, CrashPoint point, absl::Duration down, int skip, int id) {
  ordered_crashes_.push_back({instance, point, down, skip, id});
}

bool World::IsPending(int id) const {
  const auto is_it = [&](const auto& order) { return order.id == id; };
  return std::any_of(ordered_.begin(), ordered_.end(), is_it) ||
         std::any_of(ordered_crashes_.begin(), ordered_crashes_.end(), is_it);
}

void World::SetChaos(bool on) {
  chaos_ = on;
  if (on) {
    faults_.plan() = plan_.knobs.faults;
  } else {
    faults_.Calm();
  }
}

uint64_t World::Adversities() const {
  const auto of = [&](Mishap mishap) { return counts_.mishaps[static_cast<size_t>(mishap)]; };
  return static_cast<uint64_t>(faults_.counts().total()) + counts_.crashes + of(Mishap::kCommitFailed) +
         of(Mishap::kCommitUnknown);
}

void World::DelayMessages(int calendar, absl::Duration delay) {
  for (int i = 0; i < calendars(); ++i) {
    if (calendar < 0 || calendar == i) message_delays_[static_cast<size_t>(i)] = delay;
  }
}

void World::ForgeMessage(int instance, Notification forged) {
  agenda_.Put(now_ + absl::Milliseconds(500), MessageArrives{.host = instance, .message = std::move(forged), .forged = true});
}

void World::BringMessage(int instance, int calendar) {
  const Host& host = hosts_[static_cast<size_t>(instance)];
  const CalendarRow* row = host.running() ? host.engine().calendar(KeyOf(calendar)) : nullptr;
  if (row == nullptr || row->channels.empty()) return;
  const ChannelRow& channel = row->channels.back();
  agenda_.Put(now_, MessageArrives{.host = instance,
                                   .message = {channel.id, std::string(channel.token.view()), calsync::ResourceState::kExists}});
}

void World::Crash(int instance, absl::Duration down) {
  if (hosts_[static_cast<size_t>(instance)].running()) CrashAndRestart(instance, down);
}

void World::Stop(int instance) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  for (int worker = 0; worker < workers_.size() && host.has_workers(); ++worker) KillWorker(worker, absl::InfiniteDuration());
  if (host.running()) host.Die();
  host.set_stopped(true);
  if (tracing()) Tell(EngineName(host), "is stopped");
}

void World::Start(int instance) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  host.set_stopped(false);
  if (host.has_workers()) return HealWorkers();
  if (!host.running()) agenda_.Put(now_, HostUp{instance, 0, host.incarnation()});
}

void World::BackUp(int instance) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  host.backup = {host.image(), host.trail};
  if (tracing()) Tell(EngineName(host), "database backed up");
}

void World::ReplaceDatabase(int instance, const Host::Backup& content, absl::string_view words) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  if (host.has_workers()) RenewDatabase();
  if (host.running()) host.Die();
  host.ReplaceStore(content.image);
  host.trail = content.trail;
  ForgetAdoptions(host);
  host.memory_intact = false;
  host.amnesty = now_;
  ++host.commands;
  if (tracing()) Tell(EngineName(host), absl::StrCat("database ", words));
  if (!host.has_workers()) agenda_.Put(now_ + absl::Seconds(5), HostUp{instance, 0, host.incarnation()});
}

void World::RestoreBackup(int instance) { ReplaceDatabase(instance, host(instance).backup, "restored from the backup"); }

void World::LoseDatabase(int instance) { ReplaceDatabase(instance, {}, "lost"); }

int World::CloneInstance(int instance) {
  InstancePlan plan;
  {
    const Host& original = host(instance);
    for (const LinkedCalendar& linked : original.config().calendars) plan.calendars.push_back(CalendarOfKey(linked.key));
    plan.policy = original.config().policy;
    plan.directions = original.config().directions;
    plan.policy.push_address = plan_.instances[0].policy.push_address;  // Its number is put behind it.
    plan.group = original.config().id.str();
  }
  const int number = AddInstance(plan, host(instance).family());
  Host& original = hosts_[static_cast<size_t>(instance)];
  Host& clone = hosts_[static_cast<size_t>(number)];
  GroupConfig config = original.config();
  config.policy.push_address = clone.config().policy.push_address;
  clone.set_config(std::move(config));
  clone.ReplaceStore(original.image());
  clone.trail = original.trail;
  if (counts_.mishaps[static_cast<size_t>(Mishap::kClone)] == 0) Count(Mishap::kClone);
  for (Host* host : {&original, &clone}) {
    host->memory_intact = false;
    host->amnesty = now_;
    ++host->commands;
  }
  if (tracing()) Tell(EngineName(clone), absl::StrCat("starts with a copy of the database of ", EngineName(original)));
  agenda_.Put(now_, HostUp{number, 0, clone.incarnation()});
  return number;
}

void World::StepClock(int instance, absl::Duration by) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  host.StepClock(by);
  if (tracing()) Tell(EngineName(host), absl::StrCat("clock stepped by ", absl::FormatDuration(by)));
}

// Something about the calendar changed that concerns every event on it, for those that link it.
void World::Excuse(int calendar) {
  for (Host& host : hosts_) {
    const std::vector<LinkedCalendar>& linked = host.config().calendars;
    const auto is_it = [&](const LinkedCalendar& one) { return one.key == KeyOf(calendar); };
    if (std::none_of(linked.begin(), linked.end(), is_it)) continue;
    host.amnesty = now_;
    ++host.commands;
  }
}

void World::SetRole(int calendar, AccessRole role) {
  roles_[static_cast<size_t>(calendar)] = role;
  server_.SetRole(google_id(calendar), sync_account(calendar), role);
  Pump();
  Excuse(calendar);
}

void World::SetZone(int calendar, const std::string& name) {
  absl::TimeZone zone;
  CALSYNC_CHECK(FindZone(name, zone));
  server_.SetTimeZone(google_id(calendar), name, zone);
  Pump();
  seen_after_ = now_;  // Listings alone tell.
  Excuse(calendar);
}

void World::SetGrant(int calendar, fake::Grant grant) {
  const auto at = static_cast<size_t>(calendar);
  grants_[at] = grant;
  narrowed_for_[at] += std::max(absl::ZeroDuration(), now_ - narrowed_since_[at]);
  narrowed_since_[at] = grant == fake::Grant::kReadOnly ? now_ : absl::InfiniteFuture();
  server_.SetGrant(sync_account(calendar), grant);
  Pump();
  Excuse(calendar);
}

}  // namespace calsync::sim
