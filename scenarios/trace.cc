// What the world tells of a run, a line for each thing that happens.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/render.h"
#include "scenarios/world.h"

namespace calsync::sim {

void World::Tell(std::string place, std::string what, TraceLine::Kind kind) {
  if (!tracing()) return;
  trace_.push_back({.at = now_,
                    .place = std::move(place),
                    .what = WithShortNames(std::move(what)),
                    .step = step_,
                    .kind = kind,
                    .hash = absl::Uint128Low64(hash_.value())});
}

void World::Announce(Mishap mishap, absl::string_view place, std::string what) {
  Count(mishap);
  if (tracing()) Tell(std::string(place), std::move(what));
}

std::string World::EngineName(const Host& host) const {
  if (host.has_workers()) {
    return absl::StrCat(WorkerName(host.floor()), host.number() == 0 ? "" : absl::StrCat(", engine ", host.number() + 1));
  }
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
  std::vector<std::string> rendered;
  RunHash digest;
  for (const Effect& effect : effects) {
    rendered.push_back(WithShortNames(Render(effect)));
    absl::StrAppend(&line, rendered.size() == 1 ? ": " : "; ", rendered.back());
    digest.Add(DigestOf(effect));
  }
  Tell(EngineName(host), std::move(line), TraceLine::Kind::kStep);
  trace_.back().input = WithShortNames(Render(input));
  trace_.back().effects = std::move(rendered);
  trace_.back().digest = absl::Uint128Low64(digest.value());
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
  const bool by_people = write.actor.kind == fake::ActorKind::kPerson || write.actor.kind == fake::ActorKind::kProgram;
  Tell(plan_.calendars[static_cast<size_t>(calendar)].name, std::move(what),
       by_people ? TraceLine::Kind::kPeople : TraceLine::Kind::kGoogle);
}

std::vector<TraceLine> World::NamedTrace() const {
  std::vector<TraceLine> trace = trace_;
  for (TraceLine& line : trace) {
    line.what = WithShortNames(std::move(line.what));
    line.input = WithShortNames(std::move(line.input));
    for (std::string& effect : line.effects) effect = WithShortNames(std::move(effect));
  }
  return trace;
}

}  // namespace calsync::sim
