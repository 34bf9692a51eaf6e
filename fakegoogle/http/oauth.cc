#include "fakegoogle/http/oauth.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "fakegoogle/http/json.h"
#include "fakegoogle/model/random.h"

namespace calsync::fake {
namespace {

constexpr absl::Duration kAccessLife = absl::Seconds(3600);
constexpr absl::Duration kCodeLife = absl::Minutes(10);
constexpr size_t kRefreshMax = 100;  // For each account and client; the oldest dies.
constexpr absl::string_view kJwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

http::Response JsonResponse(const Json& json, int status = 200) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json; charset=utf-8"}, {"Cache-Control", "no-store"}},
          .body = FormatJson(json)};
}

http::Response TokenError(absl::string_view error, absl::string_view description, int status = 400) {
  return JsonResponse({{"error", error}, {"error_description", description}}, status);
}

http::Response Page(int status, absl::string_view body) {
  return {.status = status,
          .headers = {{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", "no-store"}},
          .body = absl::StrCat("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>Consent</title>\n"
                               "<style>body{font:16px sans-serif;max-width:40em;margin:3em auto;padding:0 1em}</style>\n",
                               body)};
}

std::string Escape(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string Sha256(absl::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

bool IsSigned(absl::string_view bytes, absl::string_view signature, const std::string& public_key) {
  const std::unique_ptr<BIO, int (*)(BIO*)> pem(BIO_new_mem_buf(public_key.data(), static_cast<int>(public_key.size())),
                                                BIO_free);
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(PEM_read_bio_PUBKEY(pem.get(), nullptr, nullptr, nullptr),
                                                           EVP_PKEY_free);
  if (key == nullptr) return false;
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) == 1;
}

std::string WithoutPadding(std::string text) {
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

// The form of a POST, with the client of a Basic header if there is one.
std::optional<http::Parameters> ReadForm(const http::Request& request, const http::Parameters& query) {
  std::optional<http::Parameters> form = http::ParseParameters(request.body);
  if (!form) return std::nullopt;
  for (const auto& [name, value] : query.pairs()) {
    if (form->Find(name) == nullptr) form->Add(name, value);
  }
  absl::string_view basic = request.headers.Get("Authorization");
  std::string pair;
  if (absl::ConsumePrefix(&basic, "Basic ") && absl::Base64Unescape(basic, &pair)) {
    const std::pair<std::string, std::string> client = absl::StrSplit(pair, absl::MaxSplits(':', 1));
    form->Add("client_id", client.first);
    form->Add("client_secret", client.second);
  }
  return form;
}

// Where a code may be sent: to a program on this machine, or to a site by https.
bool IsRedirect(absl::string_view uri) {
  const std::optional<http::Address> address = http::ParseAddress(uri);
  return address && (address->secure || http::IsLoopback(address->host));
}

// Of an assertion's audience: the service's, or by whatever name a client knows this one.
bool IsTokenEndpoint(absl::string_view url) {
  const std::optional<http::Address> address = http::ParseAddress(url);
  return address &&
         (address->target == "/token" || address->target == "/oauth2/v4/token" || address->target == "/o/oauth2/token");
}

std::string WithParameters(absl::string_view uri, const http::Parameters& parameters) {
  return absl::StrCat(uri, absl::StrContains(uri, '?') ? "&" : "?", http::FormatParameters(parameters));
}

}  // namespace

OAuth::OAuth(const Server& model, uint64_t seed) : model_(model), random_(Mix64(seed + 21)) {}

void OAuth::AddClient(const std::string& id, const std::string& secret) {
  const auto number = static_cast<uint32_t>(clients_.size() + 1);
  const auto [client, is_new] = clients_.emplace(id, Client{secret, number});
  if (!is_new) client->second.secret = secret;
}

void OAuth::AddAccessToken(const std::string& token, const AccountId& account, const std::string& client, Scopes scopes) {
  access_[token] = {{account, client, scopes}, absl::InfiniteFuture()};
}

void OAuth::AddRefreshToken(const std::string& token, const AccountId& account, const std::string& client, Scopes scopes) {
  refresh_[token] = {{account, client, scopes}, refresh_count_++};
}

void OAuth::AddServiceAccount(const AccountId& account, std::string public_key) {
  service_keys_[account] = std::move(public_key);
}

void OAuth::Expire(const AccountId& account) {
  std::erase_if(access_, [&](const auto& one) {
    return one.second.grant.account == account && one.second.until != absl::InfiniteFuture();
  });
}

void OAuth::Revoke(const AccountId& account) {
  std::erase_if(access_, [&](const auto& one) { return one.second.grant.account == account; });
  std::erase_if(refresh_, [&](const auto& one) { return one.second.grant.account == account; });
}

std::optional<Identity> OAuth::Find(absl::string_view access_token, absl::Time now) const {
  const auto found = access_.find(std::string(access_token));
  if (found == access_.end() || found->second.until <= now) return std::nullopt;
  return Identity{CallerOf(found->second.grant), found->second.grant.scopes};
}

Caller OAuth::CallerOf(const Grant& grant) const {
  const auto client = clients_.find(grant.client);
  const uint32_t number = client == clients_.end() ? 0 : client->second.number;
  return {grant.account, {ActorKind::kProgram, number}};
}

std::string OAuth::NewToken(absl::string_view start) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) {
    const uint64_t word = NextRandom(random_);
    for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(word >> shift & 0xff));
  }
  return absl::StrCat(start, WithoutPadding(absl::WebSafeBase64Escape(bytes)));
}

