#include "adapter/trace/trace.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapter/trace/value_json.h"

namespace calsync::adapter {
namespace {

// ---- Writing ----

Json Written(const TraceHeader& header) {
  Json json = {{"calsync_trace", kTraceVersion}, {"made_by", header.made_by}, {"from", header.from}};
  json["setting"] = Json::object();
  for (const auto& [key, value] : header.setting) json["setting"][key] = value;
  json["places"] = header.places;
  return json;
}

Json Written(const TraceChoice& choice) {
  return {{"choice", choice.label}, {"stream", choice.stream}, {"nth", choice.nth}, {"of", choice.bound}, {"is", choice.value}};
}

Json Written(const TraceLine& line) {
  Json json = {{"line", line.kind}, {"step", line.step}, {"at", TimeText(line.at)}, {"place", line.place}};
  if (line.kind == "step") {
    json["input"] = line.input;
    json["effects"] = line.effects;
    json["digest"] = Hex(line.digest);
  } else {
    json["what"] = line.what;
  }
  json["hash"] = Hex(line.hash);
  return json;
}

Json Written(const TraceEnd& end) {
  Json json = {{"end", end.law.empty() ? "all laws hold" : end.law}};
  if (!end.message.empty()) json["message"] = end.message;
  json["steps"] = end.steps;
  json["at"] = TimeText(end.at);
  json["hash"] = end.hash;
  return json;
}

// ---- Reading ----

// The fields of one line; the first that is missing or of another type is remembered, so that the caller asks once.
class Fields {
 public:
  explicit Fields(const Json& json) : json_(json) {}

  bool Has(const char* key) const { return json_.contains(key); }
  std::string Text(const char* key) {
    const auto found = json_.find(key);
    if (found == json_.end() || !found->is_string()) return Wrong(key, "a text"), std::string();
    return found->get<std::string>();
  }
  uint64_t Number(const char* key) {
    const auto found = json_.find(key);
    if (found == json_.end() || !found->is_number_unsigned()) return Wrong(key, "a whole number"), 0;
    return found->get<uint64_t>();
  }
  uint64_t HexNumber(const char* key) {
    uint64_t number = 0;
    if (!absl::SimpleHexAtoi(Text(key), &number)) Wrong(key, "a number in hexadecimal");
    return number;
  }
  absl::Time Time(const char* key) {
    absl::Time time;
    if (!ReadTimeText(Text(key), time)) Wrong(key, "a time");
    return time;
  }
  std::vector<std::string> Texts(const char* key) {
    std::vector<std::string> texts;
    const auto found = json_.find(key);
    if (found == json_.end() || !found->is_array()) return Wrong(key, "a list of texts"), texts;
    for (const Json& text : *found) {
      if (!text.is_string()) return Wrong(key, "a list of texts"), texts;
      texts.push_back(text.get<std::string>());
    }
    return texts;
  }
  std::vector<std::pair<std::string, std::string>> Pairs(const char* key) {
    std::vector<std::pair<std::string, std::string>> pairs;
    const auto found = json_.find(key);
    if (found == json_.end() || !found->is_object()) return Wrong(key, "an object of texts"), pairs;
    for (const auto& [name, value] : found->items()) {
      if (!value.is_string()) return Wrong(key, "an object of texts"), pairs;
      pairs.emplace_back(name, value.get<std::string>());
    }
    return pairs;
  }

  const std::string& wrong() const { return wrong_; }

 private:
  void Wrong(const char* key, const char* what) {
    if (wrong_.empty()) wrong_ = absl::StrCat("\"", key, "\" is to be ", what);
  }

  const Json& json_;
  std::string wrong_;
};

TraceHeader HeaderOf(Fields& fields) {
  return {.recording = fields.Has("recording"),
          .made_by = fields.Text("made_by"),
          .from = fields.Text("from"),
          .setting = fields.Pairs("setting"),
          .places = fields.Texts("places")};
}

TraceChoice ChoiceOf(Fields& fields) {
  return {.stream = fields.Text("stream"),
          .label = fields.Text("choice"),
          .nth = fields.Number("nth"),
          .bound = fields.Number("of"),
          .value = fields.Number("is")};
}

TraceLine LineOf(Fields& fields) {
  TraceLine line{.kind = fields.Text("line"),
                 .step = fields.Number("step"),
                 .at = fields.Time("at"),
                 .place = fields.Text("place"),
                 .hash = fields.HexNumber("hash")};
  if (line.kind == "step") {
    line.input = fields.Text("input");
    line.effects = fields.Texts("effects");
    line.digest = fields.HexNumber("digest");
  } else {
    line.what = fields.Text("what");
  }
  return line;
}

TraceEnd EndOf(Fields& fields) {
  TraceEnd end{.law = fields.Text("end"), .steps = fields.Number("steps"), .at = fields.Time("at"), .hash = fields.Text("hash")};
  if (end.law == "all laws hold") end.law.clear();
  if (fields.Has("message")) end.message = fields.Text("message");
  return end;
}

}  // namespace

std::string WriteTrace(const Trace& trace) {
  std::string text = OneLine(Written(trace.header));
  for (const TraceChoice& choice : trace.choices) text += OneLine(Written(choice));
  for (const TraceLine& line : trace.lines) text += OneLine(Written(line));
  if (trace.end.has_value()) text += OneLine(Written(*trace.end));
  return text;
}

absl::StatusOr<Trace> ReadTrace(absl::string_view text, absl::string_view name) {
  Trace trace;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const auto error = [&](absl::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat(name, ":", number, ": ", what));
    };
    if (line.empty() && number > 1) continue;  // The end of the last line, and what an editor may add.
    const Json json = Json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
    if (!json.is_object())
      return error(number == 1 ? "this is no trace: it does not begin with a line of JSON" : "this is no line of JSON");
    Fields fields(json);
    if (number == 1) {
      if (!fields.Has("calsync_trace")) return error("this is no trace: the first line has no \"calsync_trace\"");
      const uint64_t version = fields.Number("calsync_trace");
      if (fields.wrong().empty() && version > kRecordingVersion) {
        return error(absl::StrCat("a newer calsync wrote this trace: its format is ", version, ", and this one reads ",
                                  kRecordingVersion));
      }
      trace.header = HeaderOf(fields);
    } else if (fields.Has("choice")) {
      trace.choices.push_back(ChoiceOf(fields));
    } else if (fields.Has("line")) {
      trace.lines.push_back(LineOf(fields));
    } else if (fields.Has("end")) {
      trace.end = EndOf(fields);
    }
    if (!fields.wrong().empty()) return error(fields.wrong());
  }
  return trace;
}

}  // namespace calsync::adapter
