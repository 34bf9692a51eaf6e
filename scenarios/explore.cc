#include "scenarios/explore.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "fakegoogle/faults/fault_plan.h"
#include "scenarios/explore_actions.h"
#include "scenarios/state_hash.h"
#include "scenarios/story.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

// What is under way and comes later than this after the next thing is no rival of it.
constexpr absl::Duration kRivals = absl::Seconds(10);
constexpr absl::Duration kSettleMax = absl::Hours(24 * 30);
constexpr uint64_t kAskedEvery = 256;    // States.
constexpr uint64_t kFollowedEvery = 32;  // Ways that met another one.

using fake::FaultKind;

// Those that scope 1 goes without: what lasts for hours, so that little else happens meanwhile; what is said otherwise by others;
// what there is no occasion for.
constexpr FaultKind kLeftOut[] = {
    FaultKind::kClog,        FaultKind::kOutage,     FaultKind::kUsageLimit,  // N7, N8, V2: they last.
    FaultKind::kReordered,   FaultKind::kStorm,       // W4, W5: overtakings, and messages that come twice.
    FaultKind::kForged,      FaultKind::kNotExists,   // W9, W12: nothing follows from them.
    FaultKind::kPoorChannel, FaultKind::kTagDropped,  // V22, V17.
    FaultKind::kPageGone,                             // V11: all pages are the only one.
};
// A crash, and commits that fail or whose outcome is unknown.
constexpr int kKindsBesides = 3;

Plan PlanOfScope(const Scope& scope, bool tracing) {
  Plan plan = QuietPlan({"work", "home"}, UsualStart());
  plan.tracing = tracing;
  fake::FaultPlan& faults = plan.knobs.faults;
  faults.enumerate = true;
  faults.per_mille.fill(1);
  if (!scope.all_kinds) {
    for (const FaultKind kind : kLeftOut) faults[kind] = 0;
  }
  plan.knobs.crash = 1;
  plan.knobs.commit_fails = 1;
  plan.knobs.commit_unknown = 1;
  return plan;
}

// False: there is no such transition here.
bool Take(World& world, const Transition& transition) {
  world.choices().enumerated().Say(transition.said);
  switch (transition.kind) {
    case Transition::Kind::kStep:
      world.Step();
      return true;
    case Transition::Kind::kOvertake:
      world.Overtake(transition.which);
      return true;
    case Transition::Kind::kAct:
      return DoAction(world, transition.which);
  }
  return false;
}

World BeginningOf(const Scope& scope, bool tracing) {
  World world(PlanOfScope(scope, tracing), Choices::Enumerated());
  world.Settle();  // Two empty calendars, listed and watched.
  world.SetChaos(true);
  return world;
}

bool IsNothing(const Scope& left) { return left.actions == 0 && left.adversities == 0 && left.overtakings == 0; }

// Whose turn something under way is. Two things that are of different ones may come in either order, and the same comes of it.
struct Side {
  enum class Of : uint8_t { kEngine, kCalendar, kGoogle };
  Of of = Of::kEngine;
  int calendar = 0;

  bool DependsOn(const Side& other) const {
    if (of == Of::kEngine || other.of == Of::kEngine) return of == other.of;
    return of == Of::kGoogle || other.of == Of::kGoogle || calendar == other.calendar;
  }
};
Side SideOf(const World& world, const Happening& happening) {
  const auto* call = std::get_if<CallArrives>(&happening);
  if (call == nullptr) return {};
  const CalendarId* calendar = CalendarOf(*call->call.request);
  if (calendar == nullptr) return {.of = Side::Of::kGoogle};
  return {.of = Side::Of::kCalendar, .calendar = world.CalendarIndex(*calendar)};
}

// Which of what is under way may come before all else. If nothing is to overtake after it, only what depends on something that it
// overtakes: else the same comes of it. (Of what it sets under way, something may overtake as well.)
std::vector<size_t> RivalsIn(const World& world, bool last_one) {
  std::vector<Side> sides;
  std::vector<size_t> rivals;
  absl::Time last = absl::InfiniteFuture();
  world.agenda().ForEach([&](absl::Time time, const Happening& happening) {
    if (!Agenda::IsUnderWay(happening)) return;
    if (sides.empty()) last = time + kRivals;
    if (time > last) return;
    const Side side = SideOf(world, happening);
    const bool depends = std::any_of(sides.begin(), sides.end(), [&](const Side& before) { return side.DependsOn(before); });
    if (depends || (!last_one && !sides.empty())) rivals.push_back(sides.size());
    sides.push_back(side);
  });
  return rivals;
}

ExplorationPart WholeOf(const Scope& scope) { return {BeginningOf(scope, false), scope, {}}; }

