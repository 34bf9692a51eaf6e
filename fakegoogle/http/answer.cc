#include "fakegoogle/http/answer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace calsync::fake {
namespace {

struct Place {
  absl::string_view reason;
  absl::string_view message;  // Empty: any.
  absl::string_view type;
  absl::string_view name;
};

// Where an error is said to have been seen.
constexpr Place kPlaces[] = {
    {"timeRangeEmpty", "", "parameter", "timeMax"},
    {"fullSyncRequired", "", "parameter", "syncToken"},
    {"updatedMinTooLongAgo", "", "parameter", "updatedMin"},
    {"conditionNotMet", "", "header", "If-Match"},
    {"authError", "", "header", "Authorization"},
    {"required", "Login Required.", "header", "Authorization"},
    {"invalid", "Invalid sync token value.", "parameter", "syncToken"},
    {"invalid", "Invalid page token value.", "parameter", "pageToken"},
    {"invalidParameter", "Invalid value for maxResults.", "parameter", "maxResults"},
};

void AddPlace(const ApiError& error, Json& row) {
  for (const Place& place : kPlaces) {
    if (place.reason != error.reason || (!place.message.empty() && place.message != error.message)) continue;
    row["locationType"] = place.type;
    row["location"] = place.name;
    return;
  }
}

// "events.insert" as the front end names it: "calendar.v3.Events.Insert".
std::string RpcName(absl::string_view method) {
  std::string name = "calendar.v3";
  for (absl::string_view part : absl::StrSplit(method, '.')) {
    std::string word(part);
    if (!word.empty()) word[0] = absl::ascii_toupper(static_cast<unsigned char>(word[0]));
    absl::StrAppend(&name, ".", word);
  }
  return name;
}

// Grants and scopes are looked at before the backend is asked; so are quotas of a minute, as 403 and as 429, but not an account's
// own limits. userRateLimitExceeded is the older spelling, which the backend has in Google's guide (contract 6.1).
absl::string_view FrontEndStatus(const ApiError& error) {
  if (error.reason == "insufficientPermissions") return "PERMISSION_DENIED";
  if (error.code == 401) return "UNAUTHENTICATED";
  if (error.reason == "rateLimitExceeded") return error.code == 429 ? "RESOURCE_EXHAUSTED" : "PERMISSION_DENIED";
  return "";
}

Json Details(const ApiError& error, absl::string_view method) {
  Json metadata{{"service", "calendar-json.googleapis.com"}};
  if (!method.empty()) metadata["method"] = RpcName(method);
  if (error.reason == "rateLimitExceeded") {
    metadata["quota_limit"] = "defaultPerMinutePerUser";
    metadata["quota_metric"] = "calendar-json.googleapis.com/default";
  }
  absl::string_view reason = "RATE_LIMIT_EXCEEDED";
  if (error.reason == "insufficientPermissions") reason = "ACCESS_TOKEN_SCOPE_INSUFFICIENT";
  if (error.reason == "required") reason = "CREDENTIALS_MISSING";
  if (error.reason == "authError") reason = "ACCESS_TOKEN_EXPIRED";
  return Json::array({Json{{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
                           {"reason", reason},
                           {"domain", "googleapis.com"},
                           {"metadata", std::move(metadata)}}});
}

}  // namespace

Answer ToAnswer(const ApiError& error, absl::string_view method) {
  Answer answer{.status = error.code, .error = error};
  if (error.reason.empty()) {  // A proxy on the way speaks HTML.
    answer.unreadable = true;
    return answer;
  }
  const absl::string_view status = FrontEndStatus(error);
  Json row{{"domain", error.domain}, {"reason", error.reason}, {"message", error.message}};
  AddPlace(error, row);
  if (status.empty()) {
    answer.body = Json{{"error", {{"errors", Json::array({std::move(row)})}, {"code", error.code}, {"message", error.message}}}};
    return answer;
  }
  std::string message = error.message;
  if (error.reason == "insufficientPermissions") message = "Request had insufficient authentication scopes.";
  answer.body = Json{{"error",
                      {{"code", error.code},
                       {"message", message},
                       {"errors", Json::array({std::move(row)})},
                       {"status", status},
                       {"details", Details(error, method)}}}};
  return answer;
}

Answer Refusal(absl::string_view message, absl::string_view reason, absl::string_view location, int code) {
  ApiError error{.code = code, .domain = "global", .reason = std::string(reason), .message = std::string(message)};
  Answer answer = ToAnswer(error);
  if (!location.empty()) {
    Json& row = (*answer.body)["error"]["errors"][0];
    row["locationType"] = "parameter";
    row["location"] = location;
  }
  return answer;
}

http::Response ToResponse(const Answer& answer, bool compact) {
  http::Response response{.status = answer.status, .after = answer.after, .ending = answer.ending};
  if (answer.error && answer.error->retry_after) {
    response.headers.Add("Retry-After", absl::StrCat(absl::ToInt64Seconds(*answer.error->retry_after)));
  }
  if (answer.status == 401) response.headers.Add("WWW-Authenticate", "Bearer realm=\"https://accounts.google.com/\"");
  if (!answer.etag.empty()) response.headers.Add("ETag", answer.etag);
  if (answer.unreadable) {
    response.headers.Add("Content-Type", "text/html; charset=UTF-8");
    response.body = absl::StrCat("<!DOCTYPE html>\n<title>Error ", answer.status, "</title>\n<p>That is all we know.\n");
    return response;
  }
  response.headers.Add("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate");
  response.headers.Add("Vary", "Origin");
  if (answer.body) {
    response.headers.Add("Content-Type", "application/json; charset=UTF-8");
    response.body = FormatJson(*answer.body, compact);
  }
  return response;
}

}  // namespace calsync::fake
