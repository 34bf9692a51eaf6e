#include "tools/production.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "adapter/config/tight_file.h"
#include "adapter/runner/zones.h"
#include "adapter/store/memory_store.h"
#include "engine/base/status_macros.h"
#include "tools/removal.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(500);
constexpr absl::Duration kGrace = absl::Seconds(10);
// How often the report is written: soon after something happened, and now and then.
constexpr absl::Duration kReportMin = absl::Seconds(2);
constexpr absl::Duration kReportMax = absl::Seconds(15);
constexpr int kReportShare = 50;  // It rests for so many times as long as it takes.
constexpr size_t kAccountsATick = 256;
// The loop does not stand still for longer than this while another process writes to the database: the runner asks again.
constexpr absl::Duration kStorePatience = absl::Milliseconds(20);
// A group that waits longer than this for its next try is not waited for.
constexpr absl::Duration kWaitMax = absl::Seconds(45);

// `where` says it: a table of the settings, or an option.
absl::Status CannotListen(absl::string_view where, const absl::Status& status) {
  const absl::string_view advice =
      absl::IsUnavailable(status) ? ". Another program listens there, perhaps another calsync: stop it, or choose another port"
                                  : "";
  return absl::Status(status.code(), absl::StrCat(where, ": ", status.message(), advice));
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
  // `worker`: whose lease must outlive each call; null: there are no leases.
  GoogleCaller(adapter::GoogleClient& client, const std::unique_ptr<adapter::Worker>& worker)
      : client_(client), worker_(worker) {}
  void Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered, Questions questions) override {
    if (worker_ != nullptr) {
      questions.may_leave = [of_engine = std::move(questions.may_leave), of_lease = worker_->MayLeave()] {
        return (of_engine == nullptr || of_engine()) && of_lease();
      };
    }
    client_.Send(account, std::move(request), std::move(answered), std::move(questions.may_leave), std::move(questions.known));
  }

 private:
  adapter::GoogleClient& client_;
  const std::unique_ptr<adapter::Worker>& worker_;
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
  const bool is_worker = !options_.worker.empty();
  if (!options_.dry_run) {
    const auto sharing = is_worker ? InstanceLock::Sharing::kWithWorkers : InstanceLock::Sharing::kAlone;
    ASSIGN_OR_RETURN(lock_, InstanceLock::Take(installation_.lock_file(), sharing));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<adapter::Store> store, installation_.OpenStore());
  if (options_.dry_run) {
    ASSIGN_OR_RETURN(store_, CopyOf(*store));
  } else {
    store->SetPatience(kStorePatience);
    workers_store_ = is_worker ? dynamic_cast<adapter::PostgresStore*>(store.get()) : nullptr;
    store_ = std::move(store);
    ASSIGN_OR_RETURN(epochs_, installation_.OpenEpochs());
  }
  if (options_.follow) {
    // Read once more, now that every change from here on is seen.
    const std::string file = installation_.settings().file;
    registry_ = std::make_unique<adapter::RegistryWatch>(adapter::RegistryFolder(file));
    settings_stamp_ = SettingsStamp();
    ASSIGN_OR_RETURN(installation_, Installation::Open(file));
  }
  adapter::GoogleOptions google = installation_.google();
  const adapter::LeaseRules rules{.lease = installation_.settings().lease};
  if (is_worker) google.call_timeout = std::min(google.call_timeout, rules.CallMax());
  google_ = std::make_unique<adapter::GoogleClient>(loop_, std::move(google));
  TellBroken();
  accounts_ = installation_.Accounts();
  SetGrants(accounts_);
  caller_ = std::make_unique<GoogleCaller>(*google_, worker_);
  if (options_.dry_run) dry_ = std::make_unique<adapter::DryCaller>(loop_, *caller_, absl::Now, options_.told);
  meter_ = std::make_unique<adapter::Meter>(dry_ == nullptr ? *caller_ : static_cast<adapter::Caller&>(*dry_));
  if (!options_.record.empty()) {
    adapter::RecorderOptions recorder{.folder = options_.record,
                                      .texts = options_.record_texts,
                                      .bytes_max = options_.record_bytes_max,
                                      .random = [] { return adapter::InstanceKey::Random().ForEngine(); },
                                      .warn = [](absl::string_view what) { Complain(what); }};
    ASSIGN_OR_RETURN(recorder_, adapter::Recorder::Open(std::move(recorder)));
  }
  const auto& groups = installation_.settings().groups;
  const bool zones = std::any_of(groups.begin(), groups.end(), [&](const adapter::GroupSettings& group) {
    return adapter::NeedsZones(installation_.Linked(group).config);
  });
  adapter::RunnerOptions runner{.clock = absl::Now,
                                .seed = [] { return adapter::InstanceKey::Random().ForEngine(); },
                                .zones = zones ? adapter::MachineZones() : nullptr,
                                .rows_max = options_.rows_max.value_or(static_cast<size_t>(installation_.settings().rows_max)),
                                .restored = options_.restored,
                                .refused_for_good = !is_worker,
                                .recorder = recorder_.get()};
  runner_ = std::make_unique<adapter::Runner>(loop_, *store_, epochs_, *meter_, static_cast<adapter::Watcher*>(this),
                                              std::move(runner));
  board_ = std::make_unique<adapter::Board>(
      *runner_, *meter_, arrivals_,
      adapter::Board::Options{.clock = absl::Now,
                              .grants_lost = [this](const GroupId& group) { return GrantsLost(group); },
                              .broken = [this] { return Broken(); }});
  RETURN_IF_ERROR(OpenPage());
  RETURN_IF_ERROR(OpenReceiver());
  Configure();
  if (is_worker) RETURN_IF_ERROR(OpenWorker(rules));
  loop_.OnInterrupt([this] {
    interrupted_ = true;
    Stop();
  });
  ticker_.Set(kTick, [this] { Tick(); });
  return absl::OkStatus();
}

