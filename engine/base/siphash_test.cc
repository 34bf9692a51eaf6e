#include "engine/base/siphash.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace calsync {
namespace {

// The reference vectors: key 00 01 … 0f, message of n bytes 00 01 02 ….
constexpr SipKey kReferenceKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

std::string Counting(size_t n) {
  std::string bytes;
  for (size_t i = 0; i < n; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST(SipHash, GivesTheReferenceVectorsOf64Bits) {
  const struct {
    size_t length;
    uint64_t want;
  } kRows[] = {
      {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},  {7, 0xab0200f58b01d137},  {8, 0x93f5f5799a932462},
      {15, 0xa129ca6149be45e5}, {16, 0x3f2acc7f57c29bdb}, {63, 0x958a324ceb064572},
  };
  for (const auto& row : kRows) EXPECT_EQ(SipHash64(kReferenceKey, Counting(row.length)), row.want) << row.length;
}

TEST(SipHash, GivesTheReferenceVectorsOf128Bits) {
  // The first eight bytes of the reference are the low half, little-endian.
  const struct {
    size_t length;
    uint64_t low;
    uint64_t high;
  } kRows[] = {
      {0, 0xe6a825ba047f81a3, 0x930255c71472f66d},  {1, 0x44af996bd8c187da, 0x45fc229b11597634},
      {7, 0x53c1dbd8beebf1a1, 0x3982f01fa64ab8c0},  {8, 0x61f55862baa9623b, 0xb49714f364e2830f},
      {15, 0x11a8b03399e99354, 0xd9c3cf970fec087e}, {16, 0xbb54b067caa4e26e, 0x77052385bf1533fd},
      {63, 0x4a83502f77d15051, 0x7cbd3f979a063e50},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(SipHash128(kReferenceKey, Counting(row.length)), absl::MakeUint128(row.high, row.low)) << row.length;
  }
}

TEST(SipHash, DerivesAnotherKeyForEachPurposeAndEachKey) {
  EXPECT_EQ(DeriveKey(kReferenceKey, "slot"), DeriveKey(kReferenceKey, "slot"));
  EXPECT_FALSE(DeriveKey(kReferenceKey, "slot") == DeriveKey(kReferenceKey, "mac"));
  EXPECT_FALSE(DeriveKey(kReferenceKey, "slot") == DeriveKey({1, 2}, "slot"));
  EXPECT_FALSE(DeriveKey(kReferenceKey, "slot") == kReferenceKey);
}

TEST(FieldBytes, DiffersForDifferentListsOfFields) {
  std::set<std::string> all;
  const auto add = [&](const FieldBytes& fields) { return all.insert(std::string(fields.bytes())).second; };
  EXPECT_TRUE(add(FieldBytes()));
  EXPECT_TRUE(add(FieldBytes().Text("")));
  EXPECT_TRUE(add(FieldBytes().Text("").Text("")));
  EXPECT_TRUE(add(FieldBytes().Text("ab").Text("c")));
  EXPECT_TRUE(add(FieldBytes().Text("a").Text("bc")));
  EXPECT_TRUE(add(FieldBytes().Text("abc")));
  EXPECT_TRUE(add(FieldBytes().Number128(absl::MakeUint128(1, 2))));
  EXPECT_TRUE(add(FieldBytes().Number128(absl::MakeUint128(2, 1))));
}

TEST(FieldBytes, WritesNumbersLittleEndian) {
  EXPECT_EQ(FieldBytes().Number(0x0102).bytes(), absl::string_view("\x02\x01\0\0\0\0\0\0", 8));
}

}  // namespace
}  // namespace calsync
