#include "adapter/trace/recording.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapter/trace/trace.h"
#include "adapter/trace/value_json.h"
#include "engine/api/recurrence.h"
#include "engine/engine.h"
#include "engine/render.h"

namespace calsync::adapter {
namespace {

void AddZone(const std::string& zone, std::vector<std::string>& zones) {
  if (!zone.empty() && std::find(zones.begin(), zones.end(), zone) == zones.end()) zones.push_back(zone);
}

// ---- Once more ----

absl::Status Refused(absl::string_view what) { return absl::InvalidArgumentError(what); }

struct Tape {
  std::shared_ptr<ZoneTable> zones = std::make_shared<ZoneTable>();
  Snapshot snapshot;
  absl::Time began;      // When the engine of the snapshot was to start.
  size_t rows_left = 0;  // Of the snapshot.
  std::optional<Engine> engine;
  RecordingLines lines;
  ReplayedRecording replayed;
};

// An effect as it is, if it is one; whatever else stands there, as it stands there.
std::string InWords(const Json* words, const Json* done) {
  if (words == nullptr && done == nullptr) return "nothing more";
  std::string text = words != nullptr && words->is_string() ? words->get<std::string>() : "?";
  if (done != nullptr) absl::StrAppend(&text, "\n    ", done->dump(-1, ' ', false, Json::error_handler_t::replace));
  return text;
}

const Json* At(const Json& line, const char* key, size_t i) {
  const auto found = line.find(key);
  return found != line.end() && found->is_array() && i < found->size() ? &(*found)[i] : nullptr;
}

// Where two lines of one step differ, that do.
RecordingDifference Differ(uint64_t step, absl::string_view recorded_line, absl::string_view repeated_line) {
  const Json recorded = Json::parse(recorded_line), repeated = Json::parse(repeated_line);
  const auto same = [](const Json* a, const Json* b) { return (a == nullptr) == (b == nullptr) && (a == nullptr || *a == *b); };
  for (size_t i = 0;; ++i) {
    const Json* const was = At(recorded, "done", i);
    const Json* const is = At(repeated, "done", i);
    const Json* const was_told = At(recorded, "effects", i);
    const Json* const is_told = At(repeated, "effects", i);
    if (was == nullptr && is == nullptr && was_told == nullptr && is_told == nullptr) break;
    if (same(was, is) && same(was_told, is_told)) continue;
    return {step, absl::StrCat("effect ", i + 1), InWords(was_told, was), InWords(is_told, is)};
  }
  for (const char* key : {"line", "step", "at", "place", "input", "digest", "hash"}) {
    const auto was = recorded.find(key), is = repeated.find(key);
    if (was != recorded.end() && is != repeated.end() && *was == *is) continue;
    return {step, absl::StrCat("\"", key, "\""), was == recorded.end() ? "nothing" : was->dump(),
            is == repeated.end() ? "nothing" : is->dump()};
  }
  return {step, "the line", std::string(recorded_line), std::string(repeated_line)};
}

// Hashes go on over snapshots, also over one whose engine was never heard of again.
void HashIfComplete(Tape& tape) {
  if (tape.rows_left == 0) tape.lines.Start(tape.snapshot, tape.began);
}

absl::Status TakeSnapshot(const Json& json, Tape& tape) {
  tape.snapshot = Snapshot();
  tape.engine.reset();
  const Json& held = json["snapshot"];
  if (!held.is_object()) return Refused("\"snapshot\" is to be an object");
  for (const char* key : {"config", "group", "calendars", "seed", "rows"}) {
    if (!held.contains(key)) return Refused(absl::StrCat("the snapshot has no \"", key, "\""));
  }
  if (!held["calendars"].is_array() || !held["rows"].is_number_unsigned()) return Refused("the snapshot is not as it should be");
  if (absl::Status read = ReadJson(held["config"], tape.snapshot.config); !read.ok()) return read;
  if (absl::Status read = ReadJson(held["group"], tape.snapshot.image.group); !read.ok()) return read;
  if (absl::Status read = ReadJson(held["seed"], tape.snapshot.seed); !read.ok()) return read;
  for (const Json& row : held["calendars"]) {
    CalendarRow calendar;
    if (absl::Status read = ReadJson(row, calendar); !read.ok()) return read;
    tape.snapshot.image.calendars.push_back(std::move(calendar));
  }
  if (tape.snapshot.config.keys.empty()) return Refused("the snapshot has no keys");
  if (const std::string problem = tape.snapshot.config.Problem(); !problem.empty()) return Refused(problem);
  tape.snapshot.zones = held.contains("zones");
  const auto at = json.find("at");
  if (at == json.end() || !at->is_string() || !ReadTimeText(at->get<std::string>(), tape.began)) {
    return Refused("\"at\" is to be a time");
  }
  tape.rows_left = held["rows"].get<size_t>();
  ++tape.replayed.starts;
  HashIfComplete(tape);
  return absl::OkStatus();
}

absl::Status TakeRow(const Json& json, Tape& tape) {
  if (tape.rows_left == 0) return Refused("a row that no snapshot counts");
  Record record;
  if (absl::Status read = ReadJson(json["row"], record); !read.ok()) return read;
  tape.snapshot.image.records.push_back(std::move(record));
  --tape.rows_left;
  HashIfComplete(tape);
  return absl::OkStatus();
}

// What an engine takes for granted of a store, and would stop over.
absl::Status CheckRows(const GroupImage& image) {
  absl::flat_hash_set<Place> places;
  absl::flat_hash_set<CorrelationId> ids;
  absl::flat_hash_set<SlotHash> slots;
  for (const Record& record : image.records) {
    const bool once = places.insert({record.calendar, EventId(record.event)}).second &&
                      (record.id.empty() || ids.insert(record.id).second) &&
                      (!record.IsBlock() || record.slot.empty() || slots.insert(record.slot).second);
    if (!once) return Refused(absl::StrCat("the snapshot has a row twice, for ", record.event.view()));
  }
  return absl::OkStatus();
}

absl::Status TakeStep(const Json& json, absl::string_view line, Tape& tape) {
  if (tape.replayed.starts == 0 || tape.rows_left > 0) return Refused("a step before the snapshot is complete");
  Input input;
  absl::Time at;
  const auto given = json.find("given"), when = json.find("at");
  if (given == json.end() || when == json.end() || !when->is_string()) return Refused("a step needs \"given\" and \"at\"");
  if (absl::Status read = ReadJson(*given, input); !read.ok()) return read;
  if (!ReadTimeText(when->get<std::string>(), at)) return Refused("\"at\" is to be a time");
  auto* const started = std::get_if<Started>(&input);
  if (started == nullptr && !tape.engine.has_value()) return Refused("the first input of an engine is to be \"started\"");
  if (started != nullptr) {
    if (tape.engine.has_value()) return Refused("an engine is started once");
    if (absl::Status rows = CheckRows(tape.snapshot.image); !rows.ok()) return rows;
    if (tape.snapshot.zones) started->zones = tape.zones;
    tape.engine.emplace(std::move(tape.snapshot.config), std::move(tape.snapshot.image), tape.snapshot.seed);
  }
  const Effects effects = tape.engine->Step(input, at);
  const std::string repeated = tape.lines.Step(input, at, effects);
  ++tape.replayed.steps;
  const absl::string_view again = absl::string_view(repeated).substr(0, repeated.size() - 1);
  if (again != line) tape.replayed.difference = Differ(tape.lines.steps(), line, again);
  return absl::OkStatus();
}

absl::Status TakeLine(const Json& json, absl::string_view line, Tape& tape) {
  const auto text = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (json.contains("snapshot")) return TakeSnapshot(json, tape);
  if (json.contains("row")) return TakeRow(json, tape);
  if (json.contains("end")) tape.replayed.end = text("message");
  if (text("line") == "mishap") tape.replayed.mishaps.push_back(text("what"));
  return text("line") == "step" ? TakeStep(json, line, tape) : absl::OkStatus();
}

// The zones of the whole file: the rules of one are written when it is first met.
absl::Status TakeZone(const Json& json, Tape& tape) {
  if (!json.contains("zone")) return absl::OkStatus();
  ZoneRules rules;
  if (!json["zone"].is_string() || !json.contains("rules")) return Refused("a zone needs its name and rules");
  if (absl::Status read = ReadJson(json["rules"], rules); !read.ok()) return read;
  tape.zones->emplace(json["zone"].get<std::string>(), std::move(rules));
  return absl::OkStatus();
}

}  // namespace

std::string RecordingLines::Header(const GroupConfig& config, Texts texts) {
  Json json = {{"calsync_trace", kRecordingVersion}, {"recording", true}, {"made_by", "calsync run"}};
  json["from"] = absl::StrCat("group ", config.id.text());
  json["texts"] = texts == Texts::kRedacted ? "redacted" : "kept";
  json["setting"] = {{"calendars", absl::StrCat(config.calendars.size())}};
  json["places"] = Json::array();
  for (const LinkedCalendar& calendar : config.calendars) json["places"].push_back(calendar.name);
  return OneLine(json);
}

std::string RecordingLines::Start(const Snapshot& snapshot, absl::Time at) {
  Json held = {{"config", JsonOf(snapshot.config)}, {"group", JsonOf(snapshot.image.group)}};
  held["calendars"] = Json::array();
  for (const CalendarRow& row : snapshot.image.calendars) held["calendars"].push_back(JsonOf(row));
  held["seed"] = JsonOf(snapshot.seed);
  if (snapshot.zones) held["zones"] = true;
  held["rows"] = snapshot.image.records.size();
  Json json = {{"snapshot", std::move(held)}, {"at", TimeText(at)}};
  std::string lines = OneLine(json);
  for (const Record& record : snapshot.image.records) lines += OneLine({{"row", JsonOf(record)}});
  hash_.Text(lines);
  return lines;
}

std::string RecordingLines::Zone(absl::string_view name, const ZoneRules& rules) {
  return OneLine({{"zone", std::string(name)}, {"rules", JsonOf(rules)}});
}

std::string RecordingLines::Step(const Input& input, absl::Time at, const Effects& effects) {
  Mixer digest;
  Json words = Json::array(), done = Json::array();
  for (const Effect& effect : effects) {
    words.push_back(Render(effect));
    done.push_back(JsonOf(effect));
    digest.Number(DigestOf(effect));
  }
  Json json = {{"line", "step"}, {"step", ++steps_}, {"at", TimeText(at)}, {"place", "engine"}, {"input", Render(input)}};
  json["effects"] = std::move(words);
  json["digest"] = Hex(digest.state());
  json["hash"] = Hex(hash_.state());
  json["given"] = JsonOf(input);
  json["done"] = std::move(done);
  std::string line = OneLine(json);
  hash_.Text(line);
  return line;
}

std::string RecordingLines::Mishap(absl::string_view what, absl::Time at) const {
  return OneLine({{"line", "mishap"},
                  {"step", steps_},
                  {"at", TimeText(at)},
                  {"place", "recorder"},
                  {"what", std::string(what)},
                  {"hash", Hex(hash_.state())}});
}

std::string RecordingLines::End(absl::string_view why, absl::Time at) const {
  return OneLine({{"end", "recorded"},
                  {"message", std::string(why)},
                  {"steps", steps_},
                  {"at", TimeText(at)},
                  {"hash", Hex(hash_.state())}});
}

std::vector<std::string> ZonesIn(const Input& input) {
  std::vector<std::string> zones;
  const auto* reply = std::get_if<ApiReply>(&input);
  if (reply == nullptr) return zones;
  if (const auto* page = std::get_if<EventsPage>(&reply->reply)) {
    AddZone(page->time_zone, zones);
    for (const EventPtr& event : page->items) AddZone(event->start.time_zone, zones);
  } else if (const auto* event = std::get_if<EventPtr>(&reply->reply)) {
    AddZone((*event)->start.time_zone, zones);
  }
  return zones;
}

std::vector<std::string> ZonesIn(const GroupImage& image) {
  std::vector<std::string> zones;
  for (const CalendarRow& row : image.calendars) AddZone(row.time_zone, zones);
  for (const Record& record : image.records) {
    if (record.IsMaster()) AddZone(UnpackSeries(record.series.view()).time_zone, zones);
  }
  return zones;
}

absl::StatusOr<ReplayedRecording> ReplayRecording(absl::string_view text, absl::string_view name) {
  Tape tape;
  const size_t whole = text.rfind('\n');
  text = text.substr(0, whole == absl::string_view::npos ? 0 : whole);
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  for (const bool zones : {true, false}) {
    for (size_t i = 1; i < lines.size() && !tape.replayed.difference.has_value(); ++i) {
      if (lines[i].empty()) continue;
      const bool of_zone = lines[i].substr(0, 8) == "{\"zone\":";
      if (zones != of_zone) continue;
      const Json json = Json::parse(lines[i].begin(), lines[i].end(), nullptr, /*allow_exceptions=*/false);
      absl::Status taken =
          json.is_object() ? zones ? TakeZone(json, tape) : TakeLine(json, lines[i], tape) : Refused("this is no line of JSON");
      if (!taken.ok()) return absl::InvalidArgumentError(absl::StrCat(name, ":", i + 1, ": ", taken.message()));
    }
  }
  return std::move(tape.replayed);
}

}  // namespace calsync::adapter
