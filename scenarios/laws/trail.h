// What the audit trail of an installation says of events that have no blocks (L12).

#ifndef CALSYNC_SCENARIOS_LAWS_TRAIL_H_
#define CALSYNC_SCENARIOS_LAWS_TRAIL_H_

#include <string>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "engine/host/effect.h"
#include "engine/state/records.h"

namespace calsync::sim {

// An entry answers for an event as long as nothing else became of it: one that blocks, or that policies leave out no more, is to
// be told of anew when it comes to that again. Copied with the database: of a backup, or of a clone.
class Trail {
 public:
  void Append(const Commit& commit);

  // It says why the event at this place is no event that blocks, or that it waits for the operator.
  bool SaysSkipped(const Place& place) const { return skipped_.contains(place); }
  // What it last said policies leave out of it, or nothing.
  std::string LeftOut(const Place& place) const;
  // By ground truth policies leave out nothing of it: what was said is history, whatever the engine's row holds.
  void ForgetLeftOut(const Place& place) { left_out_.erase(place); }

 private:
  absl::btree_set<Place> skipped_;
  absl::btree_map<Place, std::string> left_out_;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_TRAIL_H_
