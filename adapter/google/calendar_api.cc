#include "adapter/google/calendar_api.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "adapter/google/answer_json.h"
#include "adapter/google/event_json.h"
#include "adapter/http/target.h"
#include "engine/base/overloaded.h"

namespace calsync::adapter {
namespace {

constexpr int kPageMax = 2500;                              // C-20.
constexpr int kCalendarsPerPage = 250;                      // The most that is given (contract 1.6).
constexpr absl::Duration kRetryAfterMax = absl::Hours(24);  // Nobody means more.

// --- Requests.

absl::string_view ValueOf(SendUpdates updates) {
  switch (updates) {
    case SendUpdates::kAll:
      return "all";
    case SendUpdates::kExternalOnly:
      return "externalOnly";
    case SendUpdates::kNone:
      return "none";
  }
  return "none";
}

// A request in the making: a method, a path whose segments are encoded (C-109), parameters.
class Draft {
 public:
  Draft(absl::string_view method, absl::string_view base) : method_(method), path_(base) {}

  Draft& Path(absl::string_view fixed) {
    absl::StrAppend(&path_, fixed);
    return *this;
  }
  Draft& Id(absl::string_view id) {
    absl::StrAppend(&path_, http::PercentEncode(id));
    return *this;
  }
  Draft& With(absl::string_view name, absl::string_view value) {
    query_.Add(std::string(name), std::string(value));
    return *this;
  }
  Draft& With(const char* name, const std::optional<absl::Time>& time) { return time ? With(name, FormatInstant(*time)) : *this; }
  template <class Tag>
  Draft& With(const char* name, const std::optional<StrongId<Tag>>& id) {
    return id ? With(name, id->text()) : *this;
  }
  Draft& IfMatch(const std::optional<Etag>& etag) {
    if (etag) headers_.Add("If-Match", etag->str());  // C-44.
    return *this;
  }
  Draft& Body(std::string json) {
    headers_.Add("Content-Type", "application/json");
    body_ = std::move(json);
    return *this;
  }
  http::Request Done() {
    With("prettyPrint", "false");
    return {.method = std::move(method_),
            .target = absl::StrCat(path_, "?", http::FormatParameters(query_)),
            .headers = std::move(headers_),
            .body = std::move(body_)};
  }

