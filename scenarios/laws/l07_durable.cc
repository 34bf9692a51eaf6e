#include "scenarios/laws/l07_durable.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/overloaded.h"

namespace calsync::sim {

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

}  // namespace calsync::sim
