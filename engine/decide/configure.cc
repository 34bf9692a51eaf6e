#include "engine/decide/configure.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/decide/breaker.h"
#include "engine/decide/channels.h"
#include "engine/decide/cover.h"
#include "engine/decide/evidence.h"
#include "engine/decide/listing.h"
#include "engine/decide/migrate.h"
#include "engine/decide/occurrences.h"
#include "engine/decide/reconcile.h"
#include "engine/decide/stored_rows.h"

namespace calsync {
namespace {

using Status = RecordStatus;

// One live calendar for each linked one, in the order of the configuration; those that stay keep what is known of them.
void AlignCalendars(LiveGroup& group) {
  std::vector<LiveCalendar> aligned;
  for (const LinkedCalendar& link : group.config.calendars) {
    if (LiveCalendar* known = group.Find(link.key)) {
      aligned.push_back(std::move(*known));
      known->row.key = CalendarKey();  // Moved from: not to be found again.
      continue;
    }
    LiveCalendar fresh;
    fresh.row.key = link.key;
    fresh.changed = true;
    aligned.push_back(std::move(fresh));
  }
  group.calendars = std::move(aligned);
}

void RequireFullWalk(LiveGroup& group, LiveCalendar& calendar) {
  DropSyncToken(group, calendar);
  group.Edit(calendar).walked = false;  // No insert before its walk: tombstones are only seen there.
  group.MarkDirty(calendar, absl::ZeroDuration());
}

// Calls for calendars that are not linked any more: nobody waits for their answers.
void ForgetCallsOfUnlinked(LiveGroup& group) {
  for (auto call = group.calls.begin(); call != group.calls.end();) {
    if (group.Find(call->second.calendar) != nullptr) {
      ++call;
      continue;
    }
    const auto busy = group.busy.find(call->second.row);
    if (busy != group.busy.end() && busy->second == call->first) group.busy.erase(busy);
    call = group.calls.erase(call);
  }
}

// A calendar that is linked, enabled, disabled or re-pointed.
void ApplyLink(LiveGroup& group, const LinkedCalendar* before, const LinkedCalendar& after, LiveCalendar& calendar) {
  const bool was_enabled = before != nullptr && before->state == LinkState::kEnabled;
  const bool is_enabled = after.state == LinkState::kEnabled;
  const bool repointed = before != nullptr && before->google_id != after.google_id;
  if (repointed) {
    AbandonListing(group, calendar);
    SupersedeChannels(group, calendar);
  }
  if (is_enabled && (!was_enabled || repointed)) RequireFullWalk(group, calendar);
}

// What is stored may be of other settings, which changed while no engine ran: the same as ApplyLink, as far as rows tell.
void TakeUpCalendar(LiveGroup& group, LiveCalendar& calendar) {
  const bool other_query = calendar.row.query != QueryFingerprint(group.config, group.Link(calendar).google_id);
  if (calendar.row.walked && other_query && IsEnabled(group, calendar)) RequireFullWalk(group, calendar);
  SupersedeChannelsOfBefore(group, calendar);
}

// What was under way about the row, and is forgotten with the engine or the live calendar that knew of it.
void TakeUp(LiveGroup& group, RowIndex row) {
  const Record& record = group.records[row];
  if (record.status == Status::kCreating && record.sent) {
    // Nobody knows whether its insert arrived, unless it was heard that the id was taken (seed 13544683).
    if (!record.taken) group.records.Change(row, [](Record& changed) { changed.ambiguous = true; });
    Doubt(group, row);
  }
  if (WaitsForMaster(group, record)) {
    if (LiveCalendar* calendar = group.Find(record.calendar)) calendar->held.push_back(row);
  }
  if (record.absent) {  // The proof that was waited for is forgotten: it is read again.
    Doubt(group, row);
  }
}

// Which keywords the titles have in them, by the list of the configuration. Titles are kept so that Google need not be asked.
void TakeKeywords(LiveGroup& group) {
  group.keywords = KeywordsOf(group.config);
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    if (record.kind != RecordKind::kUserEvent || (group.keywords.empty() && record.keywords == 0)) continue;
    const uint32_t keywords = KeywordsIn(record.summary.view(), group.keywords);
    if (keywords == record.keywords) continue;
    group.records.Change(row, [&](Record& changed) { changed.keywords = keywords; });
  }
}

void Reconfigured(LiveGroup& group, GroupConfig config) {
  CALSYNC_CHECK(config.id == group.config.id);
  CALSYNC_CHECK(config.Problem().empty());
  const GroupConfig before = std::exchange(group.config, std::move(config));
  AlignCalendars(group);
  ForgetCallsOfUnlinked(group);
  group.ids = BlockIds(group.config.keys, group.config.id);
  group.tags = Tags(group.config.instance, group.config.id);
  // First of all, for whatever follows may ask what is due, and by the new configuration.
  TakeKeywords(group);
  ResetCover(group);
  for (size_t i = 0; i < group.calendars.size(); ++i) {
    const LinkedCalendar& link = group.config.calendars[i];
    ApplyLink(group, before.Find(link.key), link, group.calendars[i]);
    // What the channels of the old address are told, nobody hears.
    if (before.policy.push_address != group.config.policy.push_address) SupersedeChannels(group, group.calendars[i]);
  }
  if (!(before.policy == group.config.policy) || before.directions != group.config.directions) {
    for (LiveCalendar& calendar : group.calendars) {
      ReleaseParked(group, calendar.row.key);
      DropSyncToken(group, calendar);  // A new policy means a full walk: it may need what was not kept.
      group.MarkDirty(calendar, absl::ZeroDuration());
    }
  }
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const CalendarKey calendar = group.records[row].calendar;
    if (before.Find(calendar) == nullptr && group.Find(calendar) != nullptr) TakeUp(group, row);  // Linked again.
    group.requeue.push_back(row);  // What is owed depends on the configuration, also where nothing else changes: tags, guests.
  }
  MarkAllSourcesDirty(group);
  group.bind_forgotten = true;
  group.Audit(AuditKind::kConfigured, CalendarKey());
  int64_t live = 0;
  for (RowIndex row = 0; row < group.records.size(); ++row) live += group.records[row].IsLiveUserEvent() ? 1 : 0;
  ExplainWrites(group, live * WritesOfOneChange(group));
}

