// Whatever people do to series: who follows the deltas knows what a full walk shows, and each list agrees with the others.

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fakegoogle/ical/busy.h"
#include "fakegoogle/model/random.h"
#include "fakegoogle/model/series.h"
#include "fakegoogle/model/testing/series_desk.h"

namespace calsync::fake {
namespace {

using Lines = std::vector<std::string>;

// What a program knows that follows a calendar: live rows, and cancelled occurrences of series that live.
class Follower {
 public:
  explicit Follower(ListEvents query) : query_(std::move(query)) {}

  void Follow(Desk& desk) {
    ListEvents request = query_;
    if (!token_.empty()) request.sync_token = token_;
    auto [rows, token] = desk.Walk(request);
    for (const EventPtr& row : rows) Take(row);
    token_ = token;
  }

  // "id start end summary", sorted.
  std::vector<std::string> Known() const { return Words(rows_); }
  static std::vector<std::string> Shown(Desk& desk, const ListEvents& query) {
    Follower fresh(query);
    fresh.Follow(desk);
    return fresh.Known();
  }

 private:
  void Take(const EventPtr& row) {
    if (!row->IsCancelled()) {
      rows_[row->id] = row;
      return;
    }
    rows_.erase(row->id);
    if (query_.single_events) return;
    // The exceptions of a deleted series go with it (K-19).
    for (auto at = rows_.begin(); at != rows_.end();) {
      at = at->second->recurring_event_id == row->id ? rows_.erase(at) : std::next(at);
    }
  }

  static std::vector<std::string> Words(const std::map<EventId, EventPtr>& rows) {
    std::vector<std::string> words;
    for (const auto& [id, row] : rows) {
      words.push_back(absl::StrCat(id.text(), " ", FormatSpan(row->span()), " ", row->summary, " of ",
                                   row->recurring_event_id.text(), " ", row->recurrence.empty() ? "" : row->recurrence[0]));
    }
    return words;
  }

  ListEvents query_;
  SyncToken token_;
  std::map<EventId, EventPtr> rows_;
};

class Story {
 public:
  explicit Story(uint64_t seed) : state_(Mix64(seed + 77)), desk_(KnobsOf()) {
    desk_.Insert(Standup({"RRULE:FREQ=WEEKLY;COUNT=8"}));
    desk_.Insert(DaysOff({"RRULE:FREQ=MONTHLY;COUNT=4"}));
    desk_.Insert(WithId(AnEvent("Lunch"), "lunch"));
  }

  Desk& desk() { return desk_; }
  int page_size() { return 1 + Below(7); }
  int Below(int bound) { return static_cast<int>(NextRandom(state_) % static_cast<uint64_t>(bound)); }

  // Something that a person might do, refused or not.
  void Act() {
    desk_.now += absl::Minutes(1 + Below(60));
    const std::vector<EventPtr> masters = Masters();
    if (masters.empty()) return Revive();
    const EventPtr master = masters[static_cast<size_t>(Below(static_cast<int>(masters.size())))];
    const EventId occurrence = SomeOccurrence(master->id);
    int act = Below(12);
    // Parts that share their ids (K-20) must not be made to give the same starts again: nobody could tell them apart.
    const bool shares_ids = was_split_ && !desk_.server.knobs().split_ids_derived;
    if (shares_ids && (act < 2 || act == 3 || act == 4)) act = 2;
    switch (act) {
      case 0:
        return Patch(master->id, ShiftOf(*master, 1 + Below(3)));
      case 1:
        return Patch(master->id, RulePatch({absl::StrCat("RRULE:FREQ=WEEKLY;COUNT=", 1 + Below(9))}));
      case 2:
        return Patch(master->id, SummaryPatch(absl::StrCat("All ", Below(100))));
      case 3:
        return Patch(master->id, RulePatch({"RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4", "RDATE:20260603T070000Z"}));
      case 4:
        return Patch(master->id, RulePatch(Below(3) == 0 ? Lines{} : Lines{"RRULE:FREQ=WEEKLY;COUNT=6"}));
      case 5:
        if (Below(3) == 0) static_cast<void>(desk_.Delete(master->id));
        return;
      case 6:
        return Split(*master);
      case 7:
        return Revive();
      case 8:
      case 9:
        return Patch(occurrence, SummaryPatch(absl::StrCat("One ", Below(100))));
      case 10:
        static_cast<void>(desk_.Delete(occurrence));
        return;
      case 11:
        return Patch(occurrence, master->span().all_day ? EventPatch() : TimePatch(Utc(6, 1 + Below(28), Below(24))));
    }
  }

 private:
  Knobs KnobsOf() {
    Knobs knobs;
    knobs.stranded_exceptions = static_cast<Knobs::Stranded>(Below(3));
    knobs.split_ids_derived = Below(2) == 0;
    knobs.deleted_series_lists_exceptions = Below(2) == 0;
    knobs.alternating_order = Below(2) == 0;
    return knobs;
  }

  std::vector<EventPtr> Masters() {
    std::vector<EventPtr> masters;
    desk_.server.ForEachLive(kAda, [&](const EventPtr& event) {
      if (!event->IsOccurrence() && event->id.text() != "lunch") masters.push_back(event);
    });
    return masters;
  }

