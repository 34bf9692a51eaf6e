#include "adapter/config/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "adapter/config/tight_file.h"
#include "adapter/store/testing/scratch_directory.h"

namespace calsync::adapter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const GroupId kAnn("ann");
const GroupId kBob("bob");

std::string GroupText(const std::string& name, const std::string& more = "") {
  return absl::StrCat("[[group]]\nname = \"", name, "\"\n", more, "[[group.calendar]]\nkey = \"00000000000000a1\"\naccount = \"",
                      name, "@example.org\"\nid = \"", name, "@example.org\"\n");
}

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest() {
    WriteSettings("");
    EXPECT_TRUE(MakeFolder(RegistryFolder(file_)).ok());
  }
  void WriteSettings(const std::string& more) {
    EXPECT_TRUE(WriteTightFile(
                    file_, absl::StrCat("instance = \"6f1c8e52-8f0a-4c53-9f5e-0d6f1c2b3a49\"\n[policy]\npoll = \"7m\"\n", more),
                    Existing::kReplace)
                    .ok());
  }
  void Put(const GroupId& group, const std::string& text) {
    EXPECT_TRUE(WriteTightFile(RegistryFile(file_, group), text, Existing::kReplace).ok());
  }
  Settings Read() {
    absl::StatusOr<Settings> settings = ReadSettings(file_);
    EXPECT_TRUE(settings.ok()) << settings.status();
    return *std::move(settings);
  }

  ScratchDirectory scratch_;
  std::string file_ = scratch_.File("calsync.toml");
};

TEST_F(RegistryTest, GroupsOfBothPlacesAreKnownByNameAndHaveWhatHoldsForAll) {
  WriteSettings(GroupText("carol"));
  Put(kBob, GroupText("bob", "delegate = \"robot@project.example\"\n[group.policy]\npoll = \"1m\"\n"));
  Put(kAnn, GroupText("ann"));
  const Settings settings = Read();
  ASSERT_EQ(settings.groups.size(), 3u);
  EXPECT_THAT(settings.broken, IsEmpty());
  EXPECT_EQ(settings.groups[0].id, kAnn);
  EXPECT_EQ(settings.Find(kAnn)->policy.poll_interval, absl::Minutes(7));
  EXPECT_TRUE(settings.Find(kAnn)->in_registry);
  EXPECT_EQ(settings.Find(kBob)->policy.poll_interval, absl::Minutes(1));
  EXPECT_EQ(settings.Find(kBob)->delegate, "robot@project.example");
  EXPECT_FALSE(settings.Find(GroupId("carol"))->in_registry);
  EXPECT_EQ(settings.Find(GroupId("dave")), nullptr);
}

TEST_F(RegistryTest, AFileThatIsWrongStopsNoOtherGroup) {  // L10
  WriteSettings(GroupText("carol"));
  Put(kAnn, GroupText("ann", "pausd = true\n"));
  Put(kBob, GroupText("bob"));
  Put(GroupId("carol"), GroupText("carol"));
  Put(GroupId("dave"), GroupText("david"));
  Put(GroupId("two"), GroupText("two") + GroupText("three"));
  WriteWholeFile(RegistryFolder(file_) + "/.ann.toml.swp", "an editor's");
  const Settings settings = Read();
  EXPECT_NE(settings.Find(kBob), nullptr);
  EXPECT_EQ(settings.Find(kAnn), nullptr);
  ASSERT_EQ(settings.broken.size(), 4u);
  EXPECT_THAT(settings.broken.at(kAnn).message(),
              HasSubstr("groups/ann.toml:3: group: there is no key \"pausd\" here; \"paused\" is one"));
  EXPECT_THAT(settings.broken.at(GroupId("carol")).message(), HasSubstr("one of them has to go"));
  EXPECT_THAT(settings.broken.at(GroupId("dave")).message(), HasSubstr("must have the name \"dave\""));
  EXPECT_THAT(settings.broken.at(GroupId("two")).message(), HasSubstr("is there once"));
}

