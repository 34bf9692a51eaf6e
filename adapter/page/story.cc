#include "adapter/page/story.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/uuid.h"

namespace calsync::adapter {
namespace {

// The user event that the row belongs to; the row itself if it is none's.
RowIndex RootOf(const Records& records, RowIndex row) {
  if (!records[row].IsBlock()) return row;
  return records.FindById(records[row].source).value_or(row);
}

}  // namespace

EventStory StoryOf(const Engine& engine, absl::string_view what) {
  const Records& records = engine.records();
  const std::optional<absl::uint128> uuid = ParseUuid(what);
  EventStory story;
  for (RowIndex row = 0; row < records.size(); ++row) {
    if (records[row].event.view() != what && !(uuid && !records[row].id.empty() && records[row].id.value == *uuid)) continue;
    const RowIndex root = RootOf(records, row);
    if (std::find(story.rows.begin(), story.rows.end(), root) == story.rows.end()) story.rows.push_back(root);
  }
  const std::vector<RowIndex> roots = story.rows;
  story.rows.clear();
  for (const RowIndex root : roots) {
    story.rows.push_back(root);
    if (records[root].kind != RecordKind::kUserEvent) continue;
    for (RowIndex row = 0; row < records.size(); ++row) {
      if (records[row].IsBlock() && records[row].source == records[root].id) story.rows.push_back(row);
    }
  }
  story.query.event = EventId(std::string(what));
  for (const RowIndex row : story.rows) {
    if (!records[row].id.empty()) story.query.records.push_back(records[row].id);
  }
  if (uuid && story.rows.empty()) story.query.records.push_back({*uuid});
  return story;
}

std::vector<RowIndex> Search(const Engine& engine, absl::string_view text, bool titles, absl::Time now, size_t most) {
  const Records& records = engine.records();
  const std::string wanted = absl::AsciiStrToLower(text);
  std::vector<RowIndex> found;
  for (RowIndex row = 0; row < records.size(); ++row) {
    const Record& record = records[row];
    if (record.kind != RecordKind::kUserEvent) continue;
    const bool hit = text.empty() || absl::StrContains(record.event.view(), text) ||
                     (!record.id.empty() && absl::StartsWith(FormatUuid(record.id.value), wanted)) ||
                     (titles && absl::StrContains(absl::AsciiStrToLower(record.summary.view()), wanted));
    if (hit) found.push_back(row);
  }
  const auto later = [&](RowIndex a, RowIndex b) {
    const bool a_over = LatestEnd(records[a].span) < now, b_over = LatestEnd(records[b].span) < now;
    if (a_over != b_over) return b_over;
    const absl::Time of_a = EarliestStart(records[a].span), of_b = EarliestStart(records[b].span);
    if (of_a != of_b) return a_over ? of_a > of_b : of_a < of_b;
    return a < b;
  };
  const auto end = found.begin() + static_cast<ptrdiff_t>(std::min(most, found.size()));
  std::partial_sort(found.begin(), end, found.end(), later);
  found.erase(end, found.end());
  return found;
}

}  // namespace calsync::adapter
