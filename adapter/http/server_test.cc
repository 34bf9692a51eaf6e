#include "adapter/http/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace calsync::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A blocking client of raw bytes.
class Wire {
 public:
  explicit Wire(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Wire() { close(socket_); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  bool connected() const { return connected_; }
  void Send(absl::string_view bytes) {
    ASSERT_EQ(send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  // Until the other side closes, or `until` has come.
  std::string Read(absl::string_view until = "") {
    std::string all;
    char chunk[4096];
    while (until.empty() || !absl::StrContains(all, until)) {
      const ssize_t got = recv(socket_, chunk, sizeof chunk, 0);
      if (got <= 0) break;
      all.append(chunk, static_cast<size_t>(got));
    }
    return all;
  }

 private:
  int socket_;
  bool connected_ = false;
};

Response Echo(const Request& request) {
  Response response{.body = absl::StrCat(request.method, " ", request.target, " [", request.body, "]")};
  if (request.target == "/late") response.after = absl::Milliseconds(200);
  if (request.target == "/half") response.ending = Ending::kTruncated;
  if (request.target == "/cut") response.ending = Ending::kCut;
  if (request.target == "/never") response.ending = Ending::kNever;
  if (request.target == "/empty") response = {.status = 204};
  return response;
}

// A server on a thread of its own.
class ServerTest : public testing::Test {
 protected:
  void Start(ServerOptions options = {}) {
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Listen(loop_, std::move(options), Echo);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    thread_ = std::thread([this] { loop_.Run(); });
  }
  void TearDown() override {
    if (!thread_.joinable()) return;
    loop_.Post([this] { server_->Stop(absl::Seconds(1), [this] { loop_.Stop(); }); });
    thread_.join();
  }

  Loop loop_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

TEST_F(ServerTest, AnswersManyRequestsOnOneConnection) {
  Start();
  Wire wire(server_->port());
  for (int i = 0; i < 20; ++i) {
    wire.Send(absl::StrCat("POST /", i, " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"));
    const std::string answer = wire.Read("[abc]");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr(absl::StrCat("POST /", i, " [abc]")));
  }
  wire.Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");  // Pipelined.
  const std::string both = wire.Read();
  EXPECT_THAT(both, HasSubstr("GET /a []"));
  EXPECT_THAT(both, HasSubstr("GET /b []"));
}

TEST_F(ServerTest, AnswersWithoutABodySayNoLength) {
  Start();
  Wire wire(server_->port());
  wire.Send("GET /empty HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answer = wire.Read();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_FALSE(absl::StrContains(answer, "Content-Length"));
}

TEST_F(ServerTest, RefusesWhatIsTooLargeOrUnreadable) {
  Start({.header_max = 1024, .body_max = 100});
  const struct {
    const char* name;
    std::string bytes;
    const char* want;
  } kRows[] = {
      {"a large body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n", "HTTP/1.1 413"},
      {"large headers", absl::StrCat("GET / HTTP/1.1\r\nHost: x\r\nX: ", std::string(2000, 'x'), "\r\n\r\n"), "HTTP/1.1 431"},
      {"no HTTP", "hello, is anybody there?\r\n\r\n", "HTTP/1.1 400"},
      {"a bad length", "POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", "HTTP/1.1 400"},
  };
  for (const auto& row : kRows) {
    Wire wire(server_->port());
    wire.Send(row.bytes);
    EXPECT_THAT(wire.Read(), StartsWith(row.want)) << row.name;
  }
}

TEST_F(ServerTest, FaultsOfDeliveryAreCarriedOut) {
  Start();
  {
    Wire wire(server_->port());
    wire.Send("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(wire.Read(), "");
  }
  {
    Wire wire(server_->port());
    wire.Send("GET /half HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string answer = wire.Read();
    EXPECT_THAT(answer, HasSubstr("Content-Length: 12\r\n"));
    EXPECT_THAT(answer, testing::EndsWith("\r\n\r\nGET /h"));
  }
  {
    Wire wire(server_->port());
    const absl::Time before = absl::Now();
    wire.Send("GET /late HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(wire.Read(), HasSubstr("GET /late"));
    EXPECT_GE(absl::Now() - before, absl::Milliseconds(190));
  }
  Wire silent(server_->port());  // Does not hold up the others, nor the end.
  silent.Send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
  Wire wire(server_->port());
  wire.Send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(wire.Read(), HasSubstr("GET /a"));
}

TEST_F(ServerTest, SlowClientsAreDroppedAndDisturbNobody) {
  Start({.idle_max = absl::Milliseconds(300)});
  std::vector<std::unique_ptr<Wire>> slow;
  for (int i = 0; i < 500; ++i) {
    slow.push_back(std::make_unique<Wire>(server_->port()));
    ASSERT_TRUE(slow.back()->connected());
    slow.back()->Send("GET / HT");
  }
  Wire wire(server_->port());
  wire.Send("GET /quick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(wire.Read(), HasSubstr("GET /quick"));
  for (const auto& one : slow) EXPECT_EQ(one->Read(), "");
}

TEST_F(ServerTest, ConnectionsBeyondTheLimitWait) {
  Start({.connections_max = 2});
  auto first = std::make_unique<Wire>(server_->port());
  first->Send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(first->Read("[]"), HasSubstr("GET /1"));
  Wire second(server_->port());
  second.Send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(second.Read("[]"), HasSubstr("GET /2"));
  Wire third(server_->port());
  third.Send("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
  first.reset();  // Makes room.
  EXPECT_THAT(third.Read("[]"), HasSubstr("GET /3"));
}

TEST_F(ServerTest, StopLetsRequestsEnd) {
  Start();
  Wire wire(server_->port());
  Wire idle(server_->port());
  wire.Send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
  absl::SleepFor(absl::Milliseconds(50));
  loop_.Post([this] { server_->Stop(absl::Seconds(5), [this] { loop_.Stop(); }); });
  EXPECT_THAT(wire.Read(), HasSubstr("GET /late"));
  EXPECT_EQ(idle.Read(), "");
  thread_.join();
}

TEST(Listen, APortThatIsTakenIsUnavailable) {
  Loop loop;
  const auto first = Server::Listen(loop, {}, Echo);
  ASSERT_TRUE(first.ok());
  const auto second = Server::Listen(loop, {.port = (*first)->port()}, Echo);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Server::Listen(loop, {.address = "nowhere"}, Echo).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace calsync::http
