#include "engine/render.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "engine/base/overloaded.h"
#include "engine/base/siphash.h"

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
  add(patch.reminders.has_value(), "reminders");
  for (const auto& [key, value] : patch.private_properties) add(true, key);
  return fields;
}

std::string RenderRecord(const Record& record) {
  std::string line = absl::StrCat(Name(record.kind), " ", record.event.ToString(), " ", Name(record.status));
  if (record.IsBlock()) absl::StrAppend(&line, " g", record.generation);
  if (record.kind == RecordKind::kSeen) absl::StrAppend(&line, " as ", Name(record.seen_as));
  if (record.must_read) absl::StrAppend(&line, ", in doubt");
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
      },
      command);
}

FieldBytes& AppendRecord(FieldBytes& fields, const Record& record) {
  return fields.Number128(record.id.value)
      .Number(record.calendar.value())
      .Text(record.event.ToString())
      .Text(record.etag.ToString())
      .Number(static_cast<uint64_t>(record.status))
      .Number(static_cast<uint64_t>(record.hold))
      .Number(static_cast<uint64_t>(record.span.start))
      .Number(static_cast<uint64_t>(record.span.end))
      .Number(record.written)
      .Number(record.actual)
      .Number((record.must_read ? 1u : 0u) | (record.absent ? 2u : 0u) | (record.sent ? 4u : 0u) | (record.ambiguous ? 8u : 0u) |
              (record.taken ? 16u : 0u));
}

void AppendRequest(FieldBytes& fields, const Request& request) {
  fields.Number(request.index());
  std::visit(Overloaded{
                 [&](const ListEvents& call) {
                   fields.Text(call.calendar.text()).Text(call.sync_token.has_value() ? call.sync_token->text() : "");
                   fields.Text(call.page_token.has_value() ? call.page_token->text() : "");
                 },
                 [&](const GetEvent& call) { fields.Text(call.calendar.text()).Text(call.event.text()); },
                 [&](const InsertEvent& call) {
                   fields.Text(call.calendar.text()).Text(call.event.id.text()).Text(call.event.summary);
                   fields.Text(FormatSpan(call.event.span()));
                 },
                 [&](const PatchEvent& call) {
                   fields.Text(call.calendar.text()).Text(call.event.text()).Text(RenderPatch(call.patch));
                   fields.Text(call.if_match.has_value() ? call.if_match->text() : "");
                 },
                 [&](const UpdateEvent& call) { fields.Text(call.calendar.text()).Text(call.event.text()); },
                 [&](const DeleteEvent& call) {
                   fields.Text(call.calendar.text()).Text(call.event.text());
                   fields.Text(call.if_match.has_value() ? call.if_match->text() : "");
                 },
                 [&](const MoveEvent& call) { fields.Text(call.calendar.text()).Text(call.event.text()); },
                 [&](const ImportEvent& call) { fields.Text(call.calendar.text()).Text(call.event.ical_uid.text()); },
                 [&](const WatchEvents& call) { fields.Text(call.calendar.text()).Text(call.channel.text()).Text(call.token); },
                 [&](const StopChannel& call) { fields.Text(call.channel.text()).Text(call.resource.text()); },
                 [&](const GetCalendar& call) { fields.Text(call.calendar.text()); },
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
      },
      request);
}

std::string Render(const Reply& reply) {
  return std::visit(Overloaded{
                        [](const EventsPage& page) {
                          return absl::StrCat(page.items.size(), " events",
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
                        [](const ApiCall& call) { return absl::StrCat("call: ", Render(call.request)); },
                        [](const SetTimer& timer) { return absl::StrCat("timer at ", RenderTime(timer.at)); },
                    },
                    effect);
}

uint64_t DigestOf(const Effect& effect) {
  FieldBytes fields;
  fields.Number(effect.index());
  std::visit(
      Overloaded{
          [&](const Commit& commit) {
            for (const Place& place : commit.erased) fields.Number(place.calendar.value()).Text(place.event.text());
            for (const Record& record : commit.records) AppendRecord(fields, record);
            for (const CalendarRow& row : commit.calendars) {
              fields.Number(row.key.value()).Text(row.sync_token.text()).Number(row.channels.size());
            }
            for (const AuditEntry& entry : commit.audit) fields.Number(static_cast<uint64_t>(entry.kind));
          },
          [&](const ApiCall& call) {
            fields.Number(call.id.value());
            AppendRequest(fields, call.request);
          },
          [&](const SetTimer& timer) {
            fields.Number(timer.at == absl::InfiniteFuture() ? ~uint64_t{0} : static_cast<uint64_t>(absl::ToUnixNanos(timer.at)));
          },
      },
      effect);
  return SipHash64({}, fields.bytes());
}

}  // namespace calsync
