#include "engine/base/base32hex.h"

#include <gtest/gtest.h>  // Must come before RapidCheck's.
#include <rapidcheck/gtest.h>

#include <string>

namespace calsync {
namespace {

// RFC 4648 section 10, in lower case and without padding.
constexpr struct {
  const char* bytes;
  const char* text;
} kVectors[] = {
    {"", ""}, {"f", "co"}, {"fo", "cpng"}, {"foo", "cpnmu"}, {"foob", "cpnmuog"}, {"fooba", "cpnmuoj1"}, {"foobar", "cpnmuoj1e8"},
};

TEST(Base32Hex, GivesTheVectorsOfTheRfc) {
  for (const auto& row : kVectors) EXPECT_EQ(EncodeBase32Hex(row.bytes), row.text);
}

TEST(Base32Hex, ReadsTheVectorsOfTheRfc) {
  for (const auto& row : kVectors) EXPECT_EQ(DecodeBase32Hex(row.text), row.bytes) << row.text;
}

TEST(Base32Hex, RefusesWhatIsNotTheOneCanonicalEncoding) {
  const struct {
    const char* why;
    const char* text;
  } kRows[] = {
      {"no byte fits into five bits", "0"},
      {"no length of three", "000"},
      {"no length of six", "000000"},
      {"a set padding bit", "cp"},
      {"another one", "c1"},
      {"the last of many", "cpnmuoj1e9"},
      {"upper case", "CO"},
      {"the letter after v", "cw"},
      {"padding", "co======"},
      {"white space", "co "},
  };
  for (const auto& row : kRows) EXPECT_FALSE(DecodeBase32Hex(row.text).has_value()) << row.why;
  EXPECT_FALSE(DecodeBase32Hex(absl::string_view("c\0", 2)).has_value()) << "a zero byte";
}

TEST(Base32Hex, KnowsItsAlphabet) {  // C-1
  EXPECT_TRUE(IsBase32Hex(""));
  EXPECT_TRUE(IsBase32Hex("0123456789abcdefghijklmnopqrstuv"));
  for (const char* text : {"w", "z", "A", "_", "-", "\xc3\xa9", "a b"}) EXPECT_FALSE(IsBase32Hex(text)) << text;
}

// Also among others, where characters are read eight at a time.
TEST(Base32Hex, TakesNoByteOutsideItsAlphabet) {
  const absl::string_view alphabet = "0123456789abcdefghijklmnopqrstuv";
  for (size_t place = 0; place < 16; ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = "0123abcv456789lm";
      text[place] = static_cast<char>(static_cast<unsigned char>(byte));
      const bool fits = alphabet.find(text[place]) != absl::string_view::npos;
      EXPECT_EQ(IsBase32Hex(text), fits) << place << ": " << byte;
      EXPECT_EQ(DecodeBase32Hex(text).has_value(), fits) << place << ": " << byte;
    }
  }
}

RC_GTEST_PROP(Base32Hex, GivesBackTheBytesItWasGiven, (const std::string& bytes)) {
  const std::string text = EncodeBase32Hex(bytes);
  RC_ASSERT(IsBase32Hex(text));
  RC_ASSERT(text.size() == (bytes.size() * 8 + 4) / 5);
  RC_ASSERT(DecodeBase32Hex(text) == bytes);
}

RC_GTEST_PROP(Base32Hex, ReadsNoTextThatItWouldNotWrite, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789abcdefghijklmnopqrstuv")));
  const auto bytes = DecodeBase32Hex(text);
  if (bytes.has_value()) RC_ASSERT(EncodeBase32Hex(*bytes) == text);
}

}  // namespace
}  // namespace calsync
