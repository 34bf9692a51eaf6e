// What engines tell people, at rest and in the middle of it: asked here, judged by laws/told.h and laws/told_now.h.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "scenarios/laws/told_now.h"
#include "scenarios/world.h"
#include "scenarios/zones.h"

namespace calsync::sim {
namespace {

WhyNot WhyNotOf(DueReason reason) {
  switch (reason) {
    case DueReason::kCalendarDisabled:
      return WhyNot::kCalendarDisabled;
    case DueReason::kNotMirrored:
      return WhyNot::kNotMirrored;
    case DueReason::kNotBlocking:
      return WhyNot::kNotBlocking;
    case DueReason::kSkipped:
      return WhyNot::kSkipped;
    case DueReason::kTwin:
      return WhyNot::kTwin;
    case DueReason::kHorizon:
      return WhyNot::kHorizon;
    case DueReason::kAlreadyBusy:
      return WhyNot::kAlreadyBusy;
    case DueReason::kPartOfSeries:
      return WhyNot::kPartOfSeries;
    case DueReason::kBlocks:
    case DueReason::kSourceGone:
    case DueReason::kSourceInDoubt:
    case DueReason::kSourceUnreachable:
    case DueReason::kTargetUnreachable:
    case DueReason::kTargetReadOnly:
    case DueReason::kTargetNotWalked:
    case DueReason::kCoverWent:
    case DueReason::kTextMarked:
      return WhyNot::kOther;
  }
  return WhyNot::kOther;
}

ToldSlot ToldOf(const SlotStory& story) {
  const Standing standing = story.standing;
  return {.shown = standing == Standing::kShown,
          .stays = standing == Standing::kStays,
          .left = standing == Standing::kHeld || standing == Standing::kFight,
          .fight = standing == Standing::kFight,
          .not_due = standing == Standing::kNotDue,
          .frozen = standing == Standing::kFrozen,
          .waiting = standing == Standing::kWaiting,
          .unexplained = standing == Standing::kUnexplained,
          .why = WhyNotOf(story.verdict.reason),
          .reason = story.words,
          .words = absl::StrCat(Name(standing), ": ", story.words, " (", Words(story.verdict), ")")};
}

// Two engines with the same rows tell the same.
bool TellTheSame(const SlotStory& a, const SlotStory& b) {
  return a.target == b.target && a.block == b.block && a.standing == b.standing && a.words == b.words && a.until == b.until;
}

}  // namespace

ToldAlerts World::AlertsOf(const GroupHealth& health) const {
  ToldAlerts told;
  for (const Alert& alert : health.alerts) {
    const int calendar = CalendarOfKey(alert.calendar);
    switch (alert.kind) {
      case AlertKind::kStuckCreating:
        told.stuck_creating = true;
        break;
      case AlertKind::kWebhookSlow:
        told.slow.push_back(calendar);
        break;
      case AlertKind::kNoUserEvents:
        told.no_user_events.push_back(calendar);
        break;
      case AlertKind::kFailedPasses:
        told.failed_passes = true;
        break;
      case AlertKind::kSilence:
        told.silent.push_back(calendar);
        break;
      case AlertKind::kUnreachable:
        told.unreachable.push_back(calendar);
        break;
      case AlertKind::kGrantLost:
        told.grant_lost.push_back(calendar);
        break;
      case AlertKind::kQuotaFrozen:
        told.writes_rest.push_back(calendar);
        break;
      case AlertKind::kBreakerOpen:
        told.breaker_open = true;
        break;
      case AlertKind::kSweepHeld:
        told.sweep_held.push_back(calendar);
        break;
      case AlertKind::kDetectionsDiffer:
        told.detections_differ = true;
        break;
    }
  }
  return told;
}

// As the host of production knows it, which renews the grants of accounts by itself.
std::vector<CalendarKey> World::GrantsLost(const Host& host) const {
  std::vector<CalendarKey> lost;
  for (const LinkedCalendar& linked : host.config().calendars) {
    if (grant(CalendarOfKey(linked.key)) == fake::Grant::kRevoked) lost.push_back(linked.key);
  }
  return lost;
}

// Figures, alerts and reasons, as the engine tells them to people.
void World::CheckTold(const Host& host, const RestView& view) {
  const absl::Time clock = host.ClockAt(now_);
  const Records& records = host.engine().records();
  const GroupHealth health = host.engine().Health(clock, GrantsLost(host));
  std::vector<ToldFigures> figures;
  for (const CalendarHealth& calendar : health.calendars) {
    ToldFigures told{.calendar = CalendarOfKey(calendar.calendar),
                     .user_events = calendar.figures.user_events_tracked,
                     .busy_blocks = calendar.figures.busy_blocks_tracked,
                     .total = calendar.figures.total_events_tracked,
                     .created_24h = calendar.figures.events_created_24h,
                     .blocks_created_24h = calendar.figures.busy_blocks_created_24h,
                     .stuck_creating = calendar.figures.events_stuck_creating,
                     .not_seen = calendar.figures.events_not_seen_recently};
    for (RowIndex row = 0; row < records.size(); ++row) {
      const Record& record = records[row];
      if (record.calendar != calendar.calendar || !record.IsBlock() || record.IsOccurrence()) continue;
      const bool unconfirmed = record.status == RecordStatus::kCreating || record.status == RecordStatus::kDeleting ||
                               record.status == RecordStatus::kFailed;
      told.unconfirmed += unconfirmed ? 1 : 0;
    }
    figures.push_back(told);
  }
  Check(Law::kL12, CheckFigures(view, figures,
                                {.now = clock,
                                 .clock_was_set = host.clock_steps > 0,
                                 .memory_intact = host.memory_intact,
                                 .born = [&](const CorrelationId& id) { return host.born(id); },
                                 .seen = [&](int calendar) { return host.seen(calendar); }}));
  const absl::Duration calm_for = healed_ == absl::InfiniteFuture() ? absl::ZeroDuration() : now_ - healed_;
  Check(Law::kL12, CheckAlerts(view, AlertsOf(health), figures, calm_for));
  std::vector<ToldSlot> slots;
  for (RowIndex row = 0; row < records.size(); ++row) {
    if (!records[row].IsLiveUserEvent()) continue;
    const int calendar = CalendarOfKey(records[row].calendar);
    const EventPtr* event = server_.Find(google_id(calendar), EventId(records[row].event));
    for (const SlotStory& story : host.engine().Explain(row)) {
      ToldSlot& told = slots.emplace_back(ToldOf(story));
      told.source = {calendar, EventId(records[row].event)};
      told.target = CalendarOfKey(story.target);
      if (event != nullptr) told.event = *event;
    }
  }
  Check(Law::kL12, CheckSlotsTold(view, slots));
  // Of rows as they came out of the chaos, and, for it costs, in one of four seeds.
  if (counts_.rest_checks > 1 || engine_seed_ % 4 != 0 || violation_.has_value()) return;
  std::vector<ToldRow> rows;
  for (RowIndex row = 0; row < records.size(); ++row) {
    rows.push_back({CalendarOfKey(records[row].calendar), EventId(records[row].event), host.engine().ExplainEvent(row)});
  }
  std::sort(rows.begin(), rows.end(),
            [](const ToldRow& a, const ToldRow& b) { return std::tie(a.calendar, a.event) < std::tie(b.calendar, b.event); });
  Check(Law::kL12, CheckRowsTold(view, rows));
  CheckToldFromDatabase(host);
}

// Who asks while no engine runs is told the same, from what is stored.
void World::CheckToldFromDatabase(const Host& host) {
  Engine looker(host.config(), host.image(), SipKey{});
  looker.LookAt(host.stepped_at(), KnownZones());
  const auto total = [&](const Engine& engine) {
    Figures sum;
    for (const CalendarHealth& calendar : engine.Health(host.stepped_at()).calendars) sum += calendar.figures;
    return sum;
  };
  if (!(total(looker) == total(host.engine()))) return Break(Law::kL12, "figures from the database are others than the engine's");
  const Records& records = host.engine().records();
  for (RowIndex row = 0; row < records.size(); ++row) {
    if (!records[row].IsLiveUserEvent()) continue;
    const std::optional<RowIndex> stored = looker.records().FindAt(records[row].calendar, records[row].event.view());
    if (!stored.has_value()) return Break(Law::kL7, absl::StrCat("the database has no row of ", records[row].event.view()));
    if (looker.ExplainEvent(*stored) != host.engine().ExplainEvent(row))
      return Break(Law::kL12,
                   absl::StrCat("from the database ", records[row].event.view(), " is ", looker.ExplainEvent(*stored)));
    std::vector<SlotStory> told = host.engine().Explain(row);
    std::vector<SlotStory> from_database = looker.Explain(*stored);
    for (size_t at = 0; at < told.size(); ++at) {
      SlotStory& story = from_database[at];
      if (story.block.has_value()) story.block = records.FindAt(story.target, looker.records()[*story.block].event.view());
      if (TellTheSame(told[at], story)) continue;
      return Break(Law::kL12, absl::StrCat("the slot of ", records[row].event.view(), " on ", CalendarOfKey(story.target),
                                           " is told as ", Name(told[at].standing), ": ", told[at].words,
                                           ", and from the database as ", Name(story.standing), ": ", story.words));
    }
  }
}

GroupNow World::LookNow(const Host& host) const {
  const GroupConfig& config = host.config_in_force();
  const Policy& policy = config.policy;
  GroupNow truth{.breaker_open = host.engine().group_row().breaker_open,
                 .compares_marks = ComparesMarks(policy) || plan_.knobs.legacy.turns > 0,
                 .now = now_,
                 .clock = host.ClockAt(now_),
                 .started = host.started,
                 .shortest_poll = std::min(policy.poll_interval, policy.poll_interval_with_push),
                 .longest_poll = std::max(policy.poll_interval, policy.poll_interval_with_push),
                 .times_are_true = host.clock_steps == 0 && host.memory_intact && !host.has_workers() && !host.has_slept,
                 .has_slept = host.has_slept,
                 .creating_long = CountCreatingLong(host.engine().records(), host.ClockAt(now_),
                                                    [&](const CorrelationId& id) { return host.born(id); }),
                 .listings = host.listings_heard};
  for (const LinkedCalendar& linked : config.calendars) {
    const int calendar = CalendarOfKey(linked.key);
    const auto listings = host.listings().find(calendar);
    truth.calendars.push_back({.calendar = calendar,
                               .name = linked.name,
                               .enabled = linked.state == LinkState::kEnabled,
                               .grant_lost = grant(calendar) == fake::Grant::kRevoked,
                               .row = host.engine().calendar(linked.key),
                               .answered = listings == host.listings().end() ? AnsweredLast() : listings->second.answered});
  }
  return truth;
}

// While people act and things go wrong. Now and then, for it costs: all alerts, and some of what is under way.
void World::CheckToldNow(const Host& host) {
  // A process that stands still, or is no owner any more, knows less than the database.
  if (host.has_workers() && (workers_.at(host.floor()).stands_until > now_ || !host.has_latest_epoch())) return;
  constexpr size_t kSlotsAsked = 2;
  const GroupNow truth = LookNow(host);
  const GroupHealth health = host.engine().Health(truth.clock, GrantsLost(host));
  Check(Law::kL12,
        CheckAlertsNow(truth, {.alerts = AlertsOf(health), .listings = health.passes, .listings_failed = health.passes_failed}));
  if (tracing()) TellAlerts(host, health);
  const Records& records = host.engine().records();
  size_t asked = 0;
  // Those whose blocks are not simply there, from another row on each time.
  for (RowIndex i = 0; i < records.size() && asked < kSlotsAsked; ++i) {
    const auto row = static_cast<RowIndex>((i + counts_.engine_steps) % records.size());
    const Record& record = records[row];
    const bool is_settled = record.status == RecordStatus::kCreated && record.hold == Hold::kNone && !record.must_read &&
                            !record.absent && !record.source.empty();
    if (!record.IsBlock() || is_settled) continue;
    // One that the database forgot does not say what it is for.
    const GhostEvent* truth_of =
        record.source.empty() ? ghost_.Find(CalendarOfKey(record.calendar), EventId(record.event)) : nullptr;
    const std::optional<RowIndex> source = truth_of == nullptr
                                               ? records.FindById(record.source)
                                               : records.FindAt(KeyOf(truth_of->source.calendar), truth_of->source.event.text());
    if (!source.has_value() || !records[*source].IsLiveUserEvent()) continue;
    ++asked;
    CheckSlotsNow(host, truth, *source);
  }
}

void World::CheckSlotsNow(const Host& host, const GroupNow& truth, RowIndex source_row) {
  const Records& records = host.engine().records();
  const Record& source = records[source_row];
  const GroupConfig& config = host.config_in_force();
  const auto is_out_of_reach = [&](CalendarKey key) {
    const CalendarRow* row = host.engine().calendar(key);
    return row == nullptr || row->unreachable || !CanWrite(row->role);
  };
  const auto is_enabled = [&](CalendarKey key) {
    const LinkedCalendar* linked = config.Find(key);
    return linked != nullptr && linked->state == LinkState::kEnabled;
  };
  const auto is_in_doubt = [&](const Record& record) { return record.must_read || record.absent; };
  const std::optional<RowIndex> series =
      source.IsOccurrence() ? records.FindAt(source.calendar, source.master.view()) : source_row;
  for (const SlotStory& story : host.engine().Explain(source_row)) {
    SlotNow slot{.told = ToldOf(story), .until = story.until};
    const RowDigest* block =
        story.block.has_value() ? host.durable().Find(story.target, EventId(records[*story.block].event)) : nullptr;
    slot.planned = block != nullptr;
    slot.created = block != nullptr && block->status == RecordStatus::kCreated;
    slot.under_way = host.calls_in_flight() > 0;
    slot.out_of_reach = is_out_of_reach(source.calendar) || is_out_of_reach(story.target);
    slot.in_doubt = is_in_doubt(source) || !series.has_value() || is_in_doubt(records[*series]);
    slot.enabled = is_enabled(source.calendar) && is_enabled(story.target);
    slot.mirrors = PolicyOfDirection(config.policy, config.directions, source.calendar, story.target).mirrors;
    const std::string flaw = CheckSlotNow(truth, slot);
    if (flaw.empty()) continue;
    return Break(Law::kL12, absl::StrCat("the slot of ", source.event.view(), " on calendar ", CalendarOfKey(story.target), ": ",
                                         flaw, " (told: ", slot.told.words, ")"));
  }
}

// In a run that is told step by step: what is raised, when it is first seen.
void World::TellAlerts(const Host& host, const GroupHealth& health) {
  for (const Alert& alert : health.alerts) {
    const int calendar = CalendarOfKey(alert.calendar);
    const std::string about = calendar < 0 ? "" : absl::StrCat(" about ", plan_.calendars[static_cast<size_t>(calendar)].name);
    Tell(EngineName(host), absl::StrCat("raises ", Name(alert.kind), about, ": ", alert.words), TraceLine::Kind::kMishap);
  }
}

}  // namespace calsync::sim
