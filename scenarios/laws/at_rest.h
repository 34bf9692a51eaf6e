// What the oracles that judge at rest look at: one group's slots by ground truth, its live blocks, and what the engine's rows
// say.
//
// The rows are witnesses only: they say which block is for which source, and why a slot is empty. What they say is believed when
// the ground truth bears it out.

#ifndef CALSYNC_SCENARIOS_LAWS_AT_REST_H_
#define CALSYNC_SCENARIOS_LAWS_AT_REST_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/state/group.h"
#include "engine/state/record.h"
#include "engine/state/records.h"
#include "fakegoogle/model/server.h"
#include "scenarios/ghost.h"
#include "scenarios/laws/ideal.h"
#include "scenarios/laws/trail.h"

namespace calsync::sim {

// What a row says about a slot or block.
struct RowWords {
  bool known = false;  // There is a row.
  RecordKind kind = RecordKind::kSeen;
  RecordStatus status = RecordStatus::kSeen;
  SeenAs seen_as = SeenAs::kUndecided;
  Hold hold = Hold::kNone;
  int fights = 0;
  bool doomed = false;
  CorrelationId id;
};

// From a person's click until a group has surely heard of it, in the worst of drawn worlds.
inline constexpr absl::Duration kHeard = absl::Hours(216);

struct LiveBlock {
  int target = -1;
  EventPtr event;
  bool revived = false;  // By a person.
  bool legacy = false;   // Adopted: the system before CalSync made it.
  RowWords row;
  std::optional<Spot> source;   // As the row says; nothing if it is unbound or its source has no row.
  int slot = -1;                // Index into RestView::slots; -1: no such slot.
  bool fragment = false;        // Split off a block by a person.
  std::vector<BusyTime> times;  // Of a series, as far as the horizon requires.
  std::vector<std::pair<OriginalStart, RowWords>> occurrences;  // What the engine holds of them.
};

struct LiveOther {
  int calendar = -1;
  EventPtr event;
  Nature nature = Nature::kUserEvent;
  bool same_family = false;  // A copy of a block of this group's own.
  int moved_from = -1;       // … which a person moved here from there, …
  absl::Time moved_at = absl::InfinitePast();
  bool was_due_there = false;      // … for an event that was what it is now long before that, and has its slot there;
  bool loss_is_respected = false;  // … and the slot's row says that a person took it away.
  RowWords row;
  Blocking blocking = Blocking::kBlocks;
  bool taken = false;           // The operator told this group that it is a block of the system before.
  bool revived = false;         // Somebody brought it back since.
  bool skip_on_record = false;  // The audit trail says that it was skipped, and why.
  std::string told_skip;        // … what of it policies leave out.
};

struct RestView {
  GroupFacts group;
  bool breaker_open = false;
  bool sweep_held = false;
  bool cloned = false;  // A second process with the same identity wrote, too.
  absl::Time now;       // The world's.
  absl::Time last_rest = absl::InfinitePast();
  absl::Time amnesty = absl::InfinitePast();  // Last time something else than people could change what is respected: a lost or
                                              // restored database, a new configuration, a changed role.
  std::vector<IdealSlot> slots;
  std::vector<RowWords> slot_rows;           // By slot.
  std::vector<const GhostSlot*> slot_truth;  // By slot; null if nobody ever touched its blocks.
  std::vector<LiveBlock> blocks;
  std::vector<LiveOther> others;  // All live events on enabled, readable calendars that are not blocks of this group.

  std::string Describe(const IdealSlot& slot) const;
  std::string Describe(const LiveBlock& block) const;
  std::string CalendarName(int calendar) const;
  bool IsFrozen(int calendar) const;  // It cannot be read, or not be written.
};

// The witness: what an engine holds when it is questioned.
struct EngineRows {
  const Records& records;
  const GroupRow& group;
  std::vector<const CalendarRow*> calendars;
  const Trail* trail = nullptr;
};

RestView LookAtRest(const fake::Server& server, const Ghost& ghost, const EngineRows& rows, GroupFacts group, absl::Time now,
                    absl::Time last_rest, absl::Time amnesty);

// True if people and programs had touched the slot's blocks so much by then that giving up was right.
bool WasFoughtOver(const GhostSlot* truth, absl::Time when);
// True if they did by now, and the engine says that it gave up.
bool IsFight(const RestView& view, const GhostSlot* truth, const RowWords& row);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_AT_REST_H_
