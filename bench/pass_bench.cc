// A pass in which nothing has changed, from the bytes of a page of 250 events to what is durable: ours, and the first design's on
// the same SQLite with the same settings (WAL, synchronous=FULL).
//
// The first design walks the page, asks the database for the correlation id of each event, and marks those that it knows as seen:
// a SELECT and an UPDATE, each a transaction of its own, since Django commits by itself after each. Carried out here by what is
// least: statements are prepared once, times are made once for a page, JSON is nlohmann's DOM. Left out, all in its favour:
// Python, Django's ORM, the client library that turns JSON into dictionaries, and its log.

#include <benchmark/benchmark.h>
#include <sqlite3.h>
#include <time.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapter/google/calendar_api.h"
#include "adapter/store/sqlite_store.h"
#include "adapter/store/testing/scratch_directory.h"
#include "bench/google_page.h"
#include "bench/sizes.h"
#include "engine/base/check.h"
#include "engine/base/uuid.h"
#include "engine/engine.h"
#include "engine/testing/builders.h"

namespace calsync::bench {
namespace {

using adapter::ScratchDirectory;
using adapter::SqliteStore;

constexpr size_t kPage = 250;
constexpr size_t kPages = 20;

// By the wall a pass is as long as the disk makes it; the processor's part tells what is left on a better one.
double Seconds(clockid_t clock) {
  timespec at{};
  clock_gettime(clock, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

// ---- Ours.

// An engine at rest with its store, and a host that answers its calls by hand.
class Ours {
 public:
  explicit Ours(const PagedGroup& group) : config_(group.group.config), page_calendar_(config_.calendars.front().google_id) {
    config_.policy.full_walk_interval = absl::Hours(24 * 365 * 100);
    auto opened = SqliteStore::Open(directory_.File("ours.sqlite"));
    CALSYNC_CHECK(opened.ok());
    store_ = *std::move(opened);
    epoch_ = store_->Load(config_.id)->epoch;
    Commit all;
    for (RowIndex row = 0; row < group.records.size(); ++row) all.records.push_back(group.records[row]);
    for (const LiveCalendar& calendar : ALiveGroup(config_, {}).calendars) all.calendars.push_back(calendar.row);
    CALSYNC_CHECK(store_->Apply(config_.id, epoch_, all).ok());
    engine_ = std::make_unique<Engine>(config_, *store_->Peek(config_.id), SipKey{1, 2});
    Give(Started{});
    Rest();
  }

  // The timer of a poll comes, and all its listings but the page's are answered.
  void Poll() {
    now_ += absl::Minutes(10);
    Give(TimerFired{});
    Rest();
  }

  // Seconds from the bytes of the page that was asked for until what follows is durable.
  double Take(const std::string& bytes, clockid_t clock) {
    CALSYNC_CHECK(page_.request != nullptr);
    const ApiCall call = std::exchange(page_, {});
    const http::Response response{.status = 200, .body = bytes};
    const auto known = [&](absl::Span<const VersionView> shown) { return engine_->Known(call.id, shown); };
    const double before = Seconds(clock);
    Give(ApiReply{call.id, adapter::ReplyOf(*call.request, response, now_, known)});
    const double spent = Seconds(clock) - before;
    Rest();
    return spent;
  }

  int64_t rows_written() const { return rows_written_; }

 private:
  void Give(const Input& input) {
    for (Effect& effect : engine_->Step(input, now_)) {
      if (Commit* commit = std::get_if<Commit>(&effect)) {
        rows_written_ += static_cast<int64_t>(commit->records.size());
        CALSYNC_CHECK(store_->Apply(config_.id, epoch_, *commit).ok());
      }
      if (ApiCall* call = std::get_if<ApiCall>(&effect)) waiting_.push_back(std::move(*call));
    }
  }

  void Rest() {
    while (!waiting_.empty()) {
      ApiCall call = std::move(waiting_.back());
      waiting_.pop_back();
      const ListEvents* const list = std::get_if<ListEvents>(call.request.get());
      CALSYNC_CHECK(list != nullptr);  // Nothing has changed, so nothing is written.
      if (list->calendar == page_calendar_) {
        page_ = std::move(call);
        continue;
      }
      EventsPage nothing;
      nothing.next_sync_token = SyncToken(absl::StrCat(++tokens_));
      Give(ApiReply{call.id, std::move(nothing)});
    }
  }

  GroupConfig config_;
  const CalendarId page_calendar_;
  const ScratchDirectory directory_;  // Must outlive the store.
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Engine> engine_;
  int64_t epoch_ = 0;
  absl::Time now_ = TestNow();
  std::vector<ApiCall> waiting_;
  ApiCall page_;  // The listing of the page's calendar, not answered yet.
  int64_t tokens_ = 0;
  int64_t rows_written_ = 0;
};

void OursPass(benchmark::State& state, clockid_t clock) {
  const PagedGroup group(static_cast<size_t>(state.range(0)));
  const std::vector<std::string> pages = UnchangedPages(group, kPages, kPage);
  Ours ours(group);
  size_t next = 0;
  for (auto _ : state) {
    ours.Poll();
    state.SetIterationTime(ours.Take(pages[next], clock));
    if (++next == kPages) next = 0;
  }
  CALSYNC_CHECK(ours.rows_written() == 0);
}

// ---- The first design.

class FirstDesign {
 public:
  explicit FirstDesign(const PagedGroup& group) {
    CALSYNC_CHECK(sqlite3_open(directory_.File("first.sqlite").c_str(), &db_) == SQLITE_OK);
    Run("PRAGMA journal_mode=WAL");
    Run("PRAGMA synchronous=FULL");
    Run("CREATE TABLE event_state (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, correlation_id char(36) NOT NULL UNIQUE, "
        "calendar_id bigint NOT NULL, google_event_id varchar(255) NOT NULL, event_type varchar(20) NOT NULL, created_by_us bool "
        "NOT NULL, source_correlation_id char(36) NULL, status varchar(20) NOT NULL, title varchar(500) NOT NULL, last_seen_at "
        "datetime NULL, created_at datetime NOT NULL, updated_at datetime NOT NULL)");
    Run("CREATE INDEX by_calendar ON event_state (calendar_id)");
    Run("CREATE INDEX by_google_event_id ON event_state (google_event_id)");
    find_ = Prepare(
        "SELECT id, correlation_id, calendar_id, google_event_id, event_type, created_by_us, source_correlation_id, status, "
        "title, last_seen_at, created_at, updated_at FROM event_state WHERE correlation_id = ? ORDER BY id ASC LIMIT 1");
    see_ = Prepare("UPDATE event_state SET last_seen_at = ?, updated_at = ? WHERE correlation_id = ?");
    stuck_ = Prepare("SELECT COUNT(*) FROM event_state WHERE status = 'creating' AND created_at < ?");
    Fill(group);
  }
  ~FirstDesign() {
    for (sqlite3_stmt* statement : {find_, see_, stuck_}) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }
  FirstDesign(const FirstDesign&) = delete;
  FirstDesign& operator=(const FirstDesign&) = delete;

  // sync_calendar_webhook, from the page on. Gives how many events were known.
  size_t Take(const std::string& bytes) {
    const std::string now = absl::FormatTime("%Y-%m-%d %H:%M:%E6S", TestNow() + absl::Seconds(++passes_), absl::UTCTimeZone());
    Bind(stuck_, 1, now);
    CALSYNC_CHECK(sqlite3_step(stuck_) == SQLITE_ROW);
    sqlite3_reset(stuck_);
    const nlohmann::json page = nlohmann::json::parse(bytes);
    size_t known = 0;
    for (const nlohmann::json& event : page["items"]) {
      const std::string id = CorrelationOf(event);
      if (id.empty() || !Find(id)) continue;
      ++known;
      See(id, now);
    }
    return known;
  }

 private:
  // extract_correlation_id. The pages bear our tags: blocks have its key, and what people's events carry ends with the id.
  static std::string CorrelationOf(const nlohmann::json& event) {
    constexpr size_t kUuid = 36;
    const auto extended = event.find("extendedProperties");
    if (extended == event.end()) return "";
    const nlohmann::json& properties = extended->at("private");
    if (const auto id = properties.find("calsync_id"); id != properties.end()) return id->get<std::string>();
    const std::string value = properties.begin()->get<std::string>();
    return value.size() < kUuid ? "" : value.substr(value.size() - kUuid);
  }

  // classify_event
  bool Find(const std::string& id) {
    Bind(find_, 1, id);
    const bool found = sqlite3_step(find_) == SQLITE_ROW;
    for (int column = 0; found && column < sqlite3_column_count(find_); ++column) {
      benchmark::DoNotOptimize(sqlite3_column_text(find_, column));
    }
    sqlite3_reset(find_);
    return found;
  }
  // update_event_seen
  void See(const std::string& id, const std::string& now) {
    Bind(see_, 1, now);
    Bind(see_, 2, now);
    Bind(see_, 3, id);
    CALSYNC_CHECK(sqlite3_step(see_) == SQLITE_DONE);
    sqlite3_reset(see_);
  }

  void Fill(const PagedGroup& group);

  void Run(const char* sql) { CALSYNC_CHECK(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK); }
  sqlite3_stmt* Prepare(const char* sql) {
    sqlite3_stmt* made = nullptr;
    CALSYNC_CHECK(sqlite3_prepare_v2(db_, sql, -1, &made, nullptr) == SQLITE_OK);
    return made;
  }
  static void Bind(sqlite3_stmt* statement, int index, const std::string& text) {
    sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }

  const ScratchDirectory directory_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* find_ = nullptr;
  sqlite3_stmt* see_ = nullptr;
  sqlite3_stmt* stuck_ = nullptr;
  int64_t passes_ = 0;
};

void FirstDesign::Fill(const PagedGroup& group) {
  sqlite3_stmt* const add = Prepare(
      "INSERT INTO event_state (correlation_id, calendar_id, google_event_id, event_type, created_by_us, source_correlation_id, "
      "status, title, last_seen_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?9, ?9, ?9)");
  const std::string then = "2026-05-04 08:00:00.000000";
  Run("BEGIN");
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    const std::string texts[] = {FormatUuid(record.id.value),
                                 record.event.ToString(),
                                 record.IsBlock() ? "busy_block" : "user_event",
                                 FormatUuid(record.source.value),
                                 record.IsBlock() ? "created" : "synced",
                                 record.summary.ToString()};
    Bind(add, 1, texts[0]);
    sqlite3_bind_int64(add, 2, static_cast<int64_t>(record.calendar.value()));
    Bind(add, 3, texts[1]);
    Bind(add, 4, texts[2]);
    sqlite3_bind_int64(add, 5, record.IsBlock() ? 1 : 0);
    Bind(add, 6, texts[3]);
    Bind(add, 7, texts[4]);
    Bind(add, 8, texts[5]);
    Bind(add, 9, then);
    CALSYNC_CHECK(sqlite3_step(add) == SQLITE_DONE);
    sqlite3_reset(add);
  }
  Run("COMMIT");
  sqlite3_finalize(add);
}

void FirstDesignPass(benchmark::State& state, clockid_t clock) {
  const PagedGroup group(static_cast<size_t>(state.range(0)));
  const std::vector<std::string> pages = UnchangedPages(group, kPages, kPage);
  FirstDesign first(group);
  size_t next = 0;
  for (auto _ : state) {
    const double before = Seconds(clock);
    CALSYNC_CHECK(first.Take(pages[next]) == kPage);
    state.SetIterationTime(Seconds(clock) - before);
    if (++next == kPages) next = 0;
  }
}

void Add(int64_t records_max) {
  struct Pass {
    const char* name;
    void (*run)(benchmark::State&, clockid_t);
    clockid_t clock;
  };
  const Pass kPasses[] = {{"Pass/first_design", FirstDesignPass, CLOCK_MONOTONIC},
                          {"Pass/ours", OursPass, CLOCK_MONOTONIC},
                          {"Pass/first_design/processor", FirstDesignPass, CLOCK_THREAD_CPUTIME_ID},
                          {"Pass/ours/processor", OursPass, CLOCK_THREAD_CPUTIME_ID}};
  for (const int64_t records : {int64_t{5'000}, int64_t{100'000}}) {
    if (records > records_max) continue;
    for (const Pass& pass : kPasses) {
      benchmark::RegisterBenchmark(pass.name, [pass](benchmark::State& state) { pass.run(state, pass.clock); })
          ->Arg(records)
          ->ArgNames({"records"})
          ->Unit(benchmark::kMillisecond)
          ->UseManualTime();
    }
  }
}

}  // namespace
}  // namespace calsync::bench

int main(int argc, char** argv) { return calsync::bench::Run(argc, argv, calsync::bench::Add); }
