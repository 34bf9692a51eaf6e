// L3 and L5 as a person would say them: each calendar shows its owner busy whenever any of the owner's calendars has something,
// and at no other time. By times alone, minute for minute: which block shows what does not matter. It knows neither slots nor
// rows, and expands series by another way than the ideal.

#ifndef CALSYNC_SCENARIOS_LAWS_BUSY_TIME_H_
#define CALSYNC_SCENARIOS_LAWS_BUSY_TIME_H_

#include <string>

#include "absl/time/time.h"
#include "fakegoogle/model/server.h"
#include "scenarios/ghost.h"
#include "scenarios/laws/at_rest.h"

namespace calsync::sim {

// True if nothing but the events of people decides what the calendars show: no policy leaves out any, all can be read and
// written, nothing stands of what people and programs did to blocks, and Google refused none.
bool ShowsAllThereIs(const RestView& view);

// From the view's now to where all horizons reach, or for `at_most`; all-day events as dates, apart from times. `checked` counts
// the pieces of busy time that were compared. REQUIRES: ShowsAllThereIs.
std::string CheckBusyTime(const fake::Server& server, const Ghost& ghost, const RestView& view, absl::Duration at_most,
                          uint64_t& checked);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_BUSY_TIME_H_
