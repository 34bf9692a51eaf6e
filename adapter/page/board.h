// How a running CalSync is: what the page, /metrics, /healthz and `calsync status` tell, kept up to date beside the loop.
//
// Health is looked at a group at a time, when it changed or the last look is old, and no longer than a tick allows: who asks
// often slows nothing down, and neither do thousands of groups. Between two looks everybody is told what the last one saw.

#ifndef CALSYNC_ADAPTER_PAGE_BOARD_H_
#define CALSYNC_ADAPTER_PAGE_BOARD_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/page/meter.h"
#include "adapter/runner/runner.h"
#include "adapter/webhook/arrivals.h"
#include "engine/decide/health.h"
#include "engine/decide/passes.h"
#include "engine/state/group.h"

namespace calsync::adapter {

class Board {
 public:
  struct Group {
    GroupConfig config;  // For names; its keys are not told to anybody.
    bool paused = false;
    bool for_good = false;  // It does not run, and will not by itself.
    absl::Status trouble;   // Why it does not run, if it should.
    size_t inputs = 0;      // That wait to be taken.
    GroupHealth health;
    PassLog passes;
    absl::btree_map<CalendarKey, Counters> counters;
    absl::Time looked_at = absl::InfinitePast();  // InfinitePast: its engine was not started yet.

    std::string NameOf(CalendarKey calendar) const;  // "" for the group itself.
  };

  // A group whose file in the registry cannot be understood.
  struct Broken {
    GroupId group;
    absl::Status why;   // Names the file.
    bool runs = false;  // As it was before its file was changed.
  };

  struct Options {
    std::function<absl::Time()> clock;
    // Calendars of the group whose account's grant is lost.
    std::function<std::vector<CalendarKey>(const GroupId&)> grants_lost;
    std::function<std::vector<Broken>()> broken;    // Null: there are none.
    absl::Duration look_again = absl::Seconds(15);  // However little happened.
    absl::Duration tick_max = absl::Milliseconds(5);
  };
  // All must outlive it.
  Board(const Runner& runner, const Meter& meter, const Arrivals& arrivals, Options options)
      : runner_(runner), meter_(meter), arrivals_(arrivals), options_(std::move(options)), since_(options_.clock()) {}

  // Something was committed for the group.
  void Changed(const GroupId& group) { changed_.insert(group); }
  // Looks at what changed, and at some of the others, until a tick is used up; the rest next time.
  void Refresh();
  // Groups that the last Refresh() looked at.
  const std::vector<GroupId>& looked() const { return looked_; }
  // Looks at this group now, whatever it takes.
  void Look(const GroupId& group);

  const absl::btree_map<GroupId, Group>& groups() const { return groups_; }
  std::vector<Broken> broken() const { return options_.broken ? options_.broken() : std::vector<Broken>(); }
  const Meter& meter() const { return meter_; }
  const Arrivals& arrivals() const { return arrivals_; }
  absl::Time since() const { return since_; }  // When this process began.
  absl::Time Now() const { return options_.clock(); }
  // No alert, every group that is not paused runs, and none is broken.
  bool IsWell() const;
  // Every group that is not paused runs, or will again by itself. What is broken does not count: to begin
  // the process anew helps nobody, and stops the others.
  bool Runs() const;

 private:
  void TakeView(const Runner::View& view, bool changed);
  void ForgetThoseThatAreGone();

  const Runner& runner_;
  const Meter& meter_;
  const Arrivals& arrivals_;
  Options options_;
  absl::Time since_;
  absl::btree_map<GroupId, Group> groups_;
  absl::btree_set<GroupId> changed_;
  GroupId last_changed_;  // Of those, the one that was looked at last …
  GroupId last_;          // … and of all.
  std::vector<GroupId> looked_;
};

// "Work: the calendar's alert", or without the name if it is the group's.
std::string Sentence(const Board::Group& group, const Alert& alert);

// All that the board tells, as JSON: the same on /status.json and in the file that `calsync status` reads. Field names are a
// promise. No titles and no secrets.
std::string ReportOf(const Board& board);
// The same in short, of any number of groups: what all of them did together, and the alerts of those that have some.
std::string SummaryOf(const Board& board);
// The first design's ten figures, by its names, as a JSON object: of the calendars together, events_by_calendar by name.
std::string FiguresJson(const std::vector<std::pair<std::string, Figures>>& by_calendar);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_PAGE_BOARD_H_
