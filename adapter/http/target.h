// The parts of a request's target, of a form and of an address: paths, parameters, percent-encoding (RFC 3986).

#ifndef CALSYNC_ADAPTER_HTTP_TARGET_H_
#define CALSYNC_ADAPTER_HTTP_TARGET_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace calsync::http {

// Nothing if a "%" is not followed by two hexadecimal digits. `plus_is_space` as in queries and forms.
std::optional<std::string> PercentDecode(absl::string_view text, bool plus_is_space = false);
// All but letters, digits and "-._~".
std::string PercentEncode(absl::string_view text);

// Names and values, decoded, in their order; a name may come more than once.
class Parameters {
 public:
  using Pair = std::pair<std::string, std::string>;

  void Add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }
  // The last of that name; null if there is none.
  const std::string* Find(absl::string_view name) const;
  std::string Get(absl::string_view name) const;  // The same, or "".
  std::vector<std::string> All(absl::string_view name) const;
  const std::vector<Pair>& pairs() const { return pairs_; }

 private:
  std::vector<Pair> pairs_;
};

// "a=1&b=%20": a query, or a body that is a form. Nothing if the encoding is broken.
std::optional<Parameters> ParseParameters(absl::string_view text);
std::string FormatParameters(const Parameters& parameters);

struct Target {
  std::string path;                   // As it was sent.
  std::vector<std::string> segments;  // Split at "/", then decoded: a segment may contain "/". Without the empty one in front.
  Parameters query;
};
// Nothing if it does not begin with "/", or its encoding is broken. Of an absolute form ("http://host/path"), the path.
std::optional<Target> ParseTarget(absl::string_view target);

struct Address {
  bool secure = false;  // https.
  std::string host;     // Without brackets.
  uint16_t port = 80;
  std::string target = "/";
};
// "http://127.0.0.1:8080/hook?x=1". Nothing if it is no address of http or https.
std::optional<Address> ParseAddress(absl::string_view text);
// REQUIRES: it is one.
Address AddressOf(absl::string_view text);
// Where to listen.
struct Endpoint {
  std::string address;  // A number, without brackets.
  uint16_t port = 0;
};
// "127.0.0.1:8085", "[::1]:8085", "localhost:0". Nothing if it is no address and port.
std::optional<Endpoint> ParseEndpoint(absl::string_view text);
// "localhost", 127.0.0.0/8 and ::1, by name and not by look-up.
bool IsLoopback(absl::string_view host);

}  // namespace calsync::http

#endif  // CALSYNC_ADAPTER_HTTP_TARGET_H_
