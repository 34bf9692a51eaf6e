// Ground truth beyond what the fake keeps: what each event really is, whose block belongs to which source, and what people did to
// blocks. Oracles and the ideal read it; engines never do.
//
// It is fed with every committed change (Observe), with what actors say about copies (Declare), and with the claims that engines
// made durable before they sent an insert (Claim). It reads no tags, and knows nothing of how engines decide.

#ifndef CALSYNC_SCENARIOS_GHOST_H_
#define CALSYNC_SCENARIOS_GHOST_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/api/event.h"
#include "engine/api/ids.h"
#include "fakegoogle/model/server.h"
#include "fakegoogle/model/truth.h"

namespace calsync::sim {

// Engines that are one and the same by ground truth: the same installation and group. A clone belongs to its original's family.
using FamilyNumber = int;

enum class Nature : uint8_t {
  kUserEvent,    // A person, or a program on their behalf, put it there.
  kBlock,        // An engine inserted it.
  kLegacyBlock,  // The system before CalSync made it, and no engine has taken it over. Never a source (L1).
  kCopyOfBlock,  // Somebody duplicated, moved or was invited to a block. Never a source (L1).
};

// A place by ground truth.
struct Spot {
  int calendar = -1;
  EventId event;
  friend bool operator==(const Spot&, const Spot&) = default;
  friend bool operator<(const Spot& a, const Spot& b) {
    return a.calendar != b.calendar ? a.calendar < b.calendar : a.event < b.event;
  }
};

struct SpotHash {
  size_t operator()(const Spot& spot) const {
    return absl::Hash<std::pair<int, absl::string_view>>()({spot.calendar, spot.event.text()});
  }
};

// One event of one calendar, live or not.
struct GhostEvent {
  Nature nature = Nature::kUserEvent;
  FamilyNumber family = -1;                       // Of a block.
  Spot source;                                    // Of a block: what its engine claimed when it was sent.
  uint32_t number = 0;                            // "e3".
  int residue = -1;                               // Seconds of the start within the hour, if the maker used a watermark; else -1.
  bool was_public = false;                        // Some version of it was not private: its text may have gone out (L9).
  bool rejected = false;                          // Google refuses every copy of its content with 400, by this run's choice.
  absl::Time mirrored_at = absl::InfinitePast();  // Last change of what blocks show, or of whether it blocks at all.
  bool revived = false;                           // A block: somebody brought it back from the bin.
  EventId part_of;                                // An occurrence of that event, or a part that a person split off it.
  bool fragment = false;                          // … the latter.
  int moved_from = -1;                            // A block that a person moved here from the calendar for which it was made.
  absl::Time moved_at = absl::InfinitePast();     // … then.
  bool legacy = false;         // The system before CalSync made it, or what it is a moved copy of; whatever it is by now.
  FamilyNumber taken_by = -1;  // … and an engine of this family may do with it as with a block: it adopted it, or was told.
  bool was_marked = false;     // Some version of it bore a mark of the system before CalSync.
};

// What people and programs did to the blocks of one slot.
struct GhostSlot {
  absl::Time deleted_at = absl::InfinitePast();  // A person or program deleted, or moved away, the slot's block.
  absl::Time edited_at = absl::InfinitePast();
  absl::Time undeleted_at = absl::InfinitePast();
  absl::Time part_touched_at = absl::InfinitePast();  // An occurrence of the block, or a part that was split off it.
  std::vector<absl::Time> touches;                    // All of these: what a fight is made of.
  // Rest points. A deletion that was respected when all was at rest stays so until what is mirrored changes.
  EventPtr respected_source;  // The source as it was then; null if nothing is respected.
  EventPtr kept_source;       // Likewise for an edit that was kept.
};

struct SlotKey {
  FamilyNumber family = -1;
  Spot source;
  int target = -1;
  friend bool operator<(const SlotKey& a, const SlotKey& b) {
    return std::tie(a.family, a.target, a.source) < std::tie(b.family, b.target, b.source);
  }
};

class Ghost {
 public:
  // Which family an engine's actor number belongs to.
  void SetFamily(uint32_t actor, FamilyNumber family);
  FamilyNumber FamilyOf(const fake::ActorId& actor) const;  // -1 if it is no engine.

