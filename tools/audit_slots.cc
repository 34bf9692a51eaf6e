#include "tools/audit_slots.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "adapter/page/story.h"
#include "engine/base/uuid.h"

namespace calsync::tools {
namespace {

using Json = nlohmann::ordered_json;

std::string NameOf(const adapter::GroupSettings& group, CalendarKey calendar) {
  const adapter::CalendarSettings* const settings = group.Find(calendar);
  return settings == nullptr ? "a calendar that is not linked any more" : settings->name;
}

std::string IdOf(const Record& record) { return record.id.empty() ? "" : FormatUuid(record.id.value); }

// Rows that are asked about: a story's, or all.
std::vector<RowIndex> RowsOf(const Engine& engine, const std::string& what) {
  if (!what.empty()) return adapter::StoryOf(engine, what).rows;
  std::vector<RowIndex> rows;
  for (RowIndex row = 0; row < engine.records().size(); ++row) rows.push_back(row);
  return rows;
}

Json SlotJson(const adapter::GroupSettings& group, const Engine& engine, const SlotStory& slot) {
  Json json = {{"calendar", NameOf(group, slot.target)}, {"standing", std::string(Name(slot.standing))}, {"why", slot.words}};
  if (slot.until != absl::InfinitePast()) {
    json["until"] = absl::FormatTime(absl::RFC3339_sec, slot.until, absl::UTCTimeZone());
  }
  const Record* const block = slot.block.has_value() ? &engine.records()[*slot.block] : nullptr;
  json["block"] = block == nullptr ? "" : std::string(block->event.view());
  json["block_correlation_id"] = block == nullptr ? "" : IdOf(*block);
  json["status"] = block == nullptr ? "" : std::string(Name(block->status));
  return json;
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

std::string NodeOf(RowIndex row) { return absl::StrCat("row", row); }

// How a sentence about a slot begins.
absl::string_view Beginning(absl::string_view standing) {
  if (standing == "shown") return "a block ";
  if (standing == "stays") return "its block stays as it is: ";
  if (standing == "not_due") return "no block: ";
  if (standing == "held") return "left as it is: ";
  if (standing == "frozen") return "nothing is made or removed: ";
  if (standing == "fight") return "left alone: ";
  return standing == "waiting" ? "not done yet: " : "nobody knows why: ";
}

bool IsDrawn(const Record& record) { return record.IsLiveUserEvent() || record.MayBeLive(); }

}  // namespace

Json SlotsOf(const adapter::GroupSettings& group, const Engine& engine, const std::string& what) {
  Json events = Json::array();
  for (const RowIndex row : RowsOf(engine, what)) {
    const Record& record = engine.records()[row];
    const bool asked_for = !what.empty() && record.kind != RecordKind::kBlock;
    if (!record.IsLiveUserEvent() && !asked_for) continue;
    Json event = {{"group", group.id.str()},          {"event", std::string(record.event.view())},
                  {"correlation_id", IdOf(record)},   {"calendar", NameOf(group, record.calendar)},
                  {"what", engine.ExplainEvent(row)}, {"slots", Json::array()}};
    if (record.kind == RecordKind::kUserEvent) {
      for (const SlotStory& slot : engine.Explain(row)) event["slots"].push_back(SlotJson(group, engine, slot));
    }
    events.push_back(std::move(event));
  }
  return events;
}

std::string SlotsText(const Json& events) {
  std::string text;
  for (const Json& event : events) {
    absl::StrAppend(&text, event["calendar"].get<std::string>(), "  ", event["event"].get<std::string>(), "  ",
                    event["what"].get<std::string>(), "  [", event["correlation_id"].get<std::string>(), "]\n");
    for (const Json& slot : event["slots"]) {
      const std::string block = slot["block"].get<std::string>();
      absl::StrAppend(&text, "  ", slot["calendar"].get<std::string>(), ": ", Beginning(slot["standing"].get<std::string>()),
                      slot["why"].get<std::string>());
      if (slot.contains("until")) absl::StrAppend(&text, ", until ", slot["until"].get<std::string>());
      if (!block.empty()) absl::StrAppend(&text, "  (", block, ", ", slot["status"].get<std::string>(), ")");
      absl::StrAppend(&text, "\n");
    }
  }
  return text;
}

std::string GraphOf(const adapter::GroupSettings& group, const Engine& engine, const std::string& what) {
  const Records& records = engine.records();
  const std::vector<RowIndex> rows = RowsOf(engine, what);
  std::string text = absl::StrCat("digraph ", Quoted(group.id.text()),
                                  " {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n");
  for (size_t number = 0; number < group.calendars.size(); ++number) {
    const adapter::CalendarSettings& calendar = group.calendars[number];
    absl::StrAppend(&text, "  subgraph cluster_", number, " {\n    label=", Quoted(calendar.name), ";\n");
    for (const RowIndex row : rows) {
      const Record& record = records[row];
      if (record.calendar != calendar.key || !IsDrawn(record)) continue;
      const std::string label = absl::StrCat(FormatSpan(record.span), "\n", record.event.view(), "\n", IdOf(record));
      absl::StrAppend(&text, "    ", NodeOf(row), " [label=", absl::StrReplaceAll(Quoted(label), {{"\n", "\\n"}}),
                      record.IsBlock() ? ", style=filled, fillcolor=\"#dfe7f5\"" : ", style=rounded", "];\n");
    }
    absl::StrAppend(&text, "  }\n");
  }
  for (const RowIndex row : rows) {
    const Record& record = records[row];
    if (!record.IsBlock() || !IsDrawn(record)) continue;
    const std::optional<RowIndex> source = records.FindById(record.source);
    if (!source.has_value() || !IsDrawn(records[*source])) continue;
    const bool settled = record.status == RecordStatus::kCreated;
    absl::StrAppend(&text, "  ", NodeOf(*source), " -> ", NodeOf(row),
                    settled ? "" : absl::StrCat(" [style=dashed, label=", Quoted(Name(record.status)), "]"), ";\n");
  }
  return absl::StrCat(text, "}\n");
}

}  // namespace calsync::tools
