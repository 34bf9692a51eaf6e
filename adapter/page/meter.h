// Counts the calls that pass through it: by method and outcome, and what they cost of Google's quota.

#ifndef CALSYNC_ADAPTER_PAGE_METER_H_
#define CALSYNC_ADAPTER_PAGE_METER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "adapter/runner/caller.h"
#include "engine/api/calls.h"

namespace calsync::adapter {

class Meter final : public Caller {
 public:
  // `inner` must outlive it, and it must outlive all answers of `inner`.
  explicit Meter(Caller& inner) : inner_(inner) {}

  void Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered, Questions questions) override;

  // By method ("insert") and outcome: "ok", the status of an error ("404"), or "timeout", "not_sent", "reset", "unreadable".
  const absl::btree_map<std::pair<std::string, std::string>, int64_t>& calls() const { return calls_; }
  int64_t units() const { return units_; }  // Of quota (C-55), by calls that were sent.

 private:
  Caller& inner_;
  absl::btree_map<std::pair<std::string, std::string>, int64_t> calls_;
  int64_t units_ = 0;
};

absl::string_view MethodOf(const Request& request);
std::string OutcomeOf(const Reply& reply);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_PAGE_METER_H_
