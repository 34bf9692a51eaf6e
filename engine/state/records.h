// The rows of one sync group, in memory, with the look-ups that deciding needs.
//
// What the database holds and nothing else: no second truth beside it. Rows are never purged: ids of deleted events stay taken
// (S-10). A RowIndex is stable for the life of the object. Changes are logged until TakeChanges(), for the next commit.

#ifndef CALSYNC_ENGINE_STATE_RECORDS_H_
#define CALSYNC_ENGINE_STATE_RECORDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/api/ids.h"
#include "engine/state/ids.h"
#include "engine/state/record.h"
#include "engine/state/row_chains.h"
#include "engine/state/row_table.h"

namespace calsync {

// Where a row lies: the primary key of records.
struct Place {
  CalendarKey calendar;
  EventId event;
  friend auto operator<=>(const Place&, const Place&) = default;
  template <class H>
  friend H AbslHashValue(H state, const Place& place) {
    return H::combine(std::move(state), place.calendar, place.event);
  }
};

struct RecordChanges {
  std::vector<Place> erased;
  std::vector<Record> records;
  bool empty() const { return erased.empty() && records.empty(); }
};

class Records {
 public:
  Records() = default;
  explicit Records(std::vector<Record> stored);

  size_t size() const { return changed_rows_.size(); }
  const Record& operator[](RowIndex row) const { return RowAt(row); }

  std::optional<RowIndex> FindAt(CalendarKey calendar, absl::string_view event) const;
  std::optional<RowIndex> FindById(const CorrelationId& id) const;
  // The block for the source as a whole, and the one that is an occurrence of another block.
  std::optional<RowIndex> FindBlock(const CorrelationId& source, CalendarKey target) const;
  std::optional<RowIndex> FindOccurrenceOfBlock(const CorrelationId& source, CalendarKey target) const;
  // The blocks for the source as a whole, also on calendars that are not linked any more.
  Rows BlocksOf(const CorrelationId& source) const;
  std::optional<RowIndex> FindSlot(const SlotHash& slot) const;  // Blocks only.

  // Look-ups in batches: memory is asked for ahead of them, in steps that each stand on what the one before brought. They change
  // nothing but the time that a look-up takes. A key is of one of these:
  enum class Key : uint8_t { kPlace, kId, kSlot };
  struct Ahead {
    Key key = Key::kPlace;
    uint64_t hash = 0;
  };
  static Ahead AheadAt(CalendarKey calendar, absl::string_view event);
  static Ahead AheadOf(const CorrelationId& id);
  static Ahead AheadOf(const SlotHash& slot);
  // So many are asked for at once: enough that the wait for the first is shared by many, and no more than the first cache holds.
  static constexpr size_t kAtOnce = 64;
  void PrefetchIndex(const Ahead& ahead) const;
  // The rows, and then what they name. REQUIRES for speed: PrefetchIndex of each, some while ago.
  void PrefetchRows(absl::Span<const Ahead> aheads) const;
  std::optional<RowIndex> FindAt(const Ahead& ahead, CalendarKey calendar, absl::string_view event) const;

  // What can be said of a calendar without looking at its rows.
  struct Tally {
    uint32_t blocks = 0;
    uint32_t certain_user_events = 0;  // Live, and no read of them is owed or said 404.
    friend bool operator==(const Tally&, const Tally&) = default;
  };
  Tally TallyOf(CalendarKey calendar) const;
  // False: no row was ever adopted from another system, or left behind where one was: see IsAdopted.
  bool has_adoptions() const { return adoptions_ > 0; }
  // Blocks that are created and have exactly these times.
  Rows CreatedBlocksAt(const TimeSpan& span) const;
  // What all copies of one meeting have in common: the hash of the iCalUID, and of an occurrence its original start (S-15). 0:
  // none.
  static uint64_t MeetingOf(const Record& user_event);
  // User events, live or gone, of this meeting; in the order in which they were added.
  Rows OfMeeting(uint64_t meeting) const;
  // Occurrences of whatever kind whose master has this id, and fragments of the block with it; in the order of their coming.
  Rows WithMaster(CalendarKey calendar, absl::string_view master) const;
  bool HasWithMaster(CalendarKey calendar, absl::string_view master) const;

