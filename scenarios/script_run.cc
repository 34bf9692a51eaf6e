#include "scenarios/script_run.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "scenarios/choices.h"
#include "scenarios/plain_words.h"

namespace calsync::sim {
namespace {

std::string Some(uint64_t count, absl::string_view one, absl::string_view many) {
  return absl::StrCat(count, " ", count == 1 ? one : many);
}

}  // namespace

ScriptRun::ScriptRun(const Script& script) : script_(script), plan_(QuietPlan(script.calendars, UsualStart() + absl::Hours(8))) {
  plan_.tracing = true;
  plan_.thorough = true;
  plan_.knobs.rejected_events = 1;  // Only if a scenario says which: choice 0 is benign.
  for (const std::string& name : script.calendars) place_width_ = std::max(place_width_, name.size());
}

World& ScriptRun::world() {
  if (world_ != nullptr) return *world_;
  world_ = std::make_unique<World>(plan_, Choices());
  // People may do everything on all of their calendars. Before anybody has a sync token, which a new role would end (C-26).
  for (int from = 0; from < world_->calendars(); ++from) {
    for (int to = 0; to < world_->calendars(); ++to) {
      if (from != to) world_->server().SetRole(world_->google_id(to), world_->owner_account(from), AccessRole::kWriter);
    }
  }
  return *world_;
}

absl::Status ScriptRun::Do(const Command& command) {
  if (command.row == CommandTable().size()) return absl::OkStatus();  // A comment.
  const CommandRow& row = CommandTable()[command.row];
  if (started()) TakeTrace();
  const absl::string_view first = row.syntax.substr(0, row.syntax.find(' '));
  const bool silent = row.when == CommandRow::When::kScene || first == "settle" || first == "expect" || first == "trace";
  if (tracing_ && !silent) Say(absl::StrCat("-- ", command.text));
  const absl::Status status = row.carry_out(*this, command.arguments);
  if (started()) TakeTrace();
  if (!status.ok())
    return absl::Status(status.code(), absl::StrCat("line ", command.line, ": ", command.text, ": ", status.message()));
  if (started() && world_->violation().has_value()) {
    const Violation& broken = *world_->violation();
    return absl::InternalError(absl::StrCat("line ", command.line, ": ", command.text, ": ", ShortName(broken.law), " ",
                                            Name(broken.law), ": ", broken.message));
  }
  return absl::OkStatus();
}

ScriptResult ScriptRun::Finish(const absl::Status& status) {
  ScriptResult result;
  absl::Status end = status;
  if (started()) {
    RunResult run = world_->Finish();
    TakeTrace();
    result.violation = run.violation;
    if (end.ok() && run.violation.has_value()) {
      end = absl::InternalError(absl::StrCat("at the end: ", ShortName(run.violation->law), " ", Name(run.violation->law), ": ",
                                             run.violation->message));
    }
  }
  result.trace = PlainTrace();
  result.trouble = std::string(end.message());
  return result;
}

void ScriptRun::ChangePolicy(absl::FunctionRef<void(Policy&)> change) {
  ChangeConfig([&](Policy& policy, std::vector<Direction>&) { change(policy); });
}

void ScriptRun::ChangeConfig(absl::FunctionRef<void(Policy&, std::vector<Direction>&)> change) {
  if (!started()) {
    for (InstancePlan& instance : plan_.instances) change(instance.policy, instance.directions);
    return;
  }
  GroupConfig config = world_->config(0);
  change(config.policy, config.directions);
  world_->Command(0, Reconfigure{std::move(config)});
}

void ScriptRun::ChangeGoogle(absl::FunctionRef<void(fake::Knobs&)> change) {
  if (started()) {
    change(world_->server().knobs());
  } else {
    change(plan_.knobs.google);
  }
}

absl::StatusOr<EventPtr> ScriptRun::FindEvent(int calendar, const EventWord& word) {
  World& now = world();
  // The youngest live event of the calendar that fits, else the youngest dead one; a series before its occurrences.
  const auto youngest = [&](int at, absl::FunctionRef<bool(const Event&, const GhostEvent*)> fits) {
    EventPtr best;
    std::tuple<bool, bool, uint32_t> best_rank;
    const fake::Calendar* google = now.server().FindCalendar(now.google_id(at));
    if (google == nullptr) return best;
    for (const auto& [id, entry] : google->by_id()) {
      const EventPtr& event = google->Current(entry);
      if (event == nullptr || !fits(*event, now.ghost().Find(at, id))) continue;
      const std::tuple<bool, bool, uint32_t> rank{!event->IsCancelled(), !event->IsOccurrence(), entry};
      if (best == nullptr || rank > best_rank) best = event, best_rank = rank;
    }
    return best;
  };
  const auto titled = [&](const Event& event, const GhostEvent* ghost) {
    return event.summary == word.title && (ghost == nullptr || ghost->nature != Nature::kBlock);
  };
  if (!word.block) {
    EventPtr event = youngest(calendar, titled);
    if (event == nullptr) {
      return absl::NotFoundError(absl::StrCat("there is no event \"", word.title, "\" on ", calendar_name(calendar)));
    }
    return event;
  }
  EventPtr source;
  int from = word.from;
  for (int at = 0; at < now.calendars() && word.from < 0; ++at) {
    EventPtr found = at == calendar ? nullptr : youngest(at, titled);
    if (found == nullptr || (source != nullptr && found->IsCancelled())) continue;
    if (source != nullptr && !source->IsCancelled()) {
      return absl::InvalidArgumentError(absl::StrCat("several calendars have \"", word.title, "\": say `from` which"));
    }
    source = found;
    from = at;
  }
  if (word.from >= 0) source = youngest(word.from, titled);
  if (source == nullptr) return absl::NotFoundError(absl::StrCat("there is no event \"", word.title, "\" to have a block"));
  EventPtr block = youngest(calendar, [&](const Event&, const GhostEvent* ghost) {
    return ghost != nullptr && ghost->nature == Nature::kBlock && ghost->source == Spot{from, source->id};
  });
  if (block == nullptr) {
    return absl::NotFoundError(absl::StrCat("\"", word.title, "\" has no block on ", calendar_name(calendar)));
  }
  return block;
}

absl::Status ScriptRun::Act(fake::ActorId who, const Request& request) {
  const Reply reply = world().Act(who, request);
  if (const ApiError* error = std::get_if<ApiError>(&reply)) {
    return absl::FailedPreconditionError(absl::StrCat("Google refuses: ", error->code, " ", error->reason, " ", error->message));
  }
  return absl::OkStatus();
}

fake::ActorId ScriptRun::PersonOf(int calendar) {
  return world().person(world().plan().calendars[static_cast<size_t>(calendar)].person);
}

std::string ScriptRun::Counted() const {
  uint64_t events = 0, blocks = 0, copies = 0, before = 0, flying = 0;
  for (int calendar = 0; calendar < world_->calendars(); ++calendar) {
    if (world_->server().FindCalendar(world_->google_id(calendar)) == nullptr) continue;
    world_->server().ForEachLive(world_->google_id(calendar), [&](const EventPtr& event) {
      const GhostEvent* ghost = world_->ghost().Find(calendar, event->id);
      const Nature nature = ghost == nullptr ? Nature::kUserEvent : ghost->nature;
      ++(nature == Nature::kUserEvent     ? events
         : nature == Nature::kBlock       ? blocks
         : nature == Nature::kLegacyBlock ? before
                                          : copies);
    });
  }
  for (int i = 0; i < world_->instances(); ++i) {
    if (world_->host(i).running()) flying += world_->host(i).engine().calls_in_flight();
  }
  std::vector<std::string> parts = {Some(events, "user event", "user events"), Some(blocks, "block", "blocks")};
  if (before > 0) parts.push_back(Some(before, "block of the system before", "blocks of the system before"));
  if (copies > 0) parts.push_back(Some(copies, "copy of a block", "copies of blocks"));
  parts.push_back(absl::StrCat(flying, " in flight"));
  const Counts& counts = world_->counts();
  parts.push_back(Some(counts.event_writes - counted_.event_writes, "write", "writes"));
  std::vector<std::string> calls;
  for (size_t kind = 0; kind < kRequestKinds; ++kind) {
    const uint64_t more = counts.calls[kind] - counted_.calls[kind];
    if (more > 0) calls.push_back(absl::StrCat(more, " ", RequestName(kind)));
  }
  return absl::StrCat(absl::StrJoin(parts, ", "), calls.empty() ? "; no calls" : "; calls: ", absl::StrJoin(calls, ", "));
}

void ScriptRun::Tell(std::string line) {
  TakeTrace();
  Say(std::move(line));
}

void ScriptRun::TellRest(const std::string& word) {
  Tell(absl::StrCat(word, ": ", Counted()));
  counted_ = world_->counts();
}

int64_t ScriptRun::WritesSince() const {
  return static_cast<int64_t>(world_ == nullptr ? 0 : world_->counts().event_writes - counted_.event_writes);
}

void ScriptRun::SetTracing(bool on) {
  TakeTrace();
  if (tracing_ && !on) Say("(not told)");
  tracing_ = on;
}

void ScriptRun::TakeTrace() {
  if (!started()) return;
  const std::vector<TraceLine>& lines = world_->trace();
  for (; told_ < lines.size(); ++told_) {
    if (tracing_) lines_.push_back({.told = lines[told_]});
  }
}

// Only now every event that ever was has its short name, also where it was only planned.
std::vector<std::string> ScriptRun::PlainTrace() const {
  std::vector<std::string> trace;
  PlainWords words;
  absl::CivilDay day;
  for (const Line& line : lines_) {
    if (!line.own.empty()) {
      trace.push_back(line.own);
      continue;
    }
    const std::string what = words.Of(world_->WithShortNames(line.told.what));
    if (what.empty()) continue;
    const absl::CivilDay today = absl::ToCivilDay(line.told.at, absl::UTCTimeZone());
    if (today != day) trace.push_back(absl::FormatTime("%A %Y-%m-%d", line.told.at, absl::UTCTimeZone()));
    day = today;
    trace.push_back(absl::StrFormat("%s %-*s %s", absl::FormatTime("%H:%M:%S", line.told.at, absl::UTCTimeZone()),
                                    static_cast<int>(place_width_), line.told.place, what));
  }
  return trace;
}

ScriptResult RunScript(const Script& script) {
  ScriptRun run(script);
  absl::Status status;
  for (const Command& command : script.commands) {
    status = run.Do(command);
    if (!status.ok()) break;
  }
  return run.Finish(status);
}

}  // namespace calsync::sim
