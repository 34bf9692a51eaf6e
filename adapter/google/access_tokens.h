// Access tokens, one for each account: fetched when first needed, kept until shortly before they end (contract 6.3, C-105).
//
// For each account at most one request for a token is under way, however many calls wait for it. A grant that Google refuses
// parks its account, and only that one (S-28): it is asked for again only when a new grant is set, or, where this machine's clock
// is to blame, some minutes later and as soon as the clock was set. An endpoint that cannot be reached, or answers with nothing
// that is its own, parks nobody.

#ifndef CALSYNC_ADAPTER_GOOGLE_ACCESS_TOKENS_H_
#define CALSYNC_ADAPTER_GOOGLE_ACCESS_TOKENS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "adapter/google/grant.h"
#include "adapter/google/oauth.h"
#include "adapter/http/client.h"
#include "adapter/http/target.h"
#include "engine/api/ids.h"

namespace calsync::adapter {

struct NoToken {
  enum class Why : uint8_t { kNoGrant, kParked, kNotReached };
  Why why = Why::kNoGrant;
  std::string message;  // In words: what happened; if parked, what stays true and what to do.
};

class AccessTokens {
 public:
  struct Options {
    std::string endpoint;  // An address.
    absl::Duration timeout = absl::Seconds(15);
    std::function<absl::Time()> clock;
  };
  using Outcome = std::variant<Secret, NoToken>;
  using Given = std::function<void(Outcome)>;

  // The client must outlive it. REQUIRES: the endpoint is an address.
  AccessTokens(http::Client& client, Options options);

  void Set(const AccountId& account, Grant grant);
  void Remove(const AccountId& account);

  // Calls `given` once: at once if a token or a refusal is at hand, else later.
  void Get(const AccountId& account, Given given);
  // The API did not accept this token: it is not given again, if a new one can be had.
  void Reject(const AccountId& account, const Secret& token);

  // Whether Get would say at once that there is none: it has no grant, or is parked.
  bool RefusesAtOnce(const AccountId& account) const;
  // Null if it has none.
  const Grant* FindGrant(const AccountId& account) const;
  // Why the account is parked; empty if it is not.
  std::string ParkedBecause(const AccountId& account) const;

 private:
  struct Account {
    Grant grant;
    uint64_t round = 0;  // A grant that was replaced is not spoken for by answers that come late.
    Secret token;
    absl::Time until = absl::InfinitePast();
    std::string parked;
    std::optional<absl::Time> clock_blamed;  // When, if it is parked for that.
    bool asking = false;
    std::vector<Given> waiting;
  };

  bool IsParkedNow(const Account& state) const;
  void Ask(const AccountId& account, Account& state);
  void OnAnswer(const AccountId& account, uint64_t round, const TokenAnswer& answer);
  void Tell(Account& state, const Outcome& outcome);

  http::Client& client_;
  const Options options_;
  http::Address endpoint_;
  uint64_t rounds_ = 0;
  std::map<AccountId, Account> accounts_;
};

// What a person reads who finds an account parked. `now` tells the age of a refresh token (S-28).
std::string WhyParked(const AccountId& account, const Grant& grant, const TokenRefusal& refusal, absl::Time now);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_ACCESS_TOKENS_H_
