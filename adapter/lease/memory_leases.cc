#include "adapter/lease/memory_leases.h"

#include <algorithm>
#include <iterator>

#include "engine/base/status_macros.h"

namespace calsync::adapter {

absl::Status MemoryLeases::Register(WorkerId worker, const std::string& name, absl::Duration lease) {
  workers_[worker] = {.name = name, .until = now_ + lease};
  return absl::OkStatus();
}

absl::StatusOr<std::optional<LeaseView>> MemoryLeases::Beat(WorkerId worker, absl::Duration lease) {
  const auto own = workers_.find(worker);
  if (own == workers_.end()) return std::nullopt;
  own->second.until = now_ + lease;
  std::vector<WorkerId> gone;
  for (const auto& [id, row] : workers_) {
    if (row.until < now_) gone.push_back(id);
  }
  for (const WorkerId id : gone) static_cast<void>(End(id));
  LeaseView view;
  for (const auto& [id, row] : workers_) {
    view.workers.push_back({.id = id, .name = row.name, .draining = row.draining, .left = row.until - now_});
  }
  for (const auto& [group, owner] : owners_) {
    if (owner == worker) view.mine.push_back(group);
    if (owner.empty()) view.free.push_back(group);
    for (Peer& peer : view.workers) peer.groups += peer.id == owner ? 1 : 0;
  }
  return view;
}

absl::Status MemoryLeases::End(WorkerId worker) {
  workers_.erase(worker);
  for (auto& [group, owner] : owners_) {
    if (owner == worker) owner = WorkerId();
  }
  return absl::OkStatus();
}

absl::Status MemoryLeases::Ensure(const std::vector<GroupId>& groups) {
  for (const GroupId& group : groups) owners_.try_emplace(group);
  return absl::OkStatus();
}

absl::Status MemoryLeases::Take(WorkerId worker, const std::vector<GroupId>& groups) {
  if (!workers_.contains(worker)) return absl::FailedPreconditionError("this worker's lease is over");
  for (const GroupId& group : groups) {
    const auto found = owners_.find(group);
    if (found != owners_.end() && found->second.empty()) found->second = worker;
  }
  return absl::OkStatus();
}

absl::Status MemoryLeases::Leave(WorkerId worker, const std::vector<GroupId>& groups) {
  for (const GroupId& group : groups) {
    const auto found = owners_.find(group);
    if (found != owners_.end() && found->second == worker) found->second = WorkerId();
  }
  return absl::OkStatus();
}

absl::Status MemoryLeases::Put(const Mail& mail) {
  if (!owners_.contains(mail.group)) return absl::OkStatus();
  const auto same = [&](const Mail& other) {
    return other.group == mail.group && other.notification.has_value() && mail.notification.has_value() &&
           other.notification->channel == mail.notification->channel;
  };
  mail_.erase(std::remove_if(mail_.begin(), mail_.end(), same), mail_.end());
  mail_.push_back(mail);
  if (!mail.notification.has_value()) mail_.back().number = ++last_order_;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Mail>> MemoryLeases::ReadMail(WorkerId worker) {
  const auto is_its = [&](const Mail& mail) { return !worker.empty() && OwnerOf(mail.group) == worker; };
  const auto is_heard = [&](const Mail& mail) { return mail.notification.has_value() && is_its(mail); };
  std::vector<Mail> read;
  std::copy_if(mail_.begin(), mail_.end(), std::back_inserter(read), is_its);
  mail_.erase(std::remove_if(mail_.begin(), mail_.end(), is_heard), mail_.end());
  return read;
}

absl::Status MemoryLeases::DropOrders(const std::vector<int64_t>& numbers) {
  const auto is_dropped = [&](const Mail& mail) {
    return mail.number != 0 && std::find(numbers.begin(), numbers.end(), mail.number) != numbers.end();
  };
  mail_.erase(std::remove_if(mail_.begin(), mail_.end(), is_dropped), mail_.end());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Mail>> MemoryLeases::TakeMail(WorkerId worker) {
  ASSIGN_OR_RETURN(std::vector<Mail> mail, ReadMail(worker));
  std::vector<int64_t> numbers;
  for (const Mail& one : mail) numbers.push_back(one.number);
  RETURN_IF_ERROR(DropOrders(numbers));
  return mail;
}

void MemoryLeases::Drain(WorkerId worker, bool draining) {
  const auto found = workers_.find(worker);
  if (found != workers_.end()) found->second.draining = draining;
}

void MemoryLeases::Renew(WorkerId worker, absl::Duration lease) {
  const auto found = workers_.find(worker);
  if (found != workers_.end()) found->second.until = now_ + lease;
}

WorkerId MemoryLeases::OwnerOf(const GroupId& group) const {
  const auto found = owners_.find(group);
  return found == owners_.end() ? WorkerId() : found->second;
}

}  // namespace calsync::adapter
