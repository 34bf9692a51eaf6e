// Whatever bytes come in, the front answers with a status and, where it says so, with JSON (C-110: and nothing breaks).
//
// The input is a row of requests, a zero byte between two; of each the first line is "METHOD TARGET", the rest the body. They go
// to one front, so later ones meet what earlier ones made. Time goes on between them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/base/check.h"
#include "fakegoogle/http/front.h"
#include "fakegoogle/http/json.h"

namespace calsync::fake {
namespace {

constexpr size_t kRequestsMax = 32;

void Send(Front& front, absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits('\n', 1));
  const std::pair<absl::string_view, absl::string_view> line = absl::StrSplit(parts.first, absl::MaxSplits(' ', 1));
  http::Request request{.method = std::string(line.first), .target = std::string(line.second), .body = std::string(parts.second)};
  request.headers.Add("Authorization", "Bearer test-token");
  request.headers.Add("Content-Type", "multipart/mixed; boundary=x");
  const http::Response response = front.Handle(request);
  CALSYNC_CHECK(response.status >= 200 && response.status < 600);
  if (absl::StartsWith(response.headers.Get("Content-Type"), "application/json")) {
    CALSYNC_CHECK(ParseJson(response.body).has_value());
  }
}

}  // namespace
}  // namespace calsync::fake

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using calsync::fake::Front;
  Front front({});
  const absl::string_view bytes = size == 0 ? absl::string_view() : absl::string_view(reinterpret_cast<const char*>(data), size);
  size_t count = 0;
  for (const absl::string_view request : absl::StrSplit(bytes, '\0')) {
    if (++count > calsync::fake::kRequestsMax) break;
    calsync::fake::Send(front, request);
    front.SetClock(front.Now() + absl::Seconds(1));
    front.TakeDue();
  }
  return 0;
}
