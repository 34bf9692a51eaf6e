// Marks of what is made durable: rows and the audit trail.

#include "absl/strings/match.h"
#include "scenarios/marks.h"

namespace calsync::sim {
namespace {

using C = Committed;
using R = RecordStatus;

constexpr int kUser = static_cast<int>(RecordKind::kUserEvent);
constexpr int kBlock = static_cast<int>(RecordKind::kBlock);
constexpr int kSeen = static_cast<int>(RecordKind::kSeen);

template <R from, R to>
bool Became(const C& c) {
  return c.before != nullptr && c.before->status == from && c.after.status == to;
}
template <Hold hold>
bool Holds(const C& c) {
  return c.after.hold == hold && (c.before == nullptr || c.before->hold != hold);
}
template <SeenAs as>
bool IsSeenAs(const C& c) {
  return c.after.seen_as == as && (c.before == nullptr || c.before->seen_as != as || c.before->kind != RecordKind::kSeen);
}
template <TagState tag>
bool TagBecame(const C& c) {
  return c.after.tag == tag && c.before != nullptr && c.before->tag != tag;
}

constexpr MarkRow<Committed> kRows[] = {
    // The lifecycle, by its table in record.cc.
    {kBlock, "a block is planned", [](const C& c) { return c.before == nullptr && c.after.status == R::kCreating; }},
    {kBlock, "a planned block is confirmed", Became<R::kCreating, R::kCreated>},
    {kBlock, "a planned block is not due any more before it is confirmed", Became<R::kCreating, R::kDeleting>},
    {kBlock, "a planned block that never left is dropped",
     [](const C& c) { return Became<R::kCreating, R::kDeleted>(c) && !c.before->sent; }},
    {kBlock, "a planned block ends before it is confirmed, though its insert left",
     [](const C& c) { return Became<R::kCreating, R::kDeleted>(c) && c.before->sent; }},
    {kBlock, "a planned block is refused for good", Became<R::kCreating, R::kFailed>},
    {kBlock, "a change of a block that is there is refused for good",
     [](const C& c) { return Holds<Hold::kParked>(c) && c.after.status == R::kCreated; }},
    {kBlock, "a block is not due any more", Became<R::kCreated, R::kDeleting>},
    {kBlock, "a block vanishes by somebody else's hand", Became<R::kCreated, R::kDeleted>},
    {kBlock, "a delete is confirmed", Became<R::kDeleting, R::kDeleted>},
    {kBlock, "a refused block is tried again", Became<R::kFailed, R::kCreating>},
    {kBlock, "a refused block is not due any more",
     [](const C& c) { return Became<R::kFailed, R::kDeleting>(c) || Became<R::kFailed, R::kDeleted>(c); }},
    {kBlock, "a deleted block is taken out of the bin by somebody", Became<R::kDeleted, R::kCreated>},
    {kBlock, "a slot moves on to its second generation",
     [](const C& c) { return c.before == nullptr && c.after.generation == 2; }},
    {kBlock, "a slot moves on to its third generation, or further",
     [](const C& c) { return c.before == nullptr && c.after.generation > 2; }},
    {kBlock, "a forgotten block is bound to its slot again",
     [](const C& c) {
       return c.before != nullptr && c.before->IsBlock() && c.before->source.empty() && !c.after.source.empty();
     }},
    {kBlock, "a deletion by a person is respected", Holds<Hold::kRespectedDeletion>},
    {kBlock, "an edit by a person is kept", Holds<Hold::kKeptEdit>},
    {kBlock, "a slot is parked with what Google said", Holds<Hold::kParked>},
    {kBlock, "a hold ends",
     [](const C& c) { return c.before != nullptr && c.before->hold != Hold::kNone && c.after.hold == Hold::kNone; }},
    {kBlock, "a fight is counted", [](const C& c) { return c.before != nullptr && c.after.fights > c.before->fights; }},
    {kBlock, "guests are found on a block",
     [](const C& c) { return c.after.guests && (c.before == nullptr || !c.before->guests); }},
    {kBlock, "a block is found without its tag",
     [](const C& c) { return c.before != nullptr && c.before->tagged && !c.after.tagged; }},
    {kBlock, "a block is in doubt: it must be read",
     [](const C& c) { return c.after.must_read && (c.before == nullptr || !c.before->must_read); }},
    {kBlock, "a block is absent by a read, which counts once a listing bears it out",
     [](const C& c) { return c.after.absent && (c.before == nullptr || !c.before->absent); }},
    {kBlock, "an occurrence of a block has a row", [](const C& c) { return c.before == nullptr && c.after.IsOccurrence(); }},
    {kBlock, "an occurrence of a block is anchored anew",
     [](const C& c) {
       return c.after.IsOccurrence() && c.before != nullptr && c.before->status != R::kCreating && c.after.status == R::kCreating;
     }},
    {kBlock, "a block becomes a series, or ceases to be one",
     [](const C& c) { return c.before != nullptr && c.before->IsMaster() != c.after.IsMaster(); }},
    {kBlock, "an insert that may have left is found unanswered",
     [](const C& c) { return c.after.ambiguous && (c.before == nullptr || !c.before->ambiguous); }},
    {kBlock, "a planned id proves to be taken",
     [](const C& c) { return c.after.taken && (c.before == nullptr || !c.before->taken); }},
    {kUser, "an event of a person is met", [](const C& c) { return c.before == nullptr; }},
    {kUser, "what was seen before proves to be an event of a person",
     [](const C& c) { return c.before != nullptr && c.before->kind == RecordKind::kSeen; }},
    {kUser, "an event of a person goes", Became<R::kSynced, R::kGone>},
    {kUser, "an event of a person comes back", Became<R::kGone, R::kSynced>},
    {kUser, "an event of a person moves", [](const C& c) { return c.before != nullptr && !(c.before->span == c.after.span); }},
    {kUser, "an event of a person ceases to block, or begins to",
     [](const C& c) {
       return c.before != nullptr && (c.before->blocking == Blocking::kBlocks) != (c.after.blocking == Blocking::kBlocks);
     }},
    {kUser, "an event of a person is in doubt: it must be read",
     [](const C& c) { return c.after.must_read && (c.before == nullptr || !c.before->must_read); }},
    {kUser, "an event of a person is absent by a read",
     [](const C& c) { return c.after.absent && (c.before == nullptr || !c.before->absent); }},
    {kUser, "a tag is known to be written", TagBecame<TagState::kWritten>},
    {kUser, "a tag is owed again", TagBecame<TagState::kOwed>},
    {kUser, "a tag is given up", TagBecame<TagState::kGivenUp>},
    {kUser, "a person's series is known", [](const C& c) { return c.before == nullptr && c.after.IsMaster(); }},
    {kUser, "a person's event becomes a series, or ceases to be one",
     [](const C& c) { return c.before != nullptr && c.before->IsMaster() != c.after.IsMaster(); }},
    {kUser, "an occurrence stands alone",
     [](const C& c) { return c.after.IsOccurrence() && c.after.alone && (c.before == nullptr || !c.before->alone); }},
    {kUser, "an event of a person has no valid time",
     [](const C& c) {
       return c.after.blocking == Blocking::kNoTime && (c.before == nullptr || c.before->blocking != Blocking::kNoTime);
     }},
    {kUser, "a cover goes from over a slot",
     [](const C& c) { return c.before != nullptr && c.after.cover_went_s != c.before->cover_went_s; }},
    {kSeen, "something is held that nobody knows yet what it is", IsSeenAs<SeenAs::kUndecided>},
    {kSeen, "an occurrence is held until its series is known",
     [](const C& c) { return IsSeenAs<SeenAs::kUndecided>(c) && c.after.IsOccurrence(); }},
    {kSeen, "a copy of a block is seen", IsSeenAs<SeenAs::kCopyOfBlock>},
    {kSeen, "a block of others is seen", IsSeenAs<SeenAs::kExternalBlock>},
    {kSeen, "a surplus block is seen", IsSeenAs<SeenAs::kSurplusBlock>},
    {kSeen, "a moved block is seen where it landed", IsSeenAs<SeenAs::kMovedBlock>},
    {kSeen, "a part that was split off a block is seen", IsSeenAs<SeenAs::kFragment>},
    {kSeen, "a series that was asked for is not there", IsSeenAs<SeenAs::kNoSuchEvent>},
    {kAnyKey, "a row changes while its engine catches up after a start",
     [](const C& c) { return c.catching_up && c.before != nullptr; }},
};

using D = Audited;
template <AuditKind kind>
constexpr int Key = static_cast<int>(kind);
bool Any(const D&) { return true; }
bool Says(const D& d, absl::string_view words) { return absl::StrContains(d.entry.detail, words); }

constexpr MarkRow<Audited> kAudits[] = {
    {Key<AuditKind::kUserEventChanged>, "the trail: a mirrored field of an event changed", Any},
    {Key<AuditKind::kUserEventBack>, "the trail: an event came back", Any},
    {Key<AuditKind::kNotBlocking>, "the trail: an event blocks nothing, for it is free",
     [](const D& d) { return Says(d, "free"); }},
    {Key<AuditKind::kNotBlocking>, "the trail: an event blocks nothing, for it was declined",
     [](const D& d) { return Says(d, "declined"); }},
    {Key<AuditKind::kNotBlocking>, "the trail: an event blocks nothing, by its kind",
     [](const D& d) { return Says(d, "type") || Says(d, "kind"); }},
    {Key<AuditKind::kSkippedByPolicy>, "the trail: a policy leaves out a tentative event",
     [](const D& d) { return Says(d, "tentative"); }},
    {Key<AuditKind::kSkippedByPolicy>, "the trail: a policy leaves out an event that was not answered",
     [](const D& d) { return Says(d, "not answered"); }},
    {Key<AuditKind::kSkippedByPolicy>, "the trail: a policy leaves out an all-day event",
     [](const D& d) { return Says(d, "all-day"); }},
    {Key<AuditKind::kSkippedByPolicy>, "the trail: a policy leaves out an event for its keyword",
     [](const D& d) { return Says(d, "keyword"); }},
    {Key<AuditKind::kSkippedByPolicy>, "the trail: a policy leaves out an event for its colour",
     [](const D& d) { return Says(d, "colour"); }},
    {Key<AuditKind::kSkippedByPolicy>, "the trail: a policy leaves out an event outside the hours",
     [](const D& d) { return Says(d, "outside the hours"); }},
    {Key<AuditKind::kSkippedByPolicy>, "the trail: an event lies beyond the horizon",
     [](const D& d) { return Says(d, "horizon"); }},
    {Key<AuditKind::kSkippedByPolicy>, "the trail: a target is busy already", [](const D& d) { return Says(d, "already busy"); }},
    {Key<AuditKind::kParked>, "the trail: something is parked", Any},
    {Key<AuditKind::kBlockAdopted>, "the trail: a block is adopted under its planned id", Any},
    {Key<AuditKind::kBlockRebound>, "the trail: a forgotten block is bound again", Any},
    {Key<AuditKind::kBlockUpdated>, "the trail: a block follows its source", Any},
    {Key<AuditKind::kBlockRestored>, "the trail: a block is put back as it was", Any},
    {Key<AuditKind::kEditKept>, "the trail: an edit is kept", Any},
    {Key<AuditKind::kDeletionRespected>, "the trail: a deletion is respected", Any},
    {Key<AuditKind::kBlockNoLongerDue>, "the trail: a block goes with its source",
     [](const D& d) { return Says(d, "source gone"); }},
    {Key<AuditKind::kBlockNoLongerDue>, "the trail: a block goes, since its calendar is disabled",
     [](const D& d) { return Says(d, "calendar disabled"); }},
    {Key<AuditKind::kBlockNoLongerDue>, "the trail: a block goes, since its event does not block any more",
     [](const D& d) { return Says(d, "does not block"); }},
    {Key<AuditKind::kBlockNoLongerDue>, "the trail: a block goes, since the target has its own copy of the meeting",
     [](const D& d) { return Says(d, "same meeting"); }},
    {Key<AuditKind::kBlockNoLongerDue>, "the trail: a block goes, since nothing is mirrored in its direction any more",
     [](const D& d) { return Says(d, "not mirrored"); }},
    {Key<AuditKind::kBlockNoLongerDue>, "the trail: a block of a series is made anew with its occurrences",
     [](const D& d) { return Says(d, "made anew"); }},
    {Key<AuditKind::kBlockDeleted>, "the trail: a block was deleted by somebody else",
     [](const D& d) { return Says(d, "not by us"); }},
    {Key<AuditKind::kCopyOfBlockSeen>, "the trail: a copy of a block is left alone", Any},
    {Key<AuditKind::kExternalBlockSeen>, "the trail: a block of others is left alone", Any},
    {Key<AuditKind::kMovedBlockRemoved>, "the trail: a moved block is removed where it landed", Any},
    {Key<AuditKind::kSurplusRemoved>, "the trail: a surplus block is removed", Any},
    {Key<AuditKind::kTagGivenUp>, "the trail: a tag is given up, for another program strips it",
     [](const D& d) { return Says(d, "stripped"); }},
    {Key<AuditKind::kFightReported>, "the trail: a fight is reported, of restores",
     [](const D& d) { return Says(d, "restored"); }},
    {Key<AuditKind::kFightReported>, "the trail: a fight is reported, of deletions",
     [](const D& d) { return Says(d, "deleted"); }},
    {Key<AuditKind::kCalendarReadOnly>, "the trail: a calendar can only be read from now on", Any},
    {Key<AuditKind::kCalendarWritable>, "the trail: a calendar can be written again", Any},
    {Key<AuditKind::kCalendarUnreachable>, "the trail: a calendar is out of reach", Any},
    {Key<AuditKind::kCalendarReachable>, "the trail: a calendar is back", Any},
    {Key<AuditKind::kSyncTokenDropped>, "the trail: a sync token is dropped", Any},
    {Key<AuditKind::kZoneChanged>, "the trail: a calendar's zone changed", Any},
    {Key<AuditKind::kSweepHeld>, "the trail: too much is absent at once, and waits for the operator", Any},
    {Key<AuditKind::kChannelOpened>, "the trail: a channel is open", Any},
    {Key<AuditKind::kBreakerOpened>, "the trail: the circuit breaker opens", Any},
    {Key<AuditKind::kBreakerReset>, "the trail: the operator closes the circuit breaker", Any},
    {Key<AuditKind::kCallFailed>, "the trail: a call failed", Any},
    {Key<AuditKind::kConfigured>, "the trail: a new configuration is carried out", Any},
    {kAnyKey, "something is told while its engine catches up after a start", [](const D& d) { return d.catching_up; }},
};

}  // namespace

absl::Span<const MarkRow<Committed>> MarksOfRows() { return kRows; }
absl::Span<const MarkRow<Audited>> MarksOfAudits() { return kAudits; }

}  // namespace calsync::sim
