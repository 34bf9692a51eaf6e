// What a watcher sees of a run, one kind for each thing that flows by between engines, hosts and Google. Marks (marks.h) are
// predicates over these. They are seen from the harness's side: the engine knows nothing of it.

#ifndef CALSYNC_SCENARIOS_SIGHTS_H_
#define CALSYNC_SCENARIOS_SIGHTS_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/failure.h"
#include "engine/host/audit.h"
#include "engine/host/input.h"
#include "engine/state/record.h"
#include "fakegoogle/faults/fault_layer.h"
#include "fakegoogle/model/truth.h"
#include "scenarios/ghost.h"
#include "scenarios/laws/at_rest.h"
#include "scenarios/phases.h"

namespace calsync::sim {

// What went before with one event, as far as its engine's calls tell: since the engine was last started.
struct EventPast {
  uint8_t inserts = 0;
  uint8_t patches = 0;
  uint8_t deletes = 0;
  uint8_t stale = 0;                  // Answers 412 …
  uint8_t refused = 0;                // … "not now" …
  bool insert_ambiguous = false;      // … and of the last insert: nobody knows …
  bool insert_taken = false;          // … or 409 …
  bool insert_not_found = false;      // … and what a read said then: it is not there.
  bool delete_ambiguous = false;      // Of the last delete: nobody knows.
  bool patch_ambiguous = false;       // Of the last patch.
  bool inserted_by_a_former = false;  // An engine before this one sent the insert.
};

// What an engine has under way.
struct UnderWay {
  uint32_t phases = 0;  // Bits of the group's phases.
  int lists = 0;
  int reads = 0;
  int inserts = 0;
  int patches = 0;
  int tags = 0;
  int deletes = 0;
  int channel_calls = 0;
  int restarts = 0;
  int most_on_one_calendar = 0;  // Event calls.
  bool catching_up = false;
  int calls() const { return lists + reads + inserts + patches + tags + deletes + channel_calls; }
};

// A call leaves.
struct Sent {
  Phase phase = Phase::kRead;
  CallKind kind = CallKind::kGet;
  const Request& request;
  const fake::CallPlan& plan;
  const calsync::Record* row;  // As committed, of the event that it is about; null if there is none.
  EventPast past;              // Before it.
  UnderWay under_way;
  bool beside_another = false;  // Another engine has a call about the same calendar in flight.
  const InsertEvent* insert() const { return std::get_if<InsertEvent>(&request); }
  const PatchEvent* patch() const { return std::get_if<PatchEvent>(&request); }
};

// An answer is heard.
struct Answered {
  Phase phase = Phase::kRead;
  CallKind kind = CallKind::kGet;
  const Reply& reply;
  std::optional<Failure> failure;
  int answers_before = 0;      // For the same call.
  bool given_up = false;       // … and one of them was that nobody answered in time.
  int page = 1;                // Of a listing.
  bool told_before = false;    // A watch: a message of its channel came before.
  const calsync::Record* row;  // As committed before, of the event that the call was about.
  EventPast past;              // Of it, before this answer.
  UnderWay under_way;          // With the call itself.
  const Event* shown;          // What the answer shows; null if it is no single event.
  bool shows_flying = false;   // A listing: it shows an event with a write of ours in flight …
  bool hides_flying = false;   // … or a write of ours was applied and this does not show it.
  bool child_first = false;    // … or an occurrence before its series.
};

// A row is made durable.
struct Committed {
  const calsync::Record* before;  // Null: there was none at this place.
  const calsync::Record& after;
  bool catching_up = false;
};

// An entry of the audit trail is made durable.
struct Audited {
  const AuditEntry& entry;
  bool catching_up = false;
};

// Somebody other than an engine changed an event.
struct ChangeSeen {
  const fake::WriteRecord& write;
  const GhostEvent* truth;    // Before the change; null if the event is new.
  bool flies_insert = false;  // An engine has such a call for this event in flight …
  bool flies_patch = false;
  bool flies_delete = false;
  bool flies_read = false;
  bool source_flies_insert = false;  // … or for a block of it.
  bool source_flies_patch = false;
  bool source_flies_delete = false;
  bool listed_now = false;  // Its calendar is being listed.
  bool down = false;        // An engine that links the calendar does not run.
  bool catching_up = false;
  bool of_block() const { return truth != nullptr && truth->nature == Nature::kBlock; }
  bool of_person() const { return truth == nullptr || truth->nature == Nature::kUserEvent; }
  bool deletes() const { return write.after->IsCancelled() && write.before != nullptr && !write.before->IsCancelled(); }
  bool moves() const {
    return write.before != nullptr && !write.after->IsCancelled() && !write.before->IsCancelled() &&
           !(write.before->span() == write.after->span());
  }
};

// A message arrives at a host.
struct MessageSeen {
  bool known = false;    // Its channel and token are known.
  bool forged = false;   // … the channel is, the token is not.
  bool planned = false;  // The answer that makes the channel has not come yet.
  bool stopping = false;
  bool down = false;
  bool own_echo = false;     // The last change of the calendar was by the engine itself.
  bool of_disabled = false;  // Of a calendar that is not enabled.
  ResourceState state = ResourceState::kExists;
  UnderWay under_way;
};

// Something befell a process, or it started.
struct Processed {
  enum class What : uint8_t {
    kDies,
    kStarts,
    kCommitLost,
    kCommitUnknown,
    // Of workers.
    kLeaseWentOn,    // It stood still, and its group is another's, or free.
    kCommitRefused,  // By the fences.
    kCallHeldBack,   // The lease would not outlast it.
    kGroupLeft,      // For balance, or because it drains.
    kBeatUnheard     // It was carried out, and the answer is lost.
  };
  What what = What::kDies;
  UnderWay under_way;
  int incarnation = 0;
  bool restored = false;      // kStarts: its store is older than what was known.
  size_t rows = 0;            // kStarts: in its store.
  int ambiguous_inserts = 0;  // kStarts: rows in `creating` whose insert may have left.
  int doomed = 0;             // kStarts: rows in `deleting`.
  int crashes_in_a_row = 0;   // kDies: without coming to rest in between.
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SIGHTS_H_
