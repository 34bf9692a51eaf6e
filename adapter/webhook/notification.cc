#include "adapter/webhook/notification.h"

#include <cstddef>
#include <string>

namespace calsync::adapter {
namespace {

constexpr size_t kChannelMax = 64;  // C-80.
constexpr size_t kTokenMax = 256;

}  // namespace

std::optional<Notification> NotificationOf(const http::Headers& headers) {
  const std::string* const channel = headers.Find("X-Goog-Channel-ID");
  const std::string* const token = headers.Find("X-Goog-Channel-Token");
  const absl::string_view state = headers.Get("X-Goog-Resource-State");
  if (channel == nullptr || channel->empty() || channel->size() > kChannelMax) return std::nullopt;
  if (token == nullptr || token->size() > kTokenMax) return std::nullopt;
  Notification notification{ChannelId(*channel), *token};
  if (state == "sync") {
    notification.state = ResourceState::kSync;
  } else if (state == "not_exists") {
    notification.state = ResourceState::kNotExists;
  } else if (state != "exists") {
    return std::nullopt;
  }
  return notification;
}

}  // namespace calsync::adapter
