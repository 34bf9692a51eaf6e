#include "adapter/runner/inbox.h"

#include <algorithm>
#include <filesystem>
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

}  // namespace

std::string FormatOrder(const Order& order) {
  const std::string what = std::visit(Overloaded{
                                          [](const Reconfigure&) { return std::string(); },
                                          [](const ResumeWrites&) { return std::string("resume-writes"); },
                                          [](const ConfirmSweep&) { return std::string("confirm-sweep"); },
                                          [](const WalkAgain&) { return std::string("resync"); },
                                      },
                                      order.command);
  CALSYNC_CHECK(!what.empty());
  std::string text = absl::StrCat(what, " ", order.group.text());
  if (const auto* sweep = std::get_if<ConfirmSweep>(&order.command)) absl::StrAppend(&text, " ", FormatKey(sweep->calendar));
  return text;
}

absl::StatusOr<Order> ParseOrder(absl::string_view text) {
  const std::vector<absl::string_view> words = absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  uint64_t key = 0;
  if (words.size() == 2 && words[0] == "resync") return Order{GroupId(words[1]), WalkAgain{}};
  if (words.size() == 2 && words[0] == "resume-writes") return Order{GroupId(words[1]), ResumeWrites{}};
  if (words.size() == 3 && words[0] == "confirm-sweep" && absl::SimpleHexAtoi(words[2], &key)) {
    return Order{GroupId(words[1]), ConfirmSweep{CalendarKey(key)}};
  }
  return absl::InvalidArgumentError("no order");
}

absl::Status Inbox::Put(const Order& order) const {
  // Names sort by time; two within a nanosecond would have to be of the same process.
  const std::string name = absl::StrFormat("%020d%s", absl::GetCurrentTimeNanos(), kEnding);
  return WriteTightFile(absl::StrCat(folder_, "/", name), FormatOrder(order), Existing::kRefuse);
}

absl::StatusOr<std::vector<Order>> Inbox::TakeAll() const {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == kEnding) files.push_back(at->path().string());
  }
  if (error == std::errc::no_such_file_or_directory) return std::vector<Order>();
  if (error) return absl::InternalError(absl::StrCat("cannot look into ", folder_, ": ", error.message()));
  std::sort(files.begin(), files.end());
  std::vector<Order> orders;
  for (const std::string& file : files) {
    const absl::StatusOr<std::string> text = ReadFile(file, Privacy::kOwnerOnly);
    std::filesystem::remove(file, error);
    if (!text.ok()) continue;
    absl::StatusOr<Order> order = ParseOrder(*text);
    if (order.ok()) orders.push_back(*std::move(order));
  }
  return orders;
}

}  // namespace calsync::adapter
