// Blocks of other CalSync installations, found by their tags. The engine never touches them (L10); an operator may know that the
// installation which made them is no more.

#ifndef CALSYNC_TOOLS_FOREIGN_BLOCKS_H_
#define CALSYNC_TOOLS_FOREIGN_BLOCKS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "adapter/google/google_client.h"
#include "adapter/http/loop.h"
#include "engine/api/calls.h"
#include "engine/state/ids.h"

namespace calsync::tools {

// A call, and its answer. Runs the loop meanwhile.
Reply CallAndWait(http::Loop& loop, adapter::GoogleClient& google, const AccountId& account, Request request);

// What bears the tag of a block of the instance, on one calendar. Occurrences are left out: they go with their series.
struct TaggedBlocks {
  std::vector<EventPtr> blocks;  // With ids that only some CalSync makes.
  std::vector<EventPtr> others;  // With other ids: copies that people made, and events taken over from an older system.
};
// By the instance that their tags name. Errors say what failed and why.
absl::StatusOr<std::map<std::string, TaggedBlocks>> BlocksByInstance(http::Loop& loop, adapter::GoogleClient& google,
                                                                     const AccountId& account, const CalendarId& calendar);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_FOREIGN_BLOCKS_H_
