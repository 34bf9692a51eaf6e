#include "scenarios/laws/l07_durable.h"

#include <algorithm>
#include <cstddef>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/overloaded.h"

namespace calsync::sim {
namespace {

// Whether some steps of the lifecycle lead there: one commit may hold several. Within a generation what was confirmed once is
// never planned again, but for occurrences, which get another series.
bool Leads(RecordStatus from, const Record& to, bool same_generation) {
  std::vector<RecordStatus> reached = {from};
  for (size_t i = 0; i < reached.size(); ++i) {
    if (reached[i] == to.status) return true;
    for (const Transition& step : Lifecycle()) {
      if (step.from != reached[i] || std::count(reached.begin(), reached.end(), step.to) > 0) continue;
      if (step.event == RecordEvent::kNextGeneration && same_generation) continue;
      if (step.event == RecordEvent::kReanchored && !to.IsOccurrence()) continue;
      reached.push_back(step.to);
    }
  }
  return false;
}

}  // namespace

std::string CheckDurable(const DurableImage& image, CalendarKey key, const Request& request, Leaving leaving) {
  const auto none = [](const auto&) { return std::string(); };
  return std::visit(
      Overloaded{
          [&](const InsertEvent& insert) -> std::string {
            const RowDigest* row = image.Find(key, insert.event.id);
            if (row == nullptr) return absl::StrCat("insert of ", insert.event.id.text(), " leaves, and no durable row names it");
            if (leaving == Leaving::kLater) return "";
            if (row->kind != RecordKind::kBlock || row->status != RecordStatus::kCreating) {
              return absl::StrCat("insert of ", insert.event.id.text(), " leaves, and its durable row is ", Name(row->status));
            }
            return "";
          },
          [&](const PatchEvent& patch) -> std::string {
            const RowDigest* row = image.Find(key, patch.event);
            if (row != nullptr && leaving == Leaving::kLater) return "";
            if (row == nullptr ||
                (row->kind == RecordKind::kSeen && !row->doomed)) {  // Guests leave before a surplus block does.
              return absl::StrCat("patch of ", patch.event.text(), " leaves, and no durable row names it");
            }
            return "";
          },
          [&](const DeleteEvent& deletion) -> std::string {
            const RowDigest* row = image.Find(key, deletion.event);
            if (row == nullptr) return absl::StrCat("delete of ", deletion.event.text(), " leaves, and no durable row names it");
            if (!row->doomed && leaving == Leaving::kAtOnce) {
              return absl::StrCat("delete of ", deletion.event.text(), " leaves, and its durable row is ", Name(row->status));
            }
            return "";
          },
          [&](const WatchEvents& watch) -> std::string {
            return image.HasChannel(key, watch.channel) ? "" : "a channel is opened that no durable row names";
          },
          [&](const UpdateEvent&) -> std::string { return "an engine never replaces an event"; },
          [&](const MoveEvent&) -> std::string { return "an engine never moves an event"; },
          [&](const ImportEvent&) -> std::string { return "an engine never imports an event"; },
          [&](const ListEvents& list) { return none(list); },
          [&](const GetEvent& get) { return none(get); },
          [&](const StopChannel& stop) { return none(stop); },
          [&](const GetCalendar& get) { return none(get); },
          [&](const ListInstances& list) { return none(list); },
      },
      request);
}

std::string CheckTransition(const RowDigest* before, const Record& after) {
  const RowDigest nothing;
  if (before == nullptr) before = &nothing;
  if (after.IsBlock() && !after.IsAdopted() && before->kind == RecordKind::kBlock && after.generation < before->generation) {
    return absl::StrCat("the block ", after.event.view(), " goes back from generation ", before->generation, " to ",
                        after.generation);
  }
  const bool same_generation = after.IsBlock() && after.generation == before->generation;
  if (after.kind == RecordKind::kSeen || Leads(before->status, after, same_generation)) return "";
  return absl::StrCat("the row of ", after.event.view(), " was ", Name(before->status), " and becomes ", Name(after.status),
                      ", which no lifecycle allows");
}

std::string CheckNoStepBack(const RowDigest* before, const Record& after) {
  if (before == nullptr || before->kind != after.kind || after.kind == RecordKind::kSeen) return "";
  // What an exception shows may be its series', and what a row knows of a block that is not confirmed is of other events.
  if (after.IsOccurrence() || (after.IsBlock() && before->status != RecordStatus::kCreated)) return "";
  if (after.must_read || after.updated_ms == 0 || after.updated_ms >= before->updated_ms) return "";
  return absl::StrCat("the row of ", after.event.view(), " goes back to ", after.etag.view(), ", a version ",
                      absl::FormatDuration(absl::Milliseconds(before->updated_ms - after.updated_ms)),
                      " older than the one that it knew");
}

std::string CheckTokenSafe(const RowDigest* row, const Event& event) {
  if (row != nullptr && (row->must_read || row->etag.Equals(event.etag.text()))) return "";
  if (event.IsCancelled()) {
    const bool live =
        row != nullptr && !row->unanswered && (row->status == RecordStatus::kSynced || row->status == RecordStatus::kCreated);
    return live ? absl::StrCat("a sync token is stored that has left the cancellation of ", event.id.text(),
                               " behind, and its durable row is ", Name(row->status))
                : "";
  }
  if (row == nullptr)
    return absl::StrCat("a sync token is stored that has left ", event.id.text(), " behind, and no row tells of it");
  return absl::StrCat("a sync token is stored that has left ", event.id.text(), " behind as ", event.etag.text(),
                      ", and its durable row knows it as ", row->etag.view());
}

}  // namespace calsync::sim
