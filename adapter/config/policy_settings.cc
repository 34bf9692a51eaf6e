#include "adapter/config/policy_settings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace calsync::adapter {
namespace {

constexpr const char* kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// "08:30", and "24:00" for an end. Minutes since midnight, or -1.
int MinuteOf(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  int hour = 0;
  int minute = 0;
  if (!absl::SimpleAtoi(parts.first, &hour) || !absl::SimpleAtoi(parts.second, &minute)) return -1;
  if (hour < 0 || hour > 24 || minute < 0 || minute > 59) return -1;
  const int all = hour * 60 + minute;
  return all > 24 * 60 ? -1 : all;
}

// -1 if it is no day.
int DayOf(absl::string_view text) {
  const auto* const found = std::find(std::begin(kDays), std::end(kDays), absl::AsciiStrToLower(text));
  return found == std::end(kDays) ? -1 : static_cast<int>(found - std::begin(kDays));
}

// "mon-fri", "sat,sun", "fri-mon". 0 if it is none of that.
uint8_t DaysOf(absl::string_view text) {
  unsigned days = 0;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<absl::string_view> ends = absl::StrSplit(absl::StripAsciiWhitespace(part), '-');
    const int first = DayOf(absl::StripAsciiWhitespace(ends.front()));
    const int last = DayOf(absl::StripAsciiWhitespace(ends.back()));
    if (ends.size() > 2 || first < 0 || last < 0) return 0;
    for (int day = first;; day = (day + 1) % 7) {
      days |= 1u << day;
      if (day == last) break;
    }
  }
  return static_cast<uint8_t>(days);
}

void ReadHours(TableReader& table, const std::string& file, DirectionPolicy& policy) {
  const toml::table* const inner = table.Table("hours");
  if (inner == nullptr) return;
  TableReader hours(file, "hours", *inner);
  std::string from = "00:00";
  std::string to = "24:00";
  std::string days = "mon-sun";
  hours.Text("from", from);
  hours.Text("to", to);
  hours.Text("days", days);
  Hours read;
  read.from = MinuteOf(from);
  read.to = MinuteOf(to);
  read.days = DaysOf(days);
  if (read.from < 0 || read.from == 24 * 60) hours.Complain("from", "takes a time of day, as \"08:30\"");
  if (read.to <= 0) hours.Complain("to", "takes a time of day, as \"18:00\"; \"24:00\" is the end of the day");
  if (read.days == 0) hours.Complain("days", "takes days, as \"mon-fri\" or \"sat,sun\"");
  table.Fail(hours.Finish());
  policy.hours = read;
}

template <class Enum>
void ReadWord(TableReader& table, absl::string_view key, const std::vector<std::string>& words, std::vector<Enum> values,
              Enum& value) {
  if (const std::optional<size_t> chosen = table.Word(key, words)) value = values[*chosen];
}

}  // namespace

void ReadDirectionPolicy(TableReader& table, const std::string& file, DirectionPolicy& policy) {
  table.Flag("mirrors", policy.mirrors);
  table.Text("title", policy.title_template);
  table.Text("description", policy.description_template);
  ReadWord<Visibility>(table, "visibility", {"default", "public", "private"},
                       {Visibility::kDefault, Visibility::kPublic, Visibility::kPrivate}, policy.visibility);
  table.Flag("tentative", policy.tentative);
  table.Flag("needs_action", policy.needs_action);
  table.Flag("all_day", policy.all_day);
  table.Texts("keywords", policy.keywords);
  if (table.Has("colours")) {
    std::vector<int64_t> colours;
    table.Numbers("colours", 0, 11, colours);
    policy.colours.assign(colours.begin(), colours.end());
  }
  ReadHours(table, file, policy);
  table.Lasting("horizon_ahead", absl::ZeroDuration(), policy.horizon_ahead);
  table.Lasting("horizon_back", absl::ZeroDuration(), policy.horizon_back);
  ReadWord<AlreadyBusy>(table, "already_busy", {"none", "exact"}, {AlreadyBusy::kNone, AlreadyBusy::kExact}, policy.already_busy);
  ReadWord<OnBlockEdited>(table, "on_block_edited", {"restore", "keep"}, {OnBlockEdited::kRestore, OnBlockEdited::kKeep},
                          policy.on_block_edited);
  ReadWord<OnBlockDeleted>(table, "on_block_deleted", {"respect", "recreate"},
                           {OnBlockDeleted::kRespect, OnBlockDeleted::kRecreate}, policy.on_block_deleted);
}

void ReadPolicy(TableReader& table, const std::string& file, Policy& policy) {
  ReadDirectionPolicy(table, file, policy);
  ReadWord<TagUserEvents>(table, "tag_user_events", {"lazy", "off"}, {TagUserEvents::kLazy, TagUserEvents::kOff},
                          policy.tag_user_events);
  ReadWord<Detection>(table, "detection", {"uuid", "hybrid", "text"}, {Detection::kUuid, Detection::kHybrid, Detection::kText},
                      policy.detection);
  table.Flag("compare_detection", policy.compare_detection);
  table.Texts("legacy_titles", policy.legacy.titles);
  table.Texts("legacy_descriptions", policy.legacy.descriptions);
  table.Lasting("poll", absl::Seconds(1), policy.poll_interval);
  table.Lasting("poll_with_push", absl::Seconds(1), policy.poll_interval_with_push);
  table.Lasting("full_walk", absl::Minutes(1), policy.full_walk_interval);
  int64_t page_size = policy.page_size;
  table.Number("page_size", 1, 2500, page_size);
  policy.page_size = static_cast<int>(page_size);
}

}  // namespace calsync::adapter
