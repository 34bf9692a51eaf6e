#include "engine/decide/legacy.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "engine/decide/migrate.h"
#include "engine/decide/reconcile.h"

namespace calsync {
namespace {

using Status = RecordStatus;

constexpr absl::string_view kSummary = "{summary}";
constexpr absl::string_view kCalendar = "{calendar}";
constexpr absl::string_view kUntitled = "Event";  // What the first design's system called an event without a title.

// What stands in the place of the placeholder; nothing if the text is not made by the pattern. Empty if there is no placeholder.
std::optional<absl::string_view> Filling(absl::string_view pattern, absl::string_view placeholder, absl::string_view text) {
  pattern = absl::StripAsciiWhitespace(pattern);  // Google strips white space around texts (S-13).
  text = absl::StripAsciiWhitespace(text);
  const size_t at = pattern.find(placeholder);
  if (at == absl::string_view::npos) return text == pattern ? std::optional(absl::string_view()) : std::nullopt;
  // "Busy - " with nothing behind it has lost its last blank.
  if (text == absl::StripAsciiWhitespace(absl::StrCat(pattern.substr(0, at), pattern.substr(at + placeholder.size())))) {
    return absl::string_view();
  }
  if (!absl::ConsumePrefix(&text, pattern.substr(0, at))) return std::nullopt;
  if (!absl::ConsumeSuffix(&text, pattern.substr(at + placeholder.size()))) return std::nullopt;
  return text;
}

// True if the title may be that of the source's block.
bool TitleFits(const LegacyMarks& marks, const Record& mark, const Record& source) {
  if ((mark.keywords & kTitleMark) == 0) return true;  // It tells nothing.
  const absl::string_view summary = absl::StripAsciiWhitespace(source.summary.view());
  for (const std::string& pattern : marks.titles) {
    const std::optional<absl::string_view> filling = Filling(pattern, kSummary, mark.summary.view());
    if (!filling.has_value()) continue;
    const bool tells = pattern.find(kSummary.data(), 0, kSummary.size()) != std::string::npos;
    if (!tells || absl::StripAsciiWhitespace(*filling) == summary) return true;
    if (summary.empty() && *filling == kUntitled) return true;
  }
  return false;
}

// The description names no calendar, or none that is linked, or the source's.
bool CalendarFits(const LiveGroup& group, const Record& mark, const Record& source) {
  if (mark.held_for == 0) return true;
  const auto named = [&](const LinkedCalendar& link) { return HashOf(link.name) == mark.held_for; };
  const auto& links = group.config.calendars;
  if (std::none_of(links.begin(), links.end(), named)) return true;
  const LinkedCalendar* home = group.config.Find(source.calendar);
  return home != nullptr && named(*home);
}

bool IsCertain(const LegacyMarks& marks, const Record& mark) {
  const bool title = marks.titles.empty() || (mark.keywords & kTitleMark) != 0;
  const bool description = marks.descriptions.empty() || (mark.keywords & kDescriptionMark) != 0;
  return title && description;
}

// What could have a single block at such times, whatever it is called.
bool MayBeSource(const LiveGroup& group, const Record& mark, const Record& source) {
  if (!source.IsLiveUserEvent() || source.blocking != Blocking::kBlocks || source.calendar == mark.calendar) return false;
  if (source.IsMaster() || !(source.span == mark.span)) return false;
  const LiveCalendar* home = group.Find(source.calendar);
  if (home == nullptr || !IsEnabled(group, *home)) return false;
  return !source.IsOccurrence() || StandsAlone(group, source, mark.calendar);
}

// Rows by their times: what a plan looks up.
class ByTimes {
 public:
  explicit ByTimes(const LiveGroup& group) {
    for (RowIndex row = 0; row < group.records.size(); ++row) {
      const Record& record = group.records[row];
      if (record.IsLiveUserEvent()) events_[KeyOf(record.span)].push_back(row);
      if (record.IsLiveMark()) marks_[KeyOf(record.span)].push_back(row);
    }
  }
  absl::Span<const RowIndex> Events(const TimeSpan& span) const { return Find(events_, span); }
  absl::Span<const RowIndex> Marks(const TimeSpan& span) const { return Find(marks_, span); }

