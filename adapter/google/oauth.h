// What is said to a token endpoint, and what it answers (RFC 6749, contract 6.3).

#ifndef CALSYNC_ADAPTER_GOOGLE_OAUTH_H_
#define CALSYNC_ADAPTER_GOOGLE_OAUTH_H_

#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/google/grant.h"
#include "adapter/http/client.h"
#include "adapter/http/message.h"
#include "adapter/http/target.h"

namespace calsync::adapter {

// What a token endpoint gives.
struct Tokens {
  Secret access_token;
  absl::Duration expires_in;
  Secret refresh_token;  // Only when a person has just agreed.
  std::string scope;     // What was granted, with spaces between; empty: not told.
};

// What it refuses, by its own word: {"error": "invalid_grant", …}.
struct TokenRefusal {
  int status = 0;
  std::string error;
  std::string description;  // For people; never holds what was sent.
};

// Nothing but a reason, if it cannot be reached or does not speak as a token endpoint does.
struct TokenSilence {
  std::string why;
};

using TokenAnswer = std::variant<Tokens, TokenRefusal, TokenSilence>;

// `sent`: the form; what of it comes back in an answer is cut out of it.
TokenAnswer ReadTokenAnswer(const http::Outcome& outcome, const http::Parameters& sent);
http::Request TokenRequest(absl::string_view target, const http::Parameters& form);
// True if the same form will be refused again, however often it is sent.
bool IsFinal(const TokenRefusal& refusal);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_OAUTH_H_
