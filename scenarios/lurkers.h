// Actors who lie in wait. A turn that comes when its hour has come seldom falls into the moment in which a call is in flight, and
// that is where races are: some wait for such a moment.

#ifndef CALSYNC_SCENARIOS_LURKERS_H_
#define CALSYNC_SCENARIOS_LURKERS_H_

#include <cstdint>
#include <vector>

#include "scenarios/agenda.h"

namespace calsync::sim {

class Lurkers {
 public:
  // What they wait for: a call that leaves, or an engine that starts.
  enum class Moment : uint8_t { kListing, kRead, kInsert, kPatch, kTag, kDelete, kWatch, kStart };
  static constexpr uint64_t kMoments = static_cast<uint64_t>(Moment::kStart) + 1;

  // Returns the turn for when its patience ends.
  ActorTurn Wait(const ActorTurn& turn, Moment moment);
  // The turn that has waited longest for the moment, and was not told of one yet; null if there is none. It is told now.
  const ActorTurn* Waiting(Moment moment);
  // The turn's time has come, whichever comes first, its moment or the end of its patience. False if it acted before.
  bool Acts(int lurker);
  // True if nobody waits.
  bool empty() const { return waiting_.empty(); }

 private:
  struct Lurker {
    ActorTurn turn;
    Moment moment = Moment::kListing;
    bool told = false;
  };
  std::vector<Lurker> waiting_;
  int count_ = 0;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LURKERS_H_
