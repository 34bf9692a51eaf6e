// What is known is not read, and nothing else is left out. That pages of all kinds are read as ReadEventsPage reads them:
// page_scan_test.cc and fuzz/classify_fuzz.cc, by TakeBothPaths.

#include "adapter/google/page_reader.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "adapter/google/event_json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::adapter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string PageOf(absl::string_view items) {
  return absl::StrCat(
      R"({"kind":"calendar#events","accessRole":"reader","timeZone":"Europe/Berlin","nextSyncToken":"t=","items":[)", items,
      "]}");
}

constexpr char kKnown[] = R"({"id":"known","etag":"\"2\"","summary":"Dentist"})";
constexpr char kNewer[] = R"({"id":"newer","etag":"\"3\"","summary":"Lunch"})";
constexpr char kGone[] = R"({"id":"gone","etag":"\"4\"","status":"cancelled"})";

// Knows one version, and writes down what it is asked.
struct Memory {
  std::vector<std::string> asked;
  AskKnown known = [this](absl::Span<const VersionView> shown) {
    std::vector<std::optional<EventVersion>> answers(shown.size());
    for (size_t i = 0; i < shown.size(); ++i) {
      asked.push_back(absl::StrCat(shown[i].id, " ", shown[i].etag));
      if (asked.back() == "known \"2\"") answers[i] = {EventId("known"), Etag("\"2\"")};
    }
    return answers;
  };
};

std::vector<std::string> Summaries(const EventsPage& page) {
  std::vector<std::string> summaries;
  for (const EventPtr& event : page.items) summaries.push_back(event->summary);
  return summaries;
}

TEST(PageReader, LeavesOutWhatIsKnown) {
  Memory memory;
  const auto page = ReadEventsPage(PageOf(absl::StrCat(kNewer, ",", kKnown, ",", kGone)), memory.known);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(memory.asked, ElementsAre("newer \"3\"", "known \"2\"", " ")) << "what is cancelled is no version of a live event";
  EXPECT_THAT(Summaries(*page), ElementsAre("Lunch", ""));
  ASSERT_EQ(page->unread.size(), 1u);
  EXPECT_EQ(page->unread[0].place, 1u);
  EXPECT_EQ(page->unread[0].version.id, EventId("known"));
  EXPECT_EQ(page->access_role, AccessRole::kReader);
  EXPECT_EQ(page->time_zone, "Europe/Berlin");
  EXPECT_EQ(page->next_sync_token, SyncToken("t="));
  EXPECT_EQ(page->next_page_token, std::nullopt);
}

TEST(PageReader, ReadsAllIfNothingIsKnown) {
  Memory memory;
  const auto page = ReadEventsPage(PageOf(kNewer), memory.known);
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(Summaries(*page), ElementsAre("Lunch"));
  EXPECT_THAT(page->unread, IsEmpty());
  const auto unasked = ReadEventsPage(PageOf(kKnown), AskKnown());
  ASSERT_TRUE(unasked.ok());
  EXPECT_THAT(Summaries(*unasked), ElementsAre("Dentist"));
}

TEST(PageReader, AsksForNoEtagThatItCannotTell) {
  Memory memory;
  const std::string page = PageOf(R"({"id":"known","etag":"2"},{"id":"known","etag":"\"2\\\""},{"id":"known"})");
  ASSERT_TRUE(ReadEventsPage(page, memory.known).ok());
  EXPECT_THAT(memory.asked, ElementsAre(" ", " ", " "));
}

TEST(PageReader, SaysOfWhatIsNoPageWhatThePlainPathSays) {
  Memory memory;
  const std::string page = PageOf(absl::StrCat(kKnown, R"(,{"id":"","summary":"\u00fc"})"));
  EXPECT_EQ(ReadEventsPage(page, memory.known).status(), ReadEventsPage(page).status());
  EXPECT_TRUE(absl::IsDataLoss(ReadEventsPage(page, memory.known).status()));
  EXPECT_TRUE(absl::IsDataLoss(ReadEventsPage(absl::string_view(), memory.known).status())) << "of no bytes at all";
}

}  // namespace
}  // namespace calsync::adapter
