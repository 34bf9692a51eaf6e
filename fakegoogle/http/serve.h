// The fake on a port: a front, a server, a poster of webhooks and the clock, on one loop.

#ifndef CALSYNC_FAKEGOOGLE_HTTP_SERVE_H_
#define CALSYNC_FAKEGOOGLE_HTTP_SERVE_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapter/http/loop.h"
#include "adapter/http/server.h"
#include "fakegoogle/http/front.h"
#include "fakegoogle/http/webhooks.h"

namespace calsync::fake {

struct ServeOptions {
  http::ServerOptions server;
  FrontOptions front;  // The root URL follows from where it listens.
  WebhookOptions webhooks;
};

class ServedFake {
 public:
  // Listens from now on, answers while the loop runs. Errors as of http::Server::Listen.
  static absl::StatusOr<std::unique_ptr<ServedFake>> Start(http::Loop& loop, ServeOptions options);

  const http::Server& server() const { return *server_; }
  Front& front() { return front_; }
  const Front& front() const { return front_; }
  // As Front::Import; what is due is posted.
  absl::Status Import(const Json& state);
  void Stop(absl::Duration grace, std::function<void()> done) { server_->Stop(grace, std::move(done)); }

 private:
  ServedFake(http::Loop& loop, ServeOptions options);
  http::Response Answer(const http::Request& request);
  // Posts what is due, and comes back when something else is.
  void Pump();

  Front front_;
  Webhooks webhooks_;
  http::Loop::Alarm alarm_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_SERVE_H_
