#include "engine/decide/writing.h"

#include <memory>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/decide/block_occurrences.h"
#include "engine/decide/breaker.h"
#include "engine/decide/desired.h"
#include "engine/decide/retry.h"

namespace calsync {
namespace {

using Purpose = CallInFlight::Purpose;
using Status = RecordStatus;

// ---- What is owed ----

// Its series is to be removed, and takes it along.
bool GoesWithItsSeries(const LiveGroup& group, const Record& block) {
  const std::optional<RowIndex> series = block.IsOccurrence() ? BlockOfOccurrence(group, block) : std::nullopt;
  return series.has_value() && group.records[*series].status == Status::kDeleting;
}

// Nothing is changed on a calendar that the operator took out but what is to go (L10).
bool IsTakenOut(const LiveGroup& group, CalendarKey key) {
  const LiveCalendar* calendar = group.Find(key);
  return calendar == nullptr || !IsEnabled(group, *calendar);
}

Owed OwedByBlock(const LiveGroup& group, const Record& block) {
  const Record* source = SourceOf(group, block);
  // What is not certain is not mirrored.
  const bool certain = source != nullptr && source->IsLiveUserEvent() && !source->must_read && !source->absent &&
                       source->blocking == Blocking::kBlocks;
  switch (block.status) {
    case Status::kCreating:
      if (!certain || GoesWithItsSeries(group, block)) return Owed::kNothing;
      if (block.IsOccurrence()) return block.taken ? Owed::kUpdate : Owed::kRead;  // It is never inserted: its series makes it.
      return Owed::kInsert;
    case Status::kCreated:
      if (GoesWithItsSeries(group, block)) return Owed::kNothing;
      // Before any other write (L6); but whether a forgotten block goes may not be known yet (seed 16204314).
      if (block.guests) return IsTakenOut(group, block.calendar) ? Owed::kNothing : Owed::kUpdate;
      if (!certain) return Owed::kNothing;
      if (HoldStands(group, block, *source)) return Owed::kNothing;
      if (block.IsAdopted() && source->IsMaster()) return Owed::kNothing;  // It gives way, once its slot is decided.
      if (block.IsAdopted() && block.tag == TagState::kOwed)
        return Owed::kUpdate;  // What says, without the database, what it is.
      if (ShowsWhatItShould(block, ContentFingerprintFor(group, *source, block.calendar))) return Owed::kNothing;
      // With occurrences of its own it is made anew instead, once its slot is decided.
      return AnchorDiffers(block, *source) && HasOccurrences(group, block) ? Owed::kNothing : Owed::kUpdate;
    case Status::kDeleting:
      if (block.etag.empty()) return Owed::kRead;  // Every write to an existing event carries If-Match.
      return block.guests ? Owed::kUpdate : Owed::kDelete;
    case Status::kDeleted:
    case Status::kFailed:
    case Status::kSynced:
    case Status::kGone:
    case Status::kSeen:
      return Owed::kNothing;
  }
  return Owed::kNothing;
}

// ---- What is sent ----

// A series recurs by the clock of its zone (C-8).
EventTime TimeFor(EventTime time, const SeriesText& series) {
  if (!series.lines.empty() && time.kind == EventTime::Kind::kDateTime) time.time_zone = series.time_zone;
  return time;
}

Event EventFor(const LiveGroup& group, const Record& block, const BlockContent& content) {
  Event event;
  event.id = EventId(block.event);
  event.start = TimeFor(StartOf(content.span), content.series);
  event.end = TimeFor(EndOf(content.span), content.series);
  event.recurrence = content.series.lines;
  event.summary = content.summary;
  event.description = content.description;
  event.visibility = content.visibility;
  event.transparency = Transparency::kOpaque;
  event.reminders = {false, {}};
  event.private_properties = group.tags.ForBlock(block.id, block.source);
  return event;
}

EventPatch PatchFor(const LiveGroup& group, const Record& block, const BlockContent& content) {
  EventPatch patch;
  patch.start = TimeFor(StartOf(content.span), content.series);
  patch.end = TimeFor(EndOf(content.span), content.series);
  patch.summary = content.summary;
  patch.description = content.description;
  patch.visibility = content.visibility;
  patch.transparency = Transparency::kOpaque;
  patch.status = EventStatus::kConfirmed;
  if (block.IsOccurrence()) return patch;  // It has no rule, and its series' tag.
  patch.recurrence = content.series.lines;
  for (auto& [key, value] : group.tags.ForBlock(block.id, block.source)) patch.private_properties[key] = value;
  if (block.IsAdopted()) {
    patch.private_properties[Tags::kAdoptionKey] = group.ids.AdoptionOf(block.slot, block.calendar, block.event.view());
  }
  return patch;
}

EventPatch WithoutGuests() {
  EventPatch patch;
  patch.attendees = std::vector<Attendee>();
  return patch;
}

void SendRead(LiveGroup& group, const LiveCalendar& calendar, RowIndex row) {
  if (IsAskedFor(group.records[row])) return SendAsk(group, calendar, row);
  MakeCall(group, {.purpose = Purpose::kRead, .calendar = calendar.row.key, .row = row},
           GetEvent{group.Link(calendar).google_id, EventId(group.records[row].event)});
}

void SendInsert(LiveGroup& group, const LiveCalendar& calendar, RowIndex row) {
  const Record* source = SourceOf(group, group.records[row]);
  CALSYNC_CHECK(source != nullptr);                       // A planned block is bound.
  CALSYNC_CHECK(source->kind == RecordKind::kUserEvent);  // L1
  const BlockContent content = ContentFor(group, *source, calendar.row.key);
  Event event = EventFor(group, group.records[row], content);
  group.records.Change(row, [&](Record& record) {           // Durable before the call leaves (L7).
    if (!record.sent) record.updated_ms = group.newest_ms;  // What the first one made is of this life, too.
    record.sent = true;
  });
  MakeCall(group,
           {.purpose = Purpose::kInsert,
            .calendar = calendar.row.key,
            .row = row,
            .content = FingerprintOf(content),
            .span = content.span},
           InsertEvent{group.Link(calendar).google_id, std::move(event), SendUpdates::kNone});
}

// The block shows such content once we wrote it: what it shows now, somebody else made of it.
bool Restores(const Record& block, uint64_t content) { return block.written == content && block.accepted != 0; }

// REQUIRES: it is not fought over.
void SendUpdate(LiveGroup& group, const LiveCalendar& calendar, RowIndex row) {
  const Record& block = group.records[row];
  PatchEvent call{group.Link(calendar).google_id, EventId(block.event), {}, Etag(block.etag), SendUpdates::kNone};
  CallInFlight flight{.purpose = Purpose::kUpdate, .calendar = calendar.row.key, .row = row};
  // What is cancelled shows nobody, so its guests leave as it comes back: alone, that write changes nothing (seed 7302614).
  const bool brings_back = block.IsOccurrence() && block.taken;
  if (block.guests && !brings_back) {
    call.patch = WithoutGuests();
  } else {
    const Record* source = SourceOf(group, block);
    CALSYNC_CHECK(source != nullptr);
    const BlockContent content = ContentFor(group, *source, calendar.row.key);
    flight.content = FingerprintOf(content);
    flight.span = content.span;
    flight.restores = Restores(block, flight.content);
    call.patch = PatchFor(group, block, content);
    if (block.guests) call.patch.attendees = WithoutGuests().attendees;
  }
  if (flight.restores || block.guests) {
    const bool may_leave = CountFight(group, row);
    CALSYNC_CHECK(may_leave);
  }
  if (flight.content !=
      0) {  // Durable before the call leaves (L7): what it does is not a person's edit, whether we hear of it or not.
    group.records.Change(row, [&](Record& record) {
      record.written = flight.content;
      record.accepted = 0;
    });
  }
  MakeCall(group, std::move(flight), std::move(call));
}

void SendDelete(LiveGroup& group, const LiveCalendar& calendar, RowIndex row) {
  const Record& record = group.records[row];
  CALSYNC_CHECK(record.IsDoomed());
  CALSYNC_CHECK(record.kind != RecordKind::kUserEvent);  // L6
  MakeCall(group, {.purpose = Purpose::kDelete, .calendar = calendar.row.key, .row = row},
           DeleteEvent{group.Link(calendar).google_id, EventId(record.event), Etag(record.etag), SendUpdates::kNone});
}

void SendTag(LiveGroup& group, const LiveCalendar& calendar, RowIndex row) {
  const Record& record = group.records[row];
  CALSYNC_CHECK(record.kind == RecordKind::kUserEvent);
  PatchEvent call{group.Link(calendar).google_id, EventId(record.event), {}, Etag(record.etag), SendUpdates::kNone};
  call.patch.private_properties[group.tags.user_key()] = group.tags.UserValue(record.id);  // Our own key, nothing else (L6).
  MakeCall(group, {.purpose = Purpose::kTag, .calendar = calendar.row.key, .row = row}, std::move(call));
}

// Where writes were refused and rested, one is tried: nothing else tells when they are taken again (L8).
bool IsTryingOne(const LiveCalendar& calendar) {
  return calendar.row.writes_rest_until != absl::InfinitePast() && calendar.event_calls > 0;
}

bool MayLeave(const LiveGroup& group, const LiveCalendar& calendar, Owed owed) {
  const bool writes = WritesMayLeave(group, calendar) && !IsTryingOne(calendar);
  switch (owed) {
    case Owed::kRead:
      return !calendar.row.unreachable;
    case Owed::kInsert:
      return writes && calendar.row.walked && IsEnabled(group, calendar);
    case Owed::kTag:
      return writes && IsEnabled(group, calendar);
    case Owed::kDelete:
    case Owed::kUpdate:
      return writes;
    case Owed::kNothing:
      return false;
  }
  return false;
}

// Sends the row's call; false if it was put off.
bool Send(LiveGroup& group, LiveCalendar& calendar, RowIndex row, Owed owed) {
  if (owed == Owed::kUpdate && IsFoughtOver(group, group.records[row])) {
    ReportFight(group, row);
    return false;
  }
  if (owed != Owed::kRead && !AdmitWrite(group)) return false;
  switch (owed) {
    case Owed::kRead:
      SendRead(group, calendar, row);
      return true;
    case Owed::kDelete:
      SendDelete(group, calendar, row);
      return true;
    case Owed::kInsert:
      SendInsert(group, calendar, row);
      return true;
    case Owed::kUpdate:
      SendUpdate(group, calendar, row);
      return true;
    case Owed::kTag:
      SendTag(group, calendar, row);
      return true;
    case Owed::kNothing:
      return false;
  }
  return false;
}

void SendOwedOf(LiveGroup& group, LiveCalendar& calendar) {
  for (size_t kind = 0; kind < kOwedKinds; ++kind) {
    auto& queue = calendar.ready[kind];
    while (!queue.empty()) {
      if (calendar.event_calls >= kEventCallsMax) return;
      if (!CallsMayLeave(group, calendar)) return;
      if (!MayLeave(group, calendar, static_cast<Owed>(kind))) break;
      const RowIndex row = *queue.begin();
      queue.erase(queue.begin());
      if (!Send(group, calendar, row, static_cast<Owed>(kind))) Enqueue(group, row);
    }
  }
}

}  // namespace

Owed OwedBy(const LiveGroup& group, RowIndex row) {
  const Record& record = group.records[row];
  if (record.absent) return Owed::kNothing;  // Waits for a listing.
  if (record.must_read) {
    // What a block's occurrence is compared with comes first.
    const Record* source = record.IsBlock() && record.IsOccurrence() ? SourceOf(group, record) : nullptr;
    return source != nullptr && (source->must_read || source->absent) ? Owed::kNothing : Owed::kRead;
  }
  switch (record.kind) {
    case RecordKind::kUserEvent:
      return record.status == Status::kSynced && record.tag == TagState::kOwed && !record.etag.empty() &&
                     group.config.policy.tag_user_events == TagUserEvents::kLazy
                 ? Owed::kTag
                 : Owed::kNothing;
    case RecordKind::kBlock:
      return OwedByBlock(group, record);
    case RecordKind::kSeen:
      if (!record.IsDoomed()) return Owed::kNothing;
      if (record.etag.empty()) return Owed::kRead;
      return record.guests ? Owed::kUpdate : Owed::kDelete;  // Nobody gets a mail (L6).
  }
  return Owed::kNothing;
}

bool IsFoughtOver(const LiveGroup& group, const Record& block) {
  if (!FightIsOn(group, block)) return false;
  if (block.guests) return true;
  const Record* source = SourceOf(group, block);
  CALSYNC_CHECK(source != nullptr);
  return Restores(block, ContentFingerprintFor(group, *source, block.calendar));
}

void Enqueue(LiveGroup& group, RowIndex row) {
  LiveCalendar* calendar = group.Find(group.records[row].calendar);
  if (calendar == nullptr) return;
  for (auto& queue : calendar->ready) {
    if (!queue.empty()) queue.erase(row);
  }
  if (group.IsBusy(row)) return;  // Its answer brings it back.
  const Owed owed = OwedBy(group, row);
  if (owed == Owed::kNothing) return;
  if (!RowIsDue(group, group.records[row])) {
    group.agenda.insert({group.records[row].retry_s, row});
    return;
  }
  calendar->ready[static_cast<size_t>(owed)].insert(row);
}

void WakeRows(LiveGroup& group) {
  const int64_t now_s = absl::ToUnixSeconds(group.now);
  while (!group.agenda.empty() && group.agenda.begin()->first <= now_s) {
    const RowIndex row = group.agenda.begin()->second;
    group.agenda.erase(group.agenda.begin());
    Enqueue(group, row);
  }
}

void SendOwed(LiveGroup& group) {
  for (LiveCalendar& calendar : group.calendars) SendOwedOf(group, calendar);
}

void SendAsk(LiveGroup& group, const LiveCalendar& calendar, RowIndex row, std::optional<PageToken> page) {
  const Record& record = group.records[row];
  ListInstances request;
  request.calendar = group.Link(calendar).google_id;
  request.event = EventId(record.master);
  request.original_start = TimeOf(record.original_start());
  request.show_deleted = true;
  request.page_token = std::move(page);
  MakeCall(group, {.purpose = Purpose::kRead, .calendar = calendar.row.key, .row = row}, std::move(request));
}

bool IsAskedFor(const Record& record) {
  return record.kind == RecordKind::kUserEvent && record.IsOccurrence() && record.etag.empty();
}

void MakeCall(LiveGroup& group, CallInFlight call, Request request) {
  const CallId id(group.call_nonce + ++group.calls_made);
  call.deadline = group.now + kCallDeadline;
  const bool about_event = call.purpose != Purpose::kList && call.purpose != Purpose::kWatch && call.purpose != Purpose::kStop;
  if (about_event) {
    call.event = EventId(group.records[call.row].event);
    const bool fresh = group.busy.emplace(call.row, id).second;
    CALSYNC_CHECK(fresh);  // One call an event at a time.
    ++group.Find(call.calendar)->event_calls;
  }
  group.calls.emplace(id, std::move(call));
  group.outbox.push_back({id, std::make_shared<const Request>(std::move(request))});
}

}  // namespace calsync
