// Ground truth: who made what, who changed it, who deleted it (C-57). For oracles only; the API never shows it.

#ifndef CALSYNC_FAKEGOOGLE_MODEL_TRUTH_H_
#define CALSYNC_FAKEGOOGLE_MODEL_TRUTH_H_

#include <compare>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/api/event.h"
#include "engine/api/ids.h"

namespace calsync::fake {

enum class ActorKind : uint8_t {
  kGoogle,   // The server itself: propagation to guests, conference data.
  kPerson,   // A person in Google's own user interface: outside the API's quotas and grants.
  kProgram,  // Another program, with a grant of its own.
  kEngine,   // An instance of ours.
};

struct ActorId {
  ActorKind kind = ActorKind::kGoogle;
  uint32_t number = 0;
  friend auto operator<=>(const ActorId&, const ActorId&) = default;
};

// "person 2", "engine 0"; Google has no number.
std::string ToString(ActorId actor);

// How an event came to be on its calendar.
enum class Origin : uint8_t {
  kInserted,
  kImported,
  kCopied,   // An invitation put it on the guest's calendar (C-13).
  kMoved,    // events.move from another calendar (C-53).
  kPlanted,  // By Server::Plant: data as it may be stored, whatever the API would refuse.
  kChanged,  // An occurrence that somebody changed, so that it became an exception with a state of its own (C-62).
  kSplit,    // Google's "this and following" made it of another series (C-66).
};
absl::string_view Name(Origin origin);

// What is true of one event, live or not.
struct EventTruth {
  ActorId creator;     // Of a copy or a moved event: the creator of the original. Of an exception or a part: the series'.
  ActorId brought_by;  // Who put it on this calendar: the creator, the mover, the importer, or Google for a copy.
  Origin origin = Origin::kInserted;
  CalendarId came_from;  // Copied or moved: from there. Else empty.
  EventId split_from;    // kSplit: the series, of this calendar, that it was a part of.
  absl::Time created_at;
  ActorId last_writer;
  absl::Time last_write_at;
  ActorId deleted_by;  // While cancelled: whose call caused it. A copy is cancelled by who cancelled the original.
  absl::Time deleted_at = absl::InfiniteFuture();  // InfiniteFuture while live.
};

enum class WriteKind : uint8_t {
  kInserted,
  kOverwritten,  // A colliding insert that was accepted (K-5).
  kImported,     // New or in place.
  kPatched,
  kReplaced,  // By PUT.
  kRevived,   // By patch, PUT or import of a cancelled event.
  kDeleted,   // By delete, or by patch or PUT of the status.
  kMovedAway,
  kMovedIn,
  kPropagated,  // The organizer's change arrived at a copy; the actor is who caused it.
  kAnswered,    // A guest's answer arrived; the actor is the guest's.
  kTouched,     // A second version made by the server (C-59).
  kPlanted,
};
absl::string_view Name(WriteKind kind);

// One committed change of one event.
struct WriteRecord {
  absl::Time time;
  ActorId actor;
  WriteKind kind = WriteKind::kInserted;
  CalendarId calendar;
  EventId event;
  EventPtr before;  // Null if the event was not there. Of a first change of an occurrence: what the series had given.
  EventPtr after;   // Never null; after a deletion its status is cancelled.
  int mails = 0;    // To guests, caused by this write (S-33).
};

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_TRUTH_H_
