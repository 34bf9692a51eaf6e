// Whatever a page looks like, the fast path from its bytes to verdicts and the plain one say the same of it, or the fast one says
// nothing. And pages as Google writes them it does take.

#include "adapter/google/page_scan.h"

#include <gtest/gtest.h>  // Must come before RapidCheck's.
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapter/google/testing/two_paths.h"
#include "engine/testing/builders.h"

namespace calsync::adapter {
namespace {

std::string Page(absl::string_view items, absl::string_view more = "") {
  return absl::StrCat(R"({"kind":"calendar#events","accessRole":"owner",)", more, R"("items":[)", items, "]}");
}

struct Scene {
  explicit Scene(Detection detection = Detection::kUuid) {
    group.config.policy.detection = detection;
    records = RecordsOf({UserEvent("k1", "work/e1"), UserEvent("k2", "home/e2"), Block({}),
                         Seen({.at = "home/x1", .as = SeenAs::kCopyOfBlock}), UserEvent("k3", "home/series")});
  }
  TwoPaths Take(absl::string_view page) const { return TakeBothPaths(group.With(records), KeyOf("home"), page); }

  TestGroup group;
  Records records;
};

TEST(PageScan, TakesAPageAsGoogleWritesIt) {
  const Scene scene;
  const std::string page = absl::StrCat(
      "{\n \"kind\": \"calendar#events\",\n \"etag\": \"\\\"p33k\\\"\",\n \"summary\": \"ada@example.com\",\n \"items\": [\n  "
      "{\n",
      "   \"kind\": \"calendar#event\",\n   \"etag\": \"\\\"3581683200246000\\\"\",\n   \"id\": \"e2\",\n   \"sequence\": 0,\n",
      "   \"description\": \"\\u003cb\\u003eBring\\n a cake\\u003c/b\\u003e\",\n   \"reminders\": {\n    \"useDefault\": true\n  "
      " },\n",
      "   \"attendees\": [\n    {\n     \"self\": true\n    }\n   ],\n   \"extendedProperties\": {\n    \"private\": {\n",
      "     \"", scene.group.tags.user_key(), "\": \"", scene.group.tags.UserValue(IdNamed("k2")), "\"\n    }\n   }\n  },\n",
      "  {\n   \"id\": \"", scene.group.BlockId("work/e1", "home").text(), "\",\n   \"status\": \"confirmed\"\n  },\n",
      "  {\n   \"id\": \"gone\",\n   \"status\": \"cancelled\"\n  }\n ]\n}\n");
  PageScan scan;
  ASSERT_TRUE(scan.Read(page, PageScan::Texts::kLeftOut));
  ASSERT_EQ(scan.events().size(), 3u);
  EXPECT_EQ(scan.decoded(), 0u);
  EXPECT_EQ(scan.rows()[0].raw_etag, "\\\"3581683200246000\\\"");
  EXPECT_EQ(scan.events()[0].tag_properties.size(), 1u);
  EXPECT_TRUE(scan.events()[2].cancelled);
  std::vector<Classified> verdicts(3);
  ClassifyBatch(scene.group.With(scene.records), KeyOf("home"), scan.events(), absl::MakeSpan(verdicts));
  EXPECT_EQ(verdicts[0].verdict, Verdict::kTrackedUserEvent);
  EXPECT_EQ(verdicts[1].verdict, Verdict::kOwnBlock);
  EXPECT_EQ(verdicts[2].verdict, Verdict::kIgnored);
  EXPECT_EQ(scene.Take(page).difference, "");
}

TEST(PageScan, DecodesWhatIsWrittenWithEscapes) {
  const Scene scene;
  const TwoPaths both = scene.Take(Page(R"({"id":"\u00652"},{"\u0069d":"e2"},{"id":"e3","status":"cancel\u006ced"})"));
  EXPECT_TRUE(both.vouched);
  EXPECT_EQ(both.decoded, 3u);
  EXPECT_EQ(both.difference, "");
}

TEST(PageScan, TakesTheFirstOfMembersWithOneName) {
  const Scene scene;
  for (const char* item :
       {R"({"id":"e2","id":"e1"})", R"({"id":"e2","status":"confirmed","status":"cancelled"})",
        R"({"id":"e2","status":7,"status":"cancelled"})", R"({"id":"e2","recurringEventId":null,"recurringEventId":"series"})",
        R"({"id":"e2","extendedProperties":{"private":{"calsync_id":1,"calsync_id":"a","calsync_id":"b"},"private":{}}})",
        R"({"id":"e2","extendedProperties":7,"extendedProperties":{"private":{"calsync_id":"a"}}})"}) {
    const TwoPaths both = scene.Take(Page(item));
    EXPECT_TRUE(both.vouched) << item;
    EXPECT_EQ(both.difference, "") << item;
  }
}

TEST(PageScan, DoesNotVouchForWhatIsNoPage) {
  const Scene scene;
  for (const std::string& page : std::vector<std::string>{"",
                                                          "{",
                                                          "{}",
                                                          "[]",
                                                          "null",
                                                          Page("7"),
                                                          Page("{}"),
                                                          Page(R"({"id":7})"),
                                                          Page(R"({"id":""})"),
                                                          Page(R"({"id":"e"},)"),
                                                          Page(R"({"id":"e","x":tru})"),
                                                          Page(R"({"id":"e","x":01})"),
                                                          Page(R"({"id":"e","x":1.})"),
                                                          Page(R"({"id":"e","x":-})"),
                                                          Page(R"({"id":"e","x":"\q"})"),
                                                          Page(R"({"id":"e","x":"\u12"})"),
                                                          Page(R"({"id":"e","x":[1,]})"),
                                                          Page(R"({"id":"e","x":{"y"}})"),
                                                          Page(R"({"id":"e","x":{"y":1,}})"),
                                                          Page(R"({"id":"e","x":{1:2}})"),
                                                          Page(R"({"id":"e" "x":1})"),
                                                          Page(R"({"id":"e","x":"a"b})"),
                                                          Page(R"({"id":"e","x":]})"),
                                                          Page(R"({"id":"e"})") + "x",
                                                          Page(R"({"id":"e"})") + "{}",
                                                          Page("{\"id\":\"e\xff\"}"),
                                                          Page("{\"id\":\"e\n\"}"),
                                                          R"({"kind":"calendar#event","items":[]})",
                                                          R"({"items":[]})",
                                                          R"({"kind":"calendar#events","items":{}})",
                                                          R"({"kind":"calendar#events","items":null})"}) {
    const TwoPaths both = scene.Take(page);
    EXPECT_FALSE(both.vouched) << page;
    EXPECT_EQ(both.difference, "") << page;
  }
}

// Scanned again with shorter and longer pages, nothing of the one before is left.
TEST(PageScan, ForgetsThePageBefore) {
  PageScan scan;
  ASSERT_TRUE(scan.Read(Page(R"({"id":"\u0065"},{"id":"f","extendedProperties":{"private":{"calsync_id":"1"}}})"),
                        PageScan::Texts::kRead));
  const std::string page = Page(R"({"id":"g"})");
  ASSERT_TRUE(scan.Read(page, PageScan::Texts::kRead));
  ASSERT_EQ(scan.events().size(), 1u);
  EXPECT_EQ(scan.events()[0].id, "g");
  EXPECT_TRUE(scan.events()[0].tag_properties.empty());
  EXPECT_EQ(scan.decoded(), 0u);
}

template <class T>
T Pick(const std::vector<T>& from) {
  return *rc::gen::elementOf(from);
}
bool OneIn(int n) { return *rc::gen::inRange(0, n) == 0; }

std::string Blank() { return OneIn(4) ? Pick<std::string>({" ", "\n", "\t", "\r\n  "}) : ""; }

std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  const bool escapes = OneIn(12);
  for (const char c : text) {
    if (escapes && OneIn(6)) {
      quoted += absl::StrCat("\\u00", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

// A value that has nothing to do with what is asked for.
std::string AnyValue(int depth = 0) {
  switch (*rc::gen::inRange(0, depth > 2 ? 8 : 12)) {
    case 0:
      return "null";
    case 1:
      if (OneIn(20)) return Pick<std::string>({"12345678901234567890", "1.5", "1e3", "-0", "01", "1.", "-", "0x1", "1 1"});
      return Pick<std::string>({"0", "7", "-1", "999999999999999999"});
    case 2:
      return OneIn(20) ? Pick<std::string>({"tru", "nulll", "True"}) : Pick<std::string>({"true", "false"});
    case 3:
      return "\"\"";
    case 4:
      return R"("\"3581683200246000\"")";
    case 5:
      if (OneIn(20)) return Pick<std::string>({R"("\ud83d\ude00")", R"("\ud83d")", R"("\x")", "\"\xff\"", "\"\n\"", R"("\u12")"});
      return Pick<std::string>({R"("a\nb")", R"("\u00fc")", R"("\\")", "\"\xc3\xbc\"", R"("\/{[,:]}")"});
    case 6:
      return "[]";
    case 7:
      return "{}";
    case 8:
    case 9: {
      std::vector<std::string> values;
      for (int i = *rc::gen::inRange(1, 4); i > 0; --i) values.push_back(AnyValue(depth + 1));
      return absl::StrCat("[", Blank(), absl::StrJoin(values, absl::StrCat(Blank(), ",")), Blank(), "]");
    }
    default: {
      std::vector<std::string> members;
      for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
        members.push_back(absl::StrCat(Quoted(Pick<std::string>({"a", "id", "private"})), Blank(), ":", AnyValue(depth + 1)));
      }
      return absl::StrCat("{", absl::StrJoin(members, ","), "}");
    }
  }
}

std::string ValueOr(const std::vector<std::string>& usual) { return OneIn(12) ? AnyValue() : Quoted(Pick(usual)); }

std::string Member(absl::string_view name, absl::string_view value) {
  return absl::StrCat(Blank(), Quoted(name), Blank(), ":", Blank(), value, Blank());
}

std::string AnyProperties(const TestGroup& group) {
  std::vector<std::string> members;
  const auto add = [&](absl::string_view key, const std::vector<std::string>& values) {
    if (OneIn(2)) members.push_back(Member(key, ValueOr(values)));
  };
  const PropertyMap block = BlockTag("b1");
  for (const auto& [key, value] : block) add(key, {value, value, "x"});
  if (OneIn(2)) members.clear();
  add(group.tags.user_key(), {group.tags.UserValue(IdNamed("k1")), group.tags.UserValue(IdNamed("k9")), "1:user"});
  add("zoom", {"1"});
  for (const auto& [key, value] : ForeignUserTag()) add(key, {value});
  if (!members.empty() && OneIn(6)) members.push_back(Pick(members));
  const std::string properties = OneIn(15) ? AnyValue() : absl::StrCat("{", absl::StrJoin(members, ","), "}");
  const std::string shared = Member("shared", OneIn(2) ? properties : "{}");
  std::string both = Member("private", properties);
  if (OneIn(3)) both = OneIn(2) ? absl::StrCat(shared, ",", both) : absl::StrCat(both, ",", shared);
  return OneIn(15) ? AnyValue() : absl::StrCat("{", both, "}");
}

std::string AnyItem(const TestGroup& group) {
  const std::vector<std::string> ids = {"e1",
                                        "e2",
                                        "x1",
                                        "series",
                                        "series_20260504T100000Z",
                                        "new",
                                        group.BlockId("work/e1", "home").str(),
                                        group.BlockId("work/e1", "home", 2).str(),
                                        group.BlockId("work/e1", "team").str(),
                                        group.BlockId("work/e1", "home").str() + "_20260504T100000Z"};
  std::vector<std::string> members;
  if (!OneIn(40)) members.push_back(Member("id", ValueOr(ids)));
  const auto add = [&](int n, absl::string_view name, const std::string& value) {
    if (OneIn(n)) members.push_back(Member(name, value));
  };
  add(1, "etag", R"("\"3581683200246000\"")");
  add(2, "status", ValueOr({"confirmed", "tentative", "cancelled", "newWord"}));
  add(2, "iCalUID", ValueOr({"e1@google.com", ids[6] + "@google.com", "m"}));
  add(3, "recurringEventId", ValueOr({"series", ids[6], "unknown"}));
  add(2, "summary", ValueOr({"Dentist", "Busy - Dentist"}));
  add(2, "description", ValueOr({"", "Busy block for event from Work"}));
  add(1, "extendedProperties", AnyProperties(group));
  add(2, Pick<std::string>({"sequence", "reminders", "start", "creator", "anything", "ids", "i"}), AnyValue());
  if (OneIn(8)) members.push_back(Member(Pick<std::string>({"id", "status", "extendedProperties"}), ValueOr(ids)));
  if (OneIn(3)) std::swap(members.front(), members.back());
  return absl::StrCat("{", absl::StrJoin(members, ","), "}");
}

std::string AnyPage(const TestGroup& group) {
  std::vector<std::string> items;
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i) items.push_back(OneIn(60) ? AnyValue() : AnyItem(group));
  std::vector<std::string> members = {Member("kind", ValueOr({"calendar#events"})),
                                      Member("items", absl::StrCat("[", absl::StrJoin(items, ","), "]"))};
  if (OneIn(3)) members.push_back(Member(Pick<std::string>({"accessRole", "items", "kind", "updated"}), AnyValue()));
  if (OneIn(3)) std::swap(members.front(), members.back());
  std::string page = absl::StrCat(Blank(), "{", absl::StrJoin(members, ","), "}", Blank());
  if (OneIn(4)) page.resize(static_cast<size_t>(*rc::gen::inRange<int>(0, static_cast<int>(page.size()) + 1)));
  if (OneIn(4) && !page.empty()) {
    const auto at = static_cast<size_t>(*rc::gen::inRange<int>(0, static_cast<int>(page.size())));
    page[at] = Pick<char>({'"', '\\', '{', '}', '[', ']', ',', ':', '0', ' ', '\n', '\0', '\x7f', '\x80', 'u'});
  }
  return page;
}

RC_GTEST_PROP(PageScan, SaysWhatThePlainPathSays, ()) {
  const Scene scene(OneIn(3) ? Detection::kHybrid : Detection::kUuid);
  int vouched = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string page = AnyPage(scene.group);
    const TwoPaths both = scene.Take(page);
    vouched += both.vouched && both.events > 0 ? 1 : 0;
    if (!both.difference.empty()) RC_FAIL(both.difference + " in " + page);
  }
  RC_CLASSIFY(vouched > 0, std::string("events were scanned"));
}

}  // namespace
}  // namespace calsync::adapter
