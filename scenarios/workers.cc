#include "scenarios/workers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"

namespace calsync::sim {

void Workers::Open(int workers, const absl::btree_set<GroupId>& groups) {
  CALSYNC_CHECK(workers > 1 && workers <= kWorkersMax);
  workers_.resize(static_cast<size_t>(workers));
  groups_ = groups;
  EmptyTable();
}

void Workers::EmptyTable() {
  table_ = adapter::MemoryLeases();
  CALSYNC_CHECK(table_.Ensure({groups_.begin(), groups_.end()}).ok());
  mail_for_.clear();
}

int Workers::OwnerNumber(const GroupId& group) const {
  for (int i = 0; i < size(); ++i) {
    if (at(i).up && Owns(i, group)) return i;
  }
  return -1;
}

void Workers::Put(const GroupId& group, const Notification& notification, absl::Time now) {
  CALSYNC_CHECK(table(now).Put({.group = group, .notification = notification, .order = ""}).ok());
  mail_for_.insert(group);
}

void Workers::Put(const GroupId& group, OperatorCommand order, absl::Time now) {
  CALSYNC_CHECK(table(now).Put({.group = group, .notification = std::nullopt, .order = absl::StrCat(orders_.size())}).ok());
  orders_.push_back(std::move(order));
  mail_for_.insert(group);
}

std::vector<adapter::Mail> Workers::TakeMail(int worker, absl::Time now) {
  auto taken = table(now).TakeMail(at(worker).holder.registered());
  CALSYNC_CHECK(taken.ok());
  for (const adapter::Mail& mail : *taken) mail_for_.erase(mail.group);
  return *std::move(taken);
}

const OperatorCommand& Workers::OrderOf(const adapter::Mail& mail) const {
  size_t number = 0;
  CALSYNC_CHECK(absl::SimpleAtoi(mail.order, &number) && number < orders_.size());
  return orders_[number];
}

void Workers::Renew(absl::Time now) {
  const absl::Duration every = kRules.BeatEvery();
  for (Worker& worker : workers_) {
    if (!worker.up || now - worker.asked < every) continue;
    absl::Duration since_then;
    worker.asked += every * absl::IDivDuration(now - worker.asked, every, &since_then);
    table(worker.asked).Renew(worker.holder.registered(), kRules.lease);
    worker.holder.Held(worker.Clock(worker.asked));
  }
}

bool Workers::MayRest(absl::Time now) const {
  if (!Answers(now) || LosesBeats(now) || HasMail()) return false;
  size_t rows = 0;
  for (const Worker& worker : workers_) {
    if (!worker.up) continue;
    if (worker.asking || !worker.rests || now < worker.stands_until) return false;
    ++rows;
  }
  return rows > 0 && rows == table_.size();
}

void Workers::Stir() {
  for (Worker& worker : workers_) worker.rests = false;
}

}  // namespace calsync::sim
