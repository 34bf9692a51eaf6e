// Everything we can ask of the host, in order. None of it may be assumed to have happened until an Input says so.

#ifndef CALSYNC_ENGINE_HOST_EFFECT_H_
#define CALSYNC_ENGINE_HOST_EFFECT_H_

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/host/audit.h"
#include "engine/host/input.h"
#include "engine/state/group.h"
#include "engine/state/record.h"
#include "engine/state/records.h"

namespace calsync {

// To be made durable, all or nothing, before anything after it is carried out (L7). If it fails, or its outcome is unknown, the
// host drops the later effects and the engine, and builds a new engine from the store.
struct Commit {
  std::vector<Place> erased;           // Carried out before `records`: a block's next generation lies at another place.
  std::vector<Record> records;         // Inserted or replaced, by place.
  std::vector<CalendarRow> calendars;  // Inserted or replaced, by key.
  std::optional<GroupRow> group;
  std::vector<AuditEntry> audit;  // Appended.

  bool IsEmpty() const { return erased.empty() && records.empty() && calendars.empty() && !group.has_value() && audit.empty(); }
};

struct ApiCall {
  CallId id;
  std::shared_ptr<const Request> request;  // Never null. Requests are large: what a host makes of them shares them.
};

// One timer per group: this replaces the one before. InfiniteFuture: none.
struct SetTimer {
  absl::Time at;
};

using Effect = std::variant<Commit, ApiCall, SetTimer>;
using Effects = std::vector<Effect>;

}  // namespace calsync

#endif  // CALSYNC_ENGINE_HOST_EFFECT_H_
