#include "scenarios/laws/l09_private.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace calsync::sim {
namespace {

std::string CheckText(const std::string& text, bool title_may_show) {
  if (absl::StrContains(text, kSecretMark)) return absl::StrCat("the description or place of a source goes out: '", text, "'");
  if (!title_may_show && absl::StrContains(text, kTitleMark))
    return absl::StrCat("a title that must not show goes out: '", text, "'");
  return "";
}

std::string CheckProperties(const std::string& key, const std::string& value) {
  if (absl::StrContains(value, "@") || absl::StrContains(key, "@"))
    return absl::StrCat("an address goes out in the property ", key);
  return CheckText(value, false);
}

}  // namespace

std::string CheckPrivate(const Event& event, bool title_may_show) {
  for (const std::string* text : {&event.summary, &event.description, &event.location}) {
    if (std::string flaw = CheckText(*text, title_may_show); !flaw.empty()) return flaw;
  }
  for (const auto& [key, value] : event.private_properties) {
    if (std::string flaw = CheckProperties(key, value); !flaw.empty()) return flaw;
  }
  if (!event.shared_properties.empty()) return "a shared property goes out, to all guests";
  return "";
}

std::string CheckPrivate(const EventPatch& patch, bool title_may_show) {
  for (const std::optional<std::string>* text : {&patch.summary, &patch.description, &patch.location}) {
    if (!text->has_value()) continue;
    if (std::string flaw = CheckText(**text, title_may_show); !flaw.empty()) return flaw;
  }
  for (const auto& [key, value] : patch.private_properties) {
    if (!value.has_value()) continue;
    if (std::string flaw = CheckProperties(key, *value); !flaw.empty()) return flaw;
  }
  if (!patch.shared_properties.empty()) return "a shared property goes out, to all guests";
  return "";
}

}  // namespace calsync::sim
