// Plain valid things for tests; a test says only what matters to it.
//
// Calendars are called by short names ("work", "home", "team", "club"), events by place ("work/e1"), correlation ids by name
// ("k1"). The same name always gives the same key or id, in every test.

#ifndef CALSYNC_ENGINE_TESTING_BUILDERS_H_
#define CALSYNC_ENGINE_TESTING_BUILDERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/decide/classify.h"
#include "engine/decide/live_group.h"
#include "engine/state/block_id.h"
#include "engine/state/group.h"
#include "engine/state/ids.h"
#include "engine/state/record.h"
#include "engine/state/records.h"
#include "engine/state/tag.h"

namespace calsync {

// Monday, 4 May 2026, 08:00 UTC: the present of all tests, unless they say otherwise.
absl::Time TestNow();
// An instant given as "2026-05-04T10:00:00Z". CHECKs that it is one.
absl::Time At(absl::string_view text);

CalendarKey KeyOf(absl::string_view calendar);
CalendarId GoogleIdOf(absl::string_view calendar);  // "work@example.com".
CorrelationId IdNamed(absl::string_view name);

// A group "ann" of one installation, with enabled calendars of these names, one key, and the default policy.
GroupConfig AConfig(const std::vector<std::string>& calendars = {"work", "home"});

// What a test knows about the group of AConfig().
struct TestGroup {
  TestGroup() : TestGroup(AConfig({"work", "home", "team"})) {}
  explicit TestGroup(GroupConfig with) : config(std::move(with)), ids(config.keys, config.id), tags(config.instance, config.id) {}

  Knowledge With(const Records& records) const { return {config, records, ids, tags}; }
  // The id of the block in the slot of (source, target).
  EventId BlockId(absl::string_view source, absl::string_view target, uint32_t generation = 1) const;

  GroupConfig config;
  BlockIds ids;
  Tags tags;
};

// An event as a listing of its calendar shows it.
struct Shown {
  CalendarKey calendar;
  Event event;
};

struct EventSpec {
  std::string at = "work/e1";
  std::string title = "Dentist";
  absl::Time start = At("2026-05-04T10:00:00Z");
  absl::Duration length = absl::Minutes(30);
  PropertyMap tag{};
  std::string ical_uid{};  // Empty: <id>@google.com.
  std::string master{};    // Not empty: an occurrence of it.
  bool cancelled = false;  // A stub: nothing but the id can be relied upon (S-3).
  std::string etag = "\"1\"";
  absl::Time updated = TestNow() - absl::Hours(1);
  std::string description{};
};
Shown AnEvent(const EventSpec& spec);
// The same as one may put it on a calendar; the calendar is left out.
Event EventOf(const EventSpec& spec);

struct UserEventSpec {
  std::string id = "k1";
  std::string at = "work/e1";
  absl::Time start = At("2026-05-04T10:00:00Z");
  absl::Duration length = absl::Minutes(30);
  RecordStatus status = RecordStatus::kSynced;
  std::string ical_uid{};  // Empty: <id>@google.com.
};
Record UserEvent(const UserEventSpec& spec);
Record UserEvent(absl::string_view id, absl::string_view at);

struct BlockSpec {
  std::string id = "b1";
  std::string source = "k1";          // Correlation id of the source.
  std::string source_at = "work/e1";  // Where the source lies.
  std::string on = "home";            // The target.
  uint32_t generation = 1;
  RecordStatus status = RecordStatus::kCreated;
};
Record Block(const BlockSpec& spec);

struct SeenSpec {
  std::string at = "home/x1";
  SeenAs as = SeenAs::kUndecided;
};
Record Seen(const SeenSpec& spec);

// Of the group AConfig().
PropertyMap BlockTag(absl::string_view block, absl::string_view source = "k1");
PropertyMap UserTag(absl::string_view user_event);
PropertyMap ForeignBlockTag();
PropertyMap ForeignUserTag();

Records RecordsOf(std::vector<Record> records);

// A group in the middle of its life: all calendars walked, writable and idle, these records.
LiveGroup ALiveGroup(GroupConfig config, std::vector<Record> records);

// Records of the shape that production has. Half of them are user events with ids of 26
// characters, half are blocks with ids of 47; etags have 18 characters, titles 19. REQUIRES: the calendars of AConfig({"work",
// "home"}).
std::vector<Record> RealisticRecords(size_t count);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_TESTING_BUILDERS_H_
