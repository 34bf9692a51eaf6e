// L9 private: nothing of a source's content reaches a target but what the policy's templates name. S12.

#ifndef CALSYNC_SCENARIOS_LAWS_L09_PRIVATE_H_
#define CALSYNC_SCENARIOS_LAWS_L09_PRIVATE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/state/policy.h"

namespace calsync::sim {

// Every title that people give carries this mark, so that it is known again wherever it turns up; and all other text of theirs
// (descriptions, places, guests, properties) the other one.
inline constexpr char kTitleMark[] = "~t";
inline constexpr char kSecretMark[] = "~s";

// What may go out with a write.
struct MayShow {
  bool title = false;                             // A template names {summary}, and some version of the source was not private.
  std::vector<absl::string_view> calendars = {};  // Names of calendars that no template spells: none of them may …
  absl::string_view home = {};  // … but the source's in title and description, where a template names {calendar}.
};
// Of the blocks of one direction. `home`: the name of the source's calendar; `calendar_names`: of all that the group links.
MayShow WhatMayShow(const DirectionPolicy& policy, bool source_was_public, absl::string_view home,
                    const std::vector<absl::string_view>& calendar_names);

// All texts of an insert or patch that an engine is about to send, wherever in it they are.
std::string CheckPrivate(const Event& event, const MayShow& may);
std::string CheckPrivate(const EventPatch& patch, const MayShow& may);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L09_PRIVATE_H_
