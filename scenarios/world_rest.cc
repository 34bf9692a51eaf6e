// Coming to rest, and what the laws say then.

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "scenarios/actors/migration.h"
#include "scenarios/laws/busy_time.h"
#include "scenarios/watcher.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

constexpr absl::Duration kQuietDay = absl::Hours(24);

}  // namespace

bool World::IsAtRest() const {
  // The cheap reasons first: this is asked before every step of a settling world.
  if (agenda_.under_way() > 0 || server_.NextDue() != absl::InfiniteFuture()) return false;
  if (!workers_.empty() && !workers_.resting()) return false;
  for (const Host& host : hosts_) {
    if (host.stopped()) continue;
    if (!host.running() || host.calls_in_flight() > 0 || NotSeenYet(host) != nullptr) return false;
  }
  return Unsettled().empty();
}

// A calendar on which others did something that the engine cannot have seen yet; null if there is none.
const LinkedCalendar* World::NotSeenYet(const Host& host) const {
  for (const LinkedCalendar& linked : host.config().calendars) {
    const int calendar = CalendarOfKey(linked.key);
    if (grant(calendar) == fake::Grant::kRevoked || role(calendar) == AccessRole::kNone) continue;
    const CalendarRow* row = host.engine().calendar(linked.key);
    // It is back, also if it is only to be cleaned.
    if (row != nullptr && row->unreachable) return &linked;
    if (row != nullptr && !CanWrite(row->role) && CanWrite(role(calendar))) return &linked;
    if (linked.state != LinkState::kEnabled) continue;
    const absl::Time seen = host.seen(calendar);
    if (seen < ghost_.LastChangeByOthers(calendar, host.family()) || seen < seen_after_) return &linked;
    if (host.seen_in_full(calendar) <= full_walk_needed_[static_cast<size_t>(calendar)]) return &linked;
  }
  return nullptr;
}

std::string World::Unsettled() const {
  if (agenda_.under_way() > 0) return absl::StrCat(agenda_.under_way(), " calls, replies or messages under way");
  if (server_.NextDue() != absl::InfiniteFuture()) return "a change on its way to the guests";
  if (!workers_.empty() && !workers_.resting()) return "workers to agree about who runs what";
  for (const Host& host : hosts_) {
    if (host.stopped()) continue;
    if (!host.running()) return absl::StrCat(EngineName(host), " to start");
    std::vector<CalendarKey> given_up;  // Nobody tells when they can be read or written again.
    for (const LinkedCalendar& linked : host.config().calendars) {
      const int calendar = CalendarOfKey(linked.key);
      if (grant(calendar) != fake::Grant::kFull || role(calendar) == AccessRole::kNone) given_up.push_back(linked.key);
    }
    if (std::string waits = host.Unsettled(given_up); !waits.empty()) return absl::StrCat(EngineName(host), ", ", waits);
    if (const LinkedCalendar* linked = NotSeenYet(host))
      return absl::StrCat(EngineName(host), " to list ", linked->name, ", perhaps in full");
  }
  return "";
}

bool World::Settle(absl::Duration limit) {
  const absl::Time began = now_;
  const absl::Time deadline = now_ + limit;
  while (!IsOver()) {
    if (IsAtRest()) {
      settle_time_ = std::max(settle_time_, now_ - began);
      return true;
    }
    if (NextTime() > deadline) {
      now_ = std::max(now_, deadline);
      return false;
    }
    if (!Step()) return false;
  }
  return false;
}

