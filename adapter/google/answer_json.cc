#include "adapter/google/answer_json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "adapter/google/event_json.h"
#include "adapter/google/json_reader.h"
#include "adapter/google/json_text.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kWordMax = 100;      // Of a reason or domain.
constexpr size_t kMessageMax = 1000;  // For people.

std::string Bounded(absl::string_view text, size_t max) { return std::string(text.substr(0, max)); }

// The first object of a list.
std::optional<JsonObject> FirstOf(const JsonObject& object, const char* list) {
  const std::optional<JsonArray> found = FindArray(object, list);
  JsonObject first;
  if (!found || found->at(0).get(first)) return std::nullopt;
  return first;
}

absl::StatusOr<CalendarListEntry> EntryOf(const JsonObject& json) {
  CalendarListEntry entry;
  entry.id = CalendarId(TextOf(json, "id"));
  if (entry.id.empty()) return absl::DataLossError("a calendar has no id");
  const absl::string_view renamed = TextOf(json, "summaryOverride");  // What its person sees.
  entry.summary = std::string(renamed.empty() ? TextOf(json, "summary") : renamed);
  entry.time_zone = std::string(TextOf(json, "timeZone"));
  entry.access_role = AccessRoleOf(TextOf(json, "accessRole"));
  entry.primary = FlagOf(json, "primary");
  return entry;
}

}  // namespace

absl::StatusOr<Channel> ReadChannel(absl::string_view body) {
  JsonBody json;
  ASSIGN_OR_RETURN(const JsonObject root, json.Parse(body));
  Channel channel{ChannelId(TextOf(root, "id")), ResourceId(TextOf(root, "resourceId")), absl::Time()};
  const std::optional<int64_t> expiration = FindWhole(root, "expiration");  // C-80.
  if (channel.id.empty()) return absl::DataLossError("a channel has no id");
  if (channel.resource.empty()) return absl::DataLossError("a channel has no resource id");
  if (!expiration) return absl::DataLossError("a channel has no expiration");
  channel.expiration = absl::FromUnixMillis(*expiration);
  return channel;
}

absl::StatusOr<CalendarListEntry> ReadEntry(absl::string_view body) {
  JsonBody json;
  ASSIGN_OR_RETURN(const JsonObject root, json.Parse(body));
  return EntryOf(root);
}

absl::StatusOr<CalendarListPage> ReadEntries(absl::string_view body) {
  JsonBody json;
  ASSIGN_OR_RETURN(const JsonObject root, json.Parse(body));
  if (TextOf(root, "kind") != "calendar#calendarList") return absl::DataLossError("the body is no list of calendars");
  CalendarListPage page;
  if (const auto token = FindText(root, "nextPageToken")) page.next_page_token = PageToken(*token);
  const std::optional<JsonArray> items = FindArray(root, "items");
  if (!items) return page;
  for (const JsonElement item : *items) {
    JsonObject object;
    if (item.get(object)) return absl::DataLossError("a row of a list of calendars is no calendar");
    ASSIGN_OR_RETURN(CalendarListEntry entry, EntryOf(object));
    page.items.push_back(std::move(entry));
  }
  return page;
}

absl::StatusOr<ApiError> ReadError(int status, absl::string_view body) {
  JsonBody json;
  ASSIGN_OR_RETURN(const JsonObject root, json.Parse(body));
  const std::optional<JsonObject> error = FindObject(root, "error");
  if (!error) return absl::DataLossError("the body is no error of Google Calendar");
  ApiError read{.code = status};
  const std::optional<JsonObject> first = FirstOf(*error, "errors");
  const std::optional<JsonObject> detail = FirstOf(*error, "details");
  for (const std::optional<JsonObject>& from : {first, detail}) {
    if (!from || !read.reason.empty()) continue;
    read.reason = Bounded(TextOf(*from, "reason"), kWordMax);
    read.domain = Bounded(TextOf(*from, "domain"), kWordMax);
  }
  read.message = Bounded(TextOf(*error, "message"), kMessageMax);
  return read;
}

std::string WriteWatch(const WatchEvents& watch) {
  Json json{{"id", watch.channel.str()}, {"type", "web_hook"}, {"address", watch.address}};
  if (!watch.token.empty()) json["token"] = watch.token;
  json["params"] = {{"ttl", absl::StrCat(absl::ToInt64Seconds(watch.ttl))}};
  return Dump(json);
}

std::string WriteStop(const StopChannel& stop) { return Dump({{"id", stop.channel.str()}, {"resourceId", stop.resource.str()}}); }

}  // namespace calsync::adapter
