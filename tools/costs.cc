#include "tools/costs.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "scenarios/world.h"
#include "tools/flags.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr char kAboutCosts[] =
    "What one new, one moved and one deleted event cost: calls to Google, reads and writes of the database, with 2 to 6 "
    "calendars\n"
    "that are told of changes. Ours is measured in the simulator, from the change until all is at rest, the listings that our "
    "own\n"
    "writes cause and the event's tag among it. The first design's is counted in its code.\n"
    "\n"
    "Examples:\n"
    "  calsync costs\n"
    "  calsync costs --events 1000 --json\n"
    "\n"
    "Exit code: 0 done, 1 a law was broken meanwhile; 130 after Ctrl-C, with what was measured until then.";

struct Cost {
  uint64_t lists = 0;
  uint64_t gets = 0;
  uint64_t writes = 0;
  uint64_t commits = 0;
  uint64_t rows_read = 0;
  uint64_t rows_written = 0;
  uint64_t calls() const { return lists + gets + writes; }
};

// As the counters stand.
Cost Standing(const sim::World& world) {
  const auto of = [&](const Request& request) { return world.counts().calls[request.index()]; };
  return {.lists = of(ListEvents()),
          .gets = of(GetEvent()) + of(ListInstances()) + of(GetCalendar()),
          .writes = of(InsertEvent()) + of(PatchEvent()) + of(DeleteEvent()),
          .commits = world.counts().commits,
          .rows_read = world.host(0).rows_read,
          .rows_written = world.host(0).rows_written};
}

Cost Between(const Cost& before, const Cost& after) {
  return {.lists = after.lists - before.lists,
          .gets = after.gets - before.gets,
          .writes = after.writes - before.writes,
          .commits = after.commits - before.commits,
          .rows_read = after.rows_read - before.rows_read,
          .rows_written = after.rows_written - before.rows_written};
}

// What the first design's code does for the same (000_*.txt): every webhook walks its calendar in full, asks the database for
// each event that bears an id, and writes that it was seen; each of its own writes is told to it by another webhook. Pages hold
// 250.
//
//   new      webhooks: the person's, the tag's, one for each block. Calls: a walk each, the tag, a get of the event, the inserts.
//            Queries: for each webhook the calendar and the count of stuck rows, for each event it walks a look-up and a write;
//            besides the event's row, the targets, and for each block its row and the row's end.
//   moved    one webhook. The event is known, so nothing follows: its blocks stay where they were.
//   deleted  one webhook. The walk does not show the event, so nothing follows: its blocks stay.
enum class ChangeKind { kNew, kMoved, kDeleted };
Cost FirstDesign(ChangeKind change, uint64_t calendars, uint64_t events) {
  const uint64_t targets = calendars - 1;
  const uint64_t on_calendar = events * calendars;  // Its own, and the blocks for those of the others; all bear ids.
  const uint64_t webhooks = change == ChangeKind::kNew ? 2 + targets : 1;
  const uint64_t pages = (on_calendar + 249) / 250;
  Cost cost{.lists = webhooks * pages, .rows_read = webhooks * (2 + on_calendar), .rows_written = webhooks * on_calendar};
  cost.commits = cost.rows_written;  // Each write is a transaction of its own.
  if (change != ChangeKind::kNew) return cost;
  cost.gets = 1;
  cost.writes = 1 + targets;
  cost.rows_read += 1;
  cost.rows_written += 1 + 2 * targets;
  cost.commits += 1 + 2 * targets;
  return cost;
}

struct CostLine {
  int calendars = 0;
  const char* change = "";
  Cost ours;
  Cost theirs;
};

Event EventAt(absl::Time start) {
  Event event;
  event.summary = "Dentist";
  event.start = EventTime::At(start, "UTC");
  event.end = EventTime::At(start + absl::Hours(1), "UTC");
  return event;
}

