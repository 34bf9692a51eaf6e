// JSON as it is written and read here: members keep their order.

#ifndef CALSYNC_FAKEGOOGLE_HTTP_JSON_H_
#define CALSYNC_FAKEGOOGLE_HTTP_JSON_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace calsync::fake {

using Json = nlohmann::ordered_json;

// Nothing if it is not JSON, or nested more deeply than any body of the API.
std::optional<Json> ParseJson(absl::string_view text);
// With a line end; in lines, one space deep, unless `compact`. Bytes that are no UTF-8 become U+FFFD.
std::string FormatJson(const Json& json, bool compact = false);

// The member, or null if it is absent, null itself, or `json` is no object.
const Json* Member(const Json& json, const char* name);
// The member if it is a string; else "".
std::string StringOf(const Json& json, const char* name);

// RFC 7396: what `patch` makes of `target`.
void MergeJson(const Json& patch, Json& target);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_JSON_H_
