#include "adapter/http/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calsync::http {
namespace {

using testing::ElementsAre;

TEST(Target, SegmentsAreSplitBeforeTheyAreDecoded) {  // C-109.
  const std::optional<Target> target =
      ParseTarget("/calendar/v3/calendars/en.usa%23holiday%40group.v.calendar.google.com/events/a%2Fb?q=two+words&x=%2B&x=2");
  ASSERT_TRUE(target.has_value());
  EXPECT_THAT(target->segments,
              ElementsAre("calendar", "v3", "calendars", "en.usa#holiday@group.v.calendar.google.com", "events", "a/b"));
  EXPECT_EQ(target->query.Get("q"), "two words");
  EXPECT_THAT(target->query.All("x"), ElementsAre("+", "2"));
  EXPECT_EQ(target->query.Get("x"), "2");
  EXPECT_EQ(target->query.Find("y"), nullptr);
}

TEST(Target, BrokenEncodingsAreNoTarget) {
  EXPECT_FALSE(ParseTarget("/a%2"));
  EXPECT_FALSE(ParseTarget("/a%zz"));
  EXPECT_FALSE(ParseTarget("/a?b=%4"));
  EXPECT_FALSE(ParseTarget("a/b"));
  EXPECT_FALSE(ParseTarget(""));
  EXPECT_TRUE(ParseTarget("/"));
}

TEST(Target, AnAbsoluteFormIsItsPath) {
  EXPECT_EQ(ParseTarget("http://localhost:8085/token?x=1")->path, "/token");
  EXPECT_EQ(ParseTarget("http://localhost")->path, "/");
}

TEST(Target, EncodingGoesThereAndBack) {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  EXPECT_EQ(PercentDecode(PercentEncode(all)), all);
  Parameters parameters;
  parameters.Add("a b", "1&2=3");
  EXPECT_EQ(FormatParameters(parameters), "a%20b=1%262%3D3");
  EXPECT_EQ(ParseParameters(FormatParameters(parameters))->Get("a b"), "1&2=3");
}

TEST(Address, IsReadOrRefused) {
  const std::optional<Address> address = ParseAddress("http://127.0.0.1:9000/hook?x=1#y");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->host, "127.0.0.1");
  EXPECT_EQ(address->port, 9000);
  EXPECT_EQ(address->target, "/hook?x=1");
  EXPECT_FALSE(address->secure);
  EXPECT_EQ(ParseAddress("https://[::1]/")->host, "::1");
  EXPECT_EQ(ParseAddress("https://[::1]/")->port, 443);
  EXPECT_EQ(ParseAddress("http://a?b")->target, "/?b");
  for (const char* bad :
       {"ftp://a/", "http://", "http://a:0/", "http://a:70000/", "http://a:b/", "http://u@a/", "http://a/b c"}) {
    EXPECT_FALSE(ParseAddress(bad)) << bad;
  }
}

TEST(Address, LoopbackIsKnownByName) {
  for (const char* host : {"localhost", "LOCALHOST", "127.0.0.1", "127.255.0.3", "::1"}) EXPECT_TRUE(IsLoopback(host)) << host;
  for (const char* host : {"example.com", "127.0.0.1.example.com", "128.0.0.1", "0.0.0.0", "127.0.0", "127.0.0.256", ""}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

TEST(Endpoint, IsAnAddressAndAPort) {
  EXPECT_EQ(ParseEndpoint("127.0.0.1:8085")->port, 8085);
  EXPECT_EQ(ParseEndpoint("[::1]:1")->address, "::1");
  EXPECT_EQ(ParseEndpoint("localhost:0")->address, "127.0.0.1");
  for (const char* none : {"", "8085", ":8085", "127.0.0.1:", "127.0.0.1:70000", "[::1:1"}) {
    EXPECT_FALSE(ParseEndpoint(none).has_value()) << none;
  }
}

}  // namespace
}  // namespace calsync::http
