// What one run is like: its shape, which families of adversity are in it, and how strong they are.
//
// Drawn per seed ("swarm"): each family is absent with probability one half. In a tenth of the seeds one of the first fifteen is
// on, at full strength, and nothing else, but for a third of those, in which one of the last four is on beside it. Ids (N1, U4 …)
// are those of the fault catalogue, see README.md. Rates are per mille of the calls, messages, steps or actions that they befall.
// The default is the benign world, in which nothing goes wrong.

#ifndef CALSYNC_SCENARIOS_KNOBS_H_
#define CALSYNC_SCENARIOS_KNOBS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/state/group.h"
#include "engine/state/policy.h"
#include "fakegoogle/faults/fault_plan.h"
#include "fakegoogle/model/knobs.h"
#include "scenarios/choices.h"

namespace calsync::sim {

enum class Family : uint8_t {
  kNetwork,        // N: calls lost, answers lost, late or doubled.
  kServer,         // V: refusals and errors, before and after applying.
  kConsistency,    // C: lists that lag, skip and repeat; reads of the past.
  kNotifications,  // W
  kTouchedBlocks,  // U3 … U5, U13: people edit, drag, delete and undelete our blocks, and invite guests to them.
  kCopies,         // U6 … U9, U16: copies, moves, invitations.
  kOddEvents,      // U14, U17, U19: all-day, midnight, zero length, equal slots, titles that imitate ours.
  kPrograms,       // A: strippers, copiers, fighters.
  kInstances,      // I, D8: another installation, a cloned one, another person's group.
  kAdministrator,  // G
  kAccess,         // T: roles, grants, calendars unshared.
  kCrash,          // P
  kDisk,           // D1 … D3, D10: commits that fail, or whose outcome is unknown.
  kBackups,        // D6, D7: database restored or lost.
  kClock,          // K1 … K3
  kPolicies,       // G4, U22: directions, rules, horizons; and changes of them.
  kAnswers,        // U15, U18: answers, colours, kinds of events, private text in every field, zones; more roles.
  kMirrors,        // A5: another mirroring product, which knows no tags.
  kSeries,         // U10 … U12: series, their occurrences, splits and changes of rule.
};
inline constexpr size_t kFamilies = 19;
inline constexpr size_t kFamiliesDrawnFirst = 15;  // Those above kPolicies.
absl::string_view Name(Family family);

// The size of a run. The standard seed is the default.
struct Shape {
  int calendars = 4;
  int days = 30;
  int actions = 20;     // Of people.
  bool series = true;   // People have series, too.
  bool legacy = false;  // A system that knew its blocks by their texts was there before CalSync (G5).
  int workers = 1;      // Processes that share the first installation's database (P7, K7, I4).
};

// How strong one family is. 0: absent; 1: ordinary; 2: full.
using Strength = uint8_t;

// G5: the system before CalSync, and the move from it. Of the first group alone.
struct LegacyKnobs {
  int turns = 0;             // Of the move; 0: there was no such system.
  int events_each = 0;       // That people have on each calendar when it begins.
  bool still_runs = false;   // It makes blocks yet, until ids alone decide.
  bool left_parked = false;  // What waits for the operator's word waits to the end.
  Detection first = Detection::kHybrid;
};

// P7, K7, I4: of runs with several workers.
struct WorkerKnobs {
  int mishaps = 0;  // That befall workers, per run.
  int pauses = 0;   // Per mille: steps of an engine in the middle of which its process stands still.
  absl::Duration skew_max = absl::ZeroDuration();  // Of their clocks.
};

struct Knobs {
  Shape shape;
  Strength strength[kFamilies] = {};
  Strength of(Family family) const { return strength[static_cast<size_t>(family)]; }

  std::vector<std::string> zones;     // Of calendars, by number; those without are in UTC.
  std::vector<Direction> directions;  // With policies of their own.
  Policy policy;                      // Title template, push or polling, on_block_* and page size.
  fake::Knobs google;                 // Token life, tombstones, page size, list lag, how a 409 is missed.

  bool watermarks = true;  // Each event of a person has its own start within the hour, by which its blocks are traced to it.

  fake::FaultPlan faults;   // N, V, C and W: rates for each kind, per mille of the calls or messages.
  int rejected_events = 0;  // V14, V16, per mille: events for which Google refuses every block.

  // Actors. Weights are relative to 100 for plain edits of events.
  int touch_block_weight = 0;     // U3, U4, U5
  int undelete_weight = 0;        // U13
  int copy_weight = 0;            // U6, U7, U8
  int move_weight = 0;            // U9
  int invite_weight = 0;          // U16
  int odd_event_weight = 0;       // U14, U17, U19
  int series_weight = 0;          // U10, U11, U12
  int bursts = 0;                 // Per mille of the actions that come seconds after the one before (U1, U2).
  int strippers = 0;              // A1, A2: turns in the run …
  bool stripper_insists = false;  // … always on the same event (S-2).
  int copiers = 0;                // A7
  int fighters = 0;               // A4: turns of a program that wants a block elsewhere.
  int cleaners = 0;               // A6: turns of a program that deletes what it does not know.
  int manglers = 0;               // A8, A10: turns of one that writes keys like ours.
  bool second_instance = false;   // I1
  bool clone = false;             // I2, D8
  bool second_group = false;      // L10
  int administrations = 0;        // G, per run.
  int policy_changes = 0;         // G4, per run.
  int answer_weight = 0;          // U15
  int kind_weight = 0;            // Working location, out of office, focus time, birthday, from mail, kinds of the future.
  int zone_changes = 0;           // U18, per run.
  int mirror_turns = 0;           // A5: how often the product looks; one turn after the other.
  int access_changes = 0;         // T, per run.

  LegacyKnobs legacy;
  WorkerKnobs workers;

  int crash = 0;               // P1 … P5, per step of an engine.
  int commit_fails = 0;        // D1, D2, per commit.
  int commit_unknown = 0;      // D3
  int disk_full_spells = 0;    // D10, per run.
  int databases_lost = 0;      // D7, per run.
  int databases_restored = 0;  // D6, per run.
  int clock_steps = 0;         // K1, K2, per run.
  absl::Duration clock_step_max = absl::ZeroDuration();
  absl::Duration skew_max = absl::ZeroDuration();  // K3
  int suspensions = 0;                             // K6, per run: the host sleeps for hours.
  int crash_loops = 0;                             // P6, per run: it dies again and again soon after its start.
  int slow_commits = 0;                            // D9, per commit.
  bool redelivers = false;                         // W11: messages that nobody takes come again.
  int lurking = 0;                                 // Per mille: turns of actors that lie in wait, see Lurkers.
};

// Rules for one direction, or for all: what differs from `base` is drawn.
DirectionPolicy DrawRules(Choices& choices, Stream stream, DirectionPolicy base);
// Directions between so many calendars, with policies of their own.
std::vector<Direction> DrawDirections(Choices& choices, Stream stream, int calendars, const DirectionPolicy& base);

// Draws the knobs of a run of this shape.
Knobs DrawKnobs(Choices& choices, const Shape& shape);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_KNOBS_H_
