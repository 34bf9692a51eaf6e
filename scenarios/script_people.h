// What the commands of scenarios have people, and the programs that they let at their calendars, do. Internal to script*.cc.
//
// Each makes the call that such a person's client would make, and fails with the sentence for the scenario's author if there is
// no such event, or if Google refuses.

#ifndef CALSYNC_SCENARIOS_SCRIPT_PEOPLE_H_
#define CALSYNC_SCENARIOS_SCRIPT_PEOPLE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/event_time.h"
#include "scenarios/script.h"
#include "scenarios/script_run.h"
#include "scenarios/world.h"

namespace calsync::sim::people {

// Recurrence lines, apart by `|`.
std::vector<std::string> LinesOf(const std::string& rule);

EventTime WrittenStart(const TimeWord& time);
EventTime WrittenEnd(const TimeWord& start, absl::Duration length);

absl::Status Add(ScriptRun& run, int calendar, const std::string& title, const TimeWord& start, absl::Duration length,
                 const std::vector<ChangeWord>& changes);
absl::Status Change(ScriptRun& run, int calendar, const EventWord& word, const std::vector<ChangeWord>& changes);
// `length` null: it stays as long as it is.
absl::Status Drag(ScriptRun& run, int calendar, const EventWord& word, const TimeWord& to, const absl::Duration* length);
absl::Status Delete(ScriptRun& run, int calendar, const EventWord& word);
absl::Status DeleteAll(ScriptRun& run, int calendar);
absl::Status Undelete(ScriptRun& run, int calendar, const EventWord& word);
absl::Status Move(ScriptRun& run, int calendar, const EventWord& word, int to);
absl::Status Copy(ScriptRun& run, fake::ActorId who, int calendar, const EventWord& word, int to, World::CopyTags tags);
absl::Status CopyAll(ScriptRun& run, fake::ActorId who, int calendar, int to, World::CopyTags tags);

absl::Status AddSeries(ScriptRun& run, int calendar, const std::string& title, const TimeWord& start, absl::Duration length,
                       const std::string& rule, const std::string& zone);
// `at`: where the series has the occurrence.
absl::Status PatchOccurrence(ScriptRun& run, int calendar, const EventWord& word, const TimeWord& at, EventPatch patch);
absl::Status DragOccurrence(ScriptRun& run, int calendar, const EventWord& word, const TimeWord& at, const TimeWord& to);
absl::Status DeleteOccurrence(ScriptRun& run, int calendar, const EventWord& word, const TimeWord& at);
absl::Status ChangeRule(ScriptRun& run, int calendar, const EventWord& word, std::vector<std::string> lines);
// "This and following", as Google's user interface does it (contract 4.5).
absl::Status DragFromOn(ScriptRun& run, int calendar, const EventWord& word, const TimeWord& at, const TimeWord& to);

// A program writes every event of the calendar back from its own model, which has no extended properties (S-2).
absl::Status StripAll(ScriptRun& run, int calendar);

}  // namespace calsync::sim::people

#endif  // CALSYNC_SCENARIOS_SCRIPT_PEOPLE_H_
