#include "scenarios/watcher.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "engine/base/overloaded.h"

namespace calsync::sim {
namespace {

constexpr size_t kFlightsKept = 64;  // Answered ones; calls in flight are never forgotten.

CalendarKey KeyOf(int calendar) { return CalendarKey(static_cast<uint64_t>(calendar) + 1); }

CallKind KindOf(const Request& request) {
  return std::visit(
      Overloaded{
          [](const ListEvents& list) { return list.sync_token.has_value() ? CallKind::kListFromToken : CallKind::kListAll; },
          [](const GetEvent&) { return CallKind::kGet; },
          [](const InsertEvent&) { return CallKind::kInsert; },
          [](const PatchEvent&) { return CallKind::kPatch; },
          [](const UpdateEvent&) { return CallKind::kPatch; },
          [](const DeleteEvent&) { return CallKind::kDelete; },
          [](const MoveEvent&) { return CallKind::kPatch; },
          [](const ImportEvent&) { return CallKind::kInsert; },
          [](const WatchEvents&) { return CallKind::kWatch; },
          [](const StopChannel&) { return CallKind::kStop; },
          [](const GetCalendar&) { return CallKind::kGetCalendar; },
          [](const ListInstances&) { return CallKind::kInstances; },
      },
      request);
}

EventId EventOf(const Request& request) {
  if (const auto* get = std::get_if<GetEvent>(&request)) return get->event;
  if (const auto* insert = std::get_if<InsertEvent>(&request)) return insert->event.id;
  if (const auto* patch = std::get_if<PatchEvent>(&request)) return patch->event;
  if (const auto* deletion = std::get_if<DeleteEvent>(&request)) return deletion->event;
  return EventId();
}

// Which calls count together.
struct Group {
  Phase in_flight;
  int UnderWay::*count;
};
Group GroupOf(Phase phase) {
  if (phase <= Phase::kFullWalkLater) return {Phase::kListing, &UnderWay::lists};
  if (phase == Phase::kInsert || phase == Phase::kInsertAgain) return {Phase::kInserting, &UnderWay::inserts};
  if (phase == Phase::kPatch) return {Phase::kPatching, &UnderWay::patches};
  if (phase == Phase::kTag) return {Phase::kTagging, &UnderWay::tags};
  if (phase == Phase::kDelete) return {Phase::kDeleting, &UnderWay::deletes};
  if (phase == Phase::kWatch || phase == Phase::kRenewal || phase == Phase::kStop) {
    return {Phase::kWatching, &UnderWay::channel_calls};
  }
  return {Phase::kReading, &UnderWay::reads};
}

void Raise(uint8_t& count) { count = static_cast<uint8_t>(std::min(255, count + 1)); }

}  // namespace

Watcher::Process& Watcher::At(size_t seat) {
  if (processes_.size() <= seat) processes_.resize(seat + 1);
  return processes_[seat];
}

UnderWay Watcher::LookAt(const Process& process) const {
  UnderWay look{.restarts = process.restarts, .catching_up = process.catching_up};
  std::vector<std::pair<int, int>> by_calendar;
  for (const Flight& flight : process.flights) {
    if (!flight.active()) continue;
    const Group of = GroupOf(flight.phase);
    ++(look.*of.count);
    look.phases |= Bit(of.in_flight);
    const bool of_event = of.in_flight != Phase::kListing && of.in_flight != Phase::kWatching;
    if (!of_event) continue;
    auto held =
        std::find_if(by_calendar.begin(), by_calendar.end(), [&](const auto& entry) { return entry.first == flight.calendar; });
    if (held == by_calendar.end()) held = by_calendar.insert(held, {flight.calendar, 0});
    look.most_on_one_calendar = std::max(look.most_on_one_calendar, ++held->second);
  }
  if (!process.running) {
    look.phases = Bit(Phase::kDown);
  } else if (process.catching_up) {
    look.phases |= Bit(Phase::kCatchingUp);
  } else if (look.phases == 0) {
    look.phases = Bit(Phase::kAtRest);
  }
  return look;
}

bool Watcher::IsUsedByOthers(const Process& process, int calendar) const {
  return std::any_of(processes_.begin(), processes_.end(), [&](const Process& other) {
    return &other != &process && std::any_of(other.flights.begin(), other.flights.end(), [&](const Flight& flight) {
      return flight.active() && flight.calendar == calendar;
    });
  });
}

const Record* Watcher::RowAt(const Process& process, const Place& place) const {
  const auto found = process.rows.find(place);
  return found == process.rows.end() ? nullptr : &found->second;
}

// ---- A process ----

void Watcher::Starts(const Host& host, const Started& started) {
  Process& process = Of(host);
  process.flights.clear();
  process.pages.clear();
  process.rows.clear();
  process.places.clear();
  process.told.clear();
  process.running = true;
  process.catching_up = true;
  ++process.restarts;
  for (auto& [place, past] : process.pasts)
    past = EventPast{.inserted_by_a_former = past.inserts > 0 || past.inserted_by_a_former};
  Processed sight{.what = Processed::What::kStarts, .incarnation = process.restarts, .restored = started.restored};
  const GroupImage image = host.image();
  for (const Record& record : image.records) {
    const Place place{record.calendar, EventId(record.event)};
    if (!record.id.empty()) process.places[record.id] = place;
    process.rows[place] = record;
    if (record.IsBlock() && record.status == RecordStatus::kCreating && record.sent) ++sight.ambiguous_inserts;
    if (record.IsBlock() && record.status == RecordStatus::kDeleting) ++sight.doomed;
  }
  sight.rows = image.records.size();
  coverage_.See(sight);
}

void Watcher::Dies(const Host& host) {
  Process& process = Of(host);
  if (!process.running) return;
  if (process.catching_up) ++process.crashes_in_a_row;
  coverage_.See(
      Processed{.what = Processed::What::kDies, .under_way = LookAt(process), .crashes_in_a_row = process.crashes_in_a_row});
  process.running = false;
  process.flights.clear();
}

void Watcher::Stepped(const Host& host) {
  Process& process = Of(host);
  if (!process.running || !process.catching_up) return;
  if (std::any_of(process.flights.begin(), process.flights.end(), [](const Flight& flight) { return flight.active(); })) return;
  process.catching_up = false;
  process.crashes_in_a_row = 0;
}

// ---- Calls ----

Phase Watcher::PhaseOf(const Host& host, const Process& process, int calendar, const Request& request) {
  if (const auto* list = std::get_if<ListEvents>(&request)) {
    const bool later = list->page_token.has_value();
    if (list->sync_token.has_value()) return later ? Phase::kDeltaLater : Phase::kDelta;
    const CalendarRow* row = host.engine().calendar(KeyOf(calendar));
    if (row == nullptr || !row->walked) return later ? Phase::kFirstWalkLater : Phase::kFirstWalk;
    return later ? Phase::kFullWalkLater : Phase::kFullWalk;
  }
  const Place place{KeyOf(calendar), EventOf(request)};
  const CallKind kind = KindOf(request);
  if (kind == CallKind::kInsert) {
    const auto past = process.pasts.find(place);
    const bool again = past != process.pasts.end() && (past->second.inserts > 0 || past->second.inserted_by_a_former);
    return again ? Phase::kInsertAgain : Phase::kInsert;
  }
  if (kind == CallKind::kPatch) {
    const auto row = process.rows.find(place);
    return row != process.rows.end() && row->second.kind == RecordKind::kUserEvent ? Phase::kTag : Phase::kPatch;
  }
  if (kind == CallKind::kDelete) return Phase::kDelete;
  if (kind == CallKind::kWatch) {
    const CalendarRow* row = host.engine().calendar(KeyOf(calendar));
    const auto lives = [](const ChannelRow& channel) { return channel.status == ChannelStatus::kLive; };
    return row != nullptr && std::any_of(row->channels.begin(), row->channels.end(), lives) ? Phase::kRenewal : Phase::kWatch;
  }
  if (kind == CallKind::kStop) return Phase::kStop;
  return kind == CallKind::kInstances ? Phase::kAsk : Phase::kRead;
}

void Watcher::Sends(const Host& host, int calendar, const ApiCall& call, const fake::CallPlan& plan, absl::Time now) {
  Process& process = Of(host);
  const Request& request = *call.request;
  Flight flight{.id = call.id,
                .phase = PhaseOf(host, process, calendar, request),
                .kind = KindOf(request),
                .calendar = calendar,
                .event = EventOf(request),
                .sent = now};
  if (const auto* watch = std::get_if<WatchEvents>(&request)) flight.channel = watch->channel;
  if (plan.apply > 0) flight.applied = now + plan.reaches_after;
  if (const auto* list = std::get_if<ListEvents>(&request)) {
    if (process.pages.size() <= static_cast<size_t>(calendar)) process.pages.resize(static_cast<size_t>(calendar) + 1);
    int& page = process.pages[static_cast<size_t>(calendar)];
    page = list->page_token.has_value() ? page + 1 : 1;
    flight.page = page;
  }
  const Place place{KeyOf(calendar), flight.event};
  EventPast past;
  if (!flight.event.empty()) {
    EventPast& kept = PastOf(process, place);
    past = kept;
    if (flight.kind == CallKind::kInsert) Raise(kept.inserts);
    if (flight.kind == CallKind::kPatch) Raise(kept.patches);
    if (flight.kind == CallKind::kDelete) Raise(kept.deletes);
  }
  if (process.flights.size() > kFlightsKept) {
    process.flights.erase(std::remove_if(process.flights.begin(), process.flights.end() - kFlightsKept / 2,
                                         [](const Flight& old) { return !old.active(); }),
                          process.flights.end() - kFlightsKept / 2);
  }
  process.flights.push_back(flight);
  coverage_.See(Sent{.phase = flight.phase,
                     .kind = flight.kind,
                     .request = request,
                     .plan = plan,
                     .row = flight.event.empty() ? nullptr : RowAt(process, place),
                     .past = past,
                     .under_way = LookAt(process),
                     .beside_another = IsUsedByOthers(process, calendar)});
  for (const std::optional<fake::FaultKind>& fault : {plan.fault, plan.view_fault}) {
    if (fault.has_value()) coverage_.Strike(AdversityOf(*fault), Bit(flight.phase));
  }
}

void Watcher::LookAtPage(const Process& process, const Flight& flight, const EventsPage& page, absl::Time now,
                         Answered& sight) const {
  const auto shows = [&](const EventId& event) {
    return std::any_of(page.items.begin(), page.items.end(), [&](const EventPtr& item) { return item->id == event; });
  };
  for (const Flight& other : process.flights) {
    const bool write = other.phase >= Phase::kInsert && other.phase <= Phase::kDelete;
    if (!other.active() || !write || other.calendar != flight.calendar) continue;
    if (shows(other.event)) {
      sight.shows_flying = true;
    } else if (other.applied < now && flight.page == 1 && page.next_sync_token.has_value()) {
      sight.hides_flying = true;
    }
  }
  for (size_t i = 0; i < page.items.size() && !sight.child_first; ++i) {
    const EventId& master = page.items[i]->recurring_event_id;
    if (master.empty() || RowAt(process, {KeyOf(flight.calendar), master}) != nullptr) continue;
    sight.child_first = std::none_of(page.items.begin(), page.items.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const EventPtr& item) { return item->id == master; });
  }
}

