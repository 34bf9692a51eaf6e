// What the world tells of a run, a line for each thing that happens.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/render.h"
#include "scenarios/world.h"

namespace calsync::sim {

void World::Tell(std::string place, std::string what) {
  if (!tracing()) return;
  trace_.push_back({.at = now_, .place = std::move(place), .what = WithShortNames(std::move(what)), .step = step_});
}

void World::Announce(Mishap mishap, absl::string_view place, std::string what) {
  Count(mishap);
  if (tracing()) Tell(std::string(place), std::move(what));
}

std::string World::EngineName(const Host& host) const {
  return host.number() == 0 ? "engine" : absl::StrCat("engine ", host.number() + 1);
}

std::string World::NameOf(const CalendarId& calendar, const EventId& event) const {
  const GhostEvent* truth = ghost_.Find(CalendarIndex(calendar), event);
  return truth == nullptr ? event.str() : absl::StrCat("e", truth->number);
}

std::string World::WithShortNames(std::string text) const {
  if (short_names_.empty()) return text;
  std::vector<std::pair<absl::string_view, absl::string_view>> names;
  names.reserve(short_names_.size());
  for (const auto& [id, name] : short_names_) names.emplace_back(id, name);
  return absl::StrReplaceAll(text, names);
}

void World::TellStep(const Host& host, const Input& input, const Effects& effects) {
  // Rows get their names when they are first committed.
  size_t records = 0;
  for (const auto& [id, name] : short_names_) records += name[0] == 'k' ? 1 : 0;
  for (const Effect& effect : effects) {
    const auto* commit = std::get_if<Commit>(&effect);
    if (commit == nullptr) continue;
    for (const Record& record : commit->records) {
      if (record.id.empty()) continue;
      std::string id = FormatUuid(record.id.value);
      const bool known =
          std::any_of(short_names_.begin(), short_names_.end(), [&](const auto& entry) { return entry.first == id; });
      if (!known) short_names_.emplace_back(std::move(id), absl::StrCat("k", ++records));
    }
  }
  std::string line = Render(input);
  bool first = true;
  for (const Effect& effect : effects) {
    absl::StrAppend(&line, first ? ": " : "; ", Render(effect));
    first = false;
  }
  Tell(EngineName(host), std::move(line));
}

void World::TellWrite(const fake::WriteRecord& write) {
  const int calendar = CalendarIndex(write.calendar);
  const GhostEvent* truth = ghost_.Find(calendar, write.event);
  if (truth != nullptr) {
    const std::string name = absl::StrCat("e", truth->number);
    const bool known = std::any_of(short_names_.begin(), short_names_.end(),
                                   [&](const auto& entry) { return entry.first == write.event.text(); });
    if (!known) short_names_.emplace_back(write.event.str(), name);
  }
  std::string what =
      absl::StrCat(ToString(write.actor), " ", Name(write.kind), " ", write.event.text(), " \"", write.after->summary, "\"");
  if (write.after->span().IsValid()) absl::StrAppend(&what, " ", FormatSpan(write.after->span()));
  if (write.after->transparency == Transparency::kTransparent) absl::StrAppend(&what, " free");
  Tell(plan_.calendars[static_cast<size_t>(calendar)].name, std::move(what));
}

}  // namespace calsync::sim
