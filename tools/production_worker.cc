// What a process does besides when it is one of several workers: groups come and go with its lease, and what comes for a group of
// another worker goes to the database, which wakes that one.

#include <time.h>

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapter/config/secrets.h"
#include "engine/base/status_macros.h"
#include "tools/production.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

// The lease's own session waits for nobody: the loop stands still meanwhile.
const adapter::PostgresConnection::Options kLeaseSession{.patience = absl::Seconds(2), .connect_within = absl::Seconds(2)};

constexpr absl::Duration kTellEvery = absl::Seconds(10);

// A clock that nobody sets, and that goes on while the machine sleeps.
absl::Time BootNow() {
  timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return absl::UnixEpoch() + absl::DurationFromTimespec(now);
}

}  // namespace

absl::Status Production::OpenWorker(const adapter::LeaseRules& rules) {
  if (workers_store_ == nullptr) {
    return absl::FailedPreconditionError(
        "workers share a database on PostgreSQL: put store = \"postgres://…\" into the settings; docs/workers.md tells the rest");
  }
  ASSIGN_OR_RETURN(leases_, adapter::PostgresLeases::Open(installation_.settings().store, kLeaseSession));
  worker_ = std::make_unique<adapter::Worker>(
      loop_, *leases_, static_cast<adapter::WorkerHost&>(*this),
      adapter::Worker::Options{.rules = rules, .name = options_.worker, .clock = &BootNow, .new_id = [] {
                                 return adapter::WorkerId(adapter::InstanceKey::Random().ForEngine().k0 | 1);
                               }});
  worker_->Start();
  return absl::OkStatus();
}

std::string Production::ReportFile() const {
  return options_.worker.empty() ? installation_.report_file() : installation_.report_file(options_.worker);
}

// For `calsync status` on other machines.
void Production::TellWorkers() {
  if (worker_ == nullptr || worker_->id().empty() || absl::Now() - told_workers_at_ < kTellEvery) return;
  told_workers_at_ = absl::Now();
  // That it did not arrive is found out by the next beat, and told by it.
  leases_->Report(worker_->id(), adapter::SummaryOf(*board_)).IgnoreError();
}

// A hint, so it may be lost: polls find what it was about.
void Production::Notify(const GroupId& group, Notification notification) {
  if (worker_ == nullptr || worker_->Runs(group)) return runner_->Notify(group, std::move(notification));
  if (notification.state == ResourceState::kSync) return;  // The channel says hello.
  const absl::Status sent = worker_->Send({.group = group, .notification = std::move(notification), .order = ""});
  if (!sent.ok()) Complain(absl::StrCat(group.text(), ": a notification did not reach its worker: ", sent.message()));
}

// REQUIRES: it could be read.
Production::Carried Production::Carry(const adapter::FiledOrder& filed) {
  const adapter::Order& order = *filed.order;
  if (worker_ != nullptr && !worker_->Runs(order.group) && installation_.settings().Find(order.group) != nullptr) {
    const absl::Status sent = worker_->Send({.group = order.group, .notification = {}, .order = adapter::FormatOrder(order)});
    // It is tried again, unless it is known to have arrived: an order may be carried out twice.
    if (sent.ok()) installation_.inbox().Remove(filed);
    return {sent, /*stays=*/!sent.ok()};
  }
  // What the runner keeps has the claim, so that no later look finds it: it waits to be durable.
  const absl::Status taken = runner_->Command(order.group, order.command, [this, filed](bool durable) {
    if (durable) installation_.inbox().Remove(filed);
  });
  if (!taken.ok()) installation_.inbox().Remove(filed);  // Nobody ever will.
  return {taken};
}

std::vector<GroupId> Production::ConfiguredGroups() const {
  std::vector<GroupId> groups;
  for (const adapter::GroupSettings& group : installation_.settings().groups) {
    if (options_.only.empty() || options_.only.contains(group.id)) groups.push_back(group.id);
  }
  return groups;
}

void Production::BeginAs(adapter::WorkerId worker) {
  workers_store_->SetWorker(worker);
  if (!options_.quiet) Say(absl::StrCat("worker ", options_.worker, ": has a lease"));
}

void Production::RunGroups(const std::vector<GroupId>& groups) {
  for (const GroupId& group : groups) {
    const adapter::GroupSettings* const settings = installation_.settings().Find(group);
    if (settings == nullptr) continue;
    if (auto linked = Take(*settings)) runner_->Put(*std::move(linked));
  }
  if (!options_.quiet)
    Say(absl::StrCat("worker ", options_.worker, ": runs ", groups.size(), groups.size() == 1 ? " group more" : " groups more"));
}

void Production::StopGroup(const GroupId& group) {
  runner_->Remove(group);
  removing_.erase(group);
}

void Production::LeaveGroup(const GroupId& group, std::function<void()> left) { runner_->Leave(group, std::move(left)); }

bool Production::Deliver(const adapter::Mail& mail) {
  if (mail.notification.has_value()) {
    runner_->Notify(mail.group, *mail.notification);
    return true;
  }
  const absl::StatusOr<adapter::Order> order = adapter::ParseOrder(mail.order);
  if (!order.ok()) {
    Complain(absl::StrCat("order: ", mail.order, ": ", order.status().message()));
    return true;  // It never will be one.
  }
  // It goes the way of those that are given here.
  const absl::Status filed = installation_.inbox().Put(*order);
  if (filed.ok()) {
    unfiled_orders_.erase(mail.number);
  } else if (unfiled_orders_.insert(mail.number).second) {
    Complain(absl::StrCat("order: ", mail.order, ": ", filed.message(), ".\n  It waits in the database until it can be filed"));
  }
  return filed.ok();
}

void Production::ShareWith(int workers) { google_->SetProjectShare(1.0 / workers); }

void Production::OnLeases(const absl::Status& status) {
  if (status.ok()) return Say("the table of workers can be read again");
  Complain(absl::StrCat(status.message(), " Until it can be asked, calls leave only as long as the lease lasts."));
}

}  // namespace calsync::tools
