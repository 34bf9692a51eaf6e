// The rest of what Calendar v3 says in JSON: errors in both of their envelopes (contract 6.1), channels (5.1), entries of the
// list of calendars (1.6); and what it is told about channels.

#ifndef CALSYNC_ADAPTER_GOOGLE_ANSWER_JSON_H_
#define CALSYNC_ADAPTER_GOOGLE_ANSWER_JSON_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/api/calls.h"
#include "engine/api/failure.h"

namespace calsync::adapter {

inline constexpr char kChannelFields[] = "id,resourceId,expiration";
inline constexpr char kEntryFields[] = "id,summary,summaryOverride,timeZone,accessRole,primary";

struct CalendarListPage {
  std::vector<CalendarListEntry> items;
  std::optional<PageToken> next_page_token;
};

// Errors of all of them: DataLoss, with what is wrong.
absl::StatusOr<Channel> ReadChannel(absl::string_view body);
absl::StatusOr<CalendarListEntry> ReadEntry(absl::string_view body);
absl::StatusOr<CalendarListPage> ReadEntries(absl::string_view body);
// Reason and domain: of the first of `errors`, else of `details`. The code is the status, whatever the body says. A body that is
// no such envelope was not written by Google Calendar: what its status says is somebody else's word.
absl::StatusOr<ApiError> ReadError(int status, absl::string_view body);

std::string WriteWatch(const WatchEvents& watch);
std::string WriteStop(const StopChannel& stop);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_ANSWER_JSON_H_