absl::Status Production::OpenReceiver() {
  const adapter::WebhookSettings& settings = installation_.settings().webhook;
  const std::string listen = options_.webhook_listen.value_or(settings.listen);
  if (!options_.receive || options_.dry_run || listen.empty()) return absl::OkStatus();
  std::optional<http::Certificate> certificate;
  if (!settings.certificate.empty()) {
    certificate.emplace();
    ASSIGN_OR_RETURN(certificate->chain, adapter::ReadFile(settings.certificate, adapter::Privacy::kAnybody));
    ASSIGN_OR_RETURN(certificate->key, adapter::ReadFile(settings.key, adapter::Privacy::kOwnerOnly));
  }
  const auto notified = [this](absl::string_view path, Notification notification) {
    const auto group = paths_.find(path);
    ++(group == paths_.end() ? arrivals_.unknown : arrivals_.taken);
    if (group != paths_.end()) Notify(group->second, std::move(notification));
  };
  auto receiver = adapter::ReceiverThread::Listen(loop_, listen, std::move(certificate), arrivals_, notified);
  if (!receiver.ok()) {
    return CannotListen(
        options_.webhook_listen ? "--webhook-listen" : absl::StrCat("[webhook] of ", installation_.settings().file),
        receiver.status());
  }
  receiver_ = *std::move(receiver);
  return absl::OkStatus();
}

// One account without a grant does not keep the others waiting (L10).
void Production::SetGrants(const std::vector<AccountId>& accounts) {
  for (const AccountId& account : accounts) {
    if (google_->health(account).state == adapter::AccountHealth::State::kOk) continue;
    no_grant_.erase(account);
    if (const absl::Status status = installation_.SetGrant(*google_, account); !status.ok()) {
      Complain(status.message());
      no_grant_[account] = std::string(status.message());
    }
  }
}

