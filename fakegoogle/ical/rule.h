// What one recurrence rule gives by the wall clock, without zones: from its text and the first start alone, one after the other
// as they are asked for. UNTIL is not heeded here: when it is depends on the zone, see expand.h.

#ifndef CALSYNC_FAKEGOOGLE_ICAL_RULE_H_
#define CALSYNC_FAKEGOOGLE_ICAL_RULE_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace calsync::ical {

class RuleSteps;

class Rule {
 public:
  struct Until {
    bool is_date = false;
    bool is_utc = false;
    absl::CivilSecond local;
  };

  // Validating a series, writing it, listing it and each rest of a simulation ask for the same few rules again and again, so what
  // a rule gave is kept, a table a thread: nothing that it follows from can change. Valid until the next call. A rule that never
  // fits gives nothing, and is looked for no longer than 400 years. Errors: InvalidArgument for a rule that cannot be read or
  // followed: with numbers that do not fit, parts that its frequency cannot have (RFC 5545, 3.3.10), days of hours, another
  // calendar (RSCALE), or more than 96 times of a day.
  static absl::StatusOr<Rule*> Known(const std::string& text, absl::CivilSecond first, bool is_date);

  // The start of that number, from 0. Nothing if there are no more.
  std::optional<absl::CivilSecond> Start(size_t number);
  const std::optional<Until>& until() const { return until_; }
  int count() const { return count_; }  // 0: none is said.

  Rule(Rule&&) noexcept;
  Rule& operator=(Rule&&) noexcept;
  ~Rule();

 private:
  Rule();
  static absl::StatusOr<Rule> Read(const std::string& text, absl::CivilSecond first, bool is_date);

  std::optional<Until> until_;
  int count_ = 0;
  std::vector<absl::CivilSecond> starts_;  // As far as they were asked for.
  std::unique_ptr<RuleSteps> steps_;       // To those after them; null once there are no more.
};

}  // namespace calsync::ical

#endif  // CALSYNC_FAKEGOOGLE_ICAL_RULE_H_