TEST_F(RegistryTest, WhoReadsAllAgainKeepsAGroupWhoseFileIsBrokenNow) {
  WriteSettings(GroupText("carol"));
  Put(kAnn, GroupText("ann", "delegate = \"robot@project.example\"\n"));
  Put(kBob, GroupText("bob"));
  const Settings before = Read();
  WriteSettings("");
  Put(kAnn, GroupText("ann", "pausd = true\n"));
  ASSERT_EQ(std::remove(RegistryFile(file_, kBob).c_str()), 0);
  Put(GroupId("carol"), GroupText("carol", "pausd = true\n"));  // On its way from the settings to the registry.
  Put(GroupId("dave"), GroupText("dave", "pausd = true\n"));
  Settings after = Read();
  after.KeepBroken(before);
  ASSERT_NE(after.Find(kAnn), nullptr);
  EXPECT_EQ(after.Find(kAnn)->delegate, "robot@project.example");
  EXPECT_TRUE(after.broken.contains(kAnn)) << "it is told all the same";
  EXPECT_EQ(after.Find(kBob), nullptr) << "it was taken out";
  EXPECT_EQ(after.Find(GroupId("dave")), nullptr) << "nothing is known of it";
  ASSERT_NE(after.Find(GroupId("carol")), nullptr);
  const absl::StatusOr<GroupSettings> mended =
      ParseGroupFile(RegistryFile(file_, GroupId("carol")), GroupText("carol"), after.defaults);
  ASSERT_TRUE(mended.ok()) << mended.status();
  EXPECT_TRUE(after.Accept(*mended).ok()) << "one place is left";
}

TEST_F(RegistryTest, ChangesAreNoticedFileByFile) {
  Put(kAnn, GroupText("ann"));
  Put(kBob, GroupText("bob"));
  RegistryWatch watch(RegistryFolder(file_));
  EXPECT_THAT(watch.Changed(), IsEmpty());
  Put(kBob, GroupText("bob", "paused = true\n"));
  EXPECT_THAT(watch.Changed(), ElementsAre(kBob));
  EXPECT_THAT(watch.Changed(), IsEmpty());
  Put(GroupId("carol"), GroupText("carol"));
  EXPECT_THAT(watch.Changed(), ElementsAre(GroupId("carol")));
  ASSERT_EQ(std::remove(RegistryFile(file_, kAnn).c_str()), 0);
  EXPECT_THAT(watch.Changed(), ElementsAre(kAnn));
  WriteWholeFile(RegistryFile(file_, kBob), "written where it lies");
  EXPECT_THAT(watch.Changed(), ElementsAre(kBob));
}

TEST_F(RegistryTest, AFolderThatIsNotThereIsAnEmptyRegistry) {
  const ScratchDirectory empty;
  RegistryWatch watch(RegistryFolder(empty.File("calsync.toml")));
  EXPECT_THAT(watch.Changed(), IsEmpty());
}

TEST_F(RegistryTest, AFolderThatCannotBeLookedIntoIsNoEmptyRegistry) {
  Put(kAnn, GroupText("ann"));
  RegistryWatch watch(RegistryFolder(file_));
  const std::string away = scratch_.File("away");
  ASSERT_EQ(std::rename(RegistryFolder(file_).c_str(), away.c_str()), 0);
  WriteWholeFile(RegistryFolder(file_), "no folder");
  EXPECT_THAT(std::string(ReadSettings(file_).status().message()), HasSubstr("groups, where groups lie: Not a directory"));
  EXPECT_THAT(watch.Changed(), IsEmpty()) << "nobody says that a group is gone";
  ASSERT_EQ(std::remove(RegistryFolder(file_).c_str()), 0);
  ASSERT_EQ(std::rename(away.c_str(), RegistryFolder(file_).c_str()), 0);
  EXPECT_THAT(watch.Changed(), IsEmpty());
  EXPECT_EQ(Read().groups.size(), 1u);
}

}  // namespace
}  // namespace calsync::adapter
