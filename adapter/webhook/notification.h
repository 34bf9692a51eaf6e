// A push message from the headers that Google sends to an Input. Contract 5.2.

#ifndef CALSYNC_ADAPTER_WEBHOOK_NOTIFICATION_H_
#define CALSYNC_ADAPTER_WEBHOOK_NOTIFICATION_H_

#include <optional>

#include "adapter/http/message.h"
#include "engine/host/input.h"

namespace calsync::adapter {

// Nothing if a header that every message has is missing or longer than Google makes it (C-82). Nothing about it is proven: the
// engine compares id and token with its channels.
std::optional<Notification> NotificationOf(const http::Headers& headers);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_WEBHOOK_NOTIFICATION_H_
