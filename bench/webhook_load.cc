// Posts notifications to a receiver as fast as it answers, or so many a second, and says how many were accepted and how late the
// answers were. And the floor: the bare HTTP library that answers the same. bench/webhooks.py runs both.
//
//   webhook_load floor
//       Listens on a free port of 127.0.0.1, prints it, answers every request with 204 until it is killed.
//   webhook_load post PORT PATH CHANNEL TOKEN CONNECTIONS SECONDS RATE
//       Over connections that are kept. RATE: messages a second; 0: the next one once the last was answered. Prints JSON.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "engine/base/check.h"

namespace calsync::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

// ---- The floor: Beast's own loop of reading and writing, and nothing else.

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(tcp::socket socket) : stream_(std::move(socket)) {}

  void Read() {
    request_ = {};
    beast::http::async_read(stream_, buffer_, request_, [self = shared_from_this()](beast::error_code error, size_t) {
      if (!error) self->Answer();
    });
  }

 private:
  void Answer() {
    response_ = {};
    response_.version(11);
    response_.result(beast::http::status::no_content);
    response_.set(beast::http::field::date, absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone()));
    response_.keep_alive(request_.keep_alive());
    beast::http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code error, size_t) {
      if (!error) self->Read();
    });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  beast::http::request<beast::http::string_body> request_;
  beast::http::response<beast::http::empty_body> response_;
};

void Accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&acceptor](beast::error_code error, tcp::socket socket) {
    if (error) return;
    socket.set_option(tcp::no_delay(true));
    std::make_shared<Session>(std::move(socket))->Read();
    Accept(acceptor);
  });
}

int ServeFloor() {
  asio::io_context context(1);
  tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  std::printf("%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  Accept(acceptor);
  context.run();
  return 0;
}

// ---- The load: raw sockets, so that it takes less than who is measured.

struct Load {
  uint16_t port = 0;
  std::string message;
  int connections = 1;
  double seconds = 1;
  double rate = 0;
};

double Now() {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

class Poster {
 public:
  explicit Poster(const Load& load) : load_(load), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    for (int i = 0; i < load.connections; ++i) Connect();
  }
  ~Poster() {
    for (const Connection& connection : connections_) close(connection.socket);
    close(epoll_);
  }
  Poster(const Poster&) = delete;
  Poster& operator=(const Poster&) = delete;

  void Run() {
    begun_ = Now();
    const double end = begun_ + load_.seconds;
    for (double now = begun_; now < end || under_way_ > 0; now = Now()) {
      CALSYNC_CHECK(now < end + 30);  // Somebody does not answer.
      if (now < end) SendDue(now);
      const double rest = load_.rate > 0 && now < end ? std::max(0.0, NextDue() - now) : 1;
      Wait(std::min(rest, 1.0));
    }
    took_ = Now() - begun_;
  }

  void Print() {
    std::sort(late_.begin(), late_.end());
    const auto at = [&](double share) {
      return late_.empty() ? 0 : late_[static_cast<size_t>(share * static_cast<double>(late_.size() - 1))] * 1e6;
    };
    std::printf("{\"accepted\": %zu, \"seconds\": %.6f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f}\n", late_.size(),
                took_, at(0.5), at(0.99), at(1));
  }

 private:
  struct Connection {
    int socket = -1;
    double asked = 0;  // When it was due.
    std::string heard;
  };

  void Connect() {
    Connection connection{.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(load_.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CALSYNC_CHECK(connect(connection.socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    const int on = 1;
    setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(connection.socket, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = connections_.size();
    CALSYNC_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event) == 0);
    idle_.push_back(connections_.size());
    connections_.push_back(std::move(connection));
  }

  // By the clock, not by who is ready: a message that finds no connection free is late from when it was due.
  double NextDue() const { return begun_ + static_cast<double>(sent_) / load_.rate; }

  void SendDue(double now) {
    while (!idle_.empty() && (load_.rate == 0 || NextDue() <= now)) {
      Connection& connection = connections_[idle_.front()];
      idle_.pop_front();
      connection.asked = load_.rate == 0 ? Now() : NextDue();
      ++sent_;
      ++under_way_;
      const ssize_t size = static_cast<ssize_t>(load_.message.size());
      CALSYNC_CHECK(send(connection.socket, load_.message.data(), load_.message.size(), MSG_NOSIGNAL) == size);
    }
  }

  void Wait(double seconds) {
    epoll_event ready[64];
    const timespec at_most{.tv_sec = 0, .tv_nsec = static_cast<long>(seconds * 999'999'999)};  // In milliseconds it would spin.
    const int many = epoll_pwait2(epoll_, ready, 64, &at_most, nullptr);
    for (int i = 0; i < many; ++i) Hear(static_cast<size_t>(ready[i].data.u64));
  }

  void Hear(size_t number) {
    Connection& connection = connections_[number];
    char bytes[4096];
    const ssize_t size = recv(connection.socket, bytes, sizeof bytes, 0);
    if (size < 0 && errno == EAGAIN) return;
    CALSYNC_CHECK(size > 0);
    connection.heard.append(bytes, static_cast<size_t>(size));
    if (connection.heard.find("\r\n\r\n") == std::string::npos) return;
    CALSYNC_CHECK(connection.heard.rfind("HTTP/1.1 204", 0) == 0);  // No body follows.
    late_.push_back(Now() - connection.asked);
    connection.heard.clear();
    --under_way_;
    idle_.push_back(number);
  }

  const Load load_;
  const int epoll_;
  std::vector<Connection> connections_;
  std::deque<size_t> idle_;
  std::vector<double> late_;
  double begun_ = 0;
  double took_ = 0;
  uint64_t sent_ = 0;
  int under_way_ = 0;
};

// What Google sends (C-82).
std::string MessageTo(absl::string_view path, absl::string_view channel, absl::string_view token) {
  return absl::StrCat(
      "POST ", path, " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nContent-Length: 0\r\nContent-Type: ",
      "application/json; charset=UTF-8\r\nUser-Agent: APIs-Google; (+https://developers.google.com/webmasters/",
      "APIs-Google.html)\r\nX-Goog-Channel-ID: ", channel, "\r\nX-Goog-Channel-Token: ", token,
      "\r\nX-Goog-Channel-Expiration: Mon, 01 Jan 2035 00:00:00 GMT\r\nX-Goog-Resource-ID: o3hgv1538sdjfh",
      "\r\nX-Goog-Resource-URI: https://www.googleapis.com/calendar/v3/calendars/ada%40example.com/events?alt=json",
      "\r\nX-Goog-Resource-State: exists\r\nX-Goog-Message-Number: 10\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n");
}

int Main(int argc, char** argv) {
  if (argc == 2 && absl::string_view(argv[1]) == "floor") return ServeFloor();
  Load load;
  int port = 0;
  if (argc != 9 || absl::string_view(argv[1]) != "post" || !absl::SimpleAtoi(argv[2], &port) ||
      !absl::SimpleAtoi(argv[6], &load.connections) || !absl::SimpleAtod(argv[7], &load.seconds) ||
      !absl::SimpleAtod(argv[8], &load.rate)) {
    std::fprintf(stderr, "usage: webhook_load floor | post PORT PATH CHANNEL TOKEN CONNECTIONS SECONDS RATE\n");
    return 2;
  }
  load.port = static_cast<uint16_t>(port);
  load.message = MessageTo(argv[3], argv[4], argv[5]);
  Poster poster(load);
  poster.Run();
  poster.Print();
  return 0;
}

}  // namespace
}  // namespace calsync::bench

int main(int argc, char** argv) { return calsync::bench::Main(argc, argv); }
