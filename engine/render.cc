#include "engine/render.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "engine/base/mixer.h"
#include "engine/base/overloaded.h"

namespace calsync {
namespace {

std::string RenderTime(absl::Time at) {
  if (at == absl::InfiniteFuture()) return "never";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", at, absl::UTCTimeZone());
}

std::string RenderError(const ApiError& error) {
  switch (error.transport) {
    case Transport::kAnswered:
      return absl::StrCat("error ", error.code, " ", error.reason);
    case Transport::kNotSent:
      return "not sent";
    case Transport::kTimeout:
      return "timeout";
    case Transport::kReset:
      return "connection cut";
    case Transport::kUnreadable:
      return absl::StrCat("unreadable answer ", error.code);
  }
  return "?";
}

std::string RenderEvent(const Event& event) {
  if (event.IsCancelled()) return absl::StrCat(event.id.text(), " cancelled");
  return absl::StrCat(event.id.text(), " ", FormatSpan(event.span()));
}

std::string RenderPatch(const EventPatch& patch) {
  std::string fields;
  const auto add = [&](bool present, absl::string_view name) {
    if (present) absl::StrAppend(&fields, fields.empty() ? "" : ",", name);
  };
  add(patch.status.has_value(), "status");
  add(patch.start.has_value() || patch.end.has_value(), "times");
  add(patch.recurrence.has_value(), "recurrence");
  add(patch.summary.has_value(), "summary");
  add(patch.description.has_value(), "description");
  add(patch.location.has_value(), "location");
  add(patch.color_id.has_value(), "color");
  add(patch.transparency.has_value(), "transparency");
  add(patch.visibility.has_value(), "visibility");
  add(patch.attendees.has_value(), "attendees");
  add(patch.guests_can_modify.has_value(), "guestsCanModify");
  add(patch.sequence.has_value(), "sequence");
  add(patch.reminders.has_value(), "reminders");
  for (const auto& [key, value] : patch.private_properties) add(true, key);
  return fields;
}

std::string RenderRecord(const Record& record) {
  std::string line = absl::StrCat(Name(record.kind), " ", record.event.view(), " ", Name(record.status));
  if (record.IsBlock()) absl::StrAppend(&line, " g", record.generation);
  if (record.kind == RecordKind::kSeen) absl::StrAppend(&line, " as ", Name(record.seen_as));
  if (record.must_read) absl::StrAppend(&line, ", in doubt");
  if (record.alone && !record.IsBlock()) absl::StrAppend(&line, ", alone");  // No series gives it.
  if (record.hold != Hold::kNone) absl::StrAppend(&line, ", ", Name(record.hold));
  return line;
}

std::string RenderCommit(const Commit& commit) {
  return absl::StrCat("commit: ",
                      absl::StrJoin(commit.records, "; ",
                                    [](std::string* out, const Record& record) { absl::StrAppend(out, RenderRecord(record)); }),
                      commit.calendars.empty() ? "" : absl::StrCat(" (", commit.calendars.size(), " calendars)"));
}

absl::string_view Name(ResourceState state) {
  switch (state) {
    case ResourceState::kSync:
      return "sync";
    case ResourceState::kExists:
      return "exists";
    case ResourceState::kNotExists:
      return "not_exists";
  }
  return "?";
}

std::string RenderCommand(const OperatorCommand& command) {
  return std::visit(
      Overloaded{
          [](const Reconfigure& in) { return absl::StrCat("reconfigure: ", in.config.calendars.size(), " calendars"); },
          [](const ResumeWrites&) { return std::string("resume writes"); },
          [](const ConfirmSweep&) { return std::string("confirm sweep"); },
          [](const WalkAgain&) { return std::string("walk again"); },
          [](const AdoptLegacy&) { return std::string("adopt blocks of the system before"); },
          [](const SettleLegacy& in) {
            return absl::StrCat("settle ", in.event.text(),
                                in.as == SettleLegacy::As::kPersons ? " as a person's" : " as a block");
          },
      },
      command);
}

// ---- Digests ----

void AppendTime(Mixer& fields, absl::Time at) {
  fields.Number(at == absl::InfiniteFuture() ? ~uint64_t{0} : static_cast<uint64_t>(absl::ToUnixNanos(at)));
}

void AppendEventTime(Mixer& fields, const EventTime& time) {
  fields.Number(static_cast<uint64_t>(time.kind)).Number(static_cast<uint64_t>(time.date - kEpochDay)).Text(time.time_zone);
  AppendTime(fields, time.instant);
}

template <class T, class Append>
void AppendIfPresent(Mixer& fields, const std::optional<T>& value, Append append) {
  fields.Number(value.has_value() ? 1 : 0);
  if (value.has_value()) append(*value);
}

void AppendSpan(Mixer& fields, const TimeSpan& span) {
  fields.Number(static_cast<uint64_t>(span.start)).Number(static_cast<uint64_t>(span.end)).Number(span.all_day ? 1 : 0);
}

uint64_t BitsOf(const Record& record) {
  uint64_t bits = 0;
  for (const bool bit : {record.must_read, record.absent, record.organizer_self, record.text_is_private, record.sent,
                         record.ambiguous, record.taken, record.tagged, record.guests, record.tentative, record.original_all_day,
                         record.plain, record.alone, record.cancelled}) {
    bits = bits * 2 + (bit ? 1 : 0);
  }
  for (const uint64_t small :
       {static_cast<uint64_t>(record.kind), static_cast<uint64_t>(record.status), static_cast<uint64_t>(record.blocking),
        static_cast<uint64_t>(record.seen_as), static_cast<uint64_t>(record.tag), static_cast<uint64_t>(record.hold)}) {
    bits = bits * 8 + small;
  }
  static_assert(static_cast<int>(Answer::kAccepted) < 8);
  return bits * 8 + static_cast<uint64_t>(record.answer);
}

void AppendRecord(Mixer& fields, const Record& record) {
  AppendSpan(fields, record.span);
  fields.Number(BitsOf(record))
      .Number128(record.id.value)
      .Number128(record.source.value)
      .Number128(record.slot.value)
      .Number(record.calendar.value())
      .Text(record.event.view())
      .Text(record.etag.view())
      .Text(record.series.view())
      .Text(record.master.view())
      .Number(static_cast<uint64_t>(record.original))
      .Text(record.summary.view())
      .Text(record.reason.view())
      .Number((uint64_t{record.generation} << 32) | record.highest)
      .Number((uint64_t{record.attempts} << 16) | (uint64_t{record.tag_attempts} << 8) | record.fights)
      .Number((uint64_t{record.made_s} << 32) | record.fight_day)
      .Number(static_cast<uint64_t>(record.updated_ms))
      .Number(static_cast<uint64_t>(record.seen_s))
      .Number(static_cast<uint64_t>(record.retry_s))
      .Number((uint64_t{record.colour} << 32) | record.keywords)
      .Number(record.skips_told)
      .Number(static_cast<uint64_t>(record.cover_went_s))
      .Number(record.ical_hash)
      .Number(record.held_for)
      .Number(record.written)
      .Number(record.accepted)
      .Number(record.actual);
}

void AppendCounters(Mixer& fields, const Counters& counters) {
  for (const int64_t count :
       {counters.calendars_processed, counters.events_processed, counters.user_events_found, counters.busy_blocks_created,
        counters.our_events_skipped, counters.external_events_skipped, counters.errors}) {
    fields.Number(static_cast<uint64_t>(count));
  }
}

void AppendCalendar(Mixer& fields, const CalendarRow& row) {
  fields.Number(row.key.value())
      .Text(row.sync_token.text())
      .Number(row.query)
      .Number(static_cast<uint64_t>(row.role))
      .Text(row.time_zone);
  fields.Number((row.walked ? 1u : 0u) | (row.restored ? 2u : 0u) | (row.sweep_held ? 4u : 0u) | (row.unreachable ? 8u : 0u));
  fields.Number(static_cast<uint64_t>(row.failures)).Number(static_cast<uint64_t>(row.walks_lost));
  AppendTime(fields, row.lists_rest_until);
  for (const absl::Time at : {row.last_pass, row.last_full_walk, row.calls_rest_until, row.writes_rest_until,
                              row.watch_refused_until, row.had_events, row.empty_walk}) {
    AppendTime(fields, at);
  }
  for (const ChannelRow& channel : row.channels) {
    fields.Text(channel.id.text()).Text(channel.token.view()).Text(channel.resource.text());
    fields.Number(static_cast<uint64_t>(channel.status));
    AppendTime(fields, channel.expiration);
    AppendTime(fields, channel.opened);
  }
  AppendCounters(fields, row.counters);
}

void AppendGroup(Mixer& fields, const GroupRow& row) {
  fields.Number(row.breaker_open ? 1 : 0);
  fields.Number(static_cast<uint64_t>(row.window_writes)).Number(static_cast<uint64_t>(row.window_explained));
  AppendTime(fields, row.window_start);
}

void AppendCommit(Mixer& fields, const Commit& commit) {
  fields.Number(commit.erased.size()).Number(commit.records.size()).Number(commit.calendars.size());
  for (const Place& place : commit.erased) fields.Number(place.calendar.value()).Text(place.event.text());
  for (const Record& record : commit.records) AppendRecord(fields, record);
  for (const CalendarRow& row : commit.calendars) AppendCalendar(fields, row);
  AppendIfPresent(fields, commit.group, [&](const GroupRow& row) { AppendGroup(fields, row); });
  for (const AuditEntry& entry : commit.audit) {
    fields.Number(static_cast<uint64_t>(entry.kind)).Number(entry.calendar.value()).Text(entry.event.text());
    fields.Number128(entry.record.value).Text(entry.detail);
    AppendTime(fields, entry.at);
  }
}

void AppendLines(Mixer& fields, const std::vector<std::string>& lines) {
  fields.Number(lines.size());
  for (const std::string& line : lines) fields.Text(line);
}

void AppendAttendees(Mixer& fields, const std::vector<Attendee>& attendees) {
  fields.Number(attendees.size());
  for (const Attendee& attendee : attendees) fields.Text(attendee.email).Number(static_cast<uint64_t>(attendee.response));
}

void AppendReminders(Mixer& fields, const Reminders& reminders) {
  fields.Number(reminders.use_default ? 1 : 0).Number(reminders.overrides.size());
  for (const Reminders::Override& reminder : reminders.overrides) {
    fields.Text(reminder.method).Number(static_cast<uint64_t>(reminder.minutes));
  }
}

void AppendEvent(Mixer& fields, const Event& event) {
  fields.Text(event.id.text()).Text(event.ical_uid.text()).Text(event.summary).Text(event.description).Text(event.location);
  fields.Number((static_cast<uint64_t>(event.status) << 16) | (static_cast<uint64_t>(event.transparency) << 8) |
                static_cast<uint64_t>(event.visibility));
  AppendEventTime(fields, event.start);
  AppendEventTime(fields, event.end);
  AppendLines(fields, event.recurrence);
  fields.Text(event.color_id).Number(event.guests_can_modify ? 1 : 0);
  AppendAttendees(fields, event.attendees);
  AppendReminders(fields, event.reminders);
  for (const auto& [key, value] : event.private_properties) fields.Text(key).Text(value);
}

void AppendPatch(Mixer& fields, const EventPatch& patch) {
  const auto text = [&](const std::string& value) { fields.Text(value); };
  const auto word = [&](auto value) { fields.Number(static_cast<uint64_t>(value)); };
  const auto time = [&](const EventTime& value) { AppendEventTime(fields, value); };
  AppendIfPresent(fields, patch.status, word);
  AppendIfPresent(fields, patch.start, time);
  AppendIfPresent(fields, patch.end, time);
  AppendIfPresent(fields, patch.recurrence, [&](const auto& lines) { AppendLines(fields, lines); });
  AppendIfPresent(fields, patch.summary, text);
  AppendIfPresent(fields, patch.description, text);
  AppendIfPresent(fields, patch.location, text);
  AppendIfPresent(fields, patch.color_id, text);
  AppendIfPresent(fields, patch.transparency, word);
  AppendIfPresent(fields, patch.visibility, word);
  AppendIfPresent(fields, patch.attendees, [&](const auto& attendees) { AppendAttendees(fields, attendees); });
  if (patch.guests_can_modify.has_value()) fields.Text("guestsCanModify").Number(*patch.guests_can_modify ? 1 : 0);
  if (patch.sequence.has_value()) fields.Text("sequence").Number(static_cast<uint64_t>(*patch.sequence));
  AppendIfPresent(fields, patch.reminders, [&](const Reminders& reminders) { AppendReminders(fields, reminders); });
  for (const auto& [key, value] : patch.private_properties) {
    fields.Text(key);
    AppendIfPresent(fields, value, text);
  }
}

void AppendRequest(Mixer& fields, const Request& request) {
  const auto id = [&](const auto& value) { fields.Text(value.text()); };
  fields.Number(request.index());
  if (const CalendarId* calendar = CalendarOf(request)) fields.Text(calendar->text());
  std::visit(Overloaded{
                 [&](const ListEvents& call) {
                   AppendIfPresent(fields, call.sync_token, id);
                   AppendIfPresent(fields, call.page_token, id);
                   fields.Number(static_cast<uint64_t>(call.max_results) * 4 + (call.show_deleted ? 2 : 0) +
                                 (call.single_events ? 1 : 0));
                 },
                 [&](const GetEvent& call) { id(call.event); },
                 [&](const InsertEvent& call) {
                   AppendEvent(fields, call.event);
                   fields.Number(static_cast<uint64_t>(call.send_updates));
                 },
                 [&](const PatchEvent& call) {
                   id(call.event);
                   AppendPatch(fields, call.patch);
                   AppendIfPresent(fields, call.if_match, id);
                   fields.Number(static_cast<uint64_t>(call.send_updates));
                 },
                 [&](const UpdateEvent& call) {
                   id(call.event);
                   AppendEvent(fields, call.body);
                 },
                 [&](const DeleteEvent& call) {
                   id(call.event);
                   AppendIfPresent(fields, call.if_match, id);
                   fields.Number(static_cast<uint64_t>(call.send_updates));
                 },
                 [&](const MoveEvent& call) {
                   id(call.event);
                   id(call.destination);
                 },
                 [&](const ImportEvent& call) { AppendEvent(fields, call.event); },
                 [&](const WatchEvents& call) {
                   id(call.channel);
                   fields.Text(call.address).Text(call.token).Number(static_cast<uint64_t>(absl::ToInt64Milliseconds(call.ttl)));
                 },
                 [&](const StopChannel& call) {
                   id(call.channel);
                   id(call.resource);
                 },
                 [&](const GetCalendar&) {},
                 [&](const ListInstances& call) {
                   id(call.event);
                   AppendIfPresent(fields, call.page_token, id);
                   fields.Number(static_cast<uint64_t>(call.max_results) * 2 + (call.show_deleted ? 1 : 0));
                   AppendIfPresent(fields, call.original_start, [&](const EventTime& time) { AppendEventTime(fields, time); });
                   AppendIfPresent(fields, call.time_min, [&](absl::Time at) { AppendTime(fields, at); });
                   AppendIfPresent(fields, call.time_max, [&](absl::Time at) { AppendTime(fields, at); });
                 },
             },
             request);
}

}  // namespace

std::string Render(const Request& request) {
  return std::visit(
      Overloaded{
          [](const ListEvents& call) {
            return absl::StrCat("list ", call.calendar.text(), call.sync_token.has_value() ? " from its token" : " in full",
                                call.page_token.has_value() ? ", next page" : "");
          },
          [](const GetEvent& call) { return absl::StrCat("get ", call.event.text(), " of ", call.calendar.text()); },
          [](const InsertEvent& call) {
            return absl::StrCat("insert ", RenderEvent(call.event), " into ", call.calendar.text());
          },
          [](const PatchEvent& call) {
            return absl::StrCat("patch ", call.event.text(), " of ", call.calendar.text(), ": ", RenderPatch(call.patch));
          },
          [](const UpdateEvent& call) { return absl::StrCat("update ", call.event.text(), " of ", call.calendar.text()); },
          [](const DeleteEvent& call) { return absl::StrCat("delete ", call.event.text(), " of ", call.calendar.text()); },
          [](const MoveEvent& call) {
            return absl::StrCat("move ", call.event.text(), " of ", call.calendar.text(), " to ", call.destination.text());
          },
          [](const ImportEvent& call) {
            return absl::StrCat("import ", call.event.ical_uid.text(), " into ", call.calendar.text());
          },
          [](const WatchEvents& call) { return absl::StrCat("watch ", call.calendar.text()); },
          [](const StopChannel& call) { return absl::StrCat("stop channel ", call.channel.text()); },
          [](const GetCalendar& call) { return absl::StrCat("get calendar ", call.calendar.text()); },
          [](const ListInstances& call) {
            return absl::StrCat("instances of ", call.event.text(), " of ", call.calendar.text(),
                                call.page_token.has_value() ? ", next page" : "");
          },
      },
      request);
}

std::string Render(const Reply& reply) {
  return std::visit(Overloaded{
                        [](const EventsPage& page) {
                          return absl::StrCat(page.items.size() + page.unread.size(), " events",
                                              page.next_sync_token.has_value() ? "" : ", more to come");
                        },
                        [](const EventPtr& event) { return RenderEvent(*event); },
                        [](const NoContent&) { return std::string("done"); },
                        [](const Channel& channel) { return absl::StrCat("channel until ", RenderTime(channel.expiration)); },
                        [](const CalendarListEntry& entry) { return absl::StrCat("calendar ", entry.id.text()); },
                        [](const ApiError& error) { return RenderError(error); },
                    },
                    reply);
}

std::string Render(const Input& input) {
  return std::visit(
      Overloaded{
          [](const Started& in) { return std::string(in.restored ? "started, restored" : "started"); },
          [](const Notification& in) { return absl::StrCat("notification ", Name(in.state), " on channel ", in.channel.text()); },
          [](const ApiReply& in) { return absl::StrCat("reply: ", Render(in.reply)); },
          [](const TimerFired&) { return std::string("timer"); },
          [](const OperatorCommand& in) { return absl::StrCat("command: ", RenderCommand(in)); },
      },
      input);
}

std::string Render(const Effect& effect) {
  return std::visit(Overloaded{
                        [](const Commit& commit) { return RenderCommit(commit); },
                        [](const ApiCall& call) { return absl::StrCat("call: ", Render(*call.request)); },
                        [](const SetTimer& timer) { return absl::StrCat("timer at ", RenderTime(timer.at)); },
                    },
                    effect);
}

uint64_t DigestOf(const Effect& effect) {
  Mixer fields;
  fields.Number(effect.index());
  std::visit(Overloaded{
                 [&](const Commit& commit) { AppendCommit(fields, commit); },
                 [&](const ApiCall& call) {
                   fields.Number(call.id.value());
                   AppendRequest(fields, *call.request);
                 },
                 [&](const SetTimer& timer) { AppendTime(fields, timer.at); },
             },
             effect);
  return fields.state();
}

}  // namespace calsync