  // An engine makes durable, and then sends, that `block` is for `source`.
  void Claim(FamilyNumber family, const Spot& block, const Spot& source);
  Spot ClaimedFor(const Spot& block) const;  // None if nobody claimed it.
  // What the system before CalSync made for `source`.
  void DeclareLegacy(const Spot& block, const Spot& source);
  // An engine of the family made durable that the event is its block for `source`. `live`: it is there; else a person was faster,
  // and deleted a block.
  void Adopt(FamilyNumber family, const Spot& block, const Spot& source, bool live, absl::Time now);
  // The operator said that it is a block of the system before.
  void Take(FamilyNumber family, const Spot& block);
  // Adopted blocks that the family's database does not know any more are what `nature_of` says.
  template <class NatureOf>
  void ForgetAdopted(FamilyNumber family, NatureOf&& nature_of) {
    for (auto& [spot, event] : events_) {  // Each by itself: the order does not matter.
      if (!event.legacy || event.nature != Nature::kBlock || event.family != family) continue;
      event.nature = nature_of(spot);
      if (event.nature != Nature::kBlock) event.family = -1;
    }
  }
  // The nature of an event that is about to be made at `spot`.
  void Declare(const Spot& spot, Nature nature);

  // Takes in one committed change; `calendar` is its number, `came_from` the number of the calendar where a copy or moved event
  // was before (-1: nowhere of ours). REQUIRES: in order.
  void Observe(const fake::WriteRecord& write, int calendar, int came_from);

  const GhostEvent* Find(int calendar, const EventId& event) const;
  const GhostEvent* Find(const Spot& spot) const { return Find(spot.calendar, spot.event); }
  // The event, or else the series that it is an occurrence of: what nobody changed is what its series is.
  const GhostEvent* FindOrSeries(int calendar, const Event& event) const;
  const GhostEvent* FindOrSeries(const Spot& spot) const;  // By the id alone.
  GhostEvent* FindForChange(const Spot& spot);
  const GhostSlot* FindSlot(const SlotKey& key) const;
  GhostSlot& Slot(const SlotKey& key) { return slots_[key]; }
  const absl::btree_map<SlotKey, GhostSlot>& slots() const { return slots_; }

  // When anyone but the family's own engines last changed something on the calendar.
  absl::Time LastChangeByOthers(int calendar, FamilyNumber family) const;
  // Everybody's changes but the engines'.
  uint64_t foreign_writes() const { return foreign_writes_; }
  uint64_t foreign_block_touches() const { return foreign_block_touches_; }
  // For each change of a series by others, how many exceptions it had: what may have to be written anew with it.
  uint64_t exceptions_shaken() const { return exceptions_shaken_; }
  uint64_t blocks_inserted(FamilyNumber family) const;
  // The family whose engine was the first to write this private property of an event of a person; -1: none did.
  FamilyNumber OwnerOfKey(const std::string& key) const;
  uint32_t events() const { return static_cast<uint32_t>(events_.size()); }

  // True if the event bears a mark of the system before CalSync, as that wrote them.
  static bool IsMarked(const Event& event);
  // True if the two versions of an event differ in what blocks show, or in whether there is a block at all.
  static bool MirroredDiffers(const Event& before, const Event& after);

 private:
  std::vector<FamilyNumber> families_;                      // By actor number.
  absl::flat_hash_map<Spot, GhostEvent, SpotHash> events_;  // Look-ups only.
  absl::flat_hash_map<Spot, std::pair<FamilyNumber, Spot>, SpotHash> claims_;
  absl::flat_hash_map<Spot, Nature, SpotHash> declared_;
  absl::btree_map<SlotKey, GhostSlot> slots_;
  absl::btree_map<std::string, FamilyNumber> owners_of_keys_;
  // By calendar, then by family of the writer + 1: 0 is no engine.
  std::vector<std::vector<absl::Time>> last_changes_;
  std::vector<uint64_t> blocks_inserted_;
  uint64_t foreign_writes_ = 0;
  uint64_t foreign_block_touches_ = 0;
  uint64_t exceptions_shaken_ = 0;
  absl::flat_hash_map<Spot, uint64_t, SpotHash> exceptions_;  // How many a series ever had.
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_GHOST_H_
