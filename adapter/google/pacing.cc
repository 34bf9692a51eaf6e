#include "adapter/google/pacing.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace calsync::adapter {
namespace {

constexpr int kPatchUnits = 3;                            // C-55.
constexpr absl::Duration kRefusalMax = absl::Minutes(5);  // Longer than that, the callers' own patience decides.

bool SetsOnlyPrivateProperties(const EventPatch& patch) {
  const bool sets_more = patch.status || patch.start || patch.end || patch.recurrence || patch.summary || patch.description ||
                         patch.location || patch.color_id || patch.transparency || patch.visibility || patch.attendees ||
                         patch.guests_can_modify || patch.sequence || patch.reminders || !patch.shared_properties.empty();
  return !sets_more && !patch.private_properties.empty();
}

}  // namespace

int UnitsOf(const Request& request) { return std::holds_alternative<PatchEvent>(request) ? kPatchUnits : 1; }

Urgency UrgencyOf(const Request& request) {
  const auto* const patch = std::get_if<PatchEvent>(&request);
  return patch != nullptr && SetsOnlyPrivateProperties(patch->patch) ? Urgency::kLast : Urgency::kSoon;
}

void Bucket::AdvanceTo(absl::Time now) {
  if (now > at_) level_ = std::min(limit_.burst, level_ + limit_.per_minute * absl::FDivDuration(now - at_, absl::Minutes(1)));
  at_ = now;
}

void Bucket::Rest(absl::Duration delay) {
  level_ = std::min(level_, -limit_.per_minute * absl::FDivDuration(delay, absl::Minutes(1)));
}

absl::Duration Bucket::Until(double units) const {
  const double missing = std::min(units, limit_.burst) - level_;
  if (missing <= 0) return absl::ZeroDuration();
  return limit_.per_minute > 0 ? absl::Minutes(missing / limit_.per_minute) : absl::InfiniteDuration();
}

void Pacing::Add(Ticket ticket, const AccountId& account, int units, Urgency urgency, absl::Time now) {
  Account& added = accounts_.try_emplace(account, Account{Bucket(limits_.account, now), {}, {}}).first->second;
  (urgency == Urgency::kSoon ? added.soon : added.last).push_back({ticket, units, now});
  waiting_.insert(account);
}

const std::deque<Pacing::Waiting>& Pacing::QueueOf(const Account& account, Urgency urgency) {
  return urgency == Urgency::kSoon ? account.soon : account.last;
}

double Pacing::ReserveOf(const Limit& limit, Urgency urgency) const {
  return urgency == Urgency::kLast ? limits_.reserve * limit.burst : 0;
}

// Accounts take turns. The first of a queue is never overtaken by a cheaper one behind it.
bool Pacing::TakeOne(Urgency urgency, std::vector<Ticket>& taken) {
  if (!project_.Has(1 + ReserveOf(limits_.project, urgency))) return false;
  auto at = waiting_.upper_bound(turn_);
  for (size_t i = 0; i < waiting_.size(); ++i, ++at) {
    if (at == waiting_.end()) at = waiting_.begin();
    Account& account = accounts_.at(*at);
    std::deque<Waiting>& queue = urgency == Urgency::kSoon ? account.soon : account.last;
    if (queue.empty()) continue;
    const double units = queue.front().units;
    if (!account.bucket.Has(units + ReserveOf(limits_.account, urgency))) continue;
    if (!project_.Has(units + ReserveOf(limits_.project, urgency))) continue;
    account.bucket.Take(units);
    project_.Take(units);
    taken.push_back(queue.front().ticket);
    queue.pop_front();
    turn_ = *at;
    if (account.soon.empty() && account.last.empty()) waiting_.erase(at);
    return true;
  }
  return false;
}

std::vector<Pacing::Ticket> Pacing::TakeReady(absl::Time now) {
  project_.AdvanceTo(now);
  for (const AccountId& id : waiting_) accounts_.at(id).bucket.AdvanceTo(now);
  std::vector<Ticket> taken;
  while (in_flight_ < limits_.in_flight_max && (TakeOne(Urgency::kSoon, taken) || TakeOne(Urgency::kLast, taken))) ++in_flight_;
  return taken;
}

std::vector<Pacing::Ticket> Pacing::TakeOlderThan(absl::Time since) {
  std::vector<Ticket> taken;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    Account& account = accounts_.at(*at);
    for (std::deque<Waiting>* const queue : {&account.soon, &account.last}) {
      for (; !queue->empty() && queue->front().since < since; queue->pop_front()) taken.push_back(queue->front().ticket);
    }
    at = account.soon.empty() && account.last.empty() ? waiting_.erase(at) : std::next(at);
  }
  return taken;
}

void Pacing::Refused(const AccountId& account, std::optional<absl::Duration> delay, absl::Time now) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return;
  found->second.bucket.AdvanceTo(now);
  found->second.bucket.Rest(std::clamp(delay.value_or(limits_.refusal_rest), absl::ZeroDuration(), kRefusalMax));
}

absl::Time Pacing::NextReady(absl::Time now) const {
  absl::Time next = absl::InfiniteFuture();
  if (in_flight_ >= limits_.in_flight_max) return next;
  Bucket project = project_;
  project.AdvanceTo(now);
  for (const AccountId& id : waiting_) {
    const Account& account = accounts_.at(id);
    Bucket bucket = account.bucket;
    bucket.AdvanceTo(now);
    for (const Urgency urgency : {Urgency::kSoon, Urgency::kLast}) {
      const std::deque<Waiting>& queue = QueueOf(account, urgency);
      if (queue.empty()) continue;
      const double units = queue.front().units;
      next = std::min(next, now + std::max(bucket.Until(units + ReserveOf(limits_.account, urgency)),
                                           project.Until(units + ReserveOf(limits_.project, urgency))));
    }
  }
  return next;
}

absl::Time Pacing::OldestSince() const {
  absl::Time oldest = absl::InfiniteFuture();
  for (const AccountId& id : waiting_) {
    for (const Urgency urgency : {Urgency::kSoon, Urgency::kLast}) {
      const std::deque<Waiting>& queue = QueueOf(accounts_.at(id), urgency);
      if (!queue.empty()) oldest = std::min(oldest, queue.front().since);
    }
  }
  return oldest;
}

size_t Pacing::waiting() const {
  size_t count = 0;
  for (const AccountId& id : waiting_) count += accounts_.at(id).soon.size() + accounts_.at(id).last.size();
  return count;
}

}  // namespace calsync::adapter
