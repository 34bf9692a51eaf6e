#include "scenarios/lurkers.h"

#include <algorithm>

namespace calsync::sim {

ActorTurn Lurkers::Wait(const ActorTurn& turn, Moment moment) {
  Lurker lurker{.turn = turn, .moment = moment};
  lurker.turn.lurker = ++count_;
  waiting_.push_back(lurker);
  return lurker.turn;
}

const ActorTurn* Lurkers::Waiting(Moment moment) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const Lurker& lurker) { return lurker.moment == moment && !lurker.told; });
  if (found == waiting_.end()) return nullptr;
  found->told = true;
  return &found->turn;
}

bool Lurkers::Acts(int lurker) {
  const auto found =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const Lurker& waits) { return waits.turn.lurker == lurker; });
  if (found == waiting_.end()) return false;
  waiting_.erase(found);
  return true;
}

}  // namespace calsync::sim
