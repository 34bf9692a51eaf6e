// Values of the engine as JSON, and back to what they were. describe.h lists their members; docs/trace-format.md is the promise.
//
// What is empty is left out: a reader takes what is missing as empty.

#ifndef CALSYNC_ADAPTER_TRACE_VALUE_JSON_H_
#define CALSYNC_ADAPTER_TRACE_VALUE_JSON_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/host/effect.h"
#include "engine/host/input.h"
#include "engine/state/group.h"
#include "engine/state/zones.h"

namespace calsync::adapter {

using Json = nlohmann::ordered_json;

// To the nanosecond, so that a time comes back as it was; "past" and "never" for the infinite ones.
std::string TimeText(absl::Time time);
bool ReadTimeText(absl::string_view text, absl::Time& time);

// As files hold it: one line, with its end; what is no UTF-8 is replaced.
std::string OneLine(const Json& json);
// Hashes: 16 digits.
std::string Hex(uint64_t number);

Json JsonOf(const Input& input);
Json JsonOf(const Effect& effect);
Json JsonOf(const GroupConfig& config);
Json JsonOf(const GroupRow& row);
Json JsonOf(const CalendarRow& row);
Json JsonOf(const Record& record);
Json JsonOf(const SipKey& key);
Json JsonOf(const ZoneRules& rules);

// InvalidArgument names the member that is not as it should be.
absl::Status ReadJson(const Json& json, Input& input);
absl::Status ReadJson(const Json& json, GroupConfig& config);
absl::Status ReadJson(const Json& json, GroupRow& row);
absl::Status ReadJson(const Json& json, CalendarRow& row);
absl::Status ReadJson(const Json& json, Record& record);
absl::Status ReadJson(const Json& json, SipKey& key);
absl::Status ReadJson(const Json& json, ZoneRules& rules);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_TRACE_VALUE_JSON_H_
