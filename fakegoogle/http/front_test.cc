// What stands around the API: tokens, scopes, envelopes, batches, discovery, faults, the control interface.

#include "fakegoogle/http/front.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "fakegoogle/http/batch.h"
#include "fakegoogle/http/discovery.h"
#include "fakegoogle/http/testing/front_desk.h"
#include "fakegoogle/model/errors.h"

namespace calsync::fake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// --- Errors.

TEST(Envelopes, EachErrorHasItsShape) {  // C-100.
  for (const ErrorId id : AllErrors()) {
    const ApiError error = Error(id);
    const Answer answer = ToAnswer(error, "events.insert");
    EXPECT_EQ(answer.status, error.code);
    if (error.reason.empty()) {  // 502 and 504 come from a proxy.
      EXPECT_FALSE(answer.body.has_value());
      EXPECT_THAT(ToResponse(answer, false).body, HasSubstr("<title>"));
      continue;
    }
    const Json& body = (*answer.body)["error"];
    EXPECT_EQ(body["code"], error.code);
    EXPECT_EQ(body["errors"][0]["reason"], error.reason);
    EXPECT_EQ(body["errors"][0]["domain"], error.domain);
    const bool front_end = error.code == 401 || error.reason == "rateLimitExceeded" || error.reason == "insufficientPermissions";
    EXPECT_EQ(body.contains("status"), front_end) << error.reason;
  }
  const Json quota = (*ToAnswer(ErrorId::kRateLimit).body)["error"];
  EXPECT_EQ(quota["status"], "PERMISSION_DENIED");
  EXPECT_EQ(quota["details"][0]["reason"], "RATE_LIMIT_EXCEEDED");
  EXPECT_EQ(quota["details"][0]["metadata"]["quota_limit"], "defaultPerMinutePerUser");
  const Json empty = *ToAnswer(ErrorId::kTimeRangeEmpty).body;
  EXPECT_EQ(empty, (Json{{"error",
                          {{"errors", Json::array({Json{{"domain", "calendar"},
                                                        {"reason", "timeRangeEmpty"},
                                                        {"message", "The specified time range is empty."},
                                                        {"locationType", "parameter"},
                                                        {"location", "timeMax"}}})},
                           {"code", 400},
                           {"message", "The specified time range is empty."}}}}));
}

TEST(Envelopes, RetryAfterIsAHeader) {  // C-102.
  FrontDesk desk;
  desk.front.model().knobs().units_per_minute_per_account = 5;
  desk.front.model().knobs().quota_retry_after = absl::Seconds(30);
  const std::string id = StringOf(desk.Insert(AnEventJson("Lunch")), "id");
  EXPECT_EQ(desk.Outcome("PATCH", absl::StrCat(kEvents, "/", id), {{"summary", "x"}}), "200");  // C-55: three units.
  EXPECT_EQ(desk.Outcome("PATCH", absl::StrCat(kEvents, "/", id), {{"summary", "y"}}), "403 rateLimitExceeded");
  EXPECT_EQ(desk.last.headers.Get("Retry-After"), "30");
  desk.Advance(absl::Seconds(61));
  EXPECT_EQ(desk.Outcome("PATCH", absl::StrCat(kEvents, "/", id), {{"summary", "y"}}), "200");
}

TEST(Envelopes, AnAnswerFitsOnOneLineIfAsked) {
  FrontDesk desk;
  desk.Get("colors?prettyPrint=false");
  EXPECT_EQ(std::count(desk.last.body.begin(), desk.last.body.end(), '\n'), 1);
}

TEST(Routes, UnknownPathsAndVerbs) {  // C-109.
  FrontDesk desk;
  EXPECT_EQ(desk.Outcome("GET", "nothing"), "404 notFound");
  EXPECT_EQ(desk.Outcome("DELETE", "colors"), "405 httpMethodNotAllowed");
  EXPECT_EQ(desk.Send("GET", "/").status, 302);
  EXPECT_EQ(desk.Send("GET", "/calendar/v3/%zz").status, 400);
  const std::string id = StringOf(desk.Insert(AnEventJson("Lunch"), "ada%40example.com"), "id");
  EXPECT_EQ(desk.Outcome("POST", absl::StrCat(kEvents, "/", id), {{"summary", "x"}}, {{"X-HTTP-Method-Override", "PATCH"}}),
            "200");
  EXPECT_EQ(desk.Outcome("GET", "calendars/en.usa%23holiday%40group.v.calendar.google.com/events"), "404 notFound");
}

