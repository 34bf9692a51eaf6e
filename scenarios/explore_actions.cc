#include "scenarios/explore_actions.h"

#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"

namespace calsync::sim {
namespace {

constexpr int kHome = 0;
constexpr int kTarget = 1;

// The youngest event of a nature on a calendar, live or not; null if there never was one.
EventPtr Find(const World& world, int calendar, Nature nature, bool live) {
  const fake::Calendar* google = world.server().FindCalendar(world.google_id(calendar));
  EventPtr found;
  uint32_t number = 0;
  for (const auto& [id, entry] : google->by_id()) {
    const GhostEvent* ghost = world.ghost().Find(calendar, id);
    const EventPtr& event = google->Current(entry);
    if (ghost == nullptr || ghost->nature != nature || event->IsCancelled() == live || ghost->number < number) continue;
    if (!live && google->entry(entry).truth.deleted_by.kind == fake::ActorKind::kEngine) continue;  // People leave those.
    found = event;
    number = ghost->number;
  }
  return found;
}

struct Target {
  int calendar = kHome;
  EventPtr event;
};

bool Patch(World& world, fake::ActorId who, const Target& target, const EventPatch& patch) {
  const Reply reply =
      world.Act(who, PatchEvent{.calendar = world.google_id(target.calendar), .event = target.event->id, .patch = patch});
  return !std::holds_alternative<ApiError>(reply);
}

bool Add(World& world, const Target&) {
  Event event;
  event.summary = "Dentist";
  event.start = EventTime::At(world.plan().start + absl::Hours(30), "UTC");
  event.end = EventTime::At(world.plan().start + absl::Hours(31), "UTC");
  return !world.Insert(world.person(), kHome, std::move(event)).empty();
}

bool Drag(World& world, const Target& target) {
  const TimeSpan span = target.event->span();
  EventPatch patch;
  patch.start = StartOf({span.start + 7200, span.end + 7200, false});
  patch.end = EndOf({span.start + 7200, span.end + 7200, false});
  return Patch(world, world.person(), target, patch);
}

bool Retitle(World& world, const Target& target) {
  EventPatch patch;
  patch.summary = absl::StrCat(target.event->summary, " again");
  return Patch(world, world.person(), target, patch);
}

bool Free(World& world, const Target& target) {
  EventPatch patch;
  const bool opaque = target.event->transparency == Transparency::kOpaque;
  patch.transparency = opaque ? Transparency::kTransparent : Transparency::kOpaque;
  return Patch(world, world.person(), target, patch);
}

bool Delete(World& world, const Target& target) {
  const Reply reply =
      world.Act(world.person(), DeleteEvent{.calendar = world.google_id(target.calendar), .event = target.event->id});
  return !std::holds_alternative<ApiError>(reply);
}

bool Undelete(World& world, const Target& target) {
  EventPatch patch;
  patch.status = EventStatus::kConfirmed;
  return Patch(world, world.person(), target, patch);
}

bool Copy(World& world, const Target& target) {
  const EventId copy =
      world.Duplicate(world.person(), target.calendar, target.event->id, target.calendar, World::CopyTags::kKept);
  return !copy.empty();
}

bool Move(World& world, const Target& target) {
  const Reply reply = world.Act(world.person(), MoveEvent{.calendar = world.google_id(target.calendar),
                                                          .event = target.event->id,
                                                          .destination = world.google_id(1 - target.calendar)});
  return !std::holds_alternative<ApiError>(reply);
}

// A program writes the event back without the properties that it does not know (A1, A2).
bool Strip(World& world, const Target& target) {
  if (target.event->private_properties.empty()) return false;
  EventPatch patch;
  for (const auto& [key, value] : target.event->private_properties) patch.private_properties[key] = std::nullopt;
  return Patch(world, world.program(), target, patch);
}

// A row: what it is called, what it needs, what is done.
struct Row {
  absl::string_view name;
  enum class Needs : uint8_t { kNothing, kEvent, kDeletedEvent, kBlock, kDeletedBlock } needs = Needs::kNothing;
  bool (*act)(World& world, const Target& target) = nullptr;
};
constexpr Row kRows[] = {
    {"add an event", Row::Needs::kNothing, Add},
    {"move it in time", Row::Needs::kEvent, Drag},
    {"rename it", Row::Needs::kEvent, Retitle},
    {"make it free, or busy again", Row::Needs::kEvent, Free},
    {"delete it", Row::Needs::kEvent, Delete},
    {"bring it back", Row::Needs::kDeletedEvent, Undelete},
    {"copy it", Row::Needs::kEvent, Copy},
    {"move it to the other calendar", Row::Needs::kEvent, Move},
    {"strip its tag", Row::Needs::kEvent, Strip},
    {"drag the block", Row::Needs::kBlock, Drag},
    {"rename the block", Row::Needs::kBlock, Retitle},
    {"delete the block", Row::Needs::kBlock, Delete},
    {"bring the block back", Row::Needs::kDeletedBlock, Undelete},
    {"copy the block", Row::Needs::kBlock, Copy},
    {"move the block to the other calendar", Row::Needs::kBlock, Move},
};
static_assert(std::size(kRows) == kExploredActions);

// REQUIRES: it needs something.
std::optional<Target> TargetOf(const World& world, const Row& row) {
  const bool block = row.needs == Row::Needs::kBlock || row.needs == Row::Needs::kDeletedBlock;
  const bool live = row.needs == Row::Needs::kEvent || row.needs == Row::Needs::kBlock;
  // The event may have been moved to the other calendar, and its block to this one.
  for (const int calendar : {block ? kTarget : kHome, block ? kHome : kTarget}) {
    Target target{.calendar = calendar, .event = Find(world, calendar, block ? Nature::kBlock : Nature::kUserEvent, live)};
    if (target.event != nullptr) return target;
  }
  return std::nullopt;
}

}  // namespace

absl::string_view NameOfAction(size_t action) { return kRows[action].name; }

bool CanDoAction(const World& world, size_t action) {
  CALSYNC_CHECK(action < kExploredActions);
  const Row& row = kRows[action];
  return row.needs == Row::Needs::kNothing ? world.ghost().events() == 0 : TargetOf(world, row).has_value();  // One event, once.
}

bool DoAction(World& world, size_t action) {
  CALSYNC_CHECK(CanDoAction(world, action));
  const Row& row = kRows[action];
  // What happens at the very instant of a listing could belong to either side of it.
  world.Linger(absl::Milliseconds(1));
  return row.act(world, row.needs == Row::Needs::kNothing ? Target{} : *TargetOf(world, row));
}

}  // namespace calsync::sim
