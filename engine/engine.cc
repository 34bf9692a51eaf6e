#include "engine/engine.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/overloaded.h"
#include "engine/decide/answers.h"
#include "engine/decide/breaker.h"
#include "engine/decide/channels.h"
#include "engine/decide/configure.h"
#include "engine/decide/cover.h"
#include "engine/decide/health.h"
#include "engine/decide/listing.h"
#include "engine/decide/observe.h"
#include "engine/decide/passes.h"
#include "engine/decide/reconcile.h"
#include "engine/decide/retry.h"
#include "engine/decide/wake.h"
#include "engine/decide/writing.h"

namespace calsync {
namespace {

using Purpose = CallInFlight::Purpose;

void Dispatch(LiveGroup& group, const CallInFlight& call, const Reply& reply) {
  switch (call.purpose) {
    case Purpose::kList:
      return OnListReply(group, call, reply);
    case Purpose::kWatch:
    case Purpose::kStop:
      return OnChannelReply(group, call, reply);
    case Purpose::kRead:
    case Purpose::kInsert:
    case Purpose::kUpdate:
    case Purpose::kDelete:
    case Purpose::kTag:
      return OnEventReply(group, call, reply);
  }
}

void OnReply(LiveGroup& group, const ApiReply& reply) {
  const auto found = group.calls.find(reply.call);
  if (found == group.calls.end()) return;  // Late, doubled, or an answer to the engine before this one (S17).
  const CallInFlight call = std::move(found->second);
  group.calls.erase(found);
  if (LiveCalendar* calendar = group.Find(call.calendar)) calendar->touched = true;
  RollWindowBeforeNews(group);
  Dispatch(group, call, reply.reply);
}

// Calls whose answer is overdue are taken as lost: their outcome is unknown.
void GiveUpOverdue(LiveGroup& group) {
  std::vector<CallId> overdue;
  for (const auto& [id, call] : group.calls) {
    if (IsDue(call.deadline, group.now, kCallDeadline)) overdue.push_back(id);
  }
  for (const CallId& id : overdue) OnReply(group, {id, ApiError{.transport = Transport::kTimeout}});
}

// The wall clock was set back by more than what keeping it right takes.
constexpr absl::Duration kSetBack = absl::Minutes(1);

// After the wall clock was set back, what waits for a time is looked at anew, and also what seemed to be over: it may lie ahead
// (seed 7037998).
void Rewake(LiveGroup& group, absl::Time before) {
  if (group.now >= before) return;
  if (before - group.now > kSetBack) {
    MarkAllSourcesDirty(group);
    group.counts_from = group.now;
    group.explain_owed = true;
  }
  for (const auto& [retry_s, row] : group.agenda) group.requeue.push_back(row);
  group.agenda.clear();
  for (const auto& [at_s, source] : group.later) MarkSourceDirty(group, source);
  group.later.clear();
  TouchAll(group);
}

// What follows from what is known now. The order matters: rows first, then queues, then calls.
void Proceed(LiveGroup& group) {
  WakeSources(group);
  FollowCover(group);
  ReconcileDirty(group);
  if (std::exchange(group.explain_owed, false)) ExplainOwed(group);
  WakeRows(group);
  for (const RowIndex row : group.records.changed()) Enqueue(group, row);
  for (const RowIndex row : group.requeue) Enqueue(group, row);
  group.requeue.clear();
  StartListings(group);
  TendChannels(group);
  SendOwed(group);
}

absl::Time NextDue(LiveGroup& group) {
  absl::Time next = NoteWakes(group);
  for (const auto& [id, call] : group.calls) next = std::min(next, call.deadline);
  if (!group.agenda.empty()) next = std::min(next, absl::FromUnixSeconds(group.agenda.begin()->first));
  if (!group.later.empty()) next = std::min(next, absl::FromUnixSeconds(group.later.begin()->first));
  return next;
}

// When rows came to be, for who asks how old they are.
void StampNewRows(LiveGroup& group) {
  const auto now_s = static_cast<uint32_t>(std::clamp<int64_t>(absl::ToUnixSeconds(group.now), 1, ~uint32_t{0}));
  for (const RowIndex row : group.records.changed()) {  // Each is marked already, so the list stays as it is.
    if (group.records[row].made_s == 0) group.records.Change(row, [&](Record& record) { record.made_s = now_s; });
  }
}

Effects TakeEffects(LiveGroup& group) {
  Effects effects;
  effects.reserve(2 + group.outbox.size());
  Commit& commit = std::get<Commit>(effects.emplace_back(std::in_place_type<Commit>));
  if (group.records.has_changes()) {
    StampNewRows(group);
    RecordChanges changes = group.records.TakeChanges();
    commit.erased = std::move(changes.erased);
    commit.records = std::move(changes.records);
  }
  const auto changed = [](const LiveCalendar& calendar) { return calendar.changed; };
  commit.calendars.reserve(static_cast<size_t>(std::count_if(group.calendars.begin(), group.calendars.end(), changed)));
  for (const LiveCalendar& calendar : group.calendars) {
    if (calendar.changed) commit.calendars.push_back(calendar.row);
  }
  if (std::exchange(group.row_changed, false)) commit.group = group.row;
  commit.audit = std::exchange(group.audit, {});
  if (commit.IsEmpty()) effects.pop_back();
  for (ApiCall& call : group.outbox) effects.push_back(std::move(call));
  group.outbox.clear();
  const absl::Time due = NextDue(group);
  for (LiveCalendar& calendar : group.calendars) calendar.changed = false;
  if (due != group.timer) {
    group.timer = due;
    effects.push_back(SetTimer{due});
  }
  return effects;
}

}  // namespace

Engine::Engine(GroupConfig config, GroupImage stored, const SipKey& seed) {
  group_.bits = Bits(seed);
  SetUp(group_, std::move(config), std::move(stored));
}

Effects Engine::Step(const Input& input, absl::Time now) {
  const absl::Time before = std::exchange(group_.now, now);
  Rewake(group_, before);
  std::visit(Overloaded{
                 [&](const Started& in) {
                   TouchAll(group_);
                   OnStarted(group_, in);
                 },
                 [&](const Notification& in) { OnNotification(group_, in); },
                 [&](const ApiReply& in) { OnReply(group_, in); },
                 [&](const TimerFired&) { group_.timer = absl::InfiniteFuture(); },
                 [&](const OperatorCommand& in) {
                   OnCommand(group_, in);
                   TouchAll(group_);
                 },
             },
             input);
  GiveUpOverdue(group_);
  Proceed(group_);
  SettleTellings(group_);
  return TakeEffects(group_);
}

void Engine::LookAt(absl::Time now, std::shared_ptr<const ZoneTable> zones) { calsync::LookAt(group_, now, std::move(zones)); }

const CalendarRow* Engine::calendar(CalendarKey key) const {
  const LiveCalendar* calendar = group_.Find(key);
  return calendar == nullptr ? nullptr : &calendar->row;
}

std::vector<std::optional<EventVersion>> Engine::Known(const CallId& call, absl::Span<const VersionView> shown) const {
  const auto found = group_.calls.find(call);
  if (found == group_.calls.end() || found->second.purpose != Purpose::kList) {
    return std::vector<std::optional<EventVersion>>(shown.size());
  }
  return KnownVersions(group_, found->second.calendar, shown);
}

Counters Engine::Totals() const { return TotalCounters(group_); }
std::string Engine::Unsettled(absl::Span<const CalendarKey> given_up, OwedTags tags) const {
  return calsync::Unsettled(group_, given_up, tags);
}
std::string Engine::Verify() const {
  std::string wrong = VerifyGroup(group_);
  return wrong.empty() ? VerifyWakes(group_) : wrong;
}

}  // namespace calsync
