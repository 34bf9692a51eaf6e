#include "tools/production.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "adapter/runner/zones.h"
#include "adapter/store/memory_store.h"
#include "engine/base/status_macros.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(500);
constexpr absl::Duration kGrace = absl::Seconds(10);
// A group that waits longer than this for its next try is not waited for.
constexpr absl::Duration kWaitMax = absl::Seconds(45);

int64_t StampOf(const std::string& file) {
  struct stat about = {};
  if (stat(file.c_str(), &about) != 0) return 0;
  return about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec;
}

bool NeedsZones(const std::vector<adapter::Runner::Linked>& groups) {
  return std::any_of(groups.begin(), groups.end(), [](const adapter::Runner::Linked& linked) {
    return linked.config.policy.hours.has_value() ||
           std::any_of(linked.config.directions.begin(), linked.config.directions.end(),
                       [](const Direction& direction) { return direction.policy.hours.has_value(); });
  });
}

void Say(absl::string_view text) {
  const std::string at = absl::FormatTime("%H:%M:%S", absl::Now(), absl::LocalTimeZone());
  std::fprintf(stderr, "%s %.*s\n", at.c_str(), static_cast<int>(text.size()), text.data());
}

// The store of a dry run: what is stored, in memory.
absl::StatusOr<std::unique_ptr<adapter::Store>> CopyOf(adapter::Store& store) {
  auto copy = std::make_unique<adapter::MemoryStore>(adapter::StoreOptions{.audit_kept = 0});
  ASSIGN_OR_RETURN(const std::vector<GroupId> groups, store.Groups());
  for (const GroupId& group : groups) {
    ASSIGN_OR_RETURN(GroupImage image, store.Peek(group));
    ASSIGN_OR_RETURN(const adapter::LoadedGroup empty, copy->Load(group));
    Commit all;
    all.records = std::move(image.records);
    all.calendars = std::move(image.calendars);
    all.group = image.group;
    RETURN_IF_ERROR(copy->Apply(group, empty.epoch, all));
  }
  return copy;
}

}  // namespace

class Production::GoogleCaller final : public adapter::Caller {
 public:
  explicit GoogleCaller(adapter::GoogleClient& client) : client_(client) {}
  void Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered) override {
    client_.Send(account, std::move(request), std::move(answered));
  }

 private:
  adapter::GoogleClient& client_;
};

Production::Production(http::Loop& loop, Installation installation, ProductionOptions options)
    : installation_(std::move(installation)), options_(std::move(options)), loop_(loop), ticker_(loop_) {}

Production::~Production() = default;

absl::StatusOr<std::unique_ptr<Production>> Production::Start(http::Loop& loop, Installation installation,
                                                              ProductionOptions options) {
  if (installation.Accounts().empty()) {
    return absl::FailedPreconditionError(
        "no calendar is linked yet.\n  To see what there is:  calsync calendars\n  To link it:            calsync calendars add");
  }
  std::unique_ptr<Production> production(new Production(loop, std::move(installation), std::move(options)));
  RETURN_IF_ERROR(production->Open());
  return production;
}

absl::Status Production::Open() {
  if (!options_.dry_run) {
    ASSIGN_OR_RETURN(lock_, InstanceLock::Take(installation_.lock_file()));
  }
  ASSIGN_OR_RETURN(store_, installation_.OpenStore());
  if (options_.dry_run) {
    ASSIGN_OR_RETURN(store_, CopyOf(*store_));
  } else {
    ASSIGN_OR_RETURN(epochs_, installation_.OpenEpochs());
  }
  google_ = std::make_unique<adapter::GoogleClient>(loop_, installation_.google());
  for (const AccountId& account : installation_.Accounts()) {
    // One account without a grant does not keep the others waiting (L10).
    if (const absl::Status status = installation_.SetGrant(*google_, account); !status.ok()) Complain(status.message());
  }
  caller_ = std::make_unique<GoogleCaller>(*google_);
  if (options_.dry_run) dry_ = std::make_unique<adapter::DryCaller>(loop_, *caller_, absl::Now, options_.told);
  const std::vector<adapter::Runner::Linked> linked = installation_.Linked();
  adapter::RunnerOptions runner{.clock = absl::Now,
                                .seed = [] { return adapter::InstanceKey::Random().ForEngine(); },
                                .zones = NeedsZones(linked) ? adapter::MachineZones() : nullptr,
                                .restored = options_.restored};
  adapter::Caller& caller = dry_ == nullptr ? *caller_ : static_cast<adapter::Caller&>(*dry_);
  runner_ =
      std::make_unique<adapter::Runner>(loop_, *store_, epochs_, caller, static_cast<adapter::Watcher*>(this), std::move(runner));
  if (options_.receive && !options_.dry_run && !installation_.settings().listen.empty()) {
    ASSIGN_OR_RETURN(receiver_, adapter::Receiver::Listen(loop_, installation_.settings().listen,
                                                          [this](absl::string_view path, Notification notification) {
                                                            const auto group = paths_.find(path);
                                                            if (group != paths_.end()) {
                                                              runner_->Notify(group->second, std::move(notification));
                                                            }
                                                          }));
  }
  settings_stamp_ = StampOf(installation_.settings().file);
  Configure();
  loop_.OnInterrupt([this] {
    interrupted_ = true;
    Stop();
  });
  ticker_.Set(kTick, [this] { Tick(); });
  return absl::OkStatus();
}

