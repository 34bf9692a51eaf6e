// Occurrences of people's series that are not what their series makes them: changed, moved, cancelled, brought back, early, late
// or without a series at all. What answers to them on blocks: block_occurrences.h. Contract section 4, S-18.

#ifndef CALSYNC_ENGINE_DECIDE_OCCURRENCES_H_
#define CALSYNC_ENGINE_DECIDE_OCCURRENCES_H_

#include "engine/decide/evidence.h"
#include "engine/decide/live_group.h"

namespace calsync {

// Takes over what makes an event an occurrence, or nothing.
void TakeOccurrenceFields(const LiveGroup& group, Record& record, const Event& event);

// The row of the series' occurrence with this original start; one that its series gives, if there are several.
std::optional<RowIndex> FindOccurrence(const LiveGroup& group, const Record& master, const OriginalStart& original);

// The series does not have this occurrence (K-11): it needs a block of its own, or nothing. The same is true of the other copies
// of the meeting.
void Strand(LiveGroup& group, RowIndex source);
// Exceptions of the series that its text denies (see NeverGives) are sources by themselves, on every calendar with a copy of it:
// nothing has to be asked for that. `source`: the series, or the exception.
void StrandDenied(LiveGroup& group, RowIndex source);

// The occurrence waits: nobody has shown its master yet.
bool WaitsForMaster(const LiveGroup& group, const Record& record);
// The master of occurrences that wait for it is decided: so are they.
void ResolveHeld(LiveGroup& group, RowIndex master);
// One that waits is cancelled: what it is by then is told when its master is. A split may have given it another, which may be
// decided already, or is asked for.
void EndHeld(LiveGroup& group, RowIndex row);
// A listing has come to its end: masters that it did not show are read.
void AskForMasters(LiveGroup& group, LiveCalendar& calendar);

// True if an event is answered in a version before one that is known (C3); of an occurrence that is not known as an exception,
// before its series' last: it tells of a rule that is no more, or of what a block showed before we wrote it (seed 3013858).
bool IsStale(const LiveGroup& group, RowIndex row, const Event& shown);

// A cancelled occurrence of a source, or one that waits for its master, may have gone over to another series with a split
// (contract 4.5).
void FollowMaster(LiveGroup& group, RowIndex row, const Event& event);

// What is known of a source's occurrences is doubtful, since their series changed (contract 4.4).
enum class SeriesChange : uint8_t { kAnchor, kText };
void DoubtOccurrences(LiveGroup& group, RowIndex master, SeriesChange change);
// Occurrences that were read in a version of their series that nobody had heard of yet looked like exceptions: what is just what
// its series makes it is so from now on (seed 13999138).
void RecognizePlain(LiveGroup& group, RowIndex master);
// An occurrence that ended was met, and nothing says that its end is newer than its series: it may be of a rule that nobody saw,
// changed twice between two listings (seed 22904). It is read. `since_ms`: the version of the series that was
// known before; 0 if none was.
void DoubtEndsOlderThan(LiveGroup& group, RowIndex master, int64_t since_ms);
void DoubtEndIfOlder(LiveGroup& group, RowIndex occurrence);
// True if the series' text alone shows that it gives no such occurrence (K-11).
bool Denies(const LiveGroup& group, const Record& master, const OriginalStart& original);

// The series was changed more often than was seen: all ends are read (seed 7399490004448).
void DoubtEnds(LiveGroup& group, RowIndex master);

// A series of a person is gone, and with it its occurrences (C-68). Exceptions are read: one that is there all the same was
// brought back, or somebody was invited to it alone, perhaps before anybody heard of the end (seed 4465899).
void EndOccurrencesOfSource(LiveGroup& group, RowIndex master);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_OCCURRENCES_H_