  EventId SomeOccurrence(const EventId& master) {
    const Reply reply = desk_.Call(ListInstances{.calendar = kAda, .event = master, .show_deleted = true});
    const auto& items = std::get<EventsPage>(reply).items;
    return items.empty() ? master : items[static_cast<size_t>(Below(static_cast<int>(items.size())))]->id;
  }

  EventPatch ShiftOf(const Event& master, int days) {
    TimeSpan span = master.span();
    const int64_t by = span.all_day ? days : days * 86400 / 2;
    span.start += by;
    span.end += by;
    EventPatch patch;
    patch.start = StartOf(span);
    patch.end = EndOf(span);
    patch.start->time_zone = master.start.time_zone;
    return patch;
  }

  void Patch(const EventId& id, const EventPatch& patch) { static_cast<void>(desk_.Call(PatchEvent{kAda, id, patch})); }

  void Split(const Event& master) {
    const EventId id = SomeOccurrence(master.id);
    const EventPtr occurrence = desk_.server.FindOccurrence(kAda, id);
    if (occurrence == nullptr) return;
    was_split_ = true;
    const EventPatch change = Below(2) == 0 ? EventPatch() : SummaryPatch("Part");
    static_cast<void>(desk_.server.SplitSeries(kAda, master.id, occurrence->original_start, change, kAdaPerson.actor, desk_.now));
  }

  void Revive() {
    std::vector<EventId> gone;
    for (const auto& [id, entry] : desk_.server.FindCalendar(kAda)->by_id()) {
      if (desk_.server.FindCalendar(kAda)->Current(entry)->IsCancelled()) gone.push_back(id);
    }
    if (gone.empty()) return;
    Patch(gone[static_cast<size_t>(Below(static_cast<int>(gone.size())))], StatusPatch(EventStatus::kConfirmed));
  }

  uint64_t state_;
  Desk desk_;
  bool was_split_ = false;
};

// Each occurrence that a list expands is what events.get shows, and what an expansion by itself finds.
void ExpectListsAgree(Desk& desk, uint64_t seed) {
  const ListEvents query{.calendar = kAda, .single_events = true};
  std::set<std::string> listed;
  for (const EventPtr& row : desk.Walk(query).first) {
    EXPECT_TRUE(listed.insert(absl::StrCat(row->id.text(), " ", FormatSpan(row->span()))).second) << "twice: " << row->id.text();
    const EventPtr got = desk.Get(row->id);
    ASSERT_NE(got, nullptr) << row->id.text() << " seed " << seed;
    EXPECT_EQ(got->span(), row->span());
    EXPECT_EQ(got->etag, row->etag);
  }
  std::map<EventId, EventPtr> masters;
  std::map<EventId, std::vector<EventPtr>> exceptions;
  std::set<std::string> expanded;
  for (const EventPtr& row : desk.Walk({.calendar = kAda, .show_deleted = true}).first) {
    if (row->IsOccurrence()) exceptions[row->recurring_event_id].push_back(row);
    if (row->IsSeriesMaster() && !row->IsCancelled()) masters[row->id] = row;
    if (!row->IsOccurrence() && !row->IsSeriesMaster() && !row->IsCancelled()) {
      expanded.insert(absl::StrCat(row->id.text(), " ", FormatSpan(row->span())));
    }
  }
  for (const auto& [id, master] : masters) exceptions.try_emplace(id);
  for (const auto& [id, of] : exceptions) {
    const auto master = masters.find(id);
    const auto busy = ical::BusyIntervals(master == masters.end() ? nullptr : master->second.get(), of, Utc(1, 1, 0),
                                          Utc(1, 1, 0) + absl::Hours(24 * 500));
    ASSERT_TRUE(busy.ok());
    for (const ical::BusyInterval& one : *busy) {
      const EventId name =
          one.exception != nullptr ? one.exception->id : OccurrenceId(id, one.original, desk.server.knobs().split_ids_derived);
      expanded.insert(absl::StrCat(name.text(), " ", FormatSpan(one.span)));
    }
  }
  EXPECT_EQ(listed, expanded) << "seed " << seed;
}

TEST(SeriesStories, AreFollowedByDeltas) {  // C-23 C-33 C-65 C-66 C-68
  for (uint64_t seed = 0; seed < 500 && !testing::Test::HasFailure(); ++seed) {
    Story story(seed);
    const ListEvents masters{.calendar = kAda, .max_results = story.page_size()};
    const ListEvents singles{.calendar = kAda, .max_results = story.page_size(), .single_events = true};
    Follower by_masters(masters), by_singles(singles);
    for (int round = 0; round < 12 && !testing::Test::HasFailure(); ++round) {
      by_masters.Follow(story.desk());
      by_singles.Follow(story.desk());
      EXPECT_EQ(by_masters.Known(), Follower::Shown(story.desk(), masters)) << "seed " << seed << " round " << round;
      EXPECT_EQ(by_singles.Known(), Follower::Shown(story.desk(), singles)) << "seed " << seed << " round " << round;
      ExpectListsAgree(story.desk(), seed);
      for (int i = story.Below(4); i >= 0; --i) story.Act();
    }
  }
}

}  // namespace
}  // namespace calsync::fake
