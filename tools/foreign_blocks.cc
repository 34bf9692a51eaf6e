#include "tools/foreign_blocks.h"

#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "adapter/google/calendar_api.h"
#include "adapter/google/event_json.h"
#include "adapter/http/target.h"
#include "engine/base/status_macros.h"
#include "engine/state/block_id.h"

namespace calsync::tools {
namespace {

constexpr int kPagesMax = 1000;

absl::StatusOr<http::Response> Page(http::Loop& loop, adapter::GoogleClient& google, const AccountId& account,
                                    const CalendarId& calendar, const std::optional<PageToken>& page) {
  http::Request request{
      .method = "GET",
      .target = absl::StrCat("calendars/", http::PercentEncode(calendar.text()),
                             "/events?maxResults=250&privateExtendedProperty=calsync_type%3Dbusy_block",
                             "&fields=kind,accessRole,timeZone,nextPageToken,nextSyncToken,items(", adapter::kEventFields, ")")};
  if (page.has_value()) absl::StrAppend(&request.target, "&pageToken=", http::PercentEncode(page->text()));
  std::optional<std::variant<http::Response, ApiError>> answer;
  google.SendRaw(account, std::move(request), 1, [&](std::variant<http::Response, ApiError> got) {
    answer = std::move(got);
    loop.Stop();
  });
  while (!answer.has_value()) loop.Run();
  const auto* response = std::get_if<http::Response>(&*answer);
  if (response != nullptr && response->status == 200) return *response;
  const ApiError error = response == nullptr ? std::get<ApiError>(*answer) : adapter::ErrorOf(*response, absl::UnixEpoch());
  const bool answered = error.transport == Transport::kAnswered;
  std::string why = answered || error.message.empty() ? WordsOf(error) : error.message;
  if (answered && !error.message.empty()) absl::StrAppend(&why, " (", error.message, ")");
  return absl::UnavailableError(absl::StrCat("cannot list ", calendar.text(), " as ", account.text(), ": ", why));
}

}  // namespace

Reply CallAndWait(http::Loop& loop, adapter::GoogleClient& google, const AccountId& account, Request request) {
  std::optional<Reply> answer;
  google.Send(account, std::make_shared<const Request>(std::move(request)), [&](Reply reply) {
    answer = std::move(reply);
    loop.Stop();
  });
  while (!answer.has_value()) loop.Run();
  return *std::move(answer);
}

absl::StatusOr<std::map<std::string, TaggedBlocks>> BlocksByInstance(http::Loop& loop, adapter::GoogleClient& google,
                                                                     const AccountId& account, const CalendarId& calendar) {
  std::map<std::string, TaggedBlocks> found;
  std::optional<PageToken> page;
  for (int pages = 0; pages < kPagesMax; ++pages) {
    ASSIGN_OR_RETURN(const http::Response response, Page(loop, google, account, calendar, page));
    ASSIGN_OR_RETURN(const EventsPage events, adapter::ReadEventsPage(response.body));
    for (const EventPtr& event : events.items) {
      const auto instance = event->private_properties.find("calsync_instance");
      if (event->IsCancelled() || event->IsOccurrence() || instance == event->private_properties.end()) continue;
      TaggedBlocks& tagged = found[instance->second];
      (BlockIds::HasShape(event->id.text()) ? tagged.blocks : tagged.others).push_back(event);
    }
    if (!events.next_page_token.has_value()) return found;
    page = events.next_page_token;
  }
  return absl::ResourceExhaustedError(absl::StrCat(calendar.text(), " has too many blocks to list"));
}

}  // namespace calsync::tools
