// How long the simulated world takes: whole seeds as `calsync simulate` lives through them, an idle month, and a calendar like an
// imported one. Oracles are on, as always. And what its calls would cost besides, if each went through the text of both sides.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapter/google/calendar_api.h"
#include "adapter/http/target.h"
#include "bench/sizes.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "fakegoogle/http/answer.h"
#include "fakegoogle/http/event_json.h"
#include "fakegoogle/http/fields.h"
#include "fakegoogle/http/methods.h"
#include "scenarios/campaign.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

constexpr absl::Duration kMonth = absl::Hours(24 * 30);

uint64_t Calls(const Counts& counts) { return std::accumulate(counts.calls.begin(), counts.calls.end(), uint64_t{0}); }

// 4 calendars, 20 actions of people, 30 days: the defaults of `calsync simulate`. Another seed each time, so a thousand of them
// say more than ten. items_per_second: seeds a second; `calls`: of the engines to Google, in a seed.
void BM_StandardSeeds(benchmark::State& state, StoreKind store) {
  SimulateOptions options;
  options.store = store;
  uint64_t seed = options.from;
  Counts counts;
  for (auto _ : state) {
    const RunResult result = RunSeed(options, seed++);
    CALSYNC_CHECK(!result.violation.has_value());
    counts += result.counts;
  }
  state.SetItemsProcessed(state.iterations());
  const auto average = [&](uint64_t count) {
    return benchmark::Counter(static_cast<double>(count), benchmark::Counter::kAvgIterations);
  };
  state.counters["engine_steps"] = average(counts.engine_steps);
  state.counters["calls"] = average(Calls(counts));
}

// ---- Calls as text.

// What engines ask in some standard seeds, and what they get.
struct Asked {
  std::shared_ptr<const Request> request;
  Reply reply;
  absl::Time at;
};

class CallCollector final : public EngineWitness {
 public:
  void OnStart(int, const GroupConfig&, const GroupImage&, const SipKey&) override {}
  void OnStep(int instance, const GroupId&, const Input& input, absl::Time now, const Effects& effects) override {
    for (const Effect& effect : effects) {
      if (const ApiCall* call = std::get_if<ApiCall>(&effect)) open_[{instance, call->id}] = call->request;
    }
    const ApiReply* const reply = std::get_if<ApiReply>(&input);
    if (reply == nullptr) return;
    if (const auto* error = std::get_if<ApiError>(&reply->reply); error && error->transport != Transport::kAnswered) return;
    const auto call = open_.find({instance, reply->call});
    if (call != open_.end()) asked.push_back({call->second, reply->reply, now});
  }
  std::vector<Asked> asked;

 private:
  std::map<std::pair<int, CallId>, std::shared_ptr<const Request>> open_;
};

const std::vector<Asked>& AskedInSeeds() {
  static const std::vector<Asked> asked = [] {
    const auto collector = std::make_shared<CallCollector>();
    SimulateOptions options;
    options.seeds = 200;
    options.witness = collector;
    CALSYNC_CHECK(RunSeeds(options).failed == 0);
    return std::move(collector->asked);
  }();
  return asked;
}

fake::Json BodyOf(const Reply& reply, const CalendarId& calendar) {
  const fake::EventStyle style;
  return std::visit(Overloaded{
                        [&](const EventsPage& page) {
                          fake::Json body{{"kind", "calendar#events"},
                                          {"timeZone", page.time_zone},
                                          {"accessRole", fake::Name(page.access_role)}};
                          if (page.next_page_token) body["nextPageToken"] = page.next_page_token->str();
                          if (page.next_sync_token) body["nextSyncToken"] = page.next_sync_token->str();
                          fake::Json& items = body["items"] = fake::Json::array();
                          for (const EventPtr& event : page.items) items.push_back(EventToJson(*event, calendar, style));
                          return body;
                        },
                        [&](const EventPtr& event) { return EventToJson(*event, calendar, style); },
                        [&](const Channel& channel) {
                          return fake::Json{{"id", channel.id.str()},
                                            {"resourceId", channel.resource.str()},
                                            {"expiration", absl::StrCat(absl::ToUnixMillis(channel.expiration))}};
                        },
                        [&](const CalendarListEntry& entry) {
                          return fake::Json{{"id", entry.id.str()},
                                            {"summary", entry.summary},
                                            {"timeZone", entry.time_zone},
                                            {"accessRole", fake::Name(entry.access_role)}};
                        },
                        [&](const NoContent&) { return fake::Json(); },
                        [&](const ApiError&) { return fake::Json(); },
                    },
                    reply);
}

// As the fake reads a request: its route, its parameters, its body.
fake::Route Read(const http::Request& request, const http::Target& target, const Request& sent) {
  std::optional<fake::Route> route = fake::FindRoute(request.method, absl::MakeConstSpan(target.segments).subspan(2));
  CALSYNC_CHECK(route.has_value() && route->method != nullptr);
  if (!request.body.empty()) {
    const std::optional<fake::Json> body = fake::ParseJson(request.body);
    CALSYNC_CHECK(body.has_value());
    if (std::holds_alternative<PatchEvent>(sent)) {
      benchmark::DoNotOptimize(fake::PatchFromJson(*body, Event()));
    } else {
      benchmark::DoNotOptimize(fake::EventFromJson(*body));
    }
  }
  return *std::move(route);
}

