// A Google Calendar: typed calls in, typed replies out, by the rules of the contract, on virtual time.
//
// A value: copying it copies the whole world behind it, and two copies with the same calls give the same replies. No clock, no
// I/O, no randomness but the seed's. Time never runs backwards: a call with an earlier `now` than the last one is taken as
// happening at the last one's. What is delayed inside (propagation to guests) is due at NextDue() and happens in AdvanceTo() or
// in the next call.
//
// It is not a fault injector: it keeps the rules, in the unkind reading that its knobs choose. What breaks them (lost replies,
// spurious errors) is fakegoogle/faults, except for what only the server can do, which comes in as Conditions of a call.

#ifndef CALSYNC_FAKEGOOGLE_MODEL_SERVER_H_
#define CALSYNC_FAKEGOOGLE_MODEL_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/api/ids.h"
#include "fakegoogle/model/calendars.h"
#include "fakegoogle/model/channels.h"
#include "fakegoogle/model/events.h"
#include "fakegoogle/model/feed.h"
#include "fakegoogle/model/knobs.h"
#include "fakegoogle/model/quota.h"
#include "fakegoogle/model/search.h"
#include "fakegoogle/model/tokens.h"
#include "fakegoogle/model/truth.h"

namespace calsync::fake {

// Who calls: with whose grant, and who that is by ground truth. Each actor is one project for the quotas.
struct Caller {
  AccountId account;
  ActorId actor;
};

// What the grant of an account to all programs allows (C-90, C-101). People need none.
enum class Grant : uint8_t { kFull, kReadOnly, kRevoked };

class Server {
 public:
  explicit Server(Knobs knobs = {}, uint64_t seed = 0);

  // --- Setting up, and what administrators do at run time.

  // An account. Its calendars are added by AddCalendar.
  void AddAccount(const AccountId& account);
  // REQUIRES: the id is new, the owner an account. The owner's role is kOwner.
  void AddCalendar(CalendarSetup setup);
  // C-26, C-90: voids the calendar's sync tokens, and the account's channels if it can read no more. kNone takes access away.
  void SetRole(const CalendarId& calendar, const AccountId& account, AccessRole role);
  // The calendar's data owner is another account from now on, and has the role of an owner. REQUIRES: it is no primary calendar.
  void TransferOwnership(const CalendarId& calendar, const AccountId& account);
  // Something changed on the account's list of calendars, which the front keeps.
  void AnnounceCalendarList(const AccountId& account);
  void SetTimeZone(const CalendarId& calendar, std::string name, absl::TimeZone zone);
  void SetSummary(const CalendarId& calendar, std::string summary);
  void DeleteCalendar(const CalendarId& calendar);  // 404 for ever after.
  void SetGrant(const AccountId& account, Grant grant);
  // C-90: the account took back what it granted to this one program. Who keeps the tokens refuses its calls.
  void EndGrant(const Caller& caller) { channels_.KillThoseOf(caller.account, caller.actor); }
  void SetUsageLimit(const AccountId& account, absl::Time until) { quota_.SetUsageLimit(account, until); }  // C-103.
  void ExpireSyncTokens(const CalendarId& calendar);                                                        // C-26.
  // K-12 for one calendar; nothing: as the knob says.
  void SetListLag(const CalendarId& calendar, std::optional<absl::Duration> lag);
  // Stores an event as it is, whatever the API would refuse (S-14, S-20, C-17, C-69): zero length, unknown types, exceptions with
  // or without a master. An empty id is filled in; an existing id gets a new version. Announced like any change.
  EventPtr Plant(const CalendarId& calendar, Event event, ActorId actor, absl::Time now);
  // What a person does in Google's own user interface with "this and following" (C-66; programs patch and insert, C-67): the
  // series ends before the occurrence of that original start, and a new one with the change merged in begins there, with a copy
  // of its properties; later exceptions go over to it. Gives the new series, or why not: no live series of this calendar's own,
  // not an occurrence after its first, or a part that began there before (its id stays taken).
  Reply SplitSeries(const CalendarId& calendar, const EventId& master, const EventTime& original_start, const EventPatch& change,
                    ActorId actor, absl::Time now);
  // C-59: the server itself makes a new version of the event at `when`, if it is live then.
  void ScheduleTouch(const CalendarId& calendar, const EventId& event, absl::Time when);

  Knobs& knobs() { return knobs_; }
  const Knobs& knobs() const { return knobs_; }

  // --- The API.

  Reply Handle(const Caller& caller, const Request& request, absl::Time now, const Conditions& conditions = {});

  // events.list with filters or an order (search.h). Charged as a list.
  Reply Search(const Caller& caller, const SearchEvents& request, absl::Time now, const Conditions& conditions = {});
  // events.watch for events of some types alone (C-89). Charged as a watch.
  Reply Watch(const Caller& caller, const WatchEvents& request, const std::vector<EventType>& types, absl::Time now,
              const Conditions& conditions = {});
  // The watches of the other collections. Charged as a watch.
  Reply WatchOther(const Caller& caller, Collection collection, const WatchEvents& request, absl::Time now);
  // What each call begins with: time passes, the grant and the quotas are asked. For methods that Handle does not know; `like` is
  // one that costs and needs the same.
  std::optional<ApiError> Admit(const Caller& caller, const Request& like, absl::Time now);
  // The account's primary calendar (C-109); null if it has none.
  const CalendarId* FindPrimary(const AccountId& account) const;
  bool HasAccount(const AccountId& account) const { return accounts_.contains(account); }
  std::vector<AccountId> Accounts() const;

