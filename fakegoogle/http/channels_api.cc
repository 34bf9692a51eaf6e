// events.watch, acl.watch, calendarList.watch, settings.watch, channels.stop (contract section 5).

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "fakegoogle/http/api.h"
#include "fakegoogle/model/errors.h"

namespace calsync::fake {
namespace {

std::optional<absl::Time> MillisOf(const Json& json) {
  int64_t millis = 0;
  if (json.is_number_integer()) {
    millis = json.get<int64_t>();
  } else if (!json.is_string() || !absl::SimpleAtoi(json.get<std::string>(), &millis)) {
    return std::nullopt;
  }
  return absl::FromUnixMillis(millis);
}

Collection CollectionOf(absl::string_view method) {
  if (method == "acl.watch") return Collection::kRules;
  if (method == "calendarList.watch") return Collection::kCalendarList;
  return method == "settings.watch" ? Collection::kSettings : Collection::kEvents;
}

}  // namespace

std::string Api::ResourceUri(Collection collection, const CalendarId& calendar) const {
  const std::string of_calendar = absl::StrCat(root_url_, "calendar/v3/calendars/", http::PercentEncode(calendar.text()));
  switch (collection) {
    case Collection::kEvents:
      return absl::StrCat(of_calendar, "/events?alt=json");
    case Collection::kRules:
      return absl::StrCat(of_calendar, "/acl?alt=json");
    case Collection::kCalendarList:
      return absl::StrCat(root_url_, "calendar/v3/users/me/calendarList?alt=json");
    case Collection::kSettings:
      return absl::StrCat(root_url_, "calendar/v3/users/me/settings?alt=json");
  }
  return of_calendar;
}

std::optional<Answer> Api::ReadWatch(const Call& call, WatchEvents& watch) const {
  const std::string type = StringOf(call.body, "type");
  if (type != "web_hook" && type != "webhook") return ToAnswer(ErrorId::kInvalidChannel);
  watch.calendar = call.calendar;
  watch.channel = ChannelId(StringOf(call.body, "id"));
  watch.address = StringOf(call.body, "address");
  watch.token = StringOf(call.body, "token");
  if (!http::ParseAddress(watch.address)) {
    return Refusal(absl::StrCat("Unauthorized WebHook callback channel: ", watch.address), "push.webhookUrlUnauthorized");
  }
  if (const Json* const params = Member(call.body, "params")) {
    if (const Json* const ttl = Member(*params, "ttl")) {
      const std::optional<absl::Time> seconds = MillisOf(*ttl);
      if (!seconds) return ToAnswer(ErrorId::kInvalidTtl);
      watch.ttl = absl::Seconds(absl::ToUnixMillis(*seconds));
    }
  }
  if (const Json* const expiration = Member(call.body, "expiration")) {
    const std::optional<absl::Time> time = MillisOf(*expiration);
    if (!time) return ToAnswer(ErrorId::kInvalidTtl);
    const bool has_ttl = Member(call.body, "params") != nullptr;
    watch.ttl = has_ttl ? std::min(watch.ttl, *time - call.now) : *time - call.now;
  }
  return std::nullopt;
}

Answer Api::WatchCollection(Call& call) {
  const Collection collection = CollectionOf(call.method->id);
  WatchEvents watch;
  if (std::optional<Answer> wrong = ReadWatch(call, watch)) return Refuse(call, *std::move(wrong));
  SearchEvents filters;  // Of them, the types alone count (C-89).
  if (collection == Collection::kEvents) {
    if (std::optional<Answer> wrong = ReadSearch(call, filters)) return Refuse(call, *std::move(wrong));
  }
  const Reply reply = Execute(call, watch, [&](const Conditions& conditions) {
    return collection == Collection::kEvents ? model_.Watch(call.caller(), watch, filters.types, call.now, conditions)
                                             : model_.WatchOther(call.caller(), collection, watch, call.now);
  });
  if (const auto* error = std::get_if<ApiError>(&reply)) {
    ApiError told = *error;  // Contract 5.1: Google names the address.
    if (told.reason == "push.webhookUrlNotHttps") told.message = absl::StrCat("WebHook callback must be HTTPS: ", watch.address);
    return ToAnswer(told, call.method->id);
  }
  const Channel& channel = std::get<Channel>(reply);
  Json body{{"kind", "api#channel"},
            {"id", channel.id.str()},
            {"resourceId", channel.resource.str()},
            {"resourceUri", ResourceUri(collection, call.calendar)}};
  if (!watch.token.empty()) body["token"] = watch.token;
  body["expiration"] = absl::StrCat(absl::ToUnixMillis(channel.expiration));  // C-80: text.
  return Answer::Of(std::move(body));
}

Answer Api::StopChannelOf(Call& call) {
  const Reply reply =
      Execute(call, StopChannel{ChannelId(StringOf(call.body, "id")), ResourceId(StringOf(call.body, "resourceId"))});
  if (const auto* error = std::get_if<ApiError>(&reply)) return ToAnswer(*error, call.method->id);
  return Answer::NoContent();
}

}  // namespace calsync::fake
