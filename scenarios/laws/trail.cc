#include "scenarios/laws/trail.h"

#include <utility>

#include "engine/host/audit.h"
#include "engine/state/record.h"

namespace calsync::sim {
namespace {

bool SaysWhy(AuditKind kind) {
  return kind == AuditKind::kNotBlocking || kind == AuditKind::kParked || kind == AuditKind::kCopyOfBlockSeen ||
         kind == AuditKind::kExternalBlockSeen || kind == AuditKind::kTextMarkSeen;
}

}  // namespace

void Trail::Append(const Commit& commit) {
  for (const Record& record : commit.records) {
    if (!record.IsLiveUserEvent()) continue;
    Place place{record.calendar, EventId(record.event)};
    if (record.skips_told == 0) left_out_.erase(place);
    if (record.blocking == Blocking::kBlocks) skipped_.erase(place);
  }
  for (const AuditEntry& entry : commit.audit) {
    if (entry.event.empty()) continue;
    Place place{entry.calendar, entry.event};
    if (entry.kind == AuditKind::kSkippedByPolicy) {
      left_out_[std::move(place)] = entry.detail;
    } else if (SaysWhy(entry.kind)) {
      skipped_.insert(std::move(place));
    }
  }
}

std::string Trail::LeftOut(const Place& place) const {
  const auto told = left_out_.find(place);
  return told == left_out_.end() ? "" : told->second;
}

}  // namespace calsync::sim
