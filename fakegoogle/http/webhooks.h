// Posts notifications, as Google does: no body, everything in headers, tried again after a 5xx (contract 5.2).

#ifndef CALSYNC_FAKEGOOGLE_HTTP_WEBHOOKS_H_
#define CALSYNC_FAKEGOOGLE_HTTP_WEBHOOKS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "adapter/http/client.h"
#include "adapter/http/loop.h"
#include "adapter/http/message.h"
#include "fakegoogle/model/channels.h"

namespace calsync::fake {

struct WebhookOptions {
  bool anywhere = false;                          // To other machines, too.
  int tries_max = 6;                              // C-85: after 500, 502, 503, 504 or no answer at all.
  absl::Duration first_pause = absl::Seconds(1);  // Then twice as long each time.
  absl::Duration timeout = absl::Seconds(10);
  size_t waiting_max = 10'000;               // Of one channel; beyond that the oldest is lost.
  http::Trust trust = http::Trust::kSystem;  // Whose certificates an https address may show.
  std::string ca_file;                       // With kFile.
};

class Webhooks {
 public:
  // What became of one try: the status, or 0 and why there is none.
  using Told = std::function<void(const PushMessage& message, int status, const std::string& why)>;
  Webhooks(http::Loop& loop, const WebhookOptions& options, Told told);

  // Messages of one channel go one after the other. A repeated one does not hold up those after it.
  void Post(PushMessage message, std::string resource_uri);

  // For tests: the request as it is sent.
  static http::Request RequestOf(const PushMessage& message, const std::string& resource_uri);

 private:
  struct Waiting {
    PushMessage message;
    std::string resource_uri;
    int tries = 0;
  };
  struct Queue {
    std::deque<Waiting> waiting;
    bool busy = false;
  };
  struct State;
  enum class Then : uint8_t { kNext, kNothing };  // After an answer: the channel's next message, unless it was a repetition.

  static void SendNext(const std::shared_ptr<State>& state, const ChannelId& channel);
  static void SendOne(const std::shared_ptr<State>& state, Waiting one, Then then);
  static void Finish(const std::shared_ptr<State>& state, const Waiting& one, int status, const std::string& why);

  std::shared_ptr<State> state_;
};

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_WEBHOOKS_H_
