// Google Calendar v3 over HTTP: a call of the engine to the request that makes it, and what came back to the reply. Pure.
//
// A reply says what Google said. Whatever else may stand at the other end of the line (a proxy's page, half a body, a redirect to
// a login) is not taken for Google's word: it is Transport::kUnreadable, and so "it may have happened".

#ifndef CALSYNC_ADAPTER_GOOGLE_CALENDAR_API_H_
#define CALSYNC_ADAPTER_GOOGLE_CALENDAR_API_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/google/page_reader.h"
#include "adapter/http/client.h"
#include "adapter/http/message.h"
#include "engine/api/calls.h"
#include "engine/api/failure.h"

namespace calsync::adapter {

// The request, without authorization. `base` is the path of the API, "/calendar/v3/".
http::Request RequestOf(const Request& request, absl::string_view base);
// The reply that this kind of request gets. `now` is for a Retry-After that names a time; `known` is asked about a listing's
// rows.
Reply ReplyOf(const Request& request, const http::Response& response, absl::Time now, const AskKnown& known = nullptr);
// For a call without an answer.
ApiError ErrorOf(const http::NoAnswer& none);
// For an answer that is no success: by its envelope, or kUnreadable if it has none.
ApiError ErrorOf(const http::Response& response, absl::Time now);

// calendarList.list, which is no call of the engine: one page.
http::Request ListCalendarsRequest(absl::string_view base, const std::optional<PageToken>& page);

// Seconds, or a date of HTTP: how long from now, 0 to a day. Nothing for anything else.
std::optional<absl::Duration> ParseRetryAfter(absl::string_view text, absl::Time now);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_CALENDAR_API_H_
