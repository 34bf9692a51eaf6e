#include "tools/group_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calsync::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(GroupList, HasARowForEachCalendar) {
  const GroupList list = ReadGroupList("people.csv",
                                       "\xef\xbb\xbfgroup,account,calendar,name,direction\r\n"
                                       "# of the first floor\n"
                                       "ann,ann@example.org,,Work,\n"
                                       "ann, ann@example.org ,7k2@group.calendar.google.com,\"Home, \"\"sweet\"\"\",target\n"
                                       "\n"
                                       "bob,bob@example.org,primary\n");
  ASSERT_THAT(list.problems, IsEmpty());
  ASSERT_EQ(list.groups.size(), 2u);
  EXPECT_EQ(list.groups[0].id, GroupId("ann"));
  EXPECT_EQ(list.groups[0].row, 3u);
  ASSERT_EQ(list.groups[0].calendars.size(), 2u);
  EXPECT_EQ(list.groups[0].calendars[0].google_id, CalendarId("ann@example.org"));
  EXPECT_EQ(list.groups[0].calendars[1].name, "Home, \"sweet\"");
  EXPECT_EQ(list.groups[0].calendars[1].account, AccountId("ann@example.org"));
  EXPECT_EQ(list.groups[0].calendars[1].flow, adapter::Flow::kTarget);
  EXPECT_EQ(list.groups[1].calendars[0].google_id, CalendarId("bob@example.org"));
}

TEST(GroupList, SaysOfEveryRowWhatIsWrongWithIt) {
  const GroupList list = ReadGroupList("people.csv",
                                       "account,group,direction\n"
                                       "ann@example.org,Ann\n"
                                       "ann,ann\n"
                                       "ann@example.org,ann,sideways\n"
                                       "ann@example.org,ann\n"
                                       "ann@example.org,ann\n"
                                       "bob@example.org,bob\n"
                                       "ann@example.com,ann\n"
                                       "a,b,c,d\n"
                                       "\"x\n");
  EXPECT_THAT(
      list.problems,
      ElementsAre(HasSubstr("people.csv:2: the group \"Ann\""), HasSubstr("people.csv:3: the account \"ann\" is no address"),
                  HasSubstr("people.csv:4: the direction \"sideways\""), HasSubstr("people.csv:6: the calendar"),
                  HasSubstr("people.csv:8: the group \"ann\" began in row 5"), HasSubstr("people.csv:9: this row has 4 fields"),
                  HasSubstr("people.csv:10: a quote")));
}

TEST(GroupList, NeedsTheNamesOfItsColumns) {
  EXPECT_THAT(ReadGroupList("p", "group,mail\n").problems, ElementsAre(HasSubstr("p:1: there is no column \"mail\"")));
  EXPECT_THAT(ReadGroupList("p", "group\n").problems, ElementsAre(HasSubstr("\"account\"")));
  EXPECT_THAT(ReadGroupList("p", "").problems, ElementsAre(HasSubstr("no group")));
}

}  // namespace
}  // namespace calsync::tools