// --- Tokens.

std::string Form(const std::map<std::string, std::string>& fields) {
  http::Parameters parameters;
  for (const auto& [name, value] : fields) parameters.Add(name, value);
  return http::FormatParameters(parameters);
}

Json Token(FrontDesk& desk, std::map<std::string, std::string> fields) {
  fields.emplace("client_id", "test-client");
  fields.emplace("client_secret", "test-secret");
  desk.last = desk.Send("POST", "/token", Form(fields));
  return *ParseJson(desk.last.body);
}

// The code that consent gives, without asking anybody.
std::string CodeFor(FrontDesk& desk, std::map<std::string, std::string> fields) {
  fields.emplace("client_id", "test-client");
  fields.emplace("response_type", "code");
  fields.emplace("redirect_uri", "http://127.0.0.1:9000/back");
  fields.emplace("scope", "https://www.googleapis.com/auth/calendar.events");
  fields.emplace("prompt", "none");
  fields.emplace("login_hint", "ada@example.com");
  fields.emplace("state", "s t");
  desk.last = desk.Send("GET", absl::StrCat("/o/oauth2/v2/auth?", Form(fields)));
  const std::optional<http::Address> back = http::ParseAddress(desk.last.headers.Get("Location"));
  if (!back) return "";
  const http::Parameters query = http::ParseTarget(back->target)->query;
  EXPECT_EQ(query.Get("state"), "s t");
  return query.Get("code");
}

TEST(Tokens, ACodeIsExchangedOnceAndWithItsVerifier) {  // C-105.
  FrontDesk desk;
  // RFC 7636, appendix B.
  const std::string verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const std::map<std::string, std::string> challenge{{"code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"},
                                                     {"code_challenge_method", "S256"}};
  const std::string redirect = "http://127.0.0.1:9000/back";
  const auto exchange = [&](const std::string& code, const std::string& shown) {
    return Token(desk,
                 {{"grant_type", "authorization_code"}, {"code", code}, {"code_verifier", shown}, {"redirect_uri", redirect}});
  };
  EXPECT_EQ(exchange(CodeFor(desk, challenge), "wrong")["error"], "invalid_grant");
  const std::string code = CodeFor(desk, challenge);
  const Json tokens = exchange(code, verifier);
  EXPECT_EQ(tokens["expires_in"], 3599);
  EXPECT_EQ(tokens["scope"], "https://www.googleapis.com/auth/calendar.events");
  ASSERT_TRUE(tokens.contains("refresh_token")) << tokens;
  EXPECT_EQ(exchange(code, verifier)["error"], "invalid_grant");
  desk.token = StringOf(tokens, "access_token");
  EXPECT_EQ(desk.Outcome("GET", kEvents), "200");
  EXPECT_EQ(desk.Outcome("GET", "users/me/calendarList"), "403 insufficientPermissions");  // C-106.
  EXPECT_THAT(desk.last.body, HasSubstr("ACCESS_TOKEN_SCOPE_INSUFFICIENT"));
  desk.Advance(absl::Seconds(3600));
  EXPECT_EQ(desk.Outcome("GET", kEvents), "401 authError");
  const Json again = Token(desk, {{"grant_type", "refresh_token"}, {"refresh_token", StringOf(tokens, "refresh_token")}});
  EXPECT_FALSE(again.contains("refresh_token"));
  desk.token = StringOf(again, "access_token");
  EXPECT_EQ(desk.Outcome("GET", kEvents), "200");
}

TEST(Tokens, WrongClientsAndGrantsAreRefused) {
  FrontDesk desk;
  EXPECT_EQ(Token(desk, {{"grant_type", "refresh_token"}, {"refresh_token", "x"}})["error"], "invalid_grant");
  EXPECT_EQ(desk.last.status, 400);
  EXPECT_EQ(Token(desk, {{"grant_type", "refresh_token"}, {"client_secret", "x"}})["error"], "invalid_client");
  EXPECT_EQ(Token(desk, {{"grant_type", "refresh_token"}, {"client_id", "x"}})["error"], "invalid_client");
  EXPECT_EQ(Token(desk, {{"grant_type", "password"}})["error"], "unsupported_grant_type");
  EXPECT_EQ(CodeFor(desk, {{"redirect_uri", "http://example.com/"}}), "");
  EXPECT_EQ(desk.last.status, 400);
  EXPECT_EQ(CodeFor(desk, {{"client_id", "x"}}), "");
  EXPECT_EQ(desk.last.status, 401);
  CodeFor(desk, {{"login_hint", "nobody@example.com"}});
  EXPECT_THAT(std::string(desk.last.headers.Get("Location")), HasSubstr("error=access_denied"));
}

