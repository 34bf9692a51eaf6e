// What a world is like, in 128 bits, as far as it decides what may still happen: for exhaustive search, which goes on only from
// states that it has not met.
//
// In it: what Google holds; rows and memory of each engine, and whether it knows Google's latest version of each event;
// everything under way, with the call that each answer is for; and whether the world takes all that for rest. Three things make
// states one that differ in what nothing follows from:
//   - Names. Ids (of calls, too), titles, times of events, etags and fingerprints are only ever compared for equality: each
//   counts
//     as the number under which it was met first.
//   - Places in logs. What a sync token does not know yet matters, not how much happened before: places are compared with those
//     of the tokens that somebody holds.
//   - Time. What is under way has an order, and what lies within ten seconds may come in any (explore.h): of the rest it matters
//     whether it is a matter of a minute, ten, an hour, or more.
// Not in it: the past that lists and reads may still show, what laws remember of how a state was reached, and how often a tag was
// tried. Two states that differ in that alone count as one: the search is complete up to this.

#ifndef CALSYNC_SCENARIOS_STATE_HASH_H_
#define CALSYNC_SCENARIOS_STATE_HASH_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"
#include "engine/api/event.h"
#include "fakegoogle/model/tokens.h"
#include "scenarios/world.h"

namespace calsync::sim {

// Remembers what is the same in many states and takes long to find: what tokens say, and fingerprints of events.
class StateHasher {
 public:
  // REQUIRES: no workers, no baseline. Tokens are those of one server and its copies.
  absl::uint128 HashOf(const World& world);

  // For who walks over a state.
  const fake::TokenBody* TokenOf(const World& world, absl::string_view token);  // Null: it is none.
  uint64_t FingerprintOf(const EventPtr& event);

 private:
  struct Known {
    EventPtr event;  // Held, so that no other one gets its address.
    uint64_t fingerprint = 0;
  };
  absl::flat_hash_map<std::string, std::optional<fake::TokenBody>> tokens_;  // Look-ups only, as below.
  absl::flat_hash_map<const Event*, Known> events_;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_STATE_HASH_H_
