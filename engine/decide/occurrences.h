// Occurrences: what follows when one of a series is changed, moved, cancelled or brought back, on a source or on a block.
// Contract section 4, S-18, S-19.
//
// A block of a series carries its source's rule, and follows the rule without a call. Only a source's occurrence that deviates
// from it has a row of its own, and one on each block: the block's occurrence under the same original start. A block's occurrence
// that a person touched gets both rows as well; what the source shows there is asked of Google. When the rule or the first
// occurrence of a block with such rows has to change, the block is made anew, so that nothing hangs on ids that the new rule does
// not make.

#ifndef CALSYNC_ENGINE_DECIDE_OCCURRENCES_H_
#define CALSYNC_ENGINE_DECIDE_OCCURRENCES_H_

#include "engine/decide/classify.h"
#include "engine/decide/evidence.h"
#include "engine/decide/live_group.h"

namespace calsync {

// Takes over what makes an event an occurrence, or nothing.
void TakeOccurrenceFields(const LiveGroup& group, Record& record, const Event& event);

// The row of the series' occurrence with this original start; one that its series gives, if there are several.
std::optional<RowIndex> FindOccurrence(const LiveGroup& group, const Record& master, const OriginalStart& original);

// Exceptions of the series that its text denies (see NeverGives) are sources by themselves, on every calendar with a copy of it:
// nothing has to be asked for that. `source`: the series, or the exception.
void StrandDenied(LiveGroup& group, RowIndex source);

// Brings the occurrences of the source's block on the target in line with those of the source.
void ReconcileOccurrences(LiveGroup& group, RowIndex master, const LiveCalendar& target);

// An occurrence of one of our blocks was shown, live or cancelled, and no row of ours lies there. False if the block is not known
// well enough yet: it has to be held.
bool ObserveOccurrenceOfBlock(LiveGroup& group, const Event& event, const CertifiedId& master);
// Occurrences of the block that were met before it was bound to its source.
void AdoptHeldOccurrences(LiveGroup& group, RowIndex block);

// The occurrence waits: nobody has shown its master yet.
bool WaitsForMaster(const LiveGroup& group, const Record& record);
// The master of occurrences that wait for it is decided: so are they.
void ResolveHeld(LiveGroup& group, RowIndex master);
// A listing has come to its end: masters that it did not show are read.
void AskForMasters(LiveGroup& group, LiveCalendar& calendar);

// True if a user event is answered in a version before one that is known (C3); of an occurrence that no listing showed as an
// exception, before its series' last: it tells of a rule that is no more.
bool IsStale(const LiveGroup& group, RowIndex row, const Event& shown);

// A cancelled occurrence of a source may have gone over to another series with a split (contract 4.5).
void FollowMaster(LiveGroup& group, RowIndex row, const Event& event);

// What is known of a source's occurrences is doubtful, since their series changed (contract 4.4).
enum class SeriesChange : uint8_t { kAnchor, kText };
void DoubtOccurrences(LiveGroup& group, RowIndex master, SeriesChange change);
// A series and an occurrence of it that ended came in one page, and nothing says that the end is the newer: it may be of a rule
// that nobody saw, changed twice between two listings (seed 22904). It is read. `since_ms`: the version of the series that was
// known before; 0 if none was.
void DoubtEndsOlderThan(LiveGroup& group, RowIndex master, int64_t since_ms);
void DoubtEndIfOlder(LiveGroup& group, RowIndex occurrence);

// An occurrence of a block is cancelled or absent.
void EndOfOccurrence(LiveGroup& group, RowIndex row, End end, bool restored);
// A block is gone, and its occurrences with it.
void EndOccurrencesOf(LiveGroup& group, RowIndex block);

// A series of a person is gone, and with it the occurrences that stood alone (C-68); those that come back after that stand again.
void EndOccurrencesOfSource(LiveGroup& group, RowIndex master);

// The block that the row is an occurrence of, if it still has that id.
std::optional<RowIndex> BlockOfOccurrence(const LiveGroup& group, const Record& occurrence);
// True if the block has occurrences that its rule alone does not explain.
bool HasOccurrences(const LiveGroup& group, const Record& block);
// The block of a series goes, and comes again under its next generation. False if the day's bound of restores is reached.
enum class RemakeFor : uint8_t { kSource, kPerson };
bool RemakeSeries(LiveGroup& group, RowIndex block, RemakeFor why);

// Fragments of the block that were left alone are removed from now on.
void RemoveFragments(LiveGroup& group, RowIndex block);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_OCCURRENCES_H_