  // So many more rows are to come, and so many of them are blocks: indexes grow once for all of them. No more than a hint.
  void Reserve(size_t rows, size_t blocks);
  // REQUIRES: nothing lies at the record's place.
  RowIndex Add(Record record);
  // Changes a row in place. The place itself is changed by Move alone.
  template <class F>
  void Change(RowIndex row, F&& change) {
    Record& record = RowAt(row);
    const Keys before = KeysOf(record);
    std::forward<F>(change)(record);
    AfterChange(row, before);
  }
  // Puts a row at another id on its calendar: of a block's later generation, or the one that Google gives an occurrence.
  // REQUIRES: nothing lies there.
  void Move(RowIndex row, const EventId& event);
  // Puts each of the two rows where the other lay. REQUIRES: on one calendar.
  void Exchange(RowIndex row, RowIndex other);
  // Turns a row into another kind at the same place (a seen event that is understood now).
  void Replace(RowIndex row, Record record);

  bool has_changes() const { return !changed_.empty() || !erased_.empty(); }
  // Rows that changed since the last TakeChanges, each once.
  const std::vector<RowIndex>& changed() const { return changed_; }
  RecordChanges TakeChanges();

  // What is wrong between the rows, in words; empty if every invariant holds (L2: one block a slot; every index finds its row).
  std::string Verify() const;
  // Bytes for all rows with their texts and indexes.
  size_t MemoryUsed() const;

 private:
  // Each row belongs to at most one entry of each index, by these keys; an empty key is not indexed.
  struct Keys {
    CorrelationId id;
    CorrelationId source;
    CalendarKey source_target;
    bool source_occurrence = false;
    SlotHash slot;
    uint64_t ical_hash = 0;
    uint64_t master_hash = 0;
    uint64_t span_hash = 0;
    Tally tally;  // What it adds to its calendar's.
    bool adoption = false;
    friend bool operator==(const Keys&, const Keys&) = default;
    bool SameSource(const Keys& other) const {
      return source == other.source && source_target == other.source_target && source_occurrence == other.source_occurrence;
    }
  };
  // Rows lie in blocks: their places in memory never change, as references to them rely on.
  static constexpr size_t kBlockRows = 16;
  struct alignas(64) Block {
    std::array<Record, kBlockRows> rows;
  };

  void PrefetchRow(const Ahead& ahead) const;
  void PrefetchText(const Ahead& ahead) const;
  const Record& RowAt(RowIndex row) const { return blocks_[row / kBlockRows].rows[row % kBlockRows]; }
  Record& RowAt(RowIndex row) { return blocks_[row / kBlockRows].rows[row % kBlockRows]; }
  static Keys KeysOf(const Record& record);
  // Both look at what differs between the two alone.
  void Unindex(RowIndex row, const Keys& keys, const Keys& after);
  void Index(RowIndex row, const Keys& keys, const Keys& before);
  void IndexPlace(RowIndex row);
  uint64_t PlaceHashOf(RowIndex row) const;
  uint64_t IdHashOf(RowIndex row) const;
  uint64_t SourceHashOf(RowIndex row) const;
  uint64_t SlotHashOf(RowIndex row) const;
  void AfterChange(RowIndex row, const Keys& before);
  void MarkChanged(RowIndex row);
  const RowTable& IndexOf(Key key) const;
  void Count(CalendarKey calendar, const Tally& before, const Tally& after);
  std::optional<RowIndex> FindSource(const CorrelationId& source, CalendarKey target, bool occurrence) const;

  std::deque<Block> blocks_;        // Grows without a copy, and without room for twice as many.
  std::vector<bool> changed_rows_;  // By row: it is in changed_ already.
  RowTable by_place_;
  RowTable by_id_;
  RowTable by_source_;  // And target, and whether it is an occurrence. Blocks.
  RowTable by_slot_;    // Blocks.
  RowChains by_ical_;   // User events, by MeetingOf.
  RowChains by_master_;
  RowChains by_span_;  // Blocks that are created.
  std::vector<std::pair<CalendarKey, Tally>> tallies_;
  size_t adoptions_ = 0;
  std::vector<RowIndex> changed_;
  std::vector<Place> erased_;
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_STATE_RECORDS_H_
