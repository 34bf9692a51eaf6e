// What an engine is given and what it answers, member by member: the one list that the writer and the reader of traces go by.
//
// Describe(a, value) calls a("name", value.member) for each member; a.Always(…) where the usual value is not the empty one, so
// that what a file leaves out is empty. Names are those of docs/trace-format.md.

#ifndef CALSYNC_ADAPTER_TRACE_DESCRIBE_H_
#define CALSYNC_ADAPTER_TRACE_DESCRIBE_H_

#include <array>
#include <concepts>
#include <type_traits>

#include "engine/api/calls.h"
#include "engine/host/audit.h"
#include "engine/host/effect.h"
#include "engine/host/input.h"
#include "engine/state/group.h"
#include "engine/state/policy.h"
#include "engine/state/record.h"
#include "engine/state/zones.h"

namespace calsync::adapter {

// A value to write is const, one to read is not.
template <class Value, class T>
concept Is = std::same_as<std::remove_const_t<Value>, T>;

// ---- Words of closed sets, in their order ----

template <class Enum>
inline constexpr std::array<const char*, 0> kWords{};
template <>
inline constexpr std::array kWords<EventTime::Kind>{"absent", "date", "dateTime"};
template <>
inline constexpr std::array kWords<EventStatus>{"confirmed", "tentative", "cancelled"};
template <>
inline constexpr std::array kWords<Transparency>{"opaque", "transparent"};
template <>
inline constexpr std::array kWords<Visibility>{"default", "public", "private", "confidential"};
template <>
inline constexpr std::array kWords<ResponseStatus>{"needsAction", "declined", "tentative", "accepted"};
template <>
inline constexpr std::array kWords<EventType>{"default",     "birthday",        "focusTime", "fromGmail",
                                              "outOfOffice", "workingLocation", "unknown"};
template <>
inline constexpr std::array kWords<AccessRole>{"none",   "freeBusyReader", "reader", "writerWithoutPrivateAccess",
                                               "writer", "owner",          "unknown"};
template <>
inline constexpr std::array kWords<SendUpdates>{"all", "externalOnly", "none"};
template <>
inline constexpr std::array kWords<Transport>{"answered", "notSent", "timeout", "reset", "unreadable"};
template <>
inline constexpr std::array kWords<ResourceState>{"sync", "exists", "notExists"};
template <>
inline constexpr std::array kWords<SettleLegacy::As>{"persons", "block"};
template <>
inline constexpr std::array kWords<LinkState>{"enabled", "disabled", "removed"};
template <>
inline constexpr std::array kWords<OnBlockEdited>{"restore", "keep"};
template <>
inline constexpr std::array kWords<OnBlockDeleted>{"respect", "recreate"};
template <>
inline constexpr std::array kWords<TagUserEvents>{"lazy", "off"};
template <>
inline constexpr std::array kWords<AlreadyBusy>{"none", "exact"};
template <>
inline constexpr std::array kWords<Detection>{"uuid", "hybrid", "text"};
template <>
inline constexpr std::array kWords<ChannelStatus>{"planned", "live", "stopping"};
template <>
inline constexpr std::array kWords<RecordKind>{"userEvent", "block", "seen"};
template <>
inline constexpr std::array kWords<RecordStatus>{"synced",   "gone",    "creating", "created",
                                                 "deleting", "deleted", "failed",   "seen"};
template <>
inline constexpr std::array kWords<Blocking>{"blocks", "free", "declined", "typeNotBusy", "noTime"};
template <>
inline constexpr std::array kWords<Answer>{"none", "needsAction", "declined", "tentative", "accepted"};
template <>
inline constexpr std::array kWords<TagState>{"owed", "written", "givenUp"};
template <>
inline constexpr std::array kWords<Hold>{"none", "respectedDeletion", "keptEdit", "parked"};
template <>
inline constexpr std::array kWords<SeenAs>{"undecided",  "copyOfBlock", "externalBlock", "surplusBlock",
                                           "movedBlock", "fragment",    "noSuchEvent",   "textMarked"};

// ---- Names of alternatives, in their order ----

template <class Variant>
inline constexpr std::array<const char*, 0> kAlternatives{};
template <>
inline constexpr std::array kAlternatives<Request>{"list", "get",    "insert", "patch", "update",      "delete",
                                                   "move", "import", "watch",  "stop",  "getCalendar", "instances"};
template <>
inline constexpr std::array kAlternatives<Reply>{"page", "event", "noContent", "channel", "calendar", "error"};
template <>
inline constexpr std::array kAlternatives<OperatorCommand>{"reconfigure", "resumeWrites", "confirmSweep",
                                                           "walkAgain",   "adoptLegacy",  "settleLegacy"};
template <>
inline constexpr std::array kAlternatives<Input>{"started", "notification", "reply", "timer", "command"};
template <>
inline constexpr std::array kAlternatives<Effect>{"commit", "call", "timer"};

// ---- What Google says ----

template <class A, Is<EventTime> T>
void Describe(A& a, T& v) {
  a("kind", v.kind), a("date", v.date), a("instant", v.instant), a("zone", v.time_zone);
}
template <class A, Is<TimeSpan> T>
void Describe(A& a, T& v) {
  a("start", v.start), a("end", v.end), a("allDay", v.all_day);
}
template <class A, Is<Attendee> T>
void Describe(A& a, T& v) {
  a("email", v.email), a("response", v.response), a("self", v.self), a("organizer", v.organizer);
  a("optional", v.optional), a("resource", v.resource);
}
template <class A, Is<Person> T>
void Describe(A& a, T& v) {
  a("email", v.email), a("self", v.self);
}
template <class A, Is<Reminders::Override> T>
void Describe(A& a, T& v) {
  a("method", v.method), a("minutes", v.minutes);
}
template <class A, Is<Reminders> T>
void Describe(A& a, T& v) {
  a.Always("useDefault", v.use_default), a("overrides", v.overrides);
}
template <class A, Is<Event> T>
void Describe(A& a, T& v) {
  a("id", v.id), a("etag", v.etag), a("iCalUID", v.ical_uid), a("status", v.status), a("eventType", v.type);
  a("transparency", v.transparency), a("visibility", v.visibility), a("created", v.created), a("updated", v.updated);
  a("sequence", v.sequence), a("start", v.start), a("end", v.end), a("recurrence", v.recurrence);
  a("recurringEventId", v.recurring_event_id), a("originalStart", v.original_start), a("summary", v.summary);
  a("description", v.description), a("location", v.location), a("colorId", v.color_id), a("organizer", v.organizer);
  a("creator", v.creator), a("attendees", v.attendees), a("attendeesOmitted", v.attendees_omitted);
  a("guestsCanModify", v.guests_can_modify), a("privateCopy", v.private_copy), a("private", v.private_properties);
  a("shared", v.shared_properties), a("reminders", v.reminders);
}
template <class A, Is<EventPatch> T>
void Describe(A& a, T& v) {
  a("status", v.status), a("start", v.start), a("end", v.end), a("recurrence", v.recurrence), a("summary", v.summary);
  a("description", v.description), a("location", v.location), a("colorId", v.color_id), a("transparency", v.transparency);
  a("visibility", v.visibility), a("attendees", v.attendees), a("guestsCanModify", v.guests_can_modify);
  a("sequence", v.sequence), a("reminders", v.reminders), a("private", v.private_properties), a("shared", v.shared_properties);
}
template <class A, Is<ListEvents> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar), a("syncToken", v.sync_token), a("pageToken", v.page_token), a("maxResults", v.max_results);
  a("showDeleted", v.show_deleted), a("singleEvents", v.single_events), a("timeMin", v.time_min), a("timeMax", v.time_max);
}
template <class A, Is<GetEvent> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar), a("event", v.event);
}
template <class A, Is<InsertEvent> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar), a("event", v.event), a("sendUpdates", v.send_updates);
}
template <class A, Is<PatchEvent> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar), a("event", v.event), a("patch", v.patch), a("ifMatch", v.if_match);
  a("sendUpdates", v.send_updates);
}
template <class A, Is<UpdateEvent> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar), a("event", v.event), a("body", v.body), a("ifMatch", v.if_match);
  a("sendUpdates", v.send_updates);
}
template <class A, Is<DeleteEvent> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar), a("event", v.event), a("ifMatch", v.if_match), a("sendUpdates", v.send_updates);
}
template <class A, Is<MoveEvent> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar), a("event", v.event), a("destination", v.destination);
}
template <class A, Is<ImportEvent> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar), a("event", v.event);
}
template <class A, Is<WatchEvents> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar), a("channel", v.channel), a("address", v.address), a("token", v.token), a("ttl", v.ttl);
}
template <class A, Is<StopChannel> T>
void Describe(A& a, T& v) {
  a("channel", v.channel), a("resource", v.resource);
}
template <class A, Is<GetCalendar> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar);
}
template <class A, Is<ListInstances> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar), a("event", v.event), a("pageToken", v.page_token), a("maxResults", v.max_results);
  a("showDeleted", v.show_deleted), a("originalStart", v.original_start), a("timeMin", v.time_min), a("timeMax", v.time_max);
}
template <class A, Is<EventVersion> T>
void Describe(A& a, T& v) {
  a("id", v.id), a("etag", v.etag);
}
template <class A, Is<UnreadRow> T>
void Describe(A& a, T& v) {
  a("place", v.place), a("version", v.version);
}
template <class A, Is<EventsPage> T>
void Describe(A& a, T& v) {
  a("items", v.items), a("unread", v.unread), a("nextPageToken", v.next_page_token), a("nextSyncToken", v.next_sync_token);
  a("accessRole", v.access_role), a("zone", v.time_zone), a("updated", v.updated);
}
template <class A, Is<NoContent> T>
void Describe(A&, T&) {}
template <class A, Is<Channel> T>
void Describe(A& a, T& v) {
  a("id", v.id), a("resource", v.resource), a("expiration", v.expiration);
}
template <class A, Is<CalendarListEntry> T>
void Describe(A& a, T& v) {
  a("id", v.id), a("summary", v.summary), a("zone", v.time_zone), a("accessRole", v.access_role), a("primary", v.primary);
}
template <class A, Is<ApiError> T>
void Describe(A& a, T& v) {
  a("transport", v.transport), a("code", v.code), a("domain", v.domain), a("reason", v.reason), a("message", v.message);
  a("retryAfter", v.retry_after);
}

