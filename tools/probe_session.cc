#include "tools/probe_session.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/api/failure.h"
#include "engine/base/status_macros.h"
#include "tools/foreign_blocks.h"

namespace calsync::tools {
namespace {

constexpr char kMark[] = "calsyncprobe";  // No key of ours: what it marks is no block and no user event.
constexpr char kTitle[] = "calsync probe";
constexpr int kScratchPagesMax = 100;  // A scratch calendar is a small one.
constexpr absl::Duration kPollEvery = absl::Milliseconds(200);

absl::Status Failed(absl::string_view what, const Reply& reply) {
  return absl::UnavailableError(absl::StrCat(what, ": ", InWords(reply)));
}

}  // namespace

std::string InWords(const Reply& reply) {
  const auto* error = std::get_if<ApiError>(&reply);
  if (error == nullptr) return "accepted";
  if (error->transport != Transport::kAnswered) return absl::StrCat("no answer (", error->message, ")");
  return absl::StrCat(error->code, " ", error->reason);
}

ProbeSession::ProbeSession(http::Loop& loop, adapter::GoogleClient& google, Options options)
    : loop_(loop), google_(google), options_(std::move(options)), lag_(options_.patience / 2) {}

Reply ProbeSession::CallAnyway(Request request) { return CallAndWait(loop_, google_, options_.account, std::move(request)); }

Reply ProbeSession::Call(Request request) {
  if (interrupted_) return ApiError{.transport = Transport::kNotSent, .message = "interrupted"};
  return CallAnyway(std::move(request));
}

std::variant<http::Response, ApiError> ProbeSession::CallRaw(http::Request request, int units) {
  if (interrupted_) return ApiError{.transport = Transport::kNotSent, .message = "interrupted"};
  std::optional<std::variant<http::Response, ApiError>> answer;
  google_.SendRaw(options_.account, std::move(request), units, [&](std::variant<http::Response, ApiError> got) {
    answer = std::move(got);
    loop_.Stop();
  });
  while (!answer.has_value()) loop_.Run();
  return *std::move(answer);
}

void ProbeSession::Wait(absl::Duration length) {
  const absl::Time end = absl::Now() + length;
  while (!interrupted_ && absl::Now() < end) {
    http::Loop::Alarm alarm(loop_);
    alarm.Set(std::min(end - absl::Now(), absl::Milliseconds(200)), [this] { loop_.Stop(); });
    loop_.Run();
  }
}

Event ProbeSession::AnEvent(int days) const {
  const absl::Time begins = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()) / 3600 * 3600) + absl::Hours(24 * days);
  Event event;
  event.summary = kTitle;
  event.start = EventTime::At(begins, "UTC");
  event.end = EventTime::At(begins + absl::Hours(1), "UTC");
  event.transparency = Transparency::kTransparent;  // Nobody is busy because of it.
  event.reminders.use_default = false;
  event.private_properties[kMark] = "1";
  return event;
}

Event ProbeSession::ASeries(int days, absl::string_view rule) const {
  Event event = AnEvent(days);
  event.recurrence = {std::string(rule)};
  return event;
}

absl::StatusOr<EventPtr> ProbeSession::Insert(const Event& event) {
  // Remembered before it is sent: also an answer that is lost may have been carried out. Then its mark finds it.
  Reply reply = Call(InsertEvent{options_.calendar, event});
  auto* const made = std::get_if<EventPtr>(&reply);
  if (made == nullptr) return Failed("insert", reply);
  Remember(options_.calendar, (*made)->id);
  return std::move(*made);
}

absl::StatusOr<EventPtr> ProbeSession::Patch(const EventId& event, EventPatch patch) {
  Reply reply = Call(PatchEvent{options_.calendar, event, std::move(patch), std::nullopt, SendUpdates::kNone});
  auto* const changed = std::get_if<EventPtr>(&reply);
  if (changed == nullptr) return Failed("patch", reply);
  return std::move(*changed);
}

absl::Status ProbeSession::Delete(const EventId& event) {
  const Reply reply = Call(DeleteEvent{options_.calendar, event, std::nullopt, SendUpdates::kNone});
  return std::holds_alternative<NoContent>(reply) ? absl::OkStatus() : Failed("delete", reply);
}

