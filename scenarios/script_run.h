// A scenario while it runs: the world, and what the commands do to it. Internal to script*.cc and disturb.cc.

#ifndef CALSYNC_SCENARIOS_SCRIPT_RUN_H_
#define CALSYNC_SCENARIOS_SCRIPT_RUN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "scenarios/script.h"
#include "scenarios/world.h"

namespace calsync::sim {

class ScriptRun {
 public:
  explicit ScriptRun(const Script& script);

  // Carries out one command and takes in what the world told.
  absl::Status Do(const Command& command);
  // Ends the run.
  ScriptResult Finish(const absl::Status& status);

  // --- For the commands.

  // The plan, until the first command that acts.
  Plan& plan() { return plan_; }
  // The world; the first call makes it.
  World& world();
  bool started() const { return world_ != nullptr; }
  const std::string& calendar_name(int calendar) const { return script_.calendars[static_cast<size_t>(calendar)]; }

  // Changes the policy of instance 1: in the plan, or by the operator's word.
  void ChangePolicy(absl::FunctionRef<void(Policy&)> change);
  // The same, with the policies of directions.
  void ChangeConfig(absl::FunctionRef<void(Policy&, std::vector<Direction>&)> change);
  // Changes Google's knobs, before or during the run.
  void ChangeGoogle(absl::FunctionRef<void(fake::Knobs&)> change);

  // The event that a command means on `calendar`; live ones first, then the youngest.
  absl::StatusOr<EventPtr> FindEvent(int calendar, const EventWord& word);
  // Somebody acts. An answer that is an error fails the scenario, unless it says `refused`.
  absl::Status Act(fake::ActorId who, const Request& request);
  fake::ActorId PersonOf(int calendar);

  // Puts a line of the script's own into the trace.
  void Tell(std::string line);
  // Puts the line "settled: …" into the trace.
  void TellRest(const std::string& word);
  // Event writes of the engines since the last such line.
  int64_t WritesSince() const;
  void SetTracing(bool on);
  const Script& script() const { return script_; }

 private:
  // One line: the world's, or the script's own if it has no place.
  struct Line {
    TraceLine told;
    std::string own;
  };

  void TakeTrace();
  void Say(std::string own) { lines_.push_back({.own = std::move(own)}); }
  std::vector<std::string> PlainTrace() const;
  std::string Counted() const;

  const Script& script_;
  Plan plan_;
  std::unique_ptr<World> world_;
  std::vector<Line> lines_;
  size_t told_ = 0;  // Lines of the world's trace that were taken in.
  bool tracing_ = true;
  size_t place_width_ = 6;
  Counts counted_;  // As of the last rest.
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SCRIPT_RUN_H_
