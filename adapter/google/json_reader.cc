#include "adapter/google/json_reader.h"

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace calsync::adapter {

absl::StatusOr<JsonObject> JsonBody::Parse(absl::string_view body) {
  if (body.empty()) body = "";  // Which lies somewhere: simdjson copies even nothing from there.
  JsonElement root;
  if (const auto error = parser_.parse(body.data(), body.size()).get(root)) {
    return absl::DataLossError(absl::StrCat("the body is not JSON (", simdjson::error_message(error), ")"));
  }
  JsonObject object;
  if (root.get(object)) return absl::DataLossError("the body is JSON, but not an object");
  return object;
}

std::optional<JsonElement> FindMember(const JsonObject& object, const char* name) {
  JsonElement member;
  if (object.at_key(name).get(member)) return std::nullopt;
  return member;
}

std::optional<JsonObject> FindObject(const JsonObject& object, const char* name) {
  JsonObject member;
  if (object.at_key(name).get(member)) return std::nullopt;
  return member;
}

std::optional<JsonArray> FindArray(const JsonObject& object, const char* name) {
  JsonArray member;
  if (object.at_key(name).get(member)) return std::nullopt;
  return member;
}

std::optional<absl::string_view> AsText(const JsonElement& element) {
  std::string_view text;
  if (element.get(text)) return std::nullopt;
  return absl::string_view(text.data(), text.size());
}

std::optional<absl::string_view> FindText(const JsonObject& object, const char* name) {
  const std::optional<JsonElement> member = FindMember(object, name);
  return member ? AsText(*member) : std::nullopt;
}

absl::string_view TextOf(const JsonObject& object, const char* name) {
  return FindText(object, name).value_or(absl::string_view());
}

bool FlagOf(const JsonObject& object, const char* name) {
  bool flag = false;
  if (object.at_key(name).get(flag)) return false;
  return flag;
}

std::optional<int64_t> FindWhole(const JsonObject& object, const char* name) {
  int64_t number = 0;
  if (object.at_key(name).get(number) == simdjson::SUCCESS) return number;
  if (absl::SimpleAtoi(TextOf(object, name), &number)) return number;
  return std::nullopt;
}

}  // namespace calsync::adapter
