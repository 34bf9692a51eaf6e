// Many people at once, each with calendars and events, for tests of size: one request instead of a million.

#ifndef CALSYNC_FAKEGOOGLE_HTTP_CROWD_H_
#define CALSYNC_FAKEGOOGLE_HTTP_CROWD_H_

#include "absl/status/statusor.h"
#include "fakegoogle/http/front.h"
#include "fakegoogle/http/json.h"

namespace calsync::fake {

// {"people": 1000, "first": 0, "calendars": 2, "events": 500}: crowd0@example.com and so on, each with that many calendars (the
// primary one among them) and, spread over them, that many events of an hour, one every three hours from the next full hour on.
// The answer names all calendars. InvalidArgument if there are such people already, or the numbers are none.
absl::StatusOr<Json> MakeCrowd(Front& front, const Json& asked);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_CROWD_H_
