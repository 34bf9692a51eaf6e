#include "adapter/google/page_reader.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "adapter/google/event_json.h"
#include "adapter/google/json_reader.h"
#include "adapter/google/page_scan.h"

namespace calsync::adapter {
namespace {

// What is between the quotes of an etag, as it is written: \"3181161784712000\". Nothing for what is written in another way.
std::optional<absl::string_view> BetweenQuotes(absl::string_view raw_etag) {
  if (!absl::ConsumePrefix(&raw_etag, R"(\")") || !absl::ConsumeSuffix(&raw_etag, R"(\")")) return std::nullopt;
  if (raw_etag.find('\\') != absl::string_view::npos) return std::nullopt;
  return raw_etag;
}

// The versions of the events that the page shows live. An event of which this cannot be told has an empty one, which nobody
// knows.
class Versions {
 public:
  explicit Versions(const PageScan& scan) {
    const size_t events = scan.events().size();
    versions_.resize(events);
    size_t size = 0;
    for (const PageScan::Row& row : scan.rows()) size += row.raw_etag.size();
    etags_.reserve(size);  // Views into it stay good.
    for (size_t i = 0; i < events; ++i) {
      const EventView& event = scan.events()[i];
      const std::optional<absl::string_view> etag = BetweenQuotes(scan.rows()[i].raw_etag);
      if (event.cancelled || !etag.has_value()) continue;
      const size_t begin = etags_.size();
      absl::StrAppend(&etags_, "\"", *etag, "\"");
      versions_[i] = {event.id, absl::string_view(etags_).substr(begin)};
    }
  }
  absl::Span<const VersionView> all() const { return versions_; }

 private:
  std::string etags_;
  std::vector<VersionView> versions_;
};

EventsPage HeadOf(const PageScan::Head& head) {
  EventsPage page;
  page.access_role = AccessRoleOf(head.access_role);
  page.time_zone = std::string(head.time_zone);
  page.updated = ParseInstant(head.updated);
  if (head.next_page_token.has_value()) page.next_page_token = PageToken(*head.next_page_token);
  if (head.next_sync_token.has_value()) page.next_sync_token = SyncToken(*head.next_sync_token);
  return page;
}

}  // namespace

absl::StatusOr<EventsPage> ReadEventsPage(absl::string_view body, const AskKnown& known) {
  PageScan scan;
  if (known == nullptr || !scan.Read(body, PageScan::Texts::kLeftOut)) return ReadEventsPage(body);
  std::vector<std::optional<EventVersion>> answers = known(Versions(scan).all());
  const auto is_known = [](const std::optional<EventVersion>& answer) { return answer.has_value(); };
  if (std::none_of(answers.begin(), answers.end(), is_known)) return ReadEventsPage(body);
  EventsPage page = HeadOf(scan.head());
  JsonBody memory;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].has_value()) {
      page.unread.push_back({page.items.size(), *std::move(answers[i])});
      continue;
    }
    absl::StatusOr<EventPtr> event = ReadEvent(scan.rows()[i].json, memory);
    if (!event.ok()) return ReadEventsPage(body);  // Which row it is, in one wording.
    page.items.push_back(*std::move(event));
  }
  return page;
}

}  // namespace calsync::adapter
