#include "adapter/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"

namespace calsync::adapter {
namespace {

using ::testing::HasSubstr;

constexpr char kHead[] = "instance = \"6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49\"\n";
constexpr char kGroupOfAnn[] = R"(
[[group]]
name = "ann"
[group.policy]
title = "Busy - {summary}"
poll = "90s"
horizon_ahead = "365d"
hours = { from = "08:00", to = "18:30", days = "mon-fri" }
[[group.calendar]]
key = "00000000000000a1"
account = "ann@example.org"
id = "ann@example.org"
name = "Work"
[[group.calendar]]
key = "00000000000000a2"
account = "ann@example.com"
id = "home@group.calendar.google.com"
name = "Home"
state = "disabled"
direction = "source"
[[group.direction]]
from = "Work"
to = "Home"
title = "Office"
)";

std::string ErrorOf(const std::string& text) {
  const auto read = ParseSettings("calsync.toml", text);
  return read.ok() ? "" : std::string(read.status().message());
}

TEST(Settings, SayWhatIsLinkedAndHow) {
  const auto settings = ParseSettings("/etc/calsync/calsync.toml", absl::StrCat(kHead, "state = \"../lib\"\n", kGroupOfAnn));
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->state_folder, "/etc/lib");
  const GroupSettings* const ann = settings->Find(GroupId("ann"));
  ASSERT_NE(ann, nullptr);
  EXPECT_EQ(ann->policy.title_template, "Busy - {summary}");
  EXPECT_EQ(ann->policy.poll_interval, absl::Seconds(90));
  EXPECT_EQ(ann->policy.horizon_ahead, absl::Hours(24 * 365));
  EXPECT_EQ(ann->policy.hours, (Hours{.from = 8 * 60, .to = 18 * 60 + 30, .days = 0x1f}));
  ASSERT_EQ(ann->calendars.size(), 2u);
  EXPECT_EQ(ann->calendars[1].key, CalendarKey(0xa2));
  EXPECT_EQ(ann->calendars[1].state, LinkState::kDisabled);
}

TEST(Settings, FlowsBecomeDirections) {
  const auto settings = ParseSettings("calsync.toml", absl::StrCat(kHead, kGroupOfAnn));
  ASSERT_TRUE(settings.ok()) << settings.status();
  const GroupConfig config = ConfigOf(settings->groups[0], settings->instance, {{1, 2}});
  EXPECT_EQ(config.Problem(), "");
  const DirectionPolicy& to_home = config.PolicyFor(CalendarKey(0xa1), CalendarKey(0xa2));
  EXPECT_EQ(to_home.title_template, "Office");
  EXPECT_FALSE(to_home.mirrors) << "Home is a source alone";
  EXPECT_TRUE(config.PolicyFor(CalendarKey(0xa2), CalendarKey(0xa1)).mirrors);
}

TEST(Settings, AMoveIsRolledOutToAStableShareOfGroups) {
  const auto groups_on = [&](int share, absl::string_view policy = "") {
    std::string text = absl::StrCat(kHead, "[rollout]\ndetection = \"uuid\"\notherwise = \"hybrid\"\nshare = ", share, "\n");
    for (int i = 0; i < 200; ++i) absl::StrAppend(&text, "[[group]]\nname = \"g", i, "\"\n", policy);
    const auto settings = ParseSettings("calsync.toml", text);
    EXPECT_TRUE(settings.ok()) << settings.status();
    std::set<std::string> on;
    for (const GroupSettings& group : settings->groups) {
      if (group.policy.detection == Detection::kUuid) on.insert(group.id.str());
    }
    return on;
  };
  EXPECT_EQ(groups_on(0).size(), 0u);
  EXPECT_EQ(groups_on(100).size(), 200u);
  const std::set<std::string> some = groups_on(25), more = groups_on(60);
  EXPECT_NEAR(static_cast<double>(some.size()), 50, 20);
  EXPECT_TRUE(std::includes(more.begin(), more.end(), some.begin(), some.end()));  // Nobody is switched back.
  EXPECT_EQ(some.count("g3"), groups_on(25).count("g3"));
  EXPECT_EQ(groups_on(100, "[group.policy]\ndetection = \"text\"\n").size(), 0u) << "a group's own word stands";
}

TEST(Settings, MarksOfAnotherSystemAreChosen) {
  const auto settings =
      ParseSettings("calsync.toml", absl::StrCat(kHead,
                                                 "[[group]]\nname = \"ann\"\n[group.policy]\n"
                                                 "detection = \"hybrid\"\ncompare_detection = true\n"
                                                 "legacy_titles = [\"[sync] {summary}\"]\nlegacy_descriptions = []\n"));
  ASSERT_TRUE(settings.ok()) << settings.status();
  const Policy& policy = settings->groups[0].policy;
  EXPECT_EQ(policy.detection, Detection::kHybrid);
  EXPECT_TRUE(policy.compare_detection);
  EXPECT_EQ(policy.legacy, (LegacyMarks{{"[sync] {summary}"}, {}}));
  EXPECT_NE(ErrorOf(absl::StrCat(kHead, "[[group]]\nname = \"ann\"\n[group.policy]\nlegacy_titles = [\"{summary}\"]\n"))
                .find("says nothing"),
            std::string::npos);
  EXPECT_NE(ErrorOf(absl::StrCat(kHead, "[rollout]\ndetection = \"uuid\"\nshare = 5\n")).find("otherwise"), std::string::npos);
}

