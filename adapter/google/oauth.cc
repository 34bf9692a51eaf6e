#include "adapter/google/oauth.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapter/google/json_reader.h"

namespace calsync::adapter {
namespace {

constexpr absl::Duration kLifeUnknown = absl::Minutes(10);
constexpr size_t kWordsMax = 300;  // Of what is passed on to people.

bool IsConfidential(absl::string_view name) {
  return name != "grant_type" && name != "client_id" && name != "scope" && name != "redirect_uri";
}

// Some endpoints repeat what they were sent.
std::string Words(absl::string_view text, const http::Parameters& sent) {
  std::string words(text);
  for (const auto& [name, value] : sent.pairs()) {
    if (IsConfidential(name) && !value.empty()) words = absl::StrReplaceAll(words, {{value, "(secret)"}});
  }
  return words.substr(0, kWordsMax);
}

}  // namespace

http::Request TokenRequest(absl::string_view target, const http::Parameters& form) {
  return {.method = "POST",
          .target = std::string(target),
          .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}},
          .body = http::FormatParameters(form)};
}

TokenAnswer ReadTokenAnswer(const http::Outcome& outcome, const http::Parameters& sent) {
  if (const auto* const none = std::get_if<http::NoAnswer>(&outcome)) {
    return TokenSilence{absl::StrCat(http::Name(none->kind), ": ", none->why)};
  }
  const http::Response& response = std::get<http::Response>(outcome);
  JsonBody body;
  const absl::StatusOr<JsonObject> json = body.Parse(response.body);
  if (!json.ok()) return TokenSilence{absl::StrCat("HTTP ", response.status, ", and not by a token endpoint")};
  if (response.status == 200) {
    Tokens tokens;
    tokens.access_token = Secret(std::string(TextOf(*json, "access_token")));
    tokens.refresh_token = Secret(std::string(TextOf(*json, "refresh_token")));
    tokens.scope = std::string(TextOf(*json, "scope"));
    tokens.expires_in = absl::Seconds(FindWhole(*json, "expires_in").value_or(absl::ToInt64Seconds(kLifeUnknown)));
    if (tokens.access_token.empty()) return TokenSilence{"HTTP 200, but no access_token"};
    return tokens;
  }
  const absl::string_view error = TextOf(*json, "error");
  if (error.empty()) return TokenSilence{absl::StrCat("HTTP ", response.status, ", without an error that says why")};
  return TokenRefusal{response.status, Words(error, sent), Words(TextOf(*json, "error_description"), sent)};
}

bool IsFinal(const TokenRefusal& refusal) {
  if (refusal.status == 408 || refusal.status == 429 || refusal.status >= 500) return false;
  return refusal.error != "temporarily_unavailable" && refusal.error != "server_error" && refusal.error != "internal_failure";
}

}  // namespace calsync::adapter
