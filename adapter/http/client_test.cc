#include "adapter/http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "adapter/http/server.h"
#include "adapter/http/testing/tls_server.h"

namespace calsync::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Five thousand times "z", packed by gzip.
std::string Packed() {
  std::string packed;
  EXPECT_TRUE(absl::Base64Unescape("H4sIAAAAAAACA+3BMQEAAADCoN5Lbwo/oAAAAACAtwEqkZ3oiBMAAA==", &packed));
  return packed;
}

// "200 GET /x []" of an answer, "not sent" of none.
std::string Words(const Outcome& outcome) {
  if (const auto* response = std::get_if<Response>(&outcome)) return absl::StrCat(response->status, " ", response->body);
  return std::string(Name(std::get<NoAnswer>(outcome).kind));
}

class ClientTest : public testing::Test {
 protected:
  void SetUp() override { Start({}); }

  void Start(ServerOptions options) {
    server_.reset();
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Listen(loop_, std::move(options), [this](const Request& request) {
      heard_.push_back(request);
      Response response{.body = absl::StrCat(request.method, " ", request.target, " [", request.body, "]")};
      if (request.target == "/half") response.ending = Ending::kTruncated;
      if (request.target == "/cut") response.ending = Ending::kCut;
      if (request.target == "/never") response.ending = Ending::kNever;
      if (request.target == "/late") response.after = absl::Milliseconds(100);
      if (request.target == "/empty") response = {.status = 204};
      if (request.target == "/gone") response = {.status = 410, .headers = {{"Retry-After", "7"}}, .body = "gone"};
      if (request.target == "/elsewhere") response = {.status = 302, .headers = {{"Location", "/x"}}};
      if (request.target == "/packed") response = {.headers = {{"Content-Encoding", "gzip"}}, .body = Packed()};
      if (request.target == "/badly-packed") response = {.headers = {{"Content-Encoding", "gzip"}}, .body = "no gzip at all"};
      return response;
    });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  Address At(const std::string& target) const { return {.host = "127.0.0.1", .port = server_->port(), .target = target}; }

  Outcome Ask(Client& client, const Address& to, Request request = {.method = "GET"}, absl::Duration timeout = absl::Seconds(5)) {
    std::optional<Outcome> heard;
    client.Send(to, std::move(request), timeout, [&](Outcome outcome) {
      heard = std::move(outcome);
      loop_.Stop();
    });
    EXPECT_FALSE(heard.has_value());  // Never from within Send.
    loop_.Run();
    EXPECT_TRUE(heard.has_value());
    return heard.value_or(NoAnswer{});
  }

  Loop loop_;
  std::vector<Request> heard_;
  std::unique_ptr<Server> server_;
};

TEST_F(ClientTest, SendsWhatItIsToldAndNothingElse) {
  Client client(loop_, {.user_agent = "calsync (gzip)"});
  EXPECT_EQ(Words(Ask(client, At("/a?b=%20"), {.method = "POST", .headers = {{"X", "y"}}, .body = "hi"})),
            "200 POST /a?b=%20 [hi]");
  EXPECT_EQ(heard_[0].headers.Get("X"), "y");
  EXPECT_EQ(heard_[0].headers.Get("Content-Length"), "2");
  EXPECT_EQ(heard_[0].headers.Get("User-Agent"), "calsync (gzip)");
  EXPECT_EQ(heard_[0].headers.Get("Accept-Encoding"), "gzip");
  EXPECT_EQ(heard_[0].headers.Find("Content-Type"), nullptr);
  EXPECT_EQ(heard_[0].headers.Find("Expect"), nullptr);
  EXPECT_EQ(Words(Ask(client, At("/x"), {.method = "POST"})), "200 POST /x []");
  EXPECT_EQ(heard_[1].headers.Get("Content-Length"), "0");
  for (const char* const method : {"GET", "DELETE", "PATCH", "PUT"}) {
    EXPECT_EQ(Words(Ask(client, At("/x"), {.method = method})), absl::StrCat("200 ", method, " /x []"));
  }
  EXPECT_EQ(Words(Ask(client, At("/x/../y"))), "200 GET /x/../y []");
}

TEST_F(ClientTest, NothingOfOneRequestIsInTheNext) {  // Its handle is used again.
  Client client(loop_, {});
  EXPECT_EQ(Words(Ask(client, At("/x"), {.method = "HEAD"})), "200 ");
  EXPECT_EQ(Words(Ask(client, At("/x"), {.method = "PUT", .headers = {{"X", "y"}, {"Content-Type", "a/b"}}, .body = "hi"})),
            "200 PUT /x [hi]");
  EXPECT_EQ(Words(Ask(client, At("/y"))), "200 GET /y []");
  for (const char* const name : {"X", "Content-Type", "Content-Length"}) {
    EXPECT_EQ(heard_.back().headers.Find(name), nullptr) << name;
  }
  // And not: perhaps, since the one before was.
  EXPECT_EQ(Words(Ask(client, {.host = "127.0.0.1", .port = 1})), "not sent");
}

TEST_F(ClientTest, EveryStatusIsAnAnswer) {
  Client client(loop_, {});
  EXPECT_EQ(Words(Ask(client, At("/empty"), {.method = "DELETE"})), "204 ");
  const Outcome gone = Ask(client, At("/gone"));
  EXPECT_EQ(Words(gone), "410 gone");
  EXPECT_EQ(std::get<Response>(gone).headers.Get("retry-after"), "7");
  EXPECT_EQ(Words(Ask(client, At("/elsewhere"))), "302 ");  // Where it points is not ours to follow, with a token in hand.
}

TEST_F(ClientTest, SaysWhetherItMayHaveHappened) {
  Client client(loop_, {.body_max = 1000});
  EXPECT_EQ(Words(Ask(client, At("/cut"))), "the connection was cut");
  EXPECT_EQ(Words(Ask(client, At("/half"))), "the answer cannot be read");
  EXPECT_EQ(Words(Ask(client, At("/never"), {.method = "GET"}, absl::Milliseconds(100))), "no answer in time");
  EXPECT_EQ(Words(Ask(client, At("/badly-packed"))), "the answer cannot be read");
  EXPECT_EQ(Words(Ask(client, At("/packed"))), "the answer cannot be read");  // Small on the wire, too large unpacked.
  EXPECT_EQ(Words(Ask(client, At(absl::StrCat("/", std::string(2000, 'x'))))), "the answer cannot be read");
  const Address nobody = At("/");
  server_.reset();
  EXPECT_EQ(Words(Ask(client, nobody)), "not sent");
  EXPECT_EQ(Words(Ask(client, {.host = "no-such-host.invalid"})), "not sent");
}

TEST_F(ClientTest, ATimeoutBeforeTheRequestLeftIsNotSent) {
  // Nobody accepts: the queue of a listener is full after a few, and then the kernel lets callers wait.
  Start({.connections_max = 0});
  Client client(loop_, {.trust = Trust::kAnybody, .connect_timeout = absl::Milliseconds(100)});
  Address to = At("/");
  to.secure = true;  // The connection stands, but TLS does not begin.
  EXPECT_EQ(Words(Ask(client, to)), "not sent");
  EXPECT_EQ(Words(Ask(client, to, {.method = "GET"}, absl::Milliseconds(50))), "not sent");
}

TEST_F(ClientTest, AHeaderThatWouldBecomeTwoIsNotSent) {
  Client client(loop_, {});
  EXPECT_EQ(Words(Ask(client, At("/x"), {.method = "GET", .headers = {{"If-Match", "a\r\nX: y"}}})), "not sent");
  EXPECT_EQ(Words(Ask(client, At("/x\r\ny"))), "not sent");
  EXPECT_TRUE(heard_.empty());
}

TEST_F(ClientTest, PackedAnswersAreUnpacked) {
  Client client(loop_, {});
  EXPECT_EQ(Words(Ask(client, At("/packed"))), absl::StrCat("200 ", std::string(5000, 'z')));
}

TEST_F(ClientTest, ConnectionsAreKept) {
  Client client(loop_, {});
  for (int i = 0; i < 5; ++i) Ask(client, At("/x"));
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(ClientTest, ManyAreUnderWayAtOnce) {
  Client client(loop_, {.connections_max = 8});
  int answered = 0;
  for (int i = 0; i < 50; ++i) {
    client.Send(At(i % 2 == 0 ? "/late" : "/x"), {.method = "GET"}, absl::Seconds(10), [&](const Outcome& outcome) {
      EXPECT_THAT(Words(outcome), HasSubstr("200"));
      if (++answered == 50) loop_.Stop();
    });
  }
  EXPECT_EQ(client.in_flight(), 50U);
  loop_.Run();
  EXPECT_EQ(answered, 50);
  EXPECT_LE(server_->connections(), 8U);
}

TEST(Client, TheLoopEndsWhenNothingIsUnderWay) {
  Loop loop;
  Client client(loop, {});
  int answered = 0;
  client.Send({.host = "127.0.0.1", .port = 1}, {.method = "GET"}, absl::Seconds(5), [&](const Outcome&) { ++answered; });
  loop.Run();
  EXPECT_EQ(answered, 1);
}

TEST_F(ClientTest, WhoeverLeavesIsNotCalled) {
  auto client = std::make_unique<Client>(loop_, ClientOptions{});
  client->Send(At("/late"), {.method = "GET"}, absl::Seconds(5), [](const Outcome&) { FAIL(); });
  client->Send(At("/x"), {.method = "GET"}, absl::Seconds(5), [&](const Outcome&) {
    client->Send(At("/x"), {.method = "GET", .headers = {{"X", "\n"}}}, absl::Seconds(5), [](const Outcome&) { FAIL(); });
    client.reset();  // From within an answer, too.
  });
  loop_.After(absl::Milliseconds(300), [&] { loop_.Stop(); });
  loop_.Run();
  EXPECT_EQ(client, nullptr);
}

TEST_F(ClientTest, AnAnswerMaySendTheNext) {
  Client client(loop_, {});
  int rounds = 0;
  Answered again = [&](const Outcome& outcome) {
    EXPECT_EQ(Words(outcome), "200 GET /x []");
    if (++rounds == 20) return loop_.Stop();
    client.Send(At("/x"), {.method = "GET"}, absl::Seconds(5), again);
  };
  client.Send(At("/x"), {.method = "GET"}, absl::Seconds(5), again);
  loop_.Run();
  EXPECT_EQ(rounds, 20);
}

// --- TLS.

TEST_F(ClientTest, OnlyACertificateThatConvincesIsSpokenTo) {
  int asked = 0;
  TlsServer server(loop_, [&](const Request&) {
    ++asked;
    return Response{.body = "secure"};
  });
  const Address to{.secure = true, .host = "127.0.0.1", .port = server.port(), .target = "/"};
  Client system(loop_, {});
  const Outcome stranger = Ask(system, to);
  EXPECT_EQ(Words(stranger), "not sent");
  EXPECT_THAT(std::get<NoAnswer>(stranger).why, HasSubstr("certificate"));
  EXPECT_EQ(asked, 0);
  Client friendly(loop_, {.trust = Trust::kFile, .ca_file = server.ca_file()});
  EXPECT_EQ(Words(Ask(friendly, to)), "200 secure");
  EXPECT_EQ(Words(Ask(friendly, to)), "200 secure");
  EXPECT_EQ(server.handshakes(), 1);  // Kept.
  Address by_name = to;
  by_name.host = "localhost";
  EXPECT_EQ(Words(Ask(friendly, by_name)), "200 secure");
  Client anybody(loop_, {.trust = Trust::kAnybody});
  EXPECT_EQ(Words(Ask(anybody, to)), "200 secure");
  Client lost(loop_, {.trust = Trust::kFile, .ca_file = "/nowhere.pem"});
  EXPECT_EQ(Words(Ask(lost, to)), "not sent");
}

TEST_F(ClientTest, Http2IsOffered) {
  TlsServer server(loop_, [](const Request&) { return Response(); });
  Client client(loop_, {.trust = Trust::kFile, .ca_file = server.ca_file()});
  Ask(client, {.secure = true, .host = "127.0.0.1", .port = server.port()});
  EXPECT_THAT(server.offered(), ElementsAre("h2", "http/1.1"));
}

TEST_F(ClientTest, APlainServerOnASecurePortIsNotSent) {
  Client client(loop_, {.trust = Trust::kAnybody});
  Address to = At("/");
  to.secure = true;
  EXPECT_EQ(Words(Ask(client, to)), "not sent");
  EXPECT_TRUE(heard_.empty());
}

}  // namespace
}  // namespace calsync::http