absl::Status Production::OpenPage() {
  page_.reset();
  adapter::PageSettings settings = installation_.settings().page;
  settings.listen = options_.page_listen.value_or(settings.listen);
  if (!options_.receive || options_.dry_run || settings.listen.empty()) return absl::OkStatus();
  auto page = adapter::Page::Listen(loop_, settings, *board_, *runner_, *store_, absl::LocalTimeZone());
  if (!page.ok()) {
    return CannotListen(options_.page_listen ? "--page-listen" : absl::StrCat("[page] of ", installation_.settings().file),
                        page.status());
  }
  page_ = *std::move(page);
  return absl::OkStatus();
}

std::vector<CalendarKey> Production::GrantsLost(const GroupId& group) const {
  std::vector<CalendarKey> lost;
  const adapter::GroupSettings* const settings = installation_.settings().Find(group);
  if (settings == nullptr) return lost;
  for (const adapter::CalendarSettings& calendar : settings->calendars) {
    if (google_->health(calendar.account).state != adapter::AccountHealth::State::kOk) lost.push_back(calendar.key);
  }
  return lost;
}

std::vector<adapter::Board::Broken> Production::Broken() const {
  std::vector<adapter::Board::Broken> broken;
  const adapter::Settings& settings = installation_.settings();
  for (const auto& [group, why] : settings.broken) {
    if (!options_.only.empty() && !options_.only.contains(group)) continue;
    broken.push_back({.group = group, .why = why, .runs = settings.Find(group) != nullptr});
  }
  return broken;
}

// What became of notifications, for the log. Nobody who posts one is told.
void Production::TellWebhooks() {
  for (const GroupId& id : board_->looked()) {
    const adapter::Board::Group& group = board_->groups().at(id);
    absl::Time& told = webhooks_told_[id];
    for (const Telling& telling : group.passes.tellings) {
      if (telling.IsUnderWay() || telling.settled <= told) continue;
      told = telling.settled;
      const std::string name = group.NameOf(telling.calendar);
      Say(absl::StrCat(
          id.text(), " ", name.empty() ? "notification for no channel of ours" : absl::StrCat(name, ": notification"), " took ",
          absl::FormatDuration(absl::Trunc(telling.settled - telling.arrived, absl::Milliseconds(10))), ": ",
          telling.gained.user_events_found, " new events, ", telling.gained.busy_blocks_created, " blocks created, ",
          telling.gained.our_events_skipped, " ours skipped", telling.error.empty() ? "" : absl::StrCat("; ", telling.error)));
    }
  }
}

// For `calsync status`, which asks nobody.
void Production::WriteReport() {
  if (options_.dry_run) return;
  heard_ = false;
  const absl::Time begun = absl::Now();
  const absl::Status written = adapter::WriteTightFile(ReportFile(), adapter::ReportOf(*board_), adapter::Existing::kReplace);
  if (!written.ok() && !report_failed_) Complain(written.message());
  report_failed_ = !written.ok();
  TellWorkers();
  report_at_ = absl::Now();
  report_rest_ = std::clamp(kReportShare * (report_at_ - begun), kReportMin, kReportMax);
}

void Production::LookAround() {
  board_->Refresh();
  if (!options_.quiet) TellWebhooks();
  const absl::Duration since = absl::Now() - report_at_;
  if (since >= kReportMax || since < absl::ZeroDuration() || (heard_ && since >= report_rest_)) WriteReport();
}

// What the runner gets of a group; nothing if it is not for this process.
std::optional<adapter::Runner::Linked> Production::Take(const adapter::GroupSettings& group) {
  if (!options_.only.empty() && !options_.only.contains(group.id)) return std::nullopt;
  for (const std::string& path : installation_.NotifyPaths(group.id)) paths_.emplace(path, group.id);
  if (!options_.worker.empty() && (worker_ == nullptr || !worker_->Runs(group.id))) return std::nullopt;
  adapter::Runner::Linked linked = installation_.Linked(group);
  if (options_.alter) options_.alter(linked);
  if (!options_.receive) linked.config.policy.push_address.clear();
  if (group.removing) removing_.insert(group.id);
  return linked;
}

