// The `calsync` command: reads the command line, finds the verb, answers with its exit code.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tools/audit.h"
#include "tools/calendars.h"
#include "tools/clean.h"
#include "tools/costs.h"
#include "tools/demo.h"
#include "tools/disturb.h"
#include "tools/doctor.h"
#include "tools/explore.h"
#include "tools/fake.h"
#include "tools/groups.h"
#include "tools/init.h"
#include "tools/login.h"
#include "tools/metrics.h"
#include "tools/migrate.h"
#include "tools/probe.h"
#include "tools/replay.h"
#include "tools/retire.h"
#include "tools/run.h"
#include "tools/shrink.h"
#include "tools/simulate.h"
#include "tools/status.h"
#include "tools/store.h"
#include "tools/terminal.h"
#include "tools/verb.h"
#include "tools/view.h"
#include "tools/workers.h"

namespace calsync::tools {
namespace {

constexpr char kAboutMain[] =
    "Keeps several Google calendars mutually busy.\n"
    "\n"
    "Examples:\n"
    "  calsync demo                         # all of it on this machine, without Google\n"
    "  calsync init                         # a new installation: settings and keys, step by step\n"
    "  calsync run                          # keeps its calendars in step\n"
    "  calsync simulate                     # a thousand months of people, races and failures; all laws checked\n"
    "  calsync simulate --import work.ics   # the same with a real calendar, as it was exported\n"
    "  calsync simulate -h                  # all that can be chosen\n"
    "  calsync replay a.trace               # a recorded run once more, compared effect by effect\n"
    "  calsync shrink --seed 17 -o a.trace  # a failing run, made as small as it gets\n"
    "  calsync view a.trace -o a.html       # a recorded run as one page for a browser\n"
    "  calsync explore                      # a small scope, searched exhaustively\n"
    "  calsync disturb a.scenario           # with one thing gone wrong at each place\n"
    "  calsync fake serve                   # a Google Calendar on this machine, for your own tests";

// " calendars add", as the command line names it.
std::string VerbOf(const CLI::App& app) {
  std::string verb;
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    absl::StrAppend(&verb, " ", at->get_name());
  }
  return verb;
}

int Main(int argc, char** argv) {
  CLI::App app(kAboutMain, "calsync");
  app.set_version_flag("--version", absl::StrCat("calsync ", CALSYNC_VERSION), "Say which version this is.");
  app.set_help_flag("-h,--help", "Help.");
  app.require_subcommand(1);
  SimulateOptions simulate;
  ReplayOptions replay;
  ShrinkOptions shrink;
  ViewOptions view;
  ExploreOptions explore;
  DisturbOptions disturb;
  if (argc > 0) simulate.called_as = replay.called_as = shrink.called_as = argv[0];
  Verb run;
  FakeOptions fake;
  AddSimulate(app, simulate, run);
  AddReplay(app, replay, run);
  AddShrink(app, shrink, run);
  AddView(app, view, run);
  AddExplore(app, explore, run);
  AddDisturb(app, disturb, run);
  AddFake(app, fake, run);
  InitOptions init;
  AddInit(app, init, run);
  LoginOptions login;
  AddLogin(app, login, run);
  CalendarsOptions calendars;
  AddCalendars(app, calendars, run);
  GroupsOptions groups;
  AddGroups(app, groups, run);
  RunOptions production;
  AddRun(app, production, run);
  StatusOptions status;
  AddStatus(app, status, run);
  StoreOptions store;
  AddStore(app, store, run);
  WorkersOptions workers;
  AddWorkers(app, workers, run);
  CleanOptions clean;
  AddClean(app, clean, run);
  RetireOptions retire;
  AddRetire(app, retire, run);
  MigrateOptions migrate;
  AddMigrate(app, migrate, run);
  AuditOptions audit;
  AddAudit(app, audit, run);
  CostsOptions costs;
  AddCosts(app, costs, run);
  MetricsOptions metrics;
  AddMetrics(app, metrics, run);
  DoctorOptions doctor;
  AddDoctor(app, doctor, run);
  ProbeOptions probe;
  AddProbe(app, probe, run);
  DemoOptions demo;
  AddDemo(app, demo, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    const int code = app.exit(help);
    return Written("the help") ? code : kEnvironment;
  } catch (const CLI::CallForVersion& version) {
    const int code = app.exit(version);
    return Written("the version") ? code : kEnvironment;
  } catch (const CLI::ParseError& error) {
    if (argc <= 1) {
      std::fputs(app.help().c_str(), stderr);
      return kUsage;
    }
    std::string what = absl::StrReplaceAll(error.what(), {{" excludes ", " does not go with "}});
    while (!what.empty() && (what.back() == '\n' || what.back() == '.')) what.pop_back();
    const std::string verb = VerbOf(app);
    const bool is_word = verb.empty() && argv[1][0] != '-';  // CLI11 only says that a subcommand is missing.
    if (is_word) what = absl::StrCat("there is no command '", argv[1], "'");
    Complain(absl::StrCat(what, ". `calsync", verb, " -h` lists what can be chosen."));
    return kUsage;
  }
  // Libraries throw; what they met is the machine's.
  try {
    return run();
  } catch (const std::bad_alloc&) {
    Complain(absl::StrCat("calsync", VerbOf(app), " needs more memory than there is."));
  } catch (const std::exception& error) {
    Complain(absl::StrCat("calsync", VerbOf(app), " cannot go on: ", error.what(), "."));
  }
  return kEnvironment;
}

}  // namespace
}  // namespace calsync::tools

int main(int argc, char** argv) { return calsync::tools::Main(argc, argv); }
