#include "engine/decide/classify.h"

#include <algorithm>
#include <bit>
#include <initializer_list>

#include "absl/container/inlined_vector.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "engine/base/check.h"
#include "engine/decide/legacy.h"

namespace calsync {
namespace {

// A set of enumerators; the empty initialiser means "any".
template <class E>
class SetOf {
 public:
  constexpr SetOf() : bits_(~0u) {}
  constexpr SetOf(E one) : bits_(1u << static_cast<unsigned>(one)) {}  // NOLINT(google-explicit-constructor): reads as the value.
  constexpr SetOf(std::initializer_list<E> several) : bits_(0) {
    for (const E one : several) bits_ |= 1u << static_cast<unsigned>(one);
  }
  constexpr bool Has(E one) const { return (bits_ & (1u << static_cast<unsigned>(one))) != 0; }

 private:
  unsigned bits_;
};

using Id = IdWitness;
using Rec = RecordWitness;
using Tag = TagWitness;
enum class Life : uint8_t { kLive, kCancelled };
using Master = MasterWitness;
using Text = TextWitness;

struct Row {
  SetOf<Id> id;
  SetOf<Rec> record;
  SetOf<Tag> tag;
  SetOf<Life> life;
  SetOf<Master> master;
  Verdict verdict;
  SetOf<Text> text{};
};

constexpr SetOf<Id> kAnyId;
constexpr SetOf<Rec> kAnyRecord;
constexpr SetOf<Tag> kAnyTag;
constexpr SetOf<Life> kAnyLife;
constexpr SetOf<Master> kAnyMaster;
constexpr SetOf<Rec> kHasRecord{Rec::kUserEvent, Rec::kBlock,     Rec::kSeenCopy,  Rec::kSeenExternal, Rec::kSeenUndecided,
                                Rec::kSlotSame,  Rec::kSlotOlder, Rec::kSlotNewer, Rec::kSeenText};

// The design's classification table, in its order. A tag never overrules an id or a record.
constexpr Row kTable[] = {
    // Certified for this calendar. Tested before anything is held.
    {Id::kHere, Rec::kSlotSame, kAnyTag, Life::kLive, kAnyMaster, Verdict::kOwnBlock},
    {Id::kHere, Rec::kSlotSame, kAnyTag, Life::kCancelled, kAnyMaster, Verdict::kDeletion},
    {Id::kHere, Rec::kSlotNewer, kAnyTag, Life::kLive, kAnyMaster, Verdict::kSupersededBlock},
    {Id::kHere, Rec::kSlotNewer, kAnyTag, Life::kCancelled, kAnyMaster, Verdict::kIgnored},  // Never a person's deletion.
    {Id::kHere, Rec::kSlotOlder, kAnyTag, Life::kLive, kAnyMaster, Verdict::kNewerGeneration},
    {Id::kHere, Rec::kSlotOlder, kAnyTag, Life::kCancelled, kAnyMaster, Verdict::kOwnTombstone},
    {Id::kHere, kAnyRecord, kAnyTag, Life::kLive, kAnyMaster, Verdict::kForgottenBlock},
    {Id::kHere, kAnyRecord, kAnyTag, Life::kCancelled, kAnyMaster, Verdict::kOwnTombstone},
    // An occurrence of one of ours, live or cancelled.
    {{Id::kNothing, Id::kPartHere}, kAnyRecord, kAnyTag, kAnyLife, Master::kOwnBlock, Verdict::kOccurrenceOfBlock},
    // Split off one of ours; one of ours elsewhere: never a source, whatever else speaks.
    {Id::kPartHere, kAnyRecord, kAnyTag, Life::kLive, Master::kWhole, Verdict::kFragment},
    {{Id::kPartHere, Id::kElsewhere}, kAnyRecord, kAnyTag, Life::kLive, kAnyMaster, Verdict::kCopyOfBlock},
    // Cancelled: what its place names. An occurrence stays cancelled as long as its series lives (contract 1.2).
    {kAnyId, kHasRecord, kAnyTag, Life::kCancelled, kAnyMaster, Verdict::kDeletion},
    {{Id::kPartHere, Id::kElsewhere, Id::kShape}, Rec::kNone, kAnyTag, Life::kCancelled, kAnyMaster, Verdict::kIgnored},
    {kAnyId, Rec::kNone, kAnyTag, Life::kCancelled, Master::kUserEvent, Verdict::kOccurrence},
    {kAnyId, Rec::kNone, kAnyTag, Life::kCancelled, {Master::kNobody, Master::kUnknown}, Verdict::kHeld},  // It may come yet.
    {kAnyId, Rec::kNone, kAnyTag, Life::kCancelled, kAnyMaster, Verdict::kIgnored},
    // By its id of no key that we have; but a row of ours is there: of a key that was dropped from the settings.
    {Id::kShape, Rec::kBlock, kAnyTag, kAnyLife, kAnyMaster, Verdict::kOwnBlock},
    // Another instance's or group's, by its id.
    {Id::kShape, kAnyRecord, kAnyTag, kAnyLife, kAnyMaster, Verdict::kExternalBlock},
    // An occurrence is what its master is; its inherited tag is ignored.
    {kAnyId, kAnyRecord, kAnyTag, kAnyLife, Master::kUserEvent, Verdict::kOccurrence},
    {kAnyId, Rec::kUserEvent, kAnyTag, kAnyLife, {Master::kNobody, Master::kUnknown}, Verdict::kTrackedUserEvent},
    {kAnyId, kAnyRecord, kAnyTag, kAnyLife, Master::kCopy, Verdict::kCopyOfBlock},
    {kAnyId, kAnyRecord, kAnyTag, kAnyLife, Master::kExternal, Verdict::kExternalBlock},
    {kAnyId, kAnyRecord, kAnyTag, kAnyLife, Master::kUnknown, Verdict::kHeld},
    // What only its text knows: no id, no record and no tag of ours.
    {kAnyId,
     {Rec::kNone, Rec::kSeenUndecided},
     {Tag::kNone, Tag::kForeignUser},
     kAnyLife,
     kAnyMaster,
     Verdict::kTextMarked,
     Text::kMarked},
    {kAnyId,
     {Rec::kNone, Rec::kSeenUndecided},
     {Tag::kNone, Tag::kKnownUser, Tag::kUnknownUser, Tag::kUnreadableUser, Tag::kForeignUser},
     kAnyLife,
     Master::kNobody,
     Verdict::kNewUserEvent},
    // The record at its place.
    {kAnyId, Rec::kUserEvent, kAnyTag, kAnyLife, kAnyMaster, Verdict::kTrackedUserEvent},
    {kAnyId, Rec::kBlock, kAnyTag, kAnyLife, kAnyMaster, Verdict::kOwnBlock},
    {kAnyId, Rec::kSeenCopy, kAnyTag, kAnyLife, kAnyMaster, Verdict::kCopyOfBlock},
    {kAnyId, Rec::kSeenExternal, kAnyTag, kAnyLife, kAnyMaster, Verdict::kExternalBlock},
    {kAnyId, Rec::kSeenText, Tag::kForeignBlock, kAnyLife, kAnyMaster, Verdict::kExternalBlock},
    {kAnyId, Rec::kSeenText, Tag::kUnknownUser, kAnyLife, kAnyMaster,
     Verdict::kReturningUserEvent},  // Settled as a person's once.
    {kAnyId, Rec::kSeenText, kAnyTag, kAnyLife, kAnyMaster, Verdict::kTextMarked},
    // The tag alone.
    {kAnyId, kAnyRecord, Tag::kOurBlock, kAnyLife, kAnyMaster, Verdict::kCopyOfBlock},
    {kAnyId, kAnyRecord, Tag::kForeignBlock, kAnyLife, kAnyMaster, Verdict::kExternalBlock},
    {kAnyId, kAnyRecord, Tag::kKnownUser, kAnyLife, kAnyMaster, Verdict::kCopiedUserEvent},
    {kAnyId, kAnyRecord, Tag::kUnknownUser, kAnyLife, kAnyMaster, Verdict::kReturningUserEvent},
    {kAnyId, kAnyRecord, kAnyTag, kAnyLife, kAnyMaster, Verdict::kNewUserEvent},
};

// Of each witness, the rows of kTable that it fits, one bit each: the first row that fits all is found without looking at any.
constexpr size_t kRows = sizeof kTable / sizeof kTable[0];
static_assert(kRows <= 64);

template <class E, size_t n>
struct RowsOf {
  uint64_t of[n] = {};
  constexpr explicit RowsOf(SetOf<E> Row::*fits) {
    for (size_t value = 0; value < n; ++value) {
      for (size_t row = 0; row < kRows; ++row) {
        if ((kTable[row].*fits).Has(static_cast<E>(value))) of[value] |= uint64_t{1} << row;
      }
    }
  }
  constexpr uint64_t operator[](E value) const { return of[static_cast<size_t>(value)]; }
};
constexpr RowsOf<Id, static_cast<size_t>(Id::kShape) + 1> kRowsOfId(&Row::id);
constexpr RowsOf<Rec, static_cast<size_t>(Rec::kSeenText) + 1> kRowsOfRecord(&Row::record);
constexpr RowsOf<Tag, static_cast<size_t>(Tag::kForeignUser) + 1> kRowsOfTag(&Row::tag);
constexpr RowsOf<Life, static_cast<size_t>(Life::kCancelled) + 1> kRowsOfLife(&Row::life);
constexpr RowsOf<Master, static_cast<size_t>(Master::kUnknown) + 1> kRowsOfMaster(&Row::master);
constexpr RowsOf<Text, static_cast<size_t>(Text::kMarked) + 1> kRowsOfText(&Row::text);

struct IdReading {
  IdWitness witness = IdWitness::kNothing;
  std::optional<CertifiedId> certified;
};

constexpr absl::string_view kICalSuffix = "@google.com";  // Of the default iCalUID (C-3).

// The certificate of `id` for any calendar of the group but `here`.
std::optional<CertifiedId> CertifiedElsewhere(const Knowledge& knowledge, absl::string_view id, CalendarKey here) {
  if (!BlockIds::HasShape(id)) return std::nullopt;
  for (const LinkedCalendar& calendar : knowledge.config.calendars) {
    if (calendar.key == here) continue;
    if (const auto certified = knowledge.ids.Verify(id, calendar.key)) return certified;
  }
  return std::nullopt;
}

// What the tag proves of a block that we adopted: for this very event on this calendar, or on the one that it was moved from.
IdReading ReadAdoption(const Knowledge& knowledge, CalendarKey here, const EventView& event) {
  const absl::string_view certificate = Tags::AdoptionIn(event.tag_properties);
  if (certificate.empty() || event.IsOccurrence()) return {};  // Occurrences inherit their series' tag.
  if (const auto slot = knowledge.ids.VerifyAdoption(certificate, here, event.id)) {
    return {IdWitness::kHere, CertifiedId{*slot, 0}};
  }
  for (const LinkedCalendar& calendar : knowledge.config.calendars) {
    if (const auto slot = knowledge.ids.VerifyAdoption(certificate, calendar.key, event.id)) {
      return {IdWitness::kElsewhere, CertifiedId{*slot, 0}};
    }
  }
  return {};
}

IdReading ReadId(const Knowledge& knowledge, CalendarKey here, const EventView& event) {
  const absl::string_view id = event.id;
  if (const auto certified = knowledge.ids.Verify(id, here)) return {IdWitness::kHere, certified};
  const absl::string_view stem = id.substr(0, id.find('_'));
  if (stem.size() < id.size()) {
    if (const auto certified = knowledge.ids.Verify(stem, here)) return {IdWitness::kPartHere, certified};
  }
  if (const auto certified = CertifiedElsewhere(knowledge, stem, here)) return {IdWitness::kElsewhere, certified};
  absl::string_view uid = absl::StripSuffix(event.ical_uid, kICalSuffix);
  uid = uid.substr(0, uid.find('_'));
  if (uid != stem && BlockIds::HasShape(uid)) {
    if (const auto certified = knowledge.ids.Verify(uid, here)) return {IdWitness::kElsewhere, certified};
    if (const auto certified = CertifiedElsewhere(knowledge, uid, here)) return {IdWitness::kElsewhere, certified};
  }
  if (BlockIds::HasShape(stem) || BlockIds::HasShape(uid)) return {IdWitness::kShape, std::nullopt};
  return ReadAdoption(knowledge, here, event);
}

struct RecordReading {
  RecordWitness witness = RecordWitness::kNone;
  std::optional<RowIndex> row;
};

// One generation of a slot may have been planned under each of two keys: while one was missing from the settings, an older
// database planned anew what had been made under it. With one key a generation has one id, and the row's text is not asked for
// here.
bool IsOfAnotherKey(const GroupConfig& config, const Record& block, const EventView& event) {
  return config.keys.size() > 1 && !block.event.Equals(event.id);
}

RecordReading ReadSlot(const Knowledge& knowledge, const CertifiedId& certified, const EventView& event) {
  const std::optional<RowIndex> row = knowledge.records.FindSlot(certified.slot);
  if (!row.has_value()) return {};
  const Record& record = knowledge.records[*row];
  if (certified.generation == 0) {  // An adopted block gives way to every other.
    const bool same = record.IsAdopted() && record.event.Equals(event.id);
    return {same ? RecordWitness::kSlotSame : RecordWitness::kSlotNewer, row};
  }
  if (record.IsAdopted()) {  // It came after all generations that were known.
    return {certified.generation > record.highest ? RecordWitness::kSlotOlder : RecordWitness::kSlotNewer, row};
  }
  const uint32_t known = record.generation;
  if (known == certified.generation) {  // The recorded one stays; the other goes.
    return {IsOfAnotherKey(knowledge.config, record, event) ? RecordWitness::kSlotNewer : RecordWitness::kSlotSame, row};
  }
  return {known < certified.generation ? RecordWitness::kSlotOlder : RecordWitness::kSlotNewer, row};
}

RecordReading ReadPlace(const Records& records, const Records::Ahead& ahead, CalendarKey calendar, const EventView& event) {
  const std::optional<RowIndex> row = records.FindAt(ahead, calendar, event.id);
  if (!row.has_value()) return {};
  const Record& record = records[*row];
  switch (record.kind) {
    case RecordKind::kUserEvent:
      return {RecordWitness::kUserEvent, row};
    case RecordKind::kBlock:
      return {RecordWitness::kBlock, row};
    case RecordKind::kSeen:
      break;
  }
  switch (record.seen_as) {
    case SeenAs::kUndecided:
      return {RecordWitness::kSeenUndecided, row};
    case SeenAs::kExternalBlock:
      return {RecordWitness::kSeenExternal, row};
    case SeenAs::kNoSuchEvent:
      return {RecordWitness::kSeenUndecided, row};
    case SeenAs::kTextMarked:
      return {RecordWitness::kSeenText, row};
    case SeenAs::kCopyOfBlock:
    case SeenAs::kSurplusBlock:
    case SeenAs::kMovedBlock:
    case SeenAs::kFragment:
      return {RecordWitness::kSeenCopy, row};
  }
  return {};
}

struct MasterReading {
  MasterWitness witness = MasterWitness::kWhole;
  std::optional<CertifiedId> certified;
};

MasterReading ReadMaster(const Knowledge& knowledge, CalendarKey here, const EventView& event) {
  if (!event.IsOccurrence()) return {};
  const absl::string_view master = event.master;
  if (const auto certified = knowledge.ids.Verify(master, here)) return {MasterWitness::kOwnBlock, certified};
  const std::optional<RowIndex> row = knowledge.records.FindAt(here, master);
  if (!row.has_value()) return {MasterWitness::kUnknown, std::nullopt};
  const Record& record = knowledge.records[*row];
  switch (record.kind) {
    case RecordKind::kUserEvent:
      return {MasterWitness::kUserEvent, std::nullopt};
    case RecordKind::kBlock:
      return {MasterWitness::kCopy, std::nullopt};  // Its id is not certified: adopted from elsewhere, and no series of ours.
    case RecordKind::kSeen:
      break;
  }
  switch (record.seen_as) {
    case SeenAs::kUndecided:
      return {MasterWitness::kUnknown, std::nullopt};
    case SeenAs::kTextMarked:  // Its occurrences wait with it, as long as it is there.
      return {record.cancelled ? MasterWitness::kNobody : MasterWitness::kUnknown, std::nullopt};
    case SeenAs::kExternalBlock:
      return {MasterWitness::kExternal, std::nullopt};
    case SeenAs::kNoSuchEvent:
      return {MasterWitness::kNobody, std::nullopt};
    case SeenAs::kCopyOfBlock:
    case SeenAs::kSurplusBlock:
    case SeenAs::kMovedBlock:
    case SeenAs::kFragment:
      return {MasterWitness::kCopy, std::nullopt};
  }
  return {};
}

TagFinding FindTag(const Records& records, const TagReading& tag) {
  switch (tag.verdict) {
    case TagVerdict::kNone:
      return {TagWitness::kNone, std::nullopt};
    case TagVerdict::kOurBlock:
      return {TagWitness::kOurBlock, std::nullopt};
    case TagVerdict::kForeignBlock:
      return {TagWitness::kForeignBlock, std::nullopt};
    case TagVerdict::kOurUserEvent: {
      const std::optional<RowIndex> row = records.FindById(*tag.correlation_id);
      return {row.has_value() ? TagWitness::kKnownUser : TagWitness::kUnknownUser, row};
    }
    case TagVerdict::kUnreadableUser:
      return {TagWitness::kUnreadableUser, std::nullopt};
    case TagVerdict::kForeignUser:
      return {TagWitness::kForeignUser, std::nullopt};
  }
  return {};
}

// An event with the id that a block we adopted has, or had, on another calendar: moved there, perhaps without its tag, or
// invited.
IdReading ReadAdoptedElsewhere(const Knowledge& knowledge, CalendarKey here, const EventView& event) {
  if (event.IsOccurrence() || !knowledge.records.has_adoptions()) return {};
  for (const LinkedCalendar& calendar : knowledge.config.calendars) {
    if (calendar.key == here) continue;
    const std::optional<RowIndex> row = knowledge.records.FindAt(calendar.key, event.id);
    if (!row.has_value()) continue;
    const Record& record = knowledge.records[*row];
    const bool left_behind = record.kind == RecordKind::kSeen && record.generation == 0 && !record.slot.empty();
    if (record.IsAdopted() || left_behind) return {IdWitness::kElsewhere, CertifiedId{record.slot, 0}};
  }
  return {};
}

TextWitness ReadText(const Policy& policy, const EventView& event) {
  if (!HeedsMarks(policy)) return TextWitness::kNone;
  return TextMarkOf(policy.legacy, event.summary, event.description).bits != 0 ? TextWitness::kMarked : TextWitness::kNone;
}

// What an event says by itself, and which rows it asks for: all of a classification that needs no row.
struct Question {
  IdReading id;
  TagReading tag;
  Records::Ahead record;  // By its slot if the id is certified for this calendar, else by its place.
};

Question Ask(const Knowledge& knowledge, CalendarKey here, const EventView& event) {
  Question question{ReadId(knowledge, here, event), knowledge.tags.Read(event.tag_properties), {}};
  question.record =
      question.id.witness == IdWitness::kHere ? Records::AheadOf(question.id.certified->slot) : Records::AheadAt(here, event.id);
  return question;
}

// The row of the correlation id is asked for only of our user tags.
bool AsksForId(const TagReading& tag) { return tag.verdict == TagVerdict::kOurUserEvent; }

Classified Resolve(const Knowledge& knowledge, CalendarKey calendar, const EventView& event, const Question& question) {
  IdReading id = question.id;
  const RecordReading record = id.witness == IdWitness::kHere ? ReadSlot(knowledge, *id.certified, event)
                                                              : ReadPlace(knowledge.records, question.record, calendar, event);
  if (id.witness == IdWitness::kNothing && record.witness == RecordWitness::kNone) {
    id = ReadAdoptedElsewhere(knowledge, calendar, event);
  }
  const MasterReading master = ReadMaster(knowledge, calendar, event);
  const Witnesses witnesses{id.witness,      record.witness, FindTag(knowledge.records, question.tag).witness,
                            event.cancelled, master.witness, ReadText(knowledge.config.policy, event)};
  return {VerdictOf(witnesses), record.row, id.certified, master.certified, question.tag.correlation_id};
}

constexpr size_t kAtOnce = Records::kAtOnce;

}  // namespace

Verdict VerdictOf(const Witnesses& witnesses) {
  const Life life = witnesses.cancelled ? Life::kCancelled : Life::kLive;
  const uint64_t fitting = kRowsOfId[witnesses.id] & kRowsOfRecord[witnesses.record] & kRowsOfTag[witnesses.tag] &
                           kRowsOfLife[life] & kRowsOfMaster[witnesses.master] & kRowsOfText[witnesses.text];
  CALSYNC_CHECK(fitting != 0 && "the classification table is total");
  return kTable[std::countr_zero(fitting)].verdict;
}

Classified Classify(const Knowledge& knowledge, CalendarKey calendar, const EventView& event) {
  return Resolve(knowledge, calendar, event, Ask(knowledge, calendar, event));
}

Classified Classify(const Knowledge& knowledge, CalendarKey calendar, const Event& event) {
  absl::InlinedVector<PropertyView, 8> tag_properties;
  for (const auto& [key, value] : event.private_properties) {
    if (IsTagKey(key)) tag_properties.push_back({key, value});
  }
  EventView view = ViewOf(event);
  view.tag_properties = tag_properties;
  return Classify(knowledge, calendar, view);
}

void ClassifyBatch(const Knowledge& knowledge, CalendarKey calendar, absl::Span<const EventView> events,
                   absl::Span<Classified> out) {
  CALSYNC_CHECK(events.size() == out.size());
  for (size_t from = 0; from < events.size(); from += kAtOnce) {
    const size_t count = std::min(kAtOnce, events.size() - from);
    Question questions[kAtOnce];
    Records::Ahead keys[3 * kAtOnce];
    size_t asked = 0;
    const auto ask = [&](const Records::Ahead& key) {
      keys[asked++] = key;
      knowledge.records.PrefetchIndex(key);
    };
    for (size_t i = 0; i < count; ++i) {
      const EventView& event = events[from + i];
      questions[i] = Ask(knowledge, calendar, event);
      ask(questions[i].record);
      if (AsksForId(questions[i].tag)) ask(Records::AheadOf(*questions[i].tag.correlation_id));
      if (event.IsOccurrence()) ask(Records::AheadAt(calendar, event.master));
    }
    knowledge.records.PrefetchRows(absl::MakeConstSpan(keys, asked));
    for (size_t i = 0; i < count; ++i) out[from + i] = Resolve(knowledge, calendar, events[from + i], questions[i]);
  }
}

void ReadTagsBatch(const Knowledge& knowledge, absl::Span<const absl::Span<const PropertyView>> tag_properties,
                   absl::Span<TagFinding> out) {
  CALSYNC_CHECK(tag_properties.size() == out.size());
  for (size_t from = 0; from < tag_properties.size(); from += kAtOnce) {
    const size_t count = std::min(kAtOnce, tag_properties.size() - from);
    TagReading readings[kAtOnce];
    Records::Ahead keys[kAtOnce];
    size_t asked = 0;
    for (size_t i = 0; i < count; ++i) {
      readings[i] = knowledge.tags.Read(tag_properties[from + i]);
      if (!AsksForId(readings[i])) continue;
      keys[asked] = Records::AheadOf(*readings[i].correlation_id);
      knowledge.records.PrefetchIndex(keys[asked++]);
    }
    knowledge.records.PrefetchRows(absl::MakeConstSpan(keys, asked));
    for (size_t i = 0; i < count; ++i) out[from + i] = FindTag(knowledge.records, readings[i]);
  }
}

absl::string_view Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOwnBlock:
      return "own block";
    case Verdict::kForgottenBlock:
      return "forgotten block";
    case Verdict::kNewerGeneration:
      return "newer generation";
    case Verdict::kSupersededBlock:
      return "superseded block";
    case Verdict::kOwnTombstone:
      return "own tombstone";
    case Verdict::kOccurrenceOfBlock:
      return "occurrence of a block";
    case Verdict::kFragment:
      return "fragment of a block";
    case Verdict::kCopyOfBlock:
      return "copy of a block";
    case Verdict::kExternalBlock:
      return "external block";
    case Verdict::kHeld:
      return "held";
    case Verdict::kOccurrence:
      return "occurrence of a user event";
    case Verdict::kDeletion:
      return "deletion";
    case Verdict::kIgnored:
      return "ignored";
    case Verdict::kTrackedUserEvent:
      return "tracked user event";
    case Verdict::kCopiedUserEvent:
      return "copied user event";
    case Verdict::kReturningUserEvent:
      return "returning user event";
    case Verdict::kTextMarked:
      return "text-marked event";
    case Verdict::kNewUserEvent:
      return "new user event";
  }
  return "?";
}

}  // namespace calsync
