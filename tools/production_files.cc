// The files that a process looks after while it runs: settings, registry, and the orders of the operator. What is new in them is
// taken over here; what follows from it is the runner's.

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/production.h"
#include "tools/removal.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

std::vector<AccountId> AccountsOf(const adapter::GroupSettings& group) {
  std::vector<AccountId> accounts;
  for (const adapter::CalendarSettings& calendar : group.calendars) accounts.push_back(calendar.account);
  return accounts;
}

// What a process reads once, as it starts.
std::vector<const char*> TakenOverAtAStart(const Installation& before, const Installation& now) {
  std::vector<const char*> changed;
  const auto compare = [&](const auto& was, const auto& is, const char* what) {
    if (!(was == is)) changed.push_back(what);
  };
  compare(before.settings().google, now.settings().google, "[google]");
  compare(before.settings().webhook, now.settings().webhook, "[webhook]");
  compare(before.settings().rows_max, now.settings().rows_max, "[runner]");
  compare(before.settings().lease, now.settings().lease, "[workers]");
  compare(before.database(), now.database(), "the new place of the database");
  return changed;
}

}  // namespace

// When it was changed last, in nanoseconds; 0: there is none.
int64_t Production::SettingsStamp() const {
  struct stat about = {};
  if (stat(installation_.settings().file.c_str(), &about) != 0) return 0;
  return about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec;
}

void Production::TellBroken() const {
  const adapter::Settings& settings = installation_.settings();
  for (const auto& [group, why] : settings.broken) {
    const char* const so = settings.Find(group) == nullptr ? "does not run until that is corrected" : "stays as it was before";
    Complain(absl::StrCat(why.message(), ".\n  The group \"", group.text(), "\" ", so));
  }
}

// A change of one group costs what that group costs.
void Production::ReadRegistryAgain() {
  const std::vector<GroupId> changed = registry_->Changed();
  for (const GroupId& group : changed) {
    if (const absl::Status read = installation_.ReadAgain(group); !read.ok()) {
      Complain(absl::StrCat(read.message(), ".\n  The group \"", group.text(), "\" stays as it was before this change"));
      continue;
    }
    removing_.erase(group);
    const adapter::GroupSettings* const settings = installation_.settings().Find(group);
    if (settings == nullptr) {
      for (const std::string& path : installation_.NotifyPaths(group)) paths_.erase(path);
      if (worker_ == nullptr) {
        runner_->Remove(group);
      } else if (const absl::Status done = store_->Forget(group); !done.ok()) {  // A beat may have made its row anew meanwhile.
        Complain(absl::StrCat(group.text(), ": ", done.message()));
      }
    } else if (auto linked = Take(*settings)) {
      runner_->Put(*std::move(linked));
    }
  }
  if (changed.empty()) return;
  if (worker_ != nullptr) worker_->BeatSoon();
  accounts_ = installation_.Accounts();
  for (const GroupId& group : changed) {
    if (const adapter::GroupSettings* const settings = installation_.settings().Find(group)) SetGrants(AccountsOf(*settings));
  }
  Say(absl::StrCat("registry: ", changed.size() == 1 ? changed[0].text() : absl::StrCat(changed.size(), " groups"),
                   " read again"));
}

// Nothing of ours is on the group's calendars any more.
bool Production::IsCleaned(const GroupId& group) const {
  const std::optional<adapter::Runner::View> view = runner_->Look(group);
  if (!view.has_value() || view->engine == nullptr || !view->trouble.ok() || view->inputs > 0) return false;
  return !view->engine->config().policy.mirrors && view->engine->Unsettled({}, OwedTags::kLeave).empty() &&
         RemainsOf(*view->engine).words.empty();
}

void Production::FinishRemovals() {
  const absl::btree_set<GroupId> removing = removing_;
  for (const GroupId& group : removing) {
    if (!IsCleaned(group)) continue;
    runner_->Remove(group);
    absl::Status done = store_->Forget(group);
    if (done.ok()) done = installation_.Leave(group);
    if (!done.ok()) {  // All of it is done once more.
      Complain(absl::StrCat(group.text(), ": ", done.message()));
      if (auto linked = Take(*installation_.settings().Find(group))) runner_->Put(*std::move(linked));
      continue;
    }
    removing_.erase(group);
    for (const std::string& path : installation_.NotifyPaths(group)) paths_.erase(path);
    accounts_ = installation_.Accounts();
    settings_stamp_ = SettingsStamp();
    if (!options_.quiet) Say(absl::StrCat("the group ", group.text(), " is removed; ", gone_[group], " blocks are gone"));
    gone_.erase(group);
  }
}

void Production::ReadSettingsAgain() {
  const int64_t stamp = SettingsStamp();
  if (stamp == settings_stamp_) return;
  settings_stamp_ = stamp;
  absl::StatusOr<Installation> again = installation_.OpenAgain();
  if (!again.ok()) return Complain(absl::StrCat(again.status().message(), ".\n  The settings before this change stay in force"));
  const Installation before = std::exchange(installation_, *std::move(again));
  accounts_ = installation_.Accounts();
  SetGrants(accounts_);
  Say("settings read again");
  TellBroken();
  for (const char* const what : TakenOverAtAStart(before, installation_))
    Say(absl::StrCat(what, " is taken over at the next start"));
  if (!(installation_.settings().page == before.settings().page)) {
    if (const absl::Status opened = OpenPage(); !opened.ok()) Complain(opened.message());
  }
  Configure();
  if (worker_ != nullptr) worker_->BeatSoon();
}

void Production::TakeOrders() {
  const absl::StatusOr<std::vector<adapter::FiledOrder>> orders = installation_.inbox().Look();
  if (!orders.ok()) return TellOrders({std::string(orders.status().message())});
  absl::btree_set<std::string> wrong;
  for (const adapter::FiledOrder& filed : *orders) {
    if (!filed.order.ok()) {
      wrong.insert(absl::StrCat("an order is not taken: ", filed.order.status().message(),
                                ".\n  It stays where it lies until it can be read"));
      continue;
    }
    const Carried carried = Carry(filed);
    const std::string words = absl::StrCat("order: ", FormatOrder(*filed.order), carried.status.ok() ? "" : ": ",
                                           carried.status.ok() ? "" : carried.status.message());
    if (carried.stays) {
      wrong.insert(words);
    } else {
      Say(words);
    }
  }
  TellOrders(std::move(wrong));
}

// Each once, for as long as it stays so.
void Production::TellOrders(absl::btree_set<std::string> wrong) {
  for (const std::string& words : wrong) {
    if (!told_orders_.contains(words)) Complain(words);
  }
  told_orders_ = std::move(wrong);
}

}  // namespace calsync::tools
