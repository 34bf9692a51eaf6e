#include "scenarios/actors/migration.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/engine.h"
#include "scenarios/actors/hands.h"
#include "scenarios/actors/people.h"
#include "scenarios/laws/ideal.h"
#include "scenarios/laws/l09_private.h"

namespace calsync::sim {
namespace {

constexpr int kOldSystem = 7;  // The number of the program.
constexpr int kOfPerson = 0;   // Whose group it was.

uint64_t DrawLegacy(World& world, uint64_t bound, absl::string_view label) {
  return world.choices().Choose(Stream::kLegacy, bound, label);
}

std::vector<int> CalendarsOfPerson(const World& world) {
  std::vector<int> calendars;
  for (int i = 0; i < world.calendars(); ++i) {
    if (world.plan().calendars[static_cast<size_t>(i)].person == kOfPerson) calendars.push_back(i);
  }
  return calendars;
}

const Event* LiveAt(const World& world, const Spot& spot) {
  const EventPtr* event = world.server().Find(world.google_id(spot.calendar), spot.event);
  return event == nullptr || *event == nullptr || (*event)->IsCancelled() ? nullptr : event->get();
}

// Days from 1 on, whole hours.
Event OldEvent(World& world, std::string summary, int residue) {
  const int64_t hours = 24 + static_cast<int64_t>(DrawLegacy(world, 20 * 24, "when it was"));
  const int64_t start = (absl::ToUnixSeconds(world.now()) / 3600 + hours) * 3600 + std::max(0, residue);
  Event event;
  event.summary = std::move(summary);
  event.start = EventTime::At(absl::FromUnixSeconds(start), "UTC");
  event.end = EventTime::At(absl::FromUnixSeconds(start + 3600), "UTC");
  return event;
}

void DragByHours(World& world, const Spot& spot) {
  const TimeSpan span = LiveAt(world, spot)->span();
  const int64_t unit = span.all_day ? 1 : 3600;
  const int64_t by = unit * (1 + static_cast<int64_t>(DrawLegacy(world, 30, "dragged by")));
  Patch(world, spot, Shifted(span, by));
}

void Retitle(World& world, const Spot& spot, std::string title) {
  EventPatch patch;
  patch.summary = std::move(title);
  Patch(world, spot, std::move(patch));
}

std::string SomeTitle(World& world, absl::string_view what) { return absl::StrCat(what, " ", kTitleMark, world.NextTitle()); }

// What became of an event since the other system made its blocks: it did not follow.
void Age(World& world, const Spot& spot) {
  switch (DrawLegacy(world, 8, "since then")) {
    case 5:
      return DragByHours(world, spot);
    case 6:
      Delete(world, spot);
      return;
    case 7:
      return Retitle(world, spot, SomeTitle(world, "Retitled"));
    default:
      return;
  }
}

std::vector<Spot> LegacyBlocks(const World& world) { return LiveEvents(world, Nature::kLegacyBlock, kOfPerson); }

// Ids alone may decide: nothing is left that only a text knows, and every adopted block says what it is.
bool MayRelyOnIds(const World& world) {
  if (!LegacyBlocks(world).empty() || !world.host(0).running()) return false;
  for (const Spot& copy : LiveEvents(world, Nature::kCopyOfBlock, kOfPerson)) {
    if (world.ghost().Find(copy)->legacy) return false;
  }
  const MigrationState state = world.host(0).engine().migration();
  return state.unsettled.empty() && state.tags_owed == 0;
}

void SwitchDetection(World& world) {
  GroupConfig config = world.config(0);
  static constexpr Detection kModes[] = {Detection::kHybrid, Detection::kText, Detection::kUuid};
  Detection to = kModes[DrawLegacy(world, 3, "detection")];
  if (to == Detection::kUuid && !MayRelyOnIds(world)) to = Detection::kHybrid;
  config.policy.detection = to;
  config.policy.compare_detection = DrawLegacy(world, 3, "compared") == 2;
  world.Announce(Mishap::kDetectionSwitched, "operator", absl::StrCat("detection is ", Name(to), " from now on"));
  world.Command(0, Reconfigure{std::move(config)});
}

void Adopt(World& world) {
  AdoptLegacy command;
  const auto& linked = world.config(0).calendars;
  if (DrawLegacy(world, 3, "one calendar alone") == 2) command.calendar = linked[DrawLegacy(world, linked.size(), "which")].key;
  world.Announce(Mishap::kMigrated, "operator", "has the blocks of the system before adopted");
  world.Command(0, command);
}

void SettleOne(World& world) {
  if (!world.host(0).running()) return;
  const MigrationState state = world.host(0).engine().migration();
  if (state.unsettled.empty()) return;
  const Place& place = state.unsettled[DrawLegacy(world, state.unsettled.size(), "settle which")].place;
  SettleMark(world, 0, {static_cast<int>(place.calendar.value()) - 1, place.event});
}

// The other system looks at one event, and makes the block that it misses.
void OldSystemActs(World& world) {
  if (!world.knobs().legacy.still_runs || !HeedsMarks(world.config(0).policy)) return;
  const std::vector<Spot> events = LiveEvents(world, Nature::kUserEvent, kOfPerson);
  const std::vector<int> calendars = CalendarsOfPerson(world);
  if (events.empty()) return;
  const Spot& source = events[DrawLegacy(world, events.size(), "made for")];
  const int target = calendars[DrawLegacy(world, calendars.size(), "made on")];
  const Event* event = LiveAt(world, source);
  if (target != source.calendar && event != nullptr && Blocks(*event) && event->recurrence.empty() && !event->IsOccurrence()) {
    MakeLegacyBlock(world, source, target);
  }
}

void TouchLegacy(World& world) {
  const std::vector<Spot> blocks = LegacyBlocks(world);
  if (blocks.empty()) return;
  const Spot& spot = blocks[DrawLegacy(world, blocks.size(), "touch which")];
  world.Announce(Mishap::kLegacyTouched, NameOf(world, spot.calendar), "a person touches a block of the system before");
  switch (DrawLegacy(world, 5, "touch")) {
    case 0:
      return DragByHours(world, spot);
    case 1:
      Delete(world, spot);
      return;
    case 2:  // Its description still says what it is.
      return Retitle(world, spot, SomeTitle(world, "Mine"));
    case 3: {
      const std::vector<int> calendars = CalendarsOfPerson(world);
      const int to = calendars[DrawLegacy(world, calendars.size(), "where")];
      world.Duplicate(PersonOf(world, spot.calendar), spot.calendar, spot.event, to, World::CopyTags::kLost);
      return;
    }
    default: {
      const std::vector<int> calendars = CalendarsOfPerson(world);
      const int to = calendars[DrawLegacy(world, calendars.size(), "where")];
      if (to == spot.calendar) return;
      world.Act(PersonOf(world, spot.calendar),
                MoveEvent{.calendar = world.google_id(spot.calendar), .event = spot.event, .destination = world.google_id(to)});
      return;
    }
  }
}

void AddLookalike(World& world, int calendar) {
  const int residue = world.NextResidue();
  world.Insert(PersonOf(world, calendar), calendar, OldEvent(world, SomeTitle(world, "Busy - dentist"), residue), residue);
}

std::string MarkedTitle(const Event& event) { return absl::StrCat("Busy - ", event.summary.empty() ? "Event" : event.summary); }

// A person made a block by hand, as the other system titles its own: theirs all the same.
void AddHandmadeBlock(World& world, Event event, int target, int residue) {
  event.summary = MarkedTitle(event);
  world.Insert(PersonOf(world, target), target, std::move(event), residue);
}

}  // namespace

EventId MakeLegacyBlock(World& world, const Spot& source, int target) {
  const Event event = *LiveAt(world, source);
  const GhostEvent* truth = world.ghost().Find(source);
  Event block;
  block.summary = MarkedTitle(event);
  block.description = absl::StrCat("Busy block for event from ", NameOf(world, source.calendar));
  block.start = event.start;
  block.end = event.end;
  const EventId id = world.Insert(world.program(kOldSystem), target, std::move(block), truth == nullptr ? -1 : truth->residue);
  if (id.empty()) return id;
  world.ghost().DeclareLegacy({target, id}, source);
  world.Announce(Mishap::kLegacyBlock, NameOf(world, target), "the system before CalSync makes a block");
  return id;
}

void PlantLegacy(World& world) {
  const std::vector<int> calendars = CalendarsOfPerson(world);
  for (const int home : calendars) {
    for (int i = 0; i < world.knobs().legacy.events_each; ++i) {
      const int residue = world.NextResidue();
      const Event event = OldEvent(world, DrawLegacy(world, 12, "untitled") == 11 ? "" : SomeTitle(world, "Dentist"), residue);
      std::vector<Spot> sources;
      // Now and then there are two that nothing tells apart.
      const uint64_t equal = DrawLegacy(world, 8, "two equal events") == 7 ? 2 : 1;
      for (uint64_t n = 0; n < equal; ++n) {
        const EventId id = world.Insert(PersonOf(world, home), home, event, residue);
        if (!id.empty()) sources.push_back({home, id});
      }
      for (const Spot& source : sources) {
        for (const int target : calendars) {
          if (target == home) continue;
          if (DrawLegacy(world, 10, "no block there") == 9) {
            if (DrawLegacy(world, 3, "made by hand") == 2) AddHandmadeBlock(world, event, target, residue);
            continue;
          }
          const uint64_t times = DrawLegacy(world, 10, "made twice") == 9 ? 2 : 1;
          for (uint64_t n = 0; n < times; ++n) MakeLegacyBlock(world, source, target);
        }
        Age(world, source);
      }
    }
    if (DrawLegacy(world, 3, "a lookalike") == 2) AddLookalike(world, home);
  }
}

void MigrationGoesOn(World& world) {
  switch (DrawLegacy(world, 8, "how the move goes on")) {
    case 0:
    case 1:
      return Adopt(world);
    case 2:
    case 3:
      return SwitchDetection(world);
    case 4:
      return SettleOne(world);
    case 5:
      return OldSystemActs(world);
    case 6:
      return TouchLegacy(world);
    default: {
      const std::vector<int> calendars = CalendarsOfPerson(world);
      return AddLookalike(world, calendars[DrawLegacy(world, calendars.size(), "where")]);
    }
  }
}

void SettleMark(World& world, int instance, const Spot& spot) {
  const GhostEvent* truth = world.ghost().Find(spot);
  if (truth == nullptr) return;
  const bool persons = truth->nature == Nature::kUserEvent;
  if (!persons) world.ghost().Take(world.host(instance).family(), spot);
  world.Announce(Mishap::kMarkSettled, "operator",
                 absl::StrCat("says that ", world.NameOf(world.google_id(spot.calendar), spot.event), " is ",
                              persons ? "a person's" : "a block of the system before"));
  world.Command(instance, SettleLegacy{.calendar = World::KeyOf(spot.calendar),
                                       .event = spot.event,
                                       .as = persons ? SettleLegacy::As::kPersons : SettleLegacy::As::kBlock});
}

bool SettleMarks(World& world, int instance) {
  if (!world.host(instance).running()) return false;
  const std::vector<MarkedEvent> unsettled = world.host(instance).engine().migration().unsettled;
  const auto is_paired = [](const MarkedEvent& marked) { return marked.finding == MarkFinding::kPaired; };
  if (std::any_of(unsettled.begin(), unsettled.end(), is_paired)) {
    world.Announce(Mishap::kMigrated, "operator", "has the blocks of the system before adopted");
    world.Command(instance, AdoptLegacy{});
    return true;
  }
  bool settled = false;
  for (const MarkedEvent& marked : unsettled) {
    if (marked.finding == MarkFinding::kInDoubt || marked.finding == MarkFinding::kFrozen) continue;
    SettleMark(world, instance, {static_cast<int>(marked.place.calendar.value()) - 1, marked.place.event});
    settled = true;
  }
  return settled;
}

}  // namespace calsync::sim
