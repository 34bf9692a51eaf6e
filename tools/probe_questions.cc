#include "tools/probe_questions.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "adapter/http/target.h"
#include "engine/api/recurrence.h"
#include "engine/base/status_macros.h"

namespace calsync::tools {
namespace {

using Answered = absl::StatusOr<ProbeAnswer>;

absl::Status FitsNoReading(absl::string_view what) { return absl::UnknownError(what); }

int CodeOf(const Reply& reply) {
  const auto* error = std::get_if<ApiError>(&reply);
  return error == nullptr ? 200 : error->transport == Transport::kAnswered ? error->code : 0;
}

// Nobody else's id or UID, of letters that an id may have (C-1).
std::string Fresh() {
  std::random_device device;
  return absl::StrFormat("probe%08x%08x", device(), device());
}

// The second occurrence of a daily series.
EventId SecondOf(const Event& series) {
  OriginalStart original{series.span().start + 24 * 3600, false};
  return OccurrenceId(series.id.text(), original);
}

// A series of six days whose second day was changed by hand.
absl::StatusOr<EventPtr> SeriesWithException(ProbeSession& session, int days) {
  ASSIGN_OR_RETURN(EventPtr series, session.Insert(session.ASeries(days, "RRULE:FREQ=DAILY;COUNT=6")));
  EventPatch patch;
  patch.summary = "calsync probe, an exception";
  RETURN_IF_ERROR(session.Patch(SecondOf(*series), patch).status());
  return series;
}

// How long after a write a list shows it.
Answered ListLag(ProbeSession& session) {
  absl::Duration longest;
  constexpr int kTimes = 3;
  for (int i = 0; i < kTimes; ++i) {
    ASSIGN_OR_RETURN(ProbeSession::Walked walked, session.WalkAll());
    ASSIGN_OR_RETURN(const EventPtr event, session.Insert(session.AnEvent(20 + i)));
    const absl::Time written = absl::Now();
    for (bool first = true;; first = false) {
      ASSIGN_OR_RETURN(walked, session.Walk({.sync_token = walked.token, .show_deleted = true}));
      if (walked.Find(event->id.text()) != nullptr) {
        if (!first) longest = std::max(longest, absl::Now() - written);
        break;
      }
      if (absl::Now() - written > session.options().patience) {
        return absl::DeadlineExceededError("a change that was made did not show in lists in time");
      }
      if (session.interrupted()) return absl::CancelledError("interrupted");
      session.Wait(absl::Milliseconds(100));
    }
  }
  longest = absl::Ceil(longest, absl::Milliseconds(100));
  session.set_lag(longest == absl::ZeroDuration() ? absl::Milliseconds(300) : longest * 3 / 2 + absl::Seconds(1));
  return ProbeAnswer{absl::FormatDuration(longest),
                     longest == absl::ZeroDuration()
                         ? absl::StrCat(kTimes, " changes showed in the first list after them")
                         : absl::StrCat("the slowest of ", kTimes, " changes showed after ", absl::FormatDuration(longest))};
}

Answered PropertyFilter(ProbeSession& session) {
  Event one = session.AnEvent(1), both = session.AnEvent(2);
  one.private_properties["probe1"] = both.private_properties["probe1"] = "x";
  both.private_properties["probe2"] = "y";
  ASSIGN_OR_RETURN(const ProbeSession::Walked before, session.WalkAll());
  ASSIGN_OR_RETURN(const EventPtr with_one, session.Insert(one));
  ASSIGN_OR_RETURN(const EventPtr with_both, session.Insert(both));
  RETURN_IF_ERROR(session.Changes(before.token, {with_one->id, with_both->id}).status());
  http::Request list{.method = "GET",
                     .target = absl::StrCat("calendars/", http::PercentEncode(session.options().calendar.text()),
                                            "/events?maxResults=2500&privateExtendedProperty=probe1%3Dx&"
                                            "privateExtendedProperty=probe2%3Dy&fields=items(id)")};
  const auto answer = session.CallRaw(std::move(list), 1);
  const auto* response = std::get_if<http::Response>(&answer);
  if (response == nullptr || response->status != 200) return FitsNoReading("a list with two filters was refused");
  if (!absl::StrContains(response->body, with_both->id.text()))
    return FitsNoReading("an event that matches both filters was left out");
  const bool any = absl::StrContains(response->body, with_one->id.text());
  return ProbeAnswer{any, any ? "an event that matches one of two filters is given" : "only an event that matches both is given"};
}

Answered WindowUnderToken(ProbeSession& session) {
  const absl::Time from = absl::Now() + absl::Hours(24 * 5), to = absl::Now() + absl::Hours(24 * 10);
  ASSIGN_OR_RETURN(const ProbeSession::Walked window, session.Walk({.show_deleted = true, .time_min = from, .time_max = to}));
  ASSIGN_OR_RETURN(const EventPtr before, session.Insert(session.AnEvent(2)));
  ASSIGN_OR_RETURN(const EventPtr after, session.Insert(session.AnEvent(15)));
  ASSIGN_OR_RETURN(const EventPtr within, session.Insert(session.AnEvent(7)));
  ASSIGN_OR_RETURN(const ProbeSession::Walked changes, session.Changes(window.token, {within->id}));
  const bool shows_before = changes.Find(before->id.text()) != nullptr, shows_after = changes.Find(after->id.text()) != nullptr;
  if (shows_before && shows_after) return ProbeAnswer{"ignored", "changes before and after the window show"};
  if (shows_before) return ProbeAnswer{"onlyTimeMax", "changes before the window show, those after it do not"};
  if (shows_after) return FitsNoReading("changes after the window show, those before it do not");
  return ProbeAnswer{"remembered", "changes before and after the window do not show"};
}

Answered ChangedParameters(ProbeSession& session) {
  ASSIGN_OR_RETURN(const ProbeSession::Walked walked, session.WalkAll());
  const Reply reply = session.Call(
      ListEvents{.calendar = session.options().calendar, .sync_token = walked.token, .max_results = 50, .show_deleted = true});
  const std::string seen = absl::StrCat("another page size under a sync token: ", InWords(reply));
  if (CodeOf(reply) == 200) return ProbeAnswer{"answered", seen};
  if (CodeOf(reply) == 410) return ProbeAnswer{"gone410", seen};
  if (CodeOf(reply) == 400) return ProbeAnswer{"badRequest400", seen};
  return FitsNoReading(seen);
}

Answered RemindersInDelta(ProbeSession& session) {
  ASSIGN_OR_RETURN(const ProbeSession::Walked first, session.WalkAll());
  ASSIGN_OR_RETURN(const EventPtr event, session.Insert(session.AnEvent(1)));
  ASSIGN_OR_RETURN(const ProbeSession::Walked before, session.Changes(first.token, {event->id}));
  EventPatch patch;
  patch.reminders = Reminders{false, {{"popup", 7}}};
  RETURN_IF_ERROR(session.Patch(event->id, patch).status());
  ASSIGN_OR_RETURN(const EventPtr fence, session.Insert(session.AnEvent(2)));
  ASSIGN_OR_RETURN(const ProbeSession::Walked changes, session.Changes(before.token, {fence->id}));
  const bool shows = changes.Find(event->id.text()) != nullptr;
  return ProbeAnswer{shows, shows ? "an event whose reminders alone changed shows" : "such an event does not show"};
}

Answered Collision(ProbeSession& session) {
  Event event = session.AnEvent(1);
  event.id = EventId(Fresh());
  RETURN_IF_ERROR(session.Insert(event).status());
  const absl::Time made = absl::Now();
  absl::Duration accepted = absl::ZeroDuration();
  bool any = false;
  while (true) {
    const absl::Duration age = absl::Now() - made;
    const Reply reply = session.Call(InsertEvent{session.options().calendar, event});
    if (CodeOf(reply) == 409) break;
    if (CodeOf(reply) != 200) return FitsNoReading(absl::StrCat("a second insert of one id: ", InWords(reply)));
    any = true;
    accepted = absl::Ceil(age + absl::Milliseconds(500), absl::Seconds(1));
    if (age > session.options().patience) {
      return FitsNoReading(absl::StrCat("a second insert of one id is still accepted after ", absl::FormatDuration(age)));
    }
    session.Wait(absl::Milliseconds(500));
    if (session.interrupted()) return absl::CancelledError("interrupted");
  }
  return ProbeAnswer{absl::FormatDuration(accepted), any ? absl::StrCat("a second insert of one id was accepted until about ",
                                                                        absl::FormatDuration(accepted), " after the first")
                                                         : "a second insert of one id was refused at once: 409"};
}

Answered OmittedSequence(ProbeSession& session) {
  ASSIGN_OR_RETURN(const EventPtr event, session.Insert(session.AnEvent(1)));
  EventPatch patch;
  patch.start = EventTime::At(event->start.instant + absl::Hours(1), "UTC");
  patch.end = EventTime::At(event->end.instant + absl::Hours(1), "UTC");
  ASSIGN_OR_RETURN(const EventPtr moved, session.Patch(event->id, patch));
  // The client does not read it: nothing of ours depends on it.
  const auto answer =
      session.CallRaw({.method = "GET",
                       .target = absl::StrCat("calendars/", http::PercentEncode(session.options().calendar.text()), "/events/",
                                              event->id.text(), "?fields=sequence")},
                      1);
  const auto* response = std::get_if<http::Response>(&answer);
  if (response == nullptr || response->status != 200) return FitsNoReading("the event could not be read");
  const auto read = nlohmann::json::parse(response->body, nullptr, /*allow_exceptions=*/false);
  if (!read.is_object() || read.value("sequence", 0) == 0) {
    return FitsNoReading("`sequence` stayed 0 when the times changed, so that there is none to omit");
  }
  Event body = session.AnEvent(1);
  body.start = moved->start;
  body.end = moved->end;
  body.summary += ", replaced";
  const Reply reply = session.Call(UpdateEvent{session.options().calendar, event->id, body, std::nullopt, SendUpdates::kNone});
  const std::string seen = absl::StrCat("a PUT without `sequence` over an event that has one: ", InWords(reply));
  if (CodeOf(reply) == 200) return ProbeAnswer{false, seen};
  if (CodeOf(reply) == 400) return ProbeAnswer{true, seen};
  return FitsNoReading(seen);
}

Answered IdenticalWrite(ProbeSession& session) {
  ASSIGN_OR_RETURN(const EventPtr event, session.Insert(session.AnEvent(1)));
  EventPatch patch;
  patch.summary = event->summary;
  ASSIGN_OR_RETURN(const EventPtr again, session.Patch(event->id, patch));
  const bool changes = again->etag != event->etag;
  return ProbeAnswer{changes,
                     changes ? "a patch that changes nothing gives a new etag" : "a patch that changes nothing keeps the etag"};
}

Answered WriteToCancelled(ProbeSession& session) {
  ASSIGN_OR_RETURN(const EventPtr event, session.Insert(session.AnEvent(1)));
  RETURN_IF_ERROR(session.Delete(event->id));
  EventPatch patch;
  patch.status = EventStatus::kConfirmed;
  const Reply reply = session.Call(PatchEvent{session.options().calendar, event->id, patch, std::nullopt, SendUpdates::kNone});
  const std::string seen = absl::StrCat("`status` confirmed, patched into an event just deleted: ", InWords(reply));
  if (CodeOf(reply) == 200) {
    const bool live = !std::get<EventPtr>(reply)->IsCancelled();
    return live ? Answered(ProbeAnswer{"revives", seen})
                : Answered(FitsNoReading(absl::StrCat(seen, ", and it stays cancelled")));
  }
  if (CodeOf(reply) == 403) return ProbeAnswer{"forbidden403", seen};
  if (CodeOf(reply) == 404) return ProbeAnswer{"notFound404", seen};
  if (CodeOf(reply) == 410) return ProbeAnswer{"gone410", seen};
  return FitsNoReading(seen);
}

Answered KnownUidImport(ProbeSession& session) {
  Event event = session.AnEvent(1);
  event.ical_uid = ICalUid(absl::StrCat(Fresh(), "@calsync.invalid"));
  event.organizer.email = session.options().calendar.str();
  const auto import = [&] {
    Reply reply = session.Call(ImportEvent{session.options().calendar, event});
    if (const auto* made = std::get_if<EventPtr>(&reply)) session.Remember(session.options().calendar, (*made)->id);
    return reply;
  };
  const Reply first = import();
  if (CodeOf(first) != 200) return FitsNoReading(absl::StrCat("an import: ", InWords(first)));
  event.summary += ", imported again";
  const Reply again = import();
  const std::string seen = absl::StrCat("an import with a known iCalUID: ", InWords(again));
  if (CodeOf(again) == 409) return ProbeAnswer{"conflict409", seen};
  if (CodeOf(again) == 400) return ProbeAnswer{"sequence400", seen};
  if (CodeOf(again) != 200) return FitsNoReading(seen);
  const bool same = std::get<EventPtr>(again)->id == std::get<EventPtr>(first)->id;
  return same ? Answered(ProbeAnswer{"updates", seen}) : Answered(FitsNoReading(absl::StrCat(seen, ", as a second event")));
}

Answered MoveKeepsPrivate(ProbeSession& session) {
  const CalendarId& second = session.options().second;
  if (second.empty()) return absl::FailedPreconditionError("it needs another scratch calendar: --second ID");
  Event event = session.AnEvent(1);
  event.private_properties["probe"] = "x";
  ASSIGN_OR_RETURN(const EventPtr made, session.Insert(event));
  const Reply moved = session.Call(MoveEvent{session.options().calendar, made->id, second});
  session.Remember(second, made->id);
  if (CodeOf(moved) != 200) return FitsNoReading(absl::StrCat("a move to another calendar: ", InWords(moved)));
  const Reply there = session.Call(GetEvent{second, std::get<EventPtr>(moved)->id});
  const auto* shown = std::get_if<EventPtr>(&there);
  if (shown == nullptr) return FitsNoReading(absl::StrCat("the moved event, read: ", InWords(there)));
  const bool kept = (*shown)->private_properties.contains("probe");
  return ProbeAnswer{kept, kept ? "a moved event keeps its private properties" : "a moved event has lost its private properties"};
}

Answered StrandedExceptions(ProbeSession& session) {
  ASSIGN_OR_RETURN(const EventPtr series, SeriesWithException(session, 3));
  EventPatch patch;
  patch.recurrence = std::vector<std::string>{"RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3"};
  RETURN_IF_ERROR(session.Patch(series->id, patch).status());
  const Reply reply = session.Call(GetEvent{session.options().calendar, SecondOf(*series)});
  const std::string what = "an exception that its series does not give any more, read";
  if (CodeOf(reply) == 404 || CodeOf(reply) == 410) return ProbeAnswer{"dropped", absl::StrCat(what, ": ", InWords(reply))};
  if (CodeOf(reply) != 200) return FitsNoReading(absl::StrCat(what, ": ", InWords(reply)));
  const bool cancelled = std::get<EventPtr>(reply)->IsCancelled();
  return ProbeAnswer{cancelled ? "cancelled" : "orphans", absl::StrCat(what, cancelled ? ": cancelled" : ": as it was")};
}

Answered TokenUses(ProbeSession& session) {
  constexpr int kUses = 6;
  ASSIGN_OR_RETURN(const ProbeSession::Walked walked, session.WalkAll());
  for (int uses = 0; uses < kUses; ++uses) {
    const Reply reply =
        session.Call(ListEvents{.calendar = session.options().calendar, .sync_token = walked.token, .show_deleted = true});
    if (CodeOf(reply) == 410 && uses > 0) return ProbeAnswer{uses, absl::StrCat("one sync token was good ", uses, " times")};
    if (CodeOf(reply) != 200) return FitsNoReading(absl::StrCat("a list from a fresh sync token: ", InWords(reply)));
  }
  return ProbeAnswer{0, absl::StrCat("one sync token was good ", kUses, " times, and would have been more often")};
}

Answered TombstoneForm(ProbeSession& session) {
  ASSIGN_OR_RETURN(const ProbeSession::Walked first, session.WalkAll());
  ASSIGN_OR_RETURN(const EventPtr event, session.Insert(session.AnEvent(1)));
  ASSIGN_OR_RETURN(const ProbeSession::Walked before, session.Changes(first.token, {event->id}));
  RETURN_IF_ERROR(session.Delete(event->id));
  RETURN_IF_ERROR(session.Changes(before.token, {event->id}).status());
  ASSIGN_OR_RETURN(const ProbeSession::Walked all, session.WalkAll());
  const Event* const row = all.Find(event->id.text());
  if (row == nullptr) return ProbeAnswer{"deltaOnly", "a deleted event shows in deltas, and not in a full list"};
  if (!row->IsCancelled()) return FitsNoReading("a full list shows a deleted event as live");
  return row->summary.empty() ? ProbeAnswer{"stub", "a full list shows a deleted event as a stub"}
                              : ProbeAnswer{"details", "a full list shows a deleted event with its details"};
}

Answered BatchMax(ProbeSession& session) {
  constexpr int kLess = 50, kMore = 1000;  // The contract's readings.
  std::string body;
  const std::string path =
      absl::StrCat("/calendar/v3/calendars/", http::PercentEncode(session.options().calendar.text()), "/events/");
  for (int i = 0; i <= kLess; ++i) {
    absl::StrAppend(&body, "--part\r\nContent-Type: application/http\r\nContent-ID: <", i, ">\r\n\r\nGET ", path, "calsyncprobe",
                    i, "\r\n\r\n");
  }
  absl::StrAppend(&body, "--part--\r\n");
  http::Request batch{.method = "POST", .target = "/batch/calendar/v3?prettyPrint=false", .body = std::move(body)};
  batch.headers.Add("Content-Type", "multipart/mixed; boundary=part");
  const auto answer = session.CallRaw(std::move(batch), kLess + 1);
  const auto* response = std::get_if<http::Response>(&answer);
  if (response == nullptr) return FitsNoReading("a batch was not answered");
  const std::string seen = absl::StrCat("a batch of ", kLess + 1, " calls: ", response->status);
  if (response->status == 200) return ProbeAnswer{kMore, absl::StrCat(seen, "; ", kMore, " is what the contract says then")};
  if (response->status == 400 || response->status == 413) return ProbeAnswer{kLess, seen};
  return FitsNoReading(seen);
}

Answered TagBudget(ProbeSession& session) {
  constexpr size_t kTooMany = 301;
  Event event = session.AnEvent(1);
  while (event.private_properties.size() < kTooMany) {
    event.private_properties[absl::StrCat("probe", event.private_properties.size())] = "x";
  }
  Reply reply = session.Call(InsertEvent{session.options().calendar, event});
  const auto* made = std::get_if<EventPtr>(&reply);
  if (made != nullptr) session.Remember(session.options().calendar, (*made)->id);
  const std::string seen = absl::StrCat("an event with ", kTooMany, " properties: ", InWords(reply));
  if (CodeOf(reply) == 400) return ProbeAnswer{false, seen};
  if (made == nullptr) return FitsNoReading(seen);
  const size_t stored = (*made)->private_properties.size();
  if (stored == kTooMany) return FitsNoReading(absl::StrCat(seen, ", with all of them"));
  return ProbeAnswer{true, absl::StrCat(seen, ", with ", stored, " of them")};
}

Answered DeletedSeries(ProbeSession& session) {
  ASSIGN_OR_RETURN(const ProbeSession::Walked first, session.WalkAll());
  ASSIGN_OR_RETURN(const EventPtr series, SeriesWithException(session, 3));
  ASSIGN_OR_RETURN(const ProbeSession::Walked before, session.Changes(first.token, {series->id, SecondOf(*series)}));
  RETURN_IF_ERROR(session.Delete(series->id));
  ASSIGN_OR_RETURN(const ProbeSession::Walked changes, session.Changes(before.token, {series->id}));
  const bool lists = changes.Find(SecondOf(*series).text()) != nullptr;
  return ProbeAnswer{lists,
                     lists ? "the delta after a series was deleted has its exception, too" : "that delta has the master alone"};
}

Answered CancelledOccurrences(ProbeSession& session) {
  ASSIGN_OR_RETURN(const ProbeSession::Walked first, session.WalkAll());
  ASSIGN_OR_RETURN(const EventPtr series, session.Insert(session.ASeries(3, "RRULE:FREQ=DAILY;COUNT=6")));
  const EventId second = SecondOf(*series);
  RETURN_IF_ERROR(session.Delete(second));
  RETURN_IF_ERROR(session.Changes(first.token, {series->id, second}).status());
  ASSIGN_OR_RETURN(const ProbeSession::Walked all, session.WalkAll());
  const bool left_out = all.Find(second.text()) == nullptr;
  return ProbeAnswer{left_out,
                     left_out ? "a full list leaves out a cancelled occurrence" : "a full list shows a cancelled occurrence"};
}

}  // namespace

const std::vector<ProbeQuestion>& ProbeQuestions() {
  static constexpr char kTakesDays[] = "it takes days, or longer";
  static const auto& questions = *new std::vector<ProbeQuestion>{
      {"K-12", "listLag", "How long after a write does a list show it?", ListLag},
      {"K-1", "anyPropertyMatches", "Of two filters by private property, is one match enough?", PropertyFilter},
      {"K-2", "windowUnderToken", "Does a sync token remember timeMin and timeMax?", WindowUnderToken},
      {"K-3", "changedParameters", "What of another page size under a sync token?", ChangedParameters},
      {"K-4", "remindersInDelta", "Does a change of reminders alone show in a delta?", RemindersInDelta},
      {"K-5", "collisionUnseenFor", "For how long is a second insert of an id accepted?", Collision},
      {"K-6", "omittedSequenceIsZero", "Does a PUT without `sequence` count as 0?", OmittedSequence},
      {"K-7", "identicalWriteChanges", "Does a write that changes nothing give a new etag?", IdenticalWrite},
      {"K-8", "writeToCancelled", "What does a write to a deleted event do?", WriteToCancelled},
      {"K-8", "reviveWithin", "Until how long after a deletion can it be revived?", nullptr, kTakesDays},
      {"K-8", "purgedIs410", "Is a purged event 404 or 410?", nullptr, "events are purged about 30 days after they were deleted"},
      {"K-9", "knownUidImport", "What does an import with a known iCalUID do?", KnownUidImport},
      {"K-10", "moveKeepsPrivate", "Does a moved event keep its private properties?", MoveKeepsPrivate},
      {"K-10", "", "Do copies that people make keep private properties?", nullptr, "only Google's own user interface makes them"},
      {"K-11", "strandedExceptions", "What becomes of exceptions that their series gives no more?", StrandedExceptions},
      {"K-13", "sendsAfterStop", "How late, doubled or lost are notifications, and do they come after a stop?", nullptr,
       "it needs a public address that Google posts to"},
      {"K-14", "syncTokenUses", "How often is a sync token good?", TokenUses},
      {"K-14", "syncTokenLifetime", "How long does a sync token live?", nullptr, kTakesDays},
      {"K-14", "randomTokenLifetime", "Do sync tokens die at random?", nullptr, kTakesDays},
      {"K-14", "pageTokenLifetime", "How long does a page token live?", nullptr, kTakesDays},
      {"K-15", "tombstone", "What do lists show of a deleted event?", TombstoneForm},
      {"K-15", "tombstoneLifetime", "For how long?", nullptr, kTakesDays},
      {"K-16", "quotaAnswer", "How does a quota say no?", nullptr,
       "it would use up the quota of the person, and of all who use the same Google client"},
      {"K-17", "batchMax", "How many calls may one batch have?", BatchMax},
      {"K-18", "tagBudgetSilent", "What of too many private properties?", TagBudget},
      {"K-19", "deletedSeriesListsExceptions", "Does the delta after a series was deleted list its exceptions?", DeletedSeries},
      {"K-20", "splitIdsDerived", "What ids have occurrences after a person split their series?", nullptr,
       "only Google's own user interface splits a series"},
      {"K-21", "purgedIdFree", "Can the id of a purged event be used again?", nullptr,
       "events are purged about 30 days after they were deleted"},
      {"K-22", "cancelledOccurrencesLeftOut", "Does a full list show cancelled occurrences?", CancelledOccurrences},
      {"K-23", "", "Does a delta ever skip a change?", nullptr, "if it does, then so rarely that no try would meet it"},
  };
  return questions;
}

}  // namespace calsync::tools
