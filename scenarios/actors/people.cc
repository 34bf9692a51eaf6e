#include "scenarios/actors/people.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "scenarios/actors/hands.h"
#include "scenarios/actors/series.h"
#include "scenarios/laws/l09_private.h"
#include "scenarios/zones.h"

namespace calsync::sim {
namespace {

int DrawCalendar(World& world) { return static_cast<int>(Draw(world, static_cast<uint64_t>(world.calendars()), "calendar")); }

std::optional<Spot> DrawFrom(World& world, const std::vector<Spot>& spots, absl::string_view label) {
  if (spots.empty()) return std::nullopt;
  return spots[Draw(world, spots.size(), label)];
}

std::string Title(World& world) {
  // Titles are output, never input: those that imitate ours must not matter (U19).
  static constexpr absl::string_view kTitles[] = {
      "Dentist", "Stand-up", "Busy", "Busy - Dentist", "\xF0\x9F\x98\x80 party", "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D"};
  // And titles that policies ask for.
  static constexpr absl::string_view kKeywords[] = {"Lunch", "team LUNCHEON", "Hold: maybe"};
  if (world.knobs().of(Family::kPolicies) > 0) {
    if (const uint64_t which = Draw(world, 8, "keyword in the title"); which > 0 && which <= std::size(kKeywords)) {
      return absl::StrCat(kKeywords[which - 1], " ", kTitleMark, world.NextTitle());
    }
  }
  const uint64_t kind = world.knobs().of(Family::kOddEvents) > 0 ? Draw(world, std::size(kTitles), "title") : 0;
  return absl::StrCat(kTitles[kind], " ", kTitleMark, world.NextTitle());
}

// Whole hours ahead of the last full hour: so a watermark survives every move.
absl::Time HourAhead(World& world, int64_t hours) {
  const int64_t now = absl::ToUnixSeconds(world.now());
  return absl::FromUnixSeconds((now / 3600 + hours) * 3600);
}

// L9: marks in fields that no template ever names.
void PutPrivateTextEverywhere(World& world, int calendar, Event& event) {
  const auto secret = [&](absl::string_view what) { return absl::StrCat(what, kSecretMark, world.NextTitle()); };
  switch (Draw(world, 5, "more text")) {
    case 1:
      event.attendees = {{.email = world.owner_account(calendar).str(), .response = ResponseStatus::kAccepted},
                         {.email = absl::StrCat(secret("guest"), "@example.net"), .response = ResponseStatus::kNeedsAction}};
      break;
    case 2:
      event.private_properties["another.program"] = secret("property");
      event.shared_properties["everybody"] = secret("property");
      break;
    case 3:
      event.color_id = absl::StrCat(1 + Draw(world, 5, "colour"));
      event.description = secret("call ");
      break;
    case 4:
      event.visibility = Draw(world, 2, "confidential") == 1 ? Visibility::kConfidential : Visibility::kPrivate;
      event.location = secret("room ");
      break;
    default:
      break;
  }
}

// U15: accepted, tentative, not answered, declined, and accepted again; or of status tentative.
void AnswerInvitation(World& world) {
  const std::optional<Spot> spot = DrawFrom(world, LiveEvents(world, Nature::kUserEvent), "answer which");
  if (!spot.has_value()) return;
  const Event& event = EventAt(world, *spot);
  EventPatch patch;
  const uint64_t answer = Draw(world, 6, "answer");
  if (answer >= 4) {
    patch.status = answer == 4 ? EventStatus::kTentative : EventStatus::kConfirmed;
  } else {
    static constexpr ResponseStatus kResponses[] = {ResponseStatus::kAccepted, ResponseStatus::kTentative,
                                                    ResponseStatus::kNeedsAction, ResponseStatus::kDeclined};
    patch.attendees = event.attendees;
    const auto own =
        std::find_if(patch.attendees->begin(), patch.attendees->end(), [](const Attendee& guest) { return guest.self; });
    if (own == patch.attendees->end()) {
      patch.attendees->push_back({.email = world.owner_account(spot->calendar).str(), .response = kResponses[answer]});
    } else {
      own->response = kResponses[answer];
    }
  }
  Tell(world, spot->calendar, absl::StrCat("a person answers ", ShortName(world, *spot)));
  if (Patch(world, *spot, std::move(patch))) world.Count(Mishap::kAnswered);
}

// What other parts of Google put on a calendar, and kinds that do not exist yet.
void CreateKind(World& world) {
  static constexpr EventType kTypes[] = {EventType::kOutOfOffice, EventType::kFocusTime, EventType::kWorkingLocation,
                                         EventType::kBirthday,    EventType::kFromGmail, EventType::kUnknown};
  const int calendar = DrawCalendar(world);
  Event event;
  event.summary = Title(world);
  event.type = kTypes[Draw(world, std::size(kTypes), "kind of event")];
  const int residue = world.NextResidue();
  const absl::Time start =
      HourAhead(world, 2 + static_cast<int64_t>(Draw(world, 7 * 24, "when"))) + absl::Seconds(std::max(0, residue));
  event.start = EventTime::At(start, "UTC");
  event.end = EventTime::At(start + absl::Hours(1), "UTC");
  if (event.type == EventType::kBirthday) event.visibility = Visibility::kPrivate;
  if (event.type == EventType::kWorkingLocation) event.visibility = Visibility::kPublic;
  // A birthday or a place of work that somebody marked busy is one all the same.
  if (Draw(world, 2, "free") == 1 && event.type != EventType::kOutOfOffice && event.type != EventType::kFocusTime) {
    event.transparency = Transparency::kTransparent;
  }
  world.Count(Mishap::kOddKind);
  world.server().Plant(world.google_id(calendar), std::move(event), PersonOf(world, calendar), world.now());
  world.Pump();
}

// Events of the same person on their other calendars, at times that a person could choose.
std::vector<Spot> EventsBeside(const World& world, int calendar) {
  std::vector<Spot> found = LiveEvents(world, Nature::kUserEvent, world.plan().calendars[static_cast<size_t>(calendar)].person);
  const auto is_none = [&](const Spot& spot) { return spot.calendar == calendar || !EventAt(world, spot).span().IsValid(); };
  found.erase(std::remove_if(found.begin(), found.end(), is_none), found.end());
  return found;
}

EventId Create(World& world, int calendar, bool odd) {
  Event event;
  event.summary = Title(world);
  if (Draw(world, 4, "text") == 3) {
    event.description = absl::StrCat("notes ", kSecretMark, world.NextTitle());
    event.location = absl::StrCat("room ", kSecretMark, world.NextTitle());
  }
  if (world.knobs().of(Family::kAnswers) > 0) PutPrivateTextEverywhere(world, calendar, event);
  const uint64_t days = static_cast<uint64_t>(std::clamp(world.knobs().shape.days / 2, 1, 14));
  const int residue = world.NextResidue();
  int64_t hours = 2 + static_cast<int64_t>(Draw(world, days * 24, "when"));
  int64_t minutes = 60;
  if (Draw(world, 4, "length") == 3) minutes = 30 * (1 + static_cast<int64_t>(Draw(world, 60, "half hours")));
  const auto make = [&](int marked, Mishap mishap = Mishap::kOddEvent) {
    const EventId made = world.Insert(PersonOf(world, calendar), calendar, std::move(event), marked);
    if (odd && !made.empty()) world.Count(mishap);
    return made;
  };
  if (odd) {
    switch (Draw(world, 7, "odd")) {
      case 0: {  // All-day, perhaps several.
        const absl::CivilDay day = absl::ToCivilDay(HourAhead(world, hours + 24), absl::UTCTimeZone());
        event.start = EventTime::Date(day);
        event.end = EventTime::Date(day + 1 + static_cast<int>(Draw(world, 3, "days")));
        return make(-1);
      }
      case 1:
        minutes = 60 * 24 * 3;
        break;   // Over three days.
      case 2: {  // Midnight to midnight.
        const absl::CivilDay day = absl::ToCivilDay(HourAhead(world, hours + 24), absl::UTCTimeZone());
        event.start = EventTime::At(absl::FromCivil(day, absl::UTCTimeZone()));
        event.end = EventTime::At(absl::FromCivil(day + 1, absl::UTCTimeZone()));
        return make(-1);
      }
      case 3:  // Zero length: the API refuses it, stored data have it (S-14).
        event.start = event.end = EventTime::At(HourAhead(world, hours), "UTC");
        world.Count(Mishap::kOddEvent);
        world.server().Plant(world.google_id(calendar), std::move(event), PersonOf(world, calendar), world.now());
        world.Pump();
        return EventId();
      case 4:  // It ended long ago.
        hours = -48;
        break;
      case 5:
        event.visibility = Visibility::kPrivate;
        break;
      default: {  // Just when something else is.
        const std::optional<Spot> other = DrawFrom(world, EventsBeside(world, calendar), "at the same time as which");
        if (!other.has_value()) break;
        event.start = EventAt(world, *other).start;
        event.end = EventAt(world, *other).end;
        return make(world.ghost().Find(*other)->residue, Mishap::kEqualSlot);
      }
    }
  }
  const absl::Time start = HourAhead(world, hours) + absl::Seconds(residue < 0 ? 0 : residue);
  event.start = EventTime::At(start, "UTC");
  event.end = EventTime::At(start + absl::Minutes(minutes), "UTC");
  if (Draw(world, 12, "free") == 11) event.transparency = Transparency::kTransparent;
  return make(residue);
}

bool Drag(World& world, const Spot& spot) {
  const Event& event = EventAt(world, spot);
  EventPatch patch;
  const TimeSpan span = event.span();
  if (span.all_day) {
    const int64_t by = 1 + static_cast<int64_t>(Draw(world, 3, "days later"));
    patch = Shifted(span, by);
  } else {
    const int64_t by = 3600 * (1 + static_cast<int64_t>(Draw(world, 48, "hours later")));
    patch = Shifted(span, by);
    if (event.IsSeriesMaster()) patch.start->time_zone = patch.end->time_zone = event.start.time_zone;
  }
  return Patch(world, spot, std::move(patch));
}

// Changes one thing about an event of one's own.
void EditOwn(World& world, const Spot& spot) {
  const Event& event = EventAt(world, spot);
  EventPatch patch;
  switch (Draw(world, 8, "edit")) {
    case 0:
    case 1:
    case 2:
      Drag(world, spot);
      return;
    case 3:
      patch.summary = Title(world);
      break;
    case 4:
      patch.transparency = event.transparency == Transparency::kOpaque ? Transparency::kTransparent : Transparency::kOpaque;
      break;
    case 5:
      patch.attendees =
          std::vector<Attendee>{{.email = world.owner_account(spot.calendar).str(),
                                 .response = event.own_response() == ResponseStatus::kDeclined ? ResponseStatus::kAccepted
                                                                                               : ResponseStatus::kDeclined}};
      break;
    case 6:
      patch.visibility = event.visibility == Visibility::kPrivate ? Visibility::kDefault : Visibility::kPrivate;
      break;
    default:
      patch.color_id = absl::StrCat(1 + Draw(world, 5, "colour"));
      break;  // Blocks do not show it.
  }
  Patch(world, spot, std::move(patch));
}

void TouchBlock(World& world) {
  const std::optional<Spot> spot = DrawFrom(world, LiveEvents(world, Nature::kBlock), "which block");
  if (!spot.has_value()) return;
  const std::string block = ShortName(world, *spot);
  EventPatch patch;
  switch (Draw(world, 8, "touch")) {
    case 0:
    case 1:
      Tell(world, spot->calendar, absl::StrCat("a person deletes the block ", block));
      if (Delete(world, *spot)) world.Count(Mishap::kBlockDeleted);
      return;
    case 2:
      Tell(world, spot->calendar, absl::StrCat("a person drags the block ", block));
      if (Drag(world, *spot)) world.Count(Mishap::kBlockDragged);
      return;
    case 3:
      patch.summary = "mine now";
      break;
    case 4:
      patch.transparency = Transparency::kTransparent;
      break;
    case 5:
      patch.color_id = "5";
      break;
    case 6:
      patch.description = "with a note";
      break;
    default:
      patch.attendees = std::vector<Attendee>{{.email = "guest@example.net"}};
      Tell(world, spot->calendar, absl::StrCat("a person invites guests to the block ", block));
      if (Patch(world, *spot, std::move(patch))) world.Count(Mishap::kGuestsInvited);
      return;
  }
  Tell(world, spot->calendar, absl::StrCat("a person edits the block ", block));
  if (Patch(world, *spot, std::move(patch))) world.Count(Mishap::kBlockRetitled);
}

// Deleted events of a nature, that still have their details.
std::vector<Spot> DeletedEvents(const World& world, Nature nature) {
  std::vector<Spot> found;
  for (int i = 0; i < world.calendars(); ++i) {
    const fake::Calendar* calendar = world.server().FindCalendar(world.google_id(i));
    if (calendar == nullptr) continue;
    for (const auto& [id, entry] : calendar->by_id()) {
      const GhostEvent* truth = world.ghost().Find(i, id);
      if (truth == nullptr || truth->nature != nature || !calendar->Current(entry)->IsCancelled() || calendar->entry(entry).bare)
        continue;
      if (calendar->entry(entry).truth.deleted_by.kind == fake::ActorKind::kEngine)
        continue;  // People see those, too, but leave them.
      found.push_back({i, id});
    }
  }
  return found;
}

void Undelete(World& world) {
  const bool block = Draw(world, 2, "undelete a block") == 1;
  const std::optional<Spot> spot =
      DrawFrom(world, DeletedEvents(world, block ? Nature::kBlock : Nature::kUserEvent), "which deleted");
  if (!spot.has_value()) return;
  Tell(world, spot->calendar, absl::StrCat("a person brings back ", ShortName(world, *spot)));
  EventPatch patch;
  patch.status = EventStatus::kConfirmed;
  if (Patch(world, *spot, std::move(patch))) world.Count(block ? Mishap::kBlockUndeleted : Mishap::kEventUndeleted);
}

void Copy(World& world) {
  const bool block = Draw(world, 2, "copy a block") == 1;
  const std::optional<Spot> spot = DrawFrom(world, LiveEvents(world, block ? Nature::kBlock : Nature::kUserEvent), "copy which");
  if (!spot.has_value()) return;
  const int to = Draw(world, 2, "copy to another") == 0 ? spot->calendar : DrawCalendar(world);
  Tell(world, to, absl::StrCat("a person duplicates ", ShortName(world, *spot), " of ", NameOf(world, spot->calendar)));
  // What a person duplicates in the user interface keeps its tags; for a block without them nothing would show what it is.
  const bool lost = !block && Draw(world, 2, "tags lost") == 1;
  const EventId copy = world.Duplicate(PersonOf(world, spot->calendar), spot->calendar, spot->event, to,
                                       lost ? World::CopyTags::kLost : World::CopyTags::kKept);
  if (!copy.empty()) world.Count(block ? Mishap::kBlockCopied : Mishap::kEventCopied);
}

void MoveAcross(World& world) {
  const bool block = Draw(world, 4, "move a block") == 3;
  const std::optional<Spot> spot = DrawFrom(world, LiveEvents(world, block ? Nature::kBlock : Nature::kUserEvent), "move which");
  if (!spot.has_value() || world.calendars() < 2) return;
  const int to =
      (spot->calendar + 1 + static_cast<int>(Draw(world, static_cast<uint64_t>(world.calendars()) - 1, "move where"))) %
      world.calendars();
  Tell(world, spot->calendar, absl::StrCat("a person moves ", ShortName(world, *spot), " to ", NameOf(world, to)));
  if (Move(world, *spot, to)) world.Count(block ? Mishap::kBlockMoved : Mishap::kEventMoved);
}

// The same meeting on two of the person's calendars (U16).
void ShareMeeting(World& world) {
  const std::optional<Spot> spot = DrawFrom(world, LiveEvents(world, Nature::kUserEvent), "share which");
  if (!spot.has_value() || world.calendars() < 2) return;
  const int with =
      (spot->calendar + 1 + static_cast<int>(Draw(world, static_cast<uint64_t>(world.calendars()) - 1, "share with"))) %
      world.calendars();
  Tell(world, spot->calendar, absl::StrCat("a person invites ", NameOf(world, with), " to ", ShortName(world, *spot)));
  EventPatch patch;
  patch.attendees =
      std::vector<Attendee>{{.email = world.owner_account(spot->calendar).str(), .response = ResponseStatus::kAccepted},
                            {.email = world.owner_account(with).str(), .response = ResponseStatus::kAccepted}};
  if (Patch(world, *spot, std::move(patch))) world.Count(Mishap::kMeetingShared);
}

// Makes, changes or deletes an event; only on this calendar, if one is given.
void ActPlainly(World& world, std::optional<int> calendar = std::nullopt) {
  std::vector<Spot> own = LiveEvents(world, Nature::kUserEvent);
  if (calendar.has_value()) {
    own.erase(std::remove_if(own.begin(), own.end(), [&](const Spot& spot) { return spot.calendar != *calendar; }), own.end());
  }
  const uint64_t what = Draw(world, 10, "action");
  if (own.empty() || what < 5) {
    Create(world, calendar.has_value() ? *calendar : DrawCalendar(world), false);
    return;
  }
  const Spot& spot = own[Draw(world, own.size(), "which event")];
  if (what < 8) return EditOwn(world, spot);
  Delete(world, spot);
}

}  // namespace

std::vector<Spot> LiveEvents(const World& world, Nature nature, int person) {
  std::vector<Spot> found;
  for (int i = 0; i < world.calendars(); ++i) {
    if (person >= 0 && world.plan().calendars[static_cast<size_t>(i)].person != person) continue;
    if (world.server().FindCalendar(world.google_id(i)) == nullptr) continue;
    world.server().ForEachLive(world.google_id(i), [&](const EventPtr& event) {
      const GhostEvent* truth = world.ghost().Find(i, event->id);
      if (truth != nullptr && truth->nature == nature) found.push_back({i, event->id});
    });
  }
  return found;
}

void PersonActs(World& world) {
  const Knobs& knobs = world.knobs();
  const int weights[] = {100,
                         knobs.touch_block_weight,
                         knobs.undelete_weight,
                         knobs.copy_weight,
                         knobs.move_weight,
                         knobs.invite_weight,
                         knobs.odd_event_weight,
                         knobs.answer_weight,
                         knobs.kind_weight,
                         knobs.series_weight,
                         knobs.series_weight > 0 ? knobs.touch_block_weight / 2 : 0};
  int total = 0;
  for (const int weight : weights) total += weight;
  int drawn = static_cast<int>(Draw(world, static_cast<uint64_t>(total), "kind of action"));
  size_t kind = 0;
  while (drawn >= weights[kind]) drawn -= weights[kind++];
  switch (kind) {
    case 0:
      return ActPlainly(world);
    case 1:
      return TouchBlock(world);
    case 2:
      return Undelete(world);
    case 3:
      return Copy(world);
    case 4:
      return MoveAcross(world);
    case 5:
      return ShareMeeting(world);
    case 7:
      return AnswerInvitation(world);
    case 8:
      return CreateKind(world);
    case 9:
      return ActOnSeries(world);
    case 10:
      return TouchBlockOfSeries(world);
    default:
      Create(world, DrawCalendar(world), true);
      return;
  }
}

void PersonChangesZone(World& world) {
  const int calendar = DrawCalendar(world);
  const std::string& name = ZoneNames()[Draw(world, ZoneNames().size(), "new zone")];
  world.Announce(Mishap::kZoneChanged, NameOf(world, calendar), absl::StrCat("is in ", name, " from now on"));
  world.SetZone(calendar, name);
}

void PersonActsOn(World& world, int calendar) { ActPlainly(world, calendar); }

void PersonActsQuietly(World& world) {
  if (world.knobs().series_weight > 0 && Draw(world, 2, "a series") == 1) return ActOnSeries(world);
  ActPlainly(world);
}

}  // namespace calsync::sim