void WalkAllAgain(LiveGroup& group) {
  for (LiveCalendar& calendar : group.calendars) {
    DropSyncToken(group, calendar);
    group.MarkDirty(calendar, absl::ZeroDuration());
  }
}

}  // namespace

void SetUp(LiveGroup& group, GroupConfig config, GroupImage stored) {
  group.config = std::move(config);
  CALSYNC_CHECK(group.config.Problem().empty());
  group.row = stored.group;
  group.records = Records(std::move(stored.records));
  group.ids = BlockIds(group.config.keys, group.config.id);
  group.tags = Tags(group.config.instance, group.config.id);
  for (CalendarRow& row : stored.calendars) {
    LiveCalendar calendar;
    calendar.row = std::move(row);
    group.calendars.push_back(std::move(calendar));
  }
  AlignCalendars(group);
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    group.newest_ms = std::max(group.newest_ms, group.records[row].updated_ms);
  }
  group.call_nonce = group.bits.Next64() << 20;  // A million calls before two engines could meet, and then at random.
}

void LookAt(LiveGroup& group, absl::Time now, std::shared_ptr<const ZoneTable> zones) {
  group.now = now;
  group.zones = std::move(zones);
  TakeKeywords(group);
  ResetCover(group);
}

void OnStarted(LiveGroup& group, const Started& started) {
  LookAt(group, group.now, started.zones);
  group.counts_from = group.now;
  for (LiveCalendar& calendar : group.calendars) {
    if (started.restored) {
      group.Edit(calendar).restored = true;
      RequireFullWalk(group, calendar);
    }
    TakeUpCalendar(group, calendar);
    group.MarkDirty(calendar, absl::ZeroDuration());
    RestAfterCrash(group, calendar);
  }
  PutStoredRowsRight(group);
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    TakeUp(group, row);
    group.requeue.push_back(row);
  }
  MarkAllSourcesDirty(group);
  group.bind_forgotten = true;
  group.explain_owed = true;
}

void OnCommand(LiveGroup& group, const OperatorCommand& command) {
  std::visit(Overloaded{
                 [&](const Reconfigure& in) { Reconfigured(group, in.config); },
                 [&](const ResumeWrites&) { ResetBreaker(group); },
                 [&](const ConfirmSweep& in) {
                   if (LiveCalendar* calendar = group.Find(in.calendar)) ConfirmHeldSweep(group, *calendar);
                 },
                 [&](const WalkAgain&) { WalkAllAgain(group); },
                 [&](const AdoptLegacy& in) { AdoptPairs(group, in); },
                 [&](const SettleLegacy& in) { Settle(group, in); },
             },
             command);
}

}  // namespace calsync
