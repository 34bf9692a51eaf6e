#include "scenarios/result.h"

#include "absl/strings/str_cat.h"

namespace calsync::sim {
namespace {

struct LawWords {
  absl::string_view short_name;
  absl::string_view name;
};
constexpr LawWords kLawWords[kLaws] = {
    {"engine", "the engine's own invariants"},
    {"L1", "no cascade"},
    {"L2", "no double"},
    {"L3", "nothing missed"},
    {"L4", "quiescence"},
    {"L5", "no orphan"},
    {"L6", "hands off"},
    {"L7", "durable"},
    {"L8", "bounded writes"},
    {"L9", "private"},
    {"L10", "isolation"},
    {"L11", "determinism"},
    {"L12", "honest"},
};

struct MishapWords {
  absl::string_view id;
  absl::string_view words;
};
constexpr MishapWords kMishapWords[kMishaps] = {
    {"U3", "block dragged"},
    {"U5", "block retitled"},
    {"U4", "block deleted"},
    {"U13", "block undeleted"},
    {"U6", "block copied"},
    {"U9", "block moved"},
    {"U5", "guests invited to a block"},
    {"U7", "event copied"},
    {"U9", "event moved"},
    {"U13", "event undeleted"},
    {"U16", "meeting on two calendars"},
    {"U14", "odd event"},
    {"U17", "two events in one slot"},
    {"A1", "tag stripped"},
    {"A2", "block stripped"},
    {"A7", "event copied by a program"},
    {"A4", "block rewritten by a program"},
    {"I1", "second instance"},
    {"I2", "clone"},
    {"G1", "calendar added"},
    {"G2", "calendar disabled"},
    {"G2", "calendar enabled again"},
    {"G1", "calendar removed"},
    {"G4", "policy changed"},
    {"T5", "role lowered"},
    {"T3", "grant revoked"},
    {"T6", "calendar unshared"},
    {"V14", "event that Google refuses to mirror"},
    {"P1", "crash before a commit"},
    {"P2", "crash after a commit"},
    {"P3", "crash between calls"},
    {"P4", "crash after a reply"},
    {"P5", "crash in recovery"},
    {"D1", "commit failed"},
    {"D3", "commit of unknown outcome"},
    {"D10", "disk full"},
    {"D7", "database lost"},
    {"D6", "database restored"},
    {"K1", "clock stepped forward"},
    {"K2", "clock stepped back"},
    {"K3", "clock skewed"},
    {"U15", "event answered"},
    {"V16", "event of another kind"},
    {"U18", "zone changed"},
    {"A5", "mirrored by another product"},
    {"U10", "series made"},
    {"U10", "occurrence changed"},
    {"U10", "occurrence brought back"},
    {"U11", "series split"},
    {"U12", "rule changed"},
    {"U11", "block split"},
    {"G5", "block of the system before"},
    {"G5", "block of the system before touched"},
    {"G5", "detection switched"},
    {"G5", "blocks of the system before adopted"},
    {"G5", "marked event settled"},
    {"P7", "worker stood still"},
    {"I4", "worker killed"},
    {"P8", "worker stopped"},
    {"I4", "worker drained"},
    {"D2", "database out of reach"},
    {"I4", "beat lost, or its answer"},
    {"K7", "workers with different clocks"},
    {"A6", "unknown event deleted by a program"},
    {"A8", "tag mangled"},
    {"A10", "key like ours shared"},
    {"K6", "host suspended"},
    {"P6", "crash loop"},
    {"D9", "slow commit"},
    {"W11", "notification delivered again"},
};
static_assert(!kMishapWords[kMishaps - 1].id.empty());

constexpr absl::string_view kRequestNames[kRequestKinds] = {"list", "get",    "insert", "patch", "update",       "delete",
                                                            "move", "import", "watch",  "stop",  "get calendar", "instances"};

}  // namespace

absl::string_view ShortName(Law law) { return kLawWords[static_cast<size_t>(law)].short_name; }
absl::string_view Name(Law law) { return kLawWords[static_cast<size_t>(law)].name; }
absl::string_view CatalogueId(Mishap mishap) { return kMishapWords[static_cast<size_t>(mishap)].id; }
absl::string_view Words(Mishap mishap) { return kMishapWords[static_cast<size_t>(mishap)].words; }
absl::string_view RequestName(size_t kind) { return kRequestNames[kind]; }

Counts& Counts::operator+=(const Counts& other) {
  steps += other.steps;
  engine_steps += other.engine_steps;
  decisions += other.decisions;
  user_events += other.user_events;
  user_actions += other.user_actions;
  blocks_created += other.blocks_created;
  event_writes += other.event_writes;
  commits += other.commits;
  crashes += other.crashes;
  rest_checks += other.rest_checks;
  busy_pieces += other.busy_pieces;
  breaker_trips += other.breaker_trips;
  slots_due += other.slots_due;
  for (size_t i = 0; i < kRequestKinds; ++i) calls[i] += other.calls[i];
  for (size_t i = 0; i < kMishaps; ++i) mishaps[i] += other.mishaps[i];
  for (size_t i = 0; i < fake::kFaultKinds; ++i) faults.by_kind[i] += other.faults.by_kind[i];
  for (size_t i = 0; i < kAuditKinds; ++i) verdicts[i] += other.verdicts[i];
  return *this;
}

std::vector<std::pair<std::string, uint64_t>> Counts::Adversities() const {
  std::vector<std::pair<std::string, uint64_t>> all;
  for (size_t i = 0; i < fake::kFaultKinds; ++i) {
    const auto kind = static_cast<fake::FaultKind>(i);
    if (faults[kind] == 0) continue;
    all.emplace_back(absl::StrCat(fake::CatalogueId(kind), " ", fake::Words(kind)), static_cast<uint64_t>(faults[kind]));
  }
  for (size_t i = 0; i < kMishaps; ++i) {
    const auto mishap = static_cast<Mishap>(i);
    if (mishaps[i] == 0) continue;
    all.emplace_back(absl::StrCat(CatalogueId(mishap), " ", Words(mishap)), mishaps[i]);
  }
  return all;
}

}  // namespace calsync::sim
