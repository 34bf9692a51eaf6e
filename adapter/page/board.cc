#include "adapter/page/board.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace calsync::adapter {
namespace {

constexpr size_t kLooksATick = 64;

absl::Duration SteadyNow() { return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); }

}  // namespace

std::string Board::Group::NameOf(CalendarKey calendar) const {
  const LinkedCalendar* const linked = config.Find(calendar);
  return linked == nullptr ? "" : linked->name;
}

void Board::TakeView(const Runner::View& view, bool changed) {
  Group& group = groups_[view.group];
  group.paused = view.paused;
  group.for_good = view.for_good;
  group.trouble = view.trouble;
  group.inputs = view.inputs;
  if (view.engine == nullptr) return;  // What was seen last stays.
  const absl::Time now = options_.clock();
  const bool old = now - group.looked_at >= options_.look_again || now < group.looked_at;
  if (!changed && !old) return;
  group.config = view.engine->config();
  group.health = view.engine->Health(now, options_.grants_lost ? options_.grants_lost(view.group) : std::vector<CalendarKey>());
  group.passes = view.engine->passes();
  group.counters.clear();
  for (const LinkedCalendar& calendar : group.config.calendars) {
    if (const CalendarRow* row = view.engine->calendar(calendar.key)) group.counters[calendar.key] = row->counters;
  }
  group.looked_at = now;
  looked_.push_back(view.group);
}

void Board::Refresh() {
  looked_.clear();
  const absl::Duration end = SteadyNow() + options_.tick_max;
  // Both go on where the last tick ended, so that every group has its turn.
  while (!changed_.empty() && SteadyNow() < end) {
    auto next = changed_.upper_bound(last_changed_);
    if (next == changed_.end()) next = changed_.begin();
    last_changed_ = *next;
    changed_.erase(next);
    if (const auto view = runner_.Look(last_changed_)) TakeView(*view, /*changed=*/true);
  }
  for (const Runner::View& view : runner_.GroupsAfter(last_, kLooksATick)) {
    TakeView(view, /*changed=*/false);
    last_ = view.group;
    if (SteadyNow() >= end) break;
  }
  if (groups_.size() > runner_.size()) ForgetThoseThatAreGone();
}

void Board::ForgetThoseThatAreGone() {
  for (auto group = groups_.begin(); group != groups_.end();) {
    group = runner_.Look(group->first).has_value() ? std::next(group) : groups_.erase(group);
  }
}

void Board::Look(const GroupId& group) {
  if (const auto view = runner_.Look(group)) TakeView(*view, /*changed=*/true);
}

bool Board::Runs() const {
  return std::none_of(groups_.begin(), groups_.end(), [](const auto& entry) { return entry.second.for_good; });
}

bool Board::IsWell() const {
  return broken().empty() && std::all_of(groups_.begin(), groups_.end(), [](const auto& entry) {
           const Group& group = entry.second;
           return group.paused || (group.trouble.ok() && group.health.alerts.empty());
         });
}

std::string Sentence(const Board::Group& group, const Alert& alert) {
  const std::string name = group.NameOf(alert.calendar);
  return name.empty() ? alert.words : absl::StrCat(name, ": ", alert.words);
}

}  // namespace calsync::adapter
