#include "fakegoogle/http/front.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "adapter/http/target.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/base/siphash.h"
#include "engine/base/status_macros.h"
#include "fakegoogle/http/batch.h"
#include "fakegoogle/http/control.h"
#include "fakegoogle/http/discovery.h"
#include "fakegoogle/http/knobs_json.h"
#include "fakegoogle/ical/expand.h"
#include "fakegoogle/ical/import.h"
#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/random.h"

namespace calsync::fake {
namespace {

constexpr size_t kJournalMax = 10'000;
constexpr size_t kWritesMax = 10'000;
constexpr absl::string_view kClient = "test-client";
constexpr absl::string_view kSecret = "test-secret";
constexpr ActorId kImporter{ActorKind::kPerson, 0};
constexpr SipKey kDigestKey{31, 32};

Scopes Everything() { return ScopesOf("calendar"); }

absl::TimeZone ZoneOf(const std::string& name) { return ical::MachineZone(name).value_or(absl::UTCTimeZone()); }

void SetRates(FaultPlan& plan, int per_mille, std::initializer_list<FaultKind> kinds) {
  for (const FaultKind kind : kinds) plan[kind] = per_mille;
}

// The path below `base`, if the target lies there.
std::optional<std::vector<std::string>> Below(const std::vector<std::string>& segments,
                                              std::initializer_list<absl::string_view> base) {
  if (segments.size() < base.size() || !std::equal(base.begin(), base.end(), segments.begin())) return std::nullopt;
  return std::vector<std::string>(segments.begin() + static_cast<std::ptrdiff_t>(base.size()), segments.end());
}

http::Response JsonBody(const Json& json) {
  return {.headers = {{"Content-Type", "application/json; charset=UTF-8"}}, .body = FormatJson(json)};
}

}  // namespace

std::optional<FaultPlan> FaultProfile(absl::string_view name) {
  FaultPlan plan;
  plan.latency_min = plan.latency_max = plan.notice_after = absl::ZeroDuration();
  if (name == "none") return plan;
  const bool rough = name == "rough";
  if (!rough && name != "mild") return std::nullopt;
  using Kind = FaultKind;
  SetRates(plan, rough ? 20 : 4, {Kind::kRateLimited, Kind::kErrorBefore, Kind::kErrorAfter, Kind::kStaleList, Kind::kStaleGet});
  SetRates(plan, rough ? 10 : 2, {Kind::kRequestLost, Kind::kResponseLost, Kind::kUnreadable, Kind::kUnauthorized});
  SetRates(plan, rough ? 10 : 1, {Kind::kTokenGone, Kind::kPageGone, Kind::kFalseStale, Kind::kUnseenNew, Kind::kRepeatedRow});
  SetRates(plan, rough ? 50 : 10, {Kind::kDoubled, Kind::kReordered, Kind::kEarlyNotice});
  plan[Kind::kDropped] = rough ? 30 : 5;
  plan[Kind::kDelayed] = rough ? 100 : 20;
  plan[Kind::kAppliedTwice] = rough ? 5 : 0;
  plan[Kind::kForged] = rough ? 5 : 0;
  plan.list_lag_max = absl::Seconds(rough ? 60 : 5);
  plan.get_lag_max = absl::Seconds(5);
  plan.notice_delay_max = absl::Seconds(rough ? 300 : 30);
  plan.silence_max = absl::Minutes(rough ? 10 : 1);
  plan.reorder_max = absl::Seconds(5);
  return plan;
}

Front::World::World(const Beginning& beginning, const std::string& root_url)
    : model({}, beginning.seed),
      api(model, root_url, beginning.seed),
      oauth(model, beginning.seed),
      random(Mix64(beginning.seed + 31)) {
  model.knobs().webhooks_need_https = false;
  CALSYNC_CHECK(ReadKnobs(beginning.knobs, model.knobs()).ok());
  api.faults().plan() = beginning.faults;
  api.faults().plan().latency_min = api.faults().plan().latency_max = absl::ZeroDuration();
  api.faults().plan().notice_after = absl::ZeroDuration();
}

Front::Front(FrontOptions options) : options_(std::move(options)), root_url_(options_.beginning.root_url) { Reset(); }

void Front::Reset() {
  stands_at_ = options_.beginning.start;
  if (has_manual_clock()) reading_.reset();
  const absl::Time now = Now();
  journal_.clear();
  history_ = {.beginning = options_.beginning, .happenings = {}, .manual_clock = has_manual_clock()};
  history_.beginning.start = now;
  history_.beginning.root_url = root_url_;
  history_size_ = 0;
  world_ = std::make_unique<World>(options_.beginning, root_url_);
  world_->model.AdvanceTo(now);
  world_->oauth.AddClient(std::string(kClient), std::string(kSecret));
  const AccountId account(options_.beginning.account);
  const std::string& zone = options_.beginning.time_zone;
  CALSYNC_CHECK(AddPerson(account, zone).ok());
  world_->oauth.AddAccessToken("test-token", account, std::string(kClient), Everything());
  world_->oauth.AddRefreshToken("test-refresh-token", account, std::string(kClient), Everything());
  for (const char* const name : {"Work", "Home"}) world_->api.AddCalendar(account, name, zone);
  for (const FirstCalendar& first : options_.beginning.calendars) {
    const CalendarId id = world_->api.AddCalendar(account, first.name, first.time_zone);
    const absl::StatusOr<ical::ImportedCalendar> read = ical::ReadCalendar(first.ics, first.name, {.keep_series = true});
    CALSYNC_CHECK(read.ok());
    for (const Event& event : read->events) world_->model.Plant(id, event, kImporter, now);
  }
  KeepWrites();
}

absl::Status Front::AddPerson(const AccountId& account, const std::string& zone) {
  if (world_->model.HasAccount(account)) return absl::AlreadyExistsError(absl::StrCat(account.text(), " is there already"));
  const CalendarId primary(account.text());
  if (world_->model.FindCalendar(primary) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat("there is a calendar ", account.text()));
  }
  world_->model.AddAccount(account);
  world_->model.AddCalendar(
      {.id = primary, .owner = account, .summary = account.str(), .time_zone = zone, .zone = ZoneOf(zone), .primary = true});
  GiveTestTokens(account);
  return absl::OkStatus();
}

