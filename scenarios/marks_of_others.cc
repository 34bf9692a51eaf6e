// Marks of everybody and everything else: people and programs, messages, processes, and what it looks like at rest.

#include <algorithm>

#include "scenarios/marks.h"

namespace calsync::sim {
namespace {

using W = ChangeSeen;
using fake::WriteKind;

constexpr int kInserted = static_cast<int>(WriteKind::kInserted);
constexpr int kMovedIn = static_cast<int>(WriteKind::kMovedIn);

constexpr MarkRow<ChangeSeen> kWrites[] = {
    {kAnyKey, "somebody changes an event whose block is being inserted",
     [](const W& w) { return w.of_person() && w.source_flies_insert && !w.deletes(); }},
    {kAnyKey, "somebody changes an event whose block is being patched",
     [](const W& w) { return w.of_person() && w.source_flies_patch && !w.deletes(); }},
    {kAnyKey, "somebody deletes an event whose block is being inserted",
     [](const W& w) { return w.of_person() && w.source_flies_insert && w.deletes(); }},
    {kAnyKey, "somebody deletes an event whose block is being patched",
     [](const W& w) { return w.of_person() && w.source_flies_patch && w.deletes(); }},
    {kAnyKey, "somebody changes an event that is being tagged", [](const W& w) { return w.of_person() && w.flies_patch; }},
    {kAnyKey, "somebody touches an event while its block is being deleted",
     [](const W& w) { return w.of_person() && w.source_flies_delete; }},
    {kAnyKey, "somebody touches a block while its insert is not answered",
     [](const W& w) { return w.of_block() && w.flies_insert; }},
    {kAnyKey, "somebody touches a block that is being patched", [](const W& w) { return w.of_block() && w.flies_patch; }},
    {kAnyKey, "somebody touches a block that is being deleted", [](const W& w) { return w.of_block() && w.flies_delete; }},
    {kAnyKey, "somebody touches what is being read", [](const W& w) { return w.flies_read; }},
    {kAnyKey, "somebody changes a calendar that is being listed", [](const W& w) { return w.listed_now; }},
    {kAnyKey, "somebody changes a calendar while the engine does not run", [](const W& w) { return w.down; }},
    {kAnyKey, "somebody touches a block while the engine does not run", [](const W& w) { return w.down && w.of_block(); }},
    {kAnyKey, "somebody acts while the engine catches up after a start", [](const W& w) { return w.catching_up; }},
    {kAnyKey, "a block is deleted by somebody", [](const W& w) { return w.of_block() && w.deletes(); }},
    {kAnyKey, "a block is dragged by somebody", [](const W& w) { return w.of_block() && w.moves(); }},
    {kAnyKey, "a block is retitled by somebody",
     [](const W& w) { return w.of_block() && w.write.before != nullptr && w.write.before->summary != w.write.after->summary; }},
    {kAnyKey, "a block loses its properties by somebody",
     [](const W& w) {
       return w.of_block() && w.write.before != nullptr &&
              w.write.before->private_properties.size() > w.write.after->private_properties.size();
     }},
    {kAnyKey, "a block gets guests by somebody",
     [](const W& w) {
       return w.of_block() && w.write.before != nullptr && w.write.before->attendees.empty() && !w.write.after->attendees.empty();
     }},
    {kAnyKey, "a block is taken out of the bin by somebody",
     [](const W& w) {
       return w.of_block() && w.write.before != nullptr && w.write.before->IsCancelled() && !w.write.after->IsCancelled();
     }},
    {kAnyKey, "an occurrence of a block is touched by somebody",
     [](const W& w) { return w.of_block() && w.write.after->IsOccurrence(); }},
    {kAnyKey, "an event is moved in time by somebody", [](const W& w) { return w.of_person() && w.moves(); }},
    {kAnyKey, "an event is taken out of the bin by somebody",
     [](const W& w) {
       return w.of_person() && w.write.before != nullptr && w.write.before->IsCancelled() && !w.write.after->IsCancelled();
     }},
    {kAnyKey, "an event is made all-day, or timed again",
     [](const W& w) { return w.of_person() && w.moves() && w.write.before->span().all_day != w.write.after->span().all_day; }},
    {kAnyKey, "an event is made free, or busy again",
     [](const W& w) {
       return w.of_person() && w.write.before != nullptr && w.write.before->transparency != w.write.after->transparency;
     }},
    {kAnyKey, "an event loses its tag by somebody",
     [](const W& w) {
       return w.of_person() && w.write.before != nullptr && !w.write.after->IsCancelled() &&
              w.write.before->private_properties.size() > w.write.after->private_properties.size();
     }},
    {kAnyKey, "an occurrence of a person's series is changed or cancelled",
     [](const W& w) { return w.of_person() && w.write.after->IsOccurrence(); }},
    {kAnyKey, "the rule of a series is changed",
     [](const W& w) {
       return w.write.before != nullptr && !w.write.before->recurrence.empty() &&
              w.write.before->recurrence != w.write.after->recurrence;
     }},
    {kAnyKey, "a single event becomes a series",
     [](const W& w) {
       return w.write.before != nullptr && w.write.before->recurrence.empty() && !w.write.after->recurrence.empty() &&
              !w.write.before->IsCancelled();
     }},
    {kAnyKey, "an event comes with no time in it",
     [](const W& w) { return !w.write.after->span().IsValid() || w.write.after->span().start == w.write.after->span().end; }},
    {kInserted, "an event comes that calls itself busy", [](const W& w) { return w.write.after->summary.rfind("Busy", 0) == 0; }},
    {kMovedIn, "an event is moved in from another calendar", [](const W&) { return true; }},
};

using T = MessageSeen;
constexpr MarkRow<MessageSeen> kMessages[] = {
    {kAnyKey, "a message is believed", [](const T& t) { return t.known && t.state == ResourceState::kExists; }},
    {kAnyKey, "a message comes for a channel whose answer has not come", [](const T& t) { return t.planned; }},
    {kAnyKey, "a message comes by a channel that is to be stopped", [](const T& t) { return t.stopping; }},
    {kAnyKey, "a message names a channel of ours, and not its token", [](const T& t) { return t.forged; }},
    {kAnyKey, "a message names no channel of ours", [](const T& t) { return !t.known && !t.forged && !t.down; }},
    {kAnyKey, "a message comes while the process does not run", [](const T& t) { return t.down; }},
    {kAnyKey, "a message comes of our own write", [](const T& t) { return t.known && t.own_echo; }},
    {kAnyKey, "a message comes while its calendar is listed", [](const T& t) { return t.known && t.under_way.lists > 0; }},
    {kAnyKey, "a message comes while an insert is in flight", [](const T& t) { return t.known && t.under_way.inserts > 0; }},
    {kAnyKey, "a message comes of a calendar that is not enabled", [](const T& t) { return t.known && t.of_disabled; }},
    {kAnyKey, "the first message of a channel comes", [](const T& t) { return t.state == ResourceState::kSync; }},
};

using P = Processed;
constexpr int kDies = static_cast<int>(P::What::kDies);
constexpr int kStarts = static_cast<int>(P::What::kStarts);
constexpr int kLost = static_cast<int>(P::What::kCommitLost);
constexpr int kUnknown = static_cast<int>(P::What::kCommitUnknown);
constexpr int Of(P::What what) { return static_cast<int>(what); }
constexpr MarkRow<Processed> kProcesses[] = {
    {kDies, "an engine dies at rest", [](const P& p) { return p.under_way.calls() == 0 && !p.under_way.catching_up; }},
    {kDies, "an engine dies with a listing in flight", [](const P& p) { return p.under_way.lists > 0; }},
    {kDies, "an engine dies with a read in flight", [](const P& p) { return p.under_way.reads > 0; }},
    {kDies, "an engine dies with an insert in flight", [](const P& p) { return p.under_way.inserts > 0; }},
    {kDies, "an engine dies with three inserts in flight or more", [](const P& p) { return p.under_way.inserts >= 3; }},
    {kDies, "an engine dies with a patch in flight", [](const P& p) { return p.under_way.patches > 0; }},
    {kDies, "an engine dies with a tag in flight", [](const P& p) { return p.under_way.tags > 0; }},
    {kDies, "an engine dies with a delete in flight", [](const P& p) { return p.under_way.deletes > 0; }},
    {kDies, "an engine dies with a watch or a stop in flight", [](const P& p) { return p.under_way.channel_calls > 0; }},
    {kDies, "an engine dies while it catches up after a start", [](const P& p) { return p.under_way.catching_up; }},
    {kDies, "an engine dies for the third time before it has caught up", [](const P& p) { return p.crashes_in_a_row >= 3; }},
    {kStarts, "an engine starts on an empty store", [](const P& p) { return p.rows == 0; }},
    {kStarts, "an engine starts and finds inserts that may have left", [](const P& p) { return p.ambiguous_inserts > 0; }},
    {kStarts, "an engine starts and finds deletes that are owed", [](const P& p) { return p.doomed > 0; }},
    {kStarts, "an engine starts on a store that is older than what was known",
     [](const P& p) { return p.restored && p.rows > 0; }},
    {kStarts, "an engine starts on a store that knows nothing though it did once",
     [](const P& p) { return p.restored && p.rows == 0; }},
    {kLost, "a commit fails with calls in flight", [](const P& p) { return p.under_way.calls() > 0; }},
    {kLost, "a commit fails with nothing in flight", [](const P& p) { return p.under_way.calls() == 0; }},
    {kUnknown, "nobody knows what became of a commit, with calls in flight", [](const P& p) { return p.under_way.calls() > 0; }},
    {Of(P::What::kLeaseWentOn), "workers: a lease goes to another while its owner stands still", [](const P&) { return true; }},
    {Of(P::What::kCommitRefused), "workers: a commit is refused by the fence", [](const P&) { return true; }},
    {Of(P::What::kCallHeldBack), "workers: a call is held back, since its lease would not outlast it",
     [](const P&) { return true; }},
    {Of(P::What::kGroupLeft), "workers: a group is left for balance, or by a worker that drains", [](const P&) { return true; }},
    {Of(P::What::kBeatUnheard), "workers: the answer of a beat is lost", [](const P&) { return true; }},
};

bool AnySlot(const RestView& v, bool (*holds)(const RowWords&)) {
  return std::any_of(v.slot_rows.begin(), v.slot_rows.end(), holds);
}

constexpr MarkRow<RestView> kRest[] = {
    {kAnyKey, "at rest: no slot is due", [](const RestView& v) { return v.slots.empty(); }},
    {kAnyKey, "at rest: fifty slots are due or more", [](const RestView& v) { return v.slots.size() >= 50; }},
    {kAnyKey, "at rest: a deletion is respected",
     [](const RestView& v) { return AnySlot(v, [](const RowWords& row) { return row.hold == Hold::kRespectedDeletion; }); }},
    {kAnyKey, "at rest: an edit is kept",
     [](const RestView& v) { return AnySlot(v, [](const RowWords& row) { return row.hold == Hold::kKeptEdit; }); }},
    {kAnyKey, "at rest: a block is refused for good",
     [](const RestView& v) { return AnySlot(v, [](const RowWords& row) { return row.status == RecordStatus::kFailed; }); }},
    {kAnyKey, "at rest: a slot was fought over",
     [](const RestView& v) { return AnySlot(v, [](const RowWords& row) { return row.fights > 0; }); }},
    {kAnyKey, "at rest: a slot is frozen",
     [](const RestView& v) {
       return std::any_of(v.slots.begin(), v.slots.end(), [](const IdealSlot& slot) { return slot.duty == Duty::kFrozen; });
     }},
    {kAnyKey, "at rest: a slot may be empty",
     [](const RestView& v) {
       return std::any_of(v.slots.begin(), v.slots.end(), [](const IdealSlot& slot) { return slot.duty == Duty::kAllowed; });
     }},
    {kAnyKey, "at rest: a slot of a series is due",
     [](const RestView& v) {
       return std::any_of(v.slots.begin(), v.slots.end(), [](const IdealSlot& slot) { return slot.event->IsSeriesMaster(); });
     }},
    {kAnyKey, "at rest: a slot of an occurrence that stands alone is due",
     [](const RestView& v) {
       return std::any_of(v.slots.begin(), v.slots.end(), [](const IdealSlot& slot) { return slot.event->IsOccurrence(); });
     }},
    {kAnyKey, "at rest: a block of a series has exceptions",
     [](const RestView& v) {
       return std::any_of(v.blocks.begin(), v.blocks.end(), [](const LiveBlock& block) { return !block.occurrences.empty(); });
     }},
    {kAnyKey, "at rest: a copy of a block lies about",
     [](const RestView& v) {
       return std::any_of(v.others.begin(), v.others.end(),
                          [](const LiveOther& other) { return other.nature == Nature::kCopyOfBlock; });
     }},
    {kAnyKey, "at rest: a block of others lies about",
     [](const RestView& v) {
       return std::any_of(v.others.begin(), v.others.end(),
                          [](const LiveOther& other) { return other.nature == Nature::kBlock && !other.same_family; });
     }},
    {kAnyKey, "at rest: a calendar cannot be read",
     [](const RestView& v) {
       return std::any_of(v.group.calendars.begin(), v.group.calendars.end(),
                          [](const CalendarFacts& facts) { return !facts.readable; });
     }},
    {kAnyKey, "at rest: a calendar can be read and not written",
     [](const RestView& v) {
       return std::any_of(v.group.calendars.begin(), v.group.calendars.end(),
                          [](const CalendarFacts& facts) { return facts.readable && !facts.writable; });
     }},
    {kAnyKey, "at rest: a calendar is not enabled",
     [](const RestView& v) {
       return std::any_of(v.group.calendars.begin(), v.group.calendars.end(),
                          [](const CalendarFacts& facts) { return facts.link != LinkState::kEnabled; });
     }},
    {kAnyKey, "at rest: directions have policies of their own", [](const RestView& v) { return !v.group.directions.empty(); }},
    {kAnyKey, "at rest: a second process has the same identity", [](const RestView& v) { return v.cloned; }},
};

}  // namespace

absl::Span<const MarkRow<ChangeSeen>> MarksOfWrites() { return kWrites; }
absl::Span<const MarkRow<MessageSeen>> MarksOfMessages() { return kMessages; }
absl::Span<const MarkRow<Processed>> MarksOfProcesses() { return kProcesses; }
absl::Span<const MarkRow<RestView>> MarksOfRest() { return kRest; }

}  // namespace calsync::sim
