#include "adapter/google/testing/two_paths.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "adapter/google/event_json.h"
#include "adapter/google/page_reader.h"
#include "adapter/google/page_scan.h"
#include "engine/api/calls.h"
#include "engine/api/event_view.h"
#include "engine/state/policy.h"

namespace calsync::adapter {
namespace {

// What classification may look at, compared field by field.
std::string DifferenceOf(const Event& event, const EventView& view, PageScan::Texts texts) {
  if (view.id != event.id.text()) return "the id";
  if (view.ical_uid != event.ical_uid.text()) return "the iCalUID";
  if (view.master != event.recurring_event_id.text()) return "the master";
  if (view.cancelled != event.IsCancelled()) return "the status";
  const bool read = texts == PageScan::Texts::kRead;
  if (view.summary != (read ? event.summary : "")) return "the title";
  if (view.description != (read ? event.description : "")) return "the description";
  PropertyMap tag;
  for (const auto& [key, value] : event.private_properties) {
    if (IsTagKey(key)) tag.emplace(key, value);
  }
  if (tag.size() != view.tag_properties.size()) return "the number of tag properties";
  for (const PropertyView& property : view.tag_properties) {
    const auto held = tag.find(std::string(property.first));
    if (held == tag.end() || held->second != property.second) return "a tag property";
  }
  return "";
}

bool AreSame(const Classified& a, const Classified& b) {
  return a.verdict == b.verdict && a.row == b.row && a.certified == b.certified && a.master == b.master &&
         a.correlation_id == b.correlation_id;
}

std::string DifferenceOf(const Knowledge& knowledge, CalendarKey calendar, const EventsPage& page, const PageScan& scan,
                         PageScan::Texts texts) {
  if (page.items.size() != scan.events().size()) {
    return absl::StrCat(page.items.size(), " events in full, ", scan.events().size(), " scanned");
  }
  std::vector<Classified> verdicts(page.items.size());
  ClassifyBatch(knowledge, calendar, scan.events(), absl::MakeSpan(verdicts));
  for (size_t i = 0; i < page.items.size(); ++i) {
    const Event& event = *page.items[i];
    const auto wrong = [&](absl::string_view what) { return absl::StrCat("event ", i, " (", event.id.text(), "): ", what); };
    if (const std::string what = DifferenceOf(event, scan.events()[i], texts); !what.empty()) return wrong(what);
    const Classified plain = Classify(knowledge, calendar, event);
    if (!AreSame(plain, verdicts[i])) {
      return wrong(absl::StrCat("in full ", Name(plain.verdict), ", scanned ", Name(verdicts[i].verdict)));
    }
    const absl::StatusOr<EventPtr> row = ReadEvent(scan.rows()[i].json);
    if (!row.ok() || (*row)->id != event.id || (*row)->etag != event.etag) return wrong("its own bytes are another event");
  }
  return "";
}

bool AreSame(const EventTime& a, const EventTime& b) {
  return a.kind == b.kind && a.date == b.date && a.instant == b.instant && a.time_zone == b.time_zone;
}

// In all that is read of an event.
bool AreSame(const Event& a, const Event& b) {
  return WriteEvent(a) == WriteEvent(b) && a.etag == b.etag && a.created == b.created && a.updated == b.updated &&
         a.recurring_event_id == b.recurring_event_id && AreSame(a.original_start, b.original_start) &&
         a.organizer == b.organizer && a.attendees == b.attendees;
}

// Some of what is shown is said to be known: by its name, so that it is the same at every turn.
std::vector<std::optional<EventVersion>> KnowSome(absl::Span<const VersionView> shown) {
  std::vector<std::optional<EventVersion>> known;
  for (const VersionView& version : shown) {
    const bool knows = !version.etag.empty() && version.id.back() % 2 == 0;
    known.push_back(knows ? std::optional<EventVersion>({EventId(version.id), Etag(version.etag)}) : std::nullopt);
  }
  return known;
}

// `read` must be `plain` but for rows that are left unread, each in its place.
std::string DifferenceOf(const EventsPage& plain, const EventsPage& read) {
  const bool same_head = plain.access_role == read.access_role && plain.time_zone == read.time_zone &&
                         plain.updated == read.updated && plain.next_page_token == read.next_page_token &&
                         plain.next_sync_token == read.next_sync_token;
  if (!same_head) return "the page's own members are read otherwise";
  auto unread = read.unread.begin();
  auto item = read.items.begin();
  for (const EventPtr& event : plain.items) {
    const auto place = static_cast<size_t>(item - read.items.begin());
    const bool named = unread != read.unread.end() && unread->place == place && unread->version.id == event->id;
    if (named && unread->version.etag == event->etag && !event->IsCancelled()) {
      ++unread;
    } else if (item != read.items.end() && AreSame(**item, *event)) {
      ++item;
    } else {
      return absl::StrCat("event ", event->id.text(), " is neither left unread nor read");
    }
  }
  return unread == read.unread.end() && item == read.items.end() ? "" : "more is read than there is";
}

std::string DifferenceOfReading(absl::string_view body, const absl::StatusOr<EventsPage>& plain) {
  const absl::StatusOr<EventsPage> read = ReadEventsPage(body, KnowSome);
  if (plain.status() != read.status()) return absl::StrCat("read as far as needed: ", read.status().message());
  return plain.ok() ? DifferenceOf(*plain, *read) : "";
}

}  // namespace

TwoPaths TakeBothPaths(const Knowledge& knowledge, CalendarKey calendar, absl::string_view page) {
  TwoPaths result;
  const absl::StatusOr<EventsPage> plain = ReadEventsPage(page);
  // The bytes end where they end: a scan that looks further is seen by the sanitizers.
  const std::vector<char> bytes(page.begin(), page.end());
  const absl::string_view body(bytes.data(), bytes.size());
  result.difference = DifferenceOfReading(body, plain);
  if (!result.difference.empty()) return result;
  for (const PageScan::Texts texts : {PageScan::Texts::kRead, PageScan::Texts::kLeftOut}) {
    if (texts == PageScan::Texts::kLeftOut && HeedsMarks(knowledge.config.policy)) continue;
    PageScan scan;
    if (!scan.Read(body, texts)) continue;
    result.vouched = true;
    if (!plain.ok()) {
      result.difference = absl::StrCat("scanned, but not read: ", plain.status().message());
      return result;
    }
    result.events = scan.events().size();
    result.decoded = scan.decoded();
    result.difference = DifferenceOf(knowledge, calendar, *plain, scan, texts);
    if (!result.difference.empty()) return result;
  }
  return result;
}

}  // namespace calsync::adapter