TEST(Tokens, RevokingEndsTheGrant) {  // C-90.
  FrontDesk desk;
  const std::map<std::string, std::string> refresh{{"grant_type", "refresh_token"}, {"refresh_token", "test-refresh-token"}};
  const auto watch = [&](const char* id) {
    desk.Call("POST", absl::StrCat(kEvents, "/watch"), {{"id", id}, {"type", "web_hook"}, {"address", "http://127.0.0.1:9/"}});
    EXPECT_EQ(desk.last.status, 200) << desk.last.body;
  };
  desk.Control("clients", {{"id", "other"}, {"secret", "s"}});
  const std::string code = CodeFor(desk, {{"client_id", "other"}});
  const std::string of_other = StringOf(Token(desk, {{"grant_type", "authorization_code"},
                                                     {"client_id", "other"},
                                                     {"client_secret", "s"},
                                                     {"code", code},
                                                     {"redirect_uri", "http://127.0.0.1:9000/back"}}),
                                        "access_token");
  desk.token = of_other;
  watch("others");
  desk.token = StringOf(Token(desk, refresh), "access_token");
  watch("own");
  EXPECT_EQ(desk.front.TakeDue().size(), 2U);
  EXPECT_EQ(desk.Send("POST", "/revoke", "token=test-refresh-token").status, 200);
  EXPECT_EQ(desk.Outcome("GET", kEvents), "401 authError");
  EXPECT_EQ(Token(desk, refresh)["error_description"], "Token has been expired or revoked.");
  desk.token = of_other;  // Another program's grant, and its channel, stay.
  desk.Insert(AnEventJson("Lunch"));
  const std::vector<PushMessage> due = desk.front.TakeDue();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].channel, ChannelId("others"));
}

TEST(Tokens, OfMoreThanAHundredTheOldestDies) {  // C-105 S-28.
  FrontDesk desk;
  desk.Control("clients", {{"id", "other"}, {"secret", "s"}});
  const auto ask = [&](std::map<std::string, std::string> fields) {
    fields.insert({{"client_id", "other"}, {"client_secret", "s"}});
    return Token(desk, std::move(fields));
  };
  const auto is_good = [&](const std::string& token) {
    return ask({{"grant_type", "refresh_token"}, {"refresh_token", token}}).contains("access_token");
  };
  std::vector<std::string> given;
  for (int i = 0; i < 103; ++i) {
    const std::string code = CodeFor(desk, {{"client_id", "other"}});
    given.push_back(
        StringOf(ask({{"grant_type", "authorization_code"}, {"code", code}, {"redirect_uri", "http://127.0.0.1:9000/back"}}),
                 "refresh_token"));
    EXPECT_TRUE(i >= 100 || is_good(given[0]));
  }
  for (size_t i = 0; i < given.size(); ++i) EXPECT_EQ(is_good(given[i]), i >= 3) << i;
  EXPECT_TRUE(Token(desk, {{"grant_type", "refresh_token"}, {"refresh_token", "test-refresh-token"}}).contains("access_token"));
}

