#include "scenarios/explore.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "scenarios/explore_actions.h"
#include "scenarios/run_hash.h"
#include "scenarios/state_hash.h"
#include "scenarios/story.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

// What is under way and comes later than this after the next thing is no rival of it.
constexpr absl::Duration kRivals = absl::Seconds(10);
constexpr absl::Duration kSettleMax = absl::Hours(24 * 30);
constexpr uint64_t kAskedEvery = 256;  // States.

Plan PlanOfScope(bool tracing) {
  Plan plan = QuietPlan({"work", "home"}, UsualStart());
  plan.tracing = tracing;
  plan.knobs.faults.enumerate = true;
  plan.knobs.faults.per_mille.fill(1);
  plan.knobs.crash = 1;
  plan.knobs.commit_fails = 1;
  plan.knobs.commit_unknown = 1;
  return plan;
}

// What goes on from a state: the next thing happens, something else comes first, or somebody acts; and what is answered to
// whatever that leaves open.
struct Transition {
  enum class Kind : uint8_t { kStep, kOvertake, kAct };
  Kind kind = Kind::kStep;
  size_t which = 0;  // Of what is under way, or of the actions.
  std::vector<uint64_t> said;
};

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

World BeginningOf(bool tracing) {
  World world(PlanOfScope(tracing), Choices::Enumerated());
  world.Settle();  // Two empty calendars, listed and watched.
  world.SetChaos(true);
  return world;
}

class Explorer {
 public:
  Explorer(const Scope& scope, const std::function<bool(const Exploration&)>& goes_on) : scope_(scope), goes_on_(goes_on) {}

  Exploration Run() {
    Visit(BeginningOf(false), scope_);
    result_.complete = !stopped_;
    return std::move(result_);
  }

 private:
  void Visit(const World& world, const Scope& left) {
    if (stopped_) return;
    if (world.violation().has_value()) return Found(*world.violation());
    RunHash key;
    const absl::uint128 state = StateHashOf(world);
    key.Add(absl::Uint128High64(state));
    key.Add(absl::Uint128Low64(state));
    key.Add(static_cast<uint64_t>(left.actions * 256 + left.adversities * 16 + left.overtakings));
    if (!met_.insert(key.value()).second) return;
    ++result_.states;
    result_.deepest = std::max<uint64_t>(result_.deepest, path_.size());
    if (result_.states % kAskedEvery == 0 && !goes_on_(result_)) {
      stopped_ = true;
      return;
    }
    const bool at_rest = world.Unsettled().empty();
    if (at_rest || (left.actions == 0 && left.adversities == 0 && left.overtakings == 0)) CheckRestOf(world);
    if (!at_rest && (left.actions > 0 || left.adversities > 0 || left.overtakings > 0)) {
      Try(world, left, {.kind = Transition::Kind::kStep});
      if (left.overtakings > 0) {
        Scope less = left;
        --less.overtakings;
        for (size_t i = 1; i < Rivals(world); ++i) Try(world, less, {.kind = Transition::Kind::kOvertake, .which = i});
      }
    }
    if (left.actions > 0) {
      Scope less = left;
      --less.actions;
      for (size_t i = 0; i < kExploredActions; ++i) Try(world, less, {.kind = Transition::Kind::kAct, .which = i});
    }
  }

  // The transition under every answer to what it leaves open.
  void Try(const World& world, const Scope& left, Transition transition) {
    const uint64_t before = world.Adversities();
    for (;;) {
      World next = world;
      if (!Take(next, transition) || stopped_) return;
      ++result_.transitions;
      const std::optional<std::vector<uint64_t>> more =
          next.choices().enumerated().NextToSay(static_cast<uint64_t>(left.adversities));
      const uint64_t struck = std::min<uint64_t>(next.Adversities() - before, 1000);
      if (struck <= static_cast<uint64_t>(left.adversities)) {
        Scope less = left;
        less.adversities -= static_cast<int>(struck);
        if (less.adversities == 0) next.SetChaos(false);
        path_.push_back(transition);
        Visit(next, less);
        path_.pop_back();
      }
      if (!more.has_value()) return;
      transition.said = *more;
    }
  }

  size_t Rivals(const World& world) const {
    size_t rivals = 0;
    absl::Time last = absl::InfiniteFuture();
    size_t seen = 0;
    world.agenda().ForEach([&](absl::Time time, const Happening&) {
      if (seen++ == 0) last = time + kRivals;
      if (time <= last) ++rivals;
    });
    return std::min(rivals, world.agenda().under_way());
  }

  void CheckRestOf(const World& world) {
    ++result_.ends;
    World end = world;
    Rest(end);
    if (const std::optional<Violation> violation = Rest(end)) Found(*violation);
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

  // The first one ends the search; its whole way is gone once more, and told.
  void Found(const Violation& violation) {
    if (result_.violation.has_value()) return;
    stopped_ = true;
    result_.violation = violation;
    World world = BeginningOf(true);
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
    if (told.violation.has_value()) result_.violation->message = MessageOf(told);
    result_.story = WholeStoryOf(told, 200);
  }

  const Scope scope_;
  const std::function<bool(const Exploration&)>& goes_on_;
  Exploration result_;
  absl::flat_hash_set<absl::uint128> met_;  // Look-ups only.
  std::vector<Transition> path_;
  bool stopped_ = false;
};

}  // namespace

Scope ScopeOf(int number) {
  if (number == 0) return {.actions = 2, .adversities = 1, .overtakings = 1};
  return {.actions = 3, .adversities = 2, .overtakings = 2};
}

Exploration Explore(const Scope& scope, const std::function<bool(const Exploration& so_far)>& goes_on) {
  return Explorer(scope, goes_on).Run();
}

}  // namespace calsync::sim