// ---- What we know ----

template <class A, Is<Hours> T>
void Describe(A& a, T& v) {
  a("from", v.from), a("to", v.to), a("days", v.days);
}
template <class A, class T>
void DescribeDirectionPolicy(A& a, T& v) {
  a.Always("mirrors", v.mirrors), a("title", v.title_template), a("description", v.description_template);
  a("visibility", v.visibility), a.Always("tentative", v.tentative), a.Always("needsAction", v.needs_action);
  a.Always("allDay", v.all_day), a("keywords", v.keywords), a("colours", v.colours), a("hours", v.hours);
  a("horizonAhead", v.horizon_ahead), a("horizonBack", v.horizon_back), a("alreadyBusy", v.already_busy);
  a("onBlockEdited", v.on_block_edited), a("onBlockDeleted", v.on_block_deleted);
}
template <class A, Is<DirectionPolicy> T>
void Describe(A& a, T& v) {
  DescribeDirectionPolicy(a, v);
}
template <class A, Is<LegacyMarks> T>
void Describe(A& a, T& v) {
  a("titles", v.titles), a("descriptions", v.descriptions);
}
template <class A, Is<Policy> T>
void Describe(A& a, T& v) {
  DescribeDirectionPolicy(a, v);
  a("tagUserEvents", v.tag_user_events), a("detection", v.detection), a("compareDetection", v.compare_detection);
  a("legacy", v.legacy), a("poll", v.poll_interval), a("pollWithPush", v.poll_interval_with_push);
  a("fullWalk", v.full_walk_interval), a("pageSize", v.page_size), a("pushAddress", v.push_address);
  a("channelTtl", v.channel_ttl), a.Always("breaker", v.breaker);
}
template <class A, Is<LinkedCalendar> T>
void Describe(A& a, T& v) {
  a("key", v.key), a("id", v.google_id), a("name", v.name), a("state", v.state);
}
template <class A, Is<Direction> T>
void Describe(A& a, T& v) {
  a("source", v.source), a("target", v.target), a("policy", v.policy);
}
template <class A, Is<SipKey> T>
void Describe(A& a, T& v) {
  a("k0", v.k0), a("k1", v.k1);
}
template <class A, Is<GroupConfig> T>
void Describe(A& a, T& v) {
  a("id", v.id), a("instance", v.instance), a("keys", v.keys), a("calendars", v.calendars), a("policy", v.policy);
  a("directions", v.directions);
}
template <class A, Is<Counters> T>
void Describe(A& a, T& v) {
  a("calendarsProcessed", v.calendars_processed), a("eventsProcessed", v.events_processed);
  a("userEventsFound", v.user_events_found), a("busyBlocksCreated", v.busy_blocks_created);
  a("ourEventsSkipped", v.our_events_skipped), a("externalEventsSkipped", v.external_events_skipped), a("errors", v.errors);
}
template <class A, Is<ChannelRow> T>
void Describe(A& a, T& v) {
  a("id", v.id), a("token", v.token), a("resource", v.resource), a("status", v.status), a("expiration", v.expiration);
  a("opened", v.opened);
}
template <class A, Is<CalendarRow> T>
void Describe(A& a, T& v) {
  a("key", v.key), a("syncToken", v.sync_token), a("query", v.query), a("walked", v.walked), a("restored", v.restored);
  a("sweepHeld", v.sweep_held), a("unreachable", v.unreachable), a("role", v.role), a("zone", v.time_zone);
  a("lastPass", v.last_pass), a("lastFullWalk", v.last_full_walk), a("failures", v.failures);
  a("callsRestUntil", v.calls_rest_until), a("writesRestUntil", v.writes_rest_until), a("walksLost", v.walks_lost);
  a("listsRestUntil", v.lists_rest_until), a("watchRefusedUntil", v.watch_refused_until), a("hadEvents", v.had_events);
  a("emptyWalk", v.empty_walk), a("channels", v.channels), a("counters", v.counters);
}
template <class A, Is<GroupRow> T>
void Describe(A& a, T& v) {
  a("breakerOpen", v.breaker_open), a("windowStart", v.window_start), a("windowWrites", v.window_writes);
  a("windowExplained", v.window_explained);
}
template <class A, Is<Record> T>
void Describe(A& a, T& v) {
  a("kind", v.kind), a("status", v.status), a("calendar", v.calendar), a("event", v.event), a("id", v.id);
  a("source", v.source), a("span", v.span), a("mustRead", v.must_read), a("absent", v.absent), a("attempts", v.attempts);
  a("blocking", v.blocking), a("seenAs", v.seen_as), a("tag", v.tag), a("tagAttempts", v.tag_attempts);
  a("organizerSelf", v.organizer_self), a("textIsPrivate", v.text_is_private), a("tentative", v.tentative);
  a("answer", v.answer), a("colour", v.colour), a("fightDay", v.fight_day), a("etag", v.etag), a("updatedMs", v.updated_ms);
  a("seenS", v.seen_s), a("retryS", v.retry_s), a("series", v.series), a("master", v.master), a("original", v.original);
  a("originalAllDay", v.original_all_day), a("plain", v.plain), a("alone", v.alone), a("cancelled", v.cancelled);
  a("keywords", v.keywords), a("skipsTold", v.skips_told), a("madeS", v.made_s), a("coverWentS", v.cover_went_s);
  a("icalHash", v.ical_hash), a("slot", v.slot), a("summary", v.summary), a("generation", v.generation);
  a("highest", v.highest), a("sent", v.sent), a("ambiguous", v.ambiguous), a("taken", v.taken), a("tagged", v.tagged);
  a("guests", v.guests), a("hold", v.hold), a("fights", v.fights), a("heldFor", v.held_for), a("written", v.written);
  a("accepted", v.accepted), a("actual", v.actual), a("reason", v.reason);
}
template <class A, Is<Place> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar), a("event", v.event);
}
template <class A, Is<ZoneRules::Change> T>
void Describe(A& a, T& v) {
  a("at", v.at_s), a("offset", v.offset_s);
}
template <class A, Is<ZoneRules> T>
void Describe(A& a, T& v) {
  a("first", v.first_offset_s), a("changes", v.changes);
}

