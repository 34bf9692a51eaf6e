#include "engine/testing/builders.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/base32hex.h"
#include "engine/base/check.h"
#include "engine/base/siphash.h"
#include "engine/base/uuid.h"
#include "engine/decide/configure.h"
#include "engine/decide/desired.h"
#include "engine/decide/listing.h"

namespace calsync {
namespace {

constexpr SipKey kNameKey{0x6e616d65732e2e2e, 0x2e2e2e2e74657374};
constexpr SipKey kInstanceKey{0x0123456789abcdef, 0xfedcba9876543210};

struct Split {
  std::string calendar;
  std::string event;
};

Split SplitPlace(absl::string_view place) {
  const size_t slash = place.find('/');
  CALSYNC_CHECK(slash != absl::string_view::npos);
  return {std::string(place.substr(0, slash)), std::string(place.substr(slash + 1))};
}

std::string ICalUidOf(const std::string& given, absl::string_view event) {
  return given.empty() ? absl::StrCat(event, "@google.com") : given;
}

TimeSpan SpanFrom(absl::Time start, absl::Duration length) {
  return {absl::ToUnixSeconds(start), absl::ToUnixSeconds(start + length), false};
}

}  // namespace

absl::Time TestNow() { return At("2026-05-04T08:00:00Z"); }

absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  CALSYNC_CHECK(absl::ParseTime(absl::RFC3339_full, text, &time, &error));
  return time;
}

CalendarKey KeyOf(absl::string_view calendar) {
  // In the order of these names, which decides between twins (S-15).
  constexpr absl::string_view kNames[] = {"work", "home", "team", "club"};
  for (uint64_t i = 0; i < 4; ++i) {
    if (kNames[i] == calendar) return CalendarKey(11 * (i + 1));
  }
  CALSYNC_CHECK(false && "tests know the calendars work, home, team and club");
  return CalendarKey();
}

CalendarId GoogleIdOf(absl::string_view calendar) { return CalendarId(absl::StrCat(calendar, "@example.com")); }

CorrelationId IdNamed(absl::string_view name) { return {UuidV4From(SipHash128(kNameKey, name))}; }

GroupConfig AConfig(const std::vector<std::string>& calendars) {
  GroupConfig config;
  config.id = GroupId("ann");
  config.instance = {UuidV4From(SipHash128(kNameKey, "instance"))};
  config.keys = {kInstanceKey};
  for (const std::string& name : calendars) config.calendars.push_back({KeyOf(name), GoogleIdOf(name), name});
  return config;
}

EventId TestGroup::BlockId(absl::string_view source, absl::string_view target, uint32_t generation) const {
  const Split at = SplitPlace(source);
  return ids.Plan(ids.SlotOf(KeyOf(at.calendar), at.event, KeyOf(target)), generation, KeyOf(target));
}

Event EventOf(const EventSpec& spec) {
  const Split at = SplitPlace(spec.at);
  Event event;
  event.id = EventId(at.event);
  event.etag = Etag(spec.etag);
  if (!spec.master.empty()) {
    event.recurring_event_id = EventId(spec.master);
    event.original_start = EventTime::At(spec.start);
  }
  if (spec.cancelled) {
    event.status = EventStatus::kCancelled;
    return event;
  }
  event.ical_uid = ICalUid(ICalUidOf(spec.ical_uid, at.event));
  event.created = event.updated = spec.updated;
  event.start = EventTime::At(spec.start);
  event.end = EventTime::At(spec.start + spec.length);
  event.summary = spec.title;
  event.description = spec.description;
  event.organizer = event.creator = {absl::StrCat(at.calendar, "@example.com"), true};
  event.private_properties = spec.tag;
  return event;
}

Shown AnEvent(const EventSpec& spec) { return {KeyOf(SplitPlace(spec.at).calendar), EventOf(spec)}; }

Record UserEvent(const UserEventSpec& spec) {
  const Split at = SplitPlace(spec.at);
  Record record;
  record.kind = RecordKind::kUserEvent;
  record.status = spec.status;
  record.id = IdNamed(spec.id);
  record.calendar = KeyOf(at.calendar);
  record.event = SharedText(at.event);
  record.etag = SharedText("\"1\"");
  record.updated_ms = absl::ToUnixMillis(TestNow() - absl::Hours(1));
  record.span = SpanFrom(spec.start, spec.length);
  record.tag = TagState::kWritten;
  record.ical_hash = HashOf(ICalUidOf(spec.ical_uid, at.event));
  return record;
}

Record UserEvent(absl::string_view id, absl::string_view at) {
  return UserEvent(UserEventSpec{.id = std::string(id), .at = std::string(at)});
}

