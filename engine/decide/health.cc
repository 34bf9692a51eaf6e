#include "engine/decide/health.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "engine/decide/desired.h"
#include "engine/decide/retry.h"
#include "engine/decide/writing.h"

namespace calsync {
namespace {

// True if the row's call waits for something that only people or the calendar's owner can change.
bool IsStuckForGood(const LiveGroup& group, const LiveCalendar& calendar, const Record& record, Owed owed) {
  if (calendar.row.unreachable) return true;
  if (owed == Owed::kRead) return false;
  return group.row.breaker_open || !CanWrite(calendar.row.role) || RestsAfterFight(group, record) ||
         (owed == Owed::kUpdate && IsFoughtOver(group, record)) ||
         (!IsEnabled(group, calendar) && (owed == Owed::kInsert || owed == Owed::kTag));
}

// A slot that was covered is made after a while.
bool WaitsForCover(const LiveGroup& group, RowIndex source) {
  for (const LiveCalendar& target : group.calendars) {
    if (target.row.key == group.records[source].calendar) continue;
    const std::optional<RowIndex> block = group.records.FindBlock(group.records[source].id, target.row.key);
    if (block.has_value() && group.records[*block].MayBeLive()) continue;
    if (DueOf(group, source, target).reason == DueReason::kCoverWent) return true;
  }
  return false;
}

// Why the last listing failed, of this calendar; empty if it did not.
std::string LastTrouble(const LiveGroup& group, CalendarKey calendar) {
  const auto& passes = group.passes.passes;
  const auto last = std::find_if(passes.rbegin(), passes.rend(), [&](const Pass& pass) { return pass.calendar == calendar; });
  return last == passes.rend() || last->error.empty() ? "" : absl::StrCat("; the last try: ", last->error);
}

std::string WaitsOf(const LiveGroup& group, const LiveCalendar& calendar) {
  const std::string& name = group.Link(calendar).name;
  const std::string trouble = LastTrouble(group, calendar.row.key);
  if (calendar.listing.active) return absl::StrCat(name, ": it is being read", trouble);
  if (calendar.dirty && IsEnabled(group, calendar)) return absl::StrCat(name, ": it is still to be read", trouble);
  if (calendar.channel_call) return absl::StrCat(name, ": Google has not answered yet about notifications of it");
  if (!calendar.row.walked && IsEnabled(group, calendar) && IsReadable(calendar.row)) {
    return absl::StrCat(name, ": it was never read in full", trouble);
  }
  return "";
}

}  // namespace

std::string Unsettled(const LiveGroup& group, absl::Span<const CalendarKey> given_up, OwedTags tags) {
  const auto counts = [&](CalendarKey key) { return std::find(given_up.begin(), given_up.end(), key) == given_up.end(); };
  const auto in_flight = std::count_if(group.calls.begin(), group.calls.end(), [&](const auto& call) {
    return tags == OwedTags::kCount || call.second.purpose != CallInFlight::Purpose::kTag;
  });
  if (in_flight > 0) return absl::StrCat(in_flight, in_flight == 1 ? " call" : " calls", " to Google not answered yet");
  for (const LiveCalendar& calendar : group.calendars) {
    if (!counts(calendar.row.key)) continue;
    if (std::string waits = WaitsOf(group, calendar); !waits.empty()) return waits;
  }
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    const LiveCalendar* calendar = group.Find(record.calendar);
    if (record.cover_went_s != 0 && WaitsForCover(group, row)) {
      return absl::StrCat(Name(record.kind), " ", record.event.view(), ": what covered it went a moment ago");
    }
    if (calendar == nullptr || !counts(record.calendar)) continue;
    if (record.absent && !calendar->row.unreachable)
      return absl::StrCat(Name(record.kind), " ", record.event.view(), ": it was not found, and is still to be looked for");
    const Owed owed = OwedBy(group, row);
    if (owed == Owed::kTag && tags == OwedTags::kLeave) continue;
    if (owed == Owed::kNothing || IsStuckForGood(group, *calendar, record, owed)) continue;
    constexpr absl::string_view kWhat[] = {"read", "deleted", "made", "updated", "tagged"};
    return absl::StrCat(Name(record.kind), " ", record.event.view(), ": still to be ", kWhat[static_cast<size_t>(owed)]);
  }
  return "";
}

Counters TotalCounters(const LiveGroup& group) {
  Counters total;
  for (const LiveCalendar& calendar : group.calendars) total += calendar.row.counters;
  return total;
}

std::string VerifyGroup(const LiveGroup& group) {
  if (std::string wrong = group.records.Verify(); !wrong.empty()) return wrong;
  for (const auto& [row, id] : group.busy) {
    const auto call = group.calls.find(id);
    if (call == group.calls.end()) return absl::StrCat("row ", row, " waits for a call that is not in flight");
    if (call->second.row != row) return absl::StrCat("row ", row, " waits for a call about another row");
  }
  for (const LiveCalendar& calendar : group.calendars) {
    int in_flight = 0;
    for (const auto& [row, id] : group.busy) in_flight += group.records[row].calendar == calendar.row.key ? 1 : 0;
    if (in_flight != calendar.event_calls) return absl::StrCat(group.Link(calendar).name, ": miscounts its calls");
    for (size_t kind = 0; kind < kOwedKinds; ++kind) {
      for (const RowIndex row : calendar.ready[kind]) {
        if (group.IsBusy(row)) return absl::StrCat("row ", row, " is queued while a call is in flight");
        if (OwedBy(group, row) != static_cast<Owed>(kind))
          return absl::StrCat("row ", row, " is queued for what it does not owe");
      }
    }
  }
  return "";
}

}  // namespace calsync
