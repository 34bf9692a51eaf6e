#include "fakegoogle/http/knobs_json.h"

#include <gtest/gtest.h>

#include "fakegoogle/http/testing/front_desk.h"

namespace calsync::fake {
namespace {

TEST(Knobs, GoThereAndBack) {
  Knobs knobs;
  knobs.any_property_matches = true;
  knobs.window_under_token = Knobs::Window::kOnlyTimeMax;
  knobs.revive_within = absl::Hours(3);
  knobs.units_per_minute_per_account = 600;
  const Json json = KnobsToJson(knobs);
  Knobs read;
  ASSERT_TRUE(ReadKnobs(json, read).ok());
  EXPECT_EQ(KnobsToJson(read), json);
  EXPECT_EQ(read.window_under_token, Knobs::Window::kOnlyTimeMax);
  EXPECT_EQ(read.revive_within, absl::Hours(3));
  Knobs defaults;
  ASSERT_TRUE(ReadKnobs(KnobsToJson(Knobs()), defaults).ok());  // "inf" too.
  EXPECT_EQ(defaults.revive_within, absl::InfiniteDuration());
}

TEST(Knobs, NothingIsSetIfOneIsWrong) {
  Knobs knobs;
  EXPECT_EQ(ReadKnobs({{"pageSize", 3}, {"listLag", "soon"}}, knobs).message(),
            "\"listLag\" is a duration, as \"90m\" or \"inf\"");
  EXPECT_EQ(knobs.page_size, 0);
  EXPECT_EQ(ReadKnobs({{"nothing", 3}}, knobs).message(), "there is no knob \"nothing\"");
  for (const Json& bad : {Json{{"pageSize", -1}}, Json{{"pageSize", "1"}}, Json{{"tombstone", "none"}}, Json{{"purgedIs410", 1}},
                          Json{{"serverIdLength", 4}}, Json{{"listLag", "-1s"}}, Json::array()}) {
    EXPECT_FALSE(ReadKnobs(bad, knobs).ok()) << bad;
  }
}

TEST(Knobs, AreTurnedWhileItRuns) {
  FrontDesk desk;
  desk.Control("knobs", {{"pageSize", 1}, {"tombstone", "details"}});
  EXPECT_EQ(desk.last.status, 200) << desk.last.body;
  desk.Insert(AnEventJson("One"));
  desk.Insert(AnEventJson("Two"));
  EXPECT_EQ(desk.Get("calendars/primary/events")["items"].size(), 1U);
  EXPECT_EQ(desk.Ask("knobs")["pageSize"], 1);
  desk.Control("knobs", {{"pageSize", "many"}});
  EXPECT_EQ(desk.last.status, 400);
  desk.Control("reset", Json::object());
  EXPECT_EQ(desk.Ask("knobs")["pageSize"], 0);
  EXPECT_EQ(desk.Ask("knobs")["webhooksNeedHttps"], false);
}

}  // namespace
}  // namespace calsync::fake
