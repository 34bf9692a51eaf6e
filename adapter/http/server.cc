#include "adapter/http/server.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "adapter/http/chrono.h"

namespace calsync::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kBacklog = 1024;
constexpr auto kAcceptPause = std::chrono::milliseconds(50);
constexpr auto kGoodbye = std::chrono::seconds(2);
constexpr absl::string_view kHopByHop[] = {"Content-Length", "Connection", "Transfer-Encoding", "Date"};

absl::string_view View(beast::string_view text) { return absl::string_view(text.data(), text.size()); }

}  // namespace

class Server::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(Loop& loop, ServerOptions options, Handler handler)
      : loop_(loop),
        options_(std::move(options)),
        handler_(std::move(handler)),
        acceptor_(loop.context()),
        pause_(loop.context()) {}

  absl::Status Open();
  void Accept();
  void Stop(absl::Duration grace, std::function<void()> done);
  void DropAll();
  tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
  size_t connections() const { return connections_.size(); }

 private:
  // The present second as HTTP writes it (RFC 9110 section 5.6.7), written once for all answers of it.
  class DateText {
   public:
    const std::string& OfNow() {
      const int64_t second = absl::ToUnixSeconds(absl::Now());
      if (second != second_) {
        second_ = second;
        text_ = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::FromUnixSeconds(second), absl::UTCTimeZone());
      }
      return text_;
    }

   private:
    int64_t second_ = -1;
    std::string text_;
  };

  class Connection;
  template <class Stream>
  class ConnectionOver;

  absl::Status OpenTls();
  void Begin(tcp::socket socket);
  void Forget(Connection* connection);
  Response Refuse(int status, absl::string_view why) const {
    if (options_.refusal) return options_.refusal(status, why);
    return {.status = status, .headers = {{"Content-Type", "text/plain"}}, .body = absl::StrCat(why, "\n")};
  }

  Loop& loop_;
  const ServerOptions options_;
  const Handler handler_;
  std::optional<ssl::context> tls_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  DateText date_;
  std::set<Connection*> connections_;  // Each owns itself while it waits for something.
  bool accepting_ = false;
  bool stopping_ = false;
  std::function<void()> done_;
};

class Server::Impl::Connection {
 public:
  virtual ~Connection() = default;
  // True while a request is being answered.
  virtual bool busy() const = 0;
  virtual void Close() = 0;
};

// One client. Reads a request, hands it on, writes the answer, and again.
template <class Stream>
class Server::Impl::ConnectionOver final : public Connection, public std::enable_shared_from_this<ConnectionOver<Stream>> {
 public:
  template <class... More>
  ConnectionOver(std::shared_ptr<Impl> server, tcp::socket socket, More&... more)
      : server_(std::move(server)), stream_(std::move(socket), more...), hold_(stream_.get_executor()) {}
  ~ConnectionOver() override { server_->Forget(this); }

  void Start() {
    if constexpr (kSecure) {
      lowest().expires_after(Chrono(server_->options_.handshake_time_max));
      stream_.async_handshake(ssl::stream_base::server, [self = this->shared_from_this()](error_code error) {
        if (error) return self->Close();
        self->ReadHeader();
      });
    } else {
      ReadHeader();
    }
  }

  bool busy() const override { return busy_; }
  void Close() override {
    error_code ignored;
    hold_.cancel();
    lowest().socket().shutdown(tcp::socket::shutdown_both, ignored);
    lowest().close();
  }

 private:
  static constexpr bool kSecure = !std::is_same_v<Stream, beast::tcp_stream>;
  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

  // After a whole answer: with the word that it is the end.
  void End() {
    if constexpr (kSecure) {
      lowest().expires_after(kGoodbye);
      stream_.async_shutdown([self = this->shared_from_this()](error_code) { self->Close(); });
    } else {
      Close();
    }
  }

  void ReadHeader() {
    if (server_->stopping_) return Close();
    busy_ = false;
    parser_.emplace();
    parser_->header_limit(server_->options_.header_max);
    parser_->body_limit(server_->options_.body_max);
    lowest().expires_after(Chrono(server_->options_.idle_max));
    beast::http::async_read_header(stream_, buffer_, *parser_,
                                   [self = this->shared_from_this()](error_code error, size_t) { self->OnHeader(error); });
  }

