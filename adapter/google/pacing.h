// Which call may leave when: so many units a minute for each account and for all of them, what is urgent first.
//
// Google counts over a sliding minute, per project and per user of it (C-102); a PATCH costs three units (C-55). A bucket that
// holds a burst and fills at a rate lets at most burst + rate leave in any minute, so the two together are the limit. Tags
// (PATCHes that set nothing but private properties) never stand in the way of anything else (S-25): they go last, and leave a
// reserve.
//
// Pure: no clock, no calls. What waits is named by tickets, and time is an argument.

#ifndef CALSYNC_ADAPTER_GOOGLE_PACING_H_
#define CALSYNC_ADAPTER_GOOGLE_PACING_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/ids.h"

namespace calsync::adapter {

struct Limit {
  double per_minute = 0;
  double burst = 0;  // At once, after a rest.
};

struct PacingLimits {
  Limit account{.per_minute = 480, .burst = 60};    // Of 600 (contract 6.2): other programs of the project want some, too.
  Limit project{.per_minute = 9000, .burst = 600};  // Of 10,000.
  double reserve = 0.5;                             // A tag leaves this share of both bursts to others.
  size_t in_flight_max = 64;                        // Calls under way, of all accounts.
  absl::Duration refusal_rest = absl::Seconds(5);   // Of an account that was too fast, if Google does not say how long (K-16).
};

enum class Urgency : uint8_t { kSoon, kLast };

// What a call costs, and how urgent it is.
int UnitsOf(const Request& request);
Urgency UrgencyOf(const Request& request);

// Units that come back with time.
class Bucket {
 public:
  Bucket(const Limit& limit, absl::Time now) : limit_(limit), level_(limit.burst), at_(now) {}

  // Also after a step of the clock: never more than the burst, and a step back only costs what would have come.
  void AdvanceTo(absl::Time now);
  // A call that costs more than the burst may leave when the bucket is full.
  bool Has(double units) const { return level_ >= (units < limit_.burst ? units : limit_.burst); }
  void Take(double units) { level_ -= units; }
  // Nothing for so long.
  void Rest(absl::Duration delay);
  absl::Duration Until(double units) const;
  void SetLimit(const Limit& limit) {
    limit_ = limit;
    level_ = level_ < limit.burst ? level_ : limit.burst;
  }

 private:
  Limit limit_;
  double level_;
  absl::Time at_;
};

class Pacing {
 public:
  using Ticket = uint64_t;  // Grows with every call.

  Pacing(const PacingLimits& limits, absl::Time now)
      : limits_(limits), whole_project_(limits.project), project_(limits.project, now) {}

  void Add(Ticket ticket, const AccountId& account, int units, Urgency urgency, absl::Time now);
  // What may leave now, in order. Each counts as under way until Done.
  std::vector<Ticket> TakeReady(absl::Time now);
  void Done() { --in_flight_; }
  // Those that have waited since before `since`, taken out: they will not leave.
  std::vector<Ticket> TakeOlderThan(absl::Time since);
  // Google said that it was too much, and perhaps for how long: nothing of the account leaves meanwhile.
  void Refused(const AccountId& account, std::optional<absl::Duration> delay, absl::Time now);

  // From now on this share of the project's limit: others have the rest.
  void SetProjectShare(double share) {
    limits_.project = {.per_minute = whole_project_.per_minute * share, .burst = whole_project_.burst * share};
    project_.SetLimit(limits_.project);
  }

  // When something may leave next; InfiniteFuture if nothing waits, or only for calls under way to end.
  absl::Time NextReady(absl::Time now) const;
  // When the one that waits longest began to; InfiniteFuture if none does.
  absl::Time OldestSince() const;
  size_t waiting() const;

 private:
  struct Waiting {
    Ticket ticket = 0;
    int units = 1;
    absl::Time since;
  };
  struct Account {
    Bucket bucket;
    std::deque<Waiting> soon;
    std::deque<Waiting> last;
  };
  static const std::deque<Waiting>& QueueOf(const Account& account, Urgency urgency);
  double ReserveOf(const Limit& limit, Urgency urgency) const;
  bool TakeOne(Urgency urgency, std::vector<Ticket>& taken);

  PacingLimits limits_;
  Limit whole_project_;
  Bucket project_;
  std::map<AccountId, Account> accounts_;
  std::set<AccountId> waiting_;  // Accounts whose queues are not empty: no other is looked at.
  AccountId turn_;               // Who was served last; the next one begins.
  size_t in_flight_ = 0;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_PACING_H_
