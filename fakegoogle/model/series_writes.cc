// What writes do to series besides the event that they name: exceptions follow their series, an occurrence gets a state of its
// own, a person splits a series (contract section 4).

#include <optional>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/series.h"
#include "fakegoogle/model/server.h"

namespace calsync::fake {

std::optional<Server::Subject> Server::FindSubject(const Calendar& calendar, const EventId& id, uint32_t view) const {
  const uint32_t entry = calendar.FindEntry(id);
  if (entry != kNone) {
    const uint32_t at = view == calendar.log_end() ? calendar.entry(entry).last : calendar.ChangeBefore(entry, view);
    if (at != kNone && calendar.IsThere(entry, at)) return Subject{.event = calendar.log()[at].event, .entry = entry};
  }
  std::optional<Calendar::Found> found = calendar.FindOccurrence(id, knobs_.split_ids_derived, view);
  if (!found) return std::nullopt;
  return Subject{.event = std::move(found->occurrence), .master = found->master};
}

// C-62, C-63: the only thing that a write to an occurrence makes.
uint32_t Server::OpenSubject(uint32_t calendar, const Subject& subject, ActorId actor) {
  if (subject.entry != kNone) return subject.entry;
  const Entry& master = calendars_[calendar].entry(subject.master);
  const uint32_t original = master.original;
  const EventTruth truth{.creator = master.truth.creator, .brought_by = actor, .origin = Origin::kChanged, .created_at = now_};
  const uint32_t entry = OpenEntry(calendar, subject.event->id, truth);
  calendars_[calendar].entry(entry).original = original;  // The organizer's changes of this occurrence arrive here too.
  return entry;
}

void Server::FollowMaster(uint32_t calendar, const Event& before, const Event& after, ActorId actor) {
  const absl::Span<const uint32_t> known = calendars_[calendar].ExceptionsOf(after.id);
  for (const uint32_t entry : std::vector<uint32_t>(known.begin(), known.end())) {
    if (calendars_[calendar].Current(entry)->recurring_event_id != after.id) continue;  // A split took it.
    if (after.IsCancelled()) {
      if (!before.IsCancelled()) CancelWithMaster(calendar, entry, actor);
      continue;
    }
    if (before.IsCancelled()) RestoreWithMaster(calendar, entry, actor);
    if (!calendars_[calendar].entry(entry).dropped) Reanchor(calendar, entry, before, after, actor);
  }
}

// C-68.
void Server::CancelWithMaster(uint32_t calendar, uint32_t entry, ActorId actor) {
  const EventPtr before = calendars_[calendar].Current(entry);
  if (before->IsCancelled()) return;
  calendars_[calendar].entry(entry).went_along = true;
  Event after = *before;
  after.status = EventStatus::kCancelled;
  const EventPtr committed = Commit({.calendar = calendar,
                                     .entry = entry,
                                     .kind = WriteKind::kDeleted,
                                     .actor = actor,
                                     .silent = !knobs_.deleted_series_lists_exceptions},  // K-19.
                                    std::move(after));
  PropagateFrom(calendar, before.get(), *committed, actor);  // To guests of this occurrence alone.
}

void Server::RestoreWithMaster(uint32_t calendar, uint32_t entry, ActorId actor) {
  if (!calendars_[calendar].entry(entry).went_along) return;
  calendars_[calendar].entry(entry).went_along = false;
  const Calendar& of = calendars_[calendar];
  Event after = *of.Current(entry);
  const uint32_t previous = of.log()[of.entry(entry).last].previous;
  CALSYNC_CHECK(previous != kNone);
  after.status = of.log()[previous].event->status;
  CommitFollowing(calendar, entry, std::move(after), WriteKind::kRevived, actor);
}

// C-65.
void Server::Reanchor(uint32_t calendar, uint32_t entry, const Event& before, const Event& after, ActorId actor) {
  const EventPtr exception = calendars_[calendar].Current(entry);
  const auto span_in = [&](const Event& master) -> std::optional<TimeSpan> {
    if (!master.IsSeriesMaster()) return std::nullopt;
    return calendars_[calendar].ScheduleOf(master).Find(exception->original_start);
  };
  const std::optional<TimeSpan> old_span = span_in(before);
  const std::optional<TimeSpan> new_span = span_in(after);
  if (!new_span) {
    // What the series did not give before either, and was kept then, is no matter of this change.
    if (old_span) Strand(calendar, entry, actor);
    return;
  }
  if (exception->IsCancelled()) return;
  Event changed = *exception;
  Inherit(before, after, old_span, new_span, changed);
  if (Compare(*exception, changed).any) CommitFollowing(calendar, entry, std::move(changed), WriteKind::kPropagated, actor);
}

// K-11.
void Server::Strand(uint32_t calendar, uint32_t entry, ActorId actor) {
  if (knobs_.stranded_exceptions == Knobs::Stranded::kOrphans) return;
  const bool drops = knobs_.stranded_exceptions == Knobs::Stranded::kDropped;
  if (!calendars_[calendar].Current(entry)->IsCancelled()) {
    Event after = *calendars_[calendar].Current(entry);
    after.status = EventStatus::kCancelled;
    CommitFollowing(calendar, entry, std::move(after), WriteKind::kDeleted, actor);
  }
  if (drops) calendars_[calendar].entry(entry).dropped = true;
}

void Server::TightenSeries(uint32_t calendar, const Event& exception, ActorId actor) {
  const uint32_t entry = calendars_[calendar].FindEntry(exception.recurring_event_id);
  if (entry == kNone) return;
  const EventPtr master = calendars_[calendar].Current(entry);
  if (master->IsCancelled() || Strictness(exception.visibility) <= Strictness(master->visibility)) return;
  Event after = *master;
  after.visibility = exception.visibility;
  const EventPtr committed =
      Commit({.calendar = calendar, .entry = entry, .kind = WriteKind::kPatched, .actor = actor}, std::move(after));
  FollowMaster(calendar, *master, *committed, actor);
}

void Server::CommitFollowing(uint32_t calendar, uint32_t entry, Event after, WriteKind kind, ActorId actor) {
  const EventPtr before = calendars_[calendar].Current(entry);
  const EventPtr committed = Commit({.calendar = calendar, .entry = entry, .kind = kind, .actor = actor}, std::move(after));
  PropagateFrom(calendar, before.get(), *committed, actor);
}

// C-66.
Reply Server::SplitSeries(const CalendarId& calendar, const EventId& master, const EventTime& original_start,
                          const EventPatch& change, ActorId actor, absl::Time now) {
  AdvanceTo(now);
  const uint32_t index = CalendarIndex(calendar);
  if (index == kNone) return Error(ErrorId::kNotFound);
  const uint32_t entry = calendars_[index].FindEntry(master);
  if (entry == kNone) return Error(ErrorId::kNotFound);
  const EventPtr before = calendars_[index].Current(entry);
  if (before->IsCancelled() || !before->IsSeriesMaster()) return Error(ErrorId::kInvalidValue);
  if (!before->organizer.self) return Error(ErrorId::kForbiddenForNonOrganizer);
  const std::optional<TimeSpan> cut = calendars_[index].ScheduleOf(*before).Find(original_start);
  if (!cut || cut->start <= before->span().start || cut == calendars_[index].ScheduleOf(*before).First()) {
    return Error(ErrorId::kInvalidValue);  // All that the series gives, or nothing.
  }

  absl::StatusOr<ical::Halves> halves = ical::CutLines(*before, *cut);
  if (!halves.ok()) return Error(ErrorId::kInvalidRecurrence);
  Event trimmed = *before;
  trimmed.recurrence = std::move(halves->before);
  ++trimmed.sequence;

  const EventTime start = OriginalOf(*cut, *before);
  Event part = MakeOccurrence(*before, *cut, SplitId(master, start));
  part.ical_uid = DefaultUid(part.id);
  part.recurring_event_id = EventId();
  part.original_start = EventTime();
  part.recurrence = std::move(halves->after);
  MergePatch(change, part);
  if (std::optional<ApiError> error = Validate(part)) return *std::move(error);
  if (calendars_[index].FindEntry(part.id) != kNone) return Error(ErrorId::kDuplicate);  // Taken for ever (S-10).

  EventTruth truth{
      .creator = calendars_[index].entry(entry).truth.creator, .brought_by = actor, .origin = Origin::kSplit, .created_at = now_};
  truth.split_from = master;
  const EventPtr shortened =
      Commit({.calendar = index, .entry = entry, .kind = WriteKind::kPatched, .actor = actor}, std::move(trimmed));
  PropagateFrom(index, before.get(), *shortened, actor);
  const uint32_t opened = OpenEntry(index, part.id, truth);
  const EventPtr made =
      Commit({.calendar = index, .entry = opened, .kind = WriteKind::kInserted, .actor = actor}, std::move(part));
  PropagateFrom(index, nullptr, *made, actor);

  const absl::Span<const uint32_t> known = calendars_[index].ExceptionsOf(master);
  for (const uint32_t exception : std::vector<uint32_t>(known.begin(), known.end())) {
    const EventPtr& one = calendars_[index].Current(exception);
    if (one->recurring_event_id != master || KeyOf(one->original_start) < KeyOf(start)) continue;
    if (!calendars_[index].entry(exception).dropped) GiveToSplit(index, exception, *made, actor);
  }
  FollowMaster(index, *before, *made, actor);
  return made;
}

// K-20.
void Server::GiveToSplit(uint32_t calendar, uint32_t entry, const Event& part, ActorId actor) {
  const EventPtr before = calendars_[calendar].Current(entry);
  Event after = *before;
  after.recurring_event_id = part.id;
  after.ical_uid = part.ical_uid;
  const EventId id = OccurrenceId(part.id, before->original_start, knobs_.split_ids_derived);
  if (id == before->id) {
    CommitFollowing(calendar, entry, std::move(after), WriteKind::kPatched, actor);
    return;
  }
  after.id = id;
  EventTruth truth = calendars_[calendar].entry(entry).truth;
  truth.created_at = now_;
  truth.split_from = before->recurring_event_id;
  if (!before->IsCancelled()) {
    Event gone = *before;
    gone.status = EventStatus::kCancelled;
    CommitFollowing(calendar, entry, std::move(gone), WriteKind::kDeleted, actor);
  }
  calendars_[calendar].entry(entry).dropped = true;
  const uint32_t opened = OpenEntry(calendar, id, truth);
  const EventPtr made =
      Commit({.calendar = calendar, .entry = opened, .kind = WriteKind::kInserted, .actor = actor}, std::move(after));
  PropagateFrom(calendar, nullptr, *made, actor);
}

}  // namespace calsync::fake