void Watcher::Remember(const Flight& flight, const Answered& sight, EventPast& past) const {
  const bool known = !sight.failure.has_value();
  const bool ambiguous = sight.failure == Failure::kAmbiguous;
  if (sight.failure == Failure::kStale) Raise(past.stale);
  if (sight.failure == Failure::kRefusedForNow) Raise(past.refused);
  if (flight.kind == CallKind::kInsert) {
    past.insert_ambiguous = ambiguous;
    past.insert_taken = sight.failure == Failure::kIdTaken;
    past.insert_not_found = false;
  } else if (flight.kind == CallKind::kGet) {
    past.insert_not_found = (past.insert_ambiguous || past.insert_taken) && sight.failure == Failure::kNotFound;
    if (known) past.insert_ambiguous = past.insert_taken = past.inserted_by_a_former = false;
  } else if (flight.kind == CallKind::kPatch) {
    past.patch_ambiguous = ambiguous;
    if (known) past.stale = 0;
  } else if (flight.kind == CallKind::kDelete) {
    past.delete_ambiguous = ambiguous;
    if (known) past.stale = 0;
  }
}

void Watcher::Hears(const Host& host, const ApiReply& reply, absl::Time now) {
  stepping_ = SeatOf(host);
  Process& process = Of(host);
  const auto flight =
      std::find_if(process.flights.begin(), process.flights.end(), [&](const Flight& held) { return held.id == reply.call; });
  if (flight == process.flights.end()) return;
  Answered sight{.phase = flight->phase,
                 .kind = flight->kind,
                 .reply = reply.reply,
                 .failure = std::nullopt,
                 .answers_before = flight->answers,
                 .given_up = flight->given_up,
                 .page = flight->page,
                 .told_before = flight->kind == CallKind::kWatch && process.told.contains(flight->channel),
                 .row = nullptr,
                 .past = {},
                 .under_way = LookAt(process),
                 .shown = nullptr};
  const Place place{KeyOf(flight->calendar), flight->event};
  if (!flight->event.empty()) {
    sight.row = RowAt(process, place);
    sight.past = PastOf(process, place);
  }
  const auto* error = std::get_if<ApiError>(&reply.reply);
  if (error != nullptr) sight.failure = FailureOf(flight->kind, *error);
  if (const auto* event = std::get_if<EventPtr>(&reply.reply)) sight.shown = event->get();
  if (const auto* page = std::get_if<EventsPage>(&reply.reply)) LookAtPage(process, *flight, *page, now, sight);
  coverage_.See(sight);
  if (!flight->event.empty()) Remember(*flight, sight, PastOf(process, place));
  ++flight->answers;
  if (error != nullptr && error->transport == Transport::kTimeout) flight->given_up = true;
}

