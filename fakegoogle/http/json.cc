#include "fakegoogle/http/json.h"

#include <algorithm>

namespace calsync::fake {
namespace {

constexpr int kNestingMax = 64;

// How deep brackets nest, those within strings left out.
int DepthOf(absl::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

std::optional<Json> ParseJson(absl::string_view text) {
  if (DepthOf(text) > kNestingMax) return std::nullopt;
  Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

std::string FormatJson(const Json& json, bool compact) {
  std::string text = json.dump(compact ? -1 : 1, ' ', false, Json::error_handler_t::replace);
  text.push_back('\n');
  return text;
}

const Json* Member(const Json& json, const char* name) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(name);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

std::string StringOf(const Json& json, const char* name) {
  const Json* const member = Member(json, name);
  return member != nullptr && member->is_string() ? member->get<std::string>() : "";
}

void MergeJson(const Json& patch, Json& target) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) target = Json::object();
  for (const auto& [name, value] : patch.items()) {
    if (value.is_null()) {
      target.erase(name);
    } else {
      MergeJson(value, target[name]);
    }
  }
}

}  // namespace calsync::fake
