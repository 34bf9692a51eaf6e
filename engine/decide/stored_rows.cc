#include "engine/decide/stored_rows.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/decide/block_occurrences.h"
#include "engine/decide/desired.h"

namespace calsync {
namespace {

// Under whichever key it was planned.
bool HasSlotOf(const LiveGroup& group, const Record& occurrence, const Record& source) {
  const auto slots = group.ids.SlotsOf(source.calendar, SlotNameOf(source), occurrence.calendar);
  return std::find(slots.begin(), slots.end(), occurrence.slot) != slots.end();
}

// Its source's record has another correlation id by now, or none. Whose it is, its slot tells; of an occurrence, where it lies
// does, as of one that the database forgot.
void Unbind(LiveGroup& group, RowIndex row) {
  group.Audit(AuditKind::kBlockRebound, group.records[row], "an older version had left it without its event");
  if (!group.records[row].IsOccurrence()) {
    return group.records.Change(row, [](Record& block) { block.source = CorrelationId(); });
  }
  Record held = SeenWhereItLies(group.records[row]);
  held.must_read = true;
  group.records.Replace(row, std::move(held));
}

}  // namespace

void PutStoredRowsRight(LiveGroup& group) {
  std::vector<RowIndex> misnamed;
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    if (!record.IsBlock() || record.source.empty()) continue;
    const Record* source = SourceOf(group, record);
    if (source == nullptr) {
      Unbind(group, row);
    } else if (record.IsOccurrence() && !HasSlotOf(group, record, *source)) {
      misnamed.push_back(row);
    }
  }
  // Two may have each other's: all are free before the first is taken.
  for (const RowIndex row : misnamed) group.records.Change(row, [](Record& record) { record.slot = SlotHash(); });
  for (const RowIndex row : misnamed) {
    const SlotHash slot = SlotOfOccurrence(group, *SourceOf(group, group.records[row]), group.records[row].calendar);
    group.records.Change(row, [&](Record& record) { record.slot = slot; });
    group.Audit(AuditKind::kBlockRebound, group.records[row], "an older version had left it the slot of another");
  }
}

}  // namespace calsync
