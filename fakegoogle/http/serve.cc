#include "fakegoogle/http/serve.h"

#include <exception>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"

namespace calsync::fake {

ServedFake::ServedFake(http::Loop& loop, ServeOptions options)
    : front_(std::move(options.front)),
      webhooks_(loop, options.webhooks,
                [this](const PushMessage& message, int status, const std::string& why) {
                  front_.Record({.at = front_.Now(),
                                 .what = absl::StrCat("webhook ", Name(message.state)),
                                 .target = message.address,
                                 .who = message.channel.str(),
                                 .status = status,
                                 .note = why});
                }),
      alarm_(loop) {}

absl::StatusOr<std::unique_ptr<ServedFake>> ServedFake::Start(http::Loop& loop, ServeOptions options) {
  options.server.refusal = &Front::Unreadable;
  const http::ServerOptions server_options = options.server;
  std::unique_ptr<ServedFake> fake(new ServedFake(loop, std::move(options)));
  ServedFake* const self = fake.get();
  absl::StatusOr<std::unique_ptr<http::Server>> server =
      http::Server::Listen(loop, server_options, [self](const http::Request& request) {
        http::Response response = self->Answer(request);
        self->Pump();
        return response;
      });
  if (!server.ok()) return server.status();
  fake->server_ = *std::move(server);
  const std::string& address = fake->server_->address();
  const bool is_v6 = absl::StrContains(address, ':');
  fake->front_.set_root_url(
      absl::StrCat("http://", is_v6 ? "[" : "", address, is_v6 ? "]" : "", ":", fake->server_->port(), "/"));
  fake->Pump();
  return fake;
}

absl::Status ServedFake::Import(const Json& state) {
  RETURN_IF_ERROR(front_.Import(state));
  Pump();
  return absl::OkStatus();
}

// Nothing should throw. If the library of JSON does all the same, one request fails, and says so.
http::Response ServedFake::Answer(const http::Request& request) {
  try {
    return front_.Handle(request);
  } catch (const std::exception& error) {
    front_.Record(
        {.at = front_.Now(), .what = "mistake of the fake", .target = request.target, .status = 500, .note = error.what()});
    return Front::Unreadable(500, "Internal error of the fake; /_fake/journal tells more.");
  }
}

void ServedFake::Pump() {
  for (PushMessage& message : front_.TakeDue()) {
    std::string uri = front_.api().ResourceUri(message.collection, message.calendar);
    webhooks_.Post(std::move(message), std::move(uri));
  }
  const absl::Time due = front_.NextDue();
  if (front_.has_manual_clock() || due == absl::InfiniteFuture()) return alarm_.Cancel();
  alarm_.Set(due - front_.Now(), [this] { Pump(); });
}

}  // namespace calsync::fake