uint64_t BitOf(const Scope& left) {
  static_assert((kActionsMax + 1) * (kAdversitiesMax + 1) * (kOvertakingsMax + 1) <= 64);
  return uint64_t{1} << ((left.actions * (kAdversitiesMax + 1) + left.adversities) * (kOvertakingsMax + 1) + left.overtakings);
}
uint64_t BitsUpTo(const Scope& left) {
  uint64_t bits = 0;
  Scope less;
  for (less.actions = 0; less.actions <= left.actions; ++less.actions) {
    for (less.adversities = 0; less.adversities <= left.adversities; ++less.adversities) {
      for (less.overtakings = 0; less.overtakings <= left.overtakings; ++less.overtakings) bits |= BitOf(less);
    }
  }
  return bits;
}

// Searches depth first.
class Searcher {
 public:
  Searcher(const Scope& scope, MetStates& met, const TakesFound& takes) : scope_(scope), met_(met), takes_(takes) {}

  void Run(ExplorationPart part) {
    path_ = std::move(part.path);
    Visit(part.world, part.left);
    Report();
  }

  std::vector<ExplorationPart> Split() {
    hands_on_ = true;
    Run(WholeOf(scope_));
    return std::move(parts_);
  }

 private:
  // Nothing is left of `world` then.
  void Visit(World& world, const Scope& left) {
    if (stopped_) return;
    if (world.violation().has_value()) return Found(*world.violation());
    if (hands_on_ && Spent(left) >= 2) {
      parts_.push_back({std::move(world), left, path_});
      return;
    }
    const absl::uint128 state = hasher_.HashOf(world);
    const MetStates::Met met = met_.Meet(state, left);
    if (met == MetStates::Met::kBefore) return MeetAgain(world, state, left);
    if (met == MetStates::Met::kNever) ++counted_.states;
    counted_.deepest = std::max<uint64_t>(counted_.deepest, path_.size());
    if (++visits_ % kAskedEvery == 0) Report();

    const bool at_rest = world.Unsettled().empty();
    if (at_rest && met == MetStates::Met::kNever) {
      World end = world;
      CheckRestOf(end);
    }
    // There is one way on, and nobody needs the state any more.
    const bool one_way = left.adversities == 0 && left.overtakings == 0;
    if (!at_rest && !one_way) {
      Try(world, left, {.kind = Transition::Kind::kStep}, state);
      if (left.overtakings > 0) {
        Scope less = left;
        --less.overtakings;
        for (const size_t i : RivalsIn(world, less.overtakings == 0)) {
          Try(world, less, {.kind = Transition::Kind::kOvertake, .which = i}, state);
        }
      }
    }
    if (left.actions > 0) {
      Scope less = left;
      --less.actions;
      for (size_t i = 0; i < kExploredActions; ++i) Try(world, less, {.kind = Transition::Kind::kAct, .which = i}, state);
    }
    if (!at_rest && one_way) CALSYNC_CHECK(!GoOn(world, left, {.kind = Transition::Kind::kStep}, state).has_value());
  }

  // Some histories are followed to their end. And a way that meets itself leads to no rest, or time alone leads out of it.
  void MeetAgain(World& world, absl::uint128 state, const Scope& left) {
    const bool in_a_circle = std::find(way_.begin() + way_from_, way_.end(), state) != way_.end();
    if (in_a_circle || (IsNothing(left) && ++met_again_ % kFollowedEvery == 0)) CheckRestOf(world);
  }

  // The transition under every answer to what it leaves open.
  void Try(const World& world, const Scope& left, Transition transition, absl::uint128 from) {
    if (transition.kind == Transition::Kind::kAct && !CanDoAction(world, transition.which)) return;
    // To copy into a world that is there is cheaper than to make one.
    std::unique_ptr<World> next;
    if (!worlds_.empty()) {
      next = std::move(worlds_.back());
      worlds_.pop_back();
    }
    for (std::optional<std::vector<uint64_t>> more; !stopped_;) {
      next == nullptr ? void(next = std::make_unique<World>(world)) : void(*next = world);
      more = GoOn(*next, left, transition, from);
      if (!more.has_value()) break;
      transition.said = *std::move(more);
    }
    worlds_.push_back(std::move(next));
  }

  // Returns what else may be said.
  std::optional<std::vector<uint64_t>> GoOn(World& world, const Scope& left, const Transition& transition, absl::uint128 from) {
    const uint64_t before = world.Adversities();
    if (!Take(world, transition)) return std::nullopt;
    ++counted_.transitions;
    const std::optional<std::vector<uint64_t>> more =
        world.choices().enumerated().NextToSay(static_cast<uint64_t>(left.adversities));
    const uint64_t struck = std::min<uint64_t>(world.Adversities() - before, 1000);
    if (struck > static_cast<uint64_t>(left.adversities)) return more;
    Scope less = left;
    less.adversities -= static_cast<int>(struck);
    if (less.adversities == 0) world.SetChaos(false);
    // A way is what happens by itself.
    const bool by_itself = transition.kind == Transition::Kind::kStep && struck == 0;
    const std::ptrdiff_t way_from = way_from_;
    way_.push_back(from);
    if (!by_itself) way_from_ = static_cast<std::ptrdiff_t>(way_.size());
    path_.push_back(transition);
    Visit(world, less);
    path_.pop_back();
    way_.pop_back();
    way_from_ = way_from;
    return more;
  }

