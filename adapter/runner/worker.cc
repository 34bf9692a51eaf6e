#include "adapter/runner/worker.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "adapter/lease/lease_plan.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

constexpr absl::Duration kAgain = absl::Milliseconds(500);       // After the database did not answer.
constexpr absl::Duration kBeatsApart = absl::Milliseconds(200);  // However often it is woken.

}  // namespace

Worker::Worker(http::Loop& loop, Leases& leases, WorkerHost& host, Options options)
    : leases_(leases),
      host_(host),
      options_(std::move(options)),
      holder_(options_.rules),
      alarm_(loop),
      leave_(loop),
      watch_(loop) {}

void Worker::Start() { Beat(); }

void Worker::BeatIn(absl::Duration delay) {
  const absl::Duration rest = beaten_ + kBeatsApart - options_.clock();
  alarm_.Set(std::max(delay, std::clamp(rest, absl::ZeroDuration(), kBeatsApart)), [this] { Beat(); });
}

void Worker::Beat() {
  const absl::Time asked = options_.clock();
  beaten_ = asked;
  if (holder_.registered().empty()) {
    if (const absl::Status status = Register(); !status.ok()) return Trouble(status);
  }
  const absl::StatusOr<std::optional<LeaseView>> view = leases_.Beat(holder_.registered(), options_.rules.lease);
  if (!view.ok()) return Trouble(view.status());
  if (std::exchange(in_trouble_, false)) host_.OnLeases(absl::OkStatus());
  if (!view->has_value()) {
    LoseAll();
    return BeatIn(absl::ZeroDuration());
  }
  holder_.Held(asked);
  BeatIn(options_.rules.BeatEvery());
  CarryOut(**view);
  Deliver();
  OnWake();  // What came meanwhile was read with the answers.
}

absl::Status Worker::Send(const Mail& mail) {
  absl::Status status = leases_.Put(mail);
  OnWake();
  return status;
}

absl::Status Worker::Register() {
  const WorkerId id = options_.new_id();
  RETURN_IF_ERROR(leases_.Register(id, options_.name, options_.rules.lease));
  holder_.Registered(id);
  host_.BeginAs(id);
  return absl::OkStatus();
}

void Worker::LoseAll() {
  for (const GroupId& group : holder_.Lose()) host_.StopGroup(group);
}

void Worker::CarryOut(const LeaseView& view) {
  const std::vector<GroupId> groups = host_.ConfiguredGroups();
  const absl::btree_set<GroupId> configured(groups.begin(), groups.end());
  if (configured != ensured_) {
    if (const absl::Status status = leases_.Ensure(groups); !status.ok()) return Trouble(status);
    ensured_ = configured;
    BeatSoon();
  }
  const LeasePlan plan = holder_.Follow(view, configured);
  host_.ShareWith(plan.workers);
  for (const GroupId& group : plan.stop) host_.StopGroup(group);
  if (!plan.run.empty()) host_.RunGroups(plan.run);
  for (const GroupId& group : plan.leave) {
    host_.LeaveGroup(group, [this, group, worker = holder_.registered()] {
      if (!holder_.Left(worker, group)) return;
      left_.push_back(group);
      leave_.Set(absl::ZeroDuration(), [this] { LeaveLeft(); });
    });
  }
  if (plan.take.empty()) return;
  if (const absl::Status status = leases_.Take(holder_.registered(), plan.take); !status.ok()) return Trouble(status);
  BeatSoon();  // It says which of them are ours.
}

void Worker::LeaveLeft() {
  // If this does not reach the database the next beat finds the groups, and runs or leaves them anew.
  static_cast<void>(leases_.Leave(holder_.registered(), std::exchange(left_, {})));
}

void Worker::Deliver() {
  if (holder_.behind()) return;  // What was just taken does not run yet.
  const absl::StatusOr<std::vector<Mail>> mail = leases_.ReadMail(holder_.registered());
  if (!mail.ok()) return Trouble(mail.status());
  std::vector<int64_t> kept;
  for (const Mail& one : *mail) {
    if (host_.Deliver(one) && one.number != 0) kept.push_back(one.number);
  }
  if (kept.empty()) return;
  // An order that is lost is worse than one that is carried out twice.
  if (const absl::Status dropped = leases_.DropOrders(kept); !dropped.ok()) Trouble(dropped);
}

void Worker::OnWake() {
  for (Leases::Woken woken = leases_.TakeWakes(); woken != Leases::Woken::kNo; woken = leases_.TakeWakes()) {
    if (woken == Leases::Woken::kTable) BeatSoon();
    if (woken == Leases::Woken::kMail) Deliver();
  }
  if (leases_.socket() >= 0) {
    watch_.Set(leases_.socket(), [this] { OnWake(); });
    listening_ = true;
  } else if (std::exchange(listening_, false)) {
    BeatIn(kAgain);  // The session is gone.
  }
}

void Worker::Trouble(const absl::Status& status) {
  if (!std::exchange(in_trouble_, true)) host_.OnLeases(status);
  BeatIn(kAgain);
}

void Worker::StopTaking() { holder_.StopTaking(); }

void Worker::End(bool nothing_under_way) {
  alarm_.Cancel();
  leave_.Cancel();
  watch_.Cancel();
  const WorkerId id = holder_.registered();
  if (nothing_under_way && !id.empty()) static_cast<void>(leases_.End(id));
  holder_.End();
}

std::function<bool()> Worker::MayLeave() const {
  return [this, worker = holder_.keeper().worker()] {
    return holder_.keeper().MayCall(worker, options_.clock(), options_.rules.CallMax());
  };
}

}  // namespace calsync::adapter
