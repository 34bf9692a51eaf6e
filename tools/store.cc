#include "tools/store.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/store/postgres_store.h"
#include "adapter/store/sqlite_store.h"
#include "adapter/store/stored_group.h"
#include "tools/installation.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr char kCopyAbout[] =
    "Copies everything that is stored into another database, group by group, and reads each back. FROM stays as it is. Each is "
    "the\n"
    "path of a file, or a URL of PostgreSQL. What is in TO already, and the same, is not copied again: after an interruption "
    "the\n"
    "same command goes on. No calsync may run meanwhile.\n"
    "\n"
    "Examples:\n"
    "  calsync store copy ~/.local/state/calsync/calsync.db postgres://calsync@db.example.org/calsync\n"
    "  calsync store copy postgres://calsync@db.example.org/calsync calsync.db\n"
    "\n"
    "Then put store = \"postgres://…\" into the settings, or take it out. Exit code: 0 all is copied and the same, 1 something "
    "is\n"
    "not, 2 settings or command line are wrong or a calsync runs, 3 a database cannot be read or written.";

// A file is only read: its tables are brought up to date in memory.
absl::StatusOr<std::unique_ptr<adapter::Store>> OpenToCopy(const std::string& database) {
  if (adapter::IsPostgresUrl(database)) return OpenStoreAt(database);
  return adapter::SqliteStore::OpenCopy(database, {});
}

int Copy(const StoreOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const auto lock = InstanceLock::Take(installation->lock_file());
  if (!lock.ok()) return Fail(lock.status());
  const auto from = OpenToCopy(options.from);
  if (!from.ok()) return Fail(from.status());
  const auto to = OpenStoreAt(options.to);
  if (!to.ok()) return Fail(to.status());
  const absl::StatusOr<std::vector<GroupId>> groups = (*from)->Groups();
  if (!groups.ok()) return Fail(groups.status());
  int64_t copied = 0, before = 0;
  for (const GroupId& group : *groups) {
    const absl::StatusOr<adapter::Copied> one = adapter::CopyGroup(**from, **to, group);
    if (absl::IsDataLoss(one.status())) {
      Complain(one.status().message());
      return kLawBroken;
    }
    if (!one.ok()) return Fail(one.status());
    ++(*one == adapter::Copied::kNow ? copied : before);
  }
  const absl::StatusOr<std::vector<GroupId>> there = (*to)->Groups();
  if (!there.ok()) return Fail(there.status());
  std::printf("%lld %s copied and read back, %lld %s there already and the same\n", static_cast<long long>(copied),
              copied == 1 ? "group" : "groups", static_cast<long long>(before), before == 1 ? "was" : "were");
  if (there->size() > groups->size()) {
    std::printf("%zu groups more are in %s; nothing was done to them\n", there->size() - groups->size(), options.to.c_str());
  }
  return Written("the result") ? kDone : kEnvironment;
}

}  // namespace

void AddStore(CLI::App& app, StoreOptions& options, Verb& run) {
  CLI::App* store = app.add_subcommand("store", "The database: moved from SQLite to PostgreSQL, and back.");
  store->set_help_flag("-h,--help", "Help.");
  store->require_subcommand(1);
  CLI::App* copy = store->add_subcommand("copy", kCopyAbout);
  copy->set_help_flag("-h,--help", "Help.");
  AddConfigOption(copy, options.config);
  copy->add_option("from", options.from, "Where it is.")->required()->type_name("FROM");
  copy->add_option("to", options.to, "Where it shall be.")->required()->type_name("TO");
  copy->callback([&] { run = [&options] { return Copy(options); }; });
}

}  // namespace calsync::tools