 private:
  using Key = std::tuple<int64_t, int64_t, bool>;
  using Index = absl::btree_map<Key, std::vector<RowIndex>>;
  static Key KeyOf(const TimeSpan& span) { return {span.start, span.end, span.all_day}; }
  static absl::Span<const RowIndex> Find(const Index& index, const TimeSpan& span) {
    const auto found = index.find(KeyOf(span));
    return found == index.end() ? absl::Span<const RowIndex>() : found->second;
  }
  Index events_;
  Index marks_;
};

// A block of ours is, or may be, in the slot; or a person wanted none there.
bool IsSlotFilled(const LiveGroup& group, const Record& source, CalendarKey target) {
  const std::optional<RowIndex> block = FindBlockOf(group, source, target);
  return block.has_value() && !MayBeTakenOver(group, *block);
}

// Nothing but the mark itself, or the clock, keeps the slot from having a block.
bool MayHaveBlock(const DueVerdict& verdict) {
  return verdict.due == Due::kYes || (verdict.due == Due::kIfItExists && verdict.reason != DueReason::kTargetNotWalked);
}

// What can be said of a mark without looking for its event; nothing if it must be looked for.
std::optional<MarkFinding> AtFirstSight(const LiveGroup& group, RowIndex row) {
  const Record& mark = group.records[row];
  const LiveCalendar* calendar = group.Find(mark.calendar);
  if (calendar == nullptr || !IsEnabled(group, *calendar) || calendar->row.unreachable) return MarkFinding::kFrozen;
  if (mark.must_read || mark.absent || group.IsBusy(row) || !calendar->row.walked) return MarkFinding::kInDoubt;
  if (mark.IsMaster() || mark.IsOccurrence()) return MarkFinding::kRecurs;
  if (!mark.span.IsValid()) return MarkFinding::kNoEvent;
  return std::nullopt;
}

MarkPlan PlanOf(const LiveGroup& group, const ByTimes& rows, RowIndex row) {
  const Record& mark = group.records[row];
  if (const std::optional<MarkFinding> found = AtFirstSight(group, row)) return {row, *found};
  const LegacyMarks& marks = group.config.policy.legacy;
  std::vector<RowIndex> fitting;
  bool any = false;
  for (const RowIndex event : rows.Events(mark.span)) {
    const Record& source = group.records[event];
    if (!MayBeSource(group, mark, source)) continue;
    if (source.must_read || source.absent) return {row, MarkFinding::kInDoubt};
    any = true;
    if (Fits(group, mark, source)) fitting.push_back(event);
  }
  if (fitting.empty()) return {row, any ? MarkFinding::kOtherTitle : MarkFinding::kNoEvent};
  if (fitting.size() > 1) return {row, MarkFinding::kSeveralEvents};
  const RowIndex event = fitting.front();
  const Record& source = group.records[event];
  for (const RowIndex other : rows.Marks(mark.span)) {
    const Record& rival = group.records[other];
    if (other == row || rival.calendar != mark.calendar || !Fits(group, rival, source)) continue;
    // Whoever is marked in full comes before one that is not.
    if (IsCertain(marks, rival) || !IsCertain(marks, mark)) return {row, MarkFinding::kSeveralMarks, event};
  }
  if (!IsCertain(marks, mark)) {
    return {row, (mark.keywords & kTitleMark) != 0 ? MarkFinding::kOnlyTitle : MarkFinding::kOnlyDescription, event};
  }
  if (IsSlotFilled(group, source, mark.calendar)) return {row, MarkFinding::kBlockThere, event};
  const DueVerdict verdict = DueOf(group, event, *group.Find(mark.calendar));
  if (MayHaveBlock(verdict)) return {row, MarkFinding::kPaired, event};
  const bool no = verdict.due == Due::kNo;
  return {row, no ? MarkFinding::kNotDue : MarkFinding::kFrozen, event, verdict.reason};
}

bool TakesForBlock(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOwnBlock:
    case Verdict::kForgottenBlock:
    case Verdict::kNewerGeneration:
    case Verdict::kSupersededBlock:
    case Verdict::kFragment:
    case Verdict::kCopyOfBlock:
    case Verdict::kExternalBlock:
      return true;
    case Verdict::kOwnTombstone:
    case Verdict::kOccurrenceOfBlock:
    case Verdict::kHeld:
    case Verdict::kOccurrence:
    case Verdict::kDeletion:
    case Verdict::kIgnored:
    case Verdict::kTrackedUserEvent:
    case Verdict::kCopiedUserEvent:
    case Verdict::kReturningUserEvent:
    case Verdict::kTextMarked:
    case Verdict::kNewUserEvent:
      return false;
  }
  return false;
}

}  // namespace

TextMark TextMarkOf(const LegacyMarks& marks, absl::string_view title, absl::string_view description) {
  TextMark mark;
  for (const std::string& pattern : marks.titles) {
    if (Filling(pattern, kSummary, title).has_value()) mark.bits |= kTitleMark;
  }
  for (const std::string& pattern : marks.descriptions) {
    const std::optional<absl::string_view> named = Filling(pattern, kCalendar, description);
    if (!named.has_value()) continue;
    mark.bits |= kDescriptionMark;
    if (mark.calendar == 0) mark.calendar = HashOf(absl::StripAsciiWhitespace(*named));
  }
  return mark;
}

