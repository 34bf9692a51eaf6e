// Tokens: the endpoint that gives them, the page that asks a person, and whom an access token speaks for (contract 6.3).

#ifndef CALSYNC_FAKEGOOGLE_HTTP_OAUTH_H_
#define CALSYNC_FAKEGOOGLE_HTTP_OAUTH_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/http/message.h"
#include "adapter/http/target.h"
#include "fakegoogle/http/api.h"
#include "fakegoogle/http/methods.h"
#include "fakegoogle/model/server.h"

namespace calsync::fake {

class OAuth {
 public:
  OAuth(const Server& model, uint64_t seed);

  // Each client is a project of its own for the quotas.
  void AddClient(const std::string& id, const std::string& secret);
  // Tokens with a text of one's own. An access token that is added so does not expire.
  void AddAccessToken(const std::string& token, const AccountId& account, const std::string& client, Scopes scopes);
  void AddRefreshToken(const std::string& token, const AccountId& account, const std::string& client, Scopes scopes);
  // An account that is no person: it proves itself by a signature (JWT, RS256) that this public key (PEM) fits.
  void AddServiceAccount(const AccountId& account, std::string public_key);
  // Its access tokens end before their time: 401. Refresh tokens stay.
  void Expire(const AccountId& account);
  // All that the account granted is no more: 401, and invalid_grant.
  void Revoke(const AccountId& account);

  // Nothing for a token that is unknown, expired or revoked.
  std::optional<Identity> Find(absl::string_view access_token, absl::Time now) const;

  http::Response HandleToken(const http::Request& request, const http::Parameters& query, absl::Time now);  // /token
  // /device/code: a code to be typed in elsewhere. The service offers it for a few scopes, none of them of Calendar.
  http::Response HandleDevice(const http::Request& request, const http::Parameters& query);
  // /revoke. `whose`: whose grant is no more from now on, if any.
  http::Response HandleRevoke(const http::Request& request, const http::Parameters& query, std::optional<Caller>& whose);
  http::Response HandleConsent(const http::Request& request, const http::Parameters& query, absl::Time now);  // /o/oauth2/v2/auth

 private:
  struct Client {
    std::string secret;
    uint32_t number = 0;
  };
  struct Grant {
    AccountId account;
    std::string client;
    Scopes scopes = 0;
  };
  Caller CallerOf(const Grant& grant) const;
  struct Lasting {  // A refresh token.
    Grant grant;
    uint64_t number = 0;  // In the order in which they were given.
  };
  struct Access {
    Grant grant;
    absl::Time until = absl::InfiniteFuture();
  };
  struct Code {
    Grant grant;
    std::string redirect_uri;
    std::string challenge;  // Empty: none was sent.
    bool hashed = false;    // S256.
    bool offline = false;
    absl::Time until;
  };

  http::Response GiveTokens(const Grant& grant, absl::Time now, bool with_refresh);
  http::Response Exchange(const http::Parameters& form, const std::string& client, absl::Time now);
  http::Response Refresh(const http::Parameters& form, const std::string& client, absl::Time now);
  http::Response Assert(const http::Parameters& form, absl::Time now);
  std::string NewToken(absl::string_view start);

  const Server& model_;
  uint64_t random_;
  std::map<std::string, Client> clients_;
  std::map<std::string, Access> access_;
  std::map<std::string, Lasting> refresh_;
  uint64_t refresh_count_ = 0;
  std::map<std::string, Code> codes_;
  std::map<AccountId, std::string> service_keys_;
};

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_OAUTH_H_
