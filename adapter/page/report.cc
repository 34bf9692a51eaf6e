// What the board tells, as JSON.

#include <nlohmann/json.hpp>

#include "adapter/page/board.h"
#include "adapter/page/counters_json.h"

namespace calsync::adapter {
namespace {

using Json = nlohmann::ordered_json;

Json Moment(absl::Time at) {
  const bool known = at != absl::InfinitePast() && at != absl::InfiniteFuture();
  return known ? Json(absl::FormatTime(absl::RFC3339_sec, at, absl::UTCTimeZone())) : Json();
}

double Seconds(absl::Duration duration) { return absl::ToDoubleSeconds(absl::Trunc(duration, absl::Milliseconds(1))); }

Json JsonOf(const Figures& figures) {
  return {{"total_events_tracked", figures.total_events_tracked},        {"user_events_tracked", figures.user_events_tracked},
          {"busy_blocks_tracked", figures.busy_blocks_tracked},          {"events_created_by_us", figures.events_created_by_us},
          {"events_created_by_users", figures.events_created_by_users},  {"events_created_24h", figures.events_created_24h},
          {"busy_blocks_created_24h", figures.busy_blocks_created_24h},  {"events_stuck_creating", figures.events_stuck_creating},
          {"events_not_seen_recently", figures.events_not_seen_recently}};
}

// What the first design returned to who posted the webhook.
Json WebhookJson(const Board::Group& group, const Telling& telling, absl::Time now) {
  Json json = {{"found", telling.calendar != CalendarKey()},
               {"calendar", group.NameOf(telling.calendar)},
               {"arrived", Moment(telling.arrived)},
               {"messages", telling.messages},
               {"under_way", telling.IsUnderWay()},
               {"processing_time", Seconds((telling.IsUnderWay() ? now : telling.settled) - telling.arrived)},
               {"error", telling.error}};
  if (!telling.IsUnderWay() && telling.calendar != CalendarKey()) json["results"] = CountersJson(telling.gained);
  return json;
}

Json PassJson(const Board::Group& group, const Pass& pass) {
  return {{"calendar", group.NameOf(pass.calendar)},
          {"cause", pass.notified ? "notification" : "poll"},
          {"full", pass.full},
          {"began", Moment(pass.began)},
          {"seconds", Seconds(pass.ended - pass.began)},
          {"rows", pass.rows},
          {"error", pass.error}};
}

Json CalendarJson(const Board::Group& group, const CalendarHealth& calendar, absl::Time now) {
  constexpr const char* kQueues[] = {"read", "delete", "insert", "update", "tag"};
  Json json = {{"name", group.NameOf(calendar.calendar)},
               {"figures", JsonOf(calendar.figures)},
               {"last_good_pass", Moment(calendar.last_pass)},
               {"calls_in_flight", calendar.calls}};
  for (size_t kind = 0; kind < kOwedKinds; ++kind) json["queues"][kQueues[kind]] = calendar.queued[kind];
  if (calendar.channel_opened != absl::InfinitePast()) {
    json["channel_age"] = Seconds(now - calendar.channel_opened);
    json["channel_expires"] = Moment(calendar.channel_expires);
  }
  const auto counters = group.counters.find(calendar.calendar);
  if (counters != group.counters.end()) json["counters"] = CountersJson(counters->second);
  return json;
}

Json AlertsJson(const Board::Group& group) {
  Json json = Json::array();
  for (const Alert& alert : group.health.alerts) {
    json.push_back({{"alert", std::string(Name(alert.kind))},
                    {"calendar", group.NameOf(alert.calendar)},
                    {"since", Moment(alert.since)},
                    {"words", alert.words}});
  }
  return json;
}

Json GroupJson(const Board::Group& group, absl::Time now) {
  Json json = {{"paused", group.paused},
               {"trouble", std::string(group.trouble.message())},
               {"looked_at", Moment(group.looked_at)},
               {"breaker_open", group.health.breaker_open},
               {"breaker_writes", group.health.window_writes},
               {"breaker_explained", group.health.window_explained},
               {"inputs_waiting", group.inputs},
               {"calls_in_flight", group.health.calls},
               {"passes_in_window", group.health.passes},
               {"forged_notifications", group.health.forged_notifications},
               {"passes_failed_in_window", group.health.passes_failed},
               {"alerts", AlertsJson(group)},
               {"calendars", Json::array()},
               {"webhooks", Json::array()},
               {"passes", Json::array()}};
  for (const CalendarHealth& calendar : group.health.calendars) json["calendars"].push_back(CalendarJson(group, calendar, now));
  for (const Telling& telling : group.passes.tellings) json["webhooks"].push_back(WebhookJson(group, telling, now));
  for (const Pass& pass : group.passes.passes) json["passes"].push_back(PassJson(group, pass));
  return json;
}

Json ProcessJson(const Board& board) {
  Json json = {{"since", Moment(board.since())}, {"well", board.IsWell()}, {"quota_units", board.meter().units()}};
  json["calls"] = Json::array();
  for (const auto& [what, count] : board.meter().calls()) {
    json["calls"].push_back({{"method", what.first}, {"outcome", what.second}, {"count", count}});
  }
  const Arrivals& arrivals = board.arrivals();
  json["notifications"] = {{"taken", arrivals.taken.load()},
                           {"malformed", arrivals.malformed.load()},
                           {"unknown", arrivals.unknown.load()},
                           {"dropped", arrivals.dropped.load()}};
  json["broken"] = Json::object();
  for (const Board::Broken& broken : board.broken()) json["broken"][broken.group.str()] = std::string(broken.why.message());
  json["groups"] = Json::object();
  return json;
}

constexpr size_t kAlertedGroupsMax = 500;

}  // namespace

std::string ReportOf(const Board& board) {
  const absl::Time now = board.Now();
  Json json = ProcessJson(board);
  for (const auto& [id, group] : board.groups()) json["groups"][id.str()] = GroupJson(group, now);
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string SummaryOf(const Board& board) {
  Json json = ProcessJson(board);
  for (const auto& [id, group] : board.groups()) {
    if (!group.health.alerts.empty() && json["groups"].size() < kAlertedGroupsMax)
      json["groups"][id.str()]["alerts"] = AlertsJson(group);
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string FiguresJson(const std::vector<std::pair<std::string, Figures>>& by_calendar) {
  Figures total;
  Json by_name = Json::object();
  for (const auto& [name, figures] : by_calendar) {
    total += figures;
    by_name[name] = figures.total_events_tracked;
  }
  Json json = JsonOf(total);
  json["events_by_calendar"] = std::move(by_name);
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace calsync::adapter