// ---- Messages ----

void Watcher::PlansMessage(const Host& host, const fake::MessagePlan& plan) {
  if (plan.fault.has_value()) coverage_.Strike(AdversityOf(*plan.fault), LookAt(Of(host)).phases);
}

void Watcher::Hears(const Host& host, const Notification& message) {
  Process& process = Of(host);
  MessageSeen sight{.down = !host.running(), .state = message.state, .under_way = LookAt(process)};
  if (host.running()) {
    stepping_ = SeatOf(host);
    for (const LinkedCalendar& linked : host.config().calendars) {
      const CalendarRow* row = host.engine().calendar(linked.key);
      if (row == nullptr) continue;
      for (const ChannelRow& channel : row->channels) {
        if (channel.id != message.channel) continue;
        sight.known = channel.token.Equals(message.token);
        sight.forged = !sight.known;
        sight.planned = sight.known && channel.status == ChannelStatus::kPlanned;
        sight.stopping = sight.known && channel.status == ChannelStatus::kStopping;
        sight.of_disabled = linked.state != LinkState::kEnabled;
        const size_t calendar = static_cast<size_t>(linked.key.value()) - 1;
        sight.own_echo = calendar < last_writer_.size() && last_writer_[calendar] == host.number();
      }
    }
    process.told.insert(message.channel);
  }
  coverage_.See(sight);
}

