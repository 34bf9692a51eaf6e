#include "scenarios/probes.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "engine/render.h"

namespace calsync::sim {
namespace {

// What commits, calls and, if asked for, timers say.
enum class Timers : uint8_t { kCount, kDoNotCount };
void AddDeeds(const Effects& effects, Timers timers, std::vector<uint64_t>& deeds) {
  for (const Effect& effect : effects) {
    if (timers == Timers::kCount || !std::holds_alternative<SetTimer>(effect)) deeds.push_back(DigestOf(effect));
  }
}

}  // namespace

std::string CheckInert(Engine before, const Effects& effects, Engine after, absl::Time now, absl::string_view what) {
  // A timer that fires is set anew, so that it shows what an engine waits for.
  std::vector<uint64_t> done;
  AddDeeds(effects, Timers::kDoNotCount, done);
  AddDeeds(after.Step(TimerFired{}, now), Timers::kCount, done);
  std::vector<uint64_t> due;
  AddDeeds(before.Step(TimerFired{}, now), Timers::kCount, due);
  return done == due ? "" : absl::StrCat("an engine heard ", what, ", and did something for it");
}

std::string CheckHeardAgain(Engine engine, absl::Time now, absl::Span<const Input> heard) {
  for (const Input& input : heard) {
    for (const Effect& effect : engine.Step(input, now)) {
      if (const auto* call = std::get_if<ApiCall>(&effect); call != nullptr && IsEventWrite(*call->request)) {
        return absl::StrCat("an engine heard again ", Render(input), ", and writes: ", Render(*call->request));
      }
      if (const auto* commit = std::get_if<Commit>(&effect); commit != nullptr && !commit->records.empty()) {
        return absl::StrCat("an engine heard again ", Render(input), ", and changes the row of ",
                            commit->records.front().event.view());
      }
    }
  }
  return "";
}

std::string CheckEars(Engine engine, absl::Time timer, absl::Time now) {
  const GroupConfig config = engine.config();
  const Policy& policy = config.policy;
  const absl::Duration longest =
      policy.push_address.empty() ? policy.poll_interval : std::max(policy.poll_interval, policy.poll_interval_with_push);
  const absl::Duration within = longest * 5 / 4;  // Polls of calendars are spread by up to a quarter.
  const absl::Time bound = now + within;
  absl::btree_map<CalendarId, std::string> awaited;
  for (const LinkedCalendar& linked : config.calendars) {
    const CalendarRow* row = engine.calendar(linked.key);
    if (linked.state == LinkState::kEnabled && row != nullptr && !row->unreachable) awaited[linked.google_id] = linked.name;
  }
  // What is asked for is not there: a calendar that answers so is left alone for long.
  const ApiError not_there{.transport = Transport::kAnswered, .code = 404, .domain = "global", .reason = "notFound"};
  std::vector<Input> heard;
  while (!awaited.empty()) {
    if (heard.empty() && timer > bound) {
      return absl::StrCat("left alone, it would not list ", awaited.begin()->second, " within ", absl::FormatDuration(within));
    }
    if (heard.empty()) {
      now = std::max(now, timer);
      timer = absl::InfiniteFuture();
      heard.push_back(TimerFired{});
    }
    const Input input = std::move(heard.back());
    heard.pop_back();
    for (const Effect& effect : engine.Step(input, now)) {
      if (const auto* set = std::get_if<SetTimer>(&effect)) timer = set->at;
      const auto* call = std::get_if<ApiCall>(&effect);
      if (call == nullptr) continue;
      if (const auto* list = std::get_if<ListEvents>(call->request.get())) awaited.erase(list->calendar);
      heard.push_back(ApiReply{call->id, not_there});
    }
  }
  return "";
}

}  // namespace calsync::sim
