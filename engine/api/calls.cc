#include "engine/api/calls.h"

#include "engine/base/overloaded.h"

namespace calsync {

const CalendarId* CalendarOf(const Request& request) {
  return std::visit(Overloaded{
                        [](const StopChannel&) -> const CalendarId* { return nullptr; },
                        [](const auto& about_one) -> const CalendarId* { return &about_one.calendar; },
                    },
                    request);
}

bool IsEventWrite(const Request& request) {
  return std::visit(Overloaded{
                        [](const ListEvents&) { return false; },
                        [](const GetEvent&) { return false; },
                        [](const InsertEvent&) { return true; },
                        [](const PatchEvent&) { return true; },
                        [](const UpdateEvent&) { return true; },
                        [](const DeleteEvent&) { return true; },
                        [](const MoveEvent&) { return true; },
                        [](const ImportEvent&) { return true; },
                        [](const WatchEvents&) { return false; },
                        [](const StopChannel&) { return false; },
                        [](const GetCalendar&) { return false; },
                        [](const ListInstances&) { return false; },
                    },
                    request);
}

}  // namespace calsync