  int Spent(const Scope& left) const {
    return scope_.actions - left.actions + scope_.adversities - left.adversities + scope_.overtakings - left.overtakings;
  }

  void CheckRestOf(World& world) {
    ++counted_.ends;
    if (const std::optional<Violation> violation = Rest(world)) Found(*violation);
  }

  static std::optional<Violation> Rest(World& world) {
    world.SetChaos(false);
    if (world.Settle(kSettleMax)) {
      world.CheckAtRest();
    } else if (!world.violation().has_value()) {
      return Violation{
          .law = Law::kL4, .message = absl::StrCat("not at rest after a month: ", world.Unsettled()), .step = world.step()};
    }
    return world.violation();
  }

  // It ends the search. Its whole way is gone once more, and told.
  void Found(const Violation& violation) {
    stopped_ = true;
    if (counted_.violation.has_value()) return;
    counted_.violation = violation;
    World world = BeginningOf(scope_, true);
    int adversities = scope_.adversities;
    for (const Transition& transition : path_) {
      if (transition.kind == Transition::Kind::kOvertake)
        world.Tell("world", "what comes next overtakes what was to come before");
      if (transition.kind == Transition::Kind::kAct)
        world.Tell("world", absl::StrCat("somebody: ", NameOfAction(transition.which)));
      const uint64_t before = world.Adversities();
      Take(world, transition);
      adversities -= static_cast<int>(world.Adversities() - before);
      if (adversities <= 0) world.SetChaos(false);
    }
    if (!world.violation().has_value()) Rest(world);
    const RunResult told = world.Finish();
    if (told.violation.has_value()) counted_.violation->message = MessageOf(told);
    counted_.story = WholeStoryOf(told, 200);
  }

  void Report() {
    counted_.complete = !stopped_;
    if (!takes_(counted_)) stopped_ = true;
    counted_ = {};
  }

  const Scope scope_;
  MetStates& met_;
  const TakesFound& takes_;
  StateHasher hasher_;
  Exploration counted_;  // Since the last report.
  bool stopped_ = false;
  uint64_t visits_ = 0;
  uint64_t met_again_ = 0;
  std::vector<Transition> path_;
  std::vector<absl::uint128> way_;  // The states on the path; from way_from_ on nothing but time went by.
  std::ptrdiff_t way_from_ = 0;
  std::vector<std::unique_ptr<World>> worlds_;  // That nobody needs any more.
  bool hands_on_ = false;
  std::vector<ExplorationPart> parts_;
};

}  // namespace

Scope ScopeOf(int number) {
  if (number == 0) return {.actions = 2, .adversities = 1, .overtakings = 2};
  return {.actions = 3, .adversities = 2, .overtakings = 0, .all_kinds = false};
}

int KindsOf(const Scope& scope) {
  const size_t left_out = scope.all_kinds ? 0 : std::size(kLeftOut);
  return static_cast<int>(fake::kFaultKinds - left_out) + kKindsBesides;
}

void Exploration::Add(const Exploration& other) {
  states += other.states;
  transitions += other.transitions;
  ends += other.ends;
  deepest = std::max(deepest, other.deepest);
  complete = complete && other.complete;
  if (violation.has_value() || !other.violation.has_value()) return;
  violation = other.violation;
  story = other.story;
}

MetStates::Met MetStates::Meet(absl::uint128 state, const Scope& left) {
  uint64_t& met = met_[state];
  if ((met & BitOf(left)) != 0) return Met::kBefore;
  const Met before = met == 0 ? Met::kNever : Met::kWithLess;
  met |= BitsUpTo(left);
  return before;
}

Exploration Explore(const Scope& scope, const std::function<bool(const Exploration& so_far)>& goes_on) {
  Exploration all;
  MetStates met;
  ExplorePart(scope, met, WholeOf(scope), [&](const Exploration& since) {
    all.Add(since);
    all.complete = all.complete && goes_on(all);
    return all.complete;
  });
  return all;
}

std::vector<ExplorationPart> SplitExploration(const Scope& scope, MetStates& met, const TakesFound& takes) {
  return Searcher(scope, met, takes).Split();
}

void ExplorePart(const Scope& scope, MetStates& met, ExplorationPart part, const TakesFound& takes) {
  Searcher(scope, met, takes).Run(std::move(part));
}

}  // namespace calsync::sim
