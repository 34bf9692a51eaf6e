// What a call comes to: a body, or an error with the place where it was seen; and how both look on the wire (contract 6.1).

#ifndef CALSYNC_FAKEGOOGLE_HTTP_ANSWER_H_
#define CALSYNC_FAKEGOOGLE_HTTP_ANSWER_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "adapter/http/message.h"
#include "engine/api/failure.h"
#include "fakegoogle/http/json.h"
#include "fakegoogle/model/errors.h"

namespace calsync::fake {

struct Answer {
  int status = 200;
  std::optional<Json> body;  // Nothing: 204, or as the status says.
  std::string etag;
  std::optional<ApiError> error;  // Then `status` and `body` say so, too.
  // What a fault made of it.
  absl::Duration after;
  http::Ending ending = http::Ending::kWhole;
  bool unreadable = false;  // HTML instead of the body.

  static Answer Of(Json body) { return {.body = std::move(body)}; }
  static Answer NoContent() { return {.status = 204}; }
};

// C-100: in the envelope of the backend, or in that of the front end (grants, scopes, quotas). `method`: "events.insert".
Answer ToAnswer(const ApiError& error, absl::string_view method = "");
inline Answer ToAnswer(ErrorId id) { return ToAnswer(Error(id)); }
// The same with words of its own, for what has no row: 400 and "invalid", unless said otherwise.
Answer Refusal(absl::string_view message, absl::string_view reason = "invalid", absl::string_view location = "", int code = 400);

http::Response ToResponse(const Answer& answer, bool compact);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_ANSWER_H_