void Front::GiveTestTokens(const AccountId& account) {
  const std::string client(kClient);
  world_->oauth.AddAccessToken(absl::StrCat("test-token-", account.text()), account, client, Everything());
  world_->oauth.AddRefreshToken(absl::StrCat("test-refresh-token-", account.text()), account, client, Everything());
}

absl::Time Front::Read() const {
  return absl::FromUnixMicros(absl::ToUnixMicros(options_.clock ? options_.clock() : stands_at_));
}

void Front::SetClock(absl::Time now) {
  CALSYNC_CHECK(has_manual_clock());
  stands_at_ = std::max(stands_at_, now);
  reading_.reset();
}

void Front::set_root_url(const std::string& url) {
  if (url == root_url_) return;
  Remember(Moved{url});
  root_url_ = url;
  world_->api.set_root_url(url);
}

// --- What is announced.

std::vector<PushMessage> Front::TakeDue() {
  const absl::Time now = Now();
  World& world = *world_;
  // What has no effect is no part of the history, or a clock that ticks would fill it.
  const bool happens = world.model.HasMessages() || NextDue() <= now;
  if (happens) Remember(Passed());
  world.model.AdvanceTo(now);
  const auto choose = [&](uint64_t bound, absl::string_view) { return bound < 2 ? 0 : NextRandom(world.random) % bound; };
  for (const PushMessage& message : world.model.TakeMessages()) {
    for (MessagePlan::Delivery& delivery : world.api.faults().PlanMessage(message, now, choose).deliveries) {
      const absl::Time at = message.made_at + delivery.after;
      if (at < message.expiration) world.messages.emplace(at, std::move(delivery.message));  // C-84.
    }
  }
  KeepWrites();
  std::vector<PushMessage> due;
  while (!world.messages.empty() && world.messages.begin()->first <= now) {
    due.push_back(std::move(world.messages.begin()->second));
    world.messages.erase(world.messages.begin());
  }
  if (happens) Digest(due);
  return due;
}

absl::Time Front::NextDue() const {
  const absl::Time message = world_->messages.empty() ? absl::InfiniteFuture() : world_->messages.begin()->first;
  return std::min(message, world_->model.NextDue());
}

void Front::KeepWrites() {
  std::deque<WriteRecord>& kept = world_->writes;
  kept.insert(kept.end(), world_->model.writes().begin(), world_->model.writes().end());
  world_->model.ClearWrites();
  if (kept.size() > kWritesMax) kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(kWritesMax));
}

void Front::Record(JournalLine line) {
  ++counts_[line.what];
  journal_.push_back(std::move(line));
  if (journal_.size() > kJournalMax) journal_.pop_front();
}

// --- What is kept.

void Front::Remember(std::variant<http::Request, Passed, Moved> what) {
  Happening happening{Now(), std::move(what)};
  history_size_ += SizeOf(happening);
  if (history_size_ > kHistoryMax) return std::vector<Happening>().swap(history_.happenings);
  history_.happenings.push_back(std::move(happening));
}

