#include "fakegoogle/http/methods.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/check.h"

namespace calsync::fake {
namespace {

constexpr absl::string_view kScopeNames[] = {
    "calendar",
    "calendar.acls",
    "calendar.acls.readonly",
    "calendar.app.created",
    "calendar.calendarlist",
    "calendar.calendarlist.readonly",
    "calendar.calendars",
    "calendar.calendars.readonly",
    "calendar.events",
    "calendar.events.freebusy",
    "calendar.events.owned",
    "calendar.events.owned.readonly",
    "calendar.events.public.readonly",
    "calendar.events.readonly",
    "calendar.freebusy",
    "calendar.readonly",
    "calendar.settings.readonly",
};

// Sets of scopes that several methods share.
constexpr absl::string_view kReadEvents =
    "calendar calendar.app.created calendar.events calendar.events.freebusy calendar.events.owned "
    "calendar.events.owned.readonly calendar.events.public.readonly calendar.events.readonly calendar.readonly";
constexpr absl::string_view kWriteEvents = "calendar calendar.app.created calendar.events calendar.events.owned";
constexpr absl::string_view kMoveEvents = "calendar calendar.events calendar.events.owned";
constexpr absl::string_view kReadList =
    "calendar calendar.app.created calendar.calendarlist calendar.calendarlist.readonly calendar.readonly";
constexpr absl::string_view kListList = "calendar calendar.calendarlist calendar.calendarlist.readonly calendar.readonly";
constexpr absl::string_view kInsertList = "calendar calendar.calendarlist";
constexpr absl::string_view kWriteList = "calendar calendar.app.created calendar.calendarlist";
constexpr absl::string_view kReadCalendars =
    "calendar calendar.app.created calendar.calendars calendar.calendars.readonly calendar.readonly";
constexpr absl::string_view kWriteCalendars = "calendar calendar.app.created calendar.calendars";
constexpr absl::string_view kClearCalendars = "calendar calendar.calendars";
constexpr absl::string_view kReadRules = "calendar calendar.acls calendar.acls.readonly";
constexpr absl::string_view kGetRules = "calendar calendar.acls calendar.acls.readonly calendar.readonly";
constexpr absl::string_view kWriteRules = "calendar calendar.acls";
constexpr absl::string_view kStop =
    "calendar calendar.acls calendar.acls.readonly calendar.app.created calendar.calendarlist calendar.calendarlist.readonly "
    "calendar.events calendar.events.freebusy calendar.events.owned calendar.events.owned.readonly "
    "calendar.events.public.readonly calendar.events.readonly calendar.readonly calendar.settings.readonly";
constexpr absl::string_view kReadColors =
    "calendar calendar.app.created calendar.calendarlist calendar.calendarlist.readonly calendar.events.freebusy "
    "calendar.events.owned calendar.events.owned.readonly calendar.events.public.readonly calendar.readonly";
constexpr absl::string_view kFreeBusy = "calendar calendar.events.freebusy calendar.freebusy calendar.readonly";
constexpr absl::string_view kReadSettings = "calendar calendar.readonly calendar.settings.readonly";

// A parameter is "name:type": s text, i whole number, b flag; "!" required, "*" any number of times; then what it may be: "=a|b"
// a text, "=0-1" or "=1-" a number. Those of the path are known from it.
constexpr absl::string_view kOptIn = " conferenceDataVersion:i=0-1 eventLabelVersion:i=0-1 supportsAttachments:b";
constexpr absl::string_view kMails = " sendNotifications:b sendUpdates:s=all|externalOnly|none";
constexpr absl::string_view kPaging = " maxResults:i=1- pageToken:s";
constexpr absl::string_view kShow = " alwaysIncludeEmail:b maxAttendees:i=1-";
constexpr absl::string_view kFilters =
    " eventTypes:s*=birthday|default|focusTime|fromGmail|outOfOffice|workingLocation iCalUID:s orderBy:s=startTime|updated "
    "privateExtendedProperty:s* q:s sharedExtendedProperty:s* showDeleted:b showHiddenInvitations:b singleEvents:b syncToken:s "
    "timeMax:s timeMin:s timeZone:s updatedMin:s";
constexpr absl::string_view kOfList =
    " minAccessRole:s=freeBusyReader|owner|reader|writer|writerWithoutPrivateAccess showDeleted:b showHidden:b "
    "showOwnOrganizationOnly:b syncToken:s";

struct MethodRow {
  absl::string_view id;
  absl::string_view verb;
  absl::string_view path;
  std::vector<absl::string_view> parameters;
  absl::string_view request;
  absl::string_view response;
  absl::string_view scopes;
};

std::vector<MethodRow> MethodRows() {
  constexpr absl::string_view kEvents = "calendars/{calendarId}/events";
  constexpr absl::string_view kEvent = "calendars/{calendarId}/events/{eventId}";
  constexpr absl::string_view kRules = "calendars/{calendarId}/acl";
  constexpr absl::string_view kRule = "calendars/{calendarId}/acl/{ruleId}";
  constexpr absl::string_view kList = "users/me/calendarList";
  constexpr absl::string_view kEntry = "users/me/calendarList/{calendarId}";
  return {
      {"acl.delete", "DELETE", kRule, {}, "", "", kWriteRules},
      {"acl.get", "GET", kRule, {}, "", "AclRule", kGetRules},
      {"acl.insert", "POST", kRules, {"sendNotifications:b"}, "AclRule", "AclRule", kWriteRules},
      {"acl.list", "GET", kRules, {kPaging, " showDeleted:b syncToken:s"}, "", "Acl", kReadRules},
      {"acl.patch", "PATCH", kRule, {"sendNotifications:b"}, "AclRule", "AclRule", kWriteRules},
      {"acl.update", "PUT", kRule, {"sendNotifications:b"}, "AclRule", "AclRule", kWriteRules},
      {"acl.watch",
       "POST",
       "calendars/{calendarId}/acl/watch",
       {kPaging, " showDeleted:b syncToken:s"},
       "Channel",
       "Channel",
       kReadRules},
      {"calendarList.delete", "DELETE", kEntry, {}, "", "", kWriteList},
      {"calendarList.get", "GET", kEntry, {}, "", "CalendarListEntry", kReadList},
      {"calendarList.insert", "POST", kList, {"colorRgbFormat:b"}, "CalendarListEntry", "CalendarListEntry", kInsertList},
      {"calendarList.list", "GET", kList, {kPaging, kOfList}, "", "CalendarList", kListList},
      {"calendarList.patch", "PATCH", kEntry, {"colorRgbFormat:b"}, "CalendarListEntry", "CalendarListEntry", kWriteList},
      {"calendarList.update", "PUT", kEntry, {"colorRgbFormat:b"}, "CalendarListEntry", "CalendarListEntry", kWriteList},
      {"calendarList.watch", "POST", "users/me/calendarList/watch", {kPaging, kOfList}, "Channel", "Channel", kListList},
      {"calendars.clear", "POST", "calendars/{calendarId}/clear", {}, "", "", kClearCalendars},
      {"calendars.delete", "DELETE", "calendars/{calendarId}", {}, "", "", kWriteCalendars},
      {"calendars.get", "GET", "calendars/{calendarId}", {}, "", "Calendar", kReadCalendars},
      {"calendars.insert", "POST", "calendars", {}, "Calendar", "Calendar", kWriteCalendars},
      {"calendars.patch", "PATCH", "calendars/{calendarId}", {}, "Calendar", "Calendar", kWriteCalendars},
      {"calendars.transferOwnership",
       "POST",
       "calendars/{calendarId}/transferOwnership",
       {"newDataOwner:s! useAdminAccess:b!"},
       "",
       "",
       kClearCalendars},
      {"calendars.update", "PUT", "calendars/{calendarId}", {}, "Calendar", "Calendar", kWriteCalendars},
      {"channels.stop", "POST", "channels/stop", {}, "Channel", "", kStop},
      {"colors.get", "GET", "colors", {}, "", "Colors", kReadColors},
      {"events.delete", "DELETE", kEvent, {kMails}, "", "", kWriteEvents},
      {"events.get", "GET", kEvent, {kShow, " timeZone:s"}, "", "Event", kReadEvents},
      {"events.import", "POST", "calendars/{calendarId}/events/import", {kOptIn}, "Event", "Event", kWriteEvents},
      {"events.insert", "POST", kEvents, {kOptIn, kMails, " maxAttendees:i=1-"}, "Event", "Event", kWriteEvents},
      {"events.instances",
       "GET",
       "calendars/{calendarId}/events/{eventId}/instances",
       {kShow, kPaging, " originalStart:s showDeleted:b timeMax:s timeMin:s timeZone:s"},
       "",
       "Events",
       kReadEvents},
      {"events.list", "GET", kEvents, {kShow, kPaging, kFilters}, "", "Events", kReadEvents},
      {"events.move",
       "POST",
       "calendars/{calendarId}/events/{eventId}/move",
       {"destination:s!", kMails},
       "",
       "Event",
       kMoveEvents},
      {"events.patch", "PATCH", kEvent, {kShow, kOptIn, kMails}, "Event", "Event", kWriteEvents},
      {"events.quickAdd", "POST", "calendars/{calendarId}/events/quickAdd", {"text:s!", kMails}, "", "Event", kWriteEvents},
      {"events.update", "PUT", kEvent, {kShow, kOptIn, kMails}, "Event", "Event", kWriteEvents},
      {"events.watch",
       "POST",
       "calendars/{calendarId}/events/watch",
       {kShow, kPaging, kFilters},
       "Channel",
       "Channel",
       kReadEvents},
      {"freebusy.query", "POST", "freeBusy", {}, "FreeBusyRequest", "FreeBusyResponse", kFreeBusy},
      {"settings.get", "GET", "users/me/settings/{setting}", {}, "", "Setting", kReadSettings},
      {"settings.list", "GET", "users/me/settings", {kPaging, " syncToken:s"}, "", "Settings", kReadSettings},
      {"settings.watch", "POST", "users/me/settings/watch", {kPaging, " syncToken:s"}, "Channel", "Channel", kReadSettings},
  };
}

Parameter ReadParameter(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, ':');
  const std::pair<absl::string_view, absl::string_view> type = absl::StrSplit(parts.second, absl::MaxSplits('=', 1));
  Parameter parameter{.name = std::string(parts.first)};
  for (const char c : type.first) {
    if (c == 'i') parameter.type = ValueType::kWhole;
    if (c == 'b') parameter.type = ValueType::kFlag;
    if (c == '!') parameter.required = true;
    if (c == '*') parameter.repeated = true;
  }
  int number = 0;
  if (type.second.empty()) return parameter;
  if (parameter.type == ValueType::kText) {
    parameter.choices = absl::StrSplit(type.second, '|');
    return parameter;
  }
  const std::pair<absl::string_view, absl::string_view> range = absl::StrSplit(type.second, '-');
  CALSYNC_CHECK(absl::SimpleAtoi(range.first, &number));
  parameter.least = number;
  if (absl::SimpleAtoi(range.second, &number)) parameter.most = number;
  return parameter;
}

Method MakeMethod(const MethodRow& row) {
  Method method{.id = std::string(row.id),
                .verb = std::string(row.verb),
                .path = std::string(row.path),
                .segments = absl::StrSplit(row.path, '/'),
                .request = std::string(row.request),
                .response = std::string(row.response),
                .scopes = ScopesOf(row.scopes)};
  for (const std::string& segment : method.segments) {
    if (!absl::StartsWith(segment, "{")) continue;
    method.parameters.push_back({.name = segment.substr(1, segment.size() - 2), .in_path = true, .required = true});
  }
  for (const absl::string_view part : row.parameters) {
    for (const absl::string_view one : absl::StrSplit(part, ' ', absl::SkipEmpty())) {
      method.parameters.push_back(ReadParameter(one));
    }
  }
  return method;
}

bool Fits(const Method& method, absl::Span<const std::string> segments, std::map<std::string, std::string>& path) {
  if (method.segments.size() != segments.size()) return false;
  path.clear();
  for (size_t i = 0; i < segments.size(); ++i) {
    const std::string& wanted = method.segments[i];
    if (absl::StartsWith(wanted, "{")) {
      if (segments[i].empty()) return false;
      path[wanted.substr(1, wanted.size() - 2)] = segments[i];
    } else if (wanted != segments[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

absl::Span<const absl::string_view> ScopeNames() { return kScopeNames; }

Scopes ScopesOf(absl::string_view names) {
  Scopes scopes = 0;
  for (absl::string_view name : absl::StrSplit(names, ' ', absl::SkipEmpty())) {
    absl::ConsumePrefix(&name, kScopePrefix);
    const auto* const found = std::find(std::begin(kScopeNames), std::end(kScopeNames), name);
    if (found != std::end(kScopeNames)) scopes |= Scopes{1} << (found - std::begin(kScopeNames));
  }
  return scopes;
}

std::string FormatScopes(Scopes scopes) {
  std::string text;
  for (size_t i = 0; i < std::size(kScopeNames); ++i) {
    if ((scopes >> i & 1) != 0) absl::StrAppend(&text, text.empty() ? "" : " ", kScopePrefix, kScopeNames[i]);
  }
  return text;
}

bool Parameter::Allows(const std::string& value) const {
  int number = 0;
  switch (type) {
    case ValueType::kText:
      return choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end();
    case ValueType::kWhole:
      return absl::SimpleAtoi(value, &number) && number >= least.value_or(number) && number <= most.value_or(number);
    case ValueType::kFlag:
      return value == "true" || value == "false";
  }
  return false;
}

const Parameter* Method::FindParameter(absl::string_view name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& one) { return one.name == name; });
  return found == parameters.end() ? nullptr : &*found;
}

absl::Span<const Method> Methods() {
  static const std::vector<Method>& methods = *[] {
    auto* const made = new std::vector<Method>();
    for (const MethodRow& row : MethodRows()) made->push_back(MakeMethod(row));
    return made;
  }();
  return methods;
}

std::optional<Route> FindRoute(absl::string_view verb, absl::Span<const std::string> segments) {
  Route route;
  bool known = false;
  // A segment that is spelled out wins over a parameter: "events/import" is no event.
  for (const bool with_literals : {true, false}) {
    for (const Method& method : Methods()) {
      const bool literal = !absl::StartsWith(method.segments.back(), "{");
      if (literal != with_literals || !Fits(method, segments, route.path)) continue;
      known = true;
      if (method.verb != verb) continue;
      route.method = &method;
      return route;
    }
  }
  if (!known) return std::nullopt;
  route.path.clear();
  return route;
}

}  // namespace calsync::fake