GroupFacts World::FactsOf(const Host& host) const {
  GroupFacts facts{.family = host.family(),
                   .policy = host.config().policy,
                   .directions = host.config().directions,
                   .now = std::max(now_, host.ClockAt(now_))};
  for (const LinkedCalendar& linked : host.config().calendars) {
    const int calendar = CalendarOfKey(linked.key);
    const fake::Grant given = grant(calendar);
    const AccessRole may = role(calendar);
    const Policy& policy = host.config().policy;
    const absl::Duration polled = std::max(policy.poll_interval, policy.poll_interval_with_push) * 2;
    // Polls are late when the clock was set back (seed 11057551): who was not refused yet cannot know.
    const auto listed = host.listings().find(calendar);
    const bool refused = listed != host.listings().end() && listed->second.begun != listed->second.seen;
    facts.calendars.push_back({.calendar = calendar,
                               .google_id = linked.google_id,
                               .key = linked.key,
                               .name = linked.name,
                               .link = linked.state,
                               .zone = server_.FindCalendar(linked.google_id)->setup().zone,
                               .answers = (given != fake::Grant::kRevoked && may != AccessRole::kNone) ||
                                          now_ - host.seen(calendar) < polled || !refused,
                               .readable = given != fake::Grant::kRevoked && ShowsEvents(may),
                               .writable = given == fake::Grant::kFull && CanWrite(may),
                               .sees_private = CanWrite(may),
                               .reviewed = host.reviewed(calendar)});
  }
  std::sort(facts.calendars.begin(), facts.calendars.end(),
            [](const CalendarFacts& a, const CalendarFacts& b) { return a.key < b.key; });
  if (host.running()) AddParked(host.engine().records(), facts);
  return facts;
}

// What the engine says to be parked, if it is marked by ground truth; with the exceptions of such a series.
void World::AddParked(const Records& records, GroupFacts& facts) const {
  for (RowIndex row = 0; row < records.size(); ++row) {
    const Record& record = records[row];
    if (record.kind != RecordKind::kSeen) continue;
    const bool waits = record.seen_as == SeenAs::kUndecided && record.IsOccurrence();
    if (record.seen_as != SeenAs::kTextMarked && !waits) continue;
    const int calendar = CalendarOfKey(record.calendar);
    const std::optional<RowIndex> master = waits ? records.FindAt(record.calendar, record.master.view()) : std::nullopt;
    if (waits &&
        (!master.has_value() || records[*master].kind != RecordKind::kSeen || records[*master].seen_as != SeenAs::kTextMarked)) {
      continue;
    }
    const GhostEvent* truth = ghost_.Find(calendar, EventId(waits ? record.master : record.event));
    if (truth != nullptr && (truth->was_marked || truth->legacy)) facts.parked.insert({calendar, EventId(record.event)});
  }
}

void World::CheckAtRest() {
  if (IsOver()) return;
  ++counts_.rest_checks;
  std::vector<RestView> views;
  for (Host& host : hosts_) {
    if (!host.running()) continue;
    if (host.baseline() == nullptr) Check(Law::kEngine, host.engine().Verify());
    if (host.baseline() == nullptr) Check(Law::kL8, CheckRows(host.durable().rows(), ghost_.events()));
    EngineRows rows{
        .records = host.engine().records(), .group = host.engine().group_row(), .calendars = {}, .trail = &host.trail};
    for (const LinkedCalendar& linked : host.config().calendars) {
      if (const CalendarRow* row = host.engine().calendar(linked.key)) rows.calendars.push_back(row);
    }
    RestView view = LookAtRest(server_, ghost_, rows, FactsOf(host), now_, last_rest_, host.amnesty);
    view.cloned = counts_.mishaps[static_cast<size_t>(Mishap::kClone)] > 0;
    if (watcher_ != nullptr) watcher_->Rests(view);
    Check(Law::kL2, CheckNoDouble(view));
    Check(Law::kL5, CheckNoOrphan(view));
    Check(Law::kL3, CheckNothingMissed(view));
    Check(Law::kL12, CheckHonest(view));
    for (const Place& place : NotLeftOut(view)) host.trail.ForgetLeftOut(place);
    // Real calendars lie years apart; of drawn ones the first year tells all.
    const absl::Duration ahead = plan_.events.empty() ? absl::Hours(24 * 366) : absl::InfiniteDuration();
    if (ShowsAllThereIs(view)) Check(Law::kL3, CheckBusyTime(server_, ghost_, view, ahead, counts_.busy_pieces));
    if (host.baseline() != nullptr) continue;  // It tells nobody anything.
    const auto known_blocks = std::count_if(view.blocks.begin(), view.blocks.end(), [](const LiveBlock& block) {
      // One that a person took out of the bin may never have been seen before it went there.
      return !block.revived && !block.legacy && block.row.known && block.row.kind == RecordKind::kBlock &&
             block.row.status == RecordStatus::kCreated;
    });
    const auto user_events = std::count_if(view.others.begin(), view.others.end(),
                                           [](const LiveOther& other) { return other.row.kind == RecordKind::kUserEvent; });
    Check(Law::kL12, CheckCounters(host.engine().Totals(), {.blocks_inserted = ghost_.blocks_inserted(host.family()),
                                                            .blocks_live = static_cast<uint64_t>(known_blocks),
                                                            .user_events_live = static_cast<uint64_t>(user_events),
                                                            .memory_intact = host.memory_intact}));
    CheckTold(host, view);
    if (violation_.has_value()) return;
    if (view.breaker_open) breaker_stays_open_ = true;
    views.push_back(std::move(view));
  }
  CheckBudgets();
  counts_.slots_due = 0;
  for (const RestView& view : views) {
    counts_.slots_due += view.slots.size();
    RememberRest(view);
  }
  last_rest_ = now_;
}

