// A process that runs an installation: Google's client, the store, the runner and what surrounds it, on one loop.
//
// What `run`, `clean` and `demo` share. It says on stderr what happens; the summary is whoever asked for it.

#ifndef CALSYNC_TOOLS_PRODUCTION_H_
#define CALSYNC_TOOLS_PRODUCTION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapter/config/registry.h"
#include "adapter/google/google_client.h"
#include "adapter/http/loop.h"
#include "adapter/page/board.h"
#include "adapter/page/meter.h"
#include "adapter/page/page.h"
#include "adapter/runner/dry_caller.h"
#include "adapter/runner/runner.h"
#include "adapter/runner/worker.h"
#include "adapter/store/postgres_leases.h"
#include "adapter/store/postgres_store.h"
#include "adapter/store/store.h"
#include "adapter/trace/recorder.h"
#include "adapter/webhook/receiver_thread.h"
#include "tools/installation.h"

namespace calsync::tools {

struct ProductionOptions {
  bool dry_run = false;              // Nothing is written, neither to Google nor to the database.
  bool restored = false;             // The database is older than the calendars.
  bool receive = true;               // Notifications, if the settings say where.
  bool follow = true;                // Takes orders and changes of the settings while it runs.
  bool quiet = false;                // Says only what went wrong.
  std::optional<size_t> rows_max{};  // In memory, if not as the settings say.
  absl::btree_set<GroupId> only{};   // These groups alone; empty: all.
  // Where it records what the engines are given and answer; empty: nowhere.
  std::string record;
  adapter::Texts record_texts = adapter::Texts::kRedacted;
  int64_t record_bytes_max = int64_t{64} << 20;  // Of one file.
  // One of several processes that share the database on PostgreSQL, by this name; empty: the only one.
  std::string worker;
  std::optional<std::string> webhook_listen{};  // If not as the settings say; empty: nowhere.
  std::optional<std::string> page_listen{};
  // What becomes of each group's configuration before it is run; null: nothing.
  std::function<void(adapter::Runner::Linked&)> alter;
  // Each entry of the audit trail, once it is durable; null: nobody else listens.
  std::function<void(const AuditEntry& entry)> heard;
  // In a dry run: what would be written.
  std::function<void(const Request& write, const Event* before)> told;
};

class Production : private adapter::Watcher, private adapter::WorkerHost {
 public:
  // Takes the instance's lock, opens all that is needed, starts the groups. Errors say what failed and what to do.
  // The loop must outlive it, and is run by it.
  static absl::StatusOr<std::unique_ptr<Production>> Start(http::Loop& loop, Installation installation,
                                                           ProductionOptions options);
  ~Production() override;

  // Runs until Ctrl-C, or Stop.
  void Run();
  void Stop();
  // Runs until all groups are settled, or have nothing more to do for now; or for so long. Ctrl-C ends it, too. What is not
  // settled comes out in words; empty: all is. An account whose grant does not work is told first, and not waited for.
  // `more`: asked whenever that is so; true if it gave the groups more to do. Null: nothing.
  std::vector<std::string> RunOnce(absl::Duration at_most, const std::function<bool()>& more = nullptr);
  bool interrupted() const { return interrupted_; }

  const Installation& installation() const { return installation_; }
  adapter::Runner& runner() { return *runner_; }
  // The calendars' rows of a group, loaded or not.
  std::vector<CalendarRow> RowsOf(const adapter::Runner::View& view) const;

 private:
  class GoogleCaller;

  Production(http::Loop& loop, Installation installation, ProductionOptions options);
  absl::Status Open();
  void Configure();
  std::optional<adapter::Runner::Linked> Take(const adapter::GroupSettings& group);
  void Tick();
  void SetGrants(const std::vector<AccountId>& accounts);
  absl::Status OpenReceiver();
  void TellAccounts(size_t many);
  absl::Status OpenPage();
  std::vector<CalendarKey> GrantsLost(const GroupId& group) const;
  std::vector<adapter::Board::Broken> Broken() const;
  void TellWebhooks();
  void WriteReport();
  void LookAround();
  struct Left {
    std::string words;
    bool soon = false;  // It may change by itself, and before long.
  };
  std::optional<Left> LeftOf(const adapter::Runner::View& view) const;
  std::string WhyUnreachable() const;
  std::vector<std::string> WhyAccountsLost() const;

