#include "engine/base/shared_text.h"

#include <gtest/gtest.h>  // Must come before RapidCheck's.
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>

namespace calsync {
namespace {

TEST(SharedText, GivesBackTextsOfEveryKind) {
  for (const std::string& text : {std::string(), std::string("0"), std::string("a\0b", 3), std::string("ö"),
                                  std::string("\"3503328055223166\""), std::string(70000, 'x')}) {
    const SharedText shared(text);
    EXPECT_EQ(shared.ToString(), text);
    EXPECT_EQ(shared.view(), text);
    EXPECT_TRUE(shared.Equals(text));
    EXPECT_EQ(shared.empty(), text.empty());
  }
}

TEST(SharedText, CostsItsCharactersOnceHoweverManyHoldIt) {
  const SharedText first(std::string(26, 'c'));
  const SharedText second = first;  // NOLINT(performance-unnecessary-copy-initialization): what is tested.
  EXPECT_EQ(second.view().data(), first.view().data());
  EXPECT_EQ(first.allocated_bytes(), 8u + 26u);
  EXPECT_EQ(SharedText("").allocated_bytes(), 0u);
  EXPECT_EQ(sizeof(SharedText), sizeof(void*));
}

TEST(SharedText, IsAValue) {
  SharedText first("first");
  SharedText copy = first;
  first = SharedText("second");
  EXPECT_EQ(copy.view(), "first");
  copy = *&copy;
  EXPECT_EQ(copy.view(), "first");
  SharedText moved = std::move(copy);
  EXPECT_EQ(moved.view(), "first");
  moved = SharedText();
  EXPECT_TRUE(moved.empty());
  EXPECT_EQ(first.view(), "second");
}

RC_GTEST_PROP(SharedText, ComparesAsItsTextDoes, ()) {
  const auto few = rc::gen::container<std::string>(rc::gen::elementOf(std::string("0cW\xff")));
  const auto a = *few;
  const auto b = *few;
  RC_ASSERT((SharedText(a) == SharedText(b)) == (a == b));
  RC_ASSERT((SharedText(a) < SharedText(b)) == (a < b));
  RC_ASSERT(SharedText(a).Equals(b) == (a == b));
}

}  // namespace
}  // namespace calsync
