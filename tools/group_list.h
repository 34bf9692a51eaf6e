// A list of groups that an operator hands over: CSV, one row for each calendar.
//
//   group,account,calendar,name,direction
//   ann,ann@example.org,,Work,
//   ann,ann@example.org,7k2@group.calendar.google.com,Home,target

#ifndef CALSYNC_TOOLS_GROUP_LIST_H_
#define CALSYNC_TOOLS_GROUP_LIST_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/config/settings.h"

namespace calsync::tools {

struct ListedGroup {
  GroupId id;
  size_t row = 0;                                    // Where it begins, from 1; of flags 0.
  std::vector<adapter::CalendarSettings> calendars;  // Without keys.
};

struct GroupList {
  std::vector<ListedGroup> groups;    // In the order of the list.
  std::vector<std::string> problems;  // "people.csv:7: …". If there are any, nothing of the list is to be used.
};

// The first row names the columns, in any order; calendar, name and direction may be missing. No calendar, or "primary", is the
// account's own, which bears its address.
GroupList ReadGroupList(const std::string& file, absl::string_view text);

// Adds a calendar to the group that it names. What is wrong with it, in words; empty: nothing.
std::string Add(GroupList& list, size_t row, absl::string_view group, absl::string_view account, absl::string_view calendar,
                absl::string_view name, absl::string_view direction);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_GROUP_LIST_H_
