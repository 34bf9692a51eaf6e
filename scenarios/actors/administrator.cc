#include "scenarios/actors/administrator.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "scenarios/actors/hands.h"

namespace calsync::sim {
namespace {

// A calendar of the first person that the instance does not link yet; -1 if there is none.
int UnlinkedCalendar(const World& world) {
  for (int i = 0; i < world.calendars(); ++i) {
    bool linked = world.plan().calendars[static_cast<size_t>(i)].person != 0;
    for (const LinkedCalendar& calendar : world.config(0).calendars) linked = linked || calendar.key == World::KeyOf(i);
    if (!linked) return i;
  }
  return -1;
}

void ChangePolicy(World& world) {
  GroupConfig config = world.config(0);
  Policy& policy = config.policy;
  policy.title_template = policy.title_template == "Busy" ? "Busy - {summary}" : "Busy";
  world.Announce(Mishap::kPolicyChanged, "operator",
                 absl::StrCat("titles are to read \"", policy.title_template, "\" from now on"));
  world.Command(0, Reconfigure{std::move(config)});
}

}  // namespace

void AdministratorChangesPolicy(World& world) {
  Choices& choices = world.choices();
  GroupConfig config = world.config(0);
  const int calendars = world.knobs().shape.calendars;
  switch (Draw(world, 5, "policy change")) {
    case 0:
    case 1: {  // One direction, by itself.
      const int from = static_cast<int>(Draw(world, static_cast<uint64_t>(calendars), "from"));
      if (calendars < 2) return;
      const int to = (from + 1 + static_cast<int>(Draw(world, static_cast<uint64_t>(calendars) - 1, "to"))) % calendars;
      DirectionPolicy& policy = config.EditPolicyFor(World::KeyOf(from), World::KeyOf(to));
      if (Draw(world, 3, "on or off") == 2) {
        policy.mirrors = !policy.mirrors;
      } else {
        policy = DrawRules(choices, Stream::kPeople, policy);
      }
      break;
    }
    case 2:  // The group's.
      static_cast<DirectionPolicy&>(config.policy) =
          DrawRules(choices, Stream::kPeople, static_cast<const DirectionPolicy&>(config.policy));
      break;
    case 3:  // All directions anew.
      config.directions = DrawDirections(choices, Stream::kPeople, calendars, config.policy);
      break;
    default: {  // Back to what nobody chose.
      static_cast<DirectionPolicy&>(config.policy) = DirectionPolicy();
      config.directions.clear();
      break;
    }
  }
  world.Announce(Mishap::kPolicyChanged, "operator",
                 absl::StrCat("another policy; ", config.directions.size(), " directions have their own"));
  world.Command(0, Reconfigure{std::move(config)});
}

void AdministratorActs(World& world) {
  const auto& linked = world.config(0).calendars;
  const uint64_t what = Draw(world, 5, "administration");
  if (what == 0) return ChangePolicy(world);
  if (what == 1) {
    if (const int added = UnlinkedCalendar(world); added >= 0) {
      world.Announce(Mishap::kCalendarAdded, "operator", absl::StrCat("links ", NameOf(world, added)));
      return world.LinkCalendar(0, added);
    }
  }
  const LinkedCalendar calendar = linked[Draw(world, linked.size(), "administrated")];
  const int number = static_cast<int>(calendar.key.value()) - 1;
  if (calendar.state != LinkState::kEnabled) {
    world.Announce(Mishap::kCalendarEnabled, "operator", absl::StrCat("enables ", NameOf(world, number), " again"));
    return world.SetLinkState(0, number, LinkState::kEnabled);
  }
  if (what == 4) {
    world.Announce(Mishap::kCalendarRemoved, "operator", absl::StrCat("removes ", NameOf(world, number)));
    return world.SetLinkState(0, number, LinkState::kRemoved);
  }
  world.Announce(Mishap::kCalendarDisabled, "operator", absl::StrCat("disables ", NameOf(world, number)));
  world.SetLinkState(0, number, LinkState::kDisabled);
}

AccessTaken AccessIsTaken(World& world) {
  const int calendar = static_cast<int>(Draw(world, static_cast<uint64_t>(world.calendars()), "access to which"));
  if (world.role(calendar) != AccessRole::kWriter || world.grant(calendar) != fake::Grant::kFull) return {};
  const absl::Duration lasts = absl::Hours(1 + static_cast<int64_t>(Draw(world, 96, "for how long")));
  const bool more_roles = world.knobs().of(Family::kAnswers) > 0;
  switch (Draw(world, more_roles ? 6 : 4, "how")) {
    case 4:
      world.Announce(Mishap::kRoleLowered, NameOf(world, calendar), "private details are hidden from now on");
      world.SetRole(calendar, AccessRole::kWriterWithoutPrivateAccess);
      break;
    case 5:
      world.Announce(Mishap::kRoleLowered, NameOf(world, calendar), "has a role from now on that nobody knows");
      world.SetRole(calendar, AccessRole::kUnknown);
      break;
    case 0:
      world.Announce(Mishap::kRoleLowered, NameOf(world, calendar), "may only be read from now on");
      world.SetRole(calendar, AccessRole::kReader);
      break;
    case 1:
      world.Announce(Mishap::kUnshared, NameOf(world, calendar), "is not shared any more");
      world.SetRole(calendar, AccessRole::kNone);
      break;
    case 2:
      world.Announce(Mishap::kGrantRevoked, NameOf(world, calendar), "the grant is revoked");
      world.SetGrant(calendar, fake::Grant::kRevoked);
      break;
    default:
      world.Announce(Mishap::kRoleLowered, NameOf(world, calendar), "the grant is for reading alone from now on");
      world.SetGrant(calendar, fake::Grant::kReadOnly);
      break;
  }
  return {calendar, lasts};
}

void AccessComesBack(World& world, int calendar) {
  if (world.role(calendar) != AccessRole::kWriter) world.SetRole(calendar, AccessRole::kWriter);
  if (world.grant(calendar) != fake::Grant::kFull) world.SetGrant(calendar, fake::Grant::kFull);
  if (world.tracing()) world.Tell(NameOf(world, calendar), "may be read and written again");
}

}  // namespace calsync::sim
