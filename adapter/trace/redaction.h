// What an engine is given, without what nobody else may see: another group that lives through the same.
//
// Texts become pseudonyms (pseudonyms.h). Keys, tokens and seeds of tokens are others, so the certified ids are those that the
// other keys plan: whatever verified does so still, and nothing else. Nothing that comes out of here can be traced back without
// the real keys. It learns as it goes: slots from the events that could be sources, tokens from what the other engine draws.

#ifndef CALSYNC_ADAPTER_TRACE_REDACTION_H_
#define CALSYNC_ADAPTER_TRACE_REDACTION_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "adapter/trace/pseudonyms.h"
#include "engine/base/siphash.h"
#include "engine/host/effect.h"
#include "engine/host/input.h"
#include "engine/state/block_id.h"
#include "engine/state/group.h"
#include "engine/state/tag.h"

namespace calsync::adapter {

class Redaction {
 public:
  // `random`: keys that nobody can guess.
  Redaction(const GroupConfig& config, Texts texts, const std::function<SipKey()>& random);

  const GroupConfig& config() const { return other_; }
  // False if the new configuration changes what texts mean to the engine, or its keys or calendars: another redaction is needed.
  bool Covers(const GroupConfig& changed) const;

  GroupImage Image(const GroupImage& image);
  Input Of(const Input& input);
  // For comparison with what the other engine does. Fingerprints and words of the audit trail stay as they are: they follow from
  // texts, and the other engine makes its own.
  Effect Of(const Effect& effect);
  // What comes later than it is needed: a block may be met before the event that it is for. Whoever can wait lets it look ahead.
  void LookAhead(const Input& input, const Effects& effects);
  // Tokens of channels that both engines opened.
  void Learn(const Effects& real, const Effects& others);

 private:
  struct Keys {
    BlockIds real;
    BlockIds other;
  };

  GroupConfig ConfigOf(const GroupConfig& config) const;
  void LearnSource(CalendarKey calendar, absl::string_view event);
  void LearnOccurrence(const Record& record);
  void LearnFingerprints(const GroupImage& image);
  void LearnQueries();
  void LearnTokens(const CalendarRow& row);
  void LearnUid(absl::string_view uid);
  void LearnEvent(CalendarKey calendar, const Event& event);
  void LearnReply(const Reply& reply);
  uint64_t FingerprintFor(uint64_t fingerprint) const;
  SlotHash Slot(const SlotHash& slot) const;
  std::string Id(absl::string_view id) const;
  std::string ICalUid(absl::string_view uid) const;
  uint64_t ICalUidHash(uint64_t hash) const;
  std::string Token(absl::string_view token) const;
  std::string Adoption(absl::string_view certificate, absl::string_view event) const;
  std::pair<std::string, std::string> Property(const std::string& key, const std::string& value, absl::string_view event) const;
  std::string Series(absl::string_view packed) const;
  EventTime Time(const EventTime& time) const;
  Event EventOf(const Event& event) const;
  EventPatch PatchOf(const EventPatch& patch, absl::string_view event) const;
  Request RequestOf(const Request& request) const;
  Reply ReplyOf(const Reply& reply) const;
  Record RecordOf(const Record& record) const;
  CalendarRow RowOf(const CalendarRow& row) const;
  AuditEntry AuditOf(const AuditEntry& entry) const;

  GroupConfig real_;
  GroupConfig other_;
  SipKey key_;
  Pseudonyms names_;
  std::vector<Keys> keys_;  // In the order of the configuration's.
  Tags real_tags_, other_tags_;
  absl::flat_hash_map<SlotHash, SlotHash> slots_;                     // Look-ups only, as the rest.
  absl::flat_hash_set<std::pair<CalendarKey, std::string>> sources_;  // That slots_ knows.
  absl::flat_hash_map<uint64_t, uint64_t> fingerprints_;              // Of the image.
  absl::flat_hash_map<uint64_t, uint64_t> queries_;                   // Of all settings so far.
  absl::flat_hash_map<std::string, std::string> tokens_;
  absl::flat_hash_map<uint64_t, std::string> certified_uids_;  // By their hash: what is made of them depends on more than that.
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_TRACE_REDACTION_H_