TEST(Tokens, AskedByAPageAPersonMayGrantLess) {
  FrontDesk desk;
  const std::string query =
      Form({{"client_id", "test-client"},
            {"response_type", "code"},
            {"redirect_uri", "http://localhost:9000/"},
            {"state", "<\"x\">"},
            {"scope", "https://www.googleapis.com/auth/calendar https://www.googleapis.com/auth/calendar.events"}});
  desk.last = desk.Send("GET", absl::StrCat("/o/oauth2/v2/auth?", query));
  EXPECT_THAT(desk.last.body, HasSubstr("value=\"ada@example.com\" checked"));
  EXPECT_THAT(desk.last.body, HasSubstr("value=\"&lt;&quot;x&quot;&gt;\""));  // Nothing that came in is read as HTML.
  EXPECT_THAT(desk.last.body, Not(HasSubstr("<\"x\">")));
  const std::string form = Form({{"client_id", "test-client"},
                                 {"response_type", "code"},
                                 {"redirect_uri", "http://localhost:9000/"},
                                 {"account", "ada@example.com"},
                                 {"scope", "calendar.events"},
                                 {"decision", "allow"}});
  desk.last = desk.Send("POST", "/o/oauth2/v2/auth", form);
  EXPECT_EQ(desk.last.status, 302);
  EXPECT_THAT(std::string(desk.last.headers.Get("Location")),
              HasSubstr("scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcalendar.events"));
  desk.last = desk.Send("POST", "/o/oauth2/v2/auth", absl::StrReplaceAll(form, {{"decision=allow", "decision=deny"}}));
  EXPECT_THAT(std::string(desk.last.headers.Get("Location")), HasSubstr("error=access_denied"));
}

TEST(Tokens, NoDeviceIsGivenACodeForCalendars) {
  FrontDesk desk;
  const std::string scope = "https://www.googleapis.com/auth/calendar.events";
  desk.last = desk.Send("POST", "/device/code", Form({{"client_id", "test-client"}, {"scope", scope}}));
  EXPECT_EQ(desk.last.status, 400);
  EXPECT_EQ(ParseJson(desk.last.body),
            (Json{{"error", "invalid_scope"}, {"error_description", absl::StrCat("Invalid device flow scope: ", scope)}}));
  EXPECT_EQ(desk.Send("POST", "/device/code", Form({{"client_id", "x"}})).status, 401);
}

TEST(Tokens, NoneIsLoginRequired) {  // C-101.
  FrontDesk desk;
  desk.last = desk.Send("GET", "/calendar/v3/colors");
  EXPECT_EQ(desk.last.status, 401);
  EXPECT_THAT(desk.last.body, HasSubstr("Login Required."));
  desk.last = desk.Send("GET", "/calendar/v3/colors", "", {{"Authorization", "Bearer x"}});
  EXPECT_THAT(desk.last.body, HasSubstr("authError"));
  EXPECT_EQ(desk.Send("GET", "/calendar/v3/colors?oauth_token=test-token").status, 200);
}

// A key pair of RSA: the public half as PEM, and signatures.
class Signer {
 public:
  Signer() : key_(EVP_RSA_gen(2048), EVP_PKEY_free) {}
  std::string PublicKey() const {
    const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PUBKEY(out.get(), key_.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return std::string(text, static_cast<size_t>(size));
  }
  std::string Jwt(const Json& claims) const {
    const std::string head =
        absl::StrCat(absl::WebSafeBase64Escape("{\"alg\":\"RS256\"}"), ".", absl::WebSafeBase64Escape(claims.dump()));
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    size_t size = 512;
    std::string signature(size, 0);
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(head.data()), head.size());
    return absl::StrCat(head, ".", absl::WebSafeBase64Escape(signature.substr(0, size)));
  }

 private:
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
};

