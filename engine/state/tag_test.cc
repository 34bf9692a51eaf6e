#include "engine/state/tag.h"

#include <gtest/gtest.h>  // Must come before RapidCheck's.
#include <rapidcheck/gtest.h>

#include <string>

#include "engine/base/uuid.h"

namespace calsync {
namespace {

const InstanceId kOurs{UuidV4From(1)}, kTheirs{UuidV4From(2)};
const GroupId kOurGroup("ann"), kTheirGroup("bob");
const CorrelationId kBlock{UuidV4From(3)}, kSource{UuidV4From(4)};

Tags OurTags() { return Tags(kOurs, kOurGroup); }

PropertyMap BlockProperties(const Tags& tags) { return tags.ForBlock(kBlock, kSource); }
PropertyMap UserProperties(const Tags& tags) { return {{tags.user_key(), tags.UserValue(kSource)}}; }

TEST(Tags, OfABlockAreReadBack) {
  const TagReading reading = OurTags().Read(BlockProperties(OurTags()));
  EXPECT_EQ(reading.verdict, TagVerdict::kOurBlock);
  EXPECT_EQ(reading.correlation_id, kBlock);
  EXPECT_TRUE(OurTags().HasBlockTag(BlockProperties(OurTags()), kBlock, kSource));
}

TEST(Tags, OfAUserEventAreReadBack) {
  const TagReading reading = OurTags().Read(UserProperties(OurTags()));
  EXPECT_EQ(reading.verdict, TagVerdict::kOurUserEvent);
  EXPECT_EQ(reading.correlation_id, kSource);
}

TEST(Tags, FitIntoWhatGoogleKeeps) {  // C-10, S-4
  const auto expect_fits = [](const PropertyMap& properties) {
    for (const auto& [key, value] : properties) {
      EXPECT_LE(key.size(), 44u) << key;
      EXPECT_LE(value.size(), 1024u) << key;
    }
  };
  const Tags long_name(kOurs, GroupId(std::string(5000, 'g')));
  expect_fits(BlockProperties(long_name));
  expect_fits(UserProperties(long_name));
  EXPECT_EQ(BlockProperties(OurTags()).size(), 5u);
  EXPECT_EQ(OurTags().user_key().size(), std::string("calsync.12345678").size());
}

TEST(Tags, OfOtherInstancesAndGroupsAreToldApart) {  // L10
  EXPECT_EQ(OurTags().Read(BlockProperties(Tags(kTheirs, kOurGroup))).verdict, TagVerdict::kForeignBlock);
  EXPECT_EQ(OurTags().Read(UserProperties(Tags(kTheirs, kOurGroup))).verdict, TagVerdict::kForeignUser);
  EXPECT_EQ(OurTags().Read(UserProperties(Tags(kOurs, kTheirGroup))).verdict, TagVerdict::kForeignUser);
  EXPECT_NE(Tags(kOurs, kTheirGroup).user_key(), OurTags().user_key());
  EXPECT_NE(Tags(kTheirs, kOurGroup).user_key(), OurTags().user_key());
}

TEST(Tags, OfTwoInstancesOnOneEventAreBothRead) {
  PropertyMap both = UserProperties(OurTags());
  both.merge(UserProperties(Tags(kTheirs, kOurGroup)));
  EXPECT_EQ(OurTags().Read(both).verdict, TagVerdict::kOurUserEvent);
  EXPECT_EQ(Tags(kTheirs, kOurGroup).Read(both).verdict, TagVerdict::kOurUserEvent);
}

TEST(Tags, ThatCannotBeReadAreStillTags) {
  const std::string uuid = FormatUuid(kSource.value);
  const struct {
    const char* name;
    PropertyMap properties;
    TagVerdict want;
  } kRows[] = {
      {"nothing", {}, TagVerdict::kNone},
      {"other people's keys", {{"zoom", "1"}, {"calsyn", "1"}, {"xcalsync_id", uuid}}, TagVerdict::kNone},
      {"a block key alone", {{"calsync_id", uuid}}, TagVerdict::kOurBlock},
      {"a block key without value", {{"calsync_id", ""}}, TagVerdict::kOurBlock},
      {"an unknown block key", {{"calsync_future", "?"}}, TagVerdict::kOurBlock},
      {"a broken instance", {{"calsync_instance", "not a uuid"}}, TagVerdict::kOurBlock},
      {"another instance alone", {{"calsync_instance", FormatUuid(kTheirs.value)}}, TagVerdict::kForeignBlock},
      {"our key, no value", {{OurTags().user_key(), ""}}, TagVerdict::kUnreadableUser},
      {"our key, cut value", {{OurTags().user_key(), "1:user_event:" + uuid.substr(0, 30)}}, TagVerdict::kUnreadableUser},
      {"our key, another version", {{OurTags().user_key(), "2:user_event:" + uuid}}, TagVerdict::kUnreadableUser},
      {"our key, no correlation id", {{OurTags().user_key(), "1:user_event:" + FormatUuid(0)}}, TagVerdict::kUnreadableUser},
      {"a key of the same form", {{"calsync.00000000", "1:user_event:" + uuid}}, TagVerdict::kForeignUser},
  };
  for (const auto& row : kRows) EXPECT_EQ(OurTags().Read(row.properties).verdict, row.want) << row.name;
}

TEST(Tags, ABlockTagSpeaksBeforeAUserTag) {  // A block that a mirroring program tagged as well is never a source (L1).
  PropertyMap both = BlockProperties(OurTags());
  both.merge(UserProperties(OurTags()));
  EXPECT_EQ(OurTags().Read(both).verdict, TagVerdict::kOurBlock);
}

TEST(Tags, ABlockTagIsWholeOrItIsWrittenAgain) {
  const PropertyMap whole = BlockProperties(OurTags());
  for (const auto& [key, value] : whole) {
    PropertyMap without = whole;
    without.erase(key);
    EXPECT_FALSE(OurTags().HasBlockTag(without, kBlock, kSource)) << key;
    PropertyMap changed = whole;
    changed[key] += "x";
    EXPECT_FALSE(OurTags().HasBlockTag(changed, kBlock, kSource)) << key;
  }
  PropertyMap more = whole;
  more["zoom"] = "1";
  EXPECT_TRUE(OurTags().HasBlockTag(more, kBlock, kSource));
}

RC_GTEST_PROP(Tags, AnyPropertiesAreRead, ()) {
  const auto keys = rc::gen::element<std::string>("calsync_id", "calsync_instance", "calsync_type", "calsync.00000000", "zoom",
                                                  OurTags().user_key());
  const auto values = rc::gen::element<std::string>("", "busy_block", FormatUuid(kOurs.value), FormatUuid(kTheirs.value),
                                                    OurTags().UserValue(kSource), "1:user_event:");
  const auto properties = *rc::gen::container<PropertyMap>(keys, values);
  const TagReading reading = OurTags().Read(properties);
  RC_ASSERT((reading.verdict == TagVerdict::kOurUserEvent) <= reading.correlation_id.has_value());
  RC_ASSERT((reading.verdict == TagVerdict::kNone) <= !reading.correlation_id.has_value());
}

}  // namespace
}  // namespace calsync
