// Pages of events.list, read no further than they have to be: of a row that shows what the engine knows, its name is enough.
//
// Most rows of a walk are such rows, and so is the echo of every write of our own in the delta that follows it. A row is found in
// the bytes (page_scan.h) and asked about by id and etag; what is not known is decoded, each row by itself. A page in which
// nothing is known, or that the scan does not vouch for, is read by ReadEventsPage.

#ifndef CALSYNC_ADAPTER_GOOGLE_PAGE_READER_H_
#define CALSYNC_ADAPTER_GOOGLE_PAGE_READER_H_

#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/api/calls.h"
#include "engine/api/event_view.h"

namespace calsync::adapter {

// Which of the live events that a page shows are known in just that version: Engine::Known.
using AskKnown = std::function<std::vector<std::optional<EventVersion>>(absl::Span<const VersionView>)>;

// As ReadEventsPage, but what is known becomes UnreadRow. Null: nothing is.
absl::StatusOr<EventsPage> ReadEventsPage(absl::string_view body, const AskKnown& known);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_PAGE_READER_H_
