#include "adapter/webhook/receiver.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapter/http/target.h"
#include "adapter/webhook/notification.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {

absl::StatusOr<std::unique_ptr<Receiver>> Receiver::Listen(http::Loop& loop, absl::string_view listen,
                                                           std::optional<http::Certificate> certificate, Arrivals& arrivals,
                                                           Notified notified) {
  const std::optional<http::Endpoint> endpoint = http::ParseEndpoint(listen);
  if (!endpoint) {
    return absl::InvalidArgumentError(
        absl::StrCat("the receiver takes an address and a port, as 127.0.0.1:8086, not \"", listen, "\""));
  }
  http::ServerOptions options;
  options.address = endpoint->address;
  options.port = endpoint->port;
  options.certificate = std::move(certificate);
  options.header_max = 16 * 1024;
  options.body_max = 4 * 1024;  // Messages have no body (C-82).
  options.connections_max = 2'000;
  options.idle_max = absl::Seconds(30);
  options.body_time_max = absl::Seconds(5);
  options.write_time_max = absl::Seconds(5);
  std::unique_ptr<Receiver> receiver(new Receiver(arrivals, std::move(notified)));
  ASSIGN_OR_RETURN(receiver->server_, http::Server::Listen(loop, options, [self = receiver.get()](const http::Request& request) {
                     return self->Answer(request);
                   }));
  return receiver;
}

http::Response Receiver::Answer(const http::Request& request) {
  const std::optional<http::Target> target = http::ParseTarget(request.target);
  if (request.method != "POST") {  // Nobody who has something to tell.
    ++arrivals_.malformed;
    return {.status = 405};
  }
  std::optional<Notification> notification = NotificationOf(request.headers);
  if (!notification || !target || target->segments.empty() || target->segments.back().empty()) {
    ++arrivals_.malformed;
  } else {
    notified_(target->segments.back(), *std::move(notification));
  }
  return {.status = 204};  // Google takes it for success (C-82), and nobody else learns whether it was.
}

}  // namespace calsync::adapter
