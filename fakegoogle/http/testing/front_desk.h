// For tests: a front without sockets, and one line for each request. What comes back is held to the schemas of discovery.

#ifndef CALSYNC_FAKEGOOGLE_HTTP_TESTING_FRONT_DESK_H_
#define CALSYNC_FAKEGOOGLE_HTTP_TESTING_FRONT_DESK_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "adapter/http/target.h"
#include "fakegoogle/http/event_json.h"
#include "fakegoogle/http/front.h"
#include "fakegoogle/http/json.h"
#include "fakegoogle/http/methods.h"
#include "fakegoogle/http/schemas.h"

namespace calsync::fake {

inline constexpr char kEvents[] = "calendars/primary/events";

// What of `json` is not as the schema says, in words; "" if nothing.
inline std::string AgainstSchema(const Json& json, const std::string& type, const std::string& format, const std::string& where) {
  if (type == "any") return "";
  if (type == "string") {
    if (!json.is_string()) return absl::StrCat(where, " is no string");
    const std::string text = json.get<std::string>();
    absl::CivilDay day;
    int64_t number = 0;
    const bool fits = format.empty() || (format == "date-time" && ParseInstant(text)) ||
                      (format == "date" && absl::ParseCivilTime(text, &day)) ||
                      (format == "int64" && absl::SimpleAtoi(text, &number));
    return fits ? "" : absl::StrCat(where, " is no ", format, ": ", text);
  }
  if (type == "integer") return json.is_number_integer() ? "" : absl::StrCat(where, " is no integer");
  if (type == "boolean") return json.is_boolean() ? "" : absl::StrCat(where, " is no boolean");
  if (!json.is_object()) return absl::StrCat(where, " is no object");
  const Schema& schema = Schemas().at(type);
  for (const auto& [name, value] : json.items()) {
    const auto field =
        std::find_if(schema.begin(), schema.end(), [&, &named = name](const SchemaField& one) { return one.name == named; });
    const std::string at = absl::StrCat(where, ".", name);
    if (field == schema.end()) return absl::StrCat(at, " is unknown");
    if (field->is_list && !value.is_array()) return absl::StrCat(at, " is no list");
    if (field->is_map && !value.is_object()) return absl::StrCat(at, " is no map");
    if (!field->is_list && !field->is_map) {
      if (std::string wrong = AgainstSchema(value, field->type, field->format, at); !wrong.empty()) return wrong;
      continue;
    }
    for (const auto& [key, one] : value.items()) {
      std::string wrong = AgainstSchema(one, field->type, field->format, absl::StrCat(at, "/", key));
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

struct FrontDesk {
  explicit FrontDesk(FrontOptions options = {}) : front(std::move(options)) {}

  http::Response Send(std::string method, const std::string& target, std::string body = "", http::Headers headers = {}) {
    return front.Handle({.method = std::move(method), .target = target, .headers = std::move(headers), .body = std::move(body)});
  }
  // Of the API, as the owner of `token`. `path` is below calendar/v3.
  Json Call(const std::string& method, const std::string& path, const Json& body = Json(), http::Headers headers = {}) {
    headers.Add("Authorization", absl::StrCat("Bearer ", token));
    last = Send(method, absl::StrCat("/calendar/v3/", path), body.is_null() ? "" : body.dump(), std::move(headers));
    if (!absl::StartsWith(last.headers.Get("Content-Type"), "application/json")) return Json();
    const std::optional<Json> json = ParseJson(last.body);
    EXPECT_TRUE(json.has_value()) << last.body;
    if (!json) return Json();
    CheckSchema(method, path, *json);
    return *json;
  }
  Json Get(const std::string& path) { return Call("GET", path); }
  // "400 timeRangeEmpty" of an error; "200" of anything else.
  std::string Outcome(const std::string& method, const std::string& path, const Json& body = Json(), http::Headers headers = {}) {
    const Json json = Call(method, path, body, std::move(headers));
    if (last.status < 400) return absl::StrCat(last.status);
    return absl::StrCat(last.status, " ", StringOf(json["error"]["errors"][0], "reason"));
  }
  Json Control(const std::string& what, const Json& body) {
    last = Send("POST", absl::StrCat("/_fake/", what), body.dump());
    return ParseJson(last.body).value_or(Json());
  }
  Json Ask(const std::string& what) {
    last = Send("GET", absl::StrCat("/_fake/", what));
    return ParseJson(last.body).value_or(Json());
  }
  Json Insert(const Json& event, const std::string& calendar = "primary") {
    Json made = Call("POST", absl::StrCat("calendars/", calendar, "/events"), event);
    EXPECT_EQ(last.status, 200) << last.body;
    return made;
  }
  void Advance(absl::Duration duration) { front.SetClock(front.Now() + duration); }

  void CheckSchema(const std::string& method, const std::string& path, const Json& json) const {
    const std::optional<http::Target> target = http::ParseTarget(absl::StrCat("/", path));
    const std::optional<Route> route = target ? FindRoute(method, target->segments) : std::nullopt;
    if (!route || route->method == nullptr || last.status != 200 || route->method->response.empty()) return;
    EXPECT_EQ(AgainstSchema(json, route->method->response, "", route->method->id), "") << last.body;
  }

  Front front;
  std::string token = "test-token";
  http::Response last;
};

// An hour on a day of January 2026, at ten in Zurich.
inline Json AnEventJson(const std::string& summary, int day = 6) {
  const std::string date = absl::StrCat("2026-01-", day < 10 ? "0" : "", day);
  return Json{{"summary", summary},
              {"start", {{"dateTime", absl::StrCat(date, "T10:00:00+01:00")}, {"timeZone", "Europe/Zurich"}}},
              {"end", {{"dateTime", absl::StrCat(date, "T11:00:00+01:00")}, {"timeZone", "Europe/Zurich"}}}};
}

// "Lunch, Run" in the order of the rows; cancelled ones as "-".
inline std::string Summaries(const Json& page) {
  std::string text;
  for (const Json& item : page["items"]) {
    const bool gone = StringOf(item, "status") == "cancelled";
    absl::StrAppend(&text, text.empty() ? "" : ", ", gone ? "-" : StringOf(item, "summary"));
  }
  return text;
}

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_TESTING_FRONT_DESK_H_
