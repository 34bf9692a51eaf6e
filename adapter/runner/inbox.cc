#include "adapter/runner/inbox.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "adapter/config/settings.h"
#include "adapter/config/tight_file.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"

namespace calsync::adapter {
namespace {

constexpr char kEnding[] = ".order";

struct Claim {
  explicit Claim(int opened) : descriptor(opened) {}
  ~Claim() {
    if (descriptor >= 0) close(descriptor);
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  int descriptor;  // -1: it cannot be opened, and whoever reads it is told why.
};

// Null: another look has it, or it was done in this moment.
std::shared_ptr<const Claim> ClaimOf(const std::string& file) {
  auto claim = std::make_shared<const Claim>(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (claim->descriptor < 0) return claim;
  struct stat about = {};
  const bool is_ours = flock(claim->descriptor, LOCK_EX | LOCK_NB) == 0 && fstat(claim->descriptor, &about) == 0;
  return is_ours && about.st_nlink > 0 ? claim : nullptr;
}

}  // namespace

std::string FormatOrder(const Order& order) {
  const std::string what = std::visit(Overloaded{
                                          [](const Reconfigure&) { return std::string(); },
                                          [](const ResumeWrites&) { return std::string("resume-writes"); },
                                          [](const ConfirmSweep&) { return std::string("confirm-sweep"); },
                                          [](const WalkAgain&) { return std::string("resync"); },
                                          [](const AdoptLegacy&) { return std::string("adopt-legacy"); },
                                          [](const SettleLegacy&) { return std::string("settle-legacy"); },
                                      },
                                      order.command);
  CALSYNC_CHECK(!what.empty());
  std::string text = absl::StrCat(what, " ", order.group.text());
  if (const auto* sweep = std::get_if<ConfirmSweep>(&order.command)) absl::StrAppend(&text, " ", FormatKey(sweep->calendar));
  if (const auto* adopt = std::get_if<AdoptLegacy>(&order.command); adopt != nullptr && adopt->calendar != CalendarKey()) {
    absl::StrAppend(&text, " ", FormatKey(adopt->calendar));
  }
  if (const auto* settle = std::get_if<SettleLegacy>(&order.command)) {
    const bool persons = settle->as == SettleLegacy::As::kPersons;
    absl::StrAppend(&text, " ", FormatKey(settle->calendar), " ", settle->event.text(), persons ? " mine" : " block");
    if (!settle->source_event.empty()) {
      absl::StrAppend(&text, " ", FormatKey(settle->source_calendar), " ", settle->source_event.text());
    }
  }
  return text;
}

namespace {

absl::StatusOr<Order> ParseSettle(const std::vector<absl::string_view>& words) {
  uint64_t key = 0;
  const bool fits = words.size() == 5 || words.size() == 7;
  if (!fits || !absl::SimpleHexAtoi(words[2], &key) || (words[4] != "mine" && words[4] != "block")) {
    return absl::InvalidArgumentError("no order");
  }
  SettleLegacy settle{.calendar = CalendarKey(key),
                      .event = EventId(words[3]),
                      .as = words[4] == "mine" ? SettleLegacy::As::kPersons : SettleLegacy::As::kBlock};
  if (words.size() == 7) {
    if (!absl::SimpleHexAtoi(words[5], &key)) return absl::InvalidArgumentError("no order");
    settle.source_calendar = CalendarKey(key);
    settle.source_event = EventId(words[6]);
  }
  return Order{GroupId(words[1]), settle};
}

}  // namespace

absl::StatusOr<Order> ParseOrder(absl::string_view text) {
  const std::vector<absl::string_view> words = absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  uint64_t key = 0;
  if (words.size() == 2 && words[0] == "resync") return Order{GroupId(words[1]), WalkAgain{}};
  if (words.size() == 2 && words[0] == "resume-writes") return Order{GroupId(words[1]), ResumeWrites{}};
  if (words.size() == 3 && words[0] == "confirm-sweep" && absl::SimpleHexAtoi(words[2], &key)) {
    return Order{GroupId(words[1]), ConfirmSweep{CalendarKey(key)}};
  }
  if (words.size() == 2 && words[0] == "adopt-legacy") return Order{GroupId(words[1]), AdoptLegacy{}};
  if (words.size() == 3 && words[0] == "adopt-legacy" && absl::SimpleHexAtoi(words[2], &key)) {
    return Order{GroupId(words[1]), AdoptLegacy{CalendarKey(key)}};
  }
  if (words.size() >= 2 && words[0] == "settle-legacy") return ParseSettle(words);
  return absl::InvalidArgumentError("no order");
}

absl::Status Inbox::Put(const Order& order) const {
  // Names sort by time; two within a nanosecond would have to be of the same process.
  const std::string name = absl::StrFormat("%020d%s", absl::GetCurrentTimeNanos(), kEnding);
  return WriteTightFile(absl::StrCat(folder_, "/", name), FormatOrder(order), Existing::kRefuse);
}

absl::StatusOr<std::vector<FiledOrder>> Inbox::Look() const {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == kEnding) files.push_back(at->path().string());
  }
  if (error == std::errc::no_such_file_or_directory) return std::vector<FiledOrder>();
  if (error) return absl::InternalError(absl::StrCat("cannot look into ", folder_, ": ", error.message()));
  std::sort(files.begin(), files.end());
  std::vector<FiledOrder> orders;
  for (std::string& file : files) {
    std::shared_ptr<const void> claim = ClaimOf(file);
    if (claim == nullptr) continue;
    const absl::StatusOr<std::string> text = ReadFile(file, Privacy::kOwnerOnly);
    if (absl::IsNotFound(text.status())) continue;  // Somebody took it meanwhile.
    absl::StatusOr<Order> order = text.ok() ? ParseOrder(*text) : text.status();
    // Another user's, or no descriptor is left: it may be read the next time.
    if (order.ok() || !text.ok()) {
      orders.push_back({std::move(file), std::move(order), std::move(claim)});
    } else {
      std::filesystem::remove(file, error);
    }
  }
  return orders;
}

void Inbox::Remove(const FiledOrder& filed) const {
  std::error_code gone_already;
  std::filesystem::remove(filed.file, gone_already);
}

}  // namespace calsync::adapter
