// What an account gave us so that we may act for it: a value that is kept somewhere, handed over, and never shown.

#ifndef CALSYNC_ADAPTER_GOOGLE_GRANT_H_
#define CALSYNC_ADAPTER_GOOGLE_GRANT_H_

#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace calsync::adapter {

// A text that no message, log or test output ever contains. Only whoever sends it asks for it by name.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  const std::string& Reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const Secret&, const Secret&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Secret& secret) {
    return out << (secret.empty() ? "(none)" : "(secret)");
  }

 private:
  std::string text_;
};

// The program as Google knows it: an OAuth client of the type "Desktop app". Its secret is not confidential, says Google, and is
// treated as if it were.
struct InstalledClient {
  std::string id;
  Secret secret;
};

// A person agreed, in a browser. Lives until it is revoked, or six months unused (contract 6.3).
struct RefreshTokenGrant {
  InstalledClient client;
  Secret refresh_token;
  // When the person agreed; nothing if it is not known. An early end then has a likely reason (S-28).
  std::optional<absl::Time> granted_at;
};

// A robot that a domain's administrator lets act for its people: delegation.
struct ServiceAccountGrant {
  std::string email;   // The robot's.
  Secret private_key;  // PEM.
  std::string key_id;  // May be empty.
  // Whom it acts for; empty: nobody but itself, and `primary` is then its own empty calendar.
  std::string subject;
};

// A token that somebody else keeps fresh. For tests and short looks.
struct StaticTokenGrant {
  Secret access_token;
};

using Grant = std::variant<RefreshTokenGrant, ServiceAccountGrant, StaticTokenGrant>;

// What the engine's calls need: events of all calendars, and the list of calendars.
inline constexpr absl::string_view kScopes[] = {
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
};
std::string JoinedScopes();  // With spaces between.

// The files that Google's console gives, as they are downloaded. Errors: InvalidArgument, with what is missing.
absl::StatusOr<InstalledClient> ParseInstalledClient(absl::string_view json);
absl::StatusOr<ServiceAccountGrant> ParseServiceAccountKey(absl::string_view json, std::string subject);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_GRANT_H_