 private:
  std::string method_;
  std::string path_;
  http::Parameters query_;
  http::Headers headers_;
  std::string body_;
};

Draft OnEvents(absl::string_view method, absl::string_view base, const CalendarId& calendar) {
  Draft draft(method, base);
  draft.Path("calendars/").Id(calendar.text()).Path("/events");
  return draft;
}

Draft OnEvent(absl::string_view method, absl::string_view base, const CalendarId& calendar, const EventId& event) {
  Draft draft = OnEvents(method, base, calendar);
  draft.Path("/").Id(event.text());
  return draft;
}

std::string PageSize(int max_results) { return absl::StrCat(std::clamp(max_results, 1, kPageMax)); }

// `kind` tells a page from anything else that is JSON.
std::string PageFields(absl::string_view tokens) {
  return absl::StrCat("kind,accessRole,timeZone,updated,", tokens, ",items(", kEventFields, ")");
}

http::Request Make(const ListEvents& list, absl::string_view base) {
  Draft draft = OnEvents("GET", base, list.calendar);
  draft.With("maxResults", PageSize(list.max_results)).With("singleEvents", list.single_events ? "true" : "false");
  if (list.show_deleted) draft.With("showDeleted", "true");  // "false" does not go with a sync token (C-22).
  draft.With("timeMin", list.time_min).With("timeMax", list.time_max);
  draft.With("syncToken", list.sync_token).With("pageToken", list.page_token);
  return draft.With("fields", PageFields("nextPageToken,nextSyncToken")).Done();
}

http::Request Make(const GetEvent& get, absl::string_view base) {
  return OnEvent("GET", base, get.calendar, get.event).With("fields", kEventFields).Done();
}

http::Request Make(const InsertEvent& insert, absl::string_view base) {
  return OnEvents("POST", base, insert.calendar)
      .With("sendUpdates", ValueOf(insert.send_updates))
      .With("fields", kEventFields)
      .Body(WriteEvent(insert.event))
      .Done();
}

http::Request Make(const PatchEvent& patch, absl::string_view base) {
  return OnEvent("PATCH", base, patch.calendar, patch.event)
      .With("sendUpdates", ValueOf(patch.send_updates))
      .With("fields", kEventFields)
      .IfMatch(patch.if_match)
      .Body(WritePatch(patch.patch))
      .Done();
}

http::Request Make(const UpdateEvent& update, absl::string_view base) {
  return OnEvent("PUT", base, update.calendar, update.event)
      .With("sendUpdates", ValueOf(update.send_updates))
      .With("fields", kEventFields)
      .IfMatch(update.if_match)
      .Body(WriteEvent(update.body))
      .Done();
}

http::Request Make(const DeleteEvent& remove, absl::string_view base) {
  return OnEvent("DELETE", base, remove.calendar, remove.event)
      .With("sendUpdates", ValueOf(remove.send_updates))
      .IfMatch(remove.if_match)
      .Done();
}

http::Request Make(const MoveEvent& move, absl::string_view base) {
  return OnEvent("POST", base, move.calendar, move.event)
      .Path("/move")
      .With("destination", move.destination.text())
      .With("sendUpdates", "none")
      .With("fields", kEventFields)
      .Done();
}

http::Request Make(const ImportEvent& import, absl::string_view base) {
  Event event = import.event;
  event.id = EventId();  // C-54: none may be given.
  return OnEvents("POST", base, import.calendar).Path("/import").With("fields", kEventFields).Body(WriteEvent(event)).Done();
}

http::Request Make(const WatchEvents& watch, absl::string_view base) {
  return OnEvents("POST", base, watch.calendar).Path("/watch").With("fields", kChannelFields).Body(WriteWatch(watch)).Done();
}

http::Request Make(const StopChannel& stop, absl::string_view base) {
  return Draft("POST", base).Path("channels/stop").Body(WriteStop(stop)).Done();
}

http::Request Make(const GetCalendar& get, absl::string_view base) {
  return Draft("GET", base).Path("users/me/calendarList/").Id(get.calendar.text()).With("fields", kEntryFields).Done();
}

http::Request Make(const ListInstances& list, absl::string_view base) {
  Draft draft = OnEvent("GET", base, list.calendar, list.event);
  draft.Path("/instances").With("maxResults", PageSize(list.max_results));
  if (list.show_deleted) draft.With("showDeleted", "true");
  if (list.original_start) {
    const EventTime& start = *list.original_start;
    const bool is_date = start.kind == EventTime::Kind::kDate;
    draft.With("originalStart", is_date ? FormatDate(start.date) : FormatInstant(start.instant));
  }
  draft.With("timeMin", list.time_min).With("timeMax", list.time_max).With("pageToken", list.page_token);
  return draft.With("fields", PageFields("nextPageToken")).Done();
}

// --- Replies.

template <class T>
Reply Whole(absl::StatusOr<T> read, int status) {
  if (read.ok()) return *std::move(read);
  return ApiError{.transport = Transport::kUnreadable, .code = status, .message = std::string(read.status().message())};
}

// 204, or an empty 200 (contract 0.2). A page in its place is somebody else's word.
Reply Nothing(const http::Response& response) {
  if (response.status == 204 || absl::StripAsciiWhitespace(response.body).empty()) return NoContent{};
  return ApiError{.transport = Transport::kUnreadable, .code = response.status, .message = "a body where Google sends none"};
}

}  // namespace

http::Request RequestOf(const Request& request, absl::string_view base) {
  return std::visit([&](const auto& one) { return Make(one, base); }, request);
}

Reply ReplyOf(const Request& request, const http::Response& response, absl::Time now, const AskKnown& known) {
  if (response.status < 200 || response.status > 299) return ErrorOf(response, now);
  const auto an_event = [&] { return Whole(ReadEvent(response.body), response.status); };
  return std::visit(Overloaded{
                        [&](const ListEvents&) { return Whole(ReadEventsPage(response.body, known), response.status); },
                        [&](const GetEvent&) { return an_event(); },
                        [&](const InsertEvent&) { return an_event(); },
                        [&](const PatchEvent&) { return an_event(); },
                        [&](const UpdateEvent&) { return an_event(); },
                        [&](const DeleteEvent&) { return Nothing(response); },
                        [&](const MoveEvent&) { return an_event(); },
                        [&](const ImportEvent&) { return an_event(); },
                        [&](const WatchEvents&) { return Whole(ReadChannel(response.body), response.status); },
                        [&](const StopChannel&) { return Nothing(response); },
                        [&](const GetCalendar&) { return Whole(ReadEntry(response.body), response.status); },
                        [&](const ListInstances&) { return Whole(ReadEventsPage(response.body), response.status); },
                    },
                    request);
}

ApiError ErrorOf(const http::NoAnswer& none) {
  const auto with = [&](Transport transport) { return ApiError{.transport = transport, .message = none.why}; };
  switch (none.kind) {
    case http::NoAnswer::Kind::kNotSent:
      return with(Transport::kNotSent);
    case http::NoAnswer::Kind::kTimeout:
      return with(Transport::kTimeout);
    case http::NoAnswer::Kind::kCut:
      return with(Transport::kReset);
    case http::NoAnswer::Kind::kUnreadable:
      return with(Transport::kUnreadable);
  }
  return with(Transport::kUnreadable);
}

ApiError ErrorOf(const http::Response& response, absl::Time now) {
  absl::StatusOr<ApiError> error = ReadError(response.status, response.body);
  if (!error.ok()) error = ApiError{.code = response.status, .message = std::string(error.status().message())};
  const bool is_envelope = !error->reason.empty() || response.status >= 500;
  // A proxy's 404 is not Google's: nothing follows from it. A 5xx is in doubt as it is, whoever says it.
  if (!is_envelope || response.status < 400) error->transport = Transport::kUnreadable;
  error->retry_after = ParseRetryAfter(response.headers.Get("Retry-After"), now);
  return *std::move(error);
}

http::Request ListCalendarsRequest(absl::string_view base, const std::optional<PageToken>& page) {
  return Draft("GET", base)
      .Path("users/me/calendarList")
      .With("maxResults", absl::StrCat(kCalendarsPerPage))
      .With("showHidden", "true")
      .With("pageToken", page)
      .With("fields", absl::StrCat("kind,nextPageToken,items(", kEntryFields, ")"))
      .Done();
}

std::optional<absl::Duration> ParseRetryAfter(absl::string_view text, absl::Time now) {
  if (text.empty()) return std::nullopt;
  const auto bounded = [](absl::Duration delay) { return std::clamp(delay, absl::ZeroDuration(), kRetryAfterMax); };
  int64_t seconds = 0;
  if (absl::SimpleAtoi(text, &seconds)) return bounded(absl::Seconds(seconds));
  absl::Time until;
  std::string error;
  if (absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", text, &until, &error)) return bounded(until - now);
  return std::nullopt;
}

}  // namespace calsync::adapter