// One call through the text of both sides: written by the client, read by the fake, answered by it, read by the client. What
// either does with it is left out, and so is every socket.
void BM_CallAsText(benchmark::State& state) {
  const std::vector<Asked>& all = AskedInSeeds();
  size_t next = 0;
  int64_t bytes = 0;
  for (auto _ : state) {
    const Asked& asked = all[next];
    if (++next == all.size()) next = 0;
    const http::Request request = adapter::RequestOf(*asked.request, "/calendar/v3/");
    const std::optional<http::Target> target = http::ParseTarget(request.target);
    const fake::Route route = Read(request, *target, *asked.request);
    fake::Answer answer;
    if (const auto* error = std::get_if<ApiError>(&asked.reply)) {
      answer = fake::ToAnswer(*error, route.method->id);
    } else if (std::holds_alternative<NoContent>(asked.reply)) {
      answer = fake::Answer::NoContent();
    } else {
      const CalendarId* const calendar = CalendarOf(*asked.request);
      const std::optional<fake::FieldTree> fields = fake::ParseFields(target->query.Get("fields"));
      answer = fake::Answer::Of(fake::SelectFields(*fields, BodyOf(asked.reply, *calendar)));
    }
    const http::Response response = fake::ToResponse(answer, true);
    const Reply read = adapter::ReplyOf(*asked.request, response, asked.at);
    CALSYNC_CHECK(read.index() == asked.reply.index());
    bytes += static_cast<int64_t>(request.target.size() + request.body.size() + response.body.size());
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes"] = benchmark::Counter(static_cast<double>(bytes), benchmark::Counter::kAvgIterations);
}

// Four calendars with a hundred events each, settled; then nobody does anything for 30 days: what polls and renewals cost.
// items_per_second: steps of the engine a second.
void BM_IdleMonth(benchmark::State& state) {
  World settled(QuietPlan({"work", "home", "club", "client"}, UsualStart()), Choices());
  for (int i = 0; i < 400; ++i) {
    Event event;
    event.summary = absl::StrCat("meeting ", i);
    const absl::Time start = UsualStart() + absl::Hours(24 * 40 + i * 3);
    event.start = EventTime::At(start);
    event.end = EventTime::At(start + absl::Hours(1));
    CALSYNC_CHECK(!settled.Insert(settled.person(), i % 4, std::move(event)).empty());
  }
  CALSYNC_CHECK(settled.Settle());
  uint64_t steps = 0;
  for (auto _ : state) {
    state.PauseTiming();
    World world = settled;
    const uint64_t before = world.counts().engine_steps;
    state.ResumeTiming();
    world.RunFor(kMonth);
    CALSYNC_CHECK(!world.violation().has_value());
    steps += world.counts().engine_steps - before;
  }
  state.SetItemsProcessed(static_cast<int64_t>(steps));
}

// Three calendars as they come from files, with so many events together, and the first day with them: each event is met, tagged
// and gets its blocks. items_per_second: events a second.
void BM_Imported(benchmark::State& state) {
  constexpr size_t kCalendars = 3;
  std::vector<std::vector<Event>> imported(kCalendars);
  for (int64_t i = 0; i < state.range(0); ++i) {
    Event event;
    event.summary = absl::StrCat("session ", i);
    const absl::Time start = UsualStart() + absl::Hours(48) + absl::Minutes(20) * i;
    event.start = EventTime::At(start);
    event.end = EventTime::At(start + absl::Minutes(50));
    imported[static_cast<size_t>(i) % kCalendars].push_back(std::move(event));
  }
  for (auto _ : state) {
    Plan plan = QuietPlan({"work", "workshop", "conferences"}, UsualStart());
    plan.events = imported;
    plan.instances[0].policy.breaker = false;
    World world(std::move(plan), Choices());
    world.RunFor(absl::Hours(24));
    CALSYNC_CHECK(!world.violation().has_value());
    CALSYNC_CHECK(world.counts().blocks_created == static_cast<uint64_t>(state.range(0)) * (kCalendars - 1));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void Add(int64_t /*records_max*/) {
  const std::pair<const char*, StoreKind> kStores[] = {{"World/standard_seeds", StoreKind::kMemory},
                                                       {"World/sqlite_seeds", StoreKind::kSqlite}};
  for (const auto& [name, store] : kStores) {
    benchmark::RegisterBenchmark(name, [store = store](benchmark::State& state) {
      BM_StandardSeeds(state, store);
    })->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark("World/call_as_text", BM_CallAsText)->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark("World/idle_month", BM_IdleMonth)->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("World/imported", BM_Imported)->Arg(200)->Arg(2000)->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace calsync::sim

int main(int argc, char** argv) { return calsync::bench::Run(argc, argv, calsync::sim::Add); }
