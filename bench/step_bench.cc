// How long one input takes from end to end in a group of some size: what a host pays for each notification, page and answer.

#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/google_page.h"
#include "bench/sizes.h"
#include "engine/base/check.h"
#include "engine/engine.h"
#include "engine/testing/builders.h"

namespace calsync {
namespace {

constexpr size_t kPage = 250;

// An engine at rest, and a host that answers its calls by hand. Nothing is durable: commits are thrown away.
class Rig {
 public:
  explicit Rig(std::vector<Record> records) : Rig(AConfig(), std::move(records)) {}
  Rig(GroupConfig config, std::vector<Record> records) : tags_(config.instance, config.id), known_(std::move(records)) {
    config.policy.full_walk_interval = absl::Hours(24 * 365 * 100);
    config.policy.breaker = false;
    const LiveGroup settled = ALiveGroup(config, {});
    GroupImage image;
    for (const LiveCalendar& calendar : settled.calendars) {
      CalendarRow row = calendar.row;
      row.last_full_walk = TestNow();
      if (!config.policy.push_address.empty()) row.channels = {ALiveChannel(row.key)};
      image.calendars.push_back(std::move(row));
    }
    image.records = known_;
    engine_ = std::make_unique<Engine>(config, std::move(image), SipKey{1, 2});
    Give(Started{});
    AnswerAll();
  }

  void Give(const Input& input) { Take(engine_->Step(input, now_)); }

  // A notification about the calendar work, the timer that it sets, and the page that follows. Nanoseconds of the three steps;
  // what they ask for is answered by AnswerAll.
  int64_t Notify(const EventPtr& row) {
    now_ += absl::Minutes(1);
    const ChannelRow channel = ALiveChannel(KeyOf("work"));
    const Input notification = Notification{channel.id, channel.token.ToString()};
    int64_t spent = Timed(notification);
    now_ = std::max(now_ + absl::Seconds(1), timer_);
    spent += Timed(TimerFired{});
    std::vector<EventPtr> rows = {row};
    for (auto call = waiting_.begin(); call != waiting_.end(); ++call) {
      const ListEvents* list = std::get_if<ListEvents>(call->request.get());
      if (list == nullptr || list->calendar != GoogleIdOf("work")) continue;
      const Input page = ApiReply{call->id, Answer(*call->request, rows)};
      waiting_.erase(call);
      return spent + Timed(page);
    }
    CALSYNC_CHECK(false && "a notification is followed by a listing");
    return 0;
  }

  // Until no call waits: listings show `rows` once, on work; every write succeeds.
  void AnswerAll(std::vector<EventPtr> rows = {}) {
    while (!waiting_.empty()) {
      const ApiCall call = std::move(waiting_.back());
      waiting_.pop_back();
      Give(ApiReply{call.id, Answer(*call.request, rows)});
    }
  }

  // Lets the next polls come.
  void Poll(std::vector<EventPtr> rows) {
    now_ += absl::Minutes(10);
    Give(TimerFired{});
    AnswerAll(std::move(rows));
  }

  // A user event of the group as Google shows it, changed since the last time if `version` is new.
  EventPtr UserEvent(size_t row, int64_t version) const {
    const Record& record = known_[row];
    Event event = EventOf({.at = absl::StrCat("work/", record.event.view())});
    event.etag = version == 0 ? Etag(record.etag) : Etag(absl::StrCat("\"", version, "\""));
    event.updated = now_ + absl::Seconds(1);  // Newer than what is on record.
    event.private_properties = {{tags_.user_key(), tags_.UserValue(record.id)}};
    event.start = StartOf(record.span);
    event.end = EndOf(record.span);
    if (version != 0) event.end.instant += absl::Minutes(1 + version % 97);  // Another one each time that it comes round.
    return std::make_shared<const Event>(std::move(event));
  }

  // Blocks that are being moved.
  size_t Patches() const {
    return static_cast<size_t>(std::count_if(
        waiting_.begin(), waiting_.end(), [](const ApiCall& call) { return std::holds_alternative<PatchEvent>(*call.request); }));
  }

  Engine& engine() { return *engine_; }
  absl::Time now() const { return now_; }

 private:
  static ChannelRow ALiveChannel(CalendarKey key) {
    return {.id = ChannelId(absl::StrCat("channel-", key.value())),
            .token = SharedText("secret"),
            .status = ChannelStatus::kLive,
            .expiration = TestNow() + absl::Hours(24 * 365 * 100)};
  }

