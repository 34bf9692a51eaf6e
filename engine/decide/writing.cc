#include "engine/decide/writing.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/decide/breaker.h"
#include "engine/decide/desired.h"
#include "engine/decide/observe.h"
#include "engine/decide/occurrences.h"
#include "engine/decide/reconcile.h"
#include "engine/decide/retry.h"

namespace calsync {
namespace {

using Purpose = CallInFlight::Purpose;
using Status = RecordStatus;

// ---- What is owed ----

const Record* SourceOf(const LiveGroup& group, const Record& block) {
  const std::optional<RowIndex> source = group.records.FindById(block.source);
  return source.has_value() ? &group.records[*source] : nullptr;
}

Owed OwedByBlock(const LiveGroup& group, const Record& block) {
  const Record* source = SourceOf(group, block);
  // What is not certain is not mirrored.
  const bool certain = source != nullptr && source->IsLiveUserEvent() && !source->must_read && !source->absent &&
                       source->blocking == Blocking::kBlocks;
  switch (block.status) {
    case Status::kCreating:
      if (!certain) return Owed::kNothing;
      if (block.IsOccurrence()) return block.taken ? Owed::kUpdate : Owed::kRead;  // It is never inserted: its series makes it.
      return Owed::kInsert;
    case Status::kCreated:
      if (block.guests) return Owed::kUpdate;  // Before any other write (L6).
      if (!certain) return Owed::kNothing;
      if (HoldStands(group, block, *source)) return Owed::kNothing;
      if (ShowsWhatItShould(block, FingerprintOf(ContentFor(group, *source, block.calendar)))) return Owed::kNothing;
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
  return patch;
}

EventPatch WithoutGuests() {
  EventPatch patch;
  patch.attendees = std::vector<Attendee>();
  return patch;
}

// Asks for an occurrence that nobody has shown yet by its original start: its id may be another one (K-20).
void SendAsk(LiveGroup& group, const LiveCalendar& calendar, RowIndex row, std::optional<PageToken> page = std::nullopt) {
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
  group.records.Change(row, [&](Record& record) {  // Durable before the call leaves (L7).
    record.sent = true;
    record.updated_ms = group.newest_ms;
  });
  MakeCall(group,
           {.purpose = Purpose::kInsert,
            .calendar = calendar.row.key,
            .row = row,
            .content = FingerprintOf(content),
            .span = content.span},
           InsertEvent{group.Link(calendar).google_id, std::move(event), SendUpdates::kNone});
}

// False if the slot's bound of restores for today is reached.
bool SendUpdate(LiveGroup& group, const LiveCalendar& calendar, RowIndex row) {
  const Record& block = group.records[row];
  PatchEvent call{group.Link(calendar).google_id, EventId(block.event), {}, Etag(block.etag), SendUpdates::kNone};
  CallInFlight flight{.purpose = Purpose::kUpdate, .calendar = calendar.row.key, .row = row};
  if (block.guests) {
    call.patch = WithoutGuests();
  } else {
    const Record* source = SourceOf(group, block);
    CALSYNC_CHECK(source != nullptr);
    const BlockContent content = ContentFor(group, *source, calendar.row.key);
    flight.content = FingerprintOf(content);
    flight.span = content.span;
    flight.restores = block.written == flight.content && block.accepted != 0;  // Not our news: somebody else changed it.
    call.patch = PatchFor(group, block, content);
  }
  if ((flight.restores || block.guests) && !CountFight(group, row)) return false;
  if (flight.content !=
      0) {  // Durable before the call leaves (L7): what it does is not a person's edit, whether we hear of it or not.
    group.records.Change(row, [&](Record& record) {
      record.written = flight.content;
      record.accepted = 0;
    });
  }
  MakeCall(group, std::move(flight), std::move(call));
  return true;
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
      if (SendUpdate(group, calendar, row)) return true;
      ReportFight(group, row);
      return false;
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

// ---- What is answered ----

// Refused for good: nothing is sent again until a mirrored field, policy or role changes (S-14).
void Park(LiveGroup& group, RowIndex row, const ApiError& error) {
  const std::string reason = absl::StrCat(error.code, " ", error.reason);
  const Record* source = SourceOf(group, group.records[row]);
  const uint64_t decided_for = source == nullptr ? 0 : MirroredFingerprint(group, *source, group.records[row].calendar);
  group.records.Change(row, [&](Record& record) {
    if (record.status == Status::kCreating) record.status = Follow(record.status, RecordEvent::kRefused);
    record.hold = Hold::kParked;
    record.held_for = decided_for;
    record.reason = SharedText(reason);
  });
  group.Audit(AuditKind::kParked, group.records[row], reason);
}

void GiveUpTag(LiveGroup& group, RowIndex row, const ApiError& error) {
  group.records.Change(row, [](Record& record) { record.tag = TagState::kGivenUp; });
  group.Audit(AuditKind::kTagGivenUp, group.records[row], absl::StrCat(error.code, " ", error.reason));
}

CallKind KindOf(Purpose purpose) {
  switch (purpose) {
    case Purpose::kRead:
      return CallKind::kGet;
    case Purpose::kInsert:
      return CallKind::kInsert;
    case Purpose::kUpdate:
    case Purpose::kTag:
      return CallKind::kPatch;
    case Purpose::kDelete:
      return CallKind::kDelete;
    case Purpose::kList:
      return CallKind::kListAll;
    case Purpose::kWatch:
      return CallKind::kWatch;
    case Purpose::kStop:
      return CallKind::kStop;
  }
  return CallKind::kGet;
}

void NotSent(LiveGroup& group, RowIndex row, Purpose purpose) {
  if (purpose != Purpose::kInsert || group.records[row].ambiguous) return;
  group.records.Change(row, [](Record& record) { record.sent = false; });
}

void Refused(LiveGroup& group, LiveCalendar& calendar, const CallInFlight& call, const ApiError& error) {
  switch (call.purpose) {
    case Purpose::kTag:
      return GiveUpTag(group, call.row, error);
    case Purpose::kInsert:
    case Purpose::kUpdate:
      NotSent(group, call.row, call.purpose);
      return Park(group, call.row, error);
    case Purpose::kRead:
    case Purpose::kDelete:
      return RetryLater(group, call.row);
    case Purpose::kList:
    case Purpose::kWatch:
    case Purpose::kStop:
      break;
  }
  CALSYNC_CHECK(false && "not an event call");
  static_cast<void>(calendar);
}

void NotFound(LiveGroup& group, LiveCalendar& calendar, const CallInFlight& call) {
  switch (call.purpose) {
    case Purpose::kRead:
      // It counts once a listing proves that the calendar itself can be read: 404 is also what a lost calendar answers.
      if (group.records[call.row].kind == RecordKind::kBlock && group.records[call.row].status == Status::kCreating &&
          !group.records[call.row].taken && !group.records[call.row].IsOccurrence()) {
        return ObserveEnd(group, call.row, End::kAbsent);  // Asked by inserting again.
      }
      group.records.Change(call.row, [](Record& record) { record.absent = true; });
      calendar.absent.push_back(call.row);
      group.MarkDirty(calendar, absl::ZeroDuration());
      return;
    case Purpose::kInsert:
      NotSent(group, call.row, call.purpose);
      group.MarkDirty(calendar, absl::ZeroDuration());
      return RetryLater(group, call.row);
    case Purpose::kDelete:  // A lost calendar says so too: a read, and then a listing, tell.
    case Purpose::kUpdate:
    case Purpose::kTag:
      return Doubt(group, call.row);
    case Purpose::kList:
    case Purpose::kWatch:
    case Purpose::kStop:
      break;
  }
  CALSYNC_CHECK(false && "not an event call");
}

// No right to write here, or not any more: the next listing tells the role. A grant that was narrowed tells nothing when it is
// widened again, so the writes of the calendar rest, and then one is tried.
void NoAccess(LiveGroup& group, LiveCalendar& calendar, const CallInFlight& call) {
  NotSent(group, call.row, call.purpose);
  group.MarkDirty(calendar, absl::ZeroDuration());
  if (call.purpose == Purpose::kRead) return RetryLater(group, call.row);
  Explain(group, 1);
  group.Edit(calendar).writes_rest_until = group.now + kUsageLimitRest;
}

// Not allowed for this event.
void Forbidden(LiveGroup& group, LiveCalendar& calendar, const CallInFlight& call, const ApiError& error) {
  NotSent(group, call.row, call.purpose);
  group.MarkDirty(calendar, absl::ZeroDuration());
  if (group.records[call.row].attempts >= kRefusalsMax && call.purpose != Purpose::kRead && call.purpose != Purpose::kDelete) {
    return Refused(group, calendar, call, error);
  }
  RetryLater(group, call.row);
}

// Google does not let a cancelled occurrence of a block come back (K-8): the block is made anew.
bool CannotComeBack(const Record& record, const CallInFlight& call, Failure failure) {
  const bool brings_back = call.purpose == Purpose::kUpdate && record.IsOccurrence() && record.taken;
  return brings_back && (failure == Failure::kForbidden || failure == Failure::kNotFound || failure == Failure::kGone ||
                         failure == Failure::kRejected);
}

void OnFailure(LiveGroup& group, LiveCalendar& calendar, const CallInFlight& call, const ApiError& error) {
  ++group.Edit(calendar).counters.errors;
  const Failure failure = FailureOf(KindOf(call.purpose), error);
  group.Audit(AuditKind::kCallFailed, group.records[call.row],
              absl::StrCat(Name(failure), " (", error.code, " ", error.reason, ")"));
  if (CannotComeBack(group.records[call.row], call, failure)) {
    const std::optional<RowIndex> block = BlockOfOccurrence(group, group.records[call.row]);
    if (block.has_value() && RemakeSeries(group, *block, RemakeFor::kPerson)) return;
    return Park(group, call.row, error);
  }
  switch (failure) {
    case Failure::kRefusedForNow:
      NotSent(group, call.row, call.purpose);
      if (call.purpose != Purpose::kRead) Explain(group, 1);  // It will be sent again.
      if (error.code == 401 && calendar.row.failures >= kUnauthorizedMax) group.MarkDirty(calendar, absl::ZeroDuration());
      return RestCalls(group, calendar, error.retry_after);
    case Failure::kUsageLimit:
      NotSent(group, call.row, call.purpose);
      if (call.purpose != Purpose::kRead) Explain(group, 1);
      group.Edit(calendar).writes_rest_until = group.now + kUsageLimitRest;
      return;
    case Failure::kAmbiguous:
      if (call.purpose != Purpose::kRead) {
        Explain(group, 1);
        Doubt(group, call.row);
      }
      if (call.purpose == Purpose::kInsert) group.records.Change(call.row, [](Record& record) { record.ambiguous = true; });
      return RestCalls(group, calendar, error.retry_after);
    case Failure::kIdTaken:
      Doubt(group, call.row);
      if (call.purpose == Purpose::kInsert) group.records.Change(call.row, [](Record& record) { record.taken = true; });
      return;
    case Failure::kStale:
      if (call.purpose == Purpose::kTag) {
        group.records.Change(call.row, [](Record& record) { ++record.tag_attempts; });
        if (group.records[call.row].tag_attempts >= kTagAttemptsMax) GiveUpTag(group, call.row, error);
      }
      Doubt(group, call.row);
      Explain(group, 1);
      if (call.heard_etag.empty()) RetryLater(group, call.row);  // Noise repeats (contract 3.5).
      return;
    case Failure::kGone:
      if (call.purpose == Purpose::kDelete) return ObserveDeleted(group, call.row);
      if (call.purpose == Purpose::kRead) return ObserveEnd(group, call.row, End::kCancelled);
      return Doubt(group, call.row);
    case Failure::kNotFound:
      return NotFound(group, calendar, call);
    case Failure::kNoAccess:
      return NoAccess(group, calendar, call);
    case Failure::kForbidden:
      return Forbidden(group, calendar, call, error);
    case Failure::kSyncTokenInvalid:
    case Failure::kRejected:
      return Refused(group, calendar, call, error);
  }
}

// True if the tombstone at a block's planned id was made before anything that we knew when the insert left: it is not of our
// insert, but of a life before this database, and tells nothing of a person (seed 2755 with series).
bool IsOfALifeBefore(const Record& record, const Event& tombstone) {
  if (!record.IsBlock() || record.IsOccurrence() || record.status != Status::kCreating || !tombstone.created.has_value())
    return false;
  return absl::ToUnixSeconds(*tombstone.created) < record.updated_ms / 1000;  // `created` has whole seconds.
}

void OnShown(LiveGroup& group, LiveCalendar& calendar, const CallInFlight& call, const Event& event) {
  const bool overtaken = !call.heard_etag.empty() && call.heard_etag != event.etag.text();
  switch (call.purpose) {
    case Purpose::kRead:
      if (event.IsCancelled()) {
        FollowMaster(group, call.row, event);
        if (group.records[call.row].IsOccurrence()) {  // It may be brought back, which takes its etag.
          group.records.Change(call.row, [&](Record& record) { record.etag = event.etag.shared(); });
        }
        if (IsOfALifeBefore(group.records[call.row], event)) {
          group.records.Change(call.row, [](Record& record) { record.ambiguous = false; });
        }
        ObserveEnd(group, call.row, End::kCancelled);
      } else if (IsStale(group, call.row, event) && RetryWhileYoung(group, call.row)) {
        return;
      } else {
        Observe(group, calendar, event, Evidence::kRead);
      }
      break;
    case Purpose::kInsert: {
      const bool was_creating = group.records[call.row].status == Status::kCreating;
      ObserveWritten(group, call.row, event, call.content, call.span);
      if (was_creating) group.Audit(AuditKind::kBlockCreated, group.records[call.row]);
      break;
    }
    case Purpose::kUpdate:
      if (call.content == 0) {
        Observe(group, calendar, event, Evidence::kRead);  // Guests removed; the content is not ours to vouch for.
      } else {
        ObserveWritten(group, call.row, event, call.content, call.span);
      }
      group.Audit(call.restores ? AuditKind::kBlockRestored : AuditKind::kBlockUpdated, group.records[call.row]);
      break;
    case Purpose::kTag:
      group.records.Change(call.row, [](Record& record) { ++record.tag_attempts; });
      Observe(group, calendar, event, Evidence::kAnswer);
      if (group.records[call.row].tag == TagState::kWritten) {
        group.Audit(AuditKind::kTagWritten, group.records[call.row]);
      } else if (group.records[call.row].tag_attempts >= kTagAttemptsMax) {  // Answered 200, and the key is not there (V17).
        group.records.Change(call.row, [](Record& record) { record.tag = TagState::kGivenUp; });
        group.Audit(AuditKind::kTagGivenUp, group.records[call.row], "dropped silently");
      }
      break;
    case Purpose::kDelete:
    case Purpose::kList:
    case Purpose::kWatch:
    case Purpose::kStop:
      return;
  }
  if (overtaken) {
    Doubt(group, call.row);
  } else if (group.records[call.row].must_read) {
    group.records.Change(call.row, [](Record& record) { record.must_read = false; });  // It is settled.
    if (group.records[call.row].kind == RecordKind::kUserEvent) MarkSourceDirty(group, call.row);
  }
}

// The occurrence that was asked for by its original start, if there is one.
void OnAsked(LiveGroup& group, LiveCalendar& calendar, CallInFlight call, const EventsPage& page) {
  if (call.purpose != Purpose::kRead || !IsAskedFor(group.records[call.row])) return Doubt(group, call.row);
  CallsWork(group, calendar);
  const OriginalStart original = group.records[call.row].original_start();
  const auto shown = std::find_if(page.items.begin(), page.items.end(),
                                  [&](const EventPtr& event) { return OriginalStartOf(*event) == original; });
  if (shown == page.items.end() && page.next_page_token.has_value()) {  // Pages may be empty (C-21).
    return SendAsk(group, calendar, call.row, page.next_page_token);
  }
  if (shown == page.items.end()) return ObserveEnd(group, call.row, End::kAbsent);
  const EventId& id = (*shown)->id;
  if (!group.records[call.row].event.Equals(id.text())) {
    if (group.records.FindAt(call.calendar, id.text()).has_value()) return ObserveEnd(group, call.row, End::kAbsent);
    group.records.Move(call.row, id);
    call.event = id;
  }
  OnShown(group, calendar, call, **shown);
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

void OnEventReply(LiveGroup& group, const CallInFlight& call, const Reply& reply) {
  LiveCalendar* calendar = group.Find(call.calendar);
  CALSYNC_CHECK(calendar != nullptr);
  --calendar->event_calls;
  group.busy.erase(call.row);
  group.requeue.push_back(call.row);
  const bool went_on = !group.records[call.row].event.Equals(call.event.text());
  const bool writes = call.purpose != Purpose::kRead;
  std::visit(Overloaded{
                 [&](const EventPtr& event) {
                   CallsWork(group, *calendar);
                   if (writes) WritesWork(group, *calendar);
                   if (went_on) {
                     Observe(group, *calendar, *event, Evidence::kRead);  // By its own id: superseded.
                   } else {
                     OnShown(group, *calendar, call, *event);
                   }
                 },
                 [&](const NoContent&) {
                   CallsWork(group, *calendar);
                   if (writes) WritesWork(group, *calendar);
                   if (!went_on && call.purpose == Purpose::kDelete) ObserveDeleted(group, call.row);
                 },
                 [&](const ApiError& error) {
                   if (!went_on) OnFailure(group, *calendar, call, error);  // What was left behind is read by itself.
                 },
                 [&](const EventsPage& page) {
                   if (!went_on) OnAsked(group, *calendar, call, page);
                 },
                 // An answer to another question than ours: nothing is known.
                 [&](const Channel&) { Doubt(group, call.row); },
                 [&](const CalendarListEntry&) { Doubt(group, call.row); },
             },
             reply);
  // The block's occurrence may have been left waiting for this answer.
  if (group.records[call.row].IsBlock() && group.records[call.row].IsOccurrence()) MarkSourceOfDirty(group, call.row);
}

void SettleAbsent(LiveGroup& group, LiveCalendar& calendar) {
  std::vector<RowIndex> absent;
  absent.swap(calendar.absent);
  for (const RowIndex row : absent) {
    const Record& record = group.records[row];
    if (!record.absent) continue;
    const bool young = record.seen_s > absl::ToUnixSeconds(group.now - kYoung);
    if (young && RetryWhileYoung(group, row)) {
      group.records.Change(row, [](Record& changed) { changed.absent = false; });
    } else {
      ObserveEnd(group, row, End::kAbsent);
    }
  }
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
