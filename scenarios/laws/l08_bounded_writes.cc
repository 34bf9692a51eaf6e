#include "scenarios/laws/l08_bounded_writes.h"

#include <cmath>
#include <variant>

#include "absl/strings/str_cat.h"

namespace calsync::sim {

uint64_t WriteBudget::allowed() const {
  constexpr uint64_t kSlack = 10;
  constexpr uint64_t kInFlight = 8;  // Calls that one engine has under way at a time, a calendar.
  return kSlack + foreign_writes * (2 * calendars + 2) + block_touches * 4 + exceptions_shaken * 2 * calendars + faults * 2 +
         restarts * kInFlight * calendars + narrowed_hours + commands * events * (2 * calendars + 2);
}

std::string CheckWrites(const WriteBudget& budget) {
  if (budget.writes <= budget.allowed()) return "";
  return absl::StrCat(budget.writes, " writes, though ", budget.foreign_writes, " changes on ", budget.calendars, " calendars, ",
                      budget.block_touches, " touched blocks, ", budget.faults, " faults, ", budget.restarts, " restarts and ",
                      budget.commands, " commands explain no more than ", budget.allowed());
}

std::string CheckPingPong(const PingPong& played) {
  // Each engine may take a mirror for an event that nothing covers: it has not seen what that mirrors, or does not call it busy.
  // Then its own block covers.
  const uint64_t most = 1 + played.engines + played.moves + played.block_touches + played.faults;
  if (played.rounds <= most) return "";
  return absl::StrCat("a product that mirrors our blocks, and whose events we mirror, went on for ", played.rounds,
                      " rounds; no more than ", most, " are explained: a loop");
}

std::string CheckRows(uint64_t rows, uint64_t events) {
  constexpr uint64_t kSlack = 20;
  const uint64_t most = kSlack + 2 * events;  // A block may be planned and never made.
  if (rows <= most) return "";
  return absl::StrCat(rows, " rows are stored, though ", events, " events that ever were explain no more than ", most);
}

std::string CheckFullListings(const FullListings& full) {
  constexpr uint64_t kFirst = 1;
  const auto by_time = static_cast<uint64_t>(full.lasts / full.interval);
  const uint64_t most = kFirst + by_time + full.broken + full.restarts + full.commands + full.clock_steps;
  if (full.shown <= most) return "";
  return absl::StrCat("a calendar was listed in full ", full.shown, " times, though its first contact, ",
                      absl::FormatDuration(full.lasts), ", ", full.broken, " broken listings, ", full.restarts, " restarts, ",
                      full.commands, " commands and ", full.clock_steps, " steps of the clock explain no more than ", most);
}

std::string CheckPatience(const Outage& outage, uint64_t restarts, absl::Time now) {
  constexpr double kAtOnce = 6;  // Of events, a listing, a channel.
  constexpr double kCapSeconds = 600;
  const double seconds = absl::ToDoubleSeconds(now - outage.since);
  const double most =
      kAtOnce * (static_cast<double>(2 + restarts - outage.restarts) + std::log2(1 + seconds) + seconds / kCapSeconds);
  if (static_cast<double>(outage.calls) <= most) return "";
  return absl::StrCat(outage.calls, " calls left for a calendar of which nothing was heard for ",
                      absl::FormatDuration(now - outage.since), "; ", static_cast<uint64_t>(most), " would do");
}

bool SaysAgain(const Reply& reply) {
  const auto* error = std::get_if<ApiError>(&reply);
  if (error == nullptr) return false;
  if (error->transport != Transport::kAnswered || error->code == 429 || error->code >= 500 || error->code == 401) return true;
  return error->code == 403 && (error->reason == "rateLimitExceeded" || error->reason == "userRateLimitExceeded");
}

std::string CheckTags(const PatchCount& count, uint64_t restarts) {
  constexpr uint64_t kMost = 3;
  if (count.tags <= kMost + restarts) return "";
  return absl::StrCat("the tag of one event was written ", count.tags, " times; ", kMost, " would do");
}

std::string CheckRestores(const PatchCount& count, uint64_t explained, uint64_t restarts) {
  constexpr uint64_t kMost = 10;
  const uint64_t others = 1 + 2 * (explained - count.explained) + restarts;  // The first may be news.
  if (count.patches <= kMost + others) return "";
  return absl::StrCat("one block was written ", count.patches, " times in a day; ", kMost, " restores and ", others,
                      " changes would do");
}

}  // namespace calsync::sim
