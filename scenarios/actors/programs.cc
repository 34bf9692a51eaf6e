#include "scenarios/actors/programs.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "scenarios/actors/hands.h"
#include "scenarios/actors/people.h"
#include "scenarios/laws/l09_private.h"

namespace calsync::sim {
namespace {

constexpr int kMirrorProgram = 3;
constexpr int kCleanerProgram = 4;
constexpr int kManglerProgram = 5;

// The key by which an installation knows the event, if it has one; else one like it.
std::string KeyLikeOurs(const Event& event) {
  for (const auto& [key, value] : event.private_properties) {
    if (absl::StartsWith(key, "calsync.")) return key;
  }
  return "calsync.0badcafe";
}

// Of a mirror of the event on calendar `to`: one more than of the product's event that it is our block for, if it is one. What
// the system before CalSync made was not our doing.
uint64_t RoundOf(const MirrorProduct& product, const GhostEvent* original, int to) {
  if (original == nullptr || original->nature != Nature::kBlock || original->legacy || original->source.calendar != to) return 0;
  const auto source = product.rounds.find(original->source.event);
  return source == product.rounds.end() ? 0 : source->second + 1;
}

}  // namespace

void StripperActs(World& world) {
  const bool insists = world.plan().knobs.stripper_insists;
  const bool block = !insists && Draw(world, 2, "strip a block") == 1;
  const std::vector<Spot> spots = LiveEvents(world, block ? Nature::kBlock : Nature::kUserEvent);
  if (spots.empty()) return;
  const Spot& spot = insists ? spots.front() : spots[Draw(world, spots.size(), "strip which")];
  Event body = **world.server().Find(world.google_id(spot.calendar), spot.event);
  body.private_properties.clear();
  world.Announce(
      block ? Mishap::kBlockStripped : Mishap::kTagStripped, NameOf(world, spot.calendar),
      absl::StrCat("a program replaces ", world.NameOf(world.google_id(spot.calendar), spot.event), " and strips its tags"));
  world.Act(world.program(0),
            UpdateEvent{.calendar = world.google_id(spot.calendar), .event = spot.event, .body = std::move(body)});
}

void CopierActs(World& world) {
  const std::vector<Spot> spots = LiveEvents(world, Nature::kUserEvent);
  if (spots.empty()) return;
  const Spot& spot = spots[Draw(world, spots.size(), "copy which")];
  const int to = static_cast<int>(Draw(world, static_cast<uint64_t>(world.calendars()), "copy where"));
  const auto tags = Draw(world, 2, "copy without tags") == 1 ? World::CopyTags::kLost : World::CopyTags::kKept;
  world.Announce(Mishap::kProgramCopied, NameOf(world, to),
                 absl::StrCat("a program copies ", world.NameOf(world.google_id(spot.calendar), spot.event), " of ",
                              NameOf(world, spot.calendar)));
  world.Duplicate(world.program(1), spot.calendar, spot.event, to, tags);
}

void FighterActs(World& world) {
  const std::vector<Spot> spots = LiveEvents(world, Nature::kBlock);
  if (spots.empty()) return;
  // Always the same one, as long as it is there.
  const Spot& spot = spots.front();
  const TimeSpan span = (*world.server().Find(world.google_id(spot.calendar), spot.event))->span();
  const int64_t by = span.all_day ? 1 : 3600;
  world.Announce(Mishap::kBlockFought, NameOf(world, spot.calendar),
                 absl::StrCat("a program puts ", world.NameOf(world.google_id(spot.calendar), spot.event), " an hour later"));
  world.Act(world.program(2),
            PatchEvent{.calendar = world.google_id(spot.calendar), .event = spot.event, .patch = Shifted(span, by)});
}

void CleanerActs(World& world) {
  const bool block = Draw(world, 2, "clean away a block") == 0;
  const std::vector<Spot> spots = LiveEvents(world, block ? Nature::kBlock : Nature::kUserEvent);
  if (spots.empty()) return;
  const Spot& spot = spots[Draw(world, spots.size(), "clean away which")];
  world.Announce(Mishap::kUnknownDeleted, NameOf(world, spot.calendar),
                 absl::StrCat("a program deletes ", ShortName(world, spot), ", which it does not know"));
  world.Act(world.program(kCleanerProgram), DeleteEvent{.calendar = world.google_id(spot.calendar), .event = spot.event});
}

void ManglerActs(World& world) {
  static constexpr absl::string_view kValues[] = {"1:user_event:not-a-uuid", "9:user_event:1e0c2a5e-8f4e-4a1c-9d3b-5a7f6e2d1c0b",
                                                  "", "2:something else"};  // Malformed, of a newer version, of others.
  const std::vector<Spot> spots = LiveEvents(world, Nature::kUserEvent);
  if (spots.empty()) return;
  const Spot& spot = spots[Draw(world, spots.size(), "mangle which")];
  const std::string key = KeyLikeOurs(EventAt(world, spot));
  const bool shared = Draw(world, 3, "as a shared property") == 2;
  EventPatch patch;
  (shared ? patch.shared_properties : patch.private_properties)[key] =
      std::string(kValues[Draw(world, std::size(kValues), "mangle how")]);
  world.Announce(shared ? Mishap::kSharedKey : Mishap::kTagMangled, NameOf(world, spot.calendar),
                 absl::StrCat("a program writes ", key, " of ", ShortName(world, spot), shared ? ", for all to share" : ""));
  world.Act(world.program(kManglerProgram),
            PatchEvent{.calendar = world.google_id(spot.calendar), .event = spot.event, .patch = std::move(patch)});
}

void MirrorProductActs(World& world) {
  // From the second calendar to the first: against the direction in which we mirror, so that each sees the other's.
  constexpr int kFrom = 1, kTo = 0;
  constexpr int kWritesPerTurn = 10;
  constexpr uint64_t kInsertsMax = 30;  // Walks of full calendars, page by page, take more than people wait for.
  MirrorProduct& product = world.mirror_product();
  int writes = 0;
  const auto live = [&](int calendar, const EventId& id) -> const Event* {
    const EventPtr* event = world.server().Find(world.google_id(calendar), id);
    return event == nullptr || *event == nullptr || (*event)->IsCancelled() ? nullptr : event->get();
  };
  for (auto pair = product.mirrors.begin(); pair != product.mirrors.end() && writes < kWritesPerTurn;) {
    const Event* original = live(kFrom, pair->first);
    const Event* mirror = live(kTo, pair->second);
    if (mirror == nullptr || original == nullptr) {
      if (mirror != nullptr) {
        world.Act(world.program(kMirrorProgram), DeleteEvent{.calendar = world.google_id(kTo), .event = pair->second});
        ++writes;
      }
      // What somebody deleted on its calendar is not mirrored again; what is gone is forgotten.
      if (original == nullptr) {
        pair = product.mirrors.erase(pair);
        continue;
      }
    } else if (!(mirror->span() == original->span())) {
      EventPatch patch;
      patch.start = original->start;
      patch.end = original->end;
      world.Act(world.program(kMirrorProgram),
                PatchEvent{.calendar = world.google_id(kTo), .event = pair->second, .patch = std::move(patch)});
      ++writes;
      ++product.moves;
    }
    ++pair;
  }
  std::vector<EventPtr> fresh;
  world.server().ForEachLive(world.google_id(kFrom), [&](const EventPtr& event) {
    const bool busy = event->transparency == Transparency::kOpaque && event->span().IsValid() && event->recurrence.empty();
    if (busy && !product.mirrors.contains(event->id)) fresh.push_back(event);
  });
  for (const EventPtr& event : fresh) {
    if (product.inserts >= kInsertsMax || ++writes > kWritesPerTurn) break;
    const GhostEvent* truth = world.ghost().Find(kFrom, event->id);
    const uint64_t round = RoundOf(product, truth, kTo);
    Event mirror;
    mirror.summary = absl::StrCat("Mirrored ", kTitleMark, world.NextTitle());
    mirror.start = event->start;
    mirror.end = event->end;
    const EventId id =
        world.Insert(world.program(kMirrorProgram), kTo, std::move(mirror), truth == nullptr ? -1 : truth->residue);
    if (id.empty()) continue;
    product.mirrors[event->id] = id;
    product.rounds[id] = round;
    product.rounds_most = std::max(product.rounds_most, round);
    ++product.inserts;
  }
  if (writes > 0) {
    world.Announce(Mishap::kMirrored, NameOf(world, kTo),
                   absl::StrCat("another product mirrors ", NameOf(world, kFrom), " here"));
  }
}

}  // namespace calsync::sim