http::Response OAuth::GiveTokens(const Grant& grant, absl::Time now, bool with_refresh) {
  std::erase_if(access_, [&](const auto& one) { return one.second.until <= now; });
  const std::string token = NewToken("ya29.");
  access_[token] = {grant, now + kAccessLife};
  Json json{{"access_token", token}, {"expires_in", absl::ToInt64Seconds(kAccessLife) - 1}};
  if (with_refresh) {
    const std::string refresh = NewToken("1//");
    size_t count = 0;
    auto oldest = refresh_.end();
    for (auto one = refresh_.begin(); one != refresh_.end(); ++one) {
      if (one->second.grant.account != grant.account || one->second.grant.client != grant.client) continue;
      ++count;
      if (oldest == refresh_.end() || one->second.number < oldest->second.number) oldest = one;
    }
    if (count >= kRefreshMax) refresh_.erase(oldest);
    refresh_[refresh] = {grant, refresh_count_++};
    json["refresh_token"] = refresh;
  }
  json["scope"] = FormatScopes(grant.scopes);
  json["token_type"] = "Bearer";
  return JsonResponse(json);
}

// C-105.
http::Response OAuth::HandleToken(const http::Request& request, const http::Parameters& query, absl::Time now) {
  if (request.method != "POST") return TokenError("invalid_request", "Only POST is understood.", 405);
  const std::optional<http::Parameters> form = ReadForm(request, query);
  if (!form) return TokenError("invalid_request", "The form cannot be read.");
  const std::string type = form->Get("grant_type");
  if (type == kJwtGrant) return Assert(*form, now);
  const std::string client = form->Get("client_id");
  const auto found = clients_.find(client);
  if (found == clients_.end()) return TokenError("invalid_client", "The OAuth client was not found.", 401);
  if (form->Get("client_secret") != found->second.secret) return TokenError("invalid_client", "Unauthorized", 401);
  if (type == "authorization_code") return Exchange(*form, client, now);
  if (type == "refresh_token") return Refresh(*form, client, now);
  return TokenError("unsupported_grant_type", absl::StrCat("Invalid grant_type: ", type));
}

http::Response OAuth::Exchange(const http::Parameters& form, const std::string& client, absl::Time now) {
  const auto found = codes_.find(form.Get("code"));
  if (found == codes_.end() || found->second.until <= now || found->second.grant.client != client) {
    return TokenError("invalid_grant", "Malformed auth code.");
  }
  const Code code = found->second;
  codes_.erase(found);  // Once, whatever comes of it.
  if (form.Get("redirect_uri") != code.redirect_uri) return TokenError("redirect_uri_mismatch", "Bad Request");
  if (!code.challenge.empty()) {
    const std::string verifier = form.Get("code_verifier");
    if (verifier.empty()) return TokenError("invalid_grant", "Missing code verifier.");
    const std::string shown = code.hashed ? WithoutPadding(absl::WebSafeBase64Escape(Sha256(verifier))) : verifier;
    if (shown != code.challenge) return TokenError("invalid_grant", "Invalid code verifier.");
  }
  return GiveTokens(code.grant, now, code.offline);
}

