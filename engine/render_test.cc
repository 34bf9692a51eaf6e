#include "engine/render.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/testing/builders.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

InsertEvent AnInsert() { return {GoogleIdOf("home"), EventOf({.at = "home/b1"})}; }
PatchEvent APatch() {
  PatchEvent patch{GoogleIdOf("home"), EventId("b1"), {}, Etag("\"1\"")};
  patch.patch.start = EventTime::At(TestNow());
  patch.patch.summary = "Busy";
  patch.patch.private_properties["calsync_id"] = "x";
  return patch;
}
ApiCall CallOf(uint64_t id, Request request) { return {CallId(id), std::make_shared<const Request>(std::move(request))}; }
Commit ACommit() {
  Commit commit;
  commit.erased = {{KeyOf("home"), EventId("old")}};
  commit.records = {UserEvent("k1", "work/e1"), Block({.status = RecordStatus::kCreating})};
  commit.calendars.emplace_back();
  commit.calendars[0].key = KeyOf("work");
  commit.group = GroupRow();
  commit.audit = {{TestNow(), AuditKind::kBlockPlanned, KeyOf("home"), EventId("b1"), IdNamed("b1"), ""}};
  return commit;
}

TEST(Render, SaysWhatAnEffectIsInOneLine) {
  EXPECT_EQ(Render(Effect(CallOf(1, AnInsert()))),
            "call: insert b1 2026-05-04T10:00:00Z/2026-05-04T10:30:00Z into home@example.com");
  EXPECT_EQ(Render(Effect(CallOf(1, APatch()))), "call: patch b1 of home@example.com: times,summary,calsync_id");
  EXPECT_EQ(Render(Effect(SetTimer{TestNow()})), "timer at 2026-05-04T08:00:00.000Z");
  EXPECT_EQ(Render(Effect(SetTimer{absl::InfiniteFuture()})), "timer at never");
  const std::string commit = Render(Effect(ACommit()));
  EXPECT_THAT(commit, HasSubstr("user event e1 synced"));
  EXPECT_THAT(commit, HasSubstr("creating g1"));
}

TEST(Render, SaysWhatAnInputIsInOneLine) {
  EXPECT_EQ(Render(Input(Started{true})), "started, restored");
  EXPECT_EQ(Render(Input(TimerFired{})), "timer");
  EXPECT_EQ(Render(Input(Notification{ChannelId("c1"), "secret", ResourceState::kExists})), "notification exists on channel c1");
  EXPECT_EQ(Render(Input(ApiReply{CallId(1), ApiError{.code = 409, .reason = "duplicate"}})), "reply: error 409 duplicate");
  EXPECT_EQ(Render(Input(OperatorCommand(ResumeWrites{}))), "command: resume writes");
}

TEST(Render, NeverShowsTextsOrSecrets) {  // L9
  InsertEvent insert = AnInsert();
  insert.event.summary = insert.event.description = "Dentist";
  insert.event.attendees = {{.email = "guest@example.org"}};
  PatchEvent patch = APatch();
  patch.patch.summary = patch.patch.description = "Dentist";
  Commit commit = ACommit();
  commit.records[0].summary = SharedText("Dentist");
  const WatchEvents watch{GoogleIdOf("home"), ChannelId("c1"), "https://x", "secret"};
  for (const std::string& line : {Render(Effect(CallOf(1, insert))), Render(Effect(CallOf(1, patch))), Render(Effect(commit)),
                                  Render(Effect(CallOf(1, watch))), Render(Input(Notification{ChannelId("c1"), "secret"})),
                                  Render(Input(ApiReply{CallId(1), std::make_shared<const Event>(insert.event)}))}) {
    EXPECT_THAT(line, Not(HasSubstr("Dentist")));
    EXPECT_THAT(line, Not(HasSubstr("guest")));
    EXPECT_THAT(line, Not(HasSubstr("secret")));
  }
}

TEST(Digest, OfEqualEffectsIsEqual) {  // L11
  EXPECT_EQ(DigestOf(Effect(ACommit())), DigestOf(Effect(ACommit())));
  EXPECT_EQ(DigestOf(Effect(CallOf(1, AnInsert()))), DigestOf(Effect(CallOf(1, AnInsert()))));
  EXPECT_EQ(DigestOf(Effect(SetTimer{TestNow()})), DigestOf(Effect(SetTimer{TestNow()})));
}