Record Block(const BlockSpec& spec) {
  const TestGroup group;
  const Split source = SplitPlace(spec.source_at);
  Record record;
  record.kind = RecordKind::kBlock;
  record.status = spec.status;
  record.id = IdNamed(spec.id);
  record.calendar = KeyOf(spec.on);
  record.source = IdNamed(spec.source);
  record.slot = group.ids.SlotOf(KeyOf(source.calendar), source.event, KeyOf(spec.on));
  record.generation = record.highest = spec.generation;
  record.event = group.ids.Plan(record.slot, spec.generation, record.calendar).shared();
  record.span = SpanFrom(At("2026-05-04T10:00:00Z"), absl::Minutes(30));
  record.sent = spec.status != RecordStatus::kCreating;
  if (record.sent) {
    record.etag = SharedText("\"1\"");
    record.updated_ms = absl::ToUnixMillis(TestNow() - absl::Hours(1));
    record.tagged = true;
    record.written = record.accepted = record.actual = FingerprintOf(BlockContent{record.span, "Busy", ""});
  }
  return record;
}

Record Seen(const SeenSpec& spec) {
  const Split at = SplitPlace(spec.at);
  Record record;
  record.calendar = KeyOf(at.calendar);
  record.event = SharedText(at.event);
  record.etag = SharedText("\"1\"");
  record.seen_as = spec.as;
  return record;
}

PropertyMap BlockTag(absl::string_view block, absl::string_view source) {
  return TestGroup().tags.ForBlock(IdNamed(block), IdNamed(source));
}

PropertyMap UserTag(absl::string_view user_event) {
  const TestGroup group;
  return {{group.tags.user_key(), group.tags.UserValue(IdNamed(user_event))}};
}

PropertyMap ForeignBlockTag() {
  return Tags({UuidV4From(99)}, GroupId("ann")).ForBlock(IdNamed("foreign"), IdNamed("foreign source"));
}

PropertyMap ForeignUserTag() {
  const Tags foreign({UuidV4From(99)}, GroupId("ann"));
  return {{foreign.user_key(), foreign.UserValue(IdNamed("foreign"))}};
}

Records RecordsOf(std::vector<Record> records) { return Records(std::move(records)); }

LiveGroup ALiveGroup(GroupConfig config, std::vector<Record> records) {
  GroupImage image;
  image.records = std::move(records);
  for (const LinkedCalendar& link : config.calendars) {
    CalendarRow row;
    row.key = link.key;
    row.sync_token = SyncToken("token");
    row.query = QueryFingerprint(config, link.google_id);
    row.walked = true;
    row.role = AccessRole::kOwner;
    row.last_pass = row.last_full_walk = TestNow();
    image.calendars.push_back(std::move(row));
  }
  LiveGroup group;
  group.now = TestNow();
  group.bits = Bits(kNameKey);
  SetUp(group, std::move(config), std::move(image));
  for (LiveCalendar& calendar : group.calendars) calendar.listed_at = TestNow();
  return group;
}

std::vector<Record> RealisticRecords(size_t count) {
  const TestGroup group(AConfig({"work", "home"}));
  std::vector<Record> records;
  records.reserve(count);
  for (size_t i = 0; records.size() < count; ++i) {
    FieldBytes number;
    number.Number(i).Number(0x5eed);
    const absl::uint128 drawn = SipHash128(kNameKey, number.bytes());
    const std::string bytes = absl::StrFormat("%016x", absl::Uint128Low64(drawn));
    const std::string event = EncodeBase32Hex(bytes).substr(0, 26);
    const SharedText etag(absl::StrFormat("\"%016d\"", 3500000000000000 + static_cast<int64_t>(i) * 2000));

    Record source;
    source.kind = RecordKind::kUserEvent;
    source.status = RecordStatus::kSynced;
    source.id = {UuidV4From(drawn)};
    source.calendar = KeyOf("work");
    source.event = SharedText(event);
    source.etag = etag;
    source.updated_ms = absl::ToUnixMillis(TestNow());
    source.span = SpanFrom(TestNow() + absl::Minutes(static_cast<int64_t>(i)), absl::Minutes(30));
    source.tag = TagState::kWritten;
    source.ical_hash = HashOf(absl::StrCat(event, "@google.com"));
    source.summary = SharedText("Lunch with the team");

    Record block;
    block.kind = RecordKind::kBlock;
    block.status = RecordStatus::kCreated;
    block.id = {UuidV4From(drawn ^ absl::MakeUint128(1, 1))};
    block.calendar = KeyOf("home");
    block.source = source.id;
    block.slot = group.ids.SlotOf(source.calendar, event, block.calendar);
    block.generation = block.highest = 1;
    block.event = group.ids.Plan(block.slot, 1, block.calendar).shared();
    block.etag = etag;
    block.updated_ms = source.updated_ms;
    block.span = source.span;
    block.sent = block.tagged = true;
    block.written = block.accepted = block.actual = FingerprintOf(BlockContent{block.span, "Busy", ""});

    records.push_back(std::move(source));
    if (records.size() < count) records.push_back(std::move(block));
  }
  return records;
}

}  // namespace calsync
