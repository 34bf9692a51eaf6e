// The open questions of the contract (K-n), each with how it is put to the service, or why it is not.

#ifndef CALSYNC_TOOLS_PROBE_QUESTIONS_H_
#define CALSYNC_TOOLS_PROBE_QUESTIONS_H_

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/probe_session.h"

namespace calsync::tools {

// What was seen, as a knob of the fake (fakegoogle/http/knobs_json.h).
struct ProbeAnswer {
  nlohmann::ordered_json value;
  std::string seen;  // In words.
};

struct ProbeQuestion {
  const char* id;     // "K-1".
  const char* knob;   // "anyPropertyMatches".
  const char* words;  // The question, for people.
  // Null: it cannot be tried, for the reason in `why_not`. FailedPrecondition: not this time, since something it needs is
  // missing. Other errors: it was tried, and what came fits no reading.
  std::function<absl::StatusOr<ProbeAnswer>(ProbeSession&)> ask;
  const char* why_not = "";
};

// In the order in which they are put: how far lists lag comes first, since the others go by it.
const std::vector<ProbeQuestion>& ProbeQuestions();

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_PROBE_QUESTIONS_H_
