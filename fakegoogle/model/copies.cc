// Guests' copies: an invitation appears on the primary calendar of each guest who has an account here (C-13).
//
// What is scheduled is that something changed; what arrives is the state at the time of arrival, so that copies always converge,
// each in its own time.

#include <algorithm>
#include <utility>

#include "fakegoogle/model/server.h"

namespace calsync::fake {
namespace {

constexpr size_t kGuestsWithAnswers = 200;  // Beyond that, answers are not propagated (contract 1.3).

const Attendee* FindAttendee(const Event& event, absl::string_view email) {
  for (const Attendee& attendee : event.attendees) {
    if (attendee.email == email) return &attendee;
  }
  return nullptr;
}

std::optional<ResponseStatus> AnswerOf(const Event& event, absl::string_view email) {
  const Attendee* attendee = FindAttendee(event, email);
  if (attendee == nullptr) return std::nullopt;
  return attendee->response;
}

}  // namespace

uint32_t Server::PrimaryOf(const std::string& email) const {
  const auto account = accounts_.find(AccountId(email));
  if (account == accounts_.end() || account->second.primary == kNone) return kNone;
  const Calendar& calendar = calendars_[account->second.primary];
  return calendar.deleted() || calendar.id().text() != email ? kNone : account->second.primary;
}

void Server::ScheduleDue(absl::Time when, Due due) { due_.emplace(std::pair(when, due_count_++), std::move(due)); }

void Server::PropagateFrom(uint32_t calendar, const Event* before, const Event& after, ActorId actor) {
  if (after.private_copy || (after.attendees.empty() && (before == nullptr || before->attendees.empty()))) return;
  const absl::Time when = now_ + knobs_.propagation_delay;
  if (after.organizer.self) {
    const auto send = [&](const Attendee& attendee) {
      const uint32_t guest = PrimaryOf(attendee.email);
      if (guest == kNone || guest == calendar) return;
      ScheduleDue(when, {.kind = Due::Kind::kCopy, .from = calendar, .to = guest, .event = after.id, .actor = actor});
    };
    for (const Attendee& attendee : after.attendees) send(attendee);
    if (before == nullptr) return;
    for (const Attendee& attendee : before->attendees) {  // Who was uninvited.
      if (FindAttendee(after, attendee.email) == nullptr) send(attendee);
    }
    return;
  }
  // Of a guest's copy, nothing flows back but the answer.
  const std::string& own = calendars_[calendar].id().str();
  const uint32_t entry = calendars_[calendar].FindEntry(after.id);
  const uint32_t original = calendars_[calendar].entry(entry).original;
  if (original == kNone || before == nullptr || after.IsCancelled() || after.attendees.size() > kGuestsWithAnswers) return;
  if (AnswerOf(*before, own) == AnswerOf(after, own)) return;
  ScheduleDue(when, {.kind = Due::Kind::kAnswer, .from = calendar, .to = original, .event = after.id, .actor = actor});
}

void Server::ArriveCopy(const Due& due) {
  const Calendar& organizers = calendars_[due.from];
  const uint32_t source = organizers.FindEntry(due.event);
  if (source == kNone || organizers.deleted()) return;
  const EventPtr original = organizers.Current(source);
  const Calendar& guests = calendars_[due.to];
  const std::string& own = guests.id().str();
  const bool invited = original->organizer.self && !original->IsCancelled() && FindAttendee(*original, own) != nullptr;

  const uint32_t existing = guests.FindEntry(due.event);
  const bool is_there = existing != kNone && !guests.entry(existing).dropped;
  const bool is_copy = is_there && guests.entry(existing).original == due.from;
  if (is_there && !is_copy && !guests.entry(existing).bare) return;  // The id is taken there by something else.
  if (!is_copy) {
    ArriveFirstCopy(due, source, invited);
    return;
  }
  const EventPtr before = guests.Current(existing);
  if (guests.entry(existing).left || guests.entry(existing).went_along || (before->IsCancelled() && !invited)) return;
  Event after = *before;
  if (invited) {
    // The guest's own answer is the guest's: one that is still on its way must not be undone.
    const std::optional<ResponseStatus> answer = AnswerOf(*before, own);
    CopyShared(*original, after);  // Overwrites what the guest changed locally (S-16).
    after.organizer.email = original->organizer.email;
    MarkPeople(guests.id(), after);
    for (Attendee& attendee : after.attendees) {
      if (attendee.self && answer) attendee.response = *answer;
    }
  } else {
    after.status = EventStatus::kCancelled;
  }
  const bool same_series = after.recurring_event_id == before->recurring_event_id;
  if (!Compare(*before, after).any && same_series) return;
  const EventPtr committed =
      Commit({.calendar = due.to, .entry = existing, .kind = WriteKind::kPropagated, .actor = due.actor}, std::move(after));
  FollowMaster(due.to, *before, *committed, due.actor);
}

// A new copy, of one occurrence alone too (C-70); or the organizer's first change of an occurrence, where the guest has the
// series.
void Server::ArriveFirstCopy(const Due& due, uint32_t source, bool invited) {
  const EventPtr original = calendars_[due.from].Current(source);
  const EventTruth made = calendars_[due.from].entry(source).truth;
  EventPtr before;
  if (original->IsOccurrence()) {
    const uint32_t series = calendars_[due.to].FindEntry(original->recurring_event_id);
    if (series != kNone && calendars_[due.to].entry(series).left) return;
    const std::optional<Subject> given = FindSubject(calendars_[due.to], due.event, calendars_[due.to].log_end());
    if (given && given->entry == kNone && !given->event->IsCancelled() &&
        calendars_[due.to].entry(given->master).original == due.from) {
      before = given->event;
    }
  }
  if (!invited && before == nullptr) return;
  Event copy;
  if (before != nullptr) copy = *before;
  if (invited) {
    CopyShared(*original, copy);
    if (before == nullptr) copy.status = original->status;  // From then on it is the guest's own.
    copy.id = original->id;
    copy.ical_uid = original->ical_uid;
    copy.visibility = original->visibility;
    copy.created = original->created;
    copy.organizer = original->organizer;
    copy.creator = original->creator;
  } else {
    copy.status = EventStatus::kCancelled;  // Cancelled for all, or this guest is not invited to it any more.
  }
  const uint32_t entry = OpenEntry(due.to, due.event,
                                   {.creator = made.creator,
                                    .brought_by = ActorId(),
                                    .origin = Origin::kCopied,
                                    .came_from = calendars_[due.from].id(),
                                    .created_at = now_});
  calendars_[due.to].entry(entry).original = due.from;
  Commit({.calendar = due.to, .entry = entry, .before = before, .kind = WriteKind::kPropagated, .actor = due.actor},
         std::move(copy));
  if (!original->IsSeriesMaster()) return;
  const absl::Span<const uint32_t> known = calendars_[due.from].ExceptionsOf(original->id);
  for (const uint32_t exception : std::vector<uint32_t>(known.begin(), known.end())) {
    const Event& one = *calendars_[due.from].Current(exception);
    if (one.recurring_event_id != original->id || calendars_[due.from].entry(exception).dropped) continue;
    Due follows = due;
    follows.event = one.id;
    ArriveCopy(follows);
  }
}

void Server::ArriveAnswer(const Due& due) {
  const uint32_t copy = calendars_[due.from].FindEntry(due.event);
  const std::optional<Subject> subject = FindSubject(calendars_[due.to], due.event, calendars_[due.to].log_end());
  if (copy == kNone || !subject || subject->event->IsCancelled()) return;
  const std::string& email = calendars_[due.from].id().str();
  const std::optional<ResponseStatus> answer = AnswerOf(*calendars_[due.from].Current(copy), email);
  const std::optional<ResponseStatus> known = AnswerOf(*subject->event, email);
  if (!answer || !known || known == answer) return;
  Event after = *subject->event;
  for (Attendee& attendee : after.attendees) {
    if (attendee.email == email) attendee.response = *answer;
  }
  const uint32_t entry = OpenSubject(due.to, *subject, due.actor);
  const EventPtr committed = Commit({.calendar = due.to,
                                     .entry = entry,
                                     .before = subject->entry == kNone ? subject->event : nullptr,
                                     .kind = WriteKind::kAnswered,
                                     .actor = due.actor},
                                    std::move(after));
  PropagateFrom(due.to, subject->event.get(), *committed, due.actor);
  FollowMaster(due.to, *subject->event, *committed, due.actor);
}

void Server::ArriveTouch(const Due& due) {
  const uint32_t entry = calendars_[due.to].FindEntry(due.event);
  if (entry == kNone || calendars_[due.to].Current(entry)->IsCancelled()) return;
  Event after = *calendars_[due.to].Current(entry);
  Commit({.calendar = due.to, .entry = entry, .kind = WriteKind::kTouched, .actor = due.actor}, std::move(after));
}

}  // namespace calsync::fake
