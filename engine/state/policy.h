// What a person may choose about their sync group. Design section 3, "User events that do not block", "People touch blocks",
// "Content".

#ifndef CALSYNC_ENGINE_STATE_POLICY_H_
#define CALSYNC_ENGINE_STATE_POLICY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/api/event.h"

namespace calsync {

enum class OnBlockEdited : uint8_t { kRestore, kKeep };
enum class OnBlockDeleted : uint8_t { kRespect, kRecreate };
enum class TagUserEvents : uint8_t { kLazy, kOff };
enum class AlreadyBusy : uint8_t {
  kNone,   // A slot is due whatever else its target shows.
  kExact,  // No new block where the target already shows a live event of anyone, busy at exactly these times.
};

// Who decides what is a block. Ids and records always do; texts only ever add events that are skipped.
enum class Detection : uint8_t {
  kUuid,    // Certified ids, records and tags alone.
  kHybrid,  // What none of them knows, and what bears a mark of the old system, is skipped until the operator says what it is.
  kText,    // Likewise; and whatever ids and texts disagree about is reported.
};

// How the system before this one marked its blocks. An event bears a mark if its title is one of these or its description is; the
// defaults are what the first design's system wrote. A title may have one `{summary}` in it and a description one `{calendar}`:
// they stand for any text, and say what it was made for.
struct LegacyMarks {
  std::vector<std::string> titles = {"Busy - {summary}"};
  std::vector<std::string> descriptions = {"Busy block for event from {calendar}"};
  friend bool operator==(const LegacyMarks&, const LegacyMarks&) = default;
};

// Times of day, and days, in which events block: local to the calendar that they lie on, summer time included.
struct Hours {
  int from = 0;         // Minutes since midnight, 0 … 1439.
  int to = 24 * 60;     // Exclusive, 1 … 1440. Not above `from`: over midnight.
  uint8_t days = 0x7f;  // Bit 0 is Monday.
  friend bool operator==(const Hours&, const Hours&) = default;
};

// What holds for one direction: from a source calendar to a target calendar.
struct DirectionPolicy {
  bool mirrors = true;  // False: no block in this direction at all.

  // `{summary}` and `{calendar}` stand for the source's title and its calendar's name; all else is literal. A private or
  // confidential source never shows its text (L9): `{summary}` is then replaced by "Busy".
  std::string title_template = "Busy";
  std::string description_template;
  Visibility visibility = Visibility::kPrivate;  // Of blocks.

  // Which events block, of those that make their calendar's owner busy at all. Kept in one place: engine/decide/skip.h.
  bool tentative = true;              // Answered tentatively, or of status tentative.
  bool needs_action = true;           // Not answered yet.
  bool all_day = true;                // All-day events.
  std::vector<std::string> keywords;  // Events whose title has one of these in it, in whatever case (ASCII), do not block.
  std::vector<uint8_t> colours;       // Events of these colour ids do not block. 0: events without one.
  std::optional<Hours> hours;         // Events wholly outside do not block.

  // Gate creation only: an ended block stays as it is until its source goes.
  absl::Duration horizon_ahead = absl::Hours(24 * 365 * 2);
  absl::Duration horizon_back = absl::ZeroDuration();

  AlreadyBusy already_busy = AlreadyBusy::kNone;
  OnBlockEdited on_block_edited = OnBlockEdited::kRestore;
  OnBlockDeleted on_block_deleted = OnBlockDeleted::kRespect;

  friend bool operator==(const DirectionPolicy&, const DirectionPolicy&) = default;
};

// Of a group: what holds for every direction that has no policy of its own, and what is of the whole group.
struct Policy : DirectionPolicy {
  TagUserEvents tag_user_events = TagUserEvents::kLazy;

  // Moving over from a system that knew its blocks by their texts: engine/decide/legacy.h.
  Detection detection = Detection::kUuid;
  bool compare_detection = false;  // Disagreements are reported in every mode.
  LegacyMarks legacy;

  // How Google is asked.
  absl::Duration poll_interval = absl::Minutes(5);          // Without a live channel.
  absl::Duration poll_interval_with_push = absl::Hours(6);  // With one: messages are lost now and then (contract 5.2).
  absl::Duration full_walk_interval = absl::Hours(24 * 7);  // Repairs what deltas missed (K-23).
  int page_size = 250;                                      // 1…2500.

  // Where Google posts notifications; empty: no channels, polling alone.
  std::string push_address;
  absl::Duration channel_ttl = absl::Hours(24 * 7);

  // The circuit breaker. Off only in tests that prove the laws do not lean on it.
  bool breaker = true;

  friend bool operator==(const Policy&, const Policy&) = default;
};

// True if texts add events that are skipped; if disagreements of ids and texts are reported.
bool HeedsMarks(const Policy& policy);
bool ComparesMarks(const Policy& policy);
absl::string_view Name(Detection detection);  // "uuid", "hybrid", "text".

// True if blocks made under the policy need the source's title.
bool NeedsSummary(const DirectionPolicy& policy);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_STATE_POLICY_H_
