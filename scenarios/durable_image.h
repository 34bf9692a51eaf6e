// What the store of one host holds, as far as oracles ask: kept beside it, so that a question costs a look-up.

#ifndef CALSYNC_SCENARIOS_DURABLE_IMAGE_H_
#define CALSYNC_SCENARIOS_DURABLE_IMAGE_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/api/ids.h"
#include "engine/base/shared_text.h"
#include "engine/host/effect.h"
#include "engine/state/group.h"
#include "engine/state/record.h"
#include "engine/state/records.h"

namespace calsync::sim {

struct RowDigest {
  RecordKind kind = RecordKind::kSeen;
  RecordStatus status = RecordStatus::kSeen;
  bool doomed = false;
  bool must_read = false;
  bool unanswered = false;  // A block: its last write was not answered, and is made again.
  bool fragment = false;    // See SeenAs.
  bool alone = false;       // Of an occurrence: no series takes it along.
  uint32_t generation = 0;
  CorrelationId id;
  CorrelationId source;
  SharedText etag;
  int64_t updated_ms = 0;  // Of the version with this etag, or of a later one that is to be read. 0: none was told.
};

class DurableImage {
 public:
  void Apply(const Commit& commit);
  void Load(const GroupImage& image);

  const RowDigest* Find(CalendarKey calendar, const EventId& event) const;
  // Where the row with the correlation id lies; null if there is none.
  const Place* FindById(const CorrelationId& id) const;
  bool HasChannel(CalendarKey calendar, const ChannelId& channel) const;
  // The calendar whose row names the channel; none if there is no such row.
  CalendarKey CalendarOfChannel(const ChannelId& channel) const;
  size_t rows() const { return rows_.size(); }

 private:
  void Erase(const Place& place);
  void Put(const Record& record);
  void PutCalendar(const CalendarRow& row);

  absl::flat_hash_map<Place, RowDigest> rows_;  // Look-ups only.
  absl::flat_hash_map<CorrelationId, Place> by_id_;
  std::vector<std::pair<CalendarKey, std::vector<ChannelId>>> channels_;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_DURABLE_IMAGE_H_
