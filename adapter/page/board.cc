#include "adapter/page/board.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"

namespace calsync::adapter {
namespace {

absl::Duration SteadyNow() { return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); }

}  // namespace

std::string Board::Group::NameOf(CalendarKey calendar) const {
  const LinkedCalendar* const linked = config.Find(calendar);
  return linked == nullptr ? "" : linked->name;
}

void Board::Changed(const GroupId& group) {
  const auto found = groups_.find(group);
  if (found != groups_.end()) found->second.changed = true;
}

void Board::TakeView(const Runner::View& view, bool look) {
  Group& group = groups_[view.group];
  group.paused = view.paused;
  group.for_good = view.for_good;
  group.trouble = view.trouble;
  group.inputs = view.inputs;
  if (view.engine == nullptr) return;  // What was seen last stays.
  const absl::Time now = options_.clock();
  const bool old = now - group.looked_at >= options_.look_again || now < group.looked_at;
  if (!look || (!group.changed && !old)) return;
  group.config = view.engine->config();
  group.health = view.engine->Health(now, options_.grants_lost ? options_.grants_lost(view.group) : std::vector<CalendarKey>());
  group.passes = view.engine->passes();
  group.counters.clear();
  for (const LinkedCalendar& calendar : group.config.calendars) {
    if (const CalendarRow* row = view.engine->calendar(calendar.key)) group.counters[calendar.key] = row->counters;
  }
  group.looked_at = now;
  group.changed = false;
}

void Board::Refresh() {
  const std::vector<Runner::View> views = runner_.Groups();
  const absl::Duration end = SteadyNow() + options_.tick_max;
  // Begins where the last tick ended, so that every group has its turn.
  const auto from = std::lower_bound(views.begin(), views.end(), next_,
                                     [](const Runner::View& view, const GroupId& group) { return view.group < group; });
  next_ = GroupId();
  const auto take = [&](const Runner::View& view) {
    const bool in_time = SteadyNow() < end;
    if (!in_time && next_.empty()) next_ = view.group;
    TakeView(view, in_time);
  };
  std::for_each(from, views.end(), take);
  std::for_each(views.begin(), from, take);
  if (groups_.size() == views.size()) return;
  for (auto group = groups_.begin(); group != groups_.end();) {
    const bool there =
        std::any_of(views.begin(), views.end(), [&](const Runner::View& view) { return view.group == group->first; });
    group = there ? std::next(group) : groups_.erase(group);
  }
}

void Board::Look(const GroupId& group) {
  for (const Runner::View& view : runner_.Groups()) {
    if (view.group != group) continue;
    groups_[group].changed = true;
    TakeView(view, /*look=*/true);
  }
}

bool Board::Runs() const {
  return std::none_of(groups_.begin(), groups_.end(), [](const auto& entry) { return entry.second.for_good; });
}

bool Board::IsWell() const {
  return std::all_of(groups_.begin(), groups_.end(), [](const auto& entry) {
    const Group& group = entry.second;
    return group.paused || (group.trouble.ok() && group.health.alerts.empty());
  });
}

std::string Sentence(const Board::Group& group, const Alert& alert) {
  const std::string name = group.NameOf(alert.calendar);
  return name.empty() ? alert.words : absl::StrCat(name, ": ", alert.words);
}

}  // namespace calsync::adapter
