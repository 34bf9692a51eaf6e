// Whatever an event looks like and whatever is recorded: one verdict, always the same, and what has nothing to do with it does
// not change it. Choices are few, so that ids, tags and records meet.

#include <gtest/gtest.h>  // Must come before RapidCheck's.
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/decide/classify.h"
#include "engine/testing/builders.h"
#include "engine/testing/matchers.h"

namespace calsync {
namespace {

template <class T>
T Pick(const std::vector<T>& from) {
  return *rc::gen::elementOf(from);
}

// Ids that people, Google, we, or somebody who forges them may give to an event.
std::string AnyEventId(const TestGroup& group) {
  const std::string block = group.BlockId("work/e1", "home").str();
  std::string flipped = block;
  flipped[20] = flipped[20] == 'a' ? 'b' : 'a';
  return Pick<std::string>({"e1", "e2", "x1", "", "_", block, group.BlockId("work/e1", "home", 2).str(),
                            group.BlockId("work/e1", "home", 3).str(), group.BlockId("work/e1", "team").str(),
                            group.BlockId("home/e2", "work").str(), block + "_20260504T100000Z", block + "_R20260504", flipped,
                            "cs" + std::string(45, 'v'), *rc::gen::arbitrary<std::string>()});
}

PropertyMap AnyTag(const TestGroup& group) {
  return Pick<PropertyMap>({{},
                            BlockTag("b1"),
                            BlockTag("b9"),
                            UserTag("k1"),
                            UserTag("k9"),
                            ForeignBlockTag(),
                            ForeignUserTag(),
                            {{group.tags.user_key(), "1:user"}},
                            {{"calsync_id", ""}},
                            {{"zoom", "1"}}});
}

Shown AnyEvent(const TestGroup& group) {
  Event event;
  event.id = EventId(AnyEventId(group));
  event.ical_uid =
      ICalUid(Pick<std::string>({event.id.str() + "@google.com", AnyEventId(group) + "@google.com", AnyEventId(group)}));
  event.status = Pick<EventStatus>({EventStatus::kConfirmed, EventStatus::kTentative, EventStatus::kCancelled});
  event.summary = Pick<std::string>({"", "Busy", "Dentist", "Busy - Dentist"});
  event.private_properties = AnyTag(group);
  if (*rc::gen::arbitrary<bool>()) event.recurring_event_id = EventId(AnyEventId(group));
  if (*rc::gen::arbitrary<bool>()) event.recurrence = {"RRULE:FREQ=DAILY"};
  if (*rc::gen::arbitrary<bool>()) event.start = event.end = EventTime::At(TestNow());
  return {KeyOf(Pick<std::string>({"work", "home", "team"})), std::move(event)};
}

// A sound choice of records.
std::vector<Record> AnyRecords() {
  std::vector<Record> records;
  const auto maybe = [&](Record record) {
    if (*rc::gen::arbitrary<bool>()) records.push_back(std::move(record));
  };
  if (*rc::gen::arbitrary<bool>()) {
    records.push_back(UserEvent({.status = Pick<RecordStatus>({RecordStatus::kSynced, RecordStatus::kGone})}));
    maybe(Block({.generation = Pick<uint32_t>({1, 2, 3}),
                 .status = Pick<RecordStatus>({RecordStatus::kCreating, RecordStatus::kCreated, RecordStatus::kDeleting,
                                               RecordStatus::kDeleted, RecordStatus::kFailed})}));
    maybe(Block({.id = "b2", .on = "team"}));
  }
  maybe(UserEvent("k2", "home/e2"));
  maybe(Seen({.at = "home/x1",
              .as = Pick<SeenAs>({SeenAs::kUndecided, SeenAs::kCopyOfBlock, SeenAs::kExternalBlock, SeenAs::kSurplusBlock,
                                  SeenAs::kMovedBlock})}));
  return records;
}

// Rows at places, of slots and with ids that no event above has to do with.
std::vector<Record> UnrelatedRecords() {
  return {UserEvent("unrelated", "work/u1"), Block({.id = "unrelated block", .source = "unrelated", .source_at = "work/u1"}),
          Seen({.at = "team/u2", .as = SeenAs::kCopyOfBlock})};
}

bool NeedsRow(Verdict verdict) {
  return verdict == Verdict::kOwnBlock || verdict == Verdict::kDeletion || verdict == Verdict::kTrackedUserEvent ||
         verdict == Verdict::kNewerGeneration || verdict == Verdict::kSupersededBlock;
}
bool NeedsCertificate(Verdict verdict) {
  return verdict == Verdict::kForgottenBlock || verdict == Verdict::kNewerGeneration || verdict == Verdict::kSupersededBlock ||
         verdict == Verdict::kOwnTombstone;
}

RC_GTEST_PROP(Classification, IsTotalAndSaysWhatItsReaderNeeds, ()) {
  const TestGroup group;
  const Records records = RecordsOf(AnyRecords());
  const Shown shown = AnyEvent(group);
  const Classified known = Classify(group.With(records), shown.calendar, shown.event);
  RC_CLASSIFY(true, std::string(Name(known.verdict)));
  RC_ASSERT(static_cast<int>(known.verdict) < kVerdicts);
  RC_ASSERT(!NeedsRow(known.verdict) || known.row.has_value());
  RC_ASSERT(!NeedsCertificate(known.verdict) || known.certified.has_value());
  RC_ASSERT(known.verdict != Verdict::kReturningUserEvent || known.correlation_id.has_value());
}

RC_GTEST_PROP(Classification, IsTheSameForTheSameEventAndRecords, ()) {
  const TestGroup group;
  std::vector<Record> rows = AnyRecords();
  const Shown shown = AnyEvent(group);
  const Records records = RecordsOf(rows);
  std::reverse(rows.begin(), rows.end());  // The order in which rows were stored is nothing to go by.
  const Records reversed = RecordsOf(rows);
  const Classified first = Classify(group.With(records), shown.calendar, shown.event);
  const Classified second = Classify(TestGroup().With(records), shown.calendar, shown.event);
  const Classified third = Classify(group.With(reversed), shown.calendar, shown.event);
  RC_ASSERT(first.verdict == second.verdict);
  RC_ASSERT(first.row == second.row);
  RC_ASSERT(first.verdict == third.verdict);
  RC_ASSERT(first.row.has_value() == third.row.has_value());
  if (first.row.has_value()) RC_ASSERT(records[*first.row].event == reversed[*third.row].event);
}

RC_GTEST_PROP(Classification, IsNotChangedByRecordsOfOtherEvents, ()) {
  const TestGroup group;
  Records records = RecordsOf(AnyRecords());
  const Shown shown = AnyEvent(group);
  const Classified before = Classify(group.With(records), shown.calendar, shown.event);
  for (Record& unrelated : UnrelatedRecords()) {
    records.Add(std::move(unrelated));
    const Classified after = Classify(group.With(records), shown.calendar, shown.event);
    RC_ASSERT(after.verdict == before.verdict);
    RC_ASSERT(after.row == before.row);
    RC_ASSERT(after.certified == before.certified);
    RC_ASSERT(after.correlation_id == before.correlation_id);
  }
}

RC_GTEST_PROP(Classification, NeverLooksAtTextsOrTimes, ()) {
  const TestGroup group;
  const Records records = RecordsOf(AnyRecords());
  Shown shown = AnyEvent(group);
  const Verdict before = Classify(group.With(records), shown.calendar, shown.event).verdict;
  shown.event.summary = *rc::gen::arbitrary<std::string>();
  shown.event.description = "Busy block for event from Work";
  shown.event.start = EventTime::Date(absl::CivilDay(2026, 5, 4));
  shown.event.etag = Etag("\"9\"");
  RC_ASSERT(Classify(group.With(records), shown.calendar, shown.event).verdict == before);
}

}  // namespace
}  // namespace calsync
