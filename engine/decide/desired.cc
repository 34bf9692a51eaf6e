#include "engine/decide/desired.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/siphash.h"
#include "engine/decide/cover.h"
#include "engine/decide/legacy.h"
#include "engine/decide/occurrences.h"
#include "engine/decide/retry.h"

namespace calsync {
namespace {

constexpr SipKey kFingerprintKey{0x66696e6765727072, 0x696e742e63616c73};
constexpr absl::string_view kPrivateTitle = "Busy";  // What `{summary}` stands for when the source is private (L9).

uint64_t Fingerprint(const FieldBytes& fields) {
  const uint64_t hash = SipHash64(kFingerprintKey, fields.bytes());
  return hash == 0 ? 1 : hash;
}

FieldBytes& AppendSpan(FieldBytes& fields, const TimeSpan& span) {
  return fields.Number(static_cast<uint64_t>(span.start)).Number(static_cast<uint64_t>(span.end)).Number(span.all_day ? 1 : 0);
}

void AppendVisibility(FieldBytes& fields, Visibility visibility) {
  if (visibility != Visibility::kPrivate) fields.Text("visibility").Number(static_cast<uint64_t>(visibility));
}

// A series as PackSeries writes it: its zone, and its lines.
void AppendSeries(FieldBytes& fields, absl::string_view packed) {
  if (packed.empty()) return;
  fields.Text("series");
  for (const absl::string_view part : absl::StrSplit(packed, '\n')) fields.Text(part);
}

// Google strips white space around texts (S-13).
absl::string_view Normal(absl::string_view text) { return absl::StripAsciiWhitespace(text); }

uint64_t ContentFingerprint(const TimeSpan& span, absl::string_view summary, absl::string_view description, Visibility visibility,
                            absl::string_view packed_series) {
  FieldBytes fields;
  AppendSpan(fields, span).Text(Normal(summary)).Text(Normal(description));
  AppendVisibility(fields, visibility);
  AppendSeries(fields, packed_series);
  return Fingerprint(fields);
}

std::string Expand(absl::string_view text_template, absl::string_view summary, absl::string_view calendar) {
  std::string text;
  while (true) {
    const size_t brace = text_template.find('{');
    text.append(text_template.data(), std::min(brace, text_template.size()));
    if (brace == absl::string_view::npos) return text;
    text_template.remove_prefix(brace);
    if (absl::ConsumePrefix(&text_template, "{summary}")) {
      absl::StrAppend(&text, summary);
    } else if (absl::ConsumePrefix(&text_template, "{calendar}")) {
      absl::StrAppend(&text, calendar);
    } else {
      text.push_back('{');
      text_template.remove_prefix(1);
    }
  }
}

// What a block on the target says of the source.
struct Texts {
  std::string summary;
  std::string description;
};
Texts TextsFor(const LiveGroup& group, const Record& source, CalendarKey target) {
  const DirectionPolicy& policy = group.config.PolicyFor(source.calendar, target);
  const LinkedCalendar* home = group.config.Find(source.calendar);
  const absl::string_view calendar_name = home == nullptr ? absl::string_view() : home->name;
  const absl::string_view summary = source.text_is_private ? kPrivateTitle : source.summary.view();
  return {Expand(policy.title_template, summary, calendar_name), Expand(policy.description_template, summary, calendar_name)};
}

// How an occurrence deviates from what its series makes it; equal lists of these make equal meetings.
struct Deviation {
  OriginalStart original;
  bool busy = false;
  TimeSpan span;  // Only if busy.
  friend bool operator==(const Deviation&, const Deviation&) = default;
};

// The series does not give the occurrence any more (K-11), as far as is known.
bool IsStranded(const Record& occurrence) {
  return occurrence.alone || (occurrence.plain && occurrence.status == RecordStatus::kGone);
}

std::vector<Deviation> DeviationsOf(const LiveGroup& group, const Record& master) {
  std::vector<Deviation> deviations;
  if (!master.IsMaster()) return deviations;
  for (const RowIndex row : group.records.WithMaster(master.calendar, master.event.view())) {
    const Record& occurrence = group.records[row];
    if (occurrence.kind != RecordKind::kUserEvent || IsStranded(occurrence)) continue;
    const bool busy = occurrence.IsLiveUserEvent() && occurrence.blocking == Blocking::kBlocks;
    if (busy ? occurrence.span == PlainSpan(master, occurrence.original_start()) : occurrence.plain) continue;
    deviations.push_back({occurrence.original_start(), busy, busy ? occurrence.span : TimeSpan()});
  }
  std::sort(deviations.begin(), deviations.end(),
            [](const Deviation& a, const Deviation& b) { return a.original.start < b.original.start; });
  return deviations;
}

// True if both copies of a series make their owner busy at the same times, by what is known of their exceptions. Where one rule
// does not give an occurrence, the other, which is the same, does not either: that may be known of one copy alone (seed 104483),
// as may a cancelled occurrence that no rule gives any more (seed 62497).
bool DeviateAlike(const LiveGroup& group, const Record& a, const Record& b) {
  std::vector<Deviation> of_a = DeviationsOf(group, a), of_b = DeviationsOf(group, b);
  if (of_a == of_b) return true;
  std::vector<OriginalStart> stranded;
  for (const Record* master : {&a, &b}) {
    for (const RowIndex row : group.records.WithMaster(master->calendar, master->event.view())) {
      const Record& occurrence = group.records[row];
      if (occurrence.kind == RecordKind::kUserEvent && IsStranded(occurrence)) stranded.push_back(occurrence.original_start());
    }
  }
  const auto is_of_no_rule = [&](const Deviation& deviation) {
    return std::find(stranded.begin(), stranded.end(), deviation.original) != stranded.end() ||
           (!deviation.busy && Denies(group, a, deviation.original));
  };
  of_a.erase(std::remove_if(of_a.begin(), of_a.end(), is_of_no_rule), of_a.end());
  of_b.erase(std::remove_if(of_b.begin(), of_b.end(), is_of_no_rule), of_b.end());
  return of_a == of_b;
}

// True if `other` is another of the person's copies of the same meeting, and blocks where it lies (S-15).
bool IsBlockingTwin(const LiveGroup& group, const Record& source, const Record& other) {
  if (other.calendar == source.calendar || !other.IsLiveUserEvent() || WentWithItsSeries(group, other)) return false;
  if (other.blocking != Blocking::kBlocks || !(other.span == source.span)) return false;
  if (other.IsOccurrence() != source.IsOccurrence() || !(other.original_start() == source.original_start())) return false;
  if (!(other.series == source.series)) return false;
  if (source.IsMaster() && !DeviateAlike(group, source, other)) return false;
  const LiveCalendar* calendar = group.Find(other.calendar);
  return calendar != nullptr && IsEnabled(group, *calendar);
}

// True if no policy speaks against a block for the event on the target.
bool BlocksBy(const LiveGroup& group, const Record& source, CalendarKey target) {
  const DirectionPolicy& policy = group.config.PolicyFor(source.calendar, target);
  return policy.mirrors && SkipOf(group, source, policy) == Skip::kNone;
}

bool IsCoveredByTwin(const LiveGroup& group, RowIndex source_row, CalendarKey target) {
  const Record& source = group.records[source_row];
  if (source.ical_hash == 0) return false;
  for (const RowIndex row : group.records.OfMeeting(Records::MeetingOf(source))) {
    const Record& other = group.records[row];
    if (row == source_row || !IsBlockingTwin(group, source, other)) continue;
    if (other.calendar == target) return true;
    // One meeting, one copy a calendar: of those that policies let block there, the lowest calendar's copy is the source.
    if (other.calendar < source.calendar && BlocksBy(group, other, target)) return true;
  }
  return false;
}

// True if what the occurrence's master is, is not known for certain.
bool IsMasterInDoubt(const LiveGroup& group, const Record& occurrence) {
  const std::optional<RowIndex> row = MasterOf(group, occurrence);
  return !row.has_value() || group.records[*row].must_read || group.records[*row].absent;
}

DueVerdict DueUnlessCovered(const LiveGroup& group, const Record& source, const LiveCalendar& target) {
  if (!target.row.walked) return {Due::kIfItExists, DueReason::kTargetNotWalked};
  if (IsCovered(group, source, target.row.key)) return {Due::kIfItExists, DueReason::kAlreadyBusy};
  if (const int64_t ends = CoverWaitEnds(group, source); ends != 0) {
    return {Due::kIfItExists, DueReason::kCoverWent, Skip::kNone, ends};
  }
  return {Due::kYes, DueReason::kBlocks};
}

// True if no block is made for the source now: it is over, or too far ahead. A series is over when, as far as its text tells, all
// of its occurrences are; what stands alone is none of them (seed 1916 with two workers).
bool IsBeyondHorizon(const LiveGroup& group, const DirectionPolicy& policy, const Record& source) {
  if (!source.IsMaster()) return IsBeyondHorizon(policy, source.span, group.now);
  const TimeSpan& first = source.span;
  const absl::Duration length = LatestEnd(first) - EarliestStart(first);
  const auto is_past = [&](absl::Time start) { return start + length <= group.now - policy.horizon_back; };
  bool over = is_past(LatestEnd({first.start, first.start, first.all_day}));  // Else no text need be read for it.
  if (over) {
    const std::optional<absl::Time> latest = LatestStart(UnpackSeries(source.series.view()), first);
    over = latest.has_value() && is_past(*latest);
  }
  const bool too_far = EarliestStart(first) > group.now + policy.horizon_ahead;
  if (!over && !too_far) return false;
  for (const RowIndex row : group.records.WithMaster(source.calendar, source.event.view())) {
    const Record& occurrence = group.records[row];
    if (occurrence.alone || !occurrence.IsLiveUserEvent()) continue;
    if (!IsBeyondHorizon(policy, occurrence.span, group.now)) return false;
  }
  return true;
}

}  // namespace

bool IsReadable(const CalendarRow& row) { return !row.unreachable && ShowsEvents(row.role); }

DueVerdict DueOf(const LiveGroup& group, RowIndex source_row, const LiveCalendar& target, TargetReach reach) {
  const Record& source = group.records[source_row];
  const LiveCalendar* home = group.Find(source.calendar);
  if (home == nullptr || !IsEnabled(group, *home) || !IsEnabled(group, target)) {
    return {Due::kNo, DueReason::kCalendarDisabled};
  }
  const DirectionPolicy& policy = group.config.PolicyFor(source.calendar, target.row.key);
  if (!policy.mirrors) return {Due::kNo, DueReason::kNotMirrored};
  if (!source.IsLiveUserEvent()) return {Due::kNo, DueReason::kSourceGone};
  if (!IsReadable(home->row)) return {Due::kFrozen, DueReason::kSourceUnreachable};
  if (source.must_read || source.absent) return {Due::kFrozen, DueReason::kSourceInDoubt};
  if (source.IsOccurrence()) {
    if (IsMasterInDoubt(group, source)) return {Due::kFrozen, DueReason::kSourceInDoubt};
    if (!StandsAlone(group, source, target.row.key)) {
      const Skip skip = SkipOf(group, source, policy);
      return skip == Skip::kNone ? DueVerdict{Due::kNo, DueReason::kPartOfSeries}
                                 : DueVerdict{Due::kNo, DueReason::kSkipped, skip};
    }
  }
  if (source.blocking != Blocking::kBlocks) return {Due::kNo, DueReason::kNotBlocking};
  if (const Skip skip = SkipOf(group, source, policy); skip != Skip::kNone) return {Due::kNo, DueReason::kSkipped, skip};
  if (IsCoveredByTwin(group, source_row, target.row.key)) return {Due::kNo, DueReason::kTwin};
  if (!IsReadable(target.row) && reach == TargetReach::kAsItIs) return {Due::kFrozen, DueReason::kTargetUnreachable};
  if (target.row.IsReadOnly()) return {Due::kFrozen, DueReason::kTargetReadOnly};
  if (IsBeyondHorizon(group, policy, source)) {
    const absl::Time comes = EarliestStart(source.span) - policy.horizon_ahead;
    return {Due::kIfItExists, DueReason::kHorizon, Skip::kNone, comes > group.now ? absl::ToUnixSeconds(comes) : 0};
  }
  if (group.cover.marks && !target.row.walked) return {Due::kIfItExists, DueReason::kTargetNotWalked};
  if (group.cover.marks && IsHeldByMark(group, source, target.row.key)) return {Due::kIfItExists, DueReason::kTextMarked};
  // A series is covered by nothing: no single event has its times.
  return policy.already_busy == AlreadyBusy::kExact && !source.IsMaster() ? DueUnlessCovered(group, source, target)
                                                                          : DueVerdict{Due::kYes, DueReason::kBlocks};
}

std::string Words(const DueVerdict& verdict) {
  return std::string(verdict.reason == DueReason::kSkipped ? Name(verdict.skip) : Name(verdict.reason));
}

int64_t CoverWaitEnds(const LiveGroup& group, const Record& source) {
  const int64_t now_s = absl::ToUnixSeconds(group.now);
  if (source.cover_went_s == 0 || source.cover_went_s > now_s) return 0;  // Never, or the clock was set back since.
  const int64_t ends = source.cover_went_s + absl::ToInt64Seconds(group.config.policy.poll_interval);
  return ends > now_s ? ends : 0;
}

BlockContent ContentFor(const LiveGroup& group, const Record& source, CalendarKey target) {
  Texts texts = TextsFor(group, source, target);
  return {source.span, std::move(texts.summary), std::move(texts.description),
          group.config.PolicyFor(source.calendar, target).visibility, UnpackSeries(source.series.view())};
}

const Record* SourceOf(const LiveGroup& group, const Record& block) {
  const std::optional<RowIndex> source = group.records.FindById(block.source);
  return source.has_value() ? &group.records[*source] : nullptr;
}

std::optional<RowIndex> MasterOf(const LiveGroup& group, const Record& occurrence) {
  return group.records.FindAt(occurrence.calendar, occurrence.master.view());
}

TimeSpan PlainSpan(const Record& master, const OriginalStart& original) {
  return {original.start, original.start + (master.span.end - master.span.start), original.all_day};
}

bool MakesBusy(const LiveGroup& group, const Record& source, CalendarKey target) {
  return source.IsLiveUserEvent() && source.blocking == Blocking::kBlocks && BlocksBy(group, source, target);
}

bool StandsAlone(const LiveGroup& group, const Record& occurrence, CalendarKey target) {
  const std::optional<RowIndex> row = MasterOf(group, occurrence);
  if (!row.has_value() || group.records[*row].kind != RecordKind::kUserEvent) return true;
  const Record& master = group.records[*row];
  if (!master.IsLiveUserEvent()) return occurrence.alone && master.status == RecordStatus::kGone;  // See WentWithItsSeries.
  return occurrence.alone || !master.IsMaster() || !MakesBusy(group, master, target);
}

bool WentWithItsSeries(const LiveGroup& group, const Record& occurrence) {
  const std::optional<RowIndex> master = occurrence.IsOccurrence() ? MasterOf(group, occurrence) : std::nullopt;
  return master.has_value() && group.records[*master].status == RecordStatus::kGone && !occurrence.alone;
}

bool AnchorDiffers(const Record& block, const Record& source) {
  return !(block.span == source.span) || !(block.series == source.series);
}

bool HoldStands(const LiveGroup& group, const Record& block, const Record& source) {
  if (block.hold == Hold::kNone) return false;
  const uint64_t what_stands = block.hold == Hold::kParked ? ContentFingerprintFor(group, source, block.calendar)
                                                           : MirroredFingerprint(group, source, block.calendar);
  if (block.held_for != what_stands) return false;
  const DirectionPolicy& policy = group.config.PolicyFor(source.calendar, block.calendar);
  if (block.hold == Hold::kKeptEdit) {  // It went with the block, however that went (seed 4087557).
    return policy.on_block_edited == OnBlockEdited::kKeep && block.status == RecordStatus::kCreated;
  }
  if (block.hold != Hold::kRespectedDeletion || policy.on_block_deleted == OnBlockDeleted::kRespect) return true;
  return WasGivenUp(block);
}

bool WasGivenUp(const Record& block) { return block.hold == Hold::kRespectedDeletion && block.fights == kGivenUp; }

void EndHold(Record& block) {
  if (block.hold == Hold::kKeptEdit) block.accepted = block.written;
  block.hold = Hold::kNone;
  block.held_for = 0;
  block.reason = SharedText();
}

bool ShowsWhatItShould(const Record& block, uint64_t desired) {
  return block.actual == desired || (block.written == desired && block.actual == block.accepted);
}

uint64_t FingerprintOf(const BlockContent& content) {
  return ContentFingerprint(content.span, content.summary, content.description, content.visibility, PackSeries(content.series));
}

uint64_t ContentFingerprintFor(const LiveGroup& group, const Record& source, CalendarKey target) {
  const Texts texts = TextsFor(group, source, target);
  return ContentFingerprint(source.span, texts.summary, texts.description,
                            group.config.PolicyFor(source.calendar, target).visibility, source.series.view());
}

uint64_t FingerprintOf(const Event& block) {
  FieldBytes fields;
  AppendSpan(fields, block.span()).Text(Normal(block.summary)).Text(Normal(block.description));
  // Anything but what we always write adds to the bytes, so that it can never equal a content.
  if (block.status != EventStatus::kConfirmed) fields.Text("status").Number(static_cast<uint64_t>(block.status));
  if (block.transparency != Transparency::kOpaque) fields.Text("transparent");
  AppendVisibility(fields, block.visibility);
  AppendSeries(fields, PackSeries(block));
  return Fingerprint(fields);
}

uint64_t MirroredFingerprint(const LiveGroup& group, const Record& source, CalendarKey target) {
  FieldBytes fields;
  AppendSpan(fields, source.span);
  if (NeedsSummary(group.config.PolicyFor(source.calendar, target)) && !source.text_is_private) {
    fields.Text(source.summary.view());
  }
  if (source.IsMaster()) fields.Text(source.series.view());
  return Fingerprint(fields);
}

bool MirrorsDiffer(const LiveGroup& group, const Record& before, const Record& after) {
  // Also where it blocks nothing itself: copies may be its twins (seeds 500785 and 33807).
  if (!(before.span == after.span) || !(before.series == after.series)) return true;
  for (const LiveCalendar& calendar : group.calendars) {
    const CalendarKey target = calendar.row.key;
    if (target == after.calendar) continue;
    const DirectionPolicy& policy = group.config.PolicyFor(after.calendar, target);
    if (!policy.mirrors) continue;
    if (SkipOf(group, before, policy) != SkipOf(group, after, policy)) return true;
    if (MirroredFingerprint(group, before, target) != MirroredFingerprint(group, after, target)) return true;
  }
  return false;
}

Answer AnswerOf(const Event& event) {
  const std::optional<ResponseStatus> response = event.own_response();
  if (!response.has_value()) return Answer::kNone;
  switch (*response) {
    case ResponseStatus::kNeedsAction:
      return Answer::kNeedsAction;
    case ResponseStatus::kDeclined:
      return Answer::kDeclined;
    case ResponseStatus::kTentative:
      return Answer::kTentative;
    case ResponseStatus::kAccepted:
      return Answer::kAccepted;
  }
  return Answer::kNone;
}

uint8_t ColourOf(const Event& event) {
  constexpr int kOther = 255;
  int colour = 0;
  if (event.color_id.empty()) return 0;
  return static_cast<uint8_t>(absl::SimpleAtoi(event.color_id, &colour) && colour > 0 && colour < kOther ? colour : kOther);
}

uint64_t HashOf(absl::string_view text) { return text.empty() ? 0 : SipHash64(kFingerprintKey, text); }

Blocking BlockingOf(const Event& event) {
  if (event.transparency == Transparency::kTransparent) return Blocking::kFree;
  if (event.own_response() == ResponseStatus::kDeclined) return Blocking::kDeclined;
  if (event.type == EventType::kWorkingLocation || event.type == EventType::kBirthday) return Blocking::kTypeNotBusy;
  if (!event.span().IsValid()) return Blocking::kNoTime;
  return Blocking::kBlocks;
}

absl::string_view Name(DueReason reason) {
  switch (reason) {
    case DueReason::kBlocks:
      return "blocks";
    case DueReason::kCalendarDisabled:
      return "calendar disabled";
    case DueReason::kSourceGone:
      return "source gone";
    case DueReason::kSourceInDoubt:
      return "source in doubt";
    case DueReason::kSourceUnreachable:
      return "source unreachable";
    case DueReason::kTargetUnreachable:
      return "target unreachable";
    case DueReason::kTargetReadOnly:
      return "target read-only";
    case DueReason::kNotBlocking:
      return "does not block";
    case DueReason::kTwin:
      return "same meeting";
    case DueReason::kHorizon:
      return "horizon";
    case DueReason::kPartOfSeries:
      return "part of a series";
    case DueReason::kNotMirrored:
      return "not mirrored in this direction";
    case DueReason::kSkipped:
      return "skipped by policy";
    case DueReason::kTargetNotWalked:
      return "target not listed in full yet";
    case DueReason::kAlreadyBusy:
      return "already busy";
    case DueReason::kTextMarked:
      return "a block of another system may be there";
    case DueReason::kCoverWent:
      return "already busy until lately";
  }
  return "?";
}

}  // namespace calsync