const Event* ProbeSession::Walked::Find(absl::string_view event) const {
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {  // The latest.
    if ((*row)->id.text() == event) return row->get();
  }
  return nullptr;
}

absl::StatusOr<ProbeSession::Walked> ProbeSession::Walk(ListEvents list) {
  list.calendar = options_.calendar;
  Walked walked;
  for (int pages = 0; pages < kScratchPagesMax; ++pages) {
    Reply reply = Call(list);
    auto* const page = std::get_if<EventsPage>(&reply);
    if (page == nullptr) return Failed("list", reply);
    walked.rows.insert(walked.rows.end(), page->items.begin(), page->items.end());
    if (page->next_sync_token.has_value()) walked.token = *page->next_sync_token;
    if (!page->next_page_token.has_value()) return walked;
    list.page_token = page->next_page_token;
  }
  return absl::ResourceExhaustedError(absl::StrCat("list: more than ", kScratchPagesMax, " pages: this is no scratch calendar"));
}

absl::StatusOr<ProbeSession::Walked> ProbeSession::WalkAll() { return Walk({.show_deleted = true}); }

absl::StatusOr<ProbeSession::Walked> ProbeSession::Changes(const SyncToken& token, const std::vector<EventId>& awaited) {
  Walked all{.token = token};
  const absl::Time given_up = absl::Now() + options_.patience;
  absl::Time shown = absl::InfiniteFuture();
  while (true) {
    ASSIGN_OR_RETURN(const Walked some, Walk({.sync_token = all.token, .show_deleted = true}));
    all.rows.insert(all.rows.end(), some.rows.begin(), some.rows.end());
    all.token = some.token;
    const bool complete =
        std::all_of(awaited.begin(), awaited.end(), [&](const EventId& id) { return all.Find(id.text()) != nullptr; });
    const absl::Time now = absl::Now();
    if (complete) shown = std::min(shown, now);
    // What was written before it and does not show by now does not show.
    if (complete && now >= shown + lag_) return all;
    if (now >= given_up && !complete) return absl::DeadlineExceededError("a change that was made did not show in lists in time");
    if (interrupted_) return absl::CancelledError("interrupted");
    Wait(kPollEvery);
  }
}

absl::StatusOr<std::vector<std::pair<CalendarId, EventId>>> ProbeSession::Leftovers() {
  std::vector<std::pair<CalendarId, EventId>> left;
  for (const CalendarId& calendar : {options_.calendar, options_.second}) {
    if (calendar.empty()) continue;
    ListEvents list{.calendar = calendar};
    for (int pages = 0; pages < kScratchPagesMax; ++pages) {
      Reply reply = CallAnyway(list);
      auto* const page = std::get_if<EventsPage>(&reply);
      if (page == nullptr) return Failed(absl::StrCat("list ", calendar.text()), reply);
      for (const EventPtr& event : page->items) {
        if (!event->IsCancelled() && event->private_properties.contains(kMark)) left.emplace_back(calendar, event->id);
      }
      if (!page->next_page_token.has_value()) break;
      list.page_token = page->next_page_token;
    }
  }
  return left;
}

std::vector<std::string> ProbeSession::CleanUp(const std::vector<std::pair<CalendarId, EventId>>& leftovers) {
  std::vector<std::pair<CalendarId, EventId>> all = made_;
  all.insert(all.end(), leftovers.begin(), leftovers.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::vector<std::string> left;
  constexpr int kTries = 4;
  for (const auto& [calendar, event] : all) {
    for (int tries = 0; tries < kTries; ++tries) {
      const Reply reply = CallAnyway(DeleteEvent{calendar, event, std::nullopt, SendUpdates::kNone});
      const auto* error = std::get_if<ApiError>(&reply);
      if (error == nullptr || error->code == 404 || error->code == 410) break;  // Gone is gone.
      if (tries + 1 == kTries) left.push_back(absl::StrCat(event.text(), " on ", calendar.text(), ": ", InWords(reply)));
      http::Loop::Alarm alarm(loop_);
      alarm.Set(absl::Seconds(1 << tries), [this] { loop_.Stop(); });
      loop_.Run();
    }
  }
  made_.clear();
  return left;
}

}  // namespace calsync::tools