  // When the next delayed thing is due; InfiniteFuture if nothing is.
  absl::Time NextDue() const { return due_.empty() ? absl::InfiniteFuture() : due_.begin()->first.first; }
  void AdvanceTo(absl::Time now);

  // Notifications caused since the last time, in order.
  std::vector<PushMessage> TakeMessages() { return channels_.TakeMessages(); }
  bool HasMessages() const { return channels_.HasMessages(); }
  size_t CountLiveChannels(const CalendarId& calendar, absl::Time now) const { return channels_.CountLive(calendar, now); }

  // --- Ground truth, for oracles and actors. No quota, no lag, no roles. Pointers hold until the next call.

  std::vector<CalendarId> Calendars() const;  // In id order, deleted ones left out.
  const Calendar* FindCalendar(const CalendarId& calendar) const;
  // The current state, live or cancelled; null if there never was such an event, or it is purged and its id free.
  const EventPtr* Find(const CalendarId& calendar, const EventId& event) const;
  // An occurrence that a series gives and nobody has changed, as a get would show it; null if there is none of this id.
  EventPtr FindOccurrence(const CalendarId& calendar, const EventId& event) const;
  const EventTruth* TruthOf(const CalendarId& calendar, const EventId& event) const;
  // In id order, without the cancelled ones: single events, series and exceptions; not the occurrences that nobody changed.
  void ForEachLive(const CalendarId& calendar, absl::FunctionRef<void(const EventPtr&)> visit) const;
  size_t CountLive(const CalendarId& calendar) const;
  // Everything committed since the last ClearWrites, in order.
  const std::vector<WriteRecord>& writes() const { return writes_; }
  void ClearWrites() { writes_.clear(); }
  // Mails to guests that the actor has caused.
  int64_t MailsBy(ActorId actor) const;
  int64_t calls() const { return calls_; }  // That were carried out, or refused.
  // The last call was answered otherwise than is so, by its conditions: a delta left out a row and moved past it (K-23), or a
  // read or a write met an event as it was before, or none. That lists lag does not count: no token skips anything by it (C-34).
  bool bent() const { return bent_; }
  // Up to where in its calendar's log the sync token of events.list has told everything; nothing if it is none.
  std::optional<uint32_t> PositionOf(const SyncToken& token) const;
  // What a sync token or page token says; nothing if it is none of this server's.
  std::optional<TokenBody> Read(absl::string_view token) const;

 private:
  struct Account {
    Grant grant = Grant::kFull;
    uint32_t primary = kNone;  // Its primary calendar.
  };
  struct Due {
    enum class Kind : uint8_t { kCopy, kAnswer, kTouch };
    Kind kind = Kind::kCopy;
    uint32_t from = kNone;  // kCopy: the organizer's calendar. kAnswer: the guest's.
    uint32_t to = kNone;    // The calendar that changes.
    EventId event;
    ActorId actor;  // Who caused it.
  };
  // The calendar that a call is about, and what its caller may do there.
  struct Target {
    uint32_t calendar = kNone;
    AccessRole role = AccessRole::kNone;
  };
  // The event that a call is about.
  struct Subject {
    EventPtr event;           // Its state.
    uint32_t entry = kNone;   // kNone: an occurrence that nobody has changed.
    uint32_t master = kNone;  // Then its series.
  };
  // How a new state of an event enters the log.
  struct Commitment {
    uint32_t calendar = kNone;
    uint32_t entry = kNone;
    EventPtr before;  // Of an occurrence that had no entry: what the series gave. Else null, and the log knows.
    WriteKind kind = WriteKind::kInserted;
    ActorId actor;
    int mails = 0;
    bool keeps_updated = false;  // C-5: reminders alone.
    bool quiet = false;          // K-4: no delta, no notification.
    bool silent = false;         // K-19: no delta of masters.
  };

  // Checks: nothing, or the error to answer. In the order of C-101.
  std::optional<ApiError> CheckGrant(const Caller& caller, const Request& request) const;
  std::optional<ApiError> CheckReadable(const Caller& caller, const CalendarId& id, Target& target) const;
  std::optional<ApiError> CheckWritable(const Caller& caller, const CalendarId& id, Target& target) const;
  // What patch, update and delete have in common: the event is there, visible, and as If-Match says.
  std::optional<ApiError> CheckExisting(const Target& target, const EventId& id, const std::optional<Etag>& if_match,
                                        const Conditions& conditions, Subject& subject);
  std::optional<ApiError> CheckCancelledWrite(const Target& target, const Subject& subject) const;
  std::optional<ApiError> CheckGuestWrite(const Event& before, const Difference& difference, WriteKind kind) const;
  std::optional<ApiError> CheckBudget(uint32_t calendar, const Event* before, Event& event) const;

