// What is seen of each write, commit and call, and what the laws say to it at once.

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "adapter/store/stored_time.h"
#include "engine/base/check.h"
#include "fakegoogle/model/series.h"
#include "scenarios/watcher.h"
#include "scenarios/world.h"

namespace calsync::sim {

void World::Observe(const fake::WriteRecord& write) {
  const int calendar = CalendarIndex(write.calendar);
  CALSYNC_CHECK(calendar >= 0);
  hash_.Add(static_cast<uint64_t>(write.kind));
  if (watcher_ != nullptr) watcher_->Writes(hosts_, write, calendar, ghost_.Find(calendar, write.event));
  const bool by_engine = write.actor.kind == fake::ActorKind::kEngine;
  const fake::EventTruth* truth = write.before == nullptr || by_engine ? server_.TruthOf(write.calendar, write.event) : nullptr;
  const int came_from = truth == nullptr || truth->came_from.empty() ? -1 : CalendarIndex(truth->came_from);
  if (by_engine) {
    const GhostEvent* ghost = ghost_.FindOrSeries(calendar, *write.after);
    EngineWrite observed{.write = &write, .writer = ghost_.FamilyOf(write.actor)};
    observed.own_keys = plan_.engine == EngineKind::kCalsync ? OwnKeys::kOfGroup : OwnKeys::kOfFirstDesign;
    if (ghost != nullptr) {
      observed.nature = ghost->nature;
      observed.family = ghost->family;
      observed.taken_by = ghost->taken_by;
    }
    if (truth != nullptr) {
      observed.made_by = ghost_.FamilyOf(truth->creator);
      // An occurrence may go with its series, by Google's hand as well.
      const bool by_google = write.kind == fake::WriteKind::kPropagated || write.after->IsOccurrence();
      observed.of_guest = truth->origin == fake::Origin::kCopied && !by_google;
    }
    if (write.before == nullptr) ++counts_.blocks_created;
    Check(Law::kL6, CheckHandsOff(observed));
    Check(Law::kL10, CheckBlocksOfOthers(observed));
    Check(Law::kL10, CheckKeysOfOthers(observed, ghost_));
  } else if (write.before == nullptr && write.actor.kind != fake::ActorKind::kGoogle) {
    ++counts_.user_events;
  }
  ghost_.Observe(write, calendar, came_from);
  if (tracing()) TellWrite(write);
}

void World::Break(Law law, std::string message) {
  if (IsOver()) return;
  if (tracing()) Tell("world", absl::StrCat(ShortName(law), " ", Name(law), ": ", message), TraceLine::Kind::kLaw);
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
  CheckTransitions(host, commit);
  for (const Record& record : commit.records) CheckPlan(host, commit, record);
  for (const Record& record : commit.records) CheckAdoption(host, commit, record);
}

void World::CheckTransitions(const Host& host, const Commit& commit) {
  if (host.baseline() != nullptr) return;
  for (const Record& record : commit.records) {
    const Place* place = record.id.empty() ? nullptr : host.durable().FindById(record.id);  // A block's next generation moves.
    const RowDigest* before = place == nullptr ? host.durable().Find(record.calendar, EventId(record.event))
                                               : host.durable().Find(place->calendar, place->event);
    Check(Law::kL7, CheckTransition(before, record));
    Check(Law::kL7, CheckNoStepBack(host.durable().Find(record.calendar, EventId(record.event)), record));
  }
}

// Only what no fault hid from listings since the last full one that is durable: that, deltas never show (K-23).
void World::CheckTokens(Host& host, const Commit& commit) {
  if (host.baseline() != nullptr) return;
  if (counts_.mishaps[static_cast<size_t>(Mishap::kClone)] > 0) return;  // What its twin plans has the ids of its own rows.
  for (const CalendarRow& row : commit.calendars) {
    const int calendar = CalendarOfKey(row.key);
    if (row.sync_token.empty() || calendar < 0 || calendar >= calendars()) continue;
    if (!ShowsEvents(row.role)) continue;  // Such a token goes with the role: a walk follows, whose token answers for all of it.
    const fake::Calendar& google = *server_.FindCalendar(google_id(calendar));
    Host::Passed& passed = host.passed(row.key);
    // As a later process reads it back: what is rounded is no other walk (seed 14109980).
    const absl::Time walk = adapter::AsStored(row.last_full_walk);
    if (walk != passed.last_full_walk) passed = {.last_full_walk = walk, .seen_in_full = host.seen_in_full(calendar)};
    if (passed.position == google.log_end()) continue;
    const bool hidden = passed.seen_in_full <= full_walk_needed_[static_cast<size_t>(calendar)];
    const std::optional<uint32_t> position = server_.PositionOf(row.sync_token);
    if (!position.has_value()) continue;
    for (uint32_t at = passed.position; at < *position && !hidden; ++at) {
      const fake::Change& change = google.log()[at];
      if (change.next != fake::kNone || change.silent || !google.IsThere(change.entry, at)) continue;
      if (row.sweep_held && change.event->IsCancelled()) continue;  // The operator is asked.
      const RowDigest* row_of_event = host.durable().Find(row.key, change.event->id);
      const RowDigest* series = host.durable().Find(row.key, change.event->recurring_event_id);
      // What is to be deleted goes with its occurrences, which nobody looks at; so does what a person split off a block, a block
      // of an earlier generation that somebody brought back (seed 7022200), and an event of a person that is gone (C-68, seed
      // 8003219 of --no-breaker), or is, and will be found so by a read that is owed (seed 7421338). And an occurrence of a block
      // waits for the row that it has under the series before this one (seed 313 of two workers).
      const bool comes_back = series != nullptr && series->must_read && series->generation > 0;
      const bool surplus = series != nullptr && series->kind == RecordKind::kSeen && (series->fragment || comes_back);
      const EventPtr* of = server_.Find(google_id(calendar), change.event->recurring_event_id);
      const bool ends = series != nullptr && series->must_read && of != nullptr && *of != nullptr && (*of)->IsCancelled();
      const bool is_gone = ends || (series != nullptr && series->status == RecordStatus::kGone);
      const bool went = is_gone && change.event->IsCancelled() && row_of_event != nullptr && !row_of_event->alone;
      const bool goes = surplus || went || (series != nullptr && series->doomed);
      if (goes || (row_of_event == nullptr && series != nullptr && series->kind == RecordKind::kBlock)) continue;
      Check(Law::kL7, CheckTokenSafe(row_of_event, *change.event));
    }
    passed.position = std::max(passed.position, *position);
  }
}

Spot World::SourceOf(const Host& host, const Commit& commit, const Record& block) const {
  if (block.source.empty()) return {};
  for (const Record& record : commit.records) {
    if (record.id == block.source) return {CalendarOfKey(record.calendar), EventId(record.event)};
  }
  const Place* place = host.durable().FindById(block.source);
  return place == nullptr ? Spot{} : Spot{CalendarOfKey(place->calendar), place->event};
}

// A block with an id of Google's own: the system before CalSync made it.
void World::CheckAdoption(const Host& host, const Commit& commit, const Record& block) {
  if (!block.IsAdopted()) return;
  const Spot spot{CalendarOfKey(block.calendar), EventId(block.event)};
  Check(Law::kL6, CheckTakenOver(ghost_, spot, SourceOf(host, commit, block)));
}

void World::TakeAdoptions(const Host& host, const Commit& commit) {
  for (const Record& block : commit.records) {
    if (!block.IsAdopted()) continue;
    const Spot spot{CalendarOfKey(block.calendar), EventId(block.event)};
    const GhostEvent* truth = ghost_.Find(spot);
    if (truth == nullptr || !truth->legacy || (truth->nature == Nature::kBlock && truth->family == host.family())) continue;
    const EventPtr* event = server_.Find(google_id(spot.calendar), spot.event);
    const bool live = event != nullptr && *event != nullptr && !(*event)->IsCancelled();
    ghost_.Adopt(host.family(), spot, SourceOf(host, commit, block), live, now_);
  }
}

// The database is another one. What it does not know to be adopted still certifies it by its tag, or bears its mark; or nothing
// shows any more what it was, and it is an event like any other.
void World::ForgetAdoptions(const Host& host) {
  const GroupImage image = host.image();
  ghost_.ForgetAdopted(host.family(), [&](const Spot& spot) {
    for (const Record& record : image.records) {
      if (record.calendar != KeyOf(spot.calendar) || !record.event.Equals(spot.event.text())) continue;
      if (record.kind == RecordKind::kBlock) return Nature::kBlock;
      if (record.kind == RecordKind::kSeen) return Nature::kLegacyBlock;
    }
    const EventPtr* event = server_.Find(google_id(spot.calendar), spot.event);
    if (event == nullptr || *event == nullptr) return Nature::kLegacyBlock;
    const bool heeds = HeedsMarks(host.config().policy) && Ghost::IsMarked(**event);
    const bool certified = (*event)->private_properties.contains("calsync_adopted");
    return heeds || certified ? Nature::kLegacyBlock : Nature::kUserEvent;
  });
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
  const GroupConfig& config = host.config_in_force();
  const DirectionPolicy& policy = PolicyOfDirection(config.policy, config.directions, KeyOf(source->calendar), block.calendar);
  if (policy.already_busy != AlreadyBusy::kExact) return;
  const EventPtr* event = server_.Find(google_id(source->calendar), source->event);
  if (block.IsOccurrence() || event == nullptr || (*event)->IsSeriesMaster()) return;  // A series is covered by nothing.
  const GhostEvent* truth = ghost_.Find(*source);
  if (truth != nullptr && truth->mirrored_at >= host.seen(source->calendar)) return;  // It may have been one when it was seen.
  const CalendarFacts facts{.calendar = target, .google_id = google_id(target)};
  if (!IsShownBusy(server_, ghost_, host.family(), facts, block.span, *source, host.seen(target) - absl::Minutes(10))) return;
  Check(Law::kL8, absl::StrCat("a block is planned on ", plan_.calendars[static_cast<size_t>(target)].name, " at ",
                               FormatSpan(block.span), ", where somebody is shown busy at just these times"));
}

void World::CheckSend(Host& host, const ApiCall& call, Leaving leaving) {
  Check(Law::kL10, CheckCallStaysHome(host.config(), *call.request));
  const CalendarId* id = CalendarOf(*call.request);
  if (id == nullptr || std::holds_alternative<ListEvents>(*call.request) || std::holds_alternative<GetEvent>(*call.request) ||
      std::holds_alternative<ListInstances>(*call.request)) {
    return;
  }
  const int calendar = CalendarIndex(*id);
  if (calendar < 0) return;
  if (leaving == Leaving::kAtOnce && host.baseline() == nullptr) {
    const auto* patch = std::get_if<PatchEvent>(call.request.get());
    const RowDigest* row = patch == nullptr ? nullptr : host.durable().Find(KeyOf(calendar), patch->event);
    Check(Law::kL10, CheckConsent(host.config_in_force(), *call.request, row));
  }
  const auto* insert = std::get_if<InsertEvent>(call.request.get());
  if (insert == nullptr || !insert->event.id.empty() || host.baseline() == nullptr)
    return CheckSentWrite(host, calendar, *call.request, leaving);
  InsertEvent as_planned = *insert;  // By the row that explains it, until Google has chosen the id.
  as_planned.event.id = host.baseline()->PlaceOf(call.id);
  id_chosen_later_[{host.number(), call.id}] = {calendar, as_planned.event.id};
  CheckSentWrite(host, calendar, as_planned, leaving);
}

// Google has chosen the id of a block that was claimed under another.
void World::TakeChosenId(const Host& host, const CallArrives& item, const Reply& reply) {
  if (id_chosen_later_.empty()) return;
  const auto planned = id_chosen_later_.find({item.host, item.call.id});
  const auto* made = std::get_if<EventPtr>(&reply);
  if (planned == id_chosen_later_.end() || made == nullptr) return;
  ghost_.Claim(host.family(), {planned->second.calendar, (*made)->id}, ghost_.ClaimedFor(planned->second));
}

void World::CheckSentWrite(Host& host, int calendar, const Request& request, Leaving leaving) {
  Check(Law::kL7, CheckDurable(host.durable(), KeyOf(calendar), request, leaving));
  if (leaving == Leaving::kLater) return;  // All else was judged when it was decided.

  const auto* insert = std::get_if<InsertEvent>(&request);
  const auto* patch = std::get_if<PatchEvent>(&request);
  if (insert == nullptr && patch == nullptr) return;
  const EventId& block = insert != nullptr ? insert->event.id : patch->event;
  const RowDigest* row = host.durable().Find(KeyOf(calendar), block);
  const bool is_block = row != nullptr && row->kind == RecordKind::kBlock;
  const GroupConfig& config = host.config_in_force();
  std::vector<absl::string_view> names;
  names.reserve(config.calendars.size());
  for (const LinkedCalendar& linked : config.calendars) names.push_back(linked.name);
  const Place* place = is_block ? host.durable().FindById(row->source) : nullptr;
  const Spot source = place == nullptr ? Spot{} : Spot{CalendarOfKey(place->calendar), place->event};
  const GhostEvent* truth = ghost_.FindOrSeries(source);
  // What an occurrence is called need not say which series it is of (K-20): it is of the one that its block is for.
  if (const EventPtr* shown = server_.Find(google_id(calendar), block); truth == nullptr && shown != nullptr) {
    const RowDigest* series = host.durable().Find(KeyOf(calendar), (*shown)->recurring_event_id);
    const Place* whole = series == nullptr ? nullptr : host.durable().FindById(series->source);
    if (whole != nullptr) truth = ghost_.FindOrSeries(Spot{CalendarOfKey(whole->calendar), whole->event});
  }
  MayShow may{.calendars = names};  // A tag shows nothing.
  if (is_block && place != nullptr) {
    absl::string_view home;
    for (const LinkedCalendar& linked : config.calendars) {
      if (linked.key == place->calendar) home = linked.name;
    }
    may = WhatMayShow(PolicyOfDirection(config.policy, config.directions, place->calendar, KeyOf(calendar)),
                      truth != nullptr && truth->was_public, home, names);
  }
  if (patch != nullptr) Check(Law::kL9, CheckPrivate(patch->patch, may));
  if (insert == nullptr || !is_block) return;
  Check(Law::kL1, CheckSourceOfInsert(ghost_, {calendar, block}, source, insert->event));
  Check(Law::kL9, CheckPrivate(insert->event, may));
  ghost_.Claim(host.family(), {calendar, block}, source);
}

}  // namespace calsync::sim
