#include "adapter/http/client.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace calsync::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

constexpr uint64_t kBodyMax = 1024 * 1024;

class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(Loop& loop, const Address& to, const Request& request, Answered answered)
      : resolver_(loop.context()), stream_(loop.context()), answered_(std::move(answered)) {
    message_.version(11);
    message_.method_string(request.method);
    message_.target(to.target);
    const bool is_v6 = to.host.find(':') != std::string::npos;
    message_.set(beast::http::field::host, absl::StrCat(is_v6 ? "[" : "", to.host, is_v6 ? "]" : "", ":", to.port));
    for (const auto& [name, value] : request.headers.fields()) message_.insert(name, value);
    message_.keep_alive(false);
    message_.body() = request.body;
    message_.content_length(request.body.size());
    parser_.body_limit(kBodyMax);
  }

  void Start(const Address& to, absl::Duration timeout) {
    stream_.expires_after(std::chrono::nanoseconds(absl::ToInt64Nanoseconds(timeout)));
    resolver_.async_resolve(to.host, absl::StrCat(to.port),
                            [self = shared_from_this()](error_code error, const tcp::resolver::results_type& found) {
                              if (error) return self->Fail(error);
                              self->Connect(found);
                            });
  }

 private:
  void Connect(const tcp::resolver::results_type& found) {
    stream_.async_connect(found, [self = shared_from_this()](error_code error, const tcp::endpoint&) {
      if (error) return self->Fail(error);
      self->Write();
    });
  }

  void Write() {
    beast::http::async_write(stream_, message_, [self = shared_from_this()](error_code error, size_t) {
      if (error) return self->Fail(error);
      beast::http::async_read(self->stream_, self->buffer_, self->parser_, [self](error_code failed, size_t) {
        if (failed) return self->Fail(failed);
        self->Finish();
      });
    });
  }

  void Fail(error_code error) {
    error_code ignored;
    stream_.socket().close(ignored);
    if (error == beast::error::timeout) return answered_(absl::DeadlineExceededError("no answer in time"));
    answered_(absl::UnavailableError(error.message()));
  }

  void Finish() {
    beast::http::response<beast::http::string_body>& message = parser_.get();
    Response response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
      response.headers.Add(std::string(field.name_string().data(), field.name_string().size()),
                           std::string(field.value().data(), field.value().size()));
    }
    response.body = std::move(message.body());
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
    answered_(std::move(response));
  }

  tcp::resolver resolver_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  beast::http::request<beast::http::string_body> message_;
  beast::http::response_parser<beast::http::string_body> parser_;
  Answered answered_;
};

}  // namespace

void Send(Loop& loop, const Address& to, const Request& request, absl::Duration timeout, Answered answered) {
  std::make_shared<Exchange>(loop, to, request, std::move(answered))->Start(to, timeout);
}

}  // namespace calsync::http
