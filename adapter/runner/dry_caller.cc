#include "adapter/runner/dry_caller.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/overloaded.h"

namespace calsync::adapter {
namespace {

void Merge(PropertyMap& properties, const std::map<std::string, std::optional<std::string>>& change) {
  for (const auto& [key, value] : change) {
    if (value.has_value()) {
      properties[key] = *value;
    } else {
      properties.erase(key);
    }
  }
}

// C-45.
void Merge(Event& event, const EventPatch& patch) {
  if (patch.status) event.status = *patch.status;
  if (patch.start) event.start = *patch.start;
  if (patch.end) event.end = *patch.end;
  if (patch.recurrence) event.recurrence = *patch.recurrence;
  if (patch.summary) event.summary = *patch.summary;
  if (patch.description) event.description = *patch.description;
  if (patch.location) event.location = *patch.location;
  if (patch.color_id) event.color_id = *patch.color_id;
  if (patch.transparency) event.transparency = *patch.transparency;
  if (patch.visibility) event.visibility = *patch.visibility;
  if (patch.attendees) event.attendees = *patch.attendees;
  if (patch.guests_can_modify) event.guests_can_modify = *patch.guests_can_modify;
  if (patch.sequence) event.sequence = *patch.sequence;
  if (patch.reminders) event.reminders = *patch.reminders;
  Merge(event.private_properties, patch.private_properties);
  Merge(event.shared_properties, patch.shared_properties);
}

ApiError Refused() { return {.code = 403, .domain = "calendar", .reason = "forbidden", .message = "not in a dry run"}; }

}  // namespace

void DryCaller::AnswerLater(Reply reply, Answered answered) {
  loop_.Post([reply = std::move(reply), answered = std::move(answered)]() mutable { answered(std::move(reply)); });
}

EventPtr DryCaller::Keep(const Spot& spot, Event event) {
  event.etag = Etag(absl::StrCat("\"dry-", ++versions_, "\""));
  event.updated = clock_();
  return written_[spot] = std::make_shared<const Event>(std::move(event));
}

void DryCaller::Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered, Questions questions) {
  std::visit(Overloaded{
                 [&](const InsertEvent& insert) {
                   if (told_) told_(*request, nullptr);
                   AnswerLater(Keep({insert.calendar, insert.event.id}, insert.event), std::move(answered));
                 },
                 [&](const PatchEvent& patch) {
                   Change(account, request, {patch.calendar, patch.event}, std::move(answered));
                 },
                 [&](const DeleteEvent& gone) {
                   Change(account, request, {gone.calendar, gone.event}, std::move(answered));
                 },
                 [&](const GetEvent& get) {
                   const auto known = written_.find({get.calendar, get.event});
                   if (known == written_.end()) return reads_.Send(account, request, std::move(answered), std::move(questions));
                   AnswerLater(
                       known->second != nullptr ? Reply(known->second) : Reply(ApiError{.code = 404, .reason = "notFound"}),
                       std::move(answered));
                 },
                 // The engine never sends these; and channels are writes of a kind.
                 [&](const UpdateEvent&) { AnswerLater(Refused(), std::move(answered)); },
                 [&](const MoveEvent&) { AnswerLater(Refused(), std::move(answered)); },
                 [&](const ImportEvent&) { AnswerLater(Refused(), std::move(answered)); },
                 [&](const WatchEvents&) { AnswerLater(Refused(), std::move(answered)); },
                 [&](const StopChannel&) { AnswerLater(NoContent(), std::move(answered)); },
                 [&](const ListEvents&) { reads_.Send(account, request, std::move(answered), std::move(questions)); },
                 [&](const GetCalendar&) { reads_.Send(account, request, std::move(answered), std::move(questions)); },
                 [&](const ListInstances&) { reads_.Send(account, request, std::move(answered), std::move(questions)); },
             },
             *request);
}

// A patch or a delete: what it does depends on the event as it is, so that is read first.
void DryCaller::Change(const AccountId& account, std::shared_ptr<const Request> request, const Spot& spot, Answered answered) {
  const auto finish = [this, request, spot](const EventPtr& before, const Answered& then) {
    if (told_) told_(*request, before.get());
    if (const auto* patch = std::get_if<PatchEvent>(&*request)) {
      Event after = *before;
      Merge(after, patch->patch);
      return AnswerLater(Keep(spot, std::move(after)), then);
    }
    written_[spot] = nullptr;
    AnswerLater(NoContent(), then);
  };
  const auto known = written_.find(spot);
  if (known != written_.end()) {
    if (known->second == nullptr) return AnswerLater(ApiError{.code = 410, .reason = "deleted"}, std::move(answered));
    return finish(known->second, answered);
  }
  reads_.Send(account, std::make_shared<const Request>(GetEvent{spot.first, spot.second}),
              [finish, answered = std::move(answered)](Reply reply) {
                const auto* const before = std::get_if<EventPtr>(&reply);
                if (before == nullptr) return answered(std::move(reply));
                finish(*before, answered);
              },
              {});
}

}  // namespace calsync::adapter