// Each row changes one thing that the host acts upon.
TEST(Digest, DiffersForWhateverTheHostActsUpon) {  // L11
  const auto call = [](Request request) { return DigestOf(Effect(CallOf(1, std::move(request)))); };
  const auto insert = [&](void (*change)(InsertEvent&)) {
    InsertEvent changed = AnInsert();
    change(changed);
    return call(changed);
  };
  const auto patch = [&](void (*change)(PatchEvent&)) {
    PatchEvent changed = APatch();
    change(changed);
    return call(changed);
  };
  const auto commit = [](void (*change)(Commit&)) {
    Commit changed = ACommit();
    change(changed);
    return DigestOf(Effect(changed));
  };
  const struct {
    const char* what;
    uint64_t digest;
  } kRows[] = {
      {"timer", DigestOf(Effect(SetTimer{TestNow()}))},
      {"timer, later", DigestOf(Effect(SetTimer{TestNow() + absl::Seconds(1)}))},
      {"no timer", DigestOf(Effect(SetTimer{absl::InfiniteFuture()}))},
      {"a call", call(AnInsert())},
      {"another call id", DigestOf(Effect(CallOf(2, AnInsert())))},
      {"insert elsewhere", insert([](InsertEvent& c) { c.calendar = GoogleIdOf("team"); })},
      {"insert: id", insert([](InsertEvent& c) { c.event.id = EventId("b2"); })},
      {"insert: times", insert([](InsertEvent& c) { c.event.end.instant += absl::Seconds(1); })},
      {"insert: title", insert([](InsertEvent& c) { c.event.summary = "x"; })},
      {"insert: description", insert([](InsertEvent& c) { c.event.description = "x"; })},
      {"insert: visibility", insert([](InsertEvent& c) { c.event.visibility = Visibility::kPublic; })},
      {"insert: rule", insert([](InsertEvent& c) { c.event.recurrence = {"RRULE:FREQ=DAILY"}; })},
      {"insert: another rule", insert([](InsertEvent& c) { c.event.recurrence = {"RRULE:FREQ=WEEKLY"}; })},
      {"insert: colour", insert([](InsertEvent& c) { c.event.color_id = "7"; })},
      {"insert: reminders", insert([](InsertEvent& c) { c.event.reminders.use_default = !c.event.reminders.use_default; })},
      {"insert: guests may change it", insert([](InsertEvent& c) { c.event.guests_can_modify = true; })},
      {"insert: tag", insert([](InsertEvent& c) { c.event.private_properties = BlockTag("b1"); })},
      {"insert: guests are told", insert([](InsertEvent& c) { c.send_updates = SendUpdates::kAll; })},
      {"patch", call(APatch())},
      {"patch: times", patch([](PatchEvent& c) { c.patch.start = EventTime::At(TestNow() + absl::Hours(1)); })},
      {"patch: title", patch([](PatchEvent& c) { c.patch.summary = "x"; })},
      {"patch: more fields", patch([](PatchEvent& c) { c.patch.description = "x"; })},
      {"patch: rule", patch([](PatchEvent& c) { c.patch.recurrence = {{"RRULE:FREQ=DAILY"}}; })},
      {"patch: another rule", patch([](PatchEvent& c) { c.patch.recurrence = {{"RRULE:FREQ=WEEKLY"}}; })},
      {"patch: reminders", patch([](PatchEvent& c) { c.patch.reminders = Reminders(); })},
      {"patch: tag", patch([](PatchEvent& c) { c.patch.private_properties["calsync_id"] = "y"; })},
      {"patch: tag removed", patch([](PatchEvent& c) { c.patch.private_properties["calsync_id"] = std::nullopt; })},
      {"patch: guests removed", patch([](PatchEvent& c) { c.patch.attendees = std::vector<Attendee>(); })},
      {"patch: condition", patch([](PatchEvent& c) { c.if_match = Etag("\"2\""); })},
      {"list", call(ListEvents{GoogleIdOf("home")})},
      {"list from a token", call(ListEvents{GoogleIdOf("home"), SyncToken("t")})},
      {"list, next page", call(ListEvents{GoogleIdOf("home"), std::nullopt, PageToken("t")})},
      {"list with deleted ones", call(ListEvents{.calendar = GoogleIdOf("home"), .show_deleted = true})},
      {"watch", call(WatchEvents{GoogleIdOf("home"), ChannelId("c1"), "https://x", "secret"})},
      {"watch for a day", call(WatchEvents{GoogleIdOf("home"), ChannelId("c1"), "https://x", "secret", absl::Hours(24)})},
      {"get", call(GetEvent{GoogleIdOf("home"), EventId("b1")})},
      {"delete", call(DeleteEvent{GoogleIdOf("home"), EventId("b1")})},
      {"delete, condition", call(DeleteEvent{GoogleIdOf("home"), EventId("b1"), Etag("\"1\"")})},
      {"commit", commit([](Commit&) {})},
      {"commit: erased", commit([](Commit& c) { c.erased.clear(); })},
      {"commit: etag", commit([](Commit& c) { c.records[0].etag = SharedText("\"2\""); })},
      {"commit: span", commit([](Commit& c) { c.records[0].span.all_day = true; })},
      {"commit: blocking", commit([](Commit& c) { c.records[0].blocking = Blocking::kFree; })},
      {"commit: tag state", commit([](Commit& c) { c.records[0].tag = TagState::kGivenUp; })},
      {"commit: retry", commit([](Commit& c) { c.records[0].retry_s = 7; })},
      {"commit: status", commit([](Commit& c) { c.records[1].status = RecordStatus::kCreated; })},
      {"commit: source", commit([](Commit& c) { c.records[1].source = IdNamed("k2"); })},
      {"commit: generation", commit([](Commit& c) { c.records[1].generation = 2; })},
      {"commit: highest", commit([](Commit& c) { c.records[1].highest = 2; })},
      {"commit: guests", commit([](Commit& c) { c.records[1].guests = true; })},
      {"commit: sync token", commit([](Commit& c) { c.calendars[0].sync_token = SyncToken("t"); })},
      {"commit: walked", commit([](Commit& c) { c.calendars[0].walked = true; })},
      {"commit: role", commit([](Commit& c) { c.calendars[0].role = AccessRole::kReader; })},
      {"commit: back-off", commit([](Commit& c) { c.calendars[0].calls_rest_until = TestNow(); })},
      {"commit: counters", commit([](Commit& c) { c.calendars[0].counters.errors = 1; })},
      {"commit: breaker", commit([](Commit& c) { c.group->breaker_open = true; })},
      {"commit: no group row", commit([](Commit& c) { c.group.reset(); })},
      {"commit: audit", commit([](Commit& c) { c.audit[0].kind = AuditKind::kBlockCreated; })},
      {"commit: audit detail", commit([](Commit& c) { c.audit[0].detail = "x"; })},
  };
  std::set<uint64_t> met;
  for (const auto& row : kRows) EXPECT_TRUE(met.insert(row.digest).second) << row.what;
}

}  // namespace
}  // namespace calsync
