// Occurrences of blocks: what answers, on a block of a series, to the occurrences of its source that are not what the series
// makes them. Contract section 4, S-18, S-19.
//
// A block of a series carries its source's rule, and follows the rule without a call. Only a source's occurrence that deviates
// from it has a row of its own, and one on each block: the block's occurrence under the same original start. A block's occurrence
// that a person touched gets both rows as well; what the source shows there is asked of Google. When the rule or the first
// occurrence of a block with such rows has to change, the block is made anew, so that nothing hangs on ids that the new rule does
// not make.

#ifndef CALSYNC_ENGINE_DECIDE_BLOCK_OCCURRENCES_H_
#define CALSYNC_ENGINE_DECIDE_BLOCK_OCCURRENCES_H_

#include <string>

#include "engine/decide/classify.h"
#include "engine/decide/evidence.h"
#include "engine/decide/live_group.h"

namespace calsync {

// Brings the occurrences of the source's block on the target in line with those of the source.
void ReconcileOccurrences(LiveGroup& group, RowIndex master, const LiveCalendar& target);

// An occurrence of one of our blocks was shown, live or cancelled, and no row of ours lies there. False if the block is not known
// well enough yet: it has to be held.
bool ObserveOccurrenceOfBlock(LiveGroup& group, const Event& event, const CertifiedId& master);
// Occurrences of the block that were met before it was bound to its source.
void AdoptHeldOccurrences(LiveGroup& group, RowIndex block);

// True if what was shown at the row's place belongs to another series: a person split the block, and parts of a split name their
// occurrences alike (K-20).
bool IsOfAnotherSeries(const Record& occurrence, const Event& shown);
// The block has its occurrence under no id that can be computed, or Google does not let it come back (K-8): the block is made
// anew, unless a person's edit of it is kept. False if the day's bound of restores is reached.
bool LoseOccurrence(LiveGroup& group, RowIndex row);

// The slot of the block's occurrence that answers to the source's, and what it is named after: no id of Google's has the first
// character, so that no event has such a slot for its own.
std::string SlotNameOf(const Record& source);
SlotHash SlotOfOccurrence(const LiveGroup& group, const Record& source, CalendarKey target);
// A row of which nothing is known but that an occurrence lies there.
Record SeenWhereItLies(const Record& occurrence);

// Two rows of sources turned out to be one occurrence: what answers to `from` on blocks answers to `to` from now on.
void HandOverOccurrences(LiveGroup& group, RowIndex from, RowIndex to);

// An occurrence of a block is cancelled or absent.
void EndOfOccurrence(LiveGroup& group, RowIndex row, End end, bool restored);
// A block is gone, and its occurrences with it.
void EndOccurrencesOf(LiveGroup& group, RowIndex block);

// The block that the row is an occurrence of, if it still has that id.
std::optional<RowIndex> BlockOfOccurrence(const LiveGroup& group, const Record& occurrence);
// True if the block has occurrences that its rule alone does not explain.
bool HasOccurrences(const LiveGroup& group, const Record& block);
// The block of a series goes, and comes again under its next generation. False if the day's bound of restores is reached.
enum class RemakeFor : uint8_t { kSource, kPerson };
bool RemakeSeries(LiveGroup& group, RowIndex block, RemakeFor why);

// Somebody changed the block. It may have been deleted and brought back meanwhile: what was cancelled with it alone is there
// again, and no listing shows it (seed 4036534).
void DoubtCancelled(LiveGroup& group, RowIndex block);
// Occurrences that are what the block itself is by now show its edit, and none of their own.
void ReleaseInherited(LiveGroup& group, RowIndex block);
// Fragments of the block that were left alone are removed from now on.
void RemoveFragments(LiveGroup& group, RowIndex block);
void RemoveFragment(LiveGroup& group, RowIndex fragment);
// Under policy `keep`, as long as its block is there.
bool StaysWithItsBlock(const LiveGroup& group, const Record& fragment);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_BLOCK_OCCURRENCES_H_
