// Requests to other people's HTTP servers: many at a time, on the loop's one thread, over connections that are kept.
//
// libcurl does the work: TLS with verification, HTTP/2 where the server offers it, gzip. It knows nothing of what is said, does
// not follow redirects and tries nothing again, with one exception that libcurl makes: a request on a kept connection that turns
// out to be dead, without a byte of an answer, goes out once more on a new one. What must not happen twice needs an id of its
// own.

#ifndef CALSYNC_ADAPTER_HTTP_CLIENT_H_
#define CALSYNC_ADAPTER_HTTP_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/http/loop.h"
#include "adapter/http/message.h"
#include "adapter/http/target.h"

namespace calsync::http {

// Whom a server's certificate must convince.
enum class Trust : uint8_t {
  kSystem,   // The authorities of this machine.
  kFile,     // Those of `ca_file`, and nobody else.
  kAnybody,  // Not looked at. For tests on this machine, never towards Google.
};

struct ClientOptions {
  Trust trust = Trust::kSystem;
  std::string ca_file;                                 // PEM; with kFile.
  std::string user_agent;                              // Empty: none is sent, unless the request has one.
  size_t body_max = 64 * 1024 * 1024;                  // Bytes of an answer, unpacked; more is kUnreadable.
  size_t connections_max = 64;                         // To one host. Further requests wait, and their time runs.
  absl::Duration connect_timeout = absl::Seconds(10);  // Name, connection and TLS.
};

// Why there is no answer.
struct NoAnswer {
  enum class Kind : uint8_t {
    kNotSent,     // The name, the connection or TLS failed: the server certainly did not act on it.
    kTimeout,     // It was sent; the time was up. The server may have acted.
    kCut,         // It was sent; the connection broke before the answer began, or in the middle of its headers.
    kUnreadable,  // An answer began, but its body is cut short, too large, or packed in a way that cannot be unpacked.
  };
  Kind kind = Kind::kNotSent;
  std::string why;  // "connection refused". Holds nothing of the request.
};
absl::string_view Name(NoAnswer::Kind kind);

using Outcome = std::variant<Response, NoAnswer>;
using Answered = std::function<void(Outcome)>;

class Client {
 public:
  // The loop must outlive it. From the first client on the process ignores SIGPIPE. A proxy that the environment names is used,
  // but not for addresses of this machine.
  Client(Loop& loop, ClientOptions options);
  ~Client();  // What still waits is dropped, not called.
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Calls `answered` exactly once, on the loop, never from within Send. `timeout` is for everything, connecting included.
  // Host and Content-Length are added. A request with a header that could not be sent as it is (a line end in it) is kNotSent.
  void Send(const Address& to, Request request, absl::Duration timeout, Answered answered);

  size_t in_flight() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace calsync::http

#endif  // CALSYNC_ADAPTER_HTTP_CLIENT_H_