void Production::Configure() {
  std::vector<adapter::Runner::Linked> linked = installation_.Linked();
  paths_.clear();
  for (adapter::Runner::Linked& group : linked) {
    for (const std::string& path : installation_.NotifyPaths(group.config.id)) paths_.emplace(path, group.config.id);
    if (options_.alter) options_.alter(group);
    if (!options_.receive) group.config.policy.push_address.clear();
  }
  runner_->Configure(std::move(linked));
}

void Production::ReadSettingsAgain() {
  const int64_t stamp = StampOf(installation_.settings().file);
  if (stamp == settings_stamp_) return;
  settings_stamp_ = stamp;
  absl::StatusOr<Installation> again = Installation::Open(installation_.settings().file);
  if (!again.ok()) return Complain(absl::StrCat(again.status().message(), ".\n  The settings before this change stay in force"));
  installation_ = *std::move(again);
  for (const AccountId& account : installation_.Accounts()) {
    if (google_->health(account).state == adapter::AccountHealth::State::kOk) continue;
    if (const absl::Status status = installation_.SetGrant(*google_, account); !status.ok()) Complain(status.message());
  }
  Say("settings read again");
  Configure();
}

// Accounts that Google accepts no more, each told once until it is well again.
void Production::TellAccounts() {
  for (const AccountId& account : installation_.Accounts()) {
    const adapter::AccountHealth health = google_->health(account);
    if (health.state != adapter::AccountHealth::State::kParked) {
      told_parked_.erase(account);
    } else if (told_parked_.insert(account).second) {
      Complain(health.reason);
    }
  }
}

void Production::Tick() {
  if (options_.follow) {
    ReadSettingsAgain();
    const absl::StatusOr<std::vector<adapter::Order>> orders = installation_.inbox().TakeAll();
    if (!orders.ok()) Complain(orders.status().message());
    for (const adapter::Order& order : orders.ok() ? *orders : std::vector<adapter::Order>()) {
      const absl::Status status = runner_->Command(order.group, order.command);
      Say(absl::StrCat("order: ", FormatOrder(order), status.ok() ? "" : absl::StrCat(": ", status.message())));
    }
  }
  TellAccounts();
  if (each_tick_) each_tick_();
  ticker_.Set(kTick, [this] { Tick(); });
}

void Production::Stop() {
  ticker_.Cancel();
  each_tick_ = nullptr;
  TellAccounts();
  if (receiver_ != nullptr) receiver_->Stop(absl::Seconds(1), [] {});
  runner_->Stop(kGrace, [this] { loop_.Stop(); });
}

void Production::Run() { loop_.Run(); }

std::vector<std::string> Production::Unsettled() const {
  std::vector<std::string> left;
  for (const adapter::Runner::View& view : runner_->Groups()) {
    if (view.paused) continue;
    const std::string name = view.group.str();
    if (!view.trouble.ok()) {
      left.push_back(absl::StrCat(name, ": ", view.trouble.message()));
    } else if (view.engine == nullptr) {
      left.push_back(absl::StrCat(name, ": not started yet"));
    } else if (const std::string what = view.engine->Unsettled({}, OwedTags::kLeave); !what.empty()) {
      left.push_back(absl::StrCat(name, ": ", what));
    }
  }
  return left;
}

std::vector<std::string> Production::RunOnce(absl::Duration at_most) {
  const absl::Time end = absl::Now() + at_most;
  std::vector<std::string> left;
  each_tick_ = [&] {
    left = Unsettled();
    const bool at_work = runner_->calls_in_flight() > 0;
    bool soon = false;
    for (const adapter::Runner::View& view : runner_->Groups()) {
      soon = soon || (!view.paused && !view.for_good && (view.engine == nullptr || view.timer < absl::Now() + kWaitMax));
    }
    if (left.empty() || absl::Now() >= end || (!at_work && !soon)) Stop();
  };
  loop_.Run();
  return left;
}

void Production::OnCommit(const GroupConfig& group, const Commit& commit) {
  for (const AuditEntry& entry : commit.audit) {
    if (options_.heard) options_.heard(entry);
    if (options_.quiet) continue;
    const LinkedCalendar* const calendar = group.Find(entry.calendar);
    std::string line =
        absl::StrCat(group.id.text(), calendar == nullptr ? "" : absl::StrCat(" ", calendar->name), ": ", Name(entry.kind));
    if (!entry.event.empty()) absl::StrAppend(&line, " ", entry.event.text());
    if (!entry.detail.empty()) absl::StrAppend(&line, " (", entry.detail, ")");
    Say(line);
  }
}

void Production::OnTrouble(const GroupId& group, const absl::Status& status, absl::Duration again_in) {
  Complain(absl::StrCat(group.text(), ": ", status.message(),
                        again_in == absl::InfiniteDuration() ? ". This group stops here."
                                                             : absl::StrCat(". Again in ", absl::FormatDuration(again_in), ".")));
}

}  // namespace calsync::tools
