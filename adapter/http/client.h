// One request to somebody else's HTTP server, asynchronously.

#ifndef CALSYNC_ADAPTER_HTTP_CLIENT_H_
#define CALSYNC_ADAPTER_HTTP_CLIENT_H_

#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapter/http/loop.h"
#include "adapter/http/message.h"
#include "adapter/http/target.h"

namespace calsync::http {

using Answered = std::function<void(absl::StatusOr<Response>)>;

// Connects, sends, reads the answer (at most a megabyte), closes; then calls `answered`, on the loop. Host, Content-Length and
// Connection are added. Errors: Unavailable (not reached, or cut), DeadlineExceeded. REQUIRES: not `to.secure`.
void Send(Loop& loop, const Address& to, const Request& request, absl::Duration timeout, Answered answered);

}  // namespace calsync::http

#endif  // CALSYNC_ADAPTER_HTTP_CLIENT_H_
