// events.list with filters and orders (contract 2.1): the rows of the plain list, looked through one by one.
//
// No sync token comes of it. Each page looks at the whole calendar, as it was when the first page was given: searches are for
// people and small calendars, the feed is for programs that sync.

#ifndef CALSYNC_FAKEGOOGLE_MODEL_SEARCH_H_
#define CALSYNC_FAKEGOOGLE_MODEL_SEARCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/api/ids.h"
#include "fakegoogle/model/calendars.h"
#include "fakegoogle/model/feed.h"
#include "fakegoogle/model/knobs.h"
#include "fakegoogle/model/tokens.h"

namespace calsync::fake {

enum class SearchOrder : uint8_t { kPlain, kStartTime, kUpdated };

struct SearchEvents {
  ListEvents list;  // REQUIRES: no sync token. The page token is one of this search.
  SearchOrder order = SearchOrder::kPlain;
  std::string text;  // Words, each of which must be somewhere in the event; empty: any event.
  ICalUid ical_uid;  // Empty: any.
  std::vector<std::pair<std::string, std::string>> private_properties;  // K-1.
  std::vector<std::pair<std::string, std::string>> shared_properties;
  std::optional<absl::Time> updated_min;  // C-38: deletions since then too.
  std::vector<EventType> types;           // Empty: all.
};

// As ListPage.
Reply SearchPage(const Calendar& calendar, uint32_t number, AccessRole role, const SearchEvents& request, const Knobs& knobs,
                 const Conditions& conditions, TokenMint& mint, absl::Time now);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_SEARCH_H_