void Front::Digest(const http::Response& response) {
  FieldBytes bytes;
  bytes.Number(history_.answers).Number(static_cast<uint64_t>(response.status)).Text(response.body);
  for (const auto& [name, value] : response.headers.fields()) bytes.Text(name).Text(value);
  bytes.Number(static_cast<uint64_t>(absl::ToInt64Microseconds(response.after))).Number(static_cast<uint64_t>(response.ending));
  history_.answers = SipHash64(kDigestKey, bytes.bytes());
}

void Front::Digest(const std::vector<PushMessage>& messages) {
  FieldBytes bytes;
  bytes.Number(history_.answers);
  for (const PushMessage& message : messages) bytes.Text(message.channel.text()).Number(message.number);
  history_.answers = SipHash64(kDigestKey, bytes.bytes());
}

absl::StatusOr<Json> Front::Export() const {
  if (history_size_ > kHistoryMax) {
    return absl::FailedPreconditionError(
        absl::StrCat("more has been asked since the beginning than can be kept (", kHistoryMax >> 20, " MiB)"));
  }
  History history = history_;
  history.now = Now();
  return HistoryToJson(history);
}

absl::Status Front::Import(const Json& state) {
  ASSIGN_OR_RETURN(const History history, HistoryFromJson(state));
  if (history.manual_clock != has_manual_clock()) {
    return absl::FailedPreconditionError(
        absl::StrCat("was kept with --clock ", history.manual_clock ? "manual" : "real", ", which this fake has not"));
  }
  absl::Time clock = history.beginning.start;
  FrontOptions options{.beginning = history.beginning};
  if (!history.manual_clock) options.clock = [&clock] { return clock; };
  options.remote = true;  // Who may ask was decided when it was asked.
  Front again(std::move(options));
  again.Repeat(history, clock);
  if (again.history_.answers != history.answers) {
    return absl::FailedPreconditionError("was kept by a calsync that answers differently; this one cannot take it up");
  }
  options_.beginning = history.beginning;
  root_url_.swap(again.root_url_);
  stands_at_ = again.stands_at_;
  if (has_manual_clock()) reading_.reset();
  world_ = std::move(again.world_);
  journal_ = std::move(again.journal_);
  history_ = std::move(again.history_);
  history_size_ = again.history_size_;
  set_root_url(std::string(again.root_url_));
  return absl::OkStatus();
}

void Front::Repeat(const History& history, absl::Time& clock) {
  for (const Happening& happening : history.happenings) {
    clock = happening.at;
    if (has_manual_clock()) SetClock(clock);
    std::visit(Overloaded{[&](const http::Request& request) {
                            try {
                              Handle(request);
                            } catch (const std::exception&) {
                              // It did so the first time, too (serve.cc).
                            }
                          },
                          [&](const Passed&) { TakeDue(); }, [&](const Moved& moved) { set_root_url(moved.root_url); }},
               happening.what);
  }
  clock = history.now;
  if (has_manual_clock()) SetClock(clock);
}

// --- Requests.

http::Response Front::Unreadable(int status, absl::string_view why) {
  return ToResponse(Refusal(why, status == 413 ? "uploadTooLarge" : "badRequest", "", status), false);
}

http::Response Front::Handle(const http::Request& request) {
  // One reading for all of it, so that it can be done again: also if the library of JSON throws.
  struct Reading {
    std::optional<absl::Time>& reading;
    ~Reading() { reading.reset(); }
  };
  const absl::Time now = Now();
  reading_ = now;
  const Reading until_the_end{reading_};
  const bool lasting = IsLasting(request, options_.remote);
  if (lasting) Remember(Essence(request));
  http::Response response = Route(request, now);
  if (lasting) Digest(response);
  KeepWrites();
  return response;
}

http::Response Front::Route(const http::Request& request, absl::Time now) {
  const std::optional<http::Target> target = http::ParseTarget(request.target);
  if (!target) return Unreadable(400, "The address cannot be read.");
  const std::vector<std::string>& segments = target->segments;
  if (const auto path = Below(segments, {"calendar", "v3"})) return HandleApi(request, *path, target->query, now);
  if (segments[0] == "_fake") return HandleControl(*this, request, *target);

  http::Response response;
  if (target->path == "/batch/calendar/v3" || target->path == "/batch") {
    return HandleBatch(request, now);
  } else if (target->path == "/token" || target->path == "/oauth2/v4/token") {
    response = world_->oauth.HandleToken(request, target->query, now);
  } else if (target->path == "/device/code") {
    response = world_->oauth.HandleDevice(request, target->query);
  } else if (target->path == "/revoke") {
    std::optional<Caller> whose;
    response = world_->oauth.HandleRevoke(request, target->query, whose);
    if (whose) world_->model.EndGrant(*whose);  // C-90.
  } else if (target->path == "/o/oauth2/v2/auth" || target->path == "/o/oauth2/auth") {
    response = world_->oauth.HandleConsent(request, target->query, now);
  } else if (target->path == "/discovery/v1/apis/calendar/v3/rest" ||
             (target->path == "/$discovery/rest" && target->query.Get("version") == "v3")) {
    response = HandleDiscovery(request);
  } else if (target->path == "/") {
    response = {.status = 302, .headers = {{"Location", "/_fake/"}}};
  } else {
    response = ToResponse(ToAnswer(ErrorId::kNotFound), false);
  }
  Record({.at = now, .what = absl::StrCat(request.method, " ", target->path), .target = target->path, .status = response.status});
  return response;
}