void Production::Configure() {
  std::vector<adapter::Runner::Linked> linked;
  paths_.clear();
  removing_.clear();
  for (const adapter::GroupSettings& group : installation_.settings().groups) {
    if (auto one = Take(group)) linked.push_back(*std::move(one));
  }
  runner_->Configure(std::move(linked));
}

// Accounts that Google accepts no more, each told once until it is well again.
void Production::TellAccounts(size_t many) {
  for (size_t left = std::min(many, accounts_.size()); left > 0; --left) {
    const AccountId& account = accounts_[next_account_++ % accounts_.size()];
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
    ReadRegistryAgain();
    TakeOrders();
  }
  FinishRemovals();
  TellAccounts(kAccountsATick);
  LookAround();
  if (each_tick_) each_tick_();
  ticker_.Set(kTick, [this] { Tick(); });
}

void Production::Stop() {
  ticker_.Cancel();
  each_tick_ = nullptr;
  TellAccounts(accounts_.size());
  board_->Refresh();
  WriteReport();
  if (receiver_ != nullptr) receiver_->Stop(absl::Seconds(1));
  if (page_ != nullptr) page_->Stop(absl::Seconds(1), [] {});
  if (worker_ != nullptr) worker_->StopTaking();
  runner_->Stop(kGrace, [this] {
    if (worker_ != nullptr) {
      worker_->End(/*nothing_under_way=*/runner_->calls_in_flight() == 0);
      std::remove(ReportFile().c_str());
    }
    if (recorder_ != nullptr) recorder_->Close(absl::Now());
    loop_.Stop();
  });
}

void Production::Run() { loop_.Run(); }

// What a group has still to do, or what it waits for.
std::optional<Production::Left> Production::LeftOf(const adapter::Runner::View& view) const {
  if (view.paused || (view.rests && view.left.empty())) return std::nullopt;
  const bool waits = !view.for_good && view.timer < absl::Now() + kWaitMax;
  if (!view.trouble.ok()) return Left{std::string(view.trouble.message()), waits};
  if (view.rests) return Left{view.left, waits};
  if (view.engine == nullptr) return Left{"not started yet", !view.for_good};
  const bool removing = removing_.contains(view.group);
  const std::vector<CalendarKey> lost = GrantsLost(view.group);
  std::vector<CalendarKey> given_up = lost;
  if (removing) {
    const std::vector<CalendarKey> refused = RefusedTo(*view.engine);
    given_up.insert(given_up.end(), refused.begin(), refused.end());
  }
  if (std::string what = view.engine->Unsettled(given_up, OwedTags::kLeave); !what.empty()) return Left{std::move(what), waits};
  Remains remains = removing ? RemainsOf(*view.engine, lost) : Remains();
  if (remains.words.empty()) return std::nullopt;
  return Left{std::move(remains.words), waits && !remains.out_of_reach};
}

// Accounts of groups that run, whose grants do not work: why, and what to do.
std::vector<std::string> Production::WhyAccountsLost() const {
  absl::btree_map<AccountId, std::string> lost;
  for (const adapter::Runner::View& view : runner_->Groups()) {
    const adapter::GroupSettings* const settings = installation_.settings().Find(view.group);
    if (view.paused || settings == nullptr) continue;
    for (const adapter::CalendarSettings& calendar : settings->calendars) {
      if (calendar.state != LinkState::kEnabled) continue;
      const adapter::AccountHealth health = google_->health(calendar.account);
      if (health.state == adapter::AccountHealth::State::kOk) continue;
      const auto none = no_grant_.find(calendar.account);
      lost.emplace(calendar.account, health.reason.empty() && none != no_grant_.end() ? none->second : health.reason);
    }
  }
  std::vector<std::string> words;
  for (auto& [account, why] : lost) words.push_back(std::move(why));
  return words;
}

