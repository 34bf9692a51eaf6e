// L9 private: nothing of a source's content reaches a target but what the policy's templates name. S12.

#ifndef CALSYNC_SCENARIOS_LAWS_L09_PRIVATE_H_
#define CALSYNC_SCENARIOS_LAWS_L09_PRIVATE_H_

#include <string>

#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/state/policy.h"

namespace calsync::sim {

// Every title that people give carries this mark, so that it is known again wherever it turns up; and every description and place
// the other one.
inline constexpr char kTitleMark[] = "~t";
inline constexpr char kSecretMark[] = "~s";

// An event, or a patch of one, that an engine is about to send. `title_may_show`: a template names {summary}, and some version of
// the source was not private.
std::string CheckPrivate(const Event& event, bool title_may_show);
std::string CheckPrivate(const EventPatch& patch, bool title_may_show);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L09_PRIVATE_H_
