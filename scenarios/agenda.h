// What is going to happen, ordered by time, and at equal times in the order in which it was put there. A value.

#ifndef CALSYNC_SCENARIOS_AGENDA_H_
#define CALSYNC_SCENARIOS_AGENDA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/lease/leases.h"
#include "engine/api/calls.h"
#include "engine/host/effect.h"
#include "engine/host/input.h"
#include "fakegoogle/faults/fault_layer.h"

namespace calsync::sim {

// A call reaches Google. `worker` here and below: whose process of the host it is, 0 where there are none (workers.h).
struct CallArrives {
  int host = 0;
  int worker = 0;
  uint64_t incarnation = 0;  // Of the engine that made it.
  ApiCall call;
  fake::CallPlan plan;
  absl::Time sent;
  int execution = 1;  // Of plan.apply; the last one makes the answer …
  int answers = 1;    // … which arrives so often.
};

// A reply reaches the process that asked, if that still runs.
struct ReplyArrives {
  enum class Asks : uint8_t { kOther, kWholeListing, kListingFromToken, kEventWrite };
  int host = 0;
  int worker = 0;
  uint64_t incarnation = 0;
  ApiReply reply;
  int calendar = -1;         // That was asked for …
  Asks asks = Asks::kOther;  // … what.
};

struct MessageArrives {
  int host = 0;
  Notification message;
  int attempt = 0;      // Nobody took it so often.
  bool forged = false;  // It names no channel of ours, or not its token.
};

struct HostUp {
  int host = 0;
  int worker = 0;
  uint64_t incarnation = 0;
};

// Somebody does something: what exactly is drawn then.
struct ActorTurn {
  enum class Who : uint8_t {
    kPeople,
    kStripper,
    kCopier,
    kFighter,
    kAdministrator,
    kAccess,
    kMishap,
    kPolicy,
    kZone,
    kMirror,
    kLegacy,
    kWorker,
    kCleaner,
    kMangler
  };
  Who who = Who::kPeople;
  int number = 0;
  int lurker = 0;  // Not 0: it lay in wait under that number, see Lurkers.
};
absl::string_view Name(ActorTurn::Who who);  // "people", "stripper" …

// Access that was taken away comes back, an outage ends.
struct Mended {
  enum class What : uint8_t { kRole, kDisk };
  What what = What::kRole;
  int which = 0;
};

// A call leaves the process of a worker, after whatever it waited for there.
struct CallLeaves {
  int host = 0;
  int worker = 0;
  uint64_t life = 0;         // Of the worker.
  uint64_t incarnation = 0;  // Of the engine.
  absl::Time decided;
  ApiCall call;
  adapter::WorkerId under;  // The lease under which it was decided.
};

// What an engine decided is carried out to its end: its process stood still in the middle of it, and holds what is left.
struct StepGoesOn {
  int host = 0;
  int worker = 0;
  uint64_t incarnation = 0;
};

// A worker, or its way to the table of leases. `life`: of the worker; what an earlier one left behind is nothing to it.
struct WorkerTurn {
  enum class What : uint8_t {
    kStarts,
    kBeats,       // It asks the table.
    kHearsNot,    // The answer of a beat did not come.
    kGoesOn,      // It stood still.
    kUndrained,   // The operator takes it back.
    kTableIsBack  // The database answers again.
  };
  What what = What::kStarts;
  int worker = 0;
  uint64_t life = 0;
};
// A beat reaches the table.
struct BeatArrives {
  int worker = 0;
  uint64_t life = 0;
  absl::Time sent;
  absl::Time asked;  // The same by the worker's own clock.
  adapter::WorkerId as;
};
// Its answer reaches the worker.
struct BeatAnswered {
  int worker = 0;
  uint64_t life = 0;
  absl::Time sent;
  absl::Time asked;
  adapter::WorkerId as;
  std::optional<adapter::LeaseView> view;  // Nothing: the row is gone.
};

using Happening = std::variant<CallArrives, ReplyArrives, MessageArrives, HostUp, CallLeaves, StepGoesOn, ActorTurn, Mended,
                               WorkerTurn, BeatArrives, BeatAnswered>;

class Agenda {
 public:
  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }
  // REQUIRES: not empty.
  absl::Time next() const { return heap_.front().time; }

  // `item`: an alternative of Happening. It is built where it will lie: most are large.
  template <class Item>
  void Put(absl::Time time, Item item) {
    static_assert(!std::is_same_v<Item, Happening>);
    Happening& place = Reserve(time);
    place.template emplace<Item>(std::move(item));
    if (IsUnderWay(place)) ++under_way_;
  }
  // The first one. REQUIRES: not empty.
  Happening Take();

  // The which-th of those that are under way, from 0, and when it was to happen. REQUIRES: which < under_way().
  std::pair<absl::Time, Happening> TakeUnderWay(size_t which);
  // All of it, in order.
  void ForEach(absl::FunctionRef<void(absl::Time, const Happening&)> visit) const;

  // How many things are under way that nobody waits for in vain: calls, replies, messages and processes that start.
  size_t under_way() const { return under_way_; }
  static bool IsUnderWay(const Happening& happening) { return happening.index() <= 5; }

 private:
  struct Entry {
    absl::Time time;
    uint64_t number;
    uint32_t place;                             // In happenings_.
    bool operator<(const Entry& other) const {  // For a heap with the earliest at the front.
      return time != other.time ? time > other.time : number > other.number;
    }
  };
  // Room for something that happens then.
  Happening& Reserve(absl::Time time);
  std::vector<Entry> InOrder() const;

  std::vector<Entry> heap_;
  std::vector<Happening> happenings_;
  std::vector<uint32_t> free_;
  uint64_t count_ = 0;
  size_t under_way_ = 0;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_AGENDA_H_
