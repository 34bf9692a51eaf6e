#include "scenarios/script_expectations.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/decide/health.h"
#include "scenarios/script_people.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

std::string ShownText(const std::string& title, const TimeSpan& span) {
  return absl::StrCat("\"", title, "\" ", FormatSpan(span));
}

}  // namespace

absl::Status Expect(ScriptRun& run, int calendar, const std::vector<ShownWord>& shown) {
  std::vector<std::string> want, got;
  for (const ShownWord& word : shown) {
    want.push_back(ShownText(word.title, SpanOf(people::WrittenStart(word.start), people::WrittenEnd(word.start, word.length))));
  }
  run.world().server().ForEachLive(run.world().google_id(calendar),
                                   [&](const EventPtr& event) { got.push_back(ShownText(event->summary, event->span())); });
  std::sort(want.begin(), want.end());
  std::sort(got.begin(), got.end());
  if (want == got) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(run.calendar_name(calendar), " shows ", got.empty() ? "nothing" : absl::StrJoin(got, ", ")));
}

absl::Status ExpectCount(ScriptRun& run, int calendar, size_t count) {
  const size_t live = run.world().server().CountLive(run.world().google_id(calendar));
  if (live == count) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(run.calendar_name(calendar), " shows ", live));
}

absl::Status ExpectWrites(ScriptRun& run, int64_t count) {
  run.world();
  if (run.WritesSince() == count) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("there were ", run.WritesSince()));
}

std::string AlertsNow(ScriptRun& run) {
  const Host& host = run.world().host(0);
  if (!host.running()) return "not running";
  std::vector<std::string> alerts;
  for (const Alert& alert : host.engine().Health(host.ClockAt(run.world().now())).alerts) {
    const int calendar = static_cast<int>(alert.calendar.value()) - 1;  // KeyOf() counts from 1; no key is 0.
    alerts.push_back(calendar < 0 ? std::string(Name(alert.kind))
                                  : absl::StrCat(Name(alert.kind), " ", run.calendar_name(calendar)));
  }
  return alerts.empty() ? "none" : absl::StrJoin(alerts, ", ");
}

absl::Status ExpectAlerts(ScriptRun& run, absl::string_view alerts) {
  const std::string now = AlertsNow(run);
  return now == alerts ? absl::OkStatus() : absl::FailedPreconditionError(absl::StrCat("the alerts are: ", now));
}

}  // namespace calsync::sim
