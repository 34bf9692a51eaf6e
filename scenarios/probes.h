// Laws that are asked of an engine itself: a copy of it is given an input, and what it would do is judged. What is no news makes
// nothing happen (L8): answers that nobody waits for any more (S17), messages of forgers (S19), whatever was heard before (S16).
// And an engine that is left alone goes on listening (L4): LV7.

#ifndef CALSYNC_SCENARIOS_PROBES_H_
#define CALSYNC_SCENARIOS_PROBES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/engine.h"
#include "engine/host/effect.h"
#include "engine/host/input.h"

namespace calsync::sim {

// An engine heard at `now` what is nothing to it, and this came of it: no more than if only time had passed, neither now nor
// later. `before`, `after`: the engine as it was and is. `what`: in words, what it heard.
std::string CheckInert(Engine before, const Effects& effects, Engine after, absl::Time now, absl::string_view what);

// At rest it hears once more what it heard before: it may list again, but writes no event and changes no row.
std::string CheckHeardAgain(Engine engine, absl::Time now, absl::Span<const Input> heard);

// Left alone at rest, with nothing there of what it asks for, it still lists each enabled calendar that can be reached within the
// longest interval of its polls. `timer`: what it last set; both by the clock of its host.
std::string CheckEars(Engine engine, absl::Time timer, absl::Time now);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_PROBES_H_
