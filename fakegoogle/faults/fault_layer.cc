#include "fakegoogle/faults/fault_layer.h"

#include <algorithm>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "fakegoogle/model/errors.h"

namespace calsync::fake {
namespace {

constexpr uint64_t kPerMille = 1000;
constexpr uint64_t kLatencySteps = 4;
constexpr int kScaleSteps = 8;  // Sizes reach from a 4^7th of the maximum to all of it.

constexpr FaultKind kCallKinds[] = {
    FaultKind::kRequestLost, FaultKind::kResponseLost, FaultKind::kLateAnswer,   FaultKind::kAppliedTwice, FaultKind::kUnreadable,
    FaultKind::kClog,        FaultKind::kOutage,       FaultKind::kNotSent,      FaultKind::kRateLimited,  FaultKind::kUsageLimit,
    FaultKind::kErrorBefore, FaultKind::kErrorAfter,   FaultKind::kUnauthorized, FaultKind::kTokenGone,    FaultKind::kPageGone,
    FaultKind::kFalseStale,  FaultKind::kSlowList,     FaultKind::kPoorChannel,
};
constexpr FaultKind kViewKinds[] = {
    FaultKind::kUnseenNew, FaultKind::kStaleList,   FaultKind::kHostileSkip,
    FaultKind::kStaleGet,  FaultKind::kRepeatedRow, FaultKind::kTagDropped,
};
constexpr FaultKind kMessageKinds[] = {
    FaultKind::kEarlyNotice, FaultKind::kDropped, FaultKind::kDoubled, FaultKind::kDelayed,
    FaultKind::kReordered,   FaultKind::kStorm,   FaultKind::kForged,  FaultKind::kNotExists,
};
static_assert(std::size(kCallKinds) + std::size(kViewKinds) + std::size(kMessageKinds) == kFaultKinds);

// What a call is, as far as faults care.
struct Shape {
  bool event_write = false;
  bool changes_existing = false;  // patch, update, delete.
  bool get = false;
  bool list = false;
  bool from_token = false;
  bool later_page = false;
  bool watch = false;
  bool tag = false;  // A patch of private properties alone.
};

Shape ShapeOf(const Request& request) {
  Shape shape;
  shape.event_write = IsEventWrite(request);
  shape.get = std::holds_alternative<GetEvent>(request);
  shape.changes_existing = std::holds_alternative<PatchEvent>(request) || std::holds_alternative<UpdateEvent>(request) ||
                           std::holds_alternative<DeleteEvent>(request);
  shape.watch = std::holds_alternative<WatchEvents>(request);
  if (const auto* patch = std::get_if<PatchEvent>(&request)) {
    shape.tag = !patch->patch.private_properties.empty() && !patch->patch.start.has_value();
  }
  if (const auto* list = std::get_if<ListEvents>(&request)) {
    shape.list = true;
    shape.from_token = list->sync_token.has_value();
    shape.later_page = list->page_token.has_value();
  }
  if (const auto* instances = std::get_if<ListInstances>(&request)) {
    shape.list = true;
    shape.later_page = instances->page_token.has_value();
  }
  return shape;
}

bool AppliesTo(FaultKind kind, const Shape& shape) {
  switch (kind) {
    case FaultKind::kAppliedTwice:
    case FaultKind::kUsageLimit:
      return shape.event_write;
    case FaultKind::kTokenGone:
      return shape.from_token && !shape.later_page;
    case FaultKind::kPageGone:
      return shape.later_page;
    case FaultKind::kFalseStale:
      return shape.changes_existing;
    case FaultKind::kUnseenNew:
      return shape.get || shape.changes_existing;
    case FaultKind::kStaleList:
    case FaultKind::kSlowList:
      return shape.list;
    case FaultKind::kPoorChannel:
      return shape.watch;
    case FaultKind::kTagDropped:
      return shape.tag;
    case FaultKind::kHostileSkip:
    case FaultKind::kRepeatedRow:
      return shape.from_token;
    case FaultKind::kStaleGet:
      return shape.get;
    case FaultKind::kRequestLost:
    case FaultKind::kResponseLost:
    case FaultKind::kLateAnswer:
    case FaultKind::kUnreadable:
    case FaultKind::kClog:
    case FaultKind::kOutage:
    case FaultKind::kNotSent:
    case FaultKind::kRateLimited:
    case FaultKind::kErrorBefore:
    case FaultKind::kErrorAfter:
    case FaultKind::kUnauthorized:
    case FaultKind::kEarlyNotice:
    case FaultKind::kDropped:
    case FaultKind::kDoubled:
    case FaultKind::kDelayed:
    case FaultKind::kReordered:
    case FaultKind::kStorm:
    case FaultKind::kForged:
    case FaultKind::kNotExists:
      return true;
  }
  return false;
}

// One draw for a whole family: high numbers strike, 0 never does.
std::optional<FaultKind> Pick(const FaultPlan& plan, absl::Span<const FaultKind> kinds, const Shape& shape, Choose choose,
                              absl::string_view label) {
  uint64_t total = 0;
  uint64_t candidates = 0;
  for (const FaultKind kind : kinds) {
    if (plan[kind] <= 0 || !AppliesTo(kind, shape)) continue;
    total += plan.enumerate ? 1 : static_cast<uint64_t>(plan[kind]);
    ++candidates;
  }
  if (candidates == 0) return std::nullopt;
  const uint64_t bound = plan.enumerate ? total + 1 : kPerMille;
  const uint64_t drawn = choose(bound, label);
  uint64_t from_top = bound - drawn;  // 1 … bound; `bound` itself is the benign draw.
  if (drawn == 0) return std::nullopt;
  for (const FaultKind kind : kinds) {
    if (plan[kind] <= 0 || !AppliesTo(kind, shape)) continue;
    const uint64_t share = plan.enumerate ? 1 : static_cast<uint64_t>(plan[kind]);
    if (from_top <= share) return kind;
    from_top -= share;
  }
  return std::nullopt;
}

// Evenly on a logarithmic scale; the smallest for 0.
absl::Duration DrawSize(absl::Duration max, Choose choose, absl::string_view label) {
  const auto step = static_cast<int>(choose(kScaleSteps, label));
  absl::Duration size = max;
  for (int i = step + 1; i < kScaleSteps; ++i) size /= 4;
  return absl::Trunc(size, absl::Nanoseconds(1));  // No clock shows less.
}

ApiError ServerError(Choose choose) {
  constexpr ErrorId kErrors[] = {ErrorId::kUnavailable, ErrorId::kBackendError, ErrorId::kBadGateway, ErrorId::kGatewayTimeout};
  return Error(kErrors[choose(std::size(kErrors), "which server error")]);
}

ApiError RateError(Choose choose) {  // K-16.
  constexpr ErrorId kErrors[] = {ErrorId::kRateLimit, ErrorId::kUserRateLimit, ErrorId::kTooManyRequests};
  const ErrorId id = kErrors[choose(std::size(kErrors), "which rate limit")];
  if (choose(2, "retry after") == 0) return Error(id);
  return Error(id, absl::Seconds(30));
}

void Refuse(CallPlan& plan, ApiError error) {
  plan.apply = 0;
  plan.answer = CallPlan::Answer::kError;
  plan.error = std::move(error);
}

// No answer at all, or a cut connection.
void CutOff(CallPlan& plan, Choose choose) {
  if (choose(2, "cut or silent") == 0) {
    plan.answer = CallPlan::Answer::kNever;
  } else {
    plan.answer = CallPlan::Answer::kError;
    plan.error = ApiError{.transport = Transport::kReset, .message = "connection reset"};
  }
}

}  // namespace

CallPlan FaultLayer::PlanCall(const Caller& caller, const Request& request, absl::Time now, Choose choose) {
  CallPlan plan;
  absl::Duration latency = plan_.latency_min;
  if (plan_.latency_max > plan_.latency_min) {
    const auto step = static_cast<int64_t>(choose(kLatencySteps, "latency"));
    latency += (plan_.latency_max - plan_.latency_min) * step / static_cast<int64_t>(kLatencySteps - 1);
  }
  plan.reaches_after = latency / 2;
  plan.answered_after = latency;
  if (ApplyOutage(now, plan)) return plan;

  const Shape shape = ShapeOf(request);
  plan.view_fault = Pick(plan_, kViewKinds, shape, choose, "view fault");
  if (plan.view_fault) StrikeView(*plan.view_fault, choose, plan);
  plan.fault = Pick(plan_, kCallKinds, shape, choose, "call fault");
  if (plan.fault) Strike(*plan.fault, caller, request, now, choose, plan);
  ApplyWindows(caller, request, now, plan);
  return plan;
}

void FaultLayer::Strike(FaultKind kind, const Caller& caller, const Request& request, absl::Time now, Choose choose,
                        CallPlan& plan) {
  ++counts_[kind];
  switch (kind) {
    case FaultKind::kRequestLost:
      plan.apply = 0;
      CutOff(plan, choose);
      return;
    case FaultKind::kResponseLost:
      CutOff(plan, choose);
      return;
    case FaultKind::kLateAnswer:
      plan.answered_after += DrawSize(plan_.late_max, choose, "how late");
      return;
    case FaultKind::kAppliedTwice:
      plan.apply = 2;
      plan.second_after = plan.reaches_after + DrawSize(plan_.twice_max, choose, "second after");
      plan.answered_after += plan.second_after - plan.reaches_after;
      return;
    case FaultKind::kUnreadable: {
      const bool applied = choose(2, "applied before the garbage") == 0;
      plan.apply = applied ? 1 : 0;
      plan.answer = CallPlan::Answer::kError;
      plan.error = ApiError{.transport = Transport::kUnreadable, .code = applied ? 200 : 502, .message = "unreadable body"};
      return;
    }
    case FaultKind::kClog:
      clogged_until_[caller.account] = now + DrawSize(plan_.clog_max, choose, "clog");
      return;
    case FaultKind::kOutage:
      outage_until_ = now + DrawSize(plan_.outage_max, choose, "outage");
      outage_style_ = static_cast<OutageStyle>(choose(3, "outage style"));
      ApplyOutage(now, plan);
      return;
    case FaultKind::kNotSent:
      Refuse(plan, {.transport = Transport::kNotSent, .message = "connection refused"});
      return;
    case FaultKind::kRateLimited:
      Refuse(plan, RateError(choose));
      return;
    case FaultKind::kUsageLimit:
      limited_until_[caller.account] = now + DrawSize(plan_.usage_limit_max, choose, "usage limit");
      return;
    case FaultKind::kErrorBefore:
      Refuse(plan, ServerError(choose));
      return;
    case FaultKind::kErrorAfter:
      plan.answer = CallPlan::Answer::kError;
      plan.error = ServerError(choose);
      return;
    case FaultKind::kUnauthorized:
      Refuse(plan, Error(ErrorId::kAuthError));
      return;
    case FaultKind::kTokenGone:
      Refuse(plan, Error(ErrorId::kFullSyncRequired));
      return;
    case FaultKind::kPageGone: {
      const auto* list = std::get_if<ListEvents>(&request);
      const bool from_token = list != nullptr && list->sync_token.has_value();
      Refuse(plan, Error(from_token ? ErrorId::kFullSyncRequired : ErrorId::kInvalidPageToken));
      return;
    }
    case FaultKind::kFalseStale:
      Refuse(plan, Error(ErrorId::kConditionNotMet));
      return;
    case FaultKind::kSlowList: {
      const absl::Duration size = DrawSize(plan_.slow_list_max, choose, "how slow");
      plan.reaches_after += size / 2;
      plan.answered_after += size;
      return;
    }
    case FaultKind::kPoorChannel: {
      const uint64_t how = choose(4, "what kind of channel");
      if (how < 2) return Refuse(plan, Error(how == 0 ? ErrorId::kPushNotSupported : ErrorId::kForbidden));
      plan.conditions.channel_life_max = std::max(absl::Hours(1), DrawSize(plan_.channel_life_max, choose, "life of a channel"));
      return;
    }
    case FaultKind::kUnseenNew:
    case FaultKind::kStaleList:
    case FaultKind::kHostileSkip:
    case FaultKind::kStaleGet:
    case FaultKind::kRepeatedRow:
    case FaultKind::kTagDropped:
    case FaultKind::kEarlyNotice:
    case FaultKind::kDropped:
    case FaultKind::kDoubled:
    case FaultKind::kDelayed:
    case FaultKind::kReordered:
    case FaultKind::kStorm:
    case FaultKind::kForged:
    case FaultKind::kNotExists:
      return;  // Of other families.
  }
}

void FaultLayer::StrikeView(FaultKind kind, Choose choose, CallPlan& plan) {
  ++counts_[kind];
  Conditions& conditions = plan.conditions;
  if (kind == FaultKind::kUnseenNew) conditions.unseen_for = DrawSize(plan_.unseen_max, choose, "unseen for");
  if (kind == FaultKind::kStaleList) conditions.list_lag = DrawSize(plan_.list_lag_max, choose, "list lag");
  if (kind == FaultKind::kStaleGet) conditions.get_lag = DrawSize(plan_.get_lag_max, choose, "get lag");
  if (kind == FaultKind::kHostileSkip) conditions.hostile_skip = true;
  if (kind == FaultKind::kRepeatedRow) conditions.repeat_boundary = true;
  if (kind == FaultKind::kTagDropped) conditions.drops_private = true;
}

bool FaultLayer::ApplyOutage(absl::Time now, CallPlan& plan) const {
  if (now >= outage_until_) return false;
  plan.fault = FaultKind::kOutage;
  switch (outage_style_) {
    case OutageStyle::kUnavailable:
      Refuse(plan, Error(ErrorId::kUnavailable));
      break;
    case OutageStyle::kTimeout:
      plan.apply = 0;
      plan.answer = CallPlan::Answer::kNever;
      break;
    case OutageStyle::kNotSent:
      Refuse(plan, {.transport = Transport::kNotSent, .message = "connection refused"});
      break;
  }
  return true;
}

void FaultLayer::ApplyWindows(const Caller& caller, const Request& request, absl::Time now, CallPlan& plan) const {
  if (!clogged_until_.empty()) {
    const auto clog = clogged_until_.find(caller.account);
    if (clog != clogged_until_.end() && now < clog->second) {
      const absl::Duration hang = clog->second - now;
      plan.reaches_after += hang;
      plan.second_after += hang;
      plan.answered_after += hang;
    }
  }
  if (!limited_until_.empty() && IsEventWrite(request) && plan.apply > 0) {
    const auto limit = limited_until_.find(caller.account);
    if (limit != limited_until_.end() && now < limit->second) Refuse(plan, Error(ErrorId::kUsageLimit));
  }
  const bool is_list = std::holds_alternative<ListEvents>(request) || std::holds_alternative<ListInstances>(request);
  if (!hidden_.empty() && is_list) {
    const auto hidden = hidden_.find(*CalendarOf(request));
    if (hidden != hidden_.end() && now + plan.reaches_after < hidden->second.until) {
      const absl::Duration lag = now + plan.reaches_after - hidden->second.since;
      plan.conditions.list_lag = std::max(plan.conditions.list_lag, lag);
    }
  }
}

MessagePlan FaultLayer::PlanMessage(const PushMessage& message, absl::Time now, Choose choose) {
  MessagePlan plan;
  if (now < silence_until_) {
    plan.fault = FaultKind::kDropped;
    return plan;
  }
  plan.deliveries.push_back({.after = plan_.notice_after, .message = message});
  plan.fault = Pick(plan_, kMessageKinds, Shape(), choose, "message fault");
  if (!plan.fault) return plan;
  ++counts_[*plan.fault];

  const FaultKind kind = *plan.fault;
  MessagePlan::Delivery& first = plan.deliveries.front();
  if (kind == FaultKind::kEarlyNotice) {
    const absl::Duration size = DrawSize(plan_.list_lag_max, choose, "hidden for");
    hidden_[message.calendar] = {message.made_at - absl::Microseconds(1), now + first.after + size};
  } else if (kind == FaultKind::kDropped) {
    plan.deliveries.clear();
    if (choose(8, "silence") == 7) silence_until_ = now + DrawSize(plan_.silence_max, choose, "silence for");
  } else if (kind == FaultKind::kDoubled) {
    const absl::Duration after = first.after + DrawSize(plan_.reorder_max, choose, "second copy after");
    plan.deliveries.push_back({.after = after, .message = message});
  } else if (kind == FaultKind::kDelayed) {
    first.after += DrawSize(plan_.notice_delay_max, choose, "notice delay");
  } else if (kind == FaultKind::kReordered) {
    first.after += DrawSize(plan_.reorder_max, choose, "overtaken by");
  } else if (kind == FaultKind::kStorm) {
    const MessagePlan::Delivery one = first;
    plan.deliveries.resize(static_cast<size_t>(std::max(1, plan_.storm_size)), one);
  } else if (kind == FaultKind::kForged) {
    const absl::Duration after = first.after;
    plan.deliveries.push_back({.after = after, .message = Forge(message, choose), .forged = true});
  } else if (kind == FaultKind::kNotExists) {
    first.message.state = ResourceState::kNotExists;
  }
  return plan;
}

PushMessage FaultLayer::Forge(const PushMessage& genuine, Choose choose) {
  PushMessage forged = genuine;
  ++forged_;
  switch (choose(5, "forgery")) {
    case 0:
      forged.channel = ChannelId(absl::StrCat("forged-", forged_));
      break;  // Unknown channel.
    case 1:
      forged.token = "wrong";
      break;
    case 2:
      forged.token.clear();
      break;
    case 3:  // Only the resource id is right.
      forged.channel = ChannelId(absl::StrCat("forged-", forged_));
      forged.token = "wrong";
      break;
    case 4:
      break;  // A replay of the genuine one.
  }
  return forged;
}

void FaultLayer::Calm() {
  plan_.per_mille.fill(0);
  outage_until_ = silence_until_ = absl::InfinitePast();
  clogged_until_.clear();
  limited_until_.clear();
  hidden_.clear();
}

std::vector<absl::Time> FaultLayer::WindowsEnd(absl::Time now) const {
  std::vector<absl::Time> ends = {outage_until_, silence_until_};
  for (const auto& [account, until] : clogged_until_) ends.push_back(until);
  for (const auto& [account, until] : limited_until_) ends.push_back(until);
  for (const auto& [calendar, hidden] : hidden_) ends.push_back(hidden.until);
  for (absl::Time& end : ends) end = std::max(end, now);
  return ends;
}

}  // namespace calsync::fake
