// Batches: many requests in one body (contract 6.4).

#ifndef CALSYNC_FAKEGOOGLE_HTTP_BATCH_H_
#define CALSYNC_FAKEGOOGLE_HTTP_BATCH_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/http/message.h"

namespace calsync::fake {

struct BatchPart {
  std::string content_id;                // As it came, "<…>" and all; empty: none.
  std::optional<http::Request> request;  // Nothing: what it holds is no request.
};

// Lines may end with CRLF or with LF alone; the boundary may be quoted. Headers of `outer` that a part lacks are added to it, but
// for those about the body. Nothing if it is no multipart/mixed, or breaks off.
std::optional<std::vector<BatchPart>> ParseBatch(const http::Request& outer);

// In the order of the parts.
http::Response FormatBatch(const std::vector<std::pair<std::string, http::Response>>& answers, absl::string_view boundary);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_BATCH_H_
