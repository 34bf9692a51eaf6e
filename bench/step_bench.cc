// How long one input takes from end to end in a group of some size: what a host pays for each notification, page and answer.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/sizes.h"
#include "engine/engine.h"
#include "engine/testing/builders.h"

namespace calsync {
namespace {

constexpr size_t kPage = 250;

// An engine at rest, and a host that answers its calls by hand. Nothing is durable: commits are thrown away.
class Rig {
 public:
  explicit Rig(std::vector<Record> records) : known_(std::move(records)) {
    GroupConfig config = AConfig();
    config.policy.full_walk_interval = absl::Hours(24 * 365 * 100);
    config.policy.breaker = false;
    const LiveGroup settled = ALiveGroup(config, {});
    GroupImage image;
    for (const LiveCalendar& calendar : settled.calendars) {
      CalendarRow row = calendar.row;
      row.last_full_walk = TestNow();
      image.calendars.push_back(std::move(row));
    }
    image.records = known_;
    engine_ = std::make_unique<Engine>(config, std::move(image), SipKey{1, 2});
    Give(Started{});
    AnswerAll();
  }

  void Give(const Input& input) {
    for (Effect& effect : engine_->Step(input, now_)) {
      if (ApiCall* call = std::get_if<ApiCall>(&effect)) waiting_.push_back(std::move(*call));
      if (const SetTimer* timer = std::get_if<SetTimer>(&effect)) timer_ = timer->at;
    }
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
    event.updated = now_;
    event.start = StartOf(record.span);
    event.end = EndOf(record.span);
    if (version != 0) event.end.instant += absl::Minutes(1 + version % 100);
    return std::make_shared<const Event>(std::move(event));
  }

  Engine& engine() { return *engine_; }
  absl::Time now() const { return now_; }

 private:
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
  for (const int64_t size : {1000, 4000, 16000}) {
    benchmark::RegisterBenchmark("Step/first_walk", FirstWalk)->Arg(size)->Unit(benchmark::kMillisecond);
  }
}

}  // namespace
}  // namespace calsync

int main(int argc, char** argv) { return calsync::bench::Run(argc, argv, calsync::Add); }
