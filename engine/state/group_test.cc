#include "engine/state/group.h"

#include <gtest/gtest.h>

#include <string>

namespace calsync {
namespace {

constexpr CalendarKey kOffice(1), kFamily(2), kClub(3);

TEST(GroupConfig, EveryDirectionHasTheGroupsPolicyUnlessItHasItsOwn) {
  GroupConfig config;
  config.policy.title_template = "Taken";
  config.EditPolicyFor(kOffice, kFamily).mirrors = false;
  EXPECT_FALSE(config.PolicyFor(kOffice, kFamily).mirrors);
  EXPECT_EQ(config.PolicyFor(kOffice, kFamily).title_template, "Taken");  // At first a copy.
  EXPECT_TRUE(config.PolicyFor(kFamily, kOffice).mirrors);                // The way back is a direction of its own.
  EXPECT_TRUE(config.PolicyFor(kOffice, kClub).mirrors);
  config.EditPolicyFor(kOffice, kFamily).title_template = "At work";
  EXPECT_EQ(config.directions.size(), 1u);
  EXPECT_EQ(config.PolicyFor(kOffice, kFamily).title_template, "At work");
  EXPECT_EQ(config.PolicyFor(kOffice, kClub).title_template, "Taken");
}

TEST(GroupConfig, SaysWhatCannotBeCarriedOut) {
  const struct {
    const char* name;
    void (*change)(GroupConfig&);
    const char* problem;
  } kRows[] = {
      {"nothing", [](GroupConfig&) {}, ""},
      {"a night", [](GroupConfig& c) { c.policy.hours = Hours{.from = 22 * 60, .to = 6 * 60}; }, ""},
      {"hours of no length", [](GroupConfig& c) { c.policy.hours = Hours{.from = 60, .to = 60}; }, "hours of no length"},
      {"hours on no day", [](GroupConfig& c) { c.policy.hours = Hours{.days = 0}; }, "hours on no day"},
      {"hours beyond a day", [](GroupConfig& c) { c.policy.hours = Hours{.to = 24 * 60 + 1}; }, "hours outside of a day"},
      {"an empty keyword", [](GroupConfig& c) { c.EditPolicyFor(kOffice, kFamily).keywords = {" "}; }, "an empty keyword"},
      {"a calendar to itself", [](GroupConfig& c) { c.EditPolicyFor(kOffice, kOffice); },
       "a direction from a calendar to itself"},
      {"a direction twice",
       [](GroupConfig& c) {
         c.directions = {{kOffice, kFamily, {}}, {kOffice, kFamily, {}}};
       },
       "two policies for a direction"},
      {"a horizon below zero", [](GroupConfig& c) { c.policy.horizon_back = -absl::Hours(1); }, "a horizon below zero"},
      {"too many keywords",
       [](GroupConfig& c) {
         for (int i = 0; i < 33; ++i) c.policy.keywords.push_back(std::string(1, static_cast<char>('!' + i)));
       },
       "33 keywords; 32 are the most"},
  };
  for (const auto& row : kRows) {
    GroupConfig config;
    row.change(config);
    EXPECT_EQ(config.Problem(), row.problem) << row.name;
  }
}

TEST(Keywords, AreThoseOfAllDirectionsEachOnce) {
  GroupConfig config;
  config.policy.keywords = {"Lunch", "hold"};
  config.EditPolicyFor(kOffice, kFamily).keywords = {"LUNCH", "Private:"};
  EXPECT_EQ(KeywordsOf(config), (std::vector<std::string>{"hold", "lunch", "private:"}));
}

TEST(Keywords, AreLookedForInWhateverCaseAndAnywhere) {
  const std::vector<std::string> keywords = {"hold", "lunch", "z\xc3\xbcrich"};
  EXPECT_EQ(KeywordsIn("Dentist", keywords), 0u);
  EXPECT_EQ(KeywordsIn("[HOLD] review", keywords), 1u);
  EXPECT_EQ(KeywordsIn("Team lunches on hold", keywords), 3u);
  EXPECT_EQ(KeywordsIn("Z\xc3\xbcrich", keywords), 4u);
  EXPECT_EQ(KeywordsIn("", keywords), 0u);
}

}  // namespace
}  // namespace calsync
