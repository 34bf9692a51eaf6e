#include "engine/decide/answers.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/decide/block_occurrences.h"
#include "engine/decide/breaker.h"
#include "engine/decide/desired.h"
#include "engine/decide/evidence.h"
#include "engine/decide/legacy.h"
#include "engine/decide/observe.h"
#include "engine/decide/observe_block.h"
#include "engine/decide/occurrences.h"
#include "engine/decide/passes.h"
#include "engine/decide/reconcile.h"
#include "engine/decide/retry.h"
#include "engine/decide/writing.h"

namespace calsync {
namespace {

using Purpose = CallInFlight::Purpose;
using Status = RecordStatus;

// Refused for good: nothing is sent again until a mirrored field, policy or role changes (S-14), also while no engine runs, or
// while the call was under way.
void Park(LiveGroup& group, const CallInFlight& call, const ApiError& error) {
  const std::string reason = absl::StrCat(error.code, " ", error.reason);
  group.records.Change(call.row, [&](Record& record) {
    if (record.status == Status::kCreating) record.status = Follow(record.status, RecordEvent::kRefused);
    record.hold = Hold::kParked;
    record.held_for = call.content;
    record.reason = SharedText(reason);
  });
  group.Audit(AuditKind::kParked, group.records[call.row], reason);
  const Record* source = SourceOf(group, group.records[call.row]);
  const bool changed = source != nullptr && ContentFingerprintFor(group, *source, call.calendar) != call.content;
  if (changed) MarkSourceOfDirty(group, call.row);  // What it shows by now was never refused.
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

// The call failed, and will be sent again.
void SendAgainLater(LiveGroup& group, const CallInFlight& call) {
  if (call.purpose != Purpose::kRead) ExplainWrites(group, 1);
  RetryLater(group, call.row);
}

// Refused since the event is not what we take it for. It is read, and what is owed then is written. Noise repeats (contract 3.5),
// and a read that lags shows for a while what was refused (S-7): each time after a longer one.
void ReadAndWriteAgain(LiveGroup& group, const CallInFlight& call) {
  Doubt(group, call.row);
  if (call.purpose != Purpose::kRead) ExplainWrites(group, 1);
  if (call.heard.has_value()) return;  // There is another version.
  if (call.purpose == Purpose::kRead) return RetryLater(group, call.row);
  RefusedWrites& refused = group.refused[call.row];
  if (!(refused.etag == group.records[call.row].etag)) refused = {group.records[call.row].etag, 0};
  refused.count = std::min(refused.count + 1, 1000);
  RestRow(group, call.row, refused.count);
}

bool RemovesGuestsAlone(const CallInFlight& call) { return call.purpose == Purpose::kUpdate && call.content == 0; }

void Refused(LiveGroup& group, const CallInFlight& call, const ApiError& error) {
  switch (call.purpose) {
    case Purpose::kTag:
      return GiveUpTag(group, call.row, error);
    case Purpose::kInsert:
    case Purpose::kUpdate:
      // Guests never stay (L6), whatever else is decided of the block.
      if (RemovesGuestsAlone(call)) return SendAgainLater(group, call);
      NotSent(group, call.row, call.purpose);
      return Park(group, call, error);
    case Purpose::kRead:
    case Purpose::kDelete:
      return SendAgainLater(group, call);
    case Purpose::kList:
    case Purpose::kWatch:
    case Purpose::kStop:
      break;
  }
  CALSYNC_CHECK(false && "not an event call");
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
      return SendAgainLater(group, call);
    case Purpose::kDelete:  // A lost calendar says so too: a read, and then a listing, tell.
    case Purpose::kUpdate:
    case Purpose::kTag:
      return ReadAndWriteAgain(group, call);
    case Purpose::kList:
    case Purpose::kWatch:
    case Purpose::kStop:
      break;
  }
  CALSYNC_CHECK(false && "not an event call");
}

// The next listing tells the role.
void AskForRole(LiveGroup& group, LiveCalendar& calendar) {
  calendar.refused = true;
  group.MarkDirty(calendar, absl::ZeroDuration());
}

// What a failed call says of its calendar, whatever became of its row meanwhile: which calls rest.
void RestAfter(LiveGroup& group, LiveCalendar& calendar, const CallInFlight& call, const ApiError& error) {
  const bool reads = call.purpose == Purpose::kRead;
  switch (FailureOf(KindOf(call.purpose), error)) {
    case Failure::kRefusedForNow:
      if (error.code == 401 && calendar.row.failures >= kUnauthorizedMax) group.MarkDirty(calendar, absl::ZeroDuration());
      return RestCalls(group, calendar, error.retry_after);
    case Failure::kAmbiguous:
      return RestCalls(group, calendar, error.retry_after);
    case Failure::kUsageLimit:
      if (reads) return RestCalls(group, calendar, error.retry_after);
      group.Edit(calendar).writes_rest_until = group.now + kUsageLimitRest;
      return;
    case Failure::kNoAccess:
      // No right to write here, or not any more: the next listing tells the role. A grant that was narrowed tells nothing when it
      // is widened again, so the writes of the calendar rest, and then one is tried.
      AskForRole(group, calendar);
      if (!reads) group.Edit(calendar).writes_rest_until = group.now + kUsageLimitRest;
      return;
    case Failure::kIdTaken:
    case Failure::kStale:
    case Failure::kGone:
    case Failure::kNotFound:
    case Failure::kForbidden:
    case Failure::kSyncTokenInvalid:
    case Failure::kRejected:
      return;
  }
}

// It left in vain, and is owed as before.
void StaysOwed(LiveGroup& group, const CallInFlight& call) {
  NotSent(group, call.row, call.purpose);
  if (call.purpose != Purpose::kRead) ExplainWrites(group, 1);  // It will be sent again.
  // Else ten answers that there were too many calls end the fight with somebody who edited once (small legacy seed 16304405).
  if (call.restores || RemovesGuestsAlone(call)) TakeBackFight(group, call.row);
}

// Not allowed for this event.
void Forbidden(LiveGroup& group, LiveCalendar& calendar, const CallInFlight& call, const ApiError& error) {
  NotSent(group, call.row, call.purpose);
  AskForRole(group, calendar);
  if (group.records[call.row].attempts >= kRefusalsMax && call.purpose != Purpose::kRead && call.purpose != Purpose::kDelete) {
    return Refused(group, call, error);
  }
  SendAgainLater(group, call);
}

// Google does not let a cancelled occurrence of a block come back (K-8).
bool CannotComeBack(const Record& record, const CallInFlight& call, Failure failure) {
  const bool brings_back = call.purpose == Purpose::kUpdate && record.IsOccurrence() && record.taken;
  return brings_back && (failure == Failure::kForbidden || failure == Failure::kNotFound || failure == Failure::kGone ||
                         failure == Failure::kRejected);
}

void OnFailure(LiveGroup& group, LiveCalendar& calendar, const CallInFlight& call, const ApiError& error) {
  const Failure failure = FailureOf(KindOf(call.purpose), error);
  const std::string words = WordsOf(failure, error);
  group.Audit(AuditKind::kCallFailed, group.records[call.row], words);
  NoteFailure(group, words);
  if (CannotComeBack(group.records[call.row], call, failure)) {
    if (!LoseOccurrence(group, call.row)) Park(group, call, error);
    return;
  }
  switch (failure) {
    case Failure::kRefusedForNow:
    case Failure::kUsageLimit:
      return StaysOwed(group, call);
    case Failure::kNoAccess:
      StaysOwed(group, call);
      if (call.purpose == Purpose::kRead) RetryLater(group, call.row);
      return;
    case Failure::kAmbiguous:
      if (call.purpose != Purpose::kRead) {
        ExplainWrites(group, 1);
        Doubt(group, call.row);
      }
      if (call.purpose == Purpose::kInsert) group.records.Change(call.row, [](Record& record) { record.ambiguous = true; });
      return;
    case Failure::kIdTaken:
      if (call.purpose != Purpose::kInsert) return ReadAndWriteAgain(group, call);
      Doubt(group, call.row);
      group.records.Change(call.row, [](Record& record) { record.taken = true; });
      return;
    case Failure::kStale:
      if (call.purpose == Purpose::kTag) {
        group.records.Change(call.row, [](Record& record) { ++record.tag_attempts; });
        if (group.records[call.row].tag_attempts >= kTagAttemptsMax) GiveUpTag(group, call.row, error);
      }
      return ReadAndWriteAgain(group, call);
    case Failure::kGone:
      if (call.purpose == Purpose::kDelete) return ObserveDeleted(group, call.row);
      if (call.purpose == Purpose::kRead) return ObserveEnd(group, call.row, End::kCancelled);
      return ReadAndWriteAgain(group, call);
    case Failure::kNotFound:
      return NotFound(group, calendar, call);
    case Failure::kForbidden:
      return Forbidden(group, calendar, call, error);
    case Failure::kSyncTokenInvalid:
    case Failure::kRejected:
      return Refused(group, call, error);
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
  const bool overtaken = call.heard.has_value() && *call.heard != event.etag.text();
  switch (call.purpose) {
    case Purpose::kRead:
      if (group.records[call.row].IsBlock() && IsOfAnotherSeries(group.records[call.row], event)) {
        LoseOccurrence(group, call.row);
      } else if (event.IsCancelled()) {
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
      if (was_creating) {
        group.Audit(AuditKind::kBlockCreated, group.records[call.row]);
        NoteFollowed(group, call.row);
      }
      CompareDetections(group, call.calendar, event, Verdict::kOwnBlock);
      break;
    }
    case Purpose::kUpdate:
      if (RemovesGuestsAlone(call)) {
        Observe(group, calendar, event, Evidence::kRead);  // Guests removed; the content is not ours to vouch for.
      } else {
        ObserveWritten(group, call.row, event, call.content, call.span);
      }
      group.Audit(call.restores ? AuditKind::kBlockRestored : AuditKind::kBlockUpdated, group.records[call.row]);
      if (!call.restores) NoteFollowed(group, call.row);
      break;
    case Purpose::kTag:
      Observe(group, calendar, event, Evidence::kAnswer);
      if (group.records[call.row].tag == TagState::kWritten) {
        group.Audit(AuditKind::kTagWritten, group.records[call.row]);
        break;
      }
      group.records.Change(call.row, [](Record& record) { ++record.tag_attempts; });
      if (group.records[call.row].tag_attempts >= kTagAttemptsMax) {  // Answered 200, and the key is not there (V17).
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

// A lag may explain what is not shown of the event, or by it (S-7). A time that lies ahead is of a clock that did; who waits for
// it is bounded by attempts as well (seed 4317881 with three workers).
bool IsYoung(const LiveGroup& group, const Record& record) { return record.seen_s >= absl::ToUnixSeconds(group.now - kYoung); }

// A block that is to be deleted and was never seen: its insert may still be under way, and nobody would look for it again if it
// arrived (seed 7214296).
bool MayArrive(const Record& record) {
  return record.IsBlock() && record.status == Status::kDeleting && record.sent && record.etag.empty();
}

// An occurrence that was asked for turned out to be known, under another id (K-20): `asked` ends, and what answered to it answers
// to `known`.
void HandOver(LiveGroup& group, RowIndex asked, RowIndex known) {
  ObserveEnd(group, asked, End::kAbsent);
  if (group.records[known].kind == RecordKind::kUserEvent) {
    HandOverOccurrences(group, asked, known);
    MarkSourceDirty(group, known);
  }
  group.records.Change(asked, [](Record& record) {  // It never was one: nothing is to be learned from its end.
    record.master = SharedText();
    record.original = 0;
    record.original_all_day = record.plain = false;
  });
}

// Google did what a write asked for.
void CarriedOut(LiveGroup& group, LiveCalendar& calendar, RowIndex row) {
  WritesWork(group, calendar);
  group.refused.erase(row);
}

// A read was answered, and the row owes the very same one, for the answer has no etag, say: each time after a longer while (L8).
void RestIfUnsettled(LiveGroup& group, RowIndex row, uint8_t attempts_before) {
  if (group.records[row].must_read || OwedBy(group, row) != Owed::kRead) return;
  group.records.Change(row, [&](Record& record) { record.attempts = attempts_before; });
  RetryLater(group, row);
}

// The occurrence that was asked for by its original start, if there is one.
void OnAsked(LiveGroup& group, LiveCalendar& calendar, CallInFlight call, const EventsPage& page) {
  if (call.purpose != Purpose::kRead || !IsAskedFor(group.records[call.row])) return Doubt(group, call.row);
  CallsWork(group, calendar);
  if (call.heard.has_value()) return Doubt(group, call.row);  // It may be another series' by now.
  const OriginalStart original = group.records[call.row].original_start();
  const auto shown = std::find_if(page.items.begin(), page.items.end(),
                                  [&](const EventPtr& event) { return OriginalStartOf(*event) == original; });
  if (shown == page.items.end() && page.next_page_token.has_value()) {  // Pages may be empty (C-21).
    return SendAsk(group, calendar, call.row, page.next_page_token);
  }
  if (shown == page.items.end()) {  // Or the view lags behind a change of its series (seed 4819248).
    const std::optional<RowIndex> master = MasterOf(group, group.records[call.row]);
    const bool may_lag = master.has_value() && IsYoung(group, group.records[*master]);
    if (may_lag && RetryWhileYoung(group, call.row)) return;
    // Or its series is not there any more, and may be back before anybody hears of that (seed 7240581).
    if (master.has_value() && group.records[call.row].IsLiveUserEvent()) Doubt(group, *master);
    return ObserveEnd(group, call.row, End::kAbsent);
  }
  const EventId& id = (*shown)->id;
  if (!group.records[call.row].event.Equals(id.text())) {
    if (const std::optional<RowIndex> known = group.records.FindAt(call.calendar, id.text())) {
      HandOver(group, call.row, *known);
      Observe(group, calendar, **shown, Evidence::kRead);
      return;
    }
    group.records.Move(call.row, id);
    call.event = id;
  }
  OnShown(group, calendar, call, **shown);
}

}  // namespace

void OnEventReply(LiveGroup& group, const CallInFlight& call, const Reply& reply) {
  LiveCalendar* calendar = group.Find(call.calendar);
  CALSYNC_CHECK(calendar != nullptr);
  --calendar->event_calls;
  group.busy.erase(call.row);
  group.requeue.push_back(call.row);
  const bool went_on = !group.records[call.row].event.Equals(call.event.text());
  const bool writes = call.purpose != Purpose::kRead;
  const uint8_t attempts = group.records[call.row].attempts;
  std::visit(Overloaded{
                 [&](const EventPtr& event) {
                   CallsWork(group, *calendar);
                   if (writes) CarriedOut(group, *calendar, call.row);
                   if (went_on) {
                     Observe(group, *calendar, *event, Evidence::kRead);  // By its own id: superseded.
                   } else {
                     OnShown(group, *calendar, call, *event);
                     if (!writes) RestIfUnsettled(group, call.row, attempts);
                   }
                 },
                 [&](const NoContent&) {
                   CallsWork(group, *calendar);
                   if (writes) CarriedOut(group, *calendar, call.row);
                   if (!went_on && call.purpose == Purpose::kDelete) ObserveDeleted(group, call.row);
                 },
                 [&](const ApiError& error) {
                   ++group.Edit(*calendar).counters.errors;
                   RestAfter(group, *calendar, call, error);
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
  // What was to become of a block's occurrence, or of a block that has some, may have waited for it (small seed 8072342).
  const Record& record = group.records[call.row];
  if (!record.IsBlock()) return;
  const bool has_some = group.records.HasWithMaster(record.calendar, record.event.view());
  if (record.IsOccurrence() || has_some) MarkSourceOfDirty(group, call.row);
}

void SettleAbsent(LiveGroup& group, LiveCalendar& calendar) {
  std::vector<RowIndex> absent;
  absent.swap(calendar.absent);
  for (const RowIndex row : absent) {
    const Record& record = group.records[row];
    if (!record.absent) continue;
    // What went with its block while it was read is not asked for again; its source waits (seed 16200552 with two workers).
    const bool is_over = record.status == Status::kDeleted && !record.must_read;
    if (!is_over && (IsYoung(group, record) || MayArrive(record)) && RetryWhileYoung(group, row)) {
      group.records.Change(row, [](Record& changed) { changed.absent = false; });
    } else {
      ObserveEnd(group, row, record.cancelled ? End::kCancelled : End::kAbsent);
    }
  }
}

}  // namespace calsync