// Why Google cannot be reached, and what to do; empty if it can.
std::string Production::WhyUnreachable() const {
  for (const AccountId& account : accounts_) {
    const std::string why = google_->health(account).unreachable;
    if (why.empty()) continue;
    return absl::StrCat(
        "Google cannot be reached (", why,
        "): is this machine online, is a proxy needed (https_proxy)? `calsync doctor` says more. The next run does "
        "what is left");
  }
  return "";
}

std::vector<std::string> Production::RunOnce(absl::Duration at_most, const std::function<bool()>& more) {
  const absl::Time end = absl::Now() + at_most;
  std::vector<std::string> left;
  each_tick_ = [&] {
    left.clear();
    bool at_work = runner_->calls_in_flight() > 0;
    bool soon = false;
    for (const adapter::Runner::View& view : runner_->Groups()) {
      at_work = at_work || view.inputs > 0;  // An answer that waits for its turn is no call any more.
      const std::optional<Left> one = LeftOf(view);
      if (!one.has_value()) continue;
      left.push_back(absl::StrCat(view.group.text(), ": ", one->words));
      soon = soon || one->soon;
    }
    const bool rests = left.empty() || (!at_work && !soon);
    if (absl::Now() < end && rests && more != nullptr && more()) return;
    if (rests || absl::Now() >= end) Stop();
  };
  loop_.Run();
  std::vector<std::string> told = WhyAccountsLost();
  if (std::string why = left.empty() ? "" : WhyUnreachable(); !why.empty()) told.push_back(std::move(why));
  left.insert(left.begin(), told.begin(), told.end());
  for (const auto& [group, why] : installation_.settings().broken) {  // Nobody waits for these.
    if (options_.only.empty() || options_.only.contains(group)) left.push_back(absl::StrCat(group.text(), ": ", why.message()));
  }
  return left;
}

void Production::OnCommit(const GroupConfig& group, const Commit& commit) {
  heard_ = true;
  if (board_ != nullptr) board_->Changed(group.id);
  const bool removing = removing_.contains(group.id);
  for (const AuditEntry& entry : commit.audit) {
    if (options_.heard) options_.heard(entry);
    if (removing && IsBlockGone(entry)) ++gone_[group.id];
    if (options_.quiet) continue;
    const LinkedCalendar* const calendar = group.Find(entry.calendar);
    std::string line =
        absl::StrCat(group.id.text(), calendar == nullptr ? "" : absl::StrCat(" ", calendar->name), ": ", Name(entry.kind));
    if (!entry.event.empty()) absl::StrAppend(&line, " ", entry.event.text());
    if (!entry.detail.empty()) absl::StrAppend(&line, " (", entry.detail, ")");
    Say(line);
  }
}

std::vector<CalendarRow> Production::RowsOf(const adapter::Runner::View& view) const {
  if (view.engine == nullptr) {
    absl::StatusOr<GroupImage> image = store_->Peek(view.group);
    return image.ok() ? std::move(image->calendars) : std::vector<CalendarRow>();
  }
  std::vector<CalendarRow> rows;
  for (const LinkedCalendar& calendar : view.engine->config().calendars) {
    if (const CalendarRow* const row = view.engine->calendar(calendar.key)) rows.push_back(*row);
  }
  return rows;
}

void Production::OnStore(const absl::Status& status) {
  if (status.ok()) return Say("the database can be written again");
  Complain(absl::StrCat(status.message(), " Everything waits, and goes on when it can."));
}

void Production::OnTrouble(const GroupId& group, const absl::Status& status, absl::Duration again_in) {
  if (board_ != nullptr) board_->Changed(group);
  Complain(absl::StrCat(group.text(), ": ", absl::StripSuffix(status.message(), "."),
                        again_in == absl::InfiniteDuration() ? ". This group stops here."
                                                             : absl::StrCat(". Again in ", absl::FormatDuration(again_in), ".")));
}

}  // namespace calsync::tools