// ---- The store ----

void Watcher::Commits(const Host& host, const Commit& commit, bool applies, Fate fate) {
  Process& process = Of(host);
  stepping_ = SeatOf(host);
  if (fate != Fate::kDurable) {
    coverage_.See(Processed{.what = fate == Fate::kLost ? Processed::What::kCommitLost : Processed::What::kCommitUnknown,
                            .under_way = LookAt(process)});
  }
  if (!applies) return;
  absl::flat_hash_map<CorrelationId, Record> moved;  // A block's next generation lies at another place.
  for (const Place& place : commit.erased) {
    const auto found = process.rows.find(place);
    if (found == process.rows.end()) continue;
    if (!found->second.id.empty()) moved[found->second.id] = found->second;
    process.rows.erase(found);
  }
  for (const Record& record : commit.records) {
    const Place place{record.calendar, EventId(record.event)};
    const Record* before = RowAt(process, place);
    const auto former = moved.find(record.id);
    if (before == nullptr && !record.id.empty() && former != moved.end()) before = &former->second;
    coverage_.See(Committed{.before = before, .after = record, .catching_up = process.catching_up});
    if (!record.id.empty()) process.places[record.id] = place;
    process.rows[place] = record;
  }
  for (const AuditEntry& entry : commit.audit) coverage_.See(Audited{.entry = entry, .catching_up = process.catching_up});
}

