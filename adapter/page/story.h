// The story of one event: which rows belong to it, and which entries of the trail tell of them.

#ifndef CALSYNC_ADAPTER_PAGE_STORY_H_
#define CALSYNC_ADAPTER_PAGE_STORY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/store/store.h"
#include "engine/engine.h"

namespace calsync::adapter {

struct EventStory {
  // User events at first, each followed by what was made from it.
  std::vector<RowIndex> rows;
  // Which entries of the trail are about them.
  AuditQuery query;
};

// `what` is an event's id, or a correlation id: of an event of a person, with its blocks; or of a block, with its event and the
// other blocks of that. No rows if nobody knows it; the trail may know it still.
EventStory StoryOf(const Engine& engine, absl::string_view what);

// The user events of a group in which the text is found, the soonest of those that are not over first, at most so many: by event
// id, by correlation id, and in titles if `titles`.
std::vector<RowIndex> Search(const Engine& engine, absl::string_view text, bool titles, absl::Time now, size_t most);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_PAGE_STORY_H_