// What is respected or kept at rest stays so until what is mirrored changes; and that ends when the slot stops being due.
void World::RememberRest(const RestView& view) {
  std::vector<SlotKey> touched;
  for (const auto& [key, slot] : ghost_.slots()) {
    if (key.family == view.group.family) touched.push_back(key);
  }
  for (const SlotKey& key : touched) {
    GhostSlot& slot = ghost_.Slot(key);
    slot.respected_source = nullptr;
    slot.kept_source = nullptr;
  }
  std::vector<const LiveBlock*> holder(view.slots.size(), nullptr);
  for (const LiveBlock& block : view.blocks) {
    if (block.slot >= 0) holder[static_cast<size_t>(block.slot)] = &block;
  }
  for (size_t i = 0; i < view.slots.size(); ++i) {
    const SlotKey key{view.group.family, view.slots[i].source, view.slots[i].target};
    if (view.slot_truth[i] == nullptr) continue;
    GhostSlot& slot = ghost_.Slot(key);
    if (holder[i] == nullptr && view.slot_rows[i].hold != Hold::kNone) slot.respected_source = view.slots[i].event;
    if (holder[i] != nullptr && view.slot_rows[i].hold == Hold::kKeptEdit) slot.kept_source = view.slots[i].event;
  }
}

void World::TellWatcher(Mishap mishap) const { watcher_->Befalls(mishap); }

void World::CheckBudgets() {
  const auto is_exact = [](const auto& chosen) {
    return chosen.policy.already_busy == AlreadyBusy::kExact &&
           std::all_of(chosen.directions.begin(), chosen.directions.end(),
                       [](const Direction& direction) { return direction.policy.already_busy == AlreadyBusy::kExact; });
  };
  // Blocks of one engine that is not are mirrored for all of them; and what was commanded may not always have been so.
  bool all_exact = is_exact(plan_.knobs);
  PingPong played{.rounds = mirror_product_.rounds_most,
                  .engines = hosts_.size(),
                  .moves = mirror_product_.moves,
                  .block_touches = ghost_.foreign_block_touches()};
  for (const Host& host : hosts_) {
    all_exact = all_exact && host.commands == 0 && is_exact(host.config());
    played.faults += host.disturbed_calls + host.clock_steps;
  }
  if (all_exact) Check(Law::kL8, CheckPingPong(played));
  for (const Host& host : hosts_) {
    uint64_t narrowed = 0;
    for (const LinkedCalendar& linked : host.config().calendars) {
      const auto at = static_cast<size_t>(CalendarOfKey(linked.key));
      const absl::Duration lasts = narrowed_for_[at] + std::max(absl::ZeroDuration(), now_ - narrowed_since_[at]);
      narrowed += static_cast<uint64_t>(absl::ToInt64Hours(lasts));
    }
    const WriteBudget budget{.writes = host.writes_sent,
                             .calendars = host.config().calendars.size(),
                             .foreign_writes = ghost_.foreign_writes(),
                             .block_touches = ghost_.foreign_block_touches(),
                             .exceptions_shaken = ghost_.exceptions_shaken(),
                             .faults = host.disturbed_calls,
                             .restarts = host.restarts,
                             .narrowed_hours = narrowed,
                             .commands = host.commands,
                             .events = host.commands == 0 ? 0 : ghost_.events()};
    Check(Law::kL8, CheckWrites(budget));
    if (host.baseline() != nullptr) continue;
    for (const auto& [calendar, listings] : host.listings()) {
      Check(Law::kL8, CheckFullListings({.shown = listings.shown_in_full,
                                         .broken = listings.broken,
                                         .restarts = host.restarts,
                                         .commands = host.commands,
                                         .clock_steps = host.clock_steps,
                                         .lasts = now_ - plan_.start,
                                         .interval = host.config().policy.full_walk_interval}));
    }
  }
}

