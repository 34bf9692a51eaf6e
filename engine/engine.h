// The sync engine of one sync group: one input in, effects out. Design section 3.
//
// Pure: no I/O, clock, threads, globals or randomness but the seed. Same image, same inputs, same seed: the same effects, byte
// for byte (L11). A value: a copy goes on independently. The host's duties are in engine/host/effect.h.

#ifndef CALSYNC_ENGINE_ENGINE_H_
#define CALSYNC_ENGINE_ENGINE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/api/calls.h"
#include "engine/api/event_view.h"
#include "engine/base/siphash.h"
#include "engine/decide/explain.h"
#include "engine/decide/health.h"
#include "engine/decide/legacy.h"
#include "engine/decide/live_group.h"
#include "engine/host/effect.h"
#include "engine/host/input.h"
#include "engine/state/group.h"
#include "engine/state/records.h"

namespace calsync {

class Engine {
 public:
  // `seed` is fresh for every engine that is built: call ids and UUIDs come from it, and none may be used twice.
  Engine(GroupConfig config, GroupImage stored, const SipKey& seed);

  // The first input must be Started. `now` may step either way between calls: it is a wall clock.
  Effects Step(const Input& input, absl::Time now);

  const GroupConfig& config() const { return group_.config; }
  const Records& records() const { return group_.records; }
  // By key; null if the calendar is not linked.
  const CalendarRow* calendar(CalendarKey key) const;
  const GroupRow& group_row() const { return group_.row; }
  // The sum over all calendars.
  Counters Totals() const;
  // Which live events of a page that answers a listing are shown just as they were last taken over: of such a row nothing more
  // need be read than this (UnreadRow), and a step makes the same of the page. One for each of `shown`, nothing for the others.
  std::vector<std::optional<EventVersion>> Known(const CallId& call, absl::Span<const VersionView> shown) const;
  // Calls that were made and not answered yet.
  size_t calls_in_flight() const { return group_.calls.size(); }
  // How often each verdict was given since this engine was built, by Verdict.
  const std::array<int64_t, kVerdicts>& verdicts() const { return group_.verdicts; }
  // The move from the system before this one: what is not settled, and what is.
  MigrationState migration() const { return MigrationStateOf(group_); }
  // Versions of events that their texts alone, or ids alone, take for blocks, since this engine was built.
  int64_t blocks_by_text_alone() const { return group_.blocks_by_text_alone; }
  int64_t blocks_by_ids_alone() const { return group_.blocks_by_ids_alone; }
  // Messages that named no channel of ours, or not its token.
  int64_t forged_notifications() const { return group_.forged_notifications; }
  // What the group still has to do or waits for, in words; empty if it is settled but for polls and renewals. L4's other half.
  // What waits for a calendar of `given_up` does not count: the caller knows that it cannot be read or written.
  std::string Unsettled(absl::Span<const CalendarKey> given_up = {}, OwedTags tags = OwedTags::kCount) const;
  // Every invariant between rows, indexes and queues; empty if all hold.
  std::string Verify() const;

  // --- For people. Nothing follows from it.

  // Instead of a first input, for an engine that only answers questions about what is stored.
  void LookAt(absl::Time now, std::shared_ptr<const ZoneTable> zones);
  std::vector<SlotStory> Explain(RowIndex source) const { return ExplainSlots(group_, source); }
  std::string ExplainEvent(RowIndex row) const { return ExplainRow(group_, row); }
  GroupHealth Health(absl::Time now, absl::Span<const CalendarKey> grants_lost = {}) const {
    return HealthOf(group_, now, grants_lost);
  }
  const PassLog& passes() const { return group_.passes; }
  // All that it knows, and what it is about to do.
  const LiveGroup& group() const { return group_; }

 private:
  LiveGroup group_;
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_ENGINE_H_
