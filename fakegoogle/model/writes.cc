// events.insert, patch, update and delete (contract section 3).

#include <algorithm>
#include <utility>

#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/series.h"
#include "fakegoogle/model/server.h"

namespace calsync::fake {
Reply Server::HandleInsert(const Caller& caller, const InsertEvent& request) {
  Target target;
  if (std::optional<ApiError> error = CheckWritable(caller, request.calendar, target)) return *std::move(error);
  const Event& body = request.event;
  if (!body.id.empty() && !IsClientId(body.id.text())) return Error(ErrorId::kInvalidId);
  if (!body.id.empty() && !body.ical_uid.empty() && body.ical_uid != DefaultUid(body.id)) return Error(ErrorId::kInvalidUid);
  if (body.IsCancelled() || body.IsOccurrence()) return Error(ErrorId::kInvalidValue);
  if (std::optional<ApiError> error = Validate(body)) return *std::move(error);
  const Calendar& calendar = calendars_[target.calendar];
  if (std::optional<ApiError> error = CheckTypeRules(nullptr, body, calendar.setup().primary)) return *std::move(error);
  if (IsHiddenFrom(target.role, body)) return Error(ErrorId::kForbidden);

  Event event = Replaced(Event(), body);  // Without what only the server sets.
  event.id = !body.id.empty() ? body.id : !body.ical_uid.empty() ? IdForUid(body.ical_uid) : NewId(calendar);
  event.ical_uid = !body.ical_uid.empty() ? body.ical_uid : DefaultUid(event.id);
  event.organizer.email = calendar.id().str();
  event.creator.email = caller.account.str();
  event.created = absl::FromUnixSeconds(absl::ToUnixSeconds(now_));
  event.sequence = std::max<int64_t>(0, body.sequence);
  MarkPeople(calendar.id(), event);
  if (std::optional<ApiError> error = CheckBudget(target.calendar, nullptr, event)) return *std::move(error);

  uint32_t existing = calendar.FindEntry(event.id);
  if (existing == kNone) existing = calendar.FindByUid(event.ical_uid);
  WriteKind kind = WriteKind::kInserted;
  if (existing != kNone && !IsIdFree(calendar, existing)) {
    const bool unseen = now_ - calendar.entry(existing).truth.created_at < knobs_.collision_unseen_for;  // K-5, C-41.
    if (!unseen || calendar.Current(existing)->id != event.id) return Error(ErrorId::kDuplicate);        // C-40.
    kind = WriteKind::kOverwritten;
  }
  uint32_t entry = existing;
  if (kind == WriteKind::kInserted) {
    entry = OpenEntry(target.calendar, event.id,
                      {.creator = caller.actor, .brought_by = caller.actor, .origin = Origin::kInserted, .created_at = now_});
  }
  SendUpdates send_updates = request.send_updates;
  if (knobs_.insert_always_mails) send_updates = SendUpdates::kAll;
  const int mails = MailsFor(event, send_updates);
  const EventPtr after = Commit(
      {.calendar = target.calendar, .entry = entry, .kind = kind, .actor = caller.actor, .mails = mails}, std::move(event));
  PropagateFrom(target.calendar, nullptr, *after, caller.actor);
  if (knobs_.second_change_after > absl::ZeroDuration() && !after->attendees.empty()) {
    ScheduleTouch(request.calendar, after->id, now_ + knobs_.second_change_after);
  }
  return after;
}

Reply Server::HandlePatch(const Caller& caller, const PatchEvent& request, const Conditions& conditions) {
  Target target;
  Subject subject;
  if (std::optional<ApiError> error = CheckWritable(caller, request.calendar, target)) return *std::move(error);
  if (auto error = CheckExisting(target, request.event, request.if_match, conditions, subject)) return *std::move(error);
  if (std::optional<ApiError> error = CheckCancelledWrite(target, subject)) return *std::move(error);
  Event after = *subject.event;
  MergePatch(request.patch, after);
  if (conditions.drops_private) after.private_properties = subject.event->private_properties;
  if (after.sequence < subject.event->sequence) return Error(ErrorId::kInvalidSequence);  // C-47.
  return ChangeExisting(caller, target, subject, std::move(after), WriteKind::kPatched, request.send_updates);
}

Reply Server::HandleUpdate(const Caller& caller, const UpdateEvent& request, const Conditions& conditions) {
  Target target;
  Subject subject;
  if (std::optional<ApiError> error = CheckWritable(caller, request.calendar, target)) return *std::move(error);
  if (auto error = CheckExisting(target, request.event, request.if_match, conditions, subject)) return *std::move(error);
  if (std::optional<ApiError> error = CheckCancelledWrite(target, subject)) return *std::move(error);
  const Event& before = *subject.event;
  Event after = Replaced(before, request.body);
  if (request.body.type == EventType::kDefault) after.type = before.type;  // Left out.
  const bool omitted = request.body.sequence == 0;
  if (omitted && !knobs_.omitted_sequence_is_zero) after.sequence = before.sequence;  // K-6.
  if (after.sequence < before.sequence) return Error(ErrorId::kInvalidSequence);      // C-47.
  return ChangeExisting(caller, target, subject, std::move(after), WriteKind::kReplaced, request.send_updates);
}

Reply Server::HandleDelete(const Caller& caller, const DeleteEvent& request, const Conditions& conditions) {
  Target target;
  Subject subject;
  if (std::optional<ApiError> error = CheckWritable(caller, request.calendar, target)) return *std::move(error);
  if (auto error = CheckExisting(target, request.event, std::nullopt, conditions, subject)) return *std::move(error);
  if (subject.event->IsCancelled()) return Error(ErrorId::kDeleted);  // C-48.
  if (auto error = CheckExisting(target, request.event, request.if_match, conditions, subject)) return *std::move(error);
  Event after = *subject.event;
  after.status = EventStatus::kCancelled;
  Reply reply = ChangeExisting(caller, target, subject, std::move(after), WriteKind::kDeleted, request.send_updates);
  if (std::holds_alternative<ApiError>(reply)) return reply;
  return NoContent();
}

std::optional<ApiError> Server::CheckExisting(const Target& target, const EventId& id, const std::optional<Etag>& if_match,
                                              const Conditions& conditions, Subject& subject) {
  const Calendar& calendar = calendars_[target.calendar];
  std::optional<Subject> found = FindSubject(calendar, id, calendar.log_end());
  if (!found) return Error(ErrorId::kNotFound);
  subject = *std::move(found);
  const uint32_t stored = subject.entry != kNone ? subject.entry : subject.master;
  if (IsUnseen(calendar, stored, conditions)) return Error(ErrorId::kNotFound);
  if (IsPurged(calendar, stored, knobs_, now_)) return PurgedError(knobs_);
  if (IsHiddenFrom(target.role, *subject.event)) return Error(ErrorId::kForbidden);  // C-14.
  if (if_match && if_match->text() != "*" && *if_match != subject.event->etag) return Error(ErrorId::kConditionNotMet);
  return std::nullopt;
}

std::optional<ApiError> Server::CheckCancelledWrite(const Target& target, const Subject& subject) const {
  const Calendar& calendar = calendars_[target.calendar];
  if (!subject.event->IsCancelled()) return std::nullopt;
  if (subject.entry == kNone) return Error(ErrorId::kForbidden);  // Its series has to be restored.
  const Entry& entry = calendar.entry(subject.entry);
  if (entry.bare) return Error(ErrorId::kForbidden);  // Nothing is left to restore.
  if (subject.event->IsOccurrence()) {                // Of a deleted series, nor is it here.
    const uint32_t master = calendar.FindEntry(subject.event->recurring_event_id);
    if (master != kNone && calendar.Current(master)->IsCancelled()) return Error(ErrorId::kForbidden);
  }
  if (now_ - entry.truth.deleted_at > knobs_.revive_within) return Error(ErrorId::kForbidden);
  switch (knobs_.write_to_cancelled) {
    case Knobs::CancelledWrite::kRevives:
      return std::nullopt;
    case Knobs::CancelledWrite::kForbidden403:
      return Error(ErrorId::kForbidden);
    case Knobs::CancelledWrite::kNotFound404:
      return Error(ErrorId::kNotFound);
    case Knobs::CancelledWrite::kGone410:
      return Error(ErrorId::kDeleted);
  }
  return std::nullopt;
}

// C-51. Answering an invitation and leaving a meeting are a guest's right.
std::optional<ApiError> Server::CheckGuestWrite(const Event& before, const Difference& difference, WriteKind kind) const {
  if (before.organizer.self || before.private_copy || kind == WriteKind::kDeleted) return std::nullopt;
  switch (knobs_.guest_write) {
    case Knobs::GuestWrite::kLocal:
      return std::nullopt;
    case Knobs::GuestWrite::kPutRefused403:
      if (kind == WriteKind::kReplaced) return Error(ErrorId::kForbiddenForNonOrganizer);
      return std::nullopt;
    case Knobs::GuestWrite::kRefused403:
      if (kind == WriteKind::kReplaced || difference.shared_besides_answer) return Error(ErrorId::kForbiddenForNonOrganizer);
      return std::nullopt;
  }
  return std::nullopt;
}

// C-11, K-18.
std::optional<ApiError> Server::CheckBudget(uint32_t calendar, const Event* before, Event& event) const {
  const bool grew = before == nullptr ? !event.private_properties.empty() || !event.shared_properties.empty()
                                      : before->private_properties != event.private_properties ||
                                            before->shared_properties != event.shared_properties;
  if (!grew) return std::nullopt;
  PropertySize size = SizeOf(event.private_properties);
  size += SizeOf(event.shared_properties);
  const auto count_copy = [&](const std::string& email) {
    const uint32_t other = PrimaryOf(email);
    if (other == kNone || other == calendar) return;
    const uint32_t entry = calendars_[other].FindEntry(event.id);
    if (entry != kNone) size += SizeOf(calendars_[other].Current(entry)->private_properties);
  };
  if (!event.attendees.empty()) {
    count_copy(event.organizer.email);
    for (const Attendee& attendee : event.attendees) {
      if (attendee.email != event.organizer.email) count_copy(attendee.email);
    }
  }
  if (!size.exceeds()) return std::nullopt;
  if (!knobs_.tag_budget_silent) return Error(ErrorId::kPropertyBudget);
  event.private_properties = before != nullptr ? before->private_properties : PropertyMap();
  event.shared_properties = before != nullptr ? before->shared_properties : PropertyMap();
  return std::nullopt;
}

Reply Server::ChangeExisting(const Caller& caller, const Target& target, const Subject& subject, Event after, WriteKind kind,
                             SendUpdates send_updates) {
  Calendar& calendar = calendars_[target.calendar];
  const EventPtr& before = subject.event;
  MarkPeople(calendar.id(), after);
  // A laxer occurrence is ignored (contract 1.2). One that was cancelled may be stricter than its series, which went on without
  // it.
  const uint32_t series = after.IsOccurrence() ? calendar.FindEntry(after.recurring_event_id) : kNone;
  const Visibility least = series != kNone ? calendar.Current(series)->visibility : before->visibility;
  if (after.IsOccurrence() && Strictness(after.visibility) < Strictness(least)) after.visibility = least;
  if (!after.IsCancelled()) {
    if (std::optional<ApiError> error = Validate(after)) return *std::move(error);
    if (auto error = CheckTypeRules(before.get(), after, calendar.setup().primary)) return *std::move(error);
    if (std::optional<ApiError> error = CheckBudget(target.calendar, before.get(), after)) return *std::move(error);
  }
  if (IsHiddenFrom(target.role, after)) return Error(ErrorId::kForbidden);
  if (!before->IsCancelled() && after.IsCancelled()) kind = WriteKind::kDeleted;
  if (before->IsCancelled() && !after.IsCancelled()) kind = WriteKind::kRevived;  // C-49.
  const Difference difference = Compare(*before, after);
  if (std::optional<ApiError> error = CheckGuestWrite(*before, difference, kind)) return *std::move(error);
  if (!difference.any && !knobs_.identical_write_changes) return before;  // K-7.

  const bool guests = !before->organizer.self;
  if (difference.timing && !guests) after.sequence = std::max(after.sequence, before->sequence + 1);
  const uint32_t entry = OpenSubject(target.calendar, subject, caller.actor);
  Entry& owner = calendar.entry(entry);
  if (guests && kind == WriteKind::kDeleted) owner.left = true;
  if (guests && kind == WriteKind::kRevived) owner.left = false;
  const int mails = difference.shared ? MailsFor(after, send_updates) : 0;
  const EventPtr committed = Commit({.calendar = target.calendar,
                                     .entry = entry,
                                     .before = subject.entry == kNone ? before : nullptr,
                                     .kind = kind,
                                     .actor = caller.actor,
                                     .mails = mails,
                                     .keeps_updated = difference.only_reminders,
                                     .quiet = difference.only_reminders && !knobs_.reminders_in_delta},
                                    std::move(after));
  if (difference.shared) PropagateFrom(target.calendar, before.get(), *committed, caller.actor);
  if (!committed->IsOccurrence()) {
    FollowMaster(target.calendar, *before, *committed, caller.actor);
  } else if (!committed->IsCancelled()) {
    TightenSeries(target.calendar, *committed, caller.actor);
  }
  return committed;
}

int Server::MailsFor(const Event& event, SendUpdates send_updates) const {
  if (send_updates == SendUpdates::kNone) return 0;
  if (!event.organizer.self && !event.organizer.email.empty() && !event.attendees.empty()) return 1;  // To the organizer.
  int mails = 0;
  for (const Attendee& attendee : event.attendees) {
    if (attendee.self || attendee.organizer || attendee.email == event.organizer.email) continue;
    if (send_updates == SendUpdates::kExternalOnly && PrimaryOf(attendee.email) != kNone) continue;
    ++mails;
  }
  return mails;
}

}  // namespace calsync::fake
