// events.move and events.import (contract 3.7).

#include <algorithm>
#include <utility>

#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/server.h"

namespace calsync::fake {
namespace {

bool HasAttendee(const Event& event, absl::string_view email) {
  return std::any_of(event.attendees.begin(), event.attendees.end(),
                     [&](const Attendee& attendee) { return attendee.email == email; });
}

}  // namespace

// C-53.
Reply Server::HandleMove(const Caller& caller, const MoveEvent& request) {
  Target source;
  Target destination;
  Subject subject;
  if (std::optional<ApiError> error = CheckWritable(caller, request.calendar, source)) return *std::move(error);
  if (std::optional<ApiError> error = CheckWritable(caller, request.destination, destination)) return *std::move(error);
  if (auto error = CheckExisting(source, request.event, std::nullopt, Conditions(), subject)) return *std::move(error);
  const EventPtr before = subject.event;
  if (before->IsCancelled()) return Error(ErrorId::kDeleted);
  if (before->IsOccurrence()) return Error(ErrorId::kCannotChangeOrganizerOfInstance);
  if (before->type != EventType::kDefault) return Error(ErrorId::kEventTypeRestriction);
  if (!before->organizer.self || source.calendar == destination.calendar) return Error(ErrorId::kCannotChangeOrganizer);
  const uint32_t there = calendars_[destination.calendar].FindEntry(before->id);
  if (there != kNone && !calendars_[destination.calendar].Current(there)->IsCancelled() &&
      calendars_[destination.calendar].entry(there).original != source.calendar) {
    return Error(ErrorId::kDuplicate);
  }

  const bool stays = HasAttendee(*before, request.calendar.text());
  const EventPtr after = MoveEntry(source.calendar, destination.calendar, subject.entry, stays, caller.actor);
  PropagateFrom(destination.calendar, nullptr, *after, caller.actor);
  // The exceptions of a series, changed and cancelled ones, also of one that lost its rule.
  const absl::Span<const uint32_t> known = calendars_[source.calendar].ExceptionsOf(before->id);
  for (const uint32_t entry : std::vector<uint32_t>(known.begin(), known.end())) {
    if (calendars_[source.calendar].Current(entry)->recurring_event_id != before->id) continue;
    if (calendars_[source.calendar].entry(entry).dropped) continue;
    MoveEntry(source.calendar, destination.calendar, entry, stays, caller.actor);
  }
  return after;
}

EventPtr Server::MoveEntry(uint32_t from, uint32_t to, uint32_t entry, bool stays, ActorId actor) {
  const EventPtr before = calendars_[from].Current(entry);
  Event moved = *before;
  moved.organizer.email = calendars_[to].id().str();
  if (!knobs_.move_keeps_private) moved.private_properties.clear();  // K-10.
  EventTruth truth = calendars_[from].entry(entry).truth;
  truth.brought_by = actor;
  truth.origin = Origin::kMoved;
  truth.came_from = calendars_[from].id();
  const uint32_t opened = OpenEntry(to, before->id, truth);
  const EventPtr after = Commit({.calendar = to, .entry = opened, .kind = WriteKind::kMovedIn, .actor = actor}, std::move(moved));

  Entry& left = calendars_[from].entry(entry);
  Event rest;
  if (stays) {
    left.original = to;
    rest = *before;
    rest.organizer.email = after->organizer.email;
  } else {
    left.bare = true;
    rest.id = before->id;
    rest.ical_uid = before->ical_uid;
    rest.status = EventStatus::kCancelled;
    rest.recurring_event_id = before->recurring_event_id;
    rest.original_start = before->original_start;
  }
  const bool silent = before->IsOccurrence() && left.bare && !knobs_.deleted_series_lists_exceptions;  // K-19.
  Commit({.calendar = from, .entry = entry, .kind = WriteKind::kMovedAway, .actor = actor, .silent = silent}, std::move(rest));
  for (const Attendee& attendee : before->attendees) {
    const uint32_t guest = PrimaryOf(attendee.email);
    if (guest == kNone || guest == to) continue;
    const uint32_t copy = calendars_[guest].FindEntry(before->id);
    if (copy != kNone && calendars_[guest].entry(copy).original == from) calendars_[guest].entry(copy).original = to;
  }
  return after;
}

// C-54.
Reply Server::HandleImport(const Caller& caller, const ImportEvent& request) {
  Target target;
  if (std::optional<ApiError> error = CheckWritable(caller, request.calendar, target)) return *std::move(error);
  const Event& body = request.event;
  if (!body.id.empty()) return Error(ErrorId::kInvalidId);
  if (body.ical_uid.empty()) return Error(ErrorId::kMissingUid);
  if (body.type != EventType::kDefault) return Error(ErrorId::kEventTypeRestriction);
  if (body.IsCancelled() || body.IsOccurrence()) return Error(ErrorId::kInvalidValue);
  if (std::optional<ApiError> error = Validate(body)) return *std::move(error);
  const Calendar& calendar = calendars_[target.calendar];
  const std::string& own = calendar.id().str();
  const std::string& owner = calendar.setup().owner.str();
  const std::string organizer = body.organizer.email.empty() ? own : body.organizer.email;
  const bool takes_part = organizer == own || organizer == owner || HasAttendee(body, own) || HasAttendee(body, owner);
  if (!takes_part) return Error(ErrorId::kNeitherOrganizerNorAttendee);

  Event event = Replaced(Event(), body);
  event.ical_uid = body.ical_uid;
  event.organizer.email = organizer;
  event.private_copy = organizer != own;
  event.creator.email = caller.account.str();
  event.created = absl::FromUnixSeconds(absl::ToUnixSeconds(now_));
  event.sequence = std::max<int64_t>(0, body.sequence);

  uint32_t entry = calendar.FindByUid(body.ical_uid);
  if (entry != kNone && !IsIdFree(calendar, entry)) {
    const EventPtr before = calendar.Current(entry);
    switch (knobs_.known_uid_import) {
      case Knobs::Reimport::kUpdates:
        break;
      case Knobs::Reimport::kConflict409:
        return Error(ErrorId::kDuplicate);
      case Knobs::Reimport::kSequence400:
        return Error(ErrorId::kInvalidSequence);
    }
    if (calendar.entry(entry).bare || IsPurged(calendar, entry, knobs_, now_)) return Error(ErrorId::kDuplicate);
    if (body.sequence == 0) event.sequence = before->sequence;
    if (event.sequence < before->sequence) return Error(ErrorId::kInvalidSequence);
    event.id = before->id;
    event.created = before->created;
    event.creator = before->creator;
  } else {
    event.id = IdForUid(body.ical_uid);
    const uint32_t taken = calendar.FindEntry(event.id);
    if (taken != kNone && !IsIdFree(calendar, taken)) return Error(ErrorId::kDuplicate);
    entry = kNone;
  }
  const Event* before = entry == kNone ? nullptr : calendar.Current(entry).get();
  if (std::optional<ApiError> error = CheckBudget(target.calendar, before, event)) return *std::move(error);
  const bool is_new = entry == kNone;
  if (is_new) {
    entry = OpenEntry(target.calendar, event.id,
                      {.creator = caller.actor, .brought_by = caller.actor, .origin = Origin::kImported, .created_at = now_});
  }
  const EventPtr earlier = is_new ? nullptr : calendars_[target.calendar].Current(entry);
  const EventPtr after = Commit(
      {.calendar = target.calendar, .entry = entry, .kind = WriteKind::kImported, .actor = caller.actor}, std::move(event));
  if (earlier != nullptr) FollowMaster(target.calendar, *earlier, *after, caller.actor);
  return after;
}

}  // namespace calsync::fake