// ---- What engine and host tell each other ----

template <class A, Is<Started> T>
void Describe(A& a, T& v) {
  a("restored", v.restored);  // Zones are lines of their own.
}
template <class A, Is<Notification> T>
void Describe(A& a, T& v) {
  a("channel", v.channel), a("token", v.token), a("state", v.state);
}
template <class A, Is<ApiReply> T>
void Describe(A& a, T& v) {
  a("call", v.call), a("reply", v.reply);
}
template <class A, Is<TimerFired> T>
void Describe(A&, T&) {}
template <class A, Is<calsync::Reconfigure> T>
void Describe(A& a, T& v) {
  a("config", v.config);
}
template <class A, Is<ResumeWrites> T>
void Describe(A&, T&) {}
template <class A, Is<ConfirmSweep> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar);
}
template <class A, Is<WalkAgain> T>
void Describe(A&, T&) {}
template <class A, Is<AdoptLegacy> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar);
}
template <class A, Is<SettleLegacy> T>
void Describe(A& a, T& v) {
  a("calendar", v.calendar), a("event", v.event), a("as", v.as), a("sourceCalendar", v.source_calendar);
  a("sourceEvent", v.source_event);
}
template <class A, Is<AuditEntry> T>
void Describe(A& a, T& v) {
  a("at", v.at), a("kind", v.kind), a("calendar", v.calendar), a("event", v.event), a("record", v.record);
  a("detail", v.detail);
}
template <class A, Is<Commit> T>
void Describe(A& a, T& v) {
  a("erased", v.erased), a("records", v.records), a("calendars", v.calendars), a("group", v.group), a("audit", v.audit);
}
template <class A, Is<ApiCall> T>
void Describe(A& a, T& v) {
  a("id", v.id), a("request", v.request);
}
template <class A, Is<SetTimer> T>
void Describe(A& a, T& v) {
  a("at", v.at);
}

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_TRACE_DESCRIBE_H_
