// Changes to the text of a settings file that keep all else in it: comments, order, spelling.

#ifndef CALSYNC_ADAPTER_CONFIG_EDIT_H_
#define CALSYNC_ADAPTER_CONFIG_EDIT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/config/settings.h"
#include "engine/state/ids.h"

namespace calsync::adapter {

// A text, a flag, as TOML writes them.
std::string Quoted(absl::string_view text);
inline std::string TomlFlag(bool value) { return value ? "true" : "false"; }

// Each gives the new text. `value` is TOML. Errors: NotFound if there is no such group or calendar, InvalidArgument if the text
// cannot be read. What comes out is to be read once more before it replaces the file.
absl::StatusOr<std::string> SetInGroup(absl::string_view text, const GroupId& group, absl::string_view key,
                                       absl::string_view value);
absl::StatusOr<std::string> SetInCalendar(absl::string_view text, const GroupId& group, CalendarKey calendar,
                                          absl::string_view key, absl::string_view value);
absl::StatusOr<std::string> AddCalendar(absl::string_view text, const GroupId& group, const CalendarSettings& calendar);
std::string AddGroup(absl::string_view text, const GroupId& group);
// All that is between its header and the next of another one; comments right above that one stay.
absl::StatusOr<std::string> RemoveGroup(absl::string_view text, const GroupId& group);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_CONFIG_EDIT_H_