http::Response OAuth::Refresh(const http::Parameters& form, const std::string& client, absl::Time now) {
  const auto found = refresh_.find(form.Get("refresh_token"));
  if (found == refresh_.end() || found->second.grant.client != client || !model_.HasAccount(found->second.grant.account)) {
    return TokenError("invalid_grant", "Token has been expired or revoked.");
  }
  Grant grant = found->second.grant;
  if (const std::string narrower = form.Get("scope"); !narrower.empty()) grant.scopes &= ScopesOf(narrower);
  return GiveTokens(grant, now, false);
}

http::Response OAuth::Assert(const http::Parameters& form, absl::Time now) {
  const std::string assertion = form.Get("assertion");
  const std::vector<std::string> parts = absl::StrSplit(assertion, '.');
  std::string header_text;
  std::string claims_text;
  std::string signature;
  if (parts.size() != 3 || !absl::WebSafeBase64Unescape(parts[0], &header_text) ||
      !absl::WebSafeBase64Unescape(parts[1], &claims_text) || !absl::WebSafeBase64Unescape(parts[2], &signature)) {
    return TokenError("invalid_grant", "Invalid JWT.");
  }
  const std::optional<Json> header = ParseJson(header_text);
  const std::optional<Json> claims = ParseJson(claims_text);
  if (!header || !claims || StringOf(*header, "alg") != "RS256") return TokenError("invalid_grant", "Invalid JWT.");
  const AccountId issuer(StringOf(*claims, "iss"));
  const auto key = service_keys_.find(issuer);
  if (key == service_keys_.end()) return TokenError("invalid_grant", "Invalid grant: account not found");
  if (!IsSigned(absl::StrCat(parts[0], ".", parts[1]), signature, key->second)) {
    return TokenError("invalid_grant", "Invalid JWT Signature.");
  }
  const Json* const issued = Member(*claims, "iat");
  const Json* const expires = Member(*claims, "exp");
  if (issued == nullptr || expires == nullptr || !issued->is_number_integer() || !expires->is_number_integer()) {
    return TokenError("invalid_grant", "Invalid JWT: iat and exp are needed.");
  }
  const absl::Time until = absl::FromUnixSeconds(expires->get<int64_t>());
  if (until <= now || until - absl::FromUnixSeconds(issued->get<int64_t>()) > kAccessLife) {
    return TokenError("invalid_grant",
                      "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.");
  }
  if (!IsTokenEndpoint(StringOf(*claims, "aud"))) {
    return TokenError("invalid_grant",
                      "Invalid JWT: Failed audience check. The right audience is https://oauth2.googleapis.com/token");
  }
  const Scopes scopes = ScopesOf(StringOf(*claims, "scope"));
  if (scopes == 0) return TokenError("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
  const std::string subject = StringOf(*claims, "sub");
  const AccountId account = subject.empty() ? issuer : AccountId(subject);
  if (!model_.HasAccount(account)) {
    return TokenError("unauthorized_client", "Client is unauthorized to retrieve access tokens using this method.", 401);
  }
  return GiveTokens({account, issuer.str(), scopes}, now, false);
}

// Body as captured by hickford/git-credential-oauth#38; refused for Calendar in dermesser/yup-oauth2#155.
http::Response OAuth::HandleDevice(const http::Request& request, const http::Parameters& query) {
  if (request.method != "POST") return TokenError("invalid_request", "Only POST is understood.", 405);
  const std::optional<http::Parameters> form = ReadForm(request, query);
  if (!form) return TokenError("invalid_request", "The form cannot be read.");
  if (!clients_.contains(form->Get("client_id"))) return TokenError("invalid_client", "The OAuth client was not found.", 401);
  return TokenError("invalid_scope", absl::StrCat("Invalid device flow scope: ", form->Get("scope")));
}

http::Response OAuth::HandleRevoke(const http::Request& request, const http::Parameters& query, std::optional<Caller>& whose) {
  const std::optional<http::Parameters> form = ReadForm(request, query);
  const std::string token = form ? form->Get("token") : "";
  Grant grant;
  if (const auto refresh = refresh_.find(token); refresh != refresh_.end()) grant = refresh->second.grant;
  if (const auto access = access_.find(token); access != access_.end()) grant = access->second.grant;
  if (grant.account.empty()) return TokenError("invalid_token", "Token expired or revoked");
  // All tokens of that account and client go.
  const auto is_same = [&](const Grant& one) { return one.account == grant.account && one.client == grant.client; };
  std::erase_if(access_, [&](const auto& one) { return is_same(one.second.grant); });
  std::erase_if(refresh_, [&](const auto& one) { return is_same(one.second.grant); });
  whose = CallerOf(grant);
  return JsonResponse(Json::object());
}

// A GET shows the page, a POST is its answer. With prompt=none and a login_hint nobody is asked: for tests without a browser.
http::Response OAuth::HandleConsent(const http::Request& request, const http::Parameters& query, absl::Time now) {
  http::Parameters form = query;
  if (request.method == "POST") {
    std::optional<http::Parameters> sent = http::ParseParameters(request.body);
    if (!sent) return Page(400, "<p>The form cannot be read.");
    form = *std::move(sent);
  }
  const std::string client = form.Get("client_id");
  const std::string redirect = form.Get("redirect_uri");
  if (!clients_.contains(client)) return Page(401, "<h1>Error 401: invalid_client</h1><p>The OAuth client was not found.");
  if (!IsRedirect(redirect)) {
    return Page(400, "<h1>Error 400: redirect_uri_mismatch</h1><p>The address to return to must be on this machine, or https.");
  }
  if (form.Get("response_type") != "code") {
    return Page(400, "<h1>Error 400: unsupported_response_type</h1><p>Only <code>response_type=code</code> is understood.");
  }
  const Scopes scopes = ScopesOf(form.Get("scope"));
  const auto go_back = [&](http::Parameters with) {
    if (form.Find("state") != nullptr) with.Add("state", form.Get("state"));
    return http::Response{.status = 302,
                          .headers = {{"Location", WithParameters(redirect, with)}, {"Cache-Control", "no-store"}}};
  };
  http::Parameters refused;
  refused.Add("error", scopes == 0 ? "invalid_scope" : "access_denied");
  if (scopes == 0) return go_back(refused);

  const bool silent = form.Get("prompt") == "none";
  const AccountId account(form.Get(request.method == "POST" ? "account" : "login_hint"));
  if (request.method != "POST" && !silent) {
    std::string page =
        absl::StrCat("<h1>", Escape(client), "</h1>\n<p>wants to see or change calendars.\n<form method=\"post\">\n");
    for (const auto& [name, value] : form.pairs()) {
      if (name == "scope") continue;
      absl::StrAppend(&page, "<input type=\"hidden\" name=\"", Escape(name), "\" value=\"", Escape(value), "\">\n");
    }
    page += "<p>Whose?\n";
    bool first = true;
    for (const AccountId& one : model_.Accounts()) {
      const bool chosen = account.empty() ? std::exchange(first, false) : one == account;
      absl::StrAppend(&page, "<br><label><input type=\"radio\" name=\"account\" value=\"", Escape(one.text()), "\"",
                      chosen ? " checked" : "", "> ", Escape(one.text()), "</label>\n");
    }
    page += "<p>What?\n";
    for (const absl::string_view name : ScopeNames()) {
      if ((ScopesOf(name) & scopes) == 0) continue;
      absl::StrAppend(&page, "<br><label><input type=\"checkbox\" name=\"scope\" value=\"", name, "\" checked> ", name,
                      "</label>\n");
    }
    page +=
        "<p><button name=\"decision\" value=\"allow\">Allow</button> <button name=\"decision\" "
        "value=\"deny\">Deny</button>\n</form>\n";
    return Page(200, page);
  }
  Scopes granted = scopes;
  if (request.method == "POST") {
    granted = 0;
    for (const std::string& name : form.All("scope")) granted |= ScopesOf(name);
    if (form.Get("decision") != "allow" || granted == 0) return go_back(refused);
  }
  if (!model_.HasAccount(account)) return go_back(refused);
  Code code{.grant = {account, client, granted},
            .redirect_uri = redirect,
            .challenge = form.Get("code_challenge"),
            .hashed = form.Get("code_challenge_method") == "S256",
            .until = now + kCodeLife};
  // Programs on a machine always get a refresh token; sites ask for it.
  code.offline = form.Get("access_type") == "offline" || http::IsLoopback(http::ParseAddress(redirect)->host);
  std::erase_if(codes_, [&](const auto& one) { return one.second.until <= now; });
  const std::string text = NewToken("4/0");
  codes_[text] = std::move(code);
  http::Parameters given;
  given.Add("code", text);
  given.Add("scope", FormatScopes(granted));
  return go_back(given);
}

}  // namespace calsync::fake
