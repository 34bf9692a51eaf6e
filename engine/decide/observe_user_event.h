// What follows when a person's event is shown: found, changed, back.

#ifndef CALSYNC_ENGINE_DECIDE_OBSERVE_USER_EVENT_H_
#define CALSYNC_ENGINE_DECIDE_OBSERVE_USER_EVENT_H_

#include <optional>

#include "engine/decide/evidence.h"

namespace calsync {

// The fields of a user event's record that follow from the event itself.
void TakeUserFields(const LiveGroup& group, Record& record, const Event& event);

// Why a live user event does not block, if it does not, for the audit trail (L12).
void AuditBlocking(LiveGroup& group, const Record& record);

// A user event without a record, or at the place of a seen row. With `id` it answers to that correlation id: its tag says so.
void AddUserEvent(LiveGroup& group, LiveCalendar& calendar, std::optional<RowIndex> seen, const Event& event,
                  std::optional<CorrelationId> id);

// A version of a user event that we hold a record of.
void ObserveUserEvent(LiveGroup& group, RowIndex row, const Event& event);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_OBSERVE_USER_EVENT_H_