http::Response Front::HandleApi(const http::Request& request, const std::vector<std::string>& path, const http::Parameters& query,
                                absl::Time now) {
  std::string token(request.headers.Get("Authorization"));
  absl::string_view bearer = token;
  const bool has_header = absl::ConsumePrefix(&bearer, "Bearer ") || absl::ConsumePrefix(&bearer, "bearer ");
  if (!has_header) bearer = absl::string_view();
  for (const char* const name : {"access_token", "oauth_token"}) {
    if (!bearer.empty() || query.Find(name) == nullptr) continue;
    token = query.Get(name);
    bearer = token;
  }
  std::string verb = request.method;
  if (const std::string* const other = request.headers.Find("X-HTTP-Method-Override"); other != nullptr && verb == "POST") {
    verb = *other;
  }
  if (verb == "HEAD") verb = "GET";
  const std::optional<Identity> identity = bearer.empty() ? std::nullopt : world_->oauth.Find(bearer, now);
  Answer answer = bearer.empty() || identity
                      ? world_->api.Handle(request, verb, path, query, identity ? &*identity : nullptr, now)
                      : ToAnswer(ErrorId::kAuthError);
  const bool compact = query.Get("prettyPrint") == "false";
  http::Response response = ToResponse(answer, compact);
  const std::string& method = world_->api.last_method();
  Record({.at = now,
          .what = identity && !method.empty() ? method : absl::StrCat(verb, " ", path.empty() ? "" : path.front()),
          .target = request.target.substr(0, request.target.find('?')),
          .who = identity ? identity->caller.account.str() : "",
          .status = answer.ending == http::Ending::kCut || answer.ending == http::Ending::kNever ? 0 : answer.status,
          .note = answer.error                                                               ? answer.error->reason
                  : query.Find("syncToken") != nullptr && query.Find("pageToken") == nullptr ? "incremental"
                                                                                             : ""});
  return response;
}

http::Response Front::HandleBatch(const http::Request& request, absl::Time now) {
  const std::optional<std::vector<BatchPart>> parts = ParseBatch(request);
  if (request.method != "POST" || !parts) return Unreadable(400, "Failed to parse batch request.");
  const auto most = static_cast<size_t>(world_->model.knobs().batch_max);
  if (parts->size() > most) {  // K-17.
    return Unreadable(400, absl::StrCat("The batch request has ", parts->size(), " calls, and may have ", most, "."));
  }
  std::vector<size_t> order(parts->size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[NextRandom(world_->random) % i]);  // C-107.
  std::vector<std::pair<std::string, http::Response>> answers(parts->size());
  for (const size_t i : order) {
    const BatchPart& part = (*parts)[i];
    answers[i].first = part.content_id;
    const std::optional<http::Target> target = part.request ? http::ParseTarget(part.request->target) : std::nullopt;
    const auto path = target ? Below(target->segments, {"calendar", "v3"}) : std::nullopt;
    answers[i].second = path     ? HandleApi(*part.request, *path, target->query, now)
                        : target ? ToResponse(ToAnswer(ErrorId::kNotFound), false)
                                 : Unreadable(400, "Failed to parse this part.");
  }
  http::Response batch = FormatBatch(answers, absl::StrFormat("batch_%016x", NextRandom(world_->random)));
  // All parts share one connection: what befalls one answer on its way befalls all, though every call was carried out (C-104).
  for (const auto& [content_id, answer] : answers) {
    batch.ending = std::max(batch.ending, answer.ending);
    batch.after = std::max(batch.after, answer.after);
  }
  return batch;
}

http::Response Front::HandleDiscovery(const http::Request& request) const {
  // Whatever name the client used for this machine is the one that works for it.
  const absl::string_view host = request.headers.Get("Host");
  const bool plain = !host.empty() && host.find_first_of("/\\\"<> ") == absl::string_view::npos;
  return JsonBody(DiscoveryDocument(plain ? absl::StrCat("http://", host, "/") : root_url_));
}

}  // namespace calsync::fake