  // --- The files that it looks after (production_files.cc).
  int64_t SettingsStamp() const;
  void TellBroken() const;
  void TakeOrders();
  void TellOrders(absl::btree_set<std::string> wrong);
  void ReadSettingsAgain();
  void ReadRegistryAgain();
  void FinishRemovals();
  bool IsCleaned(const GroupId& group) const;

  // --- As one of several workers (production_worker.cc).
  absl::Status OpenWorker(const adapter::LeaseRules& rules);
  std::string ReportFile() const;
  void TellWorkers();
  void Notify(const GroupId& group, Notification notification);
  struct Carried {
    absl::Status status;
    bool stays = false;  // It did not leave, and is tried again.
  };
  Carried Carry(const adapter::FiledOrder& filed);

  std::vector<GroupId> ConfiguredGroups() const override;
  void BeginAs(adapter::WorkerId worker) override;
  void RunGroups(const std::vector<GroupId>& groups) override;
  void StopGroup(const GroupId& group) override;
  void LeaveGroup(const GroupId& group, std::function<void()> left) override;
  bool Deliver(const adapter::Mail& mail) override;
  void ShareWith(int workers) override;
  void OnLeases(const absl::Status& status) override;

  void OnCommit(const GroupConfig& group, const Commit& commit) override;
  void OnTrouble(const GroupId& group, const absl::Status& status, absl::Duration again_in) override;
  void OnStore(const absl::Status& status) override;

  Installation installation_;
  ProductionOptions options_;
  http::Loop& loop_;
  std::unique_ptr<InstanceLock> lock_;
  std::unique_ptr<adapter::Store> store_;
  adapter::PostgresStore* workers_store_ = nullptr;  // The same, where there are several workers.
  std::unique_ptr<adapter::PostgresLeases> leases_;
  std::unique_ptr<adapter::Worker> worker_;  // Null: the only process.
  adapter::Epochs epochs_;
  std::unique_ptr<adapter::GoogleClient> google_;
  std::unique_ptr<adapter::Caller> caller_;
  std::unique_ptr<adapter::DryCaller> dry_;
  adapter::Arrivals arrivals_;
  std::unique_ptr<adapter::ReceiverThread> receiver_;
  absl::btree_map<std::string, GroupId> paths_;  // Of notifications.
  std::unique_ptr<adapter::Meter> meter_;
  std::unique_ptr<adapter::Recorder> recorder_;
  std::unique_ptr<adapter::Runner> runner_;
  std::unique_ptr<adapter::Board> board_;
  std::unique_ptr<adapter::Page> page_;
  http::Loop::Alarm ticker_;
  int64_t settings_stamp_ = 0;  // When the file was changed last.
  std::unique_ptr<adapter::RegistryWatch> registry_;
  absl::btree_set<GroupId> removing_;       // Whose blocks are being taken away.
  absl::btree_map<GroupId, int64_t> gone_;  // How many of them are.
  std::vector<AccountId> accounts_;         // That the settings name, in order.
  size_t next_account_ = 0;                 // To be looked at.
  absl::btree_set<AccountId> told_parked_;
  absl::btree_map<AccountId, std::string> no_grant_;  // Why there is none, of those that have none.
  absl::btree_set<std::string> told_orders_;          // What is wrong with orders that cannot be taken, in words.
  absl::btree_set<int64_t> unfiled_orders_;           // That came for groups of this worker, by their numbers; each is told once.
  bool interrupted_ = false;
  absl::btree_map<GroupId, absl::Time> webhooks_told_;  // Until when.
  absl::Time report_at_ = absl::InfinitePast();
  absl::Duration report_rest_;  // Until the next one: it takes a small share of the time, however many groups there are.
  bool report_failed_ = false;
  absl::Time told_workers_at_ = absl::InfinitePast();
  bool heard_ = false;  // Something was committed since the report was written.
  std::function<void()> each_tick_;
};

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_PRODUCTION_H_
