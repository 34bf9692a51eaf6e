#include "engine/state/block_id.h"

#include <gtest/gtest.h>  // Must come before RapidCheck's.
#include <rapidcheck/gtest.h>

#include <set>
#include <string>

#include "engine/base/base32hex.h"

namespace calsync {
namespace {

constexpr CalendarKey kWork(11), kHome(22), kTeam(33);
constexpr SipKey kKey{1, 2}, kNextKey{3, 4};
const GroupId kAnn("ann"), kBob("bob");

BlockIds Ids(const std::vector<SipKey>& keys = {kKey}, const GroupId& group = kAnn) { return BlockIds(keys, group); }

EventId Planned(const BlockIds& ids, uint32_t generation = 1) {
  return ids.Plan(ids.SlotOf(kWork, "e1", kHome), generation, kHome);
}

TEST(BlockIds, Have47CharactersThatGoogleAllows) {  // C-1
  const std::string id = Planned(Ids()).str();
  EXPECT_EQ(id.size(), 47u);
  EXPECT_EQ(id.substr(0, 2), "cs");
  EXPECT_TRUE(IsBase32Hex(id));
  EXPECT_TRUE(BlockIds::HasShape(id));
}

TEST(BlockIds, AreTheSameInEveryRunAndOnEveryMachine) {
  // A lost database plans the same id again, also after an upgrade: this text may never change.
  EXPECT_EQ(Planned(Ids()).str(), Planned(Ids()).str());
  EXPECT_EQ(Planned(Ids()).str(), "csjfld8enpkd4smsbrvpeq0gedg00000019kut87k14p3ti");
}

TEST(BlockIds, SayTheirSlotAndGeneration) {
  const BlockIds ids = Ids();
  const SlotHash slot = ids.SlotOf(kWork, "e1", kHome);
  for (const uint32_t generation : {1u, 2u, 255u, 256u, 0x80000000u, 0xffffffffu}) {
    const auto said = ids.Verify(ids.Plan(slot, generation, kHome).text(), kHome);
    ASSERT_TRUE(said.has_value()) << generation;
    EXPECT_EQ(*said, (CertifiedId{slot, generation}));
  }
}

TEST(BlockIds, DifferForEverySlotAndGeneration) {
  const BlockIds ids = Ids();
  std::set<std::string> all;
  for (const CalendarKey source : {kWork, kTeam}) {
    for (const char* event : {"e1", "e2", ""}) {
      for (const CalendarKey target : {kHome, CalendarKey(44)}) {
        for (const uint32_t generation : {1u, 2u})
          all.insert(ids.Plan(ids.SlotOf(source, event, target), generation, target).str());
      }
    }
  }
  EXPECT_EQ(all.size(), 2u * 3u * 2u * 2u);
}

TEST(BlockIds, VerifyOnlyForTheirTargetGroupAndInstance) {  // L1, L10
  const std::string id = Planned(Ids()).str();
  EXPECT_TRUE(Ids().Verify(id, kHome).has_value());
  EXPECT_FALSE(Ids().Verify(id, kTeam).has_value());
  EXPECT_FALSE(Ids().Verify(id, kWork).has_value());
  EXPECT_FALSE(Ids({kKey}, kBob).Verify(id, kHome).has_value());
  EXPECT_FALSE(Ids({kNextKey}).Verify(id, kHome).has_value());
}

TEST(BlockIds, AKeyRotationKeepsOldIdsAndPlansNewOnes) {
  const BlockIds before = Ids({kKey});
  const BlockIds after = Ids({kNextKey, kKey});
  EXPECT_TRUE(after.Verify(Planned(before).text(), kHome).has_value());
  EXPECT_TRUE(after.Verify(Planned(after).text(), kHome).has_value());
  EXPECT_FALSE(before.Verify(Planned(after).text(), kHome).has_value());
  // A block from before the rotation is found by its slot under the old key.
  const auto slots = after.SlotsOf(kWork, "e1", kHome);
  ASSERT_EQ(slots.size(), 2u);
  EXPECT_EQ(slots[0], after.SlotOf(kWork, "e1", kHome));
  EXPECT_EQ(slots[1], before.SlotOf(kWork, "e1", kHome));
  // Its later generations are planned in its old slot, under the new key's certificate.
  EXPECT_TRUE(after.Verify(after.Plan(slots[1], 2, kHome).text(), kHome).has_value());
}

TEST(BlockIds, WithAnyCharacterChangedAreNotOurs) {
  const BlockIds ids = Ids();
  const std::string id = Planned(ids).str();
  for (size_t i = 0; i < id.size(); ++i) {
    for (const char c : absl::string_view("0123456789abcdefghijklmnopqrstuvwxyz_-A")) {
      if (c == id[i]) continue;
      std::string changed = id;
      changed[i] = c;
      EXPECT_FALSE(ids.Verify(changed, kHome).has_value()) << "character " << i << " as " << c;
    }
  }
}

TEST(BlockIds, OfAnyOtherLengthAreNotOurs) {
  const BlockIds ids = Ids();
  const std::string id = Planned(ids).str();
  for (const std::string& text : {std::string(), std::string("cs"), id.substr(0, 46), id + "0", id + "_20260504", " " + id}) {
    EXPECT_FALSE(ids.Verify(text, kHome).has_value()) << text;
    EXPECT_FALSE(BlockIds::HasShape(text)) << text;
  }
}

TEST(BlockIds, TheShapeIsKnownWhoeverTheirMakerIs) {
  EXPECT_TRUE(BlockIds::HasShape(Planned(Ids({kNextKey}, kBob)).text()));
  EXPECT_TRUE(BlockIds::HasShape("cs" + std::string(45, '0')));
  EXPECT_FALSE(BlockIds::HasShape("ct" + std::string(45, '0')));
  EXPECT_FALSE(BlockIds::HasShape("cs" + std::string(45, 'w')));
}

TEST(BlockIds, AnAdoptionIsOfOneEventOnOneCalendar) {
  const BlockIds ids = Ids();
  const SlotHash slot = ids.SlotOf(CalendarKey(1), "e1", kHome);
  const std::string certificate = ids.AdoptionOf(slot, kHome, "old1");
  EXPECT_EQ(certificate.size(), 39u);
  EXPECT_EQ(ids.VerifyAdoption(certificate, kHome, "old1"), slot);
  EXPECT_EQ(ids.VerifyAdoption(certificate, kHome, "old2"), std::nullopt);
  EXPECT_EQ(ids.VerifyAdoption(certificate, CalendarKey(99), "old1"), std::nullopt);
  EXPECT_EQ(Ids({kNextKey}, kBob).VerifyAdoption(certificate, kHome, "old1"), std::nullopt);  // L10
  for (size_t i = 0; i < certificate.size(); ++i) {
    std::string forged = certificate;
    forged[i] = forged[i] == '0' ? '1' : '0';
    EXPECT_EQ(ids.VerifyAdoption(forged, kHome, "old1"), std::nullopt) << i;
  }
  EXPECT_EQ(ids.VerifyAdoption("", kHome, "old1"), std::nullopt);
  EXPECT_EQ(ids.VerifyAdoption(certificate + "0", kHome, "old1"), std::nullopt);
}

RC_GTEST_PROP(BlockIds, EveryPlannedIdVerifies,
              (const std::string& event, uint64_t source, uint64_t target, uint32_t generation)) {
  RC_PRE(generation > 0u);
  const BlockIds ids = Ids();
  const SlotHash slot = ids.SlotOf(CalendarKey(source), event, CalendarKey(target));
  const EventId id = ids.Plan(slot, generation, CalendarKey(target));
  RC_ASSERT(id.text().size() == 47u);
  RC_ASSERT(ids.Verify(id.text(), CalendarKey(target)) == (CertifiedId{slot, generation}));
  RC_ASSERT(!ids.Verify(id.text(), CalendarKey(target + 1)).has_value());
}

}  // namespace
}  // namespace calsync
