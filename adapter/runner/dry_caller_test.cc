#include "adapter/runner/dry_caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace calsync::adapter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const AccountId kAccount("ann");
const CalendarId kCalendar("home");

// Answers reads with one event, and says what reached it.
class Reads final : public Caller {
 public:
  void Send(const AccountId&, std::shared_ptr<const Request> request, Answered answered, Questions) override {
    reached.push_back(request->index());
    auto event = std::make_shared<Event>();
    event->id = EventId("e1");
    event->summary = "Busy";
    answered(EventPtr(std::move(event)));
  }
  std::vector<size_t> reached;
};

class DryCallerTest : public ::testing::Test {
 protected:
  Reply Call(Request request) {
    Reply got;
    caller_.Send(kAccount, std::make_shared<const Request>(std::move(request)), [&](Reply reply) { got = std::move(reply); }, {});
    loop_.Run();
    return got;
  }

  http::Loop loop_;
  Reads reads_;
  std::vector<std::string> told_;
  DryCaller caller_{loop_, reads_, [] { return absl::UnixEpoch(); },
                    [this](const Request& write, const Event* before) {
                      told_.push_back(absl::StrCat(write.index(), before == nullptr ? "" : absl::StrCat(" ", before->summary)));
                    }};
};

TEST_F(DryCallerTest, NoWriteLeavesAndEachIsToldAndAnswered) {
  Event event;
  event.id = EventId("cs1");
  event.summary = "Busy";
  const Reply inserted = Call(InsertEvent{kCalendar, event});
  ASSERT_TRUE(std::holds_alternative<EventPtr>(inserted));
  EXPECT_FALSE(std::get<EventPtr>(inserted)->etag.empty());
  EventPatch patch;
  patch.summary = "Other";
  EXPECT_EQ(std::get<EventPtr>(Call(PatchEvent{kCalendar, EventId("cs1"), patch}))->summary, "Other");
  EXPECT_TRUE(std::holds_alternative<NoContent>(Call(DeleteEvent{kCalendar, EventId("cs1")})));
  EXPECT_EQ(std::get<ApiError>(Call(DeleteEvent{kCalendar, EventId("cs1")})).code, 410);
  EXPECT_EQ(std::get<ApiError>(Call(GetEvent{kCalendar, EventId("cs1")})).code, 404);
  EXPECT_TRUE(std::holds_alternative<ApiError>(Call(WatchEvents{kCalendar})));
  EXPECT_TRUE(std::holds_alternative<ApiError>(Call(ImportEvent{kCalendar, event})));
  EXPECT_THAT(reads_.reached, IsEmpty());
  EXPECT_THAT(told_, ElementsAre("2", "3 Busy", "5 Other"));
}

TEST_F(DryCallerTest, AChangeOfWhatIsThereReadsItFirst) {
  EventPatch patch;
  patch.summary = "Other";
  EXPECT_EQ(std::get<EventPtr>(Call(PatchEvent{kCalendar, EventId("e1"), patch}))->summary, "Other");
  EXPECT_THAT(reads_.reached, ElementsAre(Request(GetEvent()).index()));
  EXPECT_THAT(told_, ElementsAre("3 Busy"));
}

}  // namespace
}  // namespace calsync::adapter
