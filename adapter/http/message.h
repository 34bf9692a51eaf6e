// What HTTP says: a request and a response as values, in either direction.

#ifndef CALSYNC_ADAPTER_HTTP_MESSAGE_H_
#define CALSYNC_ADAPTER_HTTP_MESSAGE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace calsync::http {

// In the order in which they are sent. Names are compared without case.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  void Add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // The first of that name; null if there is none.
  const std::string* Find(absl::string_view name) const {
    for (const Field& field : fields_) {
      if (absl::EqualsIgnoreCase(field.first, name)) return &field.second;
    }
    return nullptr;
  }
  // The same, or "".
  absl::string_view Get(absl::string_view name) const {
    const std::string* const found = Find(name);
    return found == nullptr ? absl::string_view() : absl::string_view(*found);
  }
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

struct Request {
  std::string method;  // "GET".
  std::string target;  // As it was sent: "/calendar/v3/colors?fields=kind".
  Headers headers;
  std::string body;
};

// How a response reaches the client. Anything but kWhole is what a fault does.
enum class Ending : uint8_t {
  kWhole,
  kTruncated,  // Half of the body, then the connection is closed.
  kCut,        // The connection is closed without a byte.
  kNever,      // Nothing is sent; the connection stays open until the client leaves.
};

struct Response {
  int status = 200;
  Headers headers;  // Without Content-Length, Connection and Date, which the server adds.
  std::string body;
  absl::Duration after;  // Held back for so long.
  Ending ending = Ending::kWhole;
};

}  // namespace calsync::http

#endif  // CALSYNC_ADAPTER_HTTP_MESSAGE_H_