  void OnHeader(error_code error) {
    if (error) return Refuse(error);
    busy_ = true;
    if (parser_->is_done()) return OnRequest(error);  // No body: most of what Google notifies of.
    lowest().expires_after(Chrono(server_->options_.body_time_max));
    if (beast::iequals(parser_->get()[beast::http::field::expect], "100-continue")) {
      beast::http::response<beast::http::empty_body> proceed;
      proceed.result(beast::http::status::continue_);
      proceed.version(11);
      auto message = std::make_shared<decltype(proceed)>(std::move(proceed));
      beast::http::async_write(stream_, *message, [self = this->shared_from_this(), message](error_code failed, size_t) {
        if (!failed) self->ReadBody();
      });
      return;
    }
    ReadBody();
  }

  void ReadBody() {
    beast::http::async_read(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](error_code error, size_t) { self->OnRequest(error); });
  }

  void OnRequest(error_code error) {
    if (error) return Refuse(error);
    beast::http::request<beast::http::string_body>& message = parser_->get();
    keep_alive_ = message.keep_alive();
    is_head_ = message.method() == beast::http::verb::head;
    Request request;
    request.method = std::string(View(message.method_string()));
    request.target = std::string(View(message.target()));
    for (const auto& field : message) {
      request.headers.Add(std::string(View(field.name_string())), std::string(View(field.value())));
    }
    request.body = std::move(message.body());
    Answer(server_->handler_(std::move(request)));
  }

  // A request that cannot be read, or a client that left.
  void Refuse(error_code reason) {
    using Kind = beast::http::error;
    busy_ = true;
    keep_alive_ = false;
    if (reason == Kind::body_limit) return Answer(server_->Refuse(413, "The body is too large."));
    if (reason == Kind::header_limit || reason == Kind::buffer_overflow) {
      return Answer(server_->Refuse(431, "The headers are too large."));
    }
    const bool unreadable = reason.category() == make_error_code(Kind::bad_method).category();
    if (!unreadable || reason == Kind::end_of_stream || reason == Kind::partial_message) return Close();
    Answer(server_->Refuse(400, "The request cannot be read."));
  }

  void Answer(Response response) {
    if (response.after > absl::ZeroDuration()) {
      hold_.expires_after(Chrono(std::exchange(response.after, absl::ZeroDuration())));
      lowest().expires_never();
      hold_.async_wait(
          [self = this->shared_from_this(), held = std::make_shared<Response>(std::move(response))](error_code error) {
            if (!error) self->Answer(std::move(*held));
          });
      return;
    }
    switch (response.ending) {
      case Ending::kWhole:
        return Write(std::move(response));
      case Ending::kTruncated:
        keep_alive_ = false;
        return Write(std::move(response));
      case Ending::kCut:
        return Close();
      case Ending::kNever:
        // Reading tells when the client leaves; nothing that it sends is answered.
        lowest().expires_never();
        stream_.async_read_some(asio::buffer(nothing_), [self = this->shared_from_this()](error_code, size_t) { self->Close(); });
        return;
    }
  }

  void Write(Response response) {
    const bool truncated = response.ending == Ending::kTruncated;
    auto message = std::make_shared<beast::http::response<beast::http::string_body>>();
    message->version(11);
    message->result(static_cast<unsigned>(response.status));
    for (const Headers::Field& field : response.headers.fields()) {
      const bool ours = std::any_of(std::begin(kHopByHop), std::end(kHopByHop),
                                    [&](absl::string_view hop) { return absl::EqualsIgnoreCase(hop, field.first); });
      if (!ours) message->insert(field.first, field.second);
    }
    message->set(beast::http::field::date, server_->date_.OfNow());
    message->keep_alive(keep_alive_ && !server_->stopping_);
    const bool bodiless = response.status == 204 || response.status == 304 || response.status < 200;
    if (!bodiless) message->content_length(response.body.size());
    if (truncated) response.body.resize(response.body.size() / 2);
    if (!is_head_ && !bodiless) message->body() = std::move(response.body);
    lowest().expires_after(Chrono(server_->options_.write_time_max));
    beast::http::async_write(stream_, *message, [self = this->shared_from_this(), message](error_code error, size_t) {
      if (error) return self->Close();
      if (!message->keep_alive()) return self->End();
      self->ReadHeader();
    });
  }

  const std::shared_ptr<Impl> server_;
  Stream stream_;
  asio::steady_timer hold_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  char nothing_[1] = {};
  bool busy_ = false;
  bool keep_alive_ = false;
  bool is_head_ = false;
};

