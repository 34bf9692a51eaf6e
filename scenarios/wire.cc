#include "scenarios/wire.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/google/calendar_api.h"
#include "adapter/http/message.h"
#include "adapter/http/target.h"
#include "engine/base/check.h"
#include "fakegoogle/http/answer.h"
#include "fakegoogle/http/api.h"

namespace calsync::sim {
namespace {

constexpr absl::string_view kBase = "/calendar/v3/";
constexpr size_t kSegmentsOfBase = 2;

Reply Read(const Request& request, const fake::Answer& answer, absl::Time now) {
  return adapter::ReplyOf(request, fake::ToResponse(answer, /*compact=*/true), now);
}

}  // namespace

Reply AskThroughText(fake::Server& server, const fake::Caller& caller, const Request& request, absl::Time now,
                     const fake::Conditions& conditions) {
  const http::Request sent = adapter::RequestOf(request, kBase);
  const std::optional<http::Target> target = http::ParseTarget(sent.target);
  CALSYNC_CHECK(target.has_value() && target->segments.size() > kSegmentsOfBase);
  const std::vector<std::string> path(target->segments.begin() + kSegmentsOfBase, target->segments.end());
  // What it keeps besides the server is what no call of an engine says.
  fake::Api api(server, "https://calendar.example/", 0);
  api.Plan({.conditions = conditions});
  const fake::Identity identity{caller, ~fake::Scopes{0}};
  return Read(request, api.Handle(sent, sent.method, path, target->query, &identity, now), now);
}

Reply RefuseThroughText(const Request& request, const ApiError& error, absl::Time now) {
  if (error.transport != Transport::kAnswered) return error;
  return Read(request, fake::ToAnswer(error), now);
}

void LeaveUnread(EventsPage& page, const adapter::AskKnown& known) {
  std::vector<VersionView> shown;
  for (const EventPtr& event : page.items) {
    shown.push_back(event->IsCancelled() ? VersionView() : VersionView{event->id.text(), event->etag.text()});
  }
  std::vector<std::optional<EventVersion>> answers = known(shown);
  std::vector<EventPtr> items;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].has_value()) {
      page.unread.push_back({items.size(), *std::move(answers[i])});
    } else {
      items.push_back(std::move(page.items[i]));
    }
  }
  page.items = std::move(items);
}

}  // namespace calsync::sim