TEST(Tokens, ServiceAccountsSign) {  // C-105.
  FrontDesk desk;
  const Signer signer;
  desk.Control("service-accounts", {{"email", "robot@example.com"}, {"publicKey", signer.PublicKey()}});
  ASSERT_EQ(desk.last.status, 200);
  const int64_t now = absl::ToUnixSeconds(desk.front.Now());
  const Json claims{{"iss", "robot@example.com"},
                    {"scope", "https://www.googleapis.com/auth/calendar"},
                    {"aud", "http://127.0.0.1:8085/token"},
                    {"iat", now},
                    {"exp", now + 3600}};
  const auto with = [&](const char* name, const Json& value) {
    Json changed = claims;
    changed[name] = value;
    return changed;
  };
  const auto ask = [&](const std::string& jwt) {
    return Token(desk, {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", jwt}});
  };
  desk.token = StringOf(ask(signer.Jwt(claims)), "access_token");
  EXPECT_EQ(desk.Get("calendars/primary")["id"], "robot@example.com");  // Its own, and empty.
  desk.token = StringOf(ask(signer.Jwt(with("sub", "ada@example.com"))), "access_token");
  EXPECT_EQ(desk.Get("calendars/primary")["id"], "ada@example.com");
  EXPECT_EQ(ask(signer.Jwt(with("sub", "nobody@example.com")))["error"], "unauthorized_client");
  EXPECT_EQ(ask(signer.Jwt(with("exp", now + 7200)))["error"], "invalid_grant");
  EXPECT_EQ(ask(signer.Jwt(with("exp", now - 1)))["error"], "invalid_grant");
  EXPECT_EQ(ask(signer.Jwt(with("scope", "x")))["error"], "invalid_scope");
  for (const char* aud : {"https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token"}) {
    EXPECT_TRUE(ask(signer.Jwt(with("aud", aud))).contains("access_token")) << aud;
  }
  for (const Json& aud : {Json(), Json("https://oauth2.googleapis.com/"), Json("token")}) {
    EXPECT_EQ(ask(signer.Jwt(with("aud", aud)))["error"], "invalid_grant") << aud;
  }
  EXPECT_EQ(ask(Signer().Jwt(claims))["error_description"], "Invalid JWT Signature.");
  EXPECT_EQ(ask("a.b")["error"], "invalid_grant");
}

// --- Batches.

std::string Batch(const std::string& boundary, const std::string& line_end) {
  const std::string text =
      absl::StrCat("--", boundary, "\nContent-Type: application/http\nContent-ID: <a+1>\n\n",
                   "GET /calendar/v3/colors?fields=kind HTTP/1.1\n\n", "--", boundary, "\nContent-Type: application/http\n\n",
                   "POST /calendar/v3/calendars/primary/events\nContent-Type: application/json\n\n", AnEventJson("Lunch").dump(),
                   "\n--", boundary, "\nContent-Type: application/http\n", "Content-ID: plain\n\nnonsense\n--", boundary, "--\n");
  return absl::StrReplaceAll(text, {{"\n", line_end}});
}

TEST(Batches, BoundariesAndLineEndsOfAllKinds) {  // C-107.
  for (const char* const line_end : {"\n", "\r\n"}) {
    for (const char* const type :
         {"multipart/mixed; boundary=xyz", "multipart/mixed; boundary=\"xyz\"", "Multipart/Mixed;boundary=xyz"}) {
      FrontDesk desk;
      desk.last = desk.Send("POST", "/batch/calendar/v3", Batch("xyz", line_end),
                            {{"Content-Type", type}, {"Authorization", "Bearer test-token"}});
      ASSERT_EQ(desk.last.status, 200) << desk.last.body;
      const std::optional<std::vector<BatchPart>> parts =
          ParseBatch({.headers = desk.last.headers, .body = desk.last.body});  // It reads like a request with odd first lines.
      ASSERT_TRUE(parts.has_value()) << desk.last.body;
      ASSERT_EQ(parts->size(), 3U);
      EXPECT_EQ((*parts)[0].content_id, "<response-a+1>");
      EXPECT_EQ((*parts)[0].request->method, "HTTP/1.1");
      EXPECT_EQ((*parts)[0].request->target, "200");
      EXPECT_EQ(ParseJson((*parts)[0].request->body), (Json{{"kind", "calendar#colors"}}));
      EXPECT_EQ((*parts)[1].content_id, "");
      EXPECT_EQ(StringOf(*ParseJson((*parts)[1].request->body), "summary"), "Lunch");
      EXPECT_EQ((*parts)[2].content_id, "response-plain");
      EXPECT_EQ((*parts)[2].request->target, "400");
      EXPECT_EQ(Summaries(desk.Get(kEvents)), "Lunch");
    }
  }
}

TEST(Batches, PartsThatLeadElsewhereAreNotFound) {  // C-100
  FrontDesk desk;
  const http::Response batch = desk.Send("POST", "/batch/calendar/v3", "--xyz\n\nGET /elsewhere HTTP/1.1\n--xyz--\n",
                                         {{"Content-Type", "multipart/mixed; boundary=xyz"}});
  EXPECT_THAT(batch.body, HasSubstr("HTTP/1.1 404"));
  EXPECT_THAT(batch.body, HasSubstr("\"reason\": \"notFound\""));
}

TEST(Batches, WhatIsNoneIsRefused) {
  FrontDesk desk;
  const auto send = [&](const std::string& type, const std::string& body) {
    return desk.Send("POST", "/batch/calendar/v3", body, {{"Content-Type", type}}).status;
  };
  EXPECT_EQ(send("application/json", "{}"), 400);
  EXPECT_EQ(send("multipart/mixed", Batch("xyz", "\n")), 400);
  EXPECT_EQ(send("multipart/mixed; boundary=abc", Batch("xyz", "\n")), 400);
  EXPECT_EQ(send("multipart/mixed; boundary=xyz", "--xyz\n\nGET / HTTP/1.1\n"), 400);  // Breaks off.
  EXPECT_EQ(send("multipart/mixed; boundary=xyz", "--xyz--\n"), 200);                  // Nothing to do.
}

TEST(Batches, AnAnswerThatIsLostTakesTheOthersAlong) {  // C-104, C-107.
  FrontDesk desk;
  for (const auto& [name, ending] : {std::pair("cut", http::Ending::kCut), {"never", http::Ending::kNever}}) {
    desk.Control("reset", Json::object());
    desk.Control("next", {{"method", "events.insert"}, {"ending", name}, {"applied", true}});
    const http::Response batch =
        desk.Send("POST", "/batch/calendar/v3", Batch("xyz", "\n"),
                  {{"Content-Type", "multipart/mixed; boundary=xyz"}, {"Authorization", "Bearer test-token"}});
    EXPECT_EQ(batch.ending, ending);
    EXPECT_EQ(Summaries(desk.Get(kEvents)), "Lunch");  // It was carried out all the same.
  }
}

TEST(Batches, AreNoLongerThanTheKnobSays) {  // K-17.
  FrontDesk desk;
  const auto send = [&](int parts) {
    std::string body;
    for (int i = 0; i < parts; ++i) absl::StrAppend(&body, "--xyz\nContent-Type: application/http\n\nGET /calendar/v3/colors\n");
    return desk.Send("POST", "/batch/calendar/v3", absl::StrCat(body, "--xyz--\n"),
                     {{"Content-Type", "multipart/mixed; boundary=xyz"}});
  };
  EXPECT_EQ(send(50).status, 200);
  EXPECT_EQ(send(51).status, 400);
  EXPECT_THAT(send(51).body, HasSubstr("has 51 calls, and may have 50"));
  desk.Control("knobs", {{"batchMax", 1000}});
  EXPECT_EQ(send(51).status, 200);
}

// --- Discovery.

TEST(Discovery, SpeaksOfWhereItWasAsked) {  // C-108.
  FrontDesk desk;
  for (const char* path : {"/discovery/v1/apis/calendar/v3/rest", "/$discovery/rest?version=v3"}) {
    desk.last = desk.Send("GET", path, "", {{"Host", "localhost:1234"}});
    const Json document = *ParseJson(desk.last.body);
    EXPECT_EQ(document["rootUrl"], "http://localhost:1234/");
    EXPECT_EQ(document["resources"]["events"]["methods"]["list"]["id"], "calendar.events.list");
  }
  const Json parameters = DiscoveryDocument("")["resources"]["events"]["methods"]["patch"]["parameters"];
  EXPECT_EQ(parameters["sendUpdates"]["enum"], Json::array({"all", "externalOnly", "none"}));
  EXPECT_EQ(parameters["maxAttendees"]["minimum"], "1");
  EXPECT_EQ(parameters["conferenceDataVersion"]["maximum"], "1");
  EXPECT_EQ(desk.Send("GET", "/$discovery/rest?version=v2").status, 404);
}

TEST(Discovery, EverySchemaThatIsNamedIsThere) {
  for (const auto& [name, schema] : Schemas()) {
    for (const SchemaField& field : schema) {
      const bool plain = field.type == "string" || field.type == "integer" || field.type == "boolean" || field.type == "any";
      EXPECT_TRUE(plain || Schemas().contains(field.type)) << name << "." << field.name << " " << field.type;
    }
  }
  for (const Method& method : Methods()) {
    EXPECT_TRUE(method.request.empty() || Schemas().contains(method.request)) << method.id;
    EXPECT_TRUE(method.response.empty() || Schemas().contains(method.response)) << method.id;
    EXPECT_NE(method.scopes, 0U) << method.id;
  }
}

// --- Faults and control.

TEST(Control, PeopleAct) {
  FrontDesk desk;
  const auto act = [&](Json what) {
    what["as"] = "ada@example.com";
    const Json json = desk.Control("act", what);
    EXPECT_EQ(desk.last.status, 200) << desk.last.body;
    return json;
  };
  Json series = AnEventJson("Standup");
  series["recurrence"] = Json::array({"RRULE:FREQ=DAILY"});
  const std::string id = StringOf(act({{"do", "create"}, {"body", series}}), "id");
  EXPECT_EQ(act({{"do", "edit"}, {"event", id}, {"body", {{"summary", "Daily"}}}})["summary"], "Daily");
  const Json part = act({{"do", "split"}, {"event", id}, {"at", "2026-01-09T10:00:00+01:00"}, {"body", {{"summary", "Later"}}}});
  EXPECT_EQ(part["summary"], "Later");
  EXPECT_EQ(part["id"], absl::StrCat(id, "_R20260109T090000"));
  const std::string single = StringOf(act({{"do", "create"}, {"body", AnEventJson("Lunch")}}), "id");
  const Json dragged = act({{"do", "drag"},
                            {"event", single},
                            {"start", {{"dateTime", "2026-01-06T12:00:00+01:00"}}},
                            {"end", {{"dateTime", "2026-01-06T13:00:00+01:00"}}}});
  EXPECT_EQ(dragged["start"]["dateTime"], "2026-01-06T12:00:00+01:00");
  act({{"do", "delete"}, {"event", single}});
  EXPECT_EQ(act({{"do", "undelete"}, {"event", single}})["status"], "confirmed");
  EXPECT_NE(act({{"do", "copy"}, {"event", single}, {"to", "ada@example.com"}})["id"], single);
  const Json events = desk.Ask("events?calendar=ada@example.com");  // C-57.
  EXPECT_EQ(events["items"][0]["truth"]["creator"], "person 1");
  EXPECT_GT(desk.Ask("writes")["writes"].size(), 5U);
  EXPECT_THAT(desk.Get(kEvents).dump(), Not(HasSubstr("person 1")));
}

TEST(Control, NonsenseIsRefused) {
  FrontDesk desk;
  const struct {
    const char* what;
    Json body;
    int want;
  } kRows[] = {
      {"nothing", Json::object(), 404},
      {"act", {{"as", "nobody@example.com"}, {"do", "create"}}, 404},
      {"act", {{"as", "ada@example.com"}, {"do", "dance"}, {"event", "x"}}, 404},
      {"clock", {{"advance", "-1h"}}, 400},
      {"clock", {{"to", "2020-01-01T00:00:00Z"}}, 400},
      {"role", {{"calendar", "x"}}, 404},
      {"grant", {{"account", "ada@example.com"}, {"grant", "some"}}, 400},
      {"faults", {{"rates", {{"Z9", 5}}}}, 400},
      {"faults", {{"rates", {{"N1", 5000}}}}, 400},
      {"next", {{"status", 299}}, 400},
      {"accounts", {{"email", "ada@example.com"}}, 409},
  };
  for (const auto& row : kRows) {
    desk.Control(row.what, row.body);
    EXPECT_EQ(desk.last.status, row.want) << row.what << " " << row.body;
  }
  EXPECT_EQ(desk.Send("POST", "/_fake/reset", "[1").status, 400);
  EXPECT_EQ(desk.Send("POST", "/_fake/reset", "{}", {{"Origin", "http://evil.example"}, {"Host", "127.0.0.1:8085"}}).status, 403);
  EXPECT_EQ(desk.Send("GET", "/_fake/state", "", {{"Host", "evil.example:8085"}}).status, 403);
  EXPECT_EQ(desk.Send("GET", "/_fake/state", "", {{"Host", "localhost:8085"}, {"Origin", "http://localhost:8085"}}).status, 200);
  EXPECT_EQ(desk.Send("GET", "/_fake/").status, 200);
}

TEST(Control, FaultsStrikeWhatTheyAreAskedTo) {  // C-103, C-104.
  FrontDesk desk;
  desk.Control("next", {{"method", "events.foo"}, {"status", 503}});
  EXPECT_EQ(desk.last.status, 400);
  desk.Control("next", {{"method", "events.insert"}, {"status", 503}});
  EXPECT_EQ(desk.Outcome("GET", kEvents), "200");
  EXPECT_EQ(desk.Outcome("POST", kEvents, AnEventJson("Lost")), "503 backendError");
  EXPECT_EQ(Summaries(desk.Get(kEvents)), "");
  desk.Control("next", {{"ending", "cut"}, {"applied", true}, {"method", "events.insert"}});
  desk.Call("POST", kEvents, AnEventJson("Applied"));
  EXPECT_EQ(desk.last.ending, http::Ending::kCut);
  EXPECT_EQ(Summaries(desk.Get(kEvents)), "Applied");
  desk.Control("limit", {{"account", "ada@example.com"}, {"for", "2h"}});
  EXPECT_EQ(desk.Outcome("POST", kEvents, AnEventJson("x")), "403 quotaExceeded");
  EXPECT_EQ(desk.Outcome("GET", kEvents), "200");
  desk.Advance(absl::Hours(2));
  EXPECT_EQ(desk.Outcome("POST", kEvents, AnEventJson("x")), "200");
  desk.Control("faults", {{"rates", {{"V3", 1000}}}});
  desk.Call("GET", kEvents);
  EXPECT_GE(desk.last.status, 500);
  desk.Control("faults", {{"clear", true}});
  EXPECT_EQ(desk.Outcome("GET", kEvents), "200");
}

TEST(Control, SameSeedSameRequestsSameAnswers) {  // L11, of the fake.
  const auto run = [](uint64_t seed) {
    FrontDesk desk({.beginning = {.seed = seed, .faults = *FaultProfile("rough")}});
    std::string all;
    for (int i = 0; i < 300; ++i) {
      desk.Call("POST", kEvents, AnEventJson(absl::StrCat("Event ", i), 6 + i % 20));
      absl::StrAppend(&all, desk.last.status, desk.last.body, static_cast<int>(desk.last.ending));
      desk.Advance(absl::Seconds(1));
    }
    return all;
  };
  const std::string once = run(5);
  EXPECT_EQ(once, run(5));
  EXPECT_NE(once, run(6));
  EXPECT_THAT(once, HasSubstr("backendError"));
}

TEST(Control, ResetGivesBackTheFirstState) {
  FrontDesk desk;
  const std::string before = desk.Get(kEvents).dump();
  const std::string id = StringOf(desk.Insert(AnEventJson("Lunch")), "id");
  desk.Advance(absl::Hours(5));
  desk.Control("reset", Json::object());
  EXPECT_EQ(desk.Get(kEvents).dump(), before);
  EXPECT_EQ(StringOf(desk.Insert(AnEventJson("Lunch")), "id"), id);
}

TEST(Control, TheJournalTellsWhatWasAsked) {
  FrontDesk desk;
  desk.Get(kEvents);
  desk.Outcome("GET", absl::StrCat(kEvents, "/nothing?timeZone=UTC"));
  const Json lines = desk.Ask("journal")["lines"];
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["what"], "events.list");
  EXPECT_EQ(lines[1]["status"], 404);
  EXPECT_EQ(lines[1]["note"], "notFound");
  EXPECT_EQ(lines[1]["target"], "/calendar/v3/calendars/primary/events/nothing");
}

TEST(Crowd, IsThereAtOnce) {
  FrontDesk desk;
  const Json made = desk.Control("crowd", {{"people", 3}, {"first", 2}, {"calendars", 2}, {"events", 5}});
  ASSERT_EQ(made["people"].size(), 3u) << desk.last.body;
  EXPECT_EQ(made["people"][0]["email"], "crowd2@example.com");
  EXPECT_EQ(desk.Ask("events?calendar=crowd4@example.com")["items"].size(), 3u);
  EXPECT_EQ(desk.Ask("events?calendar=" + made["people"][2]["calendars"][1].get<std::string>())["items"].size(), 2u);
  desk.token = "test-token-crowd3@example.com";
  EXPECT_EQ(desk.Get("calendars/primary/events")["items"].size(), 3u);
  desk.Control("crowd", {{"people", 1}, {"first", 4}});
  EXPECT_EQ(desk.last.status, 400) << "there already";
  desk.Control("crowd", {{"people", -1}});
  EXPECT_EQ(desk.last.status, 400);
}

}  // namespace
}  // namespace calsync::fake