// In calm, the operator looks at what the engines reported, and says go on. True if there was something to say.
bool World::OperatorHelps() {
  bool helped = false;
  for (int i = 0; i < instances(); ++i) {
    const Host& host = hosts_[static_cast<size_t>(i)];
    if (!host.running()) continue;
    if (host.engine().group_row().breaker_open) {
      Command(i, ResumeWrites{});
      helped = true;
    }
    std::vector<CalendarKey> held;
    for (const LinkedCalendar& linked : host.config().calendars) {
      const CalendarRow* row = host.running() ? host.engine().calendar(linked.key) : nullptr;
      if (row != nullptr && row->sweep_held) held.push_back(linked.key);
    }
    for (const CalendarKey key : held) {
      Command(i, ConfirmSweep{key});
      helped = true;
    }
  }
  return helped;
}

// In calm, the operator says of what waits for their word what it is. True if there was something to say.
bool World::OperatorSettles() {
  if (plan_.knobs.legacy.turns == 0 || plan_.knobs.legacy.left_parked) return false;
  bool settled = false;
  for (int i = 0; i < instances(); ++i) settled = SettleMarks(*this, i) || settled;
  return settled;
}

// Of a calendar on a quiet day. `changes`: of its events in that time.
QuietCalendar World::QuietCalendarOf(const Host& host, int calendar, uint64_t changes, uint64_t watches) const {
  const Policy& policy = host.config().policy;
  const fake::Knobs& google = server_.knobs();
  const absl::Duration poll = std::min(policy.poll_interval, policy.poll_interval_with_push);
  QuietCalendar quiet{.changes = changes, .watches = watches};
  quiet.polls = static_cast<uint64_t>(absl::ToInt64Minutes(kQuietDay) / std::max<int64_t>(1, absl::ToInt64Minutes(poll)));
  // What is lost is asked for again, at the slowest of the back-off: every ten minutes.
  if (grant(calendar) != fake::Grant::kFull) quiet.retries = static_cast<uint64_t>(kQuietDay / absl::Minutes(10));
  quiet.rows = server_.FindCalendar(google_id(calendar))->order().size();
  // A feed of busy times gives each occurrence by itself (C-33).
  if (role(calendar) == AccessRole::kFreeBusyReader)
    quiet.rows *= static_cast<uint64_t>(google.expansion_horizon / absl::Hours(24));
  quiet.page_size = static_cast<uint64_t>(google.page_size > 0 ? std::min(google.page_size, policy.page_size) : policy.page_size);
  quiet.empty_pages = google.empty_page_every > 0;
  quiet.has_quota = google.units_per_minute_per_account > 0 || google.units_per_minute_per_project > 0;
  return quiet;
}

