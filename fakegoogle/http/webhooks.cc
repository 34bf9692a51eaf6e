#include "fakegoogle/http/webhooks.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapter/http/target.h"

namespace calsync::fake {
namespace {

constexpr size_t kConnectionsMax = 16;  // To one receiver.
constexpr char kUserAgent[] = "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)";

bool IsRetried(int status) { return status == 0 || status == 500 || status == 502 || status == 503 || status == 504; }

}  // namespace

struct Webhooks::State {
  http::Loop& loop;
  const WebhookOptions options;
  const Told told;
  http::Client client;
  std::map<ChannelId, Queue> queues;
};

Webhooks::Webhooks(http::Loop& loop, const WebhookOptions& options, Told told)
    : state_(new State{.loop = loop,
                       .options = options,
                       .told = std::move(told),
                       .client{loop, {.trust = options.trust, .ca_file = options.ca_file, .connections_max = kConnectionsMax}},
                       .queues{}}) {}

http::Request Webhooks::RequestOf(const PushMessage& message, const std::string& resource_uri) {
  http::Request request{.method = "POST"};
  http::Headers& headers = request.headers;
  headers.Add("Accept", "*/*");
  headers.Add("User-Agent", kUserAgent);
  headers.Add("X-Goog-Channel-ID", message.channel.str());
  headers.Add("X-Goog-Channel-Expiration",
              absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", message.expiration, absl::UTCTimeZone()));
  headers.Add("X-Goog-Resource-State", std::string(Name(message.state)));
  headers.Add("X-Goog-Message-Number", absl::StrCat(message.number));
  headers.Add("X-Goog-Resource-ID", message.resource.str());
  headers.Add("X-Goog-Resource-URI", resource_uri);
  if (!message.token.empty()) headers.Add("X-Goog-Channel-Token", message.token);
  return request;
}

void Webhooks::Post(PushMessage message, std::string resource_uri) {
  const ChannelId channel = message.channel;
  Queue& queue = state_->queues[channel];
  if (queue.waiting.size() >= state_->options.waiting_max) queue.waiting.pop_front();
  queue.waiting.push_back({std::move(message), std::move(resource_uri)});
  if (!queue.busy) SendNext(state_, channel);
}

void Webhooks::SendNext(const std::shared_ptr<State>& state, const ChannelId& channel) {
  const auto found = state->queues.find(channel);
  if (found->second.waiting.empty()) {
    state->queues.erase(found);
    return;
  }
  Waiting one = std::move(found->second.waiting.front());
  found->second.waiting.pop_front();
  found->second.busy = true;
  SendOne(state, std::move(one), Then::kNext);
}

void Webhooks::SendOne(const std::shared_ptr<State>& state, Waiting one, Then then) {
  ++one.tries;
  const std::optional<http::Address> address = http::ParseAddress(one.message.address);
  std::string refused;
  if (!address) refused = "not an address";
  if (address && !state->options.anywhere && !http::IsLoopback(address->host)) refused = "not posted: another machine";
  const ChannelId channel = one.message.channel;
  const std::weak_ptr<State> weak = state;  // Whoever posts may be gone before the answer comes.
  if (!refused.empty()) {
    state->told(one.message, 0, refused);
    return state->loop.Post([weak, channel] {
      if (const std::shared_ptr<State> here = weak.lock()) SendNext(here, channel);
    });
  }
  http::Request request = RequestOf(one.message, one.resource_uri);
  state->client.Send(*address, std::move(request), state->options.timeout,
                     [weak, channel, then, one = std::move(one)](const http::Outcome& outcome) {
                       const std::shared_ptr<State> here = weak.lock();
                       if (here == nullptr) return;
                       const auto* const response = std::get_if<http::Response>(&outcome);
                       const auto* const none = std::get_if<http::NoAnswer>(&outcome);
                       Finish(here, one, response == nullptr ? 0 : response->status, none == nullptr ? "" : none->why);
                       if (then == Then::kNext) SendNext(here, channel);
                     });
}

void Webhooks::Finish(const std::shared_ptr<State>& state, const Waiting& one, int status, const std::string& why) {
  state->told(one.message, status, why);
  if (!IsRetried(status) || one.tries >= state->options.tries_max) return;
  const absl::Duration pause = state->options.first_pause * (int64_t{1} << (one.tries - 1));
  state->loop.After(pause, [weak = std::weak_ptr<State>(state), one] {
    if (const std::shared_ptr<State> here = weak.lock()) SendOne(here, one, Then::kNothing);
  });
}

}  // namespace calsync::fake
