// Marks of calls: how they leave, and what is answered.

#include <iterator>

#include "scenarios/marks.h"

namespace calsync::sim {
namespace {

using S = Sent;
using A = Answered;

constexpr int kListFromToken = static_cast<int>(CallKind::kListFromToken);
constexpr int kListAll = static_cast<int>(CallKind::kListAll);
constexpr int kGet = static_cast<int>(CallKind::kGet);
constexpr int kInsert = static_cast<int>(CallKind::kInsert);
constexpr int kPatch = static_cast<int>(CallKind::kPatch);
constexpr int kDelete = static_cast<int>(CallKind::kDelete);
constexpr int kWatch = static_cast<int>(CallKind::kWatch);
constexpr int kStop = static_cast<int>(CallKind::kStop);
constexpr int kInstances = static_cast<int>(CallKind::kInstances);

bool Is(const Record* row, RecordKind kind) { return row != nullptr && row->kind == kind; }
bool Is(const Record* row, RecordStatus status) { return row != nullptr && row->status == status; }

constexpr MarkRow<Sent> kSent[] = {
    {kInsert, "an insert leaves for the first time", [](const S& s) { return s.past.inserts == 0; }},
    {kInsert, "the same insert leaves again, since nobody knows what became of it",
     [](const S& s) { return s.past.inserts > 0 && s.past.insert_ambiguous; }},
    {kInsert, "the same insert leaves again after a read said that the event is not there",
     [](const S& s) { return s.past.insert_not_found; }},
    {kInsert, "an insert leaves that an engine before this one may have sent",
     [](const S& s) { return s.past.inserted_by_a_former; }},
    {kInsert, "an insert leaves under the second generation of its slot",
     [](const S& s) { return s.row != nullptr && s.row->generation == 2; }},
    {kInsert, "an insert leaves under the third generation of its slot, or a later one",
     [](const S& s) { return s.row != nullptr && s.row->generation > 2; }},
    {kInsert, "the block of a series is inserted", [](const S& s) { return !s.insert()->event.recurrence.empty(); }},
    {kInsert, "an all-day block is inserted", [](const S& s) { return s.insert()->event.span().all_day; }},
    {kInsert, "a block with a description is inserted", [](const S& s) { return !s.insert()->event.description.empty(); }},
    {kInsert, "an insert leaves while another engine's call for the same calendar is in flight",
     [](const S& s) { return s.beside_another; }},
    {kInsert, "as many calls for one calendar are in flight as may be",
     [](const S& s) { return s.under_way.most_on_one_calendar >= 4; }},
    {kInsert, "an insert leaves while a listing is under way", [](const S& s) { return s.under_way.lists > 0; }},
    {kInsert, "an insert leaves while the engine catches up after a start", [](const S& s) { return s.under_way.catching_up; }},
    {kInsert, "an insert leaves while a delete is in flight", [](const S& s) { return s.under_way.deletes > 0; }},
    {kPatch, "a block is moved after its source",
     [](const S& s) { return s.phase == Phase::kPatch && s.patch()->patch.start.has_value(); }},
    {kPatch, "a block gets another rule",
     [](const S& s) { return s.phase == Phase::kPatch && s.patch()->patch.recurrence.has_value(); }},
    {kPatch, "guests are taken off a block",
     [](const S& s) { return s.phase == Phase::kPatch && s.patch()->patch.attendees.has_value(); }},
    {kPatch, "an occurrence of a block is changed",
     [](const S& s) { return s.phase == Phase::kPatch && s.row != nullptr && s.row->IsOccurrence(); }},
    {kPatch, "an occurrence of a block is brought back",
     [](const S& s) { return s.phase == Phase::kPatch && s.patch()->patch.status == EventStatus::kConfirmed; }},
    {kPatch, "a block is patched again, since nobody knows what became of the patch",
     [](const S& s) { return s.phase == Phase::kPatch && s.past.patch_ambiguous; }},
    {kPatch, "a block is patched again after a 412", [](const S& s) { return s.phase == Phase::kPatch && s.past.stale > 0; }},
    {kPatch, "an event of a person gets its tag", [](const S& s) { return s.phase == Phase::kTag; }},
    {kPatch, "a tag is written a second time",
     [](const S& s) { return s.phase == Phase::kTag && s.row != nullptr && s.row->tag_attempts > 0; }},
    {kPatch, "a tag is written while blocks of its group are being inserted",
     [](const S& s) { return s.phase == Phase::kTag && s.under_way.inserts > 0; }},
    {kPatch, "a patch leaves while the engine catches up after a start",
     [](const S& s) { return s.phase == Phase::kPatch && s.under_way.catching_up; }},
    {kDelete, "a block is deleted whose source is gone or blocks no more",
     [](const S& s) { return Is(s.row, RecordStatus::kDeleting) && !s.row->IsOccurrence(); }},
    {kDelete, "an occurrence of a block is cancelled",
     [](const S& s) { return s.row != nullptr && s.row->IsBlock() && s.row->IsOccurrence(); }},
    {kDelete, "a surplus block is removed",
     [](const S& s) { return s.row != nullptr && s.row->seen_as == SeenAs::kSurplusBlock; }},
    {kDelete, "a block that a person moved is removed where it landed",
     [](const S& s) { return s.row != nullptr && s.row->seen_as == SeenAs::kMovedBlock; }},
    {kDelete, "a delete leaves for a block whose insert nobody knows the outcome of",
     [](const S& s) { return s.past.insert_ambiguous || s.past.inserted_by_a_former; }},
    {kDelete, "a delete is repeated, since nobody knows what became of it", [](const S& s) { return s.past.delete_ambiguous; }},
    {kDelete, "a delete is repeated after a 412", [](const S& s) { return s.past.stale > 0 && s.past.deletes > 0; }},
    {kDelete, "a delete leaves while the engine catches up after a start", [](const S& s) { return s.under_way.catching_up; }},
    {kGet, "an event of a person is read to settle a doubt", [](const S& s) { return Is(s.row, RecordKind::kUserEvent); }},
    {kGet, "a block is read to settle a doubt", [](const S& s) { return Is(s.row, RecordKind::kBlock); }},
    {kGet, "a block is read after a 409", [](const S& s) { return s.past.insert_taken; }},
    {kGet, "a block is read after an insert of unknown outcome", [](const S& s) { return s.past.insert_ambiguous; }},
    {kGet, "a block is read after a 412", [](const S& s) { return Is(s.row, RecordKind::kBlock) && s.past.stale > 0; }},
    {kGet, "something that is neither event nor block yet is read", [](const S& s) { return Is(s.row, RecordKind::kSeen); }},
    {kInstances, "an occurrence is asked for by its original start", [](const S&) { return true; }},
    {kWatch, "the first channel of a calendar is opened", [](const S& s) { return s.phase == Phase::kWatch; }},
    {kWatch, "a channel is renewed while the old one lives", [](const S& s) { return s.phase == Phase::kRenewal; }},
    {kStop, "a superseded channel is stopped", [](const S&) { return true; }},
    {kListFromToken, "a calendar is listed while a write to it is in flight",
     [](const S& s) { return s.under_way.inserts + s.under_way.patches + s.under_way.deletes > 0; }},
    {kListFromToken, "a delta takes a further page", [](const S& s) { return s.phase == Phase::kDeltaLater; }},
    {kListAll, "a calendar is walked for the first time", [](const S& s) { return s.phase == Phase::kFirstWalk; }},
    {kListAll, "a calendar is walked in full once more", [](const S& s) { return s.phase == Phase::kFullWalk; }},
    {kListAll, "a walk takes a further page",
     [](const S& s) { return s.phase == Phase::kFirstWalkLater || s.phase == Phase::kFullWalkLater; }},
    {kListAll, "a walk begins while a write is in flight",
     [](const S& s) { return s.under_way.inserts + s.under_way.patches + s.under_way.deletes > 0; }},
};

template <Failure failure>
bool Failed(const A& a) {
  return a.failure == failure;
}
const EventsPage* PageOf(const A& a) { return std::get_if<EventsPage>(&a.reply); }
bool Live(const A& a) { return a.shown != nullptr && !a.shown->IsCancelled(); }
bool Cancelled(const A& a) { return a.shown != nullptr && a.shown->IsCancelled(); }

constexpr MarkRow<Answered> kAnswers[] = {
    // Each call with each failure that somebody reacts to.
    {kListFromToken, "a delta is refused for now", Failed<Failure::kRefusedForNow>},
    {kListFromToken, "nobody knows what became of a delta", Failed<Failure::kAmbiguous>},
    {kListFromToken, "a sync token is refused",
     [](const A& a) { return Failed<Failure::kSyncTokenInvalid>(a) && a.phase == Phase::kDelta; }},
    {kListFromToken, "a delta is refused on a later page",
     [](const A& a) { return Failed<Failure::kSyncTokenInvalid>(a) && a.phase == Phase::kDeltaLater; }},
    {kListFromToken, "a delta is answered that there is no such calendar", Failed<Failure::kNotFound>},
    {kListAll, "a walk is refused for now", Failed<Failure::kRefusedForNow>},
    {kListAll, "nobody knows what became of a walk's page", Failed<Failure::kAmbiguous>},
    {kListAll, "a walk is answered that there is no such calendar", Failed<Failure::kNotFound>},
    {kListAll, "a walk is broken off on a later page",
     [](const A& a) {
       return a.failure.has_value() && a.page > 1 && *a.failure != Failure::kAmbiguous && *a.failure != Failure::kRefusedForNow;
     }},
    {kGet, "a read is refused for now", Failed<Failure::kRefusedForNow>},
    {kGet, "nobody knows what became of a read", Failed<Failure::kAmbiguous>},
    {kGet, "a read says that the event is not there", Failed<Failure::kNotFound>},
    {kInsert, "an insert is refused for now", Failed<Failure::kRefusedForNow>},
    {kInsert, "an insert is refused for hours, for the account's usage", Failed<Failure::kUsageLimit>},
    {kInsert, "nobody knows what became of an insert", Failed<Failure::kAmbiguous>},
    {kInsert, "an insert is answered that its id is taken", Failed<Failure::kIdTaken>},
    {kInsert, "an insert is answered that the calendar may not be written", Failed<Failure::kNoAccess>},
    {kInsert, "an insert is answered that there is no such calendar", Failed<Failure::kNotFound>},
    {kInsert, "an insert is refused for good", Failed<Failure::kRejected>},
    {kPatch, "a patch is refused for now", Failed<Failure::kRefusedForNow>},
    {kPatch, "a patch is refused for hours, for the account's usage", Failed<Failure::kUsageLimit>},
    {kPatch, "nobody knows what became of a patch of a block",
     [](const A& a) { return Failed<Failure::kAmbiguous>(a) && a.phase == Phase::kPatch; }},
    {kPatch, "nobody knows what became of a tag",
     [](const A& a) { return Failed<Failure::kAmbiguous>(a) && a.phase == Phase::kTag; }},
    {kPatch, "somebody was faster than a patch of a block: 412",
     [](const A& a) { return Failed<Failure::kStale>(a) && a.phase == Phase::kPatch; }},
    {kPatch, "somebody was faster than a tag: 412",
     [](const A& a) { return Failed<Failure::kStale>(a) && a.phase == Phase::kTag; }},
    {kPatch, "a patch meets an event that is not there", Failed<Failure::kNotFound>},
    {kPatch, "a patch is answered that the calendar may not be written", Failed<Failure::kNoAccess>},
    {kPatch, "a patch is refused for good", Failed<Failure::kRejected>},
    {kDelete, "a delete is refused for now", Failed<Failure::kRefusedForNow>},
    {kDelete, "a delete is refused for hours, for the account's usage", Failed<Failure::kUsageLimit>},
    {kDelete, "nobody knows what became of a delete", Failed<Failure::kAmbiguous>},
    {kDelete, "somebody was faster than a delete: 412", Failed<Failure::kStale>},
    {kDelete, "a delete meets an event that is deleted", Failed<Failure::kGone>},
    {kDelete, "a delete meets an event that is not there", Failed<Failure::kNotFound>},
    {kDelete, "a delete is answered that the calendar may not be written", Failed<Failure::kNoAccess>},
    {kWatch, "a watch is refused for now", Failed<Failure::kRefusedForNow>},
    {kWatch, "nobody knows what became of a watch", Failed<Failure::kAmbiguous>},
    {kStop, "a stop is refused for now", Failed<Failure::kRefusedForNow>},
    {kStop, "nobody knows what became of a stop", Failed<Failure::kAmbiguous>},
    {kStop, "a stop meets a channel that is not there", Failed<Failure::kNotFound>},
    {kInstances, "nobody knows what became of a question for an occurrence", Failed<Failure::kAmbiguous>},
    {kInstances, "a question for an occurrence is refused for now", Failed<Failure::kRefusedForNow>},

    // Answers that come late, or more than once.
    {kInsert, "an insert's true answer comes after it was given up",
     [](const A& a) { return a.given_up && !a.failure.has_value(); }},
    {kPatch, "a patch's true answer comes after it was given up",
     [](const A& a) { return a.given_up && !a.failure.has_value(); }},
    {kDelete, "a delete's true answer comes after it was given up",
     [](const A& a) { return a.given_up && !a.failure.has_value(); }},
    {kListFromToken, "a listing's true answer comes after it was given up",
     [](const A& a) { return a.given_up && !a.failure.has_value(); }},
    {kWatch, "a watch's true answer comes after it was given up",
     [](const A& a) { return a.given_up && !a.failure.has_value(); }},

    // Answers in the light of what went before.
    {kInsert, "an insert's answer comes after a listing showed the block",
     [](const A& a) { return Live(a) && Is(a.row, RecordStatus::kCreated); }},
    {kInsert, "an insert's answer comes when its source is gone",
     [](const A& a) { return Live(a) && Is(a.row, RecordStatus::kDeleting); }},
    {kInsert, "a repeated insert is answered that its id is taken: it had happened",
     [](const A& a) { return Failed<Failure::kIdTaken>(a) && a.past.inserts > 1; }},
    {kInsert, "an insert of a restarted engine is answered that its id is taken",
     [](const A& a) { return Failed<Failure::kIdTaken>(a) && a.past.inserted_by_a_former; }},
    {kInsert, "a block is made at last after two refusals or more", [](const A& a) { return Live(a) && a.past.refused > 1; }},
    {kGet, "after a 409 a read shows the block live: adopted", [](const A& a) { return Live(a) && a.past.insert_taken; }},
    {kGet, "after a 409 a read shows the block cancelled", [](const A& a) { return Cancelled(a) && a.past.insert_taken; }},
    {kGet, "after a 409 a read says that there is no such event",
     [](const A& a) { return Failed<Failure::kNotFound>(a) && a.past.insert_taken; }},
    {kGet, "after an insert of unknown outcome a read shows the block live",
     [](const A& a) { return Live(a) && a.past.insert_ambiguous; }},
    {kGet, "after an insert of unknown outcome a read says that there is no such event",
     [](const A& a) { return Failed<Failure::kNotFound>(a) && a.past.insert_ambiguous; }},
    {kGet, "after an insert of unknown outcome a read shows that somebody deleted the block",
     [](const A& a) { return Cancelled(a) && a.past.insert_ambiguous; }},
    {kGet, "after a 412 a read shows that somebody deleted the block",
     [](const A& a) { return Cancelled(a) && Is(a.row, RecordKind::kBlock) && a.past.stale > 0; }},
    {kGet, "a doubt about an event of a person ends: it is live",
     [](const A& a) { return Live(a) && Is(a.row, RecordKind::kUserEvent); }},
    {kGet, "a doubt about an event of a person ends: it is gone",
     [](const A& a) { return Cancelled(a) && Is(a.row, RecordKind::kUserEvent); }},
    {kGet, "a read shows an older version than is known",
     [](const A& a) {
       return Live(a) && a.row != nullptr && a.shown->updated.has_value() &&
              a.row->updated_ms > absl::ToUnixMillis(*a.shown->updated);
     }},
    {kPatch, "a patch's answer comes when the source is gone",
     [](const A& a) { return Live(a) && Is(a.row, RecordStatus::kDeleting); }},
    {kPatch, "a patch is answered after a 412 and another read",
     [](const A& a) { return Live(a) && a.past.stale > 0 && a.phase == Phase::kPatch; }},
    {kDelete, "a delete is answered after a 412 and another read",
     [](const A& a) { return !a.failure.has_value() && a.past.stale > 0; }},
    {kDelete, "a repeated delete meets what the first had deleted",
     [](const A& a) { return (Failed<Failure::kGone>(a) || Failed<Failure::kNotFound>(a)) && a.past.delete_ambiguous; }},
    {kWatch, "a message comes before the answer that makes its channel",
     [](const A& a) { return a.told_before && !a.failure.has_value(); }},
    {kInstances, "a question for an occurrence finds it",
     [](const A& a) { return PageOf(a) != nullptr && !PageOf(a)->items.empty(); }},
    {kInstances, "a question for an occurrence finds nothing",
     [](const A& a) { return PageOf(a) != nullptr && PageOf(a)->items.empty(); }},

    // Listings.
    {kListFromToken, "a delta shows nothing",
     [](const A& a) { return PageOf(a) != nullptr && PageOf(a)->items.empty() && a.page == 1; }},
    {kListFromToken, "a delta shows an event whose write is in flight", [](const A& a) { return a.shows_flying; }},
    {kListFromToken, "a delta does not show what a write in flight has done already", [](const A& a) { return a.hides_flying; }},
    {kListFromToken, "a delta comes to its end after three pages or more",
     [](const A& a) { return PageOf(a) != nullptr && PageOf(a)->next_sync_token.has_value() && a.page >= 3; }},
    {kListFromToken, "an empty page has another behind it",
     [](const A& a) { return PageOf(a) != nullptr && PageOf(a)->items.empty() && PageOf(a)->next_page_token.has_value(); }},
    {kListFromToken, "a delta shows an occurrence before its series", [](const A& a) { return a.child_first; }},
    {kListFromToken, "a delta is answered while a stop or a watch is in flight",
     [](const A& a) { return PageOf(a) != nullptr && a.under_way.channel_calls > 0; }},
    {kListAll, "a walk shows an occurrence before its series", [](const A& a) { return a.child_first; }},
    {kListAll, "a walk shows an event whose write is in flight", [](const A& a) { return a.shows_flying; }},
    {kListAll, "a walk does not show what a write in flight has done already", [](const A& a) { return a.hides_flying; }},
    {kListAll, "a walk comes to its end after five pages or more",
     [](const A& a) { return PageOf(a) != nullptr && PageOf(a)->next_sync_token.has_value() && a.page >= 5; }},
    {kListAll, "an empty calendar is walked",
     [](const A& a) {
       return PageOf(a) != nullptr && PageOf(a)->items.empty() && PageOf(a)->next_sync_token.has_value() && a.page == 1;
     }},
    {kListAll, "the role that a walk tells does not allow to write",
     [](const A& a) { return PageOf(a) != nullptr && !CanWrite(PageOf(a)->access_role); }},
};

}  // namespace

absl::Span<const MarkRow<Sent>> MarksOfSent() { return kSent; }
absl::Span<const MarkRow<Answered>> MarksOfAnswers() { return kAnswers; }

}  // namespace calsync::sim
