#include "engine/base/uuid.h"

#include <gtest/gtest.h>  // Must come before RapidCheck's.
#include <rapidcheck/gtest.h>

#include <string>

#include "absl/strings/ascii.h"

namespace calsync {
namespace {

const absl::uint128 kSample = absl::MakeUint128(0x0123456789ab4def, 0x8123456789abcdef);
constexpr char kSampleText[] = "01234567-89ab-4def-8123-456789abcdef";

TEST(Uuid, IsWrittenAs8_4_4_4_12LowerCaseDigits) {
  EXPECT_EQ(FormatUuid(kSample), kSampleText);
  EXPECT_EQ(FormatUuid(0), "00000000-0000-0000-0000-000000000000");
}

TEST(Uuid, IsReadInEitherCase) {
  EXPECT_EQ(ParseUuid(kSampleText), kSample);
  EXPECT_EQ(ParseUuid("01234567-89AB-4DEF-8123-456789ABCDEF"), kSample);
}

TEST(Uuid, IsNotReadInAnyOtherForm) {
  for (const char* text :
       {"", "0123456789ab4def8123456789abcdef", "{01234567-89ab-4def-8123-456789abcdef}", "01234567-89ab-4def-8123-456789abcdeg",
        "01234567-89ab-4def-8123-456789abcde", "01234567-89ab-4def-8123-456789abcdef0", "01234567089ab-4def-8123-456789abcdef",
        "01234567-89ab-4def-8123-456789abcde ", "0123456-789ab-4def-8123-456789abcdef"}) {
    EXPECT_FALSE(ParseUuid(text).has_value()) << text;
  }
}

TEST(Uuid, IsReadWithHexadecimalDigitsAloneAndEachAtItsPlace) {
  for (size_t at = 0; at < 36; ++at) {
    if (kSampleText[at] == '-') continue;
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = kSampleText;
      text[at] = static_cast<char>(byte);
      const bool is_digit = absl::ascii_isxdigit(static_cast<unsigned char>(byte));
      ASSERT_EQ(ParseUuid(text).has_value(), is_digit) << at << " " << byte;
      if (!is_digit) continue;
      ASSERT_EQ(FormatUuid(*ParseUuid(text)), absl::AsciiStrToLower(text));
    }
  }
}

RC_GTEST_PROP(Uuid, GivesBackTheValueItWasGiven, (uint64_t high, uint64_t low)) {
  const absl::uint128 value = absl::MakeUint128(high, low);
  RC_ASSERT(ParseUuid(FormatUuid(value)) == value);
}

RC_GTEST_PROP(Uuid, OfVersion4HasItsVersionAndVariantAndKeepsAllOtherBits, (uint64_t high, uint64_t low)) {
  const absl::uint128 random = absl::MakeUint128(high, low);
  const absl::uint128 uuid = UuidV4From(random);
  const std::string text = FormatUuid(uuid);
  RC_ASSERT(text[14] == '4');
  RC_ASSERT(std::string("89ab").find(text[19]) != std::string::npos);
  const absl::uint128 fixed = absl::MakeUint128(0xf000, uint64_t{3} << 62);
  RC_ASSERT((uuid & ~fixed) == (random & ~fixed));
}

}  // namespace
}  // namespace calsync
