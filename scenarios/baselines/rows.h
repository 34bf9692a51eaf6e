// The database of a baseline: its table of event states, kept as rows of ours, so that the store, the durable image and the
// oracles read it like any other.
//
// A state whose event has no id yet lies under a made-up one, until Google has chosen. A second state for the same event, which
// our key forbids and theirs does not, lies under another made-up one, and names the event as its `master`.

#ifndef CALSYNC_SCENARIOS_BASELINES_ROWS_H_
#define CALSYNC_SCENARIOS_BASELINES_ROWS_H_

#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/host/effect.h"
#include "engine/state/group.h"
#include "engine/state/record.h"
#include "engine/state/records.h"

namespace calsync::sim {

class EventStates {
 public:
  explicit EventStates(const GroupImage& stored);

  const calsync::Record* FindById(const CorrelationId& id) const;
  const calsync::Record* FindAt(CalendarKey calendar, const EventId& event) const;
  // A user event, at its place or at a made-up one.
  void AddUserEvent(calsync::Record record);
  // A block whose event Google will name. Returns where it lies until then.
  EventId AddBlock(calsync::Record record);
  // It lies at the event that Google has named now.
  void Settle(const CorrelationId& block, const Event& made, absl::Time now);
  void See(const CorrelationId& id, absl::Time now);
  void Delete(const CorrelationId& id);
  // Blocks in `creating` since before then are `failed` from now on.
  void FailStuck(absl::Time before);

  // What changed since the last time.
  bool has_changes() const { return !changed_.empty() || !erased_.empty(); }
  void TakeChanges(Commit& commit);

 private:
  void Put(calsync::Record record);
  void Erase(Place place);

  absl::btree_map<Place, calsync::Record> rows_;
  absl::btree_map<CorrelationId, Place> places_;
  absl::btree_map<Place, bool> changed_;
  absl::btree_map<Place, bool> erased_;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_BASELINES_ROWS_H_