void World::QuietDay() {
  if (IsOver()) return;
  std::vector<uint64_t> writes;
  std::vector<uint64_t> lists;
  std::vector<uint64_t> watches;
  std::vector<uint64_t> allowed;
  std::vector<uint64_t> changes;  // By calendar.
  for (const CalendarId& id : google_ids_) changes.push_back(server_.FindCalendar(id)->log_end());
  for (const Host& host : hosts_) {
    allowed.push_back(0);
    const GroupFacts group = FactsOf(host);
    for (const IdealSlot& slot : Ideal(server_, ghost_, group)) {
      const fake::Calendar* home = server_.FindCalendar(group.Find(slot.source.calendar)->google_id);
      const uint64_t parts = 1 + home->ExceptionsOf(slot.source.event).size();  // A series' block follows with its occurrences.
      if (slot.comes > now_ - absl::Hours(1) && slot.comes <= now_ + kQuietDay + absl::Hours(1)) allowed.back() += parts;
      // A fight ends with the day of the engine's clock, which may have been ahead (seed 4750137); then the block is restored, or
      // made anew.
      if (WasFoughtOver(ghost_.FindSlot({group.family, slot.source, slot.target}), now_)) allowed.back() += 2 * parts;
    }
    // Nobody tells that a calendar is lost, nor when a grant for reading alone will be a whole one again: eight calls at a time
    // find out, then one an hour. Of other roles the listings tell.
    for (const LinkedCalendar& linked : host.config().calendars) {
      const int calendar = CalendarOfKey(linked.key);
      if (grant(calendar) != fake::Grant::kFull || role(calendar) == AccessRole::kNone) allowed.back() += 8 + 24;
    }
    writes.push_back(host.writes_sent);
    lists.push_back(host.lists_sent);
    watches.push_back(host.watches_sent);
  }
  quiet_ = true;
  RunFor(kQuietDay);
  quiet_ = false;
  for (size_t at = 0; at < changes.size(); ++at) changes[at] = server_.FindCalendar(google_ids_[at])->log_end() - changes[at];
  for (size_t i = 0; i < hosts_.size() && !violation_.has_value(); ++i) {
    const Host& host = hosts_[i];
    if (i >= writes.size() || host.stopped()) continue;
    QuietTime quiet{.length = kQuietDay, .event_writes = host.writes_sent - writes[i], .lists = host.lists_sent - lists[i]};
    quiet.last_write = host.last_write;
    quiet.writes_allowed = allowed[i];
    for (const LinkedCalendar& linked : host.config().calendars) {
      const int calendar = CalendarOfKey(linked.key);
      const uint64_t changed = changes[static_cast<size_t>(calendar)];
      quiet.lists_allowed += ListsAllowed(QuietCalendarOf(host, calendar, changed, host.watches_sent - watches[i]));
    }
    Check(Law::kL4, CheckQuiet(quiet));
  }
}

RunResult World::Finish() {
  RunResult result;
  if (!IsOver()) CheckBudgets();
  if (watcher_ != nullptr) watcher_->Ends();
  for (const Host& host : hosts_) {
    const GroupImage image = host.image();
    for (const Record& record : image.records) {
      hash_.Add(record.event.view());
      hash_.Add(record.calendar.value());
      hash_.Add(static_cast<uint64_t>(record.status) * 16 + static_cast<uint64_t>(record.kind));
      hash_.Add(record.etag.view());
      hash_.Add(static_cast<uint64_t>(record.span.start));
    }
    for (const CalendarRow& row : image.calendars) hash_.Add(row.sync_token.text());
  }
  hash_.Add(choices_.count());
  hash_.Add(step_);
  counts_.steps = step_;
  counts_.decisions = choices_.count() + counts_.engine_steps;
  counts_.faults = faults_.counts();
  result.violation = violation_;
  result.hash = hash_.value();
  result.counts = counts_;
  result.settle_time = settle_time_;
  result.simulated = now_ - plan_.start;
  result.vacuous = counts_.blocks_created == 0 || breaker_stays_open_;
  result.trace = NamedTrace();
  return result;
}

}  // namespace calsync::sim
