#include "adapter/config/edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace calsync::adapter {
namespace {

using ::testing::HasSubstr;

constexpr char kText[] = R"(# Mine.
instance = "6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49"

[[group]]
name = "ann"
[[group.calendar]]
key = "00000000000000a1"  # Do not touch.
account = "ann@example.org"
id = "ann@example.org"
name = "Müll"   # Umlauts before a comment.
state = "enabled"

[[group]]
name = "bob"
)";

Settings Read(const absl::StatusOr<std::string>& text) {
  EXPECT_TRUE(text.ok()) << text.status();
  const auto settings = ParseSettings("calsync.toml", text.value());
  EXPECT_TRUE(settings.ok()) << settings.status() << "\n" << *text;
  return settings.value();
}

TEST(Edit, ReplacesAValueAndNothingElse) {
  const auto text = SetInCalendar(kText, GroupId("ann"), CalendarKey(0xa1), "name", Quoted("Ab\"fall"));
  EXPECT_EQ(Read(text).groups[0].calendars[0].name, "Ab\"fall");
  EXPECT_THAT(*text, HasSubstr("name = \"Ab\\\"fall\"   # Umlauts before a comment."));
  EXPECT_THAT(*text, HasSubstr("# Mine.\n"));
}

TEST(Edit, WritesAKeyThatWasNotThere) {
  EXPECT_TRUE(Read(SetInGroup(kText, GroupId("bob"), "paused", TomlFlag(true))).groups[1].paused);
  const auto text = SetInCalendar(kText, GroupId("ann"), CalendarKey(0xa1), "direction", Quoted("source"));
  EXPECT_EQ(Read(text).groups[0].calendars[0].flow, Flow::kSource);
}

TEST(Edit, AddsACalendarToItsGroup) {
  CalendarSettings calendar{.key = CalendarKey(0xb2),
                            .account = AccountId("ann@example.com"),
                            .google_id = CalendarId("home"),
                            .name = "Home",
                            .flow = Flow::kTarget};
  const auto first = AddCalendar(kText, GroupId("ann"), calendar);
  Settings settings = Read(first);
  ASSERT_EQ(settings.groups[0].calendars.size(), 2u);
  EXPECT_EQ(settings.groups[0].calendars[1].name, "Home");
  EXPECT_EQ(settings.groups[0].calendars[1].flow, Flow::kTarget);
  calendar.key = CalendarKey(0xb3);
  settings = Read(AddCalendar(*first, GroupId("bob"), calendar));
  ASSERT_EQ(settings.groups[1].calendars.size(), 1u);
  EXPECT_EQ(settings.groups[1].calendars[0].key, CalendarKey(0xb3));
}

TEST(Edit, AddsAGroup) {
  const Settings settings = Read(AddGroup(kText, GroupId("cleo")));
  EXPECT_NE(settings.Find(GroupId("cleo")), nullptr);
}

TEST(Edit, TakesOutAGroupAndNothingElse) {
  const std::string more = absl::StrCat(kText, "\n# Of Cleo.\n[[group]]\nname = \"cleo\"\n[group.policy]\npoll = \"1m\"\n");
  const auto without_bob = RemoveGroup(more, GroupId("bob"));
  const Settings settings = Read(without_bob);
  EXPECT_EQ(settings.Find(GroupId("bob")), nullptr);
  EXPECT_NE(settings.Find(GroupId("ann")), nullptr);
  EXPECT_EQ(settings.Find(GroupId("cleo"))->policy.poll_interval, absl::Minutes(1));
  EXPECT_NE(without_bob->find("# Of Cleo."), std::string::npos);
  const Settings last = Read(RemoveGroup(*without_bob, GroupId("cleo")));
  EXPECT_EQ(last.groups.size(), 1u);
  EXPECT_EQ(RemoveGroup(more, GroupId("eve")).status().code(), absl::StatusCode::kNotFound);
}

TEST(Edit, SaysWhatIsNotThere) {
  EXPECT_EQ(SetInGroup(kText, GroupId("eve"), "paused", "true").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(SetInCalendar(kText, GroupId("ann"), CalendarKey(1), "name", "1").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(SetInGroup("x =", GroupId("ann"), "paused", "true").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace calsync::adapter