  static int64_t Now() {
    timespec at{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return int64_t{at.tv_sec} * 1'000'000'000 + at.tv_nsec;
  }
  // What asking the clock takes by itself.
  static int64_t ClockAlone() {
    int64_t least = 1'000'000;
    for (int i = 0; i < 1000; ++i) {
      const int64_t before = Now();
      least = std::min(least, Now() - before);
    }
    return least;
  }
  // The step alone; what is done with its effects is the host's.
  int64_t Timed(const Input& input) {
    static const int64_t clock_alone = ClockAlone();
    const int64_t before = Now();
    Effects effects = engine_->Step(input, now_);
    const int64_t after = Now();
    Take(std::move(effects));
    return after - before - clock_alone;
  }
  void Take(Effects effects) {
    for (Effect& effect : effects) {
      if (ApiCall* call = std::get_if<ApiCall>(&effect)) waiting_.push_back(std::move(*call));
      if (const SetTimer* timer = std::get_if<SetTimer>(&effect)) timer_ = timer->at;
    }
  }

  Reply Answer(const Request& request, std::vector<EventPtr>& rows) {
    const int64_t version = ++writes_;
    if (const ListEvents* list = std::get_if<ListEvents>(&request)) {
      EventsPage page;
      if (list->calendar == GoogleIdOf("work")) page.items = std::exchange(rows, {});
      page.next_sync_token = SyncToken(absl::StrCat(version));
      return page;
    }
    if (const InsertEvent* insert = std::get_if<InsertEvent>(&request)) {
      Event event = insert->event;
      return Versioned(std::move(event), version);
    }
    if (const PatchEvent* patch = std::get_if<PatchEvent>(&request)) {
      Event event;
      event.id = patch->event;
      event.start = patch->patch.start.value_or(EventTime());
      event.end = patch->patch.end.value_or(EventTime());
      event.summary = patch->patch.summary.value_or("");
      event.visibility = Visibility::kPrivate;
      for (const auto& [key, value] : patch->patch.private_properties) event.private_properties[key] = value.value_or("");
      return Versioned(std::move(event), version);
    }
    if (std::holds_alternative<DeleteEvent>(request)) return NoContent{};
    return ApiError{.code = 404, .reason = "notFound"};
  }
  Reply Versioned(Event event, int64_t version) const {
    event.etag = Etag(absl::StrCat("\"w", version, "\""));
    event.updated = now_;
    return std::make_shared<const Event>(std::move(event));
  }

  Tags tags_;
  std::vector<Record> known_;
  std::unique_ptr<Engine> engine_;
  absl::Time now_ = TestNow();
  absl::Time timer_ = absl::InfiniteFuture();
  std::vector<ApiCall> waiting_;
  int64_t writes_ = 0;
};

void ForgedNotification(benchmark::State& state) {
  Rig rig(RealisticRecords(static_cast<size_t>(state.range(0))));
  const Input forged = Notification{ChannelId("unknown"), "guess"};
  for (auto _ : state) benchmark::DoNotOptimize(rig.engine().Step(forged, rig.now()));
}

void IdlePoll(benchmark::State& state) {
  Rig rig(RealisticRecords(static_cast<size_t>(state.range(0))));
  for (auto _ : state) rig.Poll({});
}

void PageOfUnchangedEvents(benchmark::State& state) {
  const size_t size = static_cast<size_t>(state.range(0));
  Rig rig(RealisticRecords(size));
  std::vector<EventPtr> rows;
  for (size_t i = 0; i < kPage; ++i) rows.push_back(rig.UserEvent((i * 2 * 37) % size / 2 * 2, 0));
  for (auto _ : state) rig.Poll(rows);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kPage));
}

// A listing with one moved event, the update of its block, and Google's answer.
void OneEventMoves(benchmark::State& state) {
  const size_t size = static_cast<size_t>(state.range(0));
  Rig rig(RealisticRecords(size));
  size_t row = 0;
  int64_t version = 0;
  for (auto _ : state) {
    rig.Poll({rig.UserEvent(row, ++version)});
    row = (row + 74) % size / 2 * 2;
  }
}

// Groups of so many calendars with push, one after the other in no order; one event of a person has moved in it: its blocks on
// all others are to follow.
void NotificationAndPage(benchmark::State& state, size_t size, size_t calendars, size_t groups = 1) {
  GroupConfig config = bench::ConfigOfCalendars(calendars);
  config.policy.push_address = "https://example.com/hook";
  const TestGroup group(config);
  const std::vector<Record> records = bench::RecordsOfCalendars(group, size);
  std::vector<size_t> sources;
  for (size_t row = 0; row < records.size(); ++row) {
    if (records[row].kind == RecordKind::kUserEvent && records[row].calendar == KeyOf("work")) sources.push_back(row);
  }
  std::vector<Rig> rigs;
  rigs.reserve(groups);
  for (size_t i = 0; i < groups; ++i) rigs.emplace_back(config, records);
  size_t turn = 0;
  int64_t version = 0;
  for (auto _ : state) {
    Rig& rig = rigs[turn * 7919 % groups];
    const EventPtr moved = rig.UserEvent(sources[turn * 37 % sources.size()], ++version);
    ++turn;
    state.SetIterationTime(static_cast<double>(rig.Notify(moved)) * 1e-9);
    CALSYNC_CHECK(rig.Patches() == calendars - 1);
    rig.AnswerAll();
  }
}

// The first walk of a calendar with so many events: records planned, blocks inserted.
void FirstWalk(benchmark::State& state) {
  std::vector<EventPtr> rows;
  for (int64_t i = 0; i < state.range(0); ++i) {
    rows.push_back(std::make_shared<const Event>(
        EventOf({.at = absl::StrCat("work/e", i), .start = TestNow() + absl::Minutes(i), .etag = absl::StrCat("\"", i, "\"")})));
  }
  for (auto _ : state) {
    Rig rig({});
    rig.Poll(rows);
    benchmark::DoNotOptimize(rig.engine().records().size());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// From the stored image to the first effects.
void Start(benchmark::State& state) {
  const std::vector<Record> records = RealisticRecords(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    GroupImage image;
    image.records = records;
    Engine engine(AConfig(), std::move(image), SipKey{1, 2});
    benchmark::DoNotOptimize(engine.Step(Started{}, TestNow()));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void Add(int64_t records_max) {
  for (const int64_t size : bench::PowersUpTo(std::min<int64_t>(records_max, 1'000'000))) {
    benchmark::RegisterBenchmark("Step/forged_notification", ForgedNotification)->Arg(size);
    benchmark::RegisterBenchmark("Step/idle_poll", IdlePoll)->Arg(size);
    benchmark::RegisterBenchmark("Step/page_of_250_unchanged", PageOfUnchangedEvents)->Arg(size);
    benchmark::RegisterBenchmark("Step/one_event_moves", OneEventMoves)->Arg(size);
    benchmark::RegisterBenchmark("Step/start", Start)->Arg(size)->Unit(benchmark::kMillisecond);
  }
  for (const int64_t size : {100, 1000, 5000, 10'000, 100'000, 1'000'000}) {
    if (size > records_max) continue;
    const auto run = [](benchmark::State& state) { NotificationAndPage(state, static_cast<size_t>(state.range(0)), 5); };
    benchmark::RegisterBenchmark("Step/notification_and_page", run)->Arg(size)->UseManualTime()->Unit(benchmark::kMicrosecond);
  }
  for (const int64_t calendars : {2, 3, 5, 10, 20}) {
    const auto run = [](benchmark::State& state) { NotificationAndPage(state, 5000, static_cast<size_t>(state.range(0))); };
    benchmark::RegisterBenchmark("Step/calendars", run)->Arg(calendars)->UseManualTime()->Unit(benchmark::kMicrosecond);
  }
  for (const int64_t groups : {1, 10, 100, 1000, 10'000}) {
    if (groups * 100 > records_max) continue;
    const auto run = [](benchmark::State& state) { NotificationAndPage(state, 100, 5, static_cast<size_t>(state.range(0))); };
    benchmark::RegisterBenchmark("Step/groups", run)->Arg(groups)->UseManualTime()->Unit(benchmark::kMicrosecond);
  }
  for (const int64_t size : {1000, 4000, 16000, 64000}) {
    benchmark::RegisterBenchmark("Step/first_walk", FirstWalk)->Arg(size)->Unit(benchmark::kMillisecond);
  }
}

}  // namespace
}  // namespace calsync

int main(int argc, char** argv) { return calsync::bench::Run(argc, argv, calsync::Add); }
