// Whatever bytes come back from Google's address, the adapter makes a reply of them that its caller can use: of the kind that was
// asked for, or an error, and nothing in between.
//
// The input's first line is "KIND STATUS RETRY-AFTER", KIND being the place of the call in Request; the rest is the body. What is
// read of an event is then sent back as a call, and read once more: id, status, texts, times, rules and tags must be the same.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/google/calendar_api.h"
#include "adapter/google/event_json.h"
#include "adapter/google/oauth.h"
#include "adapter/http/message.h"
#include "adapter/http/target.h"
#include "engine/api/calls.h"
#include "engine/api/failure.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"

namespace calsync::adapter {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'767'600'000);

std::vector<Request> AllKinds() {
  return {ListEvents{}, GetEvent{},    InsertEvent{}, PatchEvent{},  UpdateEvent{}, DeleteEvent{},
          MoveEvent{},  ImportEvent{}, WatchEvents{}, StopChannel{}, GetCalendar{}, ListInstances{}};
}

bool Fits(const Request& request, const Reply& reply) {
  const bool is_error = std::holds_alternative<ApiError>(reply);
  const bool is_event = is_error || std::holds_alternative<EventPtr>(reply);
  const bool is_page = is_error || std::holds_alternative<EventsPage>(reply);
  const bool is_empty = is_error || std::holds_alternative<NoContent>(reply);
  return std::visit(Overloaded{
                        [&](const ListEvents&) { return is_page; },
                        [&](const GetEvent&) { return is_event; },
                        [&](const InsertEvent&) { return is_event; },
                        [&](const PatchEvent&) { return is_event; },
                        [&](const UpdateEvent&) { return is_event; },
                        [&](const DeleteEvent&) { return is_empty; },
                        [&](const MoveEvent&) { return is_event; },
                        [&](const ImportEvent&) { return is_event; },
                        [&](const WatchEvents&) { return is_error || std::holds_alternative<Channel>(reply); },
                        [&](const StopChannel&) { return is_empty; },
                        [&](const GetCalendar&) { return is_error || std::holds_alternative<CalendarListEntry>(reply); },
                        [&](const ListInstances&) { return is_page; },
                    },
                    request);
}

void LookAt(const Event& event) {
  CALSYNC_CHECK(!event.id.empty());  // S-3: all that is sure, and it is.
  const absl::StatusOr<EventPtr> again = ReadEvent(WriteEvent(event));
  CALSYNC_CHECK(again.ok());
  CALSYNC_CHECK((*again)->id == event.id);
  CALSYNC_CHECK((*again)->status == event.status);
  CALSYNC_CHECK((*again)->summary == event.summary);
  CALSYNC_CHECK((*again)->description == event.description);
  CALSYNC_CHECK((*again)->location == event.location);
  CALSYNC_CHECK((*again)->recurrence == event.recurrence);
  CALSYNC_CHECK((*again)->private_properties == event.private_properties);
  CALSYNC_CHECK((*again)->span() == event.span());
  PatchEvent patch{CalendarId(event.summary), event.id, {.start = event.start, .end = event.end}, event.etag};
  CALSYNC_CHECK(http::ParseTarget(RequestOf(patch, "/calendar/v3/").target).has_value());
}

void Run(absl::string_view bytes) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(bytes, absl::MaxSplits('\n', 1));
  std::vector<std::string> line = absl::StrSplit(parts.first, absl::MaxSplits(' ', 2));
  line.resize(3);
  uint32_t kind = 0;
  int status = 200;
  if (!absl::SimpleAtoi(line[0], &kind)) kind = 0;
  if (!absl::SimpleAtoi(line[1], &status)) status = 200;
  const std::vector<Request> kinds = AllKinds();
  const Request& request = kinds[kind % kinds.size()];
  http::Response response{.status = status, .body = std::string(parts.second)};
  response.headers.Add("Retry-After", line[2]);

  const Reply reply = ReplyOf(request, response, kNow);
  CALSYNC_CHECK(Fits(request, reply));
  if (const auto* const error = std::get_if<ApiError>(&reply)) {
    CALSYNC_CHECK(error->transport == Transport::kAnswered || error->transport == Transport::kUnreadable);
    CALSYNC_CHECK(error->code == status);
    CALSYNC_CHECK(!error->retry_after || *error->retry_after >= absl::ZeroDuration());
    CALSYNC_CHECK(!error->retry_after || *error->retry_after <= absl::Hours(24));
    static_cast<void>(FailureOf(CallKind::kListFromToken, *error));
  }
  if (const auto* const event = std::get_if<EventPtr>(&reply)) LookAt(**event);
  if (const auto* const page = std::get_if<EventsPage>(&reply)) {
    for (const EventPtr& event : page->items) LookAt(*event);
  }
  ReadTokenAnswer(response, {});
}

}  // namespace
}  // namespace calsync::adapter

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  calsync::adapter::Run(size == 0 ? absl::string_view() : absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
