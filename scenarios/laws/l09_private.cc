#include "scenarios/laws/l09_private.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace calsync::sim {
namespace {

struct Text {
  absl::string_view where;
  absl::string_view text;
};

bool IsLetter(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

bool HasWord(absl::string_view text, absl::string_view word) {
  for (size_t at = text.find(word); at != absl::string_view::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !IsLetter(text[at - 1]);
    const bool ends = at + word.size() == text.size() || !IsLetter(text[at + word.size()]);
    if (begins && ends) return true;
  }
  return false;
}

void AddPeople(std::vector<Text>& texts, const std::vector<Attendee>& attendees) {
  for (const Attendee& attendee : attendees) texts.push_back({"guest", attendee.email});
}

std::string Check(const std::vector<Text>& texts, const MayShow& may) {
  for (const auto& [where, text] : texts) {
    if (text.empty()) continue;
    if (absl::StrContains(text, kSecretMark))
      return absl::StrCat("something private of a source goes out in the ", where, ": '", text, "'");
    const bool is_text = where == "title" || where == "description";
    if (absl::StrContains(text, kTitleMark) && !(may.title && is_text)) {
      return absl::StrCat("a title that must not show goes out in the ", where, ": '", text, "'");
    }
    if (absl::StrContains(text, "@") && !(may.title && is_text))
      return absl::StrCat("an address goes out in the ", where, ": '", text, "'");
    for (const absl::string_view name : may.calendars) {
      // One name may be a part of another.
      if (HasWord(text, name) && !(is_text && (may.title || HasWord(may.home, name)))) {
        return absl::StrCat("the name of a calendar goes out in the ", where, ": '", text, "'");
      }
    }
  }
  return "";
}

}  // namespace

MayShow WhatMayShow(const DirectionPolicy& policy, bool source_was_public, absl::string_view home,
                    const std::vector<absl::string_view>& calendar_names) {
  const std::string templates = absl::StrCat(policy.title_template, "\n", policy.description_template);
  MayShow may{.title = source_was_public && absl::StrContains(templates, "{summary}")};
  if (absl::StrContains(templates, "{calendar}")) may.home = home;
  for (const absl::string_view name : calendar_names) {
    if (!HasWord(templates, name)) may.calendars.push_back(name);
  }
  return may;
}

std::string CheckPrivate(const Event& event, const MayShow& may) {
  std::vector<Text> texts = {{"title", event.summary},        {"description", event.description},
                             {"place", event.location},       {"colour", event.color_id},
                             {"UID", event.ical_uid.text()},  {"organizer", event.organizer.email},
                             {"creator", event.creator.email}};
  AddPeople(texts, event.attendees);
  for (const std::string& line : event.recurrence) texts.push_back({"recurrence", line});
  for (const auto& [key, value] : event.private_properties) texts.insert(texts.end(), {{"property", key}, {"property", value}});
  if (!event.shared_properties.empty()) return "a shared property goes out, to all guests";
  return Check(texts, may);
}

std::string CheckPrivate(const EventPatch& patch, const MayShow& may) {
  std::vector<Text> texts;
  const auto add = [&](absl::string_view where, const std::optional<std::string>& text) {
    if (text.has_value()) texts.push_back({where, *text});
  };
  add("title", patch.summary);
  add("description", patch.description);
  add("place", patch.location);
  add("colour", patch.color_id);
  if (patch.attendees.has_value()) AddPeople(texts, *patch.attendees);
  if (patch.recurrence.has_value()) {
    for (const std::string& line : *patch.recurrence) texts.push_back({"recurrence", line});
  }
  for (const auto& [key, value] : patch.private_properties) {
    texts.push_back({"property", key});
    if (value.has_value()) texts.push_back({"property", *value});
  }
  if (!patch.shared_properties.empty()) return "a shared property goes out, to all guests";
  return Check(texts, may);
}

}  // namespace calsync::sim
