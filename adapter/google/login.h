// A person lets CalSync act for an account: in a browser that comes back to this machine (contract 6.3, RFC 8252), with PKCE and
// a state, so that nobody else's answer is taken for it and nobody else can use it.
//
// Where the browser is on another machine, it ends at an address that it cannot reach; that address, pasted, does the same. There
// is no login by a code that is typed in elsewhere (RFC 8628): Google's endpoint for it refuses every scope of Calendar.

#ifndef CALSYNC_ADAPTER_GOOGLE_LOGIN_H_
#define CALSYNC_ADAPTER_GOOGLE_LOGIN_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/google/grant.h"
#include "adapter/http/loop.h"
#include "engine/api/ids.h"

namespace calsync::adapter {

struct LoginOptions {
  InstalledClient client;
  std::string login_hint;  // The address that the page offers first; empty: the person chooses.
  std::string authorization_endpoint = "https://accounts.google.com/o/oauth2/v2/auth";
  std::string token_endpoint = "https://oauth2.googleapis.com/token";
  std::string api_root = "https://www.googleapis.com/calendar/v3/";
  std::string ca_file;                              // As of GoogleOptions.
  absl::Duration patience = absl::Minutes(10);      // With the person.
  absl::Duration call_timeout = absl::Seconds(30);  // With Google.
  std::function<absl::Time()> clock;                // Null: the machine's.
};

struct LoggedIn {
  AccountId account;  // Whoever it was: perhaps not who was hinted at.
  RefreshTokenGrant grant;
};

class BrowserLogin {
 public:
  using Done = std::function<void(absl::StatusOr<LoggedIn>)>;

  // Listens on 127.0.0.1, on any free port, and calls `done` exactly once, later, on the loop. Errors of `done`: PermissionDenied
  // (the person said no, or not to everything), DeadlineExceeded (nobody came), Unavailable (Google cannot be reached),
  // FailedPrecondition (Google refuses the client or the code); each says what to do.
  // Errors of Start: as of http::Server::Listen. REQUIRES: the endpoints are addresses. The loop must outlive it.
  static absl::StatusOr<std::unique_ptr<BrowserLogin>> Start(http::Loop& loop, LoginOptions options, Done done);
  ~BrowserLogin();  // Gives up, without a word.
  BrowserLogin(const BrowserLogin&) = delete;
  BrowserLogin& operator=(const BrowserLogin&) = delete;

  // What the person opens.
  const std::string& url() const;
  // The address at which the person's browser ended. Errors: InvalidArgument if it is not the answer to this login; it goes on.
  absl::Status Paste(absl::string_view address);

 private:
  class Impl;
  explicit BrowserLogin(std::shared_ptr<Impl> impl);

  std::shared_ptr<Impl> impl_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_LOGIN_H_
