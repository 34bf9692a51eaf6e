#include "adapter/trace/webhook_log.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

using Json = nlohmann::json;

// "at" as RFC 3339, or "ts" in seconds since 1970, as Caddy writes it.
absl::StatusOr<absl::Time> ArrivalOf(const Json& line) {
  if (const auto at = line.find("at"); at != line.end() && at->is_string()) {
    absl::Time time;
    std::string why;
    const std::string text = at->get<std::string>();
    if (absl::ParseTime(absl::RFC3339_full, text, &time, &why)) return time;
    return absl::InvalidArgumentError(
        absl::StrCat("`at` is \"", text, "\", and no time of RFC 3339 such as 2026-11-29T08:00:00Z"));
  }
  if (const auto ts = line.find("ts"); ts != line.end() && ts->is_number()) {
    return absl::UnixEpoch() + absl::Seconds(ts->get<double>());
  }
  return absl::InvalidArgumentError("it does not say when: neither `at` (a time of RFC 3339) nor `ts` (seconds since 1970)");
}

const Json* HeadersOf(const Json& line) {
  const auto request = line.find("request");
  const Json& holder = request != line.end() && request->is_object() ? *request : line;
  const auto headers = holder.find("headers");
  return headers != holder.end() && headers->is_object() ? &*headers : nullptr;
}

// The value of a header, a text or a list of one; empty if it is not there.
std::string Header(const Json& headers, absl::string_view name) {
  for (const auto& [key, value] : headers.items()) {
    if (!absl::EqualsIgnoreCase(key, name)) continue;
    const Json& one = value.is_array() && !value.empty() ? value.front() : value;
    if (one.is_string()) return one.get<std::string>();
    if (one.is_number_unsigned()) return absl::StrCat(one.get<uint64_t>());
  }
  return "";
}

absl::StatusOr<std::optional<LoggedNotification>> Read(absl::string_view text) {
  const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!line.is_object()) return absl::InvalidArgumentError("it is no JSON object");
  const Json* headers = HeadersOf(line);
  if (headers == nullptr) return std::nullopt;
  LoggedNotification message;
  message.channel = Header(*headers, "X-Goog-Channel-ID");
  if (message.channel.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(message.at, ArrivalOf(line));
  message.resource = Header(*headers, "X-Goog-Resource-ID");
  message.state = Header(*headers, "X-Goog-Resource-State");
  const std::string number = Header(*headers, "X-Goog-Message-Number");
  if (message.resource.empty() || message.state.empty() || !absl::SimpleAtoi(number, &message.number)) {
    return absl::InvalidArgumentError(
        "X-Goog-Channel-ID is there, but not all of X-Goog-Resource-ID, X-Goog-Resource-State and X-Goog-Message-Number");
  }
  if (const auto status = line.find("status"); status != line.end() && status->is_number_integer()) {
    const int64_t code = status->get<int64_t>();
    message.taken = code >= 200 && code < 300;
  }
  return message;
}

}  // namespace

absl::StatusOr<WebhookLog> ReadWebhookLog(absl::string_view text, absl::string_view name) {
  WebhookLog log;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    absl::StatusOr<std::optional<LoggedNotification>> message = Read(line);
    if (!message.ok()) return absl::InvalidArgumentError(absl::StrCat(name, ":", number, ": ", message.status().message()));
    if (message->has_value()) {
      log.messages.push_back(**std::move(message));
    } else {
      ++log.others;
    }
  }
  if (log.messages.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": no line has the headers of a notification (X-Goog-Channel-ID and others)"));
  }
  std::stable_sort(log.messages.begin(), log.messages.end(),
                   [](const LoggedNotification& a, const LoggedNotification& b) { return a.at < b.at; });
  return log;
}

}  // namespace calsync::adapter
