// All that has been asked of a fake since its beginning, as a value: what its state is made from, and so what is kept of it.
//
// The fake is deterministic: the same beginning, the same requests at the same times give the same answers, and leave the same
// state. So the state is not written down; it is made again (docs/decisions/0024). What is never part of it: requests of the
// control interface that only look, and what receivers said to webhooks.

#ifndef CALSYNC_FAKEGOOGLE_HTTP_HISTORY_H_
#define CALSYNC_FAKEGOOGLE_HTTP_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapter/http/message.h"
#include "fakegoogle/faults/fault_plan.h"
#include "fakegoogle/http/json.h"

namespace calsync::fake {

// A calendar to begin with.
struct FirstCalendar {
  std::string name;
  std::string time_zone = "UTC";
  std::string ics;  // An export that ical::ReadCalendar can read; its events are stored as they are.
};

// What a fake begins with.
struct Beginning {
  uint64_t seed = 1;
  absl::Time start = absl::FromUnixSeconds(1'767'600'000);  // 2026-01-05T08:00:00Z. A manual clock stands there first.
  std::string root_url = "http://127.0.0.1:8085/";
  std::string account = "ada@example.com";
  std::string time_zone = "Europe/Zurich";  // Of the account and its calendars.
  std::vector<FirstCalendar> calendars;     // Besides the primary one, "Work" and "Home".
  FaultPlan faults;
  Json knobs = Json::object();  // As ReadKnobs takes them; they must be right.
};

// What a fake can meet: a request; the time, at which something was due; an address of its own.
struct Passed {};
struct Moved {
  std::string root_url;
};
struct Happening {
  absl::Time at;
  std::variant<http::Request, Passed, Moved> what;
};

struct History {
  Beginning beginning;
  std::vector<Happening> happenings;
  bool manual_clock = true;
  absl::Time now;        // Where a manual clock stands.
  uint64_t answers = 0;  // A digest of all that was answered.
};

// How much of it is kept, in bytes of requests: a day's work of many programs. Beyond that it cannot be taken up again.
inline constexpr size_t kHistoryMax = size_t{256} << 20;
// About what a happening takes of that.
size_t SizeOf(const Happening& happening);
// The request without what no answer depends on.
http::Request Essence(const http::Request& request);

// "kind", "version" and the members that docs/fake.md lists.
Json HistoryToJson(const History& history);
// Errors (FailedPrecondition) end a sentence that begins with where it was read: "… is no state of a fake".
absl::StatusOr<History> HistoryFromJson(const Json& json);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_HISTORY_H_