bool Fits(const LiveGroup& group, const Record& mark, const Record& source) {
  if (mark.IsMaster() || mark.IsOccurrence() || source.IsMaster() || !(source.span == mark.span)) return false;
  return TitleFits(group.config.policy.legacy, mark, source) && CalendarFits(group, mark, source);
}

bool IsHeldByMark(const LiveGroup& group, const Record& source, CalendarKey target) {
  const auto found = group.cover.rows.find({target, source.span.start, source.span.end, source.span.all_day});
  if (found == group.cover.rows.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(),
                     [&](RowIndex row) { return group.records[row].IsLiveMark() && Fits(group, group.records[row], source); });
}

void MarkHeldDirty(LiveGroup& group, const TimeSpan& span) {
  for (const LiveCalendar& calendar : group.calendars) {
    const auto found = group.cover.rows.find({calendar.row.key, span.start, span.end, span.all_day});
    if (found == group.cover.rows.end()) continue;
    for (const RowIndex row : found->second) {
      if (group.records[row].kind == RecordKind::kUserEvent) MarkSourceDirty(group, row);
    }
  }
}

bool HasMarks(const LiveGroup& group) {
  if (HeedsMarks(group.config.policy)) return true;
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    if (group.records[row].kind == RecordKind::kSeen && group.records[row].seen_as == SeenAs::kTextMarked) return true;
  }
  return false;
}

absl::string_view Name(MarkFinding finding) {
  switch (finding) {
    case MarkFinding::kPaired:
      return "paired";
    case MarkFinding::kInDoubt:
      return "in_doubt";
    case MarkFinding::kOnlyTitle:
      return "only_title";
    case MarkFinding::kOnlyDescription:
      return "only_description";
    case MarkFinding::kNoEvent:
      return "no_event";
    case MarkFinding::kOtherTitle:
      return "other_title";
    case MarkFinding::kSeveralEvents:
      return "several_events";
    case MarkFinding::kSeveralMarks:
      return "several_marks";
    case MarkFinding::kBlockThere:
      return "block_there";
    case MarkFinding::kNotDue:
      return "not_due";
    case MarkFinding::kFrozen:
      return "frozen";
    case MarkFinding::kRecurs:
      return "recurs";
  }
  return "?";
}

std::vector<MarkPlan> PlanMigration(const LiveGroup& group, std::optional<CalendarKey> on) {
  const ByTimes rows(group);
  std::vector<MarkPlan> plans;
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    if (record.IsLiveMark() && (!on.has_value() || record.calendar == *on)) plans.push_back(PlanOf(group, rows, row));
  }
  return plans;
}

MigrationState MigrationStateOf(const LiveGroup& group) {
  const auto place_of = [&](RowIndex row) { return Place{group.records[row].calendar, EventId(group.records[row].event)}; };
  MigrationState state;
  for (const MarkPlan& plan : PlanMigration(group)) {
    const Record& mark = group.records[plan.mark];
    MarkedEvent marked{place_of(plan.mark), mark.span, std::string(mark.summary.view()), plan.finding, std::nullopt, plan.reason};
    if (plan.source.has_value()) marked.source = place_of(*plan.source);
    state.unsettled.push_back(std::move(marked));
  }
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    if (record.IsAdopted() && record.status == Status::kCreated) {
      ++state.adopted;
      state.tags_owed += record.tag == TagState::kOwed ? 1 : 0;
    }
    if (record.IsLiveUserEvent() && TextMarkOf(group.config.policy.legacy, record.summary.view(), "").bits != 0) {
      ++state.recorded_events;
    }
  }
  return state;
}

Disagreement Compare(Verdict verdict, const TextMark& mark) {
  if (mark.bits == 0) return TakesForBlock(verdict) ? Disagreement::kIdsAlone : Disagreement::kNone;
  const bool by_ids = TakesForBlock(verdict) || verdict == Verdict::kOccurrenceOfBlock;
  return by_ids ? Disagreement::kNone : Disagreement::kTextAlone;
}

void CompareDetections(LiveGroup& group, CalendarKey calendar, const Event& event, Verdict verdict) {
  if (!ComparesMarks(group.config.policy) || event.IsCancelled()) return;
  const Disagreement differ = Compare(verdict, TextMarkOf(group.config.policy.legacy, event.summary, event.description));
  if (differ == Disagreement::kNone) return;
  const bool text_alone = differ == Disagreement::kTextAlone;
  ++(text_alone ? group.blocks_by_text_alone : group.blocks_by_ids_alone);
  group.detections_differed = group.now;
  group.audit.push_back(
      {group.now, AuditKind::kDetectionsDiffer, calendar, event.id, CorrelationId(),
       absl::StrCat(text_alone ? "by its text alone it would be a block; by ids: " : "its text does not say what ids say: ",
                    Name(verdict))});
}

}  // namespace calsync
