#include "engine/decide/explain.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/decide/reconcile.h"
#include "engine/decide/retry.h"
#include "engine/decide/writing.h"

namespace calsync {
namespace {

using Status = RecordStatus;

void Tell(SlotStory& story, Standing standing, std::string words, absl::Time until = absl::InfinitePast()) {
  story.standing = standing;
  story.words = std::move(words);
  story.until = until;
}

// What is so may be so because nobody decided about it since something changed. An engine that has is a witness against itself.
void TellUnlooked(const LiveGroup& group, SlotStory& story, std::string words) {
  const bool decided = group.counts_from != absl::InfinitePast() && group.dirty_sources.empty();
  if (decided) return Tell(story, Standing::kUnexplained, std::move(words));
  Tell(story, Standing::kWaiting, absl::StrCat(words, "; a running calsync decides anew"));
}

absl::string_view WordsOf(Owed owed) {
  switch (owed) {
    case Owed::kRead:
      return "to be read first";
    case Owed::kDelete:
      return "to be deleted";
    case Owed::kInsert:
      return "to be made";
    case Owed::kUpdate:
      return "to be changed";
    case Owed::kTag:
      return "to be tagged";
    case Owed::kNothing:
      return "nothing to do";
  }
  return "?";
}

// What keeps the call that the row owes from leaving.
void TellWhatItWaitsFor(const LiveGroup& group, const LiveCalendar& target, RowIndex row, SlotStory& story) {
  const Record& record = group.records[row];
  const Owed owed = OwedBy(group, row);
  const std::string what(WordsOf(owed));
  if (group.IsBusy(row)) return Tell(story, Standing::kWaiting, "a call about it is under way");
  if (record.absent) return Tell(story, Standing::kWaiting, "Google says that it is not there; a listing is to prove it");
  if (RestsAfterFight(group, record) || (owed == Owed::kUpdate && IsFoughtOver(group, record))) {
    return Tell(story, Standing::kFight, "restored too often today", EndOfDay(group.now));
  }
  if (owed == Owed::kNothing) {
    if (record.source.empty()) {  // Bound with the others that the database forgot (seed 7476).
      return Tell(story, Standing::kWaiting, "found again; taken up once all calendars are walked in full");
    }
    const Record* source = SourceOf(group, record);
    if (source != nullptr && (source->must_read || source->absent)) {
      return Tell(story, Standing::kWaiting, "its event is to be read first");
    }
    return TellUnlooked(group, story, absl::StrCat("it is ", Name(record.status)));
  }
  if (target.row.unreachable) return Tell(story, Standing::kWaiting, absl::StrCat(what, ": its calendar cannot be reached"));
  if (owed != Owed::kRead) {
    if (group.row.breaker_open) return Tell(story, Standing::kWaiting, absl::StrCat(what, ": the circuit breaker is open"));
    if (target.row.IsReadOnly()) return Tell(story, Standing::kWaiting, absl::StrCat(what, ": its calendar is read-only"));
    // Longer than that none rests: the clock was set back, and one is tried (seed 1105).
    if (!IsDue(target.row.writes_rest_until, group.now, kUsageLimitRest)) {
      return Tell(story, Standing::kWaiting, absl::StrCat(what, ": Google refused writes, which rest"),
                  target.row.writes_rest_until);
    }
    if (owed == Owed::kInsert && !target.row.walked) {
      return Tell(story, Standing::kWaiting, absl::StrCat(what, ": its calendar is walked in full first"));
    }
  }
  if (!CallsMayLeave(group, target)) {
    return Tell(story, Standing::kWaiting, absl::StrCat(what, ": calls rest after a failure"), target.row.calls_rest_until);
  }
  if (!RowIsDue(group, record)) {
    return Tell(story, Standing::kWaiting, absl::StrCat(what, ": tried again after ", record.attempts, " attempts"),
                absl::FromUnixSeconds(record.retry_s));
  }
  Tell(story, Standing::kWaiting, absl::StrCat(what, ", and is next"));
}

std::string HoldWords(const Record& block) {
  switch (block.hold) {
    case Hold::kRespectedDeletion:
      if (WasGivenUp(block)) return "deleted too often in a day: given up until the event changes";
      return "a person deleted it: respected until the event changes";
    case Hold::kKeptEdit:
      return "a person edited it: kept until the event changes";
    case Hold::kParked:
      return absl::StrCat("Google refuses it (", block.reason.view(), "): tried again when the event changes");
    case Hold::kNone:
      break;
  }
  return "";
}

// The slot holds, or is to hold, its block.
void TellWanted(const LiveGroup& group, const LiveCalendar& target, const Record& source, SlotStory& story) {
  if (!story.block.has_value()) {
    if (story.verdict.due == Due::kIfItExists) return Tell(story, Standing::kNotDue, Words(story.verdict));
    return TellUnlooked(group, story, "it was not planned");
  }
  const Record& block = group.records[*story.block];
  if (HoldStands(group, block, source)) return Tell(story, Standing::kHeld, HoldWords(block));
  const bool may_create = story.verdict.due == Due::kYes;
  switch (block.status) {
    case Status::kCreated: {
      const bool shows = ShowsWhatItShould(block, ContentFingerprintFor(group, source, target.row.key));
      if (!shows || block.must_read || block.absent || block.guests) {
        return TellWhatItWaitsFor(group, target, *story.block, story);
      }
      return may_create ? Tell(story, Standing::kShown, "shows it") : Tell(story, Standing::kStays, Words(story.verdict));
    }
    case Status::kCreating:
    case Status::kDeleting:
      return TellWhatItWaitsFor(group, target, *story.block, story);
    case Status::kDeleted:
    case Status::kFailed:
      if (!may_create) return Tell(story, Standing::kNotDue, Words(story.verdict));
      if (block.must_read || block.absent) return TellWhatItWaitsFor(group, target, *story.block, story);
      return TellUnlooked(group, story, absl::StrCat("it is ", Name(block.status)));
    case Status::kSynced:
    case Status::kGone:
    case Status::kSeen:
      break;
  }
  CALSYNC_CHECK(false && "not a status of blocks");
}

}  // namespace

std::vector<SlotStory> ExplainSlots(const LiveGroup& group, RowIndex source_row) {
  const Record& source = group.records[source_row];
  CALSYNC_CHECK(source.kind == RecordKind::kUserEvent);
  std::vector<SlotStory> stories;
  for (const LiveCalendar& target : group.calendars) {
    if (target.row.key == source.calendar) continue;
    SlotStory story{.target = target.row.key, .block = FindBlockOf(group, source, target.row.key)};
    story.verdict = DueOf(group, source_row, target);
    switch (story.verdict.due) {
      case Due::kYes:
      case Due::kIfItExists:
        TellWanted(group, target, source, story);
        break;
      case Due::kFrozen:
        Tell(story, Standing::kFrozen, Words(story.verdict));
        break;
      case Due::kNo:
        if (story.block.has_value() && group.records[*story.block].MayBeLive()) {
          TellWhatItWaitsFor(group, target, *story.block, story);
        } else {
          Tell(story, Standing::kNotDue, Words(story.verdict));
          if (story.verdict.reason == DueReason::kNotBlocking) absl::StrAppend(&story.words, ": ", Name(source.blocking));
        }
        break;
    }
    if (story.standing == Standing::kNotDue && story.verdict.again_s != 0) {
      story.until = absl::FromUnixSeconds(story.verdict.again_s);
    }
    stories.push_back(std::move(story));
  }
  return stories;
}

std::string ExplainRow(const LiveGroup& group, RowIndex row) {
  const Record& record = group.records[row];
  const std::string doubt = record.must_read || record.absent ? ", to be read again" : "";
  switch (record.kind) {
    case RecordKind::kUserEvent:
      if (!record.IsLiveUserEvent()) return absl::StrCat("an event of a person that is gone", doubt);
      return absl::StrCat("an event of a person",
                          record.IsMaster()       ? ", a series"
                          : record.IsOccurrence() ? ", one of a series"
                                                  : "",
                          record.blocking == Blocking::kBlocks ? "" : absl::StrCat(", does not block: ", Name(record.blocking)),
                          doubt);
    case RecordKind::kBlock:
      return absl::StrCat("a block of ours, ", Name(record.status), ", generation ", record.generation,
                          record.hold == Hold::kNone ? "" : absl::StrCat("; ", HoldWords(record)), doubt);
    case RecordKind::kSeen:
      return absl::StrCat("no event that counts: ", Name(record.seen_as), doubt);
  }
  return "?";
}

absl::string_view Name(Standing standing) {
  switch (standing) {
    case Standing::kShown:
      return "shown";
    case Standing::kStays:
      return "stays";
    case Standing::kNotDue:
      return "not_due";
    case Standing::kHeld:
      return "held";
    case Standing::kFrozen:
      return "frozen";
    case Standing::kFight:
      return "fight";
    case Standing::kWaiting:
      return "waiting";
    case Standing::kUnexplained:
      return "unexplained";
  }
  return "?";
}

}  // namespace calsync