// False: a law was broken, or it did not come to rest, perhaps since it was interrupted.
bool Measure(int calendars, int events, std::vector<CostLine>& lines) {
  std::vector<std::string> names;
  for (int i = 0; i < calendars; ++i) names.push_back(absl::StrCat("c", i));
  sim::World world(sim::QuietPlan(names, sim::UsualStart()), sim::Choices());
  world.StopWhen(WasInterrupted);
  const absl::Time start = sim::UsualStart() + absl::Hours(24 * 7);
  for (int i = 0; i < events * calendars; ++i) {
    world.Insert(world.person(), i % calendars, EventAt(start + i * absl::Hours(2)));
  }
  const auto rest = [&] {
    if (!world.Settle()) return false;
    world.CheckAtRest();
    return !world.violation().has_value();
  };
  if (!rest()) return false;
  EventId event;
  const auto change = [&](const char* name, ChangeKind kind, auto act) {
    const Cost before = Standing(world);
    act();
    if (!rest()) return false;
    const auto theirs = FirstDesign(kind, static_cast<uint64_t>(calendars), static_cast<uint64_t>(events));
    lines.push_back({calendars, name, Between(before, Standing(world)), theirs});
    return true;
  };
  const absl::Time free = start + events * calendars * absl::Hours(2);
  return change("new", ChangeKind::kNew, [&] { event = world.Insert(world.person(), 0, EventAt(free)); }) &&
         change("moved", ChangeKind::kMoved,
                [&] {
                  EventPatch patch;
                  patch.start = EventTime::At(free + absl::Hours(3), "UTC");
                  patch.end = EventTime::At(free + absl::Hours(4), "UTC");
                  world.Act(world.person(), PatchEvent{.calendar = world.google_id(0), .event = event, .patch = patch});
                }) &&
         change("deleted", ChangeKind::kDeleted,
                [&] { world.Act(world.person(), DeleteEvent{.calendar = world.google_id(0), .event = event}); });
}

nlohmann::ordered_json JsonOf(const Cost& cost) {
  return {{"calls", cost.calls()},
          {"list", cost.lists},
          {"get", cost.gets},
          {"write", cost.writes},
          {"commits", cost.commits},
          {"rows_read", cost.rows_read},
          {"rows_written", cost.rows_written}};
}

void Print(const std::vector<CostLine>& lines, int events) {
  std::printf("One change, with %d events of people on each calendar. Calls: all (list + get + write).\n\n", events);
  std::printf(
      "| calendars | change | calls | commits | rows read | rows written | first design: calls | commits | rows read | rows "
      "written |\n");
  std::printf("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  for (const CostLine& line : lines) {
    const auto calls = [](const Cost& cost) {
      return absl::StrCat(cost.calls(), " (", cost.lists, " + ", cost.gets, " + ", cost.writes, ")");
    };
    const bool left = line.theirs.writes == 0;  // It does nothing about what moved or went.
    std::printf("| %d | %s | %s | %s | %s | %s | %s%s | %s | %s | %s |\n", line.calendars, line.change, calls(line.ours).c_str(),
                Thousands(line.ours.commits).c_str(), Thousands(line.ours.rows_read).c_str(),
                Thousands(line.ours.rows_written).c_str(), calls(line.theirs).c_str(), left ? ", blocks left as they were" : "",
                Thousands(line.theirs.commits).c_str(), Thousands(line.theirs.rows_read).c_str(),
                Thousands(line.theirs.rows_written).c_str());
  }
}

int Costs(const CostsOptions& options) {
  CatchInterrupts();
  std::vector<CostLine> lines;
  for (int calendars = 2; calendars <= 6 && !WasInterrupted(); ++calendars) {
    if (Measure(calendars, options.events, lines) || WasInterrupted()) continue;
    Complain("the simulated calendars did not come to rest, or a law was broken. `calsync simulate` says which.");
    return kLawBroken;
  }
  const int code = WasInterrupted() ? kInterrupted : kDone;
  if (!options.json) {
    Print(lines, options.events);
    if (code == kInterrupted) std::printf("\nInterrupted after %d changes.\n", static_cast<int>(lines.size()));
    return Written("the table") ? code : kEnvironment;
  }
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const CostLine& line : lines) {
    json.push_back({{"calendars", line.calendars},
                    {"change", line.change},
                    {"ours", JsonOf(line.ours)},
                    {"first_design", JsonOf(line.theirs)}});
  }
  std::printf("%s\n", json.dump(2).c_str());
  return Written("the table") ? code : kEnvironment;
}

}  // namespace

void AddCosts(CLI::App& app, CostsOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("costs", kAboutCosts);
  verb->set_help_flag("-h,--help", "Help.");
  verb->add_option("--events", options.events, "Events of people on each calendar.")
      ->check(WholeNumber(0, 5000))
      ->capture_default_str();
  verb->add_flag("--json", options.json, "As JSON.");
  verb->callback([&] { run = [&options] { return Costs(options); }; });
}

}  // namespace calsync::tools
