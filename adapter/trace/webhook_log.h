// A log of push notifications that really came, a line of JSON for each request, as a reverse proxy or a small script writes it.
// docs/trace-format.md describes it under "Recorded webhooks".

#ifndef CALSYNC_ADAPTER_TRACE_WEBHOOK_LOG_H_
#define CALSYNC_ADAPTER_TRACE_WEBHOOK_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace calsync::adapter {

// One message, by its X-Goog-* headers (contract 5.2).
struct LoggedNotification {
  absl::Time at;  // When it arrived.
  std::string channel;
  std::string resource;  // One for a collection, whoever watches it (C-87).
  std::string state;     // "sync", "exists", "not_exists".
  uint64_t number = 0;   // Grows within a channel, with gaps (C-83).
  bool taken = true;     // The receiver answered with success; else Google sent it again, or not (C-85).
};

struct WebhookLog {
  std::vector<LoggedNotification> messages;  // In the order of their arrival.
  size_t others = 0;                         // Lines about requests that carry no message of Google's.
};

// Errors name the file and the line.
absl::StatusOr<WebhookLog> ReadWebhookLog(absl::string_view text, absl::string_view name);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_TRACE_WEBHOOK_LOG_H_
