#include "engine/base/packed_text.h"

#include <gtest/gtest.h>  // Must come before RapidCheck's.
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>

namespace calsync {
namespace {

void ExpectRoundTrip(const std::string& text) {
  const PackedText packed(text);
  EXPECT_EQ(packed.ToString(), text);
  EXPECT_TRUE(packed.Equals(text));
  EXPECT_EQ(packed.empty(), text.empty());
  EXPECT_EQ(packed.size(), text.size());
  EXPECT_EQ(packed.With([](absl::string_view characters) { return std::string(characters); }), text);
}

TEST(PackedText, GivesBackTextsOfEveryKind) {
  for (const char* text : {"", "0", "v", "abc", "0123456789abcdefghijklmnopqrstuv", "w", "\"3503328055223166\"", "ABC",
                           "_60q30c1g60o30e1i60o4ac1g60rj8gpl88rj2c1h84s34h9g60s30c1g60o30c1g", "ö"}) {
    ExpectRoundTrip(text);
  }
  ExpectRoundTrip(std::string("a\0b", 3));
  for (const size_t count : {7, 8, 9, 63, 64, 65, 256, 257, 1024}) {
    ExpectRoundTrip(std::string(count, 'v'));
    ExpectRoundTrip(std::string(count, 'V'));
  }
}

TEST(PackedText, TakesFiveBitsACharacterForEventIds) {
  EXPECT_EQ(PackedText("").allocated_bytes(), 0u);
  EXPECT_EQ(PackedText(std::string(26, 'c')).allocated_bytes(), 3u + 17u);
  EXPECT_EQ(PackedText(std::string(47, 'c')).allocated_bytes(), 3u + 30u);
  EXPECT_EQ(PackedText(std::string(47, 'C')).allocated_bytes(), 3u + 47u);
  EXPECT_EQ(sizeof(PackedText), sizeof(void*));
}

TEST(PackedText, CutsWhatIsLongerThanItsLimit) {
  EXPECT_EQ(PackedText(std::string(70000, 'x')).ToString().size(), 65535u);
  EXPECT_EQ(PackedText(std::string(70000, 'c')).ToString(), std::string(65535, 'c'));
}

TEST(PackedText, TellsTextsApartThatPackAlike) {
  EXPECT_FALSE(PackedText("c") == PackedText("c0"));  // The padding bits are those of a zero.
  EXPECT_FALSE(PackedText("") == PackedText("0"));
  EXPECT_FALSE(PackedText("abc") == PackedText("ABC"));
  EXPECT_FALSE(PackedText("abc").Equals("abd"));
  EXPECT_FALSE(PackedText("abc").Equals("ab"));
  EXPECT_FALSE(PackedText("abc").Equals("ABC"));
}

TEST(PackedText, IsAValue) {
  PackedText first("first");
  PackedText copy = first;
  first = PackedText("second");
  EXPECT_EQ(copy.ToString(), "first");
  copy = *&copy;
  EXPECT_EQ(copy.ToString(), "first");
  copy = PackedText();
  EXPECT_TRUE(copy.empty());
  EXPECT_EQ(first.ToString(), "second");
}

RC_GTEST_PROP(PackedText, GivesBackEveryText, (const std::string& text)) { RC_ASSERT(PackedText(text).ToString() == text); }

RC_GTEST_PROP(PackedText, GivesBackEveryPackedText, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789abcdefghijklmnopqrstuv")));
  RC_ASSERT(PackedText(text).ToString() == text);
}

RC_GTEST_PROP(PackedText, ComparesAsItsTextDoes, ()) {
  const auto few = rc::gen::container<std::string>(rc::gen::elementOf(std::string("0cW")));
  const auto a = *few;
  const auto b = *few;
  RC_ASSERT((PackedText(a) == PackedText(b)) == (a == b));
  RC_ASSERT(PackedText(a).Equals(b) == (a == b));
}

}  // namespace
}  // namespace calsync
