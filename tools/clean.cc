#include "tools/clean.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "adapter/store/sqlite_connection.h"
#include "adapter/store/sqlite_store.h"
#include "engine/base/status_macros.h"
#include "tools/installation.h"
#include "tools/production.h"
#include "tools/terminal.h"
#include "tools/timeout.h"

namespace calsync::tools {
namespace {

constexpr char kCleanAbout[] =
    "Removes every block that this installation ever made, also those that the database does not know any more.\n"
    "\n"
    "Examples:\n"
    "  calsync clean --dry-run     # says what would go\n"
    "  calsync clean\n"
    "\n"
    "Events of people stay as they are. It may be stopped and begun again; what is gone already counts as done. A later\n"
    "`calsync run` makes the blocks anew: pause groups or remove calendars to prevent that.\n"
    "Exit code: 0 all are gone, 1 some are not, with the reason, 2 settings are wrong or calsync runs, 3 the machine does not "
    "let it.";

bool Confirmed(const CleanOptions& options) {
  if (options.yes || options.dry_run) return true;
  if (isatty(STDIN_FILENO) != 1) {
    Complain("clean removes all blocks. --yes says that this is meant; --dry-run shows what would go.");
    return false;
  }
  std::fprintf(stderr, "Remove every block of this installation from all linked calendars? [y/N] ");
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

int Clean(const CleanOptions& options) {
  const std::optional<absl::Duration> timeout = TimeoutFrom(options.timeout);
  if (!timeout.has_value()) return kUsage;
  absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  if (!Confirmed(options)) return kUsage;
  int64_t gone = 0;
  ProductionOptions how{.dry_run = options.dry_run, .receive = false, .follow = false, .quiet = true, .alter = NothingIsDue};
  how.told = [&](const Request& write, const Event* before) {
    if (!std::holds_alternative<DeleteEvent>(write)) return;
    ++gone;
    std::printf("would go: %s on %s\n", FormatSpan(before->span()).c_str(), CalendarOf(write)->str().c_str());
  };
  how.heard = [&](const AuditEntry& entry) {
    if (!options.dry_run && IsBlockGone(entry)) ++gone;
  };
  http::Loop loop;
  absl::StatusOr<std::unique_ptr<Production>> started = Production::Start(loop, *std::move(installation), std::move(how));
  if (!started.ok()) return Fail(started.status());
  const std::vector<std::string> left = (*started)->RunOnce(*timeout);
  std::printf("%lld blocks %s\n", static_cast<long long>(gone), options.dry_run ? "would go; nothing was written" : "are gone");
  for (const std::string& what : left) std::printf("not done: %s\n", what.c_str());
  if (!Written("the result")) return kEnvironment;
  if ((*started)->interrupted()) return kInterrupted;
  return left.empty() ? kDone : kLawBroken;
}

absl::Status IsOnPostgres(absl::string_view instead) {
  return absl::FailedPreconditionError(absl::StrCat("the database is on PostgreSQL, whose own tools keep it: ", instead));
}

// A copy that is whole at one moment, also while calsync runs.
int Backup(const CleanOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  std::error_code error;
  if (std::filesystem::exists(options.file, error)) {
    return Fail(absl::AlreadyExistsError(absl::StrCat(options.file, " is there already; backups are not overwritten")));
  }
  if (!installation->settings().store.empty()) return Fail(IsOnPostgres("pg_dump copies it, also while calsync runs"));
  if (!installation->HasDatabase()) {
    return Fail(absl::NotFoundError(absl::StrCat("there is no database yet: ", installation->database_file())));
  }
  const auto database = adapter::SqliteConnection::Open(installation->database_file(), {});
  if (!database.ok()) return Fail(database.status());
  if (const absl::Status copied = (*database)->CopyInto(options.file); !copied.ok()) return Fail(copied);
  std::printf(
      "the database is in %s\n"
      "Not in it, and to be kept as well: %s and what lies beside it (keys, grants).\n",
      options.file.c_str(), installation->settings().file.c_str());
  return Written("the result") ? kDone : kEnvironment;
}

// With what its write-ahead log holds.
absl::Status KeepAside(const std::string& database, const std::string& aside) {
  const auto before = adapter::SqliteConnection::Open(database, {});
  const absl::Status kept = before.ok() ? (*before)->CopyInto(aside) : before.status();
  if (kept.ok()) return kept;
  return absl::Status(kept.code(),
                      absl::StrCat("the database before could not be kept, and nothing was replaced: ", kept.message(),
                                   "\n  To restore without keeping it, move it away first:  mv ", database, "* FOLDER"));
}

// Restoring is safe: the store's owner epoch is then below the known one, so that the engines take nothing for a person's
// deletion that happened since (design, "Ids that certify themselves").
int Restore(const CleanOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  if (!installation->settings().store.empty()) {
    return Fail(IsOnPostgres("pg_restore puts a copy back while no calsync runs; the next one sees that it is older"));
  }
  const auto lock = InstanceLock::Take(installation->lock_file());
  if (!lock.ok()) return Fail(lock.status());
  // It is ours; else nothing is touched.
  const auto from = adapter::SqliteStore::OpenToRead(options.file);
  if (!from.ok()) return Fail(from.status());
  std::error_code error;
  const std::string to = installation->database_file();
  const std::string aside = absl::StrCat(to, ".before-", absl::FormatTime("%Y%m%dT%H%M%E3S", absl::Now(), absl::UTCTimeZone()));
  const bool had_one = std::filesystem::exists(to, error);
  const std::string beside = to + ".new";
  std::filesystem::remove(beside, error);
  absl::Status copied = (*from)->CopyInto(beside);
  if (copied.ok()) copied = adapter::SqliteStore::Open(beside).status();  // And it can be brought up to date.
  if (copied.ok() && had_one) copied = KeepAside(to, aside);
  if (!copied.ok()) {
    std::filesystem::remove(beside, error);
    return Fail(copied);
  }
  error.clear();
  for (const char* const ending : {"-wal", "-shm"}) {  // Of the database before: it would be taken for the new one's.
    if (!error) std::filesystem::remove(to + ending, error);
  }
  if (!error) std::filesystem::rename(beside, to, error);
  if (error) return Fail(absl::InternalError(absl::StrCat("cannot replace ", to, ": ", error.message())));
  std::printf(
      "%s is the database now.%s\nThe next `calsync run` sees that it is older, and reads every calendar in full before it "
      "writes.\n",
      options.file.c_str(), had_one ? absl::StrCat(" The one before is kept: ", aside).c_str() : "");
  return Written("the result") ? kDone : kEnvironment;
}

}  // namespace

void AddClean(CLI::App& app, CleanOptions& options, Verb& run) {
  CLI::App* clean = app.add_subcommand("clean", kCleanAbout);
  clean->set_help_flag("-h,--help", "Help.");
  AddConfigOption(clean, options.config);
  clean->add_flag("--dry-run", options.dry_run, "Say what would go; write nothing.");
  clean->add_flag("--yes", options.yes, "Do not ask.");
  clean->add_option("--timeout", options.timeout, "How long at most.")->type_name("TIME")->capture_default_str();
  clean->callback([&] { run = [&options] { return Clean(options); }; });
  CLI::App* backup = app.add_subcommand("backup", "Copies the database into a file, also while calsync runs.");
  backup->set_help_flag("-h,--help", "Help.");
  AddConfigOption(backup, options.config);
  backup->add_option("file", options.file, "Must not be there yet.")->required()->type_name("FILE");
  backup->callback([&] { run = [&options] { return Backup(options); }; });
  CLI::App* restore = app.add_subcommand("restore", "Puts a copy of the database back. Safe, however old it is.");
  restore->set_help_flag("-h,--help", "Help.");
  AddConfigOption(restore, options.config);
  restore->add_option("file", options.file, "As `calsync backup` made it.")->required()->type_name("FILE");
  restore->callback([&] { run = [&options] { return Restore(options); }; });
}

}  // namespace calsync::tools
