#include "tools/simulate_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/host/audit.h"
#include "tools/coverage_report.h"

namespace calsync::tools {
namespace {

using Json = nlohmann::ordered_json;

using Pairs = std::vector<std::pair<std::string, uint64_t>>;

constexpr size_t kWidth = 116;  // Of lines that list many things.

Pairs CallsOf(const sim::Counts& counts) {
  Pairs pairs;
  for (size_t i = 0; i < sim::kRequestKinds; ++i) {
    if (counts.calls[i] > 0) pairs.emplace_back(std::string(sim::RequestName(i)), counts.calls[i]);
  }
  return pairs;
}

Pairs VerdictsOf(const sim::Counts& counts) {
  Pairs pairs;
  for (size_t i = 0; i < sim::kAuditKinds; ++i) {
    if (counts.verdicts[i] > 0) pairs.emplace_back(std::string(Name(static_cast<AuditKind>(i))), counts.verdicts[i]);
  }
  return pairs;
}

uint64_t Sum(const Pairs& pairs) {
  uint64_t sum = 0;
  for (const auto& [name, count] : pairs) sum += count;
  return sum;
}

// "  faults    1,234: request lost 12, reply lost 7, …" over as many lines as it needs, the most frequent first.
std::string Listed(absl::string_view title, Pairs pairs) {
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text = absl::StrFormat("  %-11s %s", title, Thousands(Sum(pairs)));
  size_t column = text.size();
  for (size_t i = 0; i < pairs.size(); ++i) {
    const std::string piece = absl::StrCat(pairs[i].first, " ", Thousands(pairs[i].second), i + 1 < pairs.size() ? "," : "");
    if (i == 0) {
      absl::StrAppend(&text, ":");
      ++column;
    }
    if (column + 1 + piece.size() > kWidth) {
      absl::StrAppend(&text, "\n", std::string(13, ' '));
      column = 13;
    }
    absl::StrAppend(&text, " ", piece);
    column += 1 + piece.size();
  }
  return absl::StrCat(text, "\n");
}

double Rate(uint64_t count, absl::Duration took) {
  const double seconds = absl::ToDoubleSeconds(took);
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

}  // namespace

uint64_t Summary::Failures() const {
  uint64_t sum = 0;
  for (uint64_t count : broken) sum += count;
  return sum;
}

std::string SummaryText(const Summary& summary, const Terminal& terminal) {
  const sim::Counts& counts = summary.counts;
  std::string text;
  if (summary.interrupted) {
    absl::StrAppend(&text, "Interrupted after ", Thousands(summary.seeds), " of ", Thousands(summary.wanted), " seeds.\n");
  } else if (summary.stopped) {
    absl::StrAppend(&text, "Stopped after ", Thousands(summary.seeds), " of ", Thousands(summary.wanted),
                    " seeds, as was asked.\n");
  }
  const auto line = [&](absl::string_view title, const std::string& what) {
    absl::StrAppendFormat(&text, "  %-11s %s\n", title, what);
  };
  line("seeds", absl::StrCat(Thousands(summary.seeds), summary.vacuous == 0 ? ""
                                                                            : absl::StrCat(", in ", Thousands(summary.vacuous),
                                                                                           " of them no block was ever due")));
  line("decisions", absl::StrCat(Thousands(counts.decisions), ", ", Thousands(counts.engine_steps), " of them steps of engines"));
  line("events", absl::StrCat(Thousands(counts.user_events), " made by people and programs, who acted ",
                              Thousands(counts.user_actions), " times"));
  line("blocks",
       absl::StrCat(Thousands(counts.blocks_created), " made; ", Thousands(counts.event_writes), " writes to events in all"));
  absl::StrAppend(&text, Listed("calls", CallsOf(counts)));
  absl::StrAppend(&text, Listed("faults", counts.Adversities()));
  absl::StrAppend(&text, Listed("verdicts", VerdictsOf(counts)));
  line("restarts", absl::StrCat(Thousands(counts.crashes), " crashes; ", Thousands(counts.commits), " commits"));
  line("breaker", counts.breaker_trips == 0   ? std::string("never opened")
                  : counts.breaker_trips == 1 ? std::string("opened once")
                                              : absl::StrCat("opened ", Thousands(counts.breaker_trips), " times"));
  line("at rest", absl::StrCat("all laws checked ", Thousands(counts.rest_checks), " times; the longest way there took ",
                               Lasting(summary.longest_settling), " of virtual time"));
  line("busy time", absl::StrCat(Thousands(counts.busy_pieces), " pieces of it compared, minute for minute"));
  std::vector<std::string> held, broken;
  for (size_t i = 0; i < sim::kLaws; ++i) {
    const sim::Law law = static_cast<sim::Law>(i);
    if (summary.broken[i] == 0) {
      held.push_back(std::string(sim::ShortName(law)));
    } else {
      broken.push_back(absl::StrCat(sim::ShortName(law), " ", sim::Name(law), " in ", Thousands(summary.broken[i]),
                                    summary.broken[i] == 1 ? " seed" : " seeds"));
    }
  }
  line("laws held", absl::StrJoin(held, " "));
  if (!broken.empty()) line("laws BROKEN", terminal.OnStdout(Colour::kRed, absl::StrJoin(broken, "; ")));
  if (summary.coverage.has_value()) absl::StrAppend(&text, CoverageText(*summary.coverage));
  line("time", absl::StrFormat("%s, %s seeds a second; %.1f years of virtual time", Lasting(summary.took),
                               Thousands(static_cast<uint64_t>(Rate(summary.seeds, summary.took))),
                               absl::ToDoubleHours(summary.simulated) / (24 * 365.25)));
  line("hash", summary.hash);
  if (summary.Failures() == 0 && summary.seeds > 0) {
    absl::StrAppend(&text, terminal.OnStdout(Colour::kGreen, "No law was broken."), "\n");
  } else if (summary.Failures() > 0) {
    absl::StrAppend(&text,
                    terminal.OnStdout(Colour::kRed, absl::StrCat(Thousands(summary.Failures()), " of ", Thousands(summary.seeds),
                                                                 " seeds broke a law.")),
                    "\n");
  }
  return text;
}

std::string SummaryJson(const Summary& summary, const Imports& imports, int other_calendars) {
  const sim::Counts& counts = summary.counts;
  const auto object = [](const Pairs& pairs) {
    Json result = Json::object();
    for (const auto& [name, count] : pairs) result[name] = count;
    return result;
  };
  Json json;
  json["seeds"] = summary.seeds;
  json["failed"] = summary.Failures();
  json["interrupted"] = summary.interrupted;
  json["vacuous"] = summary.vacuous;
  json["decisions"] = counts.decisions;
  json["engine_steps"] = counts.engine_steps;
  json["seconds"] = absl::ToDoubleSeconds(summary.took);
  json["seeds_per_second"] = Rate(summary.seeds, summary.took);
  json["virtual_seconds"] = absl::ToDoubleSeconds(summary.simulated);
  json["longest_settling_seconds"] = absl::ToDoubleSeconds(summary.longest_settling);
  json["user_events"] = counts.user_events;
  json["user_actions"] = counts.user_actions;
  json["blocks_created"] = counts.blocks_created;
  json["event_writes"] = counts.event_writes;
  json["commits"] = counts.commits;
  json["crashes"] = counts.crashes;
  json["breaker_trips"] = counts.breaker_trips;
  json["rest_checks"] = counts.rest_checks;
  json["busy_pieces"] = counts.busy_pieces;
  json["calls"] = object(CallsOf(counts));
  json["faults"] = object(counts.Adversities());
  json["verdicts"] = object(VerdictsOf(counts));
  Json laws = Json::object();
  for (size_t i = 0; i < sim::kLaws; ++i) {
    laws[std::string(sim::ShortName(static_cast<sim::Law>(i)))] = {{"held", summary.broken[i] == 0},
                                                                   {"broken_in_seeds", summary.broken[i]}};
  }
  json["laws"] = std::move(laws);
  json["hash"] = summary.hash;
  if (summary.coverage.has_value()) json["coverage"] = CoverageJson(*summary.coverage);
  json["failures"] = Json::array();
  for (const FailedSeed& failed : summary.failed) {
    json["failures"].push_back({{"seed", failed.seed},
                                {"law", std::string(sim::ShortName(failed.violation.law))},
                                {"message", failed.violation.message},
                                {"step", failed.violation.step},
                                {"story", failed.story},
                                {"repeat", failed.repeat}});
  }
  if (!imports.files.empty()) {
    json["imports"] = Json::array();
    for (const ImportedFile& file : imports.files) {
      const ical::ImportReport& report = file.calendar.report;
      Json left_out = Json::object();
      for (size_t i = 0; i < ical::kLeftOutKinds; ++i) {
        if (report.left_out[i] > 0) left_out[std::string(ical::Name(static_cast<ical::LeftOut>(i)))] = report.left_out[i];
      }
      json["imports"].push_back({{"file", file.path},
                                 {"vevents_read", report.read},
                                 {"taken", report.taken},
                                 {"left_out", report.AllLeftOut()},
                                 {"left_out_by_reason", std::move(left_out)},
                                 {"events", report.events},
                                 {"series", report.series},
                                 {"series_cut", report.capped_series},
                                 {"events_that_block", file.busy},
                                 {"meetings_on_earlier_files", file.shared},
                                 {"blocks_expected", file.busy * static_cast<uint64_t>(other_calendars)}});
    }
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string TraceText(const sim::RunResult& result) {
  std::string text;
  for (const sim::TraceLine& line : result.trace) {
    absl::StrAppendFormat(&text, "%6d %s %-8s %s\n", line.step,
                          absl::FormatTime("%Y-%m-%d %H:%M:%E3S", line.at, absl::UTCTimeZone()), line.place, line.what);
  }
  return text;
}

std::string FailureText(const FailedSeed& failed, const Terminal& terminal) {
  std::string text = absl::StrCat(
      terminal.OnStdout(Colour::kRed, absl::StrCat(sim::ShortName(failed.violation.law), " ", sim::Name(failed.violation.law))),
      ": ", failed.violation.message, "\n");
  absl::StrAppendFormat(&text, "seed:    %d, at step %d, %s\n", failed.seed, failed.violation.step,
                        absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", failed.violation.time, absl::UTCTimeZone()));
  for (size_t i = 0; i < failed.story.size(); ++i)
    absl::StrAppend(&text, i == 0 ? "story:   " : "         ", failed.story[i], "\n");
  absl::StrAppend(&text, "repeat:  ", failed.repeat, "\n");
  return text;
}

}  // namespace calsync::tools
