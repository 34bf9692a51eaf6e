#include "scenarios/story.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "scenarios/plain_words.h"

namespace calsync::sim {
namespace {

// How much a line matters: one about the event itself, one about what it hangs together with, a mishap.
enum class Weight { kNone, kMishap, kRelated, kNamed };

bool IsMishap(const TraceLine& line) {
  if (line.place == "world" || line.place == "operator") return true;
  for (const char* word : {"crash", "lost", "timeout", "refused", "restored", "error", "late", "strips", "fails"}) {
    if (absl::StrContains(line.what, word)) return true;
  }
  return false;
}

bool Names(const TraceLine& line, const std::set<std::string>& names) {
  const std::vector<std::string> found = ShortNamesIn(line.what);
  return std::any_of(found.begin(), found.end(), [&](const std::string& name) { return names.contains(name); });
}

// What the first line about each name hangs it together with: a block with its source, a copy with its original.
std::set<std::string> RelatedTo(const std::set<std::string>& names, const std::vector<TraceLine>& trace) {
  std::set<std::string> related;
  for (const std::string& name : names) {
    for (const TraceLine& line : trace) {
      const std::vector<std::string> found = ShortNamesIn(line.what);
      if (std::find(found.begin(), found.end(), name) == found.end()) continue;
      if (found.size() > 4) continue;  // A line about everything says nothing.
      related.insert(found.begin(), found.end());
      break;
    }
  }
  return related;
}

}  // namespace

std::vector<std::string> ShortNamesIn(const std::string& text) {
  std::vector<std::string> names;
  const auto is_word = [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; };
  const auto is_digit = [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); };
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] != 'e' && text[i] != 'k' && text[i] != 'c') || (i > 0 && is_word(text[i - 1]))) continue;
    size_t end = i + 1;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end == i + 1 || (end < text.size() && is_word(text[end]))) continue;
    const std::string name = text.substr(i, end - i);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string MessageOf(const RunResult& result) {
  if (!result.violation.has_value()) return "";
  const std::string start = absl::StrCat(ShortName(result.violation->law), " ", Name(result.violation->law), ": ");
  for (auto line = result.trace.rbegin(); line != result.trace.rend(); ++line) {
    if (line->place == "world" && absl::StartsWith(line->what, start)) return PlainWords().Of(line->what.substr(start.size()));
  }
  return result.violation->message;
}

std::string Told(const TraceLine& line) {
  return absl::StrFormat("%s %-8s %s", absl::FormatTime("%e %b %H:%M:%S", line.at, absl::UTCTimeZone()), line.place, line.what);
}

std::vector<std::string> StoryOf(const RunResult& result, size_t lines) {
  if (!result.violation.has_value()) return {};
  // Nothing after the law was broken belongs to how it came.
  std::vector<TraceLine> trace = result.trace;
  trace.erase(
      std::remove_if(trace.begin(), trace.end(), [&](const TraceLine& line) { return line.step > result.violation->step; }),
      trace.end());
  PlainWords words;
  for (TraceLine& line : trace) line.what = words.Of(line.what);
  trace.erase(std::remove_if(trace.begin(), trace.end(), [](const TraceLine& line) { return line.what.empty(); }), trace.end());
  const std::vector<std::string> named = ShortNamesIn(MessageOf(result));
  const std::set<std::string> names(named.begin(), named.end());
  const std::set<std::string> related = RelatedTo(names, trace);

  std::vector<Weight> weights(trace.size(), Weight::kNone);
  for (size_t i = 0; i < trace.size(); ++i) {
    if (Names(trace[i], names)) {
      weights[i] = Weight::kNamed;
    } else if (Names(trace[i], related)) {
      weights[i] = Weight::kRelated;
    }
  }
  // A mishap matters if it lies close to a line that does, or to the end.
  constexpr size_t kNear = 6;
  for (size_t i = 0; i < trace.size(); ++i) {
    if (names.empty() || weights[i] != Weight::kNone || !IsMishap(trace[i])) continue;
    bool near = i + kNear >= trace.size();
    for (size_t j = i < kNear ? 0 : i - kNear; j < std::min(i + kNear, trace.size()); ++j)
      near = near || weights[j] == Weight::kNamed;
    if (near) weights[i] = Weight::kMishap;
  }

  std::vector<size_t> kept;
  for (const Weight least : {Weight::kMishap, Weight::kRelated, Weight::kNamed}) {
    kept.clear();
    for (size_t i = 0; i < trace.size(); ++i) {
      if (weights[i] >= least) kept.push_back(i);
    }
    if (kept.size() <= lines) break;
  }
  if (kept.empty()) {  // A law about no single event: how it ended.
    for (size_t i = trace.size() < lines ? 0 : trace.size() - lines; i < trace.size(); ++i) kept.push_back(i);
  }

  // Too long still: the beginning, and the end.
  std::vector<std::string> story;
  const size_t head = kept.size() <= lines ? kept.size() : lines / 3;
  const size_t tail = kept.size() <= lines ? 0 : lines - head - 1;
  for (size_t i = 0; i < head; ++i) story.push_back(Told(trace[kept[i]]));
  if (tail > 0) {
    story.push_back(absl::StrCat("… ", kept.size() - head - tail, " lines more …"));
    for (size_t i = kept.size() - tail; i < kept.size(); ++i) story.push_back(Told(trace[kept[i]]));
  }
  return story;
}

std::vector<std::string> WholeStoryOf(const RunResult& result, size_t lines) {
  std::vector<std::string> story;
  PlainWords words;
  bool begun = false;
  std::string last;
  int times = 1;
  for (TraceLine line : result.trace) {
    line.what = words.Of(line.what);  // Also of what is left out: names go by the order in which things are met.
    begun = begun || line.kind != TraceLine::Kind::kStep;
    if (!begun || line.what.empty()) continue;
    const std::string what = absl::StrCat(line.place, " ", line.what);
    times = what == last ? times + 1 : 1;
    last = what;
    if (times > 1) {
      story.back() = absl::StrCat(Told(line), " (", times, " times)");
    } else {
      story.push_back(Told(line));
    }
  }
  return story.size() <= lines ? story : StoryOf(result, lines);
}

}  // namespace calsync::sim