TEST(Settings, TheDatabaseMayBeOnPostgresButNoPasswordIsWithIt) {
  const std::string with = "store = \"postgres://calsync@db.example.org:5432/calsync?sslmode=verify-full\"\n";
  const auto settings = ParseSettings("calsync.toml", absl::StrCat(kHead, with));
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->store, "postgres://calsync@db.example.org:5432/calsync?sslmode=verify-full");
  EXPECT_EQ(ParseSettings("calsync.toml", kHead)->store, "");
  for (const char* const secret : {"postgres://ann:hush@db/calsync", "postgresql://db/calsync?password=hush"}) {
    const std::string error = ErrorOf(absl::StrCat(kHead, "store = \"", secret, "\"\n"));
    EXPECT_NE(error.find(".pgpass"), std::string::npos) << error;
    EXPECT_EQ(error.find("hush"), std::string::npos) << error;
  }
  EXPECT_NE(ErrorOf(absl::StrCat(kHead, "store = \"mysql://db/calsync\"\n")).find("postgres://"), std::string::npos);
}

TEST(Settings, WhatIsWrongIsSaidWithItsLine) {
  const struct {
    const char* text;
    const char* want;
  } kRows[] = {
      {"instance = ", "calsync.toml:1: this is not TOML"},
      {"instance = \"x\"", "calsync.toml:1: instance takes the UUID"},
      {"instance = \"6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49\"\n[goggle]\n", "there is no key \"goggle\" here; \"google\" is one"},
      {"instance = \"6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49\"\n\n[[group]]\nname = \"Ann\"\n", "calsync.toml:4: group: name takes"},
      {"instance = \"6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49\"\n[[group]]\nname = \"a\"\n[group.policy]\npoll = \"0s\"\n",
       "calsync.toml:5: policy: poll takes a duration of at least 1s"},
      {"instance = \"6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49\"\n[[group]]\nname = \"a\"\n[group.policy]\nvisibility = \"no\"\n",
       "calsync.toml:5: policy: visibility is one of \"default\", \"public\", \"private\", not \"no\""},
      {"instance = \"6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49\"\n[[group]]\nname = \"a\"\n[[group.calendar]]\nkey = \"1\"\n",
       "calsync.toml:5: calendar: key takes the 16 hexadecimal digits"},
      {"instance = \"6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49\"\n[[group]]\nname = \"a\"\n[group.policy.hours]\nto = \"25:00\"\n",
       "calsync.toml:5: hours: to takes a time of day"},
      {"instance = \"6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49\"\n[policy.hours]\nto = \"71582788:32\"\n",
       "calsync.toml:3: hours: to takes a time of day"},
      {"instance = \"6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49\"\n[policy]\npoll = \"inf\"\n",
       "calsync.toml:3: policy: poll takes a duration of at most 36500d, as"},
      {"instance = \"6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49\"\n[policy]\nhorizon_ahead = \"nand\"\n",
       "calsync.toml:3: policy: horizon_ahead takes a duration, as"},
      {"instance = \"6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49\"\n[[group]]\nname = \"a\"\n[[group.direction]]\nfrom = \"x\"\n",
       "calsync.toml:5: direction: from takes the name of a calendar of this group; \"x\" is none"},
      {"instance = \"6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49\"\n[webhook]\nlisten = \"127.0.0.1:1\"\n",
       "calsync.toml:3: webhook: listen needs \"address\""},
  };
  for (const auto& row : kRows) EXPECT_THAT(ErrorOf(row.text), HasSubstr(row.want)) << row.text;
}

TEST(Settings, TheSameCalendarTwiceIsAMistake) {
  std::string twice = absl::StrCat(kHead, kGroupOfAnn);
  twice += "[[group.calendar]]\nkey = \"00000000000000a3\"\naccount = \"x\"\nid = \"ann@example.org\"\nname = \"Again\"\n";
  EXPECT_THAT(ErrorOf(twice), HasSubstr("\"ann@example.org\" is linked twice"));
}

TEST(Settings, GroupsThatMirrorTheSameWayAreFound) {
  const auto group = [](const char* name, const char* first, const char* second, const char* of_second = "") {
    return absl::StrCat(
        "[[group]]\nname = \"", name, "\"\n[[group.calendar]]\nkey = \"00000000000000a1\"\naccount = \"x\"\nid = \"", first,
        "\"\n[[group.calendar]]\nkey = \"00000000000000a2\"\naccount = \"x\"\nid = \"", second, "\"\n", of_second);
  };
  const auto found = [&](const std::string& other) {
    const auto settings = ParseSettings("calsync.toml", absl::StrCat(kHead, group("bob", "work", "home"), other));
    EXPECT_TRUE(settings.ok()) << settings.status();
    std::string all;
    for (const Overlap& overlap : OverlapsOf(*settings)) absl::StrAppend(&all, FormatOverlap(overlap), "\n");
    return all;
  };
  EXPECT_THAT(found(group("dup", "home", "work")), HasSubstr("the groups \"bob\" and \"dup\" both link home and work"));
  EXPECT_THAT(found(group("dup", "home", "work", "direction = \"target\"\n")), HasSubstr("both link home and work"));
  EXPECT_EQ(found(group("dup", "home", "work", "state = \"disabled\"\n")), "");
  EXPECT_EQ(found(group("hub", "home", "club")), "") << "one calendar of both gets the blocks of either";
  EXPECT_EQ(found(""), "");
}

TEST(Settings, AMissingFileSaysHowToMakeOne) {
  const auto read = ReadSettings("/nowhere/calsync.toml");
  EXPECT_EQ(read.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("calsync init"));
}

TEST(Settings, AFolderOrAnEndlessDeviceIsNoFile) {
  EXPECT_THAT(std::string(ReadSettings("/tmp").status().message()), HasSubstr("it is a folder"));
  EXPECT_THAT(std::string(ReadSettings("/dev/zero").status().message()), HasSubstr("larger than"));
}

}  // namespace
}  // namespace calsync::adapter
