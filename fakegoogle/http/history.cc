#include "fakegoogle/http/history.h"

#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/overloaded.h"
#include "engine/base/status_macros.h"
#include "fakegoogle/http/knobs_json.h"
#include "fakegoogle/ical/expand.h"
#include "fakegoogle/ical/import.h"
#include "fakegoogle/model/knobs.h"

namespace calsync::fake {
namespace {

constexpr char kKind[] = "calsync#fakeState";
constexpr int kVersion = 1;
// What a happening costs besides its texts.
constexpr size_t kOverhead = 64;
// Headers about the connection and the program; nothing here reads them.
constexpr const char* kPassedOver[] = {"Accept",     "Accept-Encoding", "Accept-Language", "Cache-Control", "Connection",
                                       "User-Agent", "Content-Length",  "Keep-Alive",      "Pragma",        "X-Goog-Api-Client"};

struct Bound {
  const char* name;
  absl::Duration FaultPlan::*member;
};
constexpr Bound kBounds[] = {
    {"late", &FaultPlan::late_max},
    {"twice", &FaultPlan::twice_max},
    {"clog", &FaultPlan::clog_max},
    {"outage", &FaultPlan::outage_max},
    {"usageLimit", &FaultPlan::usage_limit_max},
    {"unseen", &FaultPlan::unseen_max},
    {"listLag", &FaultPlan::list_lag_max},
    {"getLag", &FaultPlan::get_lag_max},
    {"silence", &FaultPlan::silence_max},
    {"noticeDelay", &FaultPlan::notice_delay_max},
    {"reorder", &FaultPlan::reorder_max},
};

absl::Status Broken(absl::string_view where) {
  return absl::FailedPreconditionError(absl::StrCat("is broken: ", where, " cannot be read"));
}

// JSON holds UTF-8 alone, and requests may be anything: then in base64.
Json TextToJson(const std::string& text) {
  const bool plain = absl::c_all_of(text, [](char c) { return absl::ascii_isascii(static_cast<unsigned char>(c)); });
  if (plain || StringOf(ParseJson(FormatJson({{"text", text}}, true)).value_or(Json()), "text") == text) return text;
  return {{"base64", absl::Base64Escape(text)}};
}

std::optional<std::string> TextFromJson(const Json* json) {
  if (json == nullptr) return std::nullopt;
  if (json->is_string()) return json->get<std::string>();
  std::string text;
  if (!json->is_object() || !absl::Base64Unescape(StringOf(*json, "base64"), &text)) return std::nullopt;
  return text;
}

Json TimeToJson(absl::Time time) { return absl::ToUnixMicros(time); }

std::optional<absl::Time> TimeFromJson(const Json* json) {
  if (json == nullptr || !json->is_number_integer()) return std::nullopt;
  return absl::FromUnixMicros(json->get<int64_t>());
}

Json FaultsToJson(const FaultPlan& plan) {
  Json json{{"rates", Json::object()}, {"atMost", Json::object()}, {"storm", plan.storm_size}};
  for (size_t i = 0; i < kFaultKinds; ++i) {
    const auto kind = static_cast<FaultKind>(i);
    if (plan[kind] != 0) json["rates"][std::string(CatalogueId(kind))] = plan[kind];
  }
  for (const Bound& bound : kBounds) json["atMost"][bound.name] = absl::FormatDuration(plan.*bound.member);
  return json;
}

std::optional<FaultPlan> FaultsFromJson(const Json* json) {
  const Json* const rates = json == nullptr ? nullptr : Member(*json, "rates");
  const Json* const at_most = json == nullptr ? nullptr : Member(*json, "atMost");
  const Json* const storm = json == nullptr ? nullptr : Member(*json, "storm");
  if (rates == nullptr || at_most == nullptr || storm == nullptr || !storm->is_number_integer()) return std::nullopt;
  FaultPlan plan;
  size_t known = 0;
  for (size_t i = 0; i < kFaultKinds; ++i) {
    const auto kind = static_cast<FaultKind>(i);
    const Json* const rate = Member(*rates, std::string(CatalogueId(kind)).c_str());
    if (rate == nullptr) continue;
    if (!rate->is_number_integer() || *rate < 0 || *rate > 1000) return std::nullopt;
    plan[kind] = rate->get<int>();
    ++known;
  }
  if (known != rates->size()) return std::nullopt;
  for (const Bound& bound : kBounds) {
    if (!absl::ParseDuration(StringOf(*at_most, bound.name), &(plan.*bound.member))) return std::nullopt;
  }
  plan.storm_size = storm->get<int>();
  return plan;
}

Json BeginningToJson(const Beginning& beginning) {
  Json json{{"at", TimeToJson(beginning.start)},
            {"seed", absl::StrCat(beginning.seed)},  // As text: not every reader of JSON has 64 bits.
            {"rootUrl", TextToJson(beginning.root_url)},
            {"account", beginning.account},
            {"timeZone", beginning.time_zone},
            {"calendars", Json::array()},
            {"faults", FaultsToJson(beginning.faults)},
            {"knobs", beginning.knobs}};
  for (const FirstCalendar& first : beginning.calendars) {
    json["calendars"].push_back(
        {{"name", TextToJson(first.name)}, {"timeZone", first.time_zone}, {"ics", TextToJson(first.ics)}});
  }
  return json;
}

absl::StatusOr<Beginning> BeginningFromJson(const Json* json) {
  if (json == nullptr) return Broken("\"beginning\"");
  const std::optional<absl::Time> at = TimeFromJson(Member(*json, "at"));
  const std::optional<std::string> root_url = TextFromJson(Member(*json, "rootUrl"));
  const std::optional<FaultPlan> faults = FaultsFromJson(Member(*json, "faults"));
  const Json* const knobs = Member(*json, "knobs");
  const Json* const calendars = Member(*json, "calendars");
  Beginning beginning{.account = StringOf(*json, "account"), .time_zone = StringOf(*json, "timeZone")};
  if (!at || !root_url || beginning.account.empty() || !ical::MachineZone(beginning.time_zone) ||
      !absl::SimpleAtoi(StringOf(*json, "seed"), &beginning.seed)) {
    return Broken("\"beginning\"");
  }
  if (!faults) return Broken("\"faults\"");
  Knobs scratch;
  if (knobs == nullptr || !ReadKnobs(*knobs, scratch).ok()) return Broken("\"knobs\"");
  if (calendars == nullptr || !calendars->is_array()) return Broken("\"calendars\"");
  beginning.start = *at;
  beginning.root_url = *root_url;
  beginning.faults = *faults;
  beginning.knobs = *knobs;
  for (const Json& one : *calendars) {
    const std::optional<std::string> name = TextFromJson(Member(one, "name"));
    const std::optional<std::string> ics = TextFromJson(Member(one, "ics"));
    const std::string zone = StringOf(one, "timeZone");
    const bool readable = name && ics && ical::MachineZone(zone) && ical::ReadCalendar(*ics, *name, {.keep_series = true}).ok();
    if (!readable) return Broken("\"calendars\"");
    beginning.calendars.push_back({.name = *name, .time_zone = zone, .ics = *ics});
  }
  return beginning;
}

Json HappeningToJson(const Happening& happening) {
  Json json{{"at", TimeToJson(happening.at)}};
  std::visit(Overloaded{[&](const http::Request& request) {
                          json["method"] = TextToJson(request.method);
                          json["target"] = TextToJson(request.target);
                          json["headers"] = Json::array();
                          for (const auto& [name, value] : request.headers.fields()) {
                            json["headers"].push_back(Json::array({TextToJson(name), TextToJson(value)}));
                          }
                          if (!request.body.empty()) json["body"] = TextToJson(request.body);
                        },
                        [&](const Passed&) { json["passed"] = true; },
                        [&](const Moved& moved) { json["rootUrl"] = TextToJson(moved.root_url); }},
             happening.what);
  return json;
}

std::optional<Happening> HappeningFromJson(const Json& json) {
  const std::optional<absl::Time> at = TimeFromJson(Member(json, "at"));
  if (!at) return std::nullopt;
  if (Member(json, "passed") != nullptr) return Happening{*at, Passed()};
  if (const Json* const url = Member(json, "rootUrl")) {
    std::optional<std::string> root_url = TextFromJson(url);
    if (!root_url) return std::nullopt;
    return Happening{*at, Moved{*std::move(root_url)}};
  }
  const std::optional<std::string> method = TextFromJson(Member(json, "method"));
  const std::optional<std::string> target = TextFromJson(Member(json, "target"));
  const Json* const headers = Member(json, "headers");
  const Json* const body = Member(json, "body");
  if (!method || !target || headers == nullptr || !headers->is_array()) return std::nullopt;
  http::Request request{.method = *method, .target = *target};
  for (const Json& field : *headers) {
    if (!field.is_array() || field.size() != 2) return std::nullopt;
    std::optional<std::string> name = TextFromJson(&field[0]);
    std::optional<std::string> value = TextFromJson(&field[1]);
    if (!name || !value) return std::nullopt;
    request.headers.Add(*std::move(name), *std::move(value));
  }
  if (body != nullptr) {
    std::optional<std::string> text = TextFromJson(body);
    if (!text) return std::nullopt;
    request.body = *std::move(text);
  }
  return Happening{*at, std::move(request)};
}

}  // namespace

size_t SizeOf(const Happening& happening) {
  const auto* const request = std::get_if<http::Request>(&happening.what);
  if (request == nullptr) return kOverhead;
  size_t size = kOverhead + request->method.size() + request->target.size() + request->body.size();
  for (const auto& [name, value] : request->headers.fields()) size += kOverhead + name.size() + value.size();
  return size;
}

http::Request Essence(const http::Request& request) {
  http::Request essence{.method = request.method, .target = request.target, .headers = {}, .body = request.body};
  for (const auto& [name, value] : request.headers.fields()) {
    const bool counts =
        absl::c_none_of(kPassedOver, [&, &field = name](const char* one) { return absl::EqualsIgnoreCase(one, field); });
    if (counts) essence.headers.Add(name, value);
  }
  return essence;
}

Json HistoryToJson(const History& history) {
  Json json{{"kind", kKind},
            {"version", kVersion},
            {"clock", history.manual_clock ? "manual" : "real"},
            {"now", TimeToJson(history.now)},
            {"beginning", BeginningToJson(history.beginning)},
            {"history", Json::array()},
            {"answers", absl::StrCat(absl::Hex(history.answers, absl::kZeroPad16))}};
  for (const Happening& happening : history.happenings) json["history"].push_back(HappeningToJson(happening));
  return json;
}

absl::StatusOr<History> HistoryFromJson(const Json& json) {
  if (StringOf(json, "kind") != kKind) return absl::FailedPreconditionError("is no state of a fake");
  const Json* const version = Member(json, "version");
  if (version == nullptr || !version->is_number_integer()) return Broken("\"version\"");
  if (*version > kVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("was kept by a newer calsync: it has format ", version->dump(), ", and this one reads format ", kVersion));
  }
  if (*version != kVersion) return Broken("\"version\"");
  History history;
  const std::string clock = StringOf(json, "clock");
  const std::optional<absl::Time> now = TimeFromJson(Member(json, "now"));
  const Json* const happenings = Member(json, "history");
  if (clock != "manual" && clock != "real") return Broken("\"clock\"");
  if (!now) return Broken("\"now\"");
  if (happenings == nullptr || !happenings->is_array()) return Broken("\"history\"");
  if (!absl::SimpleHexAtoi(StringOf(json, "answers"), &history.answers)) return Broken("\"answers\"");
  ASSIGN_OR_RETURN(history.beginning, BeginningFromJson(Member(json, "beginning")));
  history.manual_clock = clock == "manual";
  history.now = *now;
  for (const Json& one : *happenings) {
    std::optional<Happening> happening = HappeningFromJson(one);
    if (!happening) return Broken(absl::StrCat("entry ", history.happenings.size() + 1, " of \"history\""));
    history.happenings.push_back(*std::move(happening));
  }
  return history;
}

}  // namespace calsync::fake