// ---- The table of leases ----

void Watcher::Leases(const Host& host, Processed::What what) {
  coverage_.See(Processed{.what = what, .under_way = LookAt(Of(host))});
}

// ---- Others ----

void Watcher::Writes(absl::Span<const Host> hosts, const fake::WriteRecord& write, int calendar, const GhostEvent* truth) {
  if (last_writer_.size() <= static_cast<size_t>(calendar)) last_writer_.resize(static_cast<size_t>(calendar) + 1, -1);
  if (write.actor.kind == fake::ActorKind::kEngine) {
    last_writer_[static_cast<size_t>(calendar)] = static_cast<int>(write.actor.number);
    return;
  }
  last_writer_[static_cast<size_t>(calendar)] = -1;
  ChangeSeen sight{.write = write, .truth = truth};
  const Place place{KeyOf(calendar), write.event};
  for (const Host& host : hosts) {
    if (host.config().Find(KeyOf(calendar)) == nullptr) continue;
    const Process& process = Of(host);
    sight.down = sight.down || (!host.running() && !host.stopped());
    sight.catching_up = sight.catching_up || (host.running() && process.catching_up);
    const Record* row = RowAt(process, place);
    for (const Flight& flight : process.flights) {
      if (!flight.active()) continue;
      const bool insert = flight.kind == CallKind::kInsert;
      const bool patch = flight.kind == CallKind::kPatch;
      const bool deletion = flight.kind == CallKind::kDelete;
      if (flight.calendar == calendar && flight.event == write.event) {
        sight.flies_insert = sight.flies_insert || insert;
        sight.flies_patch = sight.flies_patch || patch;
        sight.flies_delete = sight.flies_delete || deletion;
        sight.flies_read = sight.flies_read || flight.kind == CallKind::kGet;
      } else if (row != nullptr && (insert || patch || deletion)) {
        const Record* other = RowAt(process, {KeyOf(flight.calendar), flight.event});
        const bool of_it = other != nullptr && other->IsBlock() && other->source == row->id;
        sight.source_flies_insert = sight.source_flies_insert || (of_it && insert);
        sight.source_flies_patch = sight.source_flies_patch || (of_it && patch);
        sight.source_flies_delete = sight.source_flies_delete || (of_it && deletion);
      }
      const bool lists = flight.kind == CallKind::kListAll || flight.kind == CallKind::kListFromToken;
      sight.listed_now = sight.listed_now || (lists && flight.calendar == calendar);
    }
  }
  coverage_.See(sight);
}

void Watcher::Befalls(Mishap mishap) {
  uint32_t phases = 0;
  if (BefallsOneProcess(mishap)) {
    phases = LookAt(At(stepping_)).phases;
  } else {
    for (const Process& process : processes_) phases |= LookAt(process).phases;
  }
  coverage_.Strike(AdversityOf(mishap), phases);
}

}  // namespace calsync::sim
