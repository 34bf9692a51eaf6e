#include "fakegoogle/http/fields.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "fakegoogle/http/schemas.h"

namespace calsync::fake {
namespace {

constexpr int kDepthMax = 16;

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  std::optional<FieldTree> Parse() {
    FieldTree tree;
    if (!List(tree, 0) || at_ != text_.size()) return std::nullopt;
    return tree;
  }

 private:
  bool List(FieldTree& into, int depth) {
    do {
      if (!Path(into, depth)) return false;
    } while (Take(','));
    return true;
  }

  // "a/b(c,d)".
  bool Path(FieldTree& into, int depth) {
    if (depth > kDepthMax) return false;
    const std::string name = Name();
    if (name.empty()) return false;
    if (name == "*") {
      into.all = true;
      return true;
    }
    FieldTree& member = into.members[name];
    if (Take('/')) return Path(member, depth + 1);
    if (Take('(')) return List(member, depth + 1) && Take(')');
    member.all = true;
    return true;
  }

  std::string Name() {
    Skip();
    const size_t from = at_;
    at_ = std::min(text_.find_first_of(",/() \t", from), text_.size());
    return std::string(text_.substr(from, at_ - from));
  }

  bool Take(char c) {
    Skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    Skip();
    return true;
  }

  void Skip() {
    while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }

  absl::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::optional<FieldTree> ParseFields(absl::string_view text) { return Parser(text).Parse(); }

std::string UnknownField(const FieldTree& tree, const std::string& schema) {
  const auto found = Schemas().find(schema);
  if (found == Schemas().end()) return "";  // Anything goes.
  for (const auto& [name, below] : tree.members) {
    const auto field = std::find_if(found->second.begin(), found->second.end(),
                                    [&, &named = name](const SchemaField& one) { return one.name == named; });
    if (field == found->second.end()) return name;
    if (field->is_map) continue;  // Its keys are anybody's.
    const bool is_leaf = field->type == "string" || field->type == "integer" || field->type == "boolean";
    if (is_leaf && !below.members.empty()) return below.members.begin()->first;
    if (std::string unknown = UnknownField(below, field->type); !unknown.empty()) return unknown;
  }
  return "";
}

void SelectFields(const FieldTree& tree, Json& json) {
  if (tree.all) return;
  if (json.is_array()) {
    for (Json& one : json) SelectFields(tree, one);
  }
  if (!json.is_object()) return;
  Json selected = Json::object();
  for (auto it = json.begin(); it != json.end(); ++it) {
    const auto member = tree.members.find(it.key());
    if (member == tree.members.end()) continue;
    SelectFields(member->second, *it);
    selected[it.key()] = std::move(*it);
  }
  json = std::move(selected);
}

}  // namespace calsync::fake
