// What classification needs of a page of events.list, straight from its bytes: one pass, nothing copied, no Event made.
//
// simdjson's first stage finds where each token begins (and that the bytes are UTF-8 with all strings closed); one walk over
// these places checks the grammar of everything and keeps views of a dozen fields. It vouches for plain pages alone. Whatever is
// unusual is left to those who read it wholly, so that there is one answer to every page:
//   - A page that is not whole, or is JSON of a kind that Google has no reason to write (numbers with fractions, surrogates, deep
//     nesting, escapes in names of the page's own members), is not vouched for at all: ReadEventsPage says what it is.
//   - An event in which a field that is needed is written with escapes is decoded by ReadEvent, and its view looks into that.
// Equal views of every page that both read: page_scan_test.cc, fuzz/classify_fuzz.cc.

#ifndef CALSYNC_ADAPTER_GOOGLE_PAGE_SCAN_H_
#define CALSYNC_ADAPTER_GOOGLE_PAGE_SCAN_H_

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/api/event.h"
#include "engine/api/event_view.h"

namespace calsync::adapter {

class PageScan {
 public:
  // Titles and descriptions are only needed where marks are heeded (HeedsMarks); left out, they are empty in every view.
  enum class Texts { kLeftOut, kRead };

  // False: ask ReadEventsPage. True: `events` holds one view for each item, in order. They point into `body` and into this, and
  // hold until the next Read.
  bool Read(absl::string_view body, Texts texts);

  // What the page says besides its events, as ReadEventsPage has it.
  struct Head {
    absl::string_view access_role;
    absl::string_view time_zone;
    absl::string_view updated;
    std::optional<absl::string_view> next_page_token;
    std::optional<absl::string_view> next_sync_token;
  };
  const Head& head() const { return head_; }
  absl::Span<const EventView> events() const { return events_; }
  // The whole object of each event, and its etag as it is written (quotes escaped).
  struct Row {
    absl::string_view json;
    absl::string_view raw_etag;
  };
  absl::Span<const Row> rows() const { return rows_; }
  // How many of them had to be decoded.
  size_t decoded() const { return decoded_.size(); }

 private:
  class Walk;
  struct Properties {
    size_t first = 0;
    size_t count = 0;
  };

  bool EscapesAreSound(absl::string_view body);

  simdjson::dom::parser parser_;
  size_t capacity_ = 0;
  Head head_;
  std::vector<size_t> escapes_;  // Where each backslash that begins an escape is, and one past all.
  std::vector<EventView> events_;
  std::vector<Row> rows_;
  std::vector<Properties> properties_of_;  // By event, in …
  std::vector<PropertyView> properties_;
  std::vector<EventPtr> decoded_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_PAGE_SCAN_H_
