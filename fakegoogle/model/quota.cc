#include "fakegoogle/model/quota.h"

#include <variant>

#include "fakegoogle/model/errors.h"

namespace calsync::fake {
namespace {

constexpr absl::Duration kWindow = absl::Minutes(1);

ApiError Refusal(const Knobs& knobs) {
  std::optional<absl::Duration> retry_after;
  if (knobs.quota_retry_after > absl::ZeroDuration()) retry_after = knobs.quota_retry_after;
  switch (knobs.quota_answer) {
    case Knobs::QuotaAnswer::kRateLimit403:
      return Error(ErrorId::kRateLimit, retry_after);
    case Knobs::QuotaAnswer::kUserRateLimit403:
      return Error(ErrorId::kUserRateLimit, retry_after);
    case Knobs::QuotaAnswer::kTooManyRequests429:
      return Error(ErrorId::kTooManyRequests, retry_after);
  }
  return Error(ErrorId::kRateLimit, retry_after);
}

}  // namespace

int64_t UnitsOf(const Request& request) { return std::holds_alternative<PatchEvent>(request) ? 3 : 1; }

int64_t Quota::Minute::Sum(absl::Time now) {
  while (first_ < charges_.size() && charges_[first_].first <= now - kWindow) sum_ -= charges_[first_++].second;
  if (first_ > 64 && first_ * 2 > charges_.size()) {
    charges_.erase(charges_.begin(), charges_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  return sum_;
}

void Quota::Minute::Add(absl::Time now, int64_t units) {
  charges_.emplace_back(now, units);
  sum_ += units;
}

std::optional<ApiError> Quota::Charge(const AccountId& account, ActorId actor, const Request& request, const Knobs& knobs,
                                      absl::Time now) {
  if (actor.kind == ActorKind::kPerson) return std::nullopt;
  const int64_t units = UnitsOf(request);
  const int64_t of_project = knobs.units_per_minute_per_project;
  const int64_t of_account = knobs.units_per_minute_per_account;
  Minute* const project = of_project > 0 ? &projects_[actor] : nullptr;
  if (project != nullptr && project->Sum(now) + units > of_project) return Refusal(knobs);
  Minute* const own = of_account > 0 ? &accounts_[{actor, account}] : nullptr;
  if (own != nullptr && own->Sum(now) + units > of_account) return Refusal(knobs);
  if (project != nullptr) project->Add(now, units);
  if (own != nullptr) own->Add(now, units);
  if (!limited_until_.empty() && IsEventWrite(request)) {
    const auto limit = limited_until_.find(account);
    if (limit != limited_until_.end() && now < limit->second) return Error(ErrorId::kUsageLimit);
  }
  return std::nullopt;
}

}  // namespace calsync::fake
