#include "scenarios/knobs.h"

#include <algorithm>
#include <iterator>

#include "engine/base/check.h"
#include "scenarios/world.h"
#include "scenarios/zones.h"

namespace calsync::sim {
namespace {

using fake::FaultKind;

// A number of the list, the benign one first.
template <size_t kN>
int Pick(Choices& choices, absl::string_view label, const int (&values)[kN]) {
  return values[choices.Choose(Stream::kTopology, kN, label)];
}

void DrawStrengths(Choices& choices, Knobs& knobs) {
  if (choices.Choose(Stream::kTopology, 10, "one family alone") == 9) {
    knobs.strength[choices.Choose(Stream::kTopology, kFamiliesDrawnFirst, "which family")] = 2;
    return;
  }
  for (size_t i = 0; i < kFamiliesDrawnFirst; ++i) {
    knobs.strength[i] = static_cast<Strength>(choices.Choose(Stream::kTopology, 2, "family present"));
  }
}

// The families that came later are drawn last, so that they reshuffle nothing.
void DrawLaterStrengths(Choices& choices, Knobs& knobs) {
  const bool one_alone = std::count(std::begin(knobs.strength), std::end(knobs.strength), 2) > 0;
  if (one_alone) {
    const uint64_t later = choices.Choose(Stream::kTopology, 3 * (kFamilies - kFamiliesDrawnFirst), "a later family with it");
    if (later >= 1 && later <= kFamilies - kFamiliesDrawnFirst) {
      knobs.strength[kFamiliesDrawnFirst + later - 1] = 2;
    }
    return;
  }
  for (size_t i = kFamiliesDrawnFirst; i < kFamilies; ++i) {
    knobs.strength[i] = static_cast<Strength>(choices.Choose(Stream::kTopology, 2, "later family present"));
  }
}

void DrawPolicies(Choices& choices, Knobs& knobs) {
  if (knobs.of(Family::kPolicies) > 0) {
    const DirectionPolicy rules = DrawRules(choices, Stream::kTopology, knobs.policy);
    static_cast<DirectionPolicy&>(knobs.policy) = rules;
    knobs.directions = DrawDirections(choices, Stream::kTopology, knobs.shape.calendars, knobs.policy);
    knobs.policy_changes = Pick(choices, "policy changes", {0, 1, 3});
  }
  if (knobs.of(Family::kAnswers) > 0) {
    knobs.answer_weight = Pick(choices, "answers", {40, 100});
    knobs.kind_weight = Pick(choices, "kinds", {0, 20});
    if (choices.Choose(Stream::kTopology, 2, "zones") == 1) {
      for (int i = 0; i < knobs.shape.calendars; ++i) {
        knobs.zones.push_back(ZoneNames()[choices.Choose(Stream::kTopology, ZoneNames().size(), "zone")]);
      }
      knobs.zone_changes = Pick(choices, "zone changes", {0, 1, 2});
    }
  }
  if (knobs.of(Family::kMirrors) > 0 && knobs.shape.calendars > 1) {
    knobs.mirror_turns = Pick(choices, "mirror turns", {6, 3, 12});
    if (choices.Choose(Stream::kTopology, 2, "unless busy") == 1) {
      knobs.policy.already_busy = AlreadyBusy::kExact;
      for (Direction& direction : knobs.directions) direction.policy.already_busy = AlreadyBusy::kExact;
    }
  }
}

void DrawPolicy(Choices& choices, Knobs& knobs) {
  Policy& policy = knobs.policy;
  if (choices.Choose(Stream::kTopology, 3, "title") == 2) policy.title_template = "Busy - {summary}";
  static constexpr absl::string_view kDescriptions[] = {"Busy block for event from {calendar}", "{summary}, from {calendar}"};
  const uint64_t description = choices.Choose(Stream::kTopology, 7, "description");
  if (description >= 5) policy.description_template = std::string(kDescriptions[description - 5]);
  if (choices.Choose(Stream::kTopology, 5, "on edited") == 4) policy.on_block_edited = OnBlockEdited::kKeep;
  if (choices.Choose(Stream::kTopology, 5, "on deleted") == 4) policy.on_block_deleted = OnBlockDeleted::kRecreate;
  if (choices.Choose(Stream::kTopology, 5, "tags") == 4) policy.tag_user_events = TagUserEvents::kOff;
  // Long intervals: an idle poll proves nothing and costs as much as a busy one.
  const bool push = choices.Choose(Stream::kTopology, 4, "push") != 3;
  if (push) policy.push_address = "https://calsync.example.org/push";
  policy.poll_interval = absl::Hours(Pick(choices, "poll", {48, 24, 96}));
  policy.poll_interval_with_push = absl::Hours(Pick(choices, "poll with push", {192, 96, 48}));
  policy.full_walk_interval = absl::Hours(24 * 14);
  policy.page_size = Pick(choices, "page size", {250, 250, 10, 3});
  policy.channel_ttl = absl::Hours(24 * 7);
}

void DrawFaults(Choices& choices, Knobs& knobs) {
  fake::FaultPlan& plan = knobs.faults;
  if (const int strong = knobs.of(Family::kNetwork); strong > 0) {
    plan[FaultKind::kRequestLost] = strong * Pick(choices, "request lost", {0, 10, 40, 100});
    plan[FaultKind::kResponseLost] = strong * Pick(choices, "response lost", {0, 10, 40, 100});
    plan[FaultKind::kLateAnswer] = strong * Pick(choices, "late answer", {0, 5, 50});
    plan[FaultKind::kAppliedTwice] = strong * Pick(choices, "applied twice", {0, 5, 20});
    plan[FaultKind::kUnreadable] = strong * Pick(choices, "unreadable", {0, 5, 20});
    plan[FaultKind::kNotSent] = strong * Pick(choices, "not sent", {0, 5, 20});
    plan[FaultKind::kClog] = strong * Pick(choices, "clog", {0, 2, 5});
    plan[FaultKind::kOutage] = strong * Pick(choices, "outage", {0, 1, 3});
    plan.latency_max = absl::Milliseconds(Pick(choices, "latency", {50, 500, 5000, 20000}));
  }
  if (const int strong = knobs.of(Family::kServer); strong > 0) {
    plan[FaultKind::kRateLimited] = strong * Pick(choices, "rate limited", {0, 10, 50});
    plan[FaultKind::kUsageLimit] = strong * Pick(choices, "usage limit", {0, 1, 5});
    plan[FaultKind::kErrorBefore] = strong * Pick(choices, "error before", {0, 10, 70});
    plan[FaultKind::kErrorAfter] = strong * Pick(choices, "error after", {0, 10, 70});
    plan[FaultKind::kUnauthorized] = strong * Pick(choices, "unauthorized", {0, 5, 20});
    plan[FaultKind::kTokenGone] = strong * Pick(choices, "token gone", {0, 5, 50});
    plan[FaultKind::kPageGone] = strong * Pick(choices, "page gone", {0, 20, 100});
    plan[FaultKind::kFalseStale] = strong * Pick(choices, "false stale", {0, 10, 30});
    knobs.rejected_events = Pick(choices, "rejected events", {0, 0, 30});
    knobs.google.sync_token_lifetime = absl::Hours(Pick(choices, "token life", {24 * 30, 24 * 7, 24 * 2}));
    if (choices.Choose(Stream::kTopology, 4, "token uses") == 3) knobs.google.sync_token_uses = 2;
    knobs.google.units_per_minute_per_account = Pick(choices, "quota", {0, 0, 60, 10});
  }
  if (const int strong = knobs.of(Family::kConsistency); strong > 0) {
    plan[FaultKind::kUnseenNew] = strong * Pick(choices, "unseen new", {0, 10, 50});
    plan[FaultKind::kStaleList] = strong * Pick(choices, "stale list", {0, 50, 250});
    plan[FaultKind::kHostileSkip] = strong * Pick(choices, "hostile skip", {0, 20, 100});
    plan[FaultKind::kStaleGet] = strong * Pick(choices, "stale get", {0, 20, 100});
    plan[FaultKind::kRepeatedRow] = strong * Pick(choices, "repeated row", {0, 10, 100});
    knobs.google.page_size = Pick(choices, "server page size", {0, 5, 2});
    knobs.google.empty_page_every = Pick(choices, "empty pages", {0, 0, 3});
    knobs.google.boundary_duplicates = choices.Choose(Stream::kTopology, 2, "boundary duplicates") == 1;
    knobs.google.walk_view = static_cast<fake::Knobs::WalkView>(choices.Choose(Stream::kTopology, 3, "walk view"));
    knobs.google.alternating_order = choices.Choose(Stream::kTopology, 2, "alternating order") == 1;
    knobs.google.tombstone = static_cast<fake::Knobs::Tombstone>(choices.Choose(Stream::kTopology, 3, "tombstones"));
    knobs.google.tombstone_lifetime = absl::Hours(24 * Pick(choices, "tombstone life", {30, 10}));
    knobs.google.identical_write_changes = choices.Choose(Stream::kTopology, 2, "identical writes") == 0;
    knobs.google.move_keeps_private = choices.Choose(Stream::kTopology, 2, "move keeps tags") == 0;
    knobs.google.write_to_cancelled =
        static_cast<fake::Knobs::CancelledWrite>(choices.Choose(Stream::kTopology, 4, "write to cancelled"));
    knobs.google.reminders_in_delta = choices.Choose(Stream::kTopology, 2, "reminders in deltas") == 0;
    if (choices.Choose(Stream::kTopology, 4, "collisions unseen") == 3) knobs.google.collision_unseen_for = absl::Seconds(30);
  }
  if (const int strong = knobs.of(Family::kNotifications); strong > 0) {
    plan[FaultKind::kDropped] = strong * Pick(choices, "dropped", {0, 10, 200, 400});
    plan[FaultKind::kDoubled] = strong * Pick(choices, "doubled", {0, 10, 150});
    plan[FaultKind::kDelayed] = strong * Pick(choices, "delayed", {0, 10, 150});
    plan[FaultKind::kReordered] = strong * Pick(choices, "reordered", {0, 10, 50});
    plan[FaultKind::kEarlyNotice] = strong * Pick(choices, "early", {0, 10, 50});
    plan[FaultKind::kStorm] = strong * Pick(choices, "storm", {0, 1, 5});
    plan[FaultKind::kForged] = strong * Pick(choices, "forged", {0, 5, 30});
    knobs.google.sends_after_stop = absl::Minutes(Pick(choices, "after stop", {0, 5, 60}));
    knobs.google.channel_lifetime_max = absl::Hours(Pick(choices, "channel life", {24 * 14, 24 * 7, 96}));
  }
}

void DrawActors(Choices& choices, Knobs& knobs) {
  if (const int strong = knobs.of(Family::kTouchedBlocks); strong > 0) {
    knobs.touch_block_weight = strong * Pick(choices, "touch blocks", {20, 60, 120});
    knobs.undelete_weight = strong * Pick(choices, "undelete", {0, 5, 30});
  }
  if (const int strong = knobs.of(Family::kCopies); strong > 0) {
    knobs.copy_weight = strong * Pick(choices, "copies", {20, 60});
    knobs.move_weight = strong * Pick(choices, "moves", {15, 50});
    knobs.invite_weight = strong * Pick(choices, "invitations", {0, 10, 40});
  }
  if (const int strong = knobs.of(Family::kOddEvents); strong > 0)
    knobs.odd_event_weight = strong * Pick(choices, "odd events", {20, 60});
  if (const int strong = knobs.of(Family::kPrograms); strong > 0) {
    knobs.strippers = strong * Pick(choices, "strippers", {0, 3, 6});
    knobs.stripper_insists = knobs.strippers > 0 && Pick(choices, "on the same event", {0, 1}) == 1;
    knobs.copiers = strong * Pick(choices, "copiers", {0, 2, 4});
    knobs.fighters = strong * Pick(choices, "fighters", {0, 4, 16});
  }
  if (knobs.of(Family::kInstances) > 0) {
    switch (choices.Choose(Stream::kTopology, 3, "who else")) {
      case 0:
        knobs.second_instance = true;
        break;
      case 1:
        knobs.clone = true;
        break;
      default:
        knobs.second_group = true;
        break;
    }
  }
  if (const int strong = knobs.of(Family::kAdministrator); strong > 0)
    knobs.administrations = strong * Pick(choices, "administrations", {1, 2, 3});
  if (const int strong = knobs.of(Family::kAccess); strong > 0)
    knobs.access_changes = strong * Pick(choices, "access changes", {1, 2, 3});
  knobs.bursts = Pick(choices, "bursts", {0, 330, 700});
}

void DrawSeries(Choices& choices, Knobs& knobs) {
  if (!knobs.shape.series) knobs.strength[static_cast<size_t>(Family::kSeries)] = 0;
  if (const int strong = knobs.of(Family::kSeries); strong > 0) {
    knobs.series_weight = strong * Pick(choices, "series", {60, 150, 400});
    knobs.google.stranded_exceptions =
        static_cast<fake::Knobs::Stranded>(choices.Choose(Stream::kTopology, 3, "stranded exceptions"));
    knobs.google.deleted_series_lists_exceptions = choices.Choose(Stream::kTopology, 2, "exceptions of deleted series") == 1;
    knobs.google.split_ids_derived = choices.Choose(Stream::kTopology, 2, "ids after a split") == 1;
  }
}

void DrawHost(Choices& choices, Knobs& knobs) {
  if (const int strong = knobs.of(Family::kCrash); strong > 0) knobs.crash = strong * Pick(choices, "crash", {3, 1, 10});
  if (const int strong = knobs.of(Family::kDisk); strong > 0) {
    knobs.commit_fails = strong * Pick(choices, "commit fails", {0, 3, 10});
    knobs.commit_unknown = strong * Pick(choices, "commit unknown", {0, 3, 10});
    knobs.disk_full_spells = Pick(choices, "disk full", {0, 0, 1});
  }
  if (const int strong = knobs.of(Family::kBackups); strong > 0) {
    const bool lost = choices.Choose(Stream::kTopology, 2, "lost or restored") == 0;
    (lost ? knobs.databases_lost : knobs.databases_restored) = strong;
  }
  if (const int strong = knobs.of(Family::kClock); strong > 0) {
    knobs.clock_steps = strong;
    knobs.clock_step_max = absl::Seconds(Pick(choices, "clock step", {60, 3600, 86400, 86400 * 30}));
    knobs.skew_max = absl::Seconds(Pick(choices, "skew", {0, 5, 300}));
  }
}

// What came later still, of families that were drawn before.
void DrawMore(Choices& choices, Knobs& knobs) {
  fake::FaultPlan& plan = knobs.faults;
  if (const int strong = knobs.of(Family::kNetwork); strong > 0)
    plan[FaultKind::kSlowList] = strong * Pick(choices, "slow lists", {0, 0, 100, 300});
  if (const int strong = knobs.of(Family::kServer); strong > 0) {
    plan[FaultKind::kTagDropped] = strong * Pick(choices, "tags dropped", {0, 0, 100, 400});
    plan[FaultKind::kPoorChannel] = strong * Pick(choices, "poor channels", {0, 0, 50, 200});
  }
  if (const int strong = knobs.of(Family::kNotifications); strong > 0) {
    plan[FaultKind::kNotExists] = strong * Pick(choices, "no more", {0, 5, 30});
    knobs.redelivers = choices.Choose(Stream::kTopology, 2, "delivered again") == 1;
  }
  if (const int strong = knobs.of(Family::kPrograms); strong > 0) {
    knobs.cleaners = strong * Pick(choices, "cleaners", {0, 0, 1, 3});
    knobs.manglers = strong * Pick(choices, "manglers", {0, 2, 4});
  }
  if (knobs.of(Family::kCrash) > 0) knobs.crash_loops = Pick(choices, "crash loops", {0, 0, 1});
  if (const int strong = knobs.of(Family::kDisk); strong > 0)
    knobs.slow_commits = strong * Pick(choices, "slow commits", {0, 5, 30});
  if (const int strong = knobs.of(Family::kClock); strong > 0)
    knobs.suspensions = strong * Pick(choices, "suspensions", {0, 1, 2});
  static constexpr int kLurking[] = {0, 0, 200, 500};
  knobs.lurking = kLurking[choices.Choose(Stream::kMoments, std::size(kLurking), "lurking")];
}

// What Google is like in one run of eight: what its quota says, a quota of the whole project, and what becomes of events that
// were deleted long ago (K-8, K-16). Drawn apart: all other runs stay what they are.
void DrawHabits(Choices& choices, Knobs& knobs) {
  const auto draw = [&](uint64_t bound, absl::string_view label) { return choices.Choose(Stream::kHabits, bound, label); };
  if (draw(8, "habits of Google") != 7) return;
  fake::Knobs& google = knobs.google;
  if (knobs.of(Family::kServer) > 0) {
    static constexpr int kRetryAfter[] = {0, 5, 60};
    static constexpr int kOfProject[] = {0, 120};
    google.quota_answer = static_cast<fake::Knobs::QuotaAnswer>(draw(3, "answer of a quota"));
    google.quota_retry_after = absl::Seconds(kRetryAfter[draw(std::size(kRetryAfter), "when to ask again")]);
    google.units_per_minute_per_project = kOfProject[draw(std::size(kOfProject), "quota of the project")];
  }
  if (knobs.of(Family::kConsistency) > 0) {
    const absl::Duration kRevivable[] = {absl::InfiniteDuration(), absl::Hours(24), absl::Hours(1)};
    google.revive_within = kRevivable[draw(std::size(kRevivable), "how long the bin gives back")];
    google.purged_is_410 = draw(2, "answer about what is purged") == 1;
  }
}

// Drawn apart, and last: runs without it stay what they are.
void DrawLegacy(Choices& choices, Knobs& knobs) {
  const auto draw = [&](uint64_t bound, absl::string_view label) { return choices.Choose(Stream::kLegacy, bound, label); };
  LegacyKnobs& legacy = knobs.legacy;
  legacy.turns = 4 + static_cast<int>(draw(8, "turns of the move"));
  legacy.events_each = 1 + static_cast<int>(draw(3, "events before it"));
  legacy.still_runs = draw(3, "the system before still runs") == 2;
  legacy.left_parked = draw(4, "left parked") == 3;
  legacy.first = draw(3, "detection at first") == 2 ? Detection::kText : Detection::kHybrid;
  knobs.policy.detection = legacy.first;
  knobs.policy.compare_detection = draw(3, "compared") == 2;
  // One installation moves a group; and what a program stripped of all that shows what it is, no new database can know.
  knobs.second_instance = knobs.clone = false;
  if (knobs.databases_lost + knobs.databases_restored > 0) {
    knobs.strippers = 0;
    knobs.google.move_keeps_private = true;
  }
}

// Likewise.
void DrawWorkers(Choices& choices, Knobs& knobs) {
  const auto draw = [&](uint64_t bound, absl::string_view label) { return choices.Choose(Stream::kWorkers, bound, label); };
  static constexpr int kMishaps[] = {4, 8, 0, 16};
  static constexpr int kPauses[] = {0, 3, 10, 30};
  static constexpr int kSkews[] = {0, 5, 300, 3600};
  knobs.workers.mishaps = kMishaps[draw(std::size(kMishaps), "mishaps of workers")];
  knobs.workers.pauses = kPauses[draw(std::size(kPauses), "pauses of workers")];
  knobs.workers.skew_max = absl::Seconds(kSkews[draw(std::size(kSkews), "clocks of workers")]);
  // A second group is there to be balanced.
  const bool alone = !knobs.second_instance && !knobs.clone && !knobs.second_group;
  if (alone && draw(3, "a second group") == 2) knobs.second_group = true;
}

}  // namespace

absl::string_view Name(Family family) {
  switch (family) {
    case Family::kNetwork:
      return "network";
    case Family::kServer:
      return "server";
    case Family::kConsistency:
      return "consistency";
    case Family::kNotifications:
      return "notifications";
    case Family::kTouchedBlocks:
      return "touched blocks";
    case Family::kCopies:
      return "copies";
    case Family::kOddEvents:
      return "odd events";
    case Family::kPrograms:
      return "programs";
    case Family::kInstances:
      return "instances";
    case Family::kAdministrator:
      return "administrator";
    case Family::kAccess:
      return "access";
    case Family::kCrash:
      return "crash";
    case Family::kDisk:
      return "disk";
    case Family::kBackups:
      return "backups";
    case Family::kClock:
      return "clock";
    case Family::kPolicies:
      return "policies";
    case Family::kAnswers:
      return "answers";
    case Family::kMirrors:
      return "mirrors";
    case Family::kSeries:
      return "series";
  }
  return "?";
}

DirectionPolicy DrawRules(Choices& choices, Stream stream, DirectionPolicy base) {
  const auto one_in = [&](uint64_t n, absl::string_view label) { return choices.Choose(stream, n, label) == n - 1; };
  if (one_in(3, "without tentative")) base.tentative = false;
  if (one_in(3, "without unanswered")) base.needs_action = false;
  if (one_in(4, "without all-day")) base.all_day = false;
  if (one_in(3, "keywords")) base.keywords = {"lunch", "HOLD:"};
  if (one_in(4, "colours")) base.colours = {2, 3};
  if (one_in(3, "hours")) {
    static constexpr Hours kHours[] = {{.from = 8 * 60, .to = 20 * 60},
                                       {.from = 9 * 60, .to = 17 * 60, .days = 0x1f},
                                       {.from = 22 * 60 + 30, .to = 6 * 60},
                                       {.from = 0, .to = 24 * 60, .days = 0x60}};
    base.hours = kHours[choices.Choose(stream, std::size(kHours), "which hours")];
  }
  if (one_in(4, "horizon"))
    base.horizon_ahead = absl::Hours(24 * static_cast<int64_t>(3 + choices.Choose(stream, 10, "days ahead")));
  if (one_in(4, "horizon back"))
    base.horizon_back = absl::Hours(24 * static_cast<int64_t>(1 + choices.Choose(stream, 20, "days back")));
  if (one_in(5, "visibility")) base.visibility = Visibility::kDefault;
  if (one_in(6, "visibility public")) base.visibility = Visibility::kPublic;
  if (one_in(5, "unless busy")) base.already_busy = AlreadyBusy::kExact;
  if (one_in(5, "titles")) base.title_template = base.title_template == "Busy" ? "{calendar}: {summary}" : "Busy";
  if (one_in(6, "keep edited")) base.on_block_edited = OnBlockEdited::kKeep;
  if (one_in(6, "recreate deleted")) base.on_block_deleted = OnBlockDeleted::kRecreate;
  return base;
}

std::vector<Direction> DrawDirections(Choices& choices, Stream stream, int calendars, const DirectionPolicy& base) {
  GroupConfig config;
  static_cast<DirectionPolicy&>(config.policy) = base;
  const auto switch_off = [&](auto concerned) {
    for (int from = 0; from < calendars; ++from) {
      for (int to = 0; to < calendars; ++to) {
        if (from != to && concerned(from, to)) config.EditPolicyFor(World::KeyOf(from), World::KeyOf(to)).mirrors = false;
      }
    }
  };
  const auto draw_calendar = [&](absl::string_view label) {
    return static_cast<int>(choices.Choose(stream, static_cast<uint64_t>(calendars), label));
  };
  switch (choices.Choose(stream, 5, "shape of directions")) {
    case 0:
    case 1:
      break;  // N-way.
    case 2: {
      const int source = draw_calendar("one way from");
      switch_off([&](int from, int) { return from != source; });
      break;
    }
    case 3: {
      const int hub = draw_calendar("hub");
      switch_off([&](int from, int to) { return from != hub && to != hub; });
      break;
    }
    default:
      switch_off([&](int, int) { return choices.Choose(stream, 4, "direction off") == 3; });
      break;
  }
  for (uint64_t left = choices.Choose(stream, 4, "directions of their own"); left > 0 && calendars > 1; --left) {
    const int from = draw_calendar("from");
    const int to = (from + 1 + static_cast<int>(choices.Choose(stream, static_cast<uint64_t>(calendars) - 1, "to"))) % calendars;
    DirectionPolicy& policy = config.EditPolicyFor(World::KeyOf(from), World::KeyOf(to));
    policy = DrawRules(choices, stream, policy);
  }
  return config.directions;
}

Knobs DrawKnobs(Choices& choices, const Shape& shape) {
  CALSYNC_CHECK(shape.calendars >= 1 && shape.days >= 1 && shape.actions >= 0);
  Knobs knobs;
  knobs.shape = shape;
  DrawStrengths(choices, knobs);
  DrawPolicy(choices, knobs);
  DrawFaults(choices, knobs);
  DrawActors(choices, knobs);
  DrawHost(choices, knobs);
  knobs.watermarks = choices.Choose(Stream::kTopology, 5, "watermarks") != 4;
  DrawLaterStrengths(choices, knobs);
  DrawPolicies(choices, knobs);
  DrawSeries(choices, knobs);
  knobs.google.server_id_length = 10;
  DrawMore(choices, knobs);
  DrawHabits(choices, knobs);
  if (shape.legacy) DrawLegacy(choices, knobs);
  if (shape.workers > 1) DrawWorkers(choices, knobs);
  return knobs;
}

}  // namespace calsync::sim
