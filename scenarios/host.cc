#include "scenarios/host.h"

#include <utility>
#include <variant>

#include "adapter/store/sqlite_store.h"
#include "engine/base/check.h"
#include "scenarios/zones.h"

namespace calsync::sim {

Host::Host(int number, FamilyNumber family, GroupConfig config, StoreKind store, EngineKind kind, int processes)
    : number_(number),
      family_(family),
      config_(std::move(config)),
      store_kind_(store),
      engine_kind_(kind),
      processes_(static_cast<size_t>(processes)) {
  OpenStore();
}

void Host::OpenStore() {
  const adapter::StoreOptions options{.audit_kept = 0};  // The world counts the entries as they are committed.
  if (store_kind_ == StoreKind::kMemory) {
    memory_.emplace(options);
    return;
  }
  auto opened = adapter::SqliteStore::Open(":memory:", {.store = options});
  CALSYNC_CHECK(opened.ok());
  sqlite_ = std::move(*opened);
}

absl::StatusOr<Started> Host::Boot(const SipKey& seed) {
  CALSYNC_CHECK(!running());
  Process& process = processes_[floor_];
  process.incarnation = ++incarnations_;
  absl::StatusOr<adapter::LoadedGroup> loaded = store().Load(config_.id);
  if (!loaded.ok()) return loaded.status();
  process.epoch = loaded->epoch;
  rows_read += 1 + loaded->image.records.size() + loaded->image.calendars.size();
  in_doubt_ = in_doubt_ || process.epoch <= known_epoch_;
  known_epoch_ = process.epoch;
  if (sqlite_ != nullptr) image_.Load(loaded->image);  // The memory store holds what was applied, and nothing else can change it.
  if (engine_kind_ != EngineKind::kCalsync) process.baseline = MakeBaseline(engine_kind_, config_, loaded->image, seed);
  process.engine.emplace(config_, std::move(loaded->image), seed);
  ClearTimer();
  return Started{.restored = in_doubt_, .zones = KnownZones()};
}

void Host::TakeWord(const OperatorCommand& word) {
  if (!std::holds_alternative<Reconfigure>(word)) processes_[floor_].word = word;
}

void Host::Die() {
  Process& process = processes_[floor_];
  if (process.word.has_value()) LoseWord(*std::exchange(process.word, std::nullopt));
  process.engine.reset();
  process.baseline = AnyBaseline();
  process.incarnation = ++incarnations_;
  if (!has_workers()) process.under_way.clear();
  process.unfinished.clear();
  ClearTimer();
}

absl::Time Host::born(const CorrelationId& id) const {
  const auto found = births_.find(id);
  return found == births_.end() ? absl::InfinitePast() : found->second.at;
}

absl::Status Host::Apply(const Commit& commit, absl::Time world) {
  absl::Status status = store().Apply(config_.id, process().epoch, commit);
  if (!status.ok()) return status;
  image_.Apply(commit);
  ++rows_read;  // The store looks up who owns the group.
  rows_written += commit.erased.size() + commit.records.size() + commit.calendars.size() + commit.audit.size();
  if (commit.group.has_value()) ++rows_written;
  for (const Record& record : commit.records) {
    if (record.id.empty()) continue;
    const auto [birth, fresh] =
        births_.try_emplace(record.id, Birth{record.generation, record.status, record.event, ClockAt(world)});
    const RecordStatus was = birth->second.status;
    const bool again = birth->second.generation != record.generation ||
                       (was == RecordStatus::kFailed && record.status == RecordStatus::kCreating) ||
                       (was == RecordStatus::kDeleted && record.status == RecordStatus::kCreated &&
                        !(birth->second.event == record.event));  // By adoption.
    birth->second = {record.generation, record.status, record.event, fresh || again ? ClockAt(world) : birth->second.at};
  }
  in_doubt_ = false;
  if (baseline() != nullptr) LookAtRows(ClockAt(world));
  return status;
}

void Host::Remember(Input&& input) {
  constexpr size_t kRemembered = 4;
  if (!std::holds_alternative<ApiReply>(input) && !std::holds_alternative<Notification>(input)) return;
  if (heard_.size() == kRemembered) heard_.erase(heard_.begin());
  heard_.push_back(std::move(input));
}

void Host::HearListing(absl::Time world, bool failed) {
  const absl::Time now = ClockAt(world);
  std::erase_if(listings_heard, [&](const auto& heard) { return heard.first < now - absl::Minutes(20); });
  listings_heard.emplace_back(now, failed);
}

bool Host::has_latest_epoch() const {
  const absl::StatusOr<int64_t> latest = store().Epoch(config_.id);
  CALSYNC_CHECK(latest.ok());
  return *latest == process().epoch;
}

void Host::LookAtRows(absl::Time now) {
  std::optional<Engine>& looked_at = processes_[floor_].engine;
  looked_at.emplace(config_, image(), SipKey{});
  looked_at->LookAt(now, KnownZones());
}

GroupImage Host::image() const {
  absl::StatusOr<GroupImage> image = store().Peek(config_.id);
  CALSYNC_CHECK(image.ok());
  return *std::move(image);
}

void Host::ReplaceStore(const GroupImage& content) {
  for (const Process& process : processes_) CALSYNC_CHECK(!process.engine.has_value());
  memory_.reset();
  sqlite_.reset();
  OpenStore();
  absl::StatusOr<adapter::LoadedGroup> loaded = store().Load(config_.id);
  CALSYNC_CHECK(loaded.ok());
  Commit commit;
  commit.records = content.records;
  commit.calendars = content.calendars;
  commit.group = content.group;
  CALSYNC_CHECK(store().Apply(config_.id, loaded->epoch, commit).ok());
  // So far below what was known that the next Boot() sees it, however often the old one was booted.
  if (known_epoch_ <= loaded->epoch) known_epoch_ = loaded->epoch + 1;
  image_.Load(content);
  passed_.clear();
}

absl::Time Host::seen(int calendar) const {
  const auto found = listings_.find(calendar);
  return found == listings_.end() ? absl::InfinitePast() : found->second.seen;
}

absl::Time Host::seen_in_full(int calendar) const {
  const auto found = listings_.find(calendar);
  return found == listings_.end() ? absl::InfinitePast() : found->second.seen_in_full;
}

absl::Time Host::reviewed(int calendar) const {
  if (amnesty == absl::InfinitePast()) return amnesty;
  const auto found = listings_.find(calendar);
  return found == listings_.end() || found->second.reviewed <= amnesty ? absl::InfiniteFuture() : found->second.reviewed;
}

absl::Time Host::told(int calendar) const {
  const auto found = listings_.find(calendar);
  return found == listings_.end() ? absl::InfinitePast() : found->second.told;
}

}  // namespace calsync::sim
