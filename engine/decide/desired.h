// What there should be: which slots are due, and what a block in them shows. Functions of rows, policy and the present, which
// change nothing (but EndHold).

#ifndef CALSYNC_ENGINE_DECIDE_DESIRED_H_
#define CALSYNC_ENGINE_DECIDE_DESIRED_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/api/event.h"
#include "engine/decide/live_group.h"
#include "engine/decide/skip.h"
#include "engine/state/record.h"

namespace calsync {

// Whether a slot is to hold a block.
enum class Due : uint8_t {
  kYes,
  kIfItExists,  // Only the horizon is against it: an existing block stays, none is made.
  kFrozen,  // The target cannot be written, or one of the two is unreachable or in doubt: nothing is made, nothing is removed.
  kNo,
};

// Why, for the audit and for people.
enum class DueReason : uint8_t {
  kBlocks,
  kCalendarDisabled,  // Source or target.
  kSourceGone,
  kSourceInDoubt,  // A read is owed before anything follows from it.
  kSourceUnreachable,
  kTargetUnreachable,
  kTargetReadOnly,
  kNotBlocking,  // See Record::blocking.
  kNotMirrored,  // The policy mirrors nothing in this direction.
  kSkipped,      // By policy; see DueVerdict::skip.
  kTwin,         // The target holds its own blocking copy of the meeting, or a lower copy is the source.
  kHorizon,
  kTargetNotWalked,  // Nobody knows yet whether the target is busy already.
  kAlreadyBusy,      // The target shows somebody busy at exactly these times.
  kCoverWent,        // … and does so no more, but not for long.
  kTextMarked,       // An event of the system before this one may be the block.
  kPartOfSeries,     // An occurrence: its series' block shows it.
};

struct DueVerdict {
  Due due = Due::kNo;
  DueReason reason = DueReason::kSourceGone;
  Skip skip = Skip::kNone;
  int64_t again_s = 0;  // When the clock alone may change the verdict, Unix seconds; 0 if it does not.
};
std::string Words(const DueVerdict& verdict);

// Whether the target can be reached.
enum class TargetReach : uint8_t { kAsItIs, kAssumed };
DueVerdict DueOf(const LiveGroup& group, RowIndex source, const LiveCalendar& target, TargetReach reach = TargetReach::kAsItIs);

// Unix seconds until which a slot whose cover went waits for another; 0 if it does not wait.
int64_t CoverWaitEnds(const LiveGroup& group, const Record& source);

// False: what a listing of the calendar shows, if any, is not what lies there.
bool IsReadable(const CalendarRow& row);
// True if the occurrence is a source by itself: its series is not there, is none any more or does not block, or its block's
// series cannot show it.
bool StandsAlone(const LiveGroup& group, const Record& occurrence, CalendarKey target);
// True of an occurrence whose series ended: it went with it (C-68), and did not come back after that.
bool WentWithItsSeries(const LiveGroup& group, const Record& occurrence);
// True if the event is there and makes busy, also by the policy of that direction.
bool MakesBusy(const LiveGroup& group, const Record& source, CalendarKey target);
// Where and for how long the series' rule has the occurrence.
TimeSpan PlainSpan(const Record& master, const OriginalStart& original);
// The row of an occurrence's master, whatever it is.
std::optional<RowIndex> MasterOf(const LiveGroup& group, const Record& occurrence);
// The record that the block is for; null if it is not bound.
const Record* SourceOf(const LiveGroup& group, const Record& block);

// What a block shows. The engine writes these fields and looks for drift in these alone (S-13).
struct BlockContent {
  TimeSpan span;  // Of a series: its first occurrence.
  std::string summary;
  std::string description;
  Visibility visibility = Visibility::kPrivate;
  SeriesText series{};  // No lines: not a series.
};
BlockContent ContentFor(const LiveGroup& group, const Record& source, CalendarKey target);
// True if the block shows other times or another rule than its source: what changes every occurrence's id (S-19).
bool AnchorDiffers(const Record& block, const Record& source);

// True if the block is held, and what that was decided for is still so: the source's mirrored fields, and the policy; of a parked
// block all that it is to show.
bool HoldStands(const LiveGroup& group, const Record& block, const Record& source);
// True if the deletion stands under `recreate`, for it ended a fight.
bool WasGivenUp(const Record& block);
// An edit that was kept is an edit from now on, like any other.
void EndHold(Record& block);

// True if the block shows content with this fingerprint, or what Google made of it (S-13).
bool ShowsWhatItShould(const Record& block, uint64_t desired);

// 64-bit fingerprints in normal form: equal contents give equal fingerprints, however Google spells them. Never 0.
uint64_t FingerprintOf(const BlockContent& content);
// Of ContentFor(…), which most that ask need not make for it.
uint64_t ContentFingerprintFor(const LiveGroup& group, const Record& source, CalendarKey target);
uint64_t FingerprintOf(const Event& block);  // Of what Google shows; equal to that of its content if nobody touched it.
// Of the fields of a source that its blocks on the target show, its text only if the policy shows it: what ends a respected
// deletion or a kept edit when it changes.
uint64_t MirroredFingerprint(const LiveGroup& group, const Record& source, CalendarKey target);
// True if the two versions of a source differ in what a block anywhere shows, or in whether policies let it block,
// or in their times, which twins share.
bool MirrorsDiffer(const LiveGroup& group, const Record& before, const Record& after);
// Of a text that is only compared.
uint64_t HashOf(absl::string_view text);

// The answer of the calendar's owner, and the colour, as records keep them.
Answer AnswerOf(const Event& event);
uint8_t ColourOf(const Event& event);

// Whether the event makes the calendar's owner busy.
Blocking BlockingOf(const Event& event);

absl::string_view Name(DueReason reason);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_DESIRED_H_
