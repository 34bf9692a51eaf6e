// Reading JSON that others wrote: a whole body, validated before the first value is used, and look-ups that never fail loudly.
//
// A member that is absent, null or of another kind than is asked for reads as nothing. What must be there is the caller's to say.

#ifndef CALSYNC_ADAPTER_GOOGLE_JSON_READER_H_
#define CALSYNC_ADAPTER_GOOGLE_JSON_READER_H_

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace calsync::adapter {

using JsonElement = simdjson::dom::element;
using JsonObject = simdjson::dom::object;
using JsonArray = simdjson::dom::array;

// Owns what its root points into.
class JsonBody {
 public:
  // The object that the body is. Errors: DataLoss, for whatever is not JSON, not whole, not UTF-8, or not an object.
  absl::StatusOr<JsonObject> Parse(absl::string_view body);

 private:
  simdjson::dom::parser parser_;
};

std::optional<JsonElement> FindMember(const JsonObject& object, const char* name);
std::optional<JsonObject> FindObject(const JsonObject& object, const char* name);
std::optional<JsonArray> FindArray(const JsonObject& object, const char* name);
std::optional<absl::string_view> FindText(const JsonObject& object, const char* name);
std::optional<absl::string_view> AsText(const JsonElement& element);

absl::string_view TextOf(const JsonObject& object, const char* name);  // "" if there is none.
bool FlagOf(const JsonObject& object, const char* name);               // False if there is none.
// Also as text: int64 is a string by Google's schema, and a number in some of its guides (contract 5.1).
std::optional<int64_t> FindWhole(const JsonObject& object, const char* name);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_JSON_READER_H_