absl::Status Server::Impl::OpenTls() {
  const Certificate& certificate = *options_.certificate;
  tls_.emplace(ssl::context::tls_server);
  error_code error;
  tls_->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                        ssl::context::no_tlsv1_1 | ssl::context::single_dh_use,
                    error);
  if (!error) tls_->use_certificate_chain(asio::buffer(certificate.chain), error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("the certificate cannot be used: ", error.message()));
  tls_->use_private_key(asio::buffer(certificate.key), ssl::context::pem, error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("the key cannot be used with the certificate: ", error.message()));
  return absl::OkStatus();
}

absl::Status Server::Impl::Open() {
  if (options_.certificate.has_value()) {
    if (absl::Status status = OpenTls(); !status.ok()) return status;
  }
  error_code error;
  const auto address = asio::ip::make_address(options_.address, error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("\"", options_.address, "\" is no address"));
  const tcp::endpoint endpoint(address, options_.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (!error) return absl::OkStatus();
  const std::string what = absl::StrCat(options_.address, ":", options_.port, ": ", error.message());
  if (error == asio::error::address_in_use) return absl::UnavailableError(what);
  if (error == asio::error::access_denied) return absl::PermissionDeniedError(what);
  return absl::InvalidArgumentError(what);
}

void Server::Impl::Accept() {
  if (accepting_ || stopping_ || connections_.size() >= options_.connections_max) return;
  accepting_ = true;
  acceptor_.async_accept([self = this->shared_from_this()](error_code error, tcp::socket socket) {
    self->accepting_ = false;
    if (self->stopping_) return;
    if (error) {  // Out of descriptors, perhaps: some will come back.
      self->pause_.expires_after(kAcceptPause);
      self->pause_.async_wait([self](error_code cancelled) {
        if (!cancelled) self->Accept();
      });
      return;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    self->Begin(std::move(socket));
    self->Accept();
  });
}

void Server::Impl::Begin(tcp::socket socket) {
  const auto start = [&](const auto& connection) {
    connections_.insert(connection.get());
    connection->Start();
  };
  if (tls_.has_value()) {
    start(std::make_shared<ConnectionOver<beast::ssl_stream<beast::tcp_stream>>>(shared_from_this(), std::move(socket), *tls_));
  } else {
    start(std::make_shared<ConnectionOver<beast::tcp_stream>>(shared_from_this(), std::move(socket)));
  }
}

void Server::Impl::Forget(Connection* connection) {
  connections_.erase(connection);
  if (!stopping_) return Accept();
  if (connections_.empty() && done_) loop_.Post(std::exchange(done_, nullptr));
}

void Server::Impl::Stop(absl::Duration grace, std::function<void()> done) {
  stopping_ = true;
  done_ = std::move(done);
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  for (Connection* connection : connections_) {
    if (!connection->busy()) connection->Close();
  }
  if (connections_.empty()) {
    if (done_) loop_.Post(std::exchange(done_, nullptr));
    return;
  }
  loop_.After(grace, [weak = weak_from_this()] {
    if (const std::shared_ptr<Impl> self = weak.lock()) self->DropAll();
  });
}

void Server::Impl::DropAll() {
  for (Connection* connection : connections_) connection->Close();
}

absl::StatusOr<std::unique_ptr<Server>> Server::Listen(Loop& loop, ServerOptions options, Handler handler) {
  auto impl = std::make_shared<Impl>(loop, std::move(options), std::move(handler));
  if (absl::Status opened = impl->Open(); !opened.ok()) return opened;
  impl->Accept();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {
  const tcp::endpoint endpoint = impl_->endpoint();
  address_ = endpoint.address().to_string();
  port_ = endpoint.port();
}

Server::~Server() {
  impl_->Stop(absl::ZeroDuration(), nullptr);
  impl_->DropAll();
}

size_t Server::connections() const { return impl_->connections(); }
void Server::Stop(absl::Duration grace, std::function<void()> done) { impl_->Stop(grace, std::move(done)); }

}  // namespace calsync::http
