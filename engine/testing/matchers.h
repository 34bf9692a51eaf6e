// What tests say about verdicts, records and effects, and how a failure prints them.

#ifndef CALSYNC_ENGINE_TESTING_MATCHERS_H_
#define CALSYNC_ENGINE_TESTING_MATCHERS_H_

#include <ostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/api/failure.h"
#include "engine/decide/classify.h"
#include "engine/decide/desired.h"
#include "engine/host/effect.h"
#include "engine/render.h"
#include "engine/state/record.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {

inline void PrintTo(Verdict verdict, std::ostream* out) { *out << Name(verdict); }
inline void PrintTo(RecordStatus status, std::ostream* out) { *out << Name(status); }
inline void PrintTo(RecordKind kind, std::ostream* out) { *out << Name(kind); }
inline void PrintTo(Failure failure, std::ostream* out) { *out << Name(failure); }
inline void PrintTo(Blocking blocking, std::ostream* out) { *out << Name(blocking); }
inline void PrintTo(Hold hold, std::ostream* out) { *out << Name(hold); }
inline void PrintTo(SeenAs seen_as, std::ostream* out) { *out << Name(seen_as); }
inline void PrintTo(const TimeSpan& span, std::ostream* out) { *out << FormatSpan(span); }
inline void PrintTo(const Record& record, std::ostream* out) {
  *out << Name(record.kind) << " " << record.event.view() << " " << Name(record.status) << " g" << record.generation;
}
inline void PrintTo(DueReason reason, std::ostream* out) { *out << Name(reason); }

// The requests of one kind among calls, in order: RequestsOf<InsertEvent>(calls).
template <class Request>
std::vector<Request> RequestsOf(const std::vector<ApiCall>& calls) {
  std::vector<Request> found;
  for (const ApiCall& call : calls) {
    if (const Request* request = std::get_if<Request>(call.request.get())) found.push_back(*request);
  }
  return found;
}

inline std::vector<std::string> RenderAll(const Effects& effects) {
  std::vector<std::string> lines;
  for (const Effect& effect : effects) lines.push_back(Render(effect));
  return lines;
}

// A block of some status and generation.
MATCHER_P2(IsBlock, status, generation, absl::StrCat("is a ", Name(status), " block of generation ", generation)) {
  static_cast<void>(result_listener);
  return arg.IsBlock() && arg.status == status && arg.generation == static_cast<uint32_t>(generation);
}

// A DueVerdict.
MATCHER_P2(IsDueFor, due, reason, "") {
  *result_listener << Name(arg.reason);
  return arg.due == due && arg.reason == reason;
}

}  // namespace calsync

#endif  // CALSYNC_ENGINE_TESTING_MATCHERS_H_