  // Writes (writes.cc). The time is now_.
  Reply HandleInsert(const Caller& caller, const InsertEvent& request);
  Reply HandlePatch(const Caller& caller, const PatchEvent& request, const Conditions& conditions);
  Reply HandleUpdate(const Caller& caller, const UpdateEvent& request, const Conditions& conditions);
  Reply HandleDelete(const Caller& caller, const DeleteEvent& request, const Conditions& conditions);
  Reply ChangeExisting(const Caller& caller, const Target& target, const Subject& subject, Event after, WriteKind kind,
                       SendUpdates send_updates);
  // Moves and imports (transfers.cc).
  Reply HandleMove(const Caller& caller, const MoveEvent& request);
  Reply HandleImport(const Caller& caller, const ImportEvent& request);
  // One entry. `stays`: the old organizer is a guest from now on and keeps a copy; else what is left is a bare stub. Copies of
  // other guests follow the new calendar. Gives what is there.
  EventPtr MoveEntry(uint32_t from, uint32_t to, uint32_t entry, bool stays, ActorId actor);
  // Series (series_writes.cc).
  // The event of this id as it was at that position of the log: an entry, or an occurrence; nothing if there was none.
  std::optional<Subject> FindSubject(const Calendar& calendar, const EventId& id, uint32_t view) const;
  // An entry for the subject if it has none.
  uint32_t OpenSubject(uint32_t calendar, const Subject& subject, ActorId actor);
  // What a change of a series does to its exceptions (C-65, C-68, contract 4.4); it may have been one once.
  void FollowMaster(uint32_t calendar, const Event& before, const Event& after, ActorId actor);
  void CancelWithMaster(uint32_t calendar, uint32_t entry, ActorId actor);
  void RestoreWithMaster(uint32_t calendar, uint32_t entry, ActorId actor);
  void Reanchor(uint32_t calendar, uint32_t entry, const Event& before, const Event& after, ActorId actor);
  void Strand(uint32_t calendar, uint32_t entry, ActorId actor);
  void TightenSeries(uint32_t calendar, const Event& exception, ActorId actor);
  void GiveToSplit(uint32_t calendar, uint32_t entry, const Event& part, ActorId actor);
  // A change by the server of an entry that there is, with its way to the guests.
  void CommitFollowing(uint32_t calendar, uint32_t entry, Event after, WriteKind kind, ActorId actor);
  // The rest (server.cc).
  Reply HandleList(const Caller& caller, const ListEvents& request, const Conditions& conditions);
  Reply HandleGet(const Caller& caller, const GetEvent& request, const Conditions& conditions);
  Reply HandleWatch(const Caller& caller, const WatchEvents& request, const std::vector<EventType>& types,
                    const Conditions& conditions);
  Reply HandleListInstances(const Caller& caller, const ListInstances& request, const Conditions& conditions);
  Reply HandleGetCalendar(const Caller& caller, const GetCalendar& request) const;

  // The one way into a log, once nothing can be refused any more (C-110). Gives what a get would (C-56).
  EventPtr Commit(const Commitment& how, Event event);
  // A new entry, or the one whose id is free again (K-21), with fresh truth.
  uint32_t OpenEntry(uint32_t calendar, const EventId& id, const EventTruth& truth);
  // V6: the call is to find nothing there yet. That bends its answer.
  bool IsUnseen(const Calendar& calendar, uint32_t entry, const Conditions& conditions);
  bool IsIdFree(const Calendar& calendar, uint32_t entry) const;
  int MailsFor(const Event& event, SendUpdates send_updates) const;
  uint32_t CalendarIndex(const CalendarId& calendar) const;  // kNone if unknown or deleted.
  EventId NewId(const Calendar& calendar);
  uint64_t Draw();

  // Guests (copies.cc).
  uint32_t PrimaryOf(const std::string& email) const;  // kNone unless an account of ours.
  // `before` is null for a new event.
  void PropagateFrom(uint32_t calendar, const Event* before, const Event& after, ActorId actor);
  void ScheduleDue(absl::Time when, Due due);
  void ArriveCopy(const Due& due);
  void ArriveFirstCopy(const Due& due, uint32_t source, bool invited);
  void ArriveAnswer(const Due& due);
  void ArriveTouch(const Due& due);

  Knobs knobs_;
  uint64_t random_;
  TokenMint mint_;
  absl::Time now_ = absl::UnixEpoch();
  int64_t last_stamp_ = 0;  // Microseconds; half of the number in the last etag.
  int64_t calls_ = 0;
  bool bent_ = false;
  uint64_t due_count_ = 0;
  absl::btree_map<AccountId, Account> accounts_;
  std::vector<Calendar> calendars_;
  absl::btree_map<CalendarId, uint32_t> calendar_index_;
  Channels channels_;
  Quota quota_;
  absl::btree_map<std::pair<absl::Time, uint64_t>, Due> due_;
  std::vector<WriteRecord> writes_;
  absl::btree_map<ActorId, int64_t> mails_;
};

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_SERVER_H_
