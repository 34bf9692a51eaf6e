#include "fakegoogle/model/server.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/instances.h"
#include "fakegoogle/model/random.h"

namespace calsync::fake {
namespace {

bool CanRead(AccessRole role) { return role != AccessRole::kNone; }

Reply ToReply(std::variant<Channel, ApiError> result) {
  return std::visit([](auto&& one) -> Reply { return std::move(one); }, std::move(result));
}
Reply ToReply(std::variant<NoContent, ApiError> result) {
  return std::visit([](auto&& one) -> Reply { return std::move(one); }, std::move(result));
}

}  // namespace

Server::Server(Knobs knobs, uint64_t seed)
    : knobs_(knobs), random_(Mix64(seed + 1)), mint_(Mix64(seed + 2)), channels_(Mix64(seed + 3)) {}

// --- Setting up.

void Server::AddAccount(const AccountId& account) { accounts_.emplace(account, Account()); }

void Server::AddCalendar(CalendarSetup setup) {
  const auto owner = accounts_.find(setup.owner);
  CALSYNC_CHECK(owner != accounts_.end());
  const auto index = static_cast<uint32_t>(calendars_.size());
  CALSYNC_CHECK(calendar_index_.emplace(setup.id, index).second);
  if (setup.primary) owner->second.primary = index;
  calendars_.emplace_back(std::move(setup), Draw());
}

void Server::SetRole(const CalendarId& calendar, const AccountId& account, AccessRole role) {
  const uint32_t index = CalendarIndex(calendar);
  CALSYNC_CHECK(index != kNone);
  if (calendars_[index].RoleOf(account) == role) return;
  calendars_[index].SetRole(account, role);
  calendars_[index].VoidTokens();
  if (!CanRead(role)) channels_.Kill(account, calendar);
  channels_.AnnounceOther(Collection::kRules, calendar, AccountId(), now_);
}

void Server::TransferOwnership(const CalendarId& calendar, const AccountId& account) {
  const uint32_t index = CalendarIndex(calendar);
  CALSYNC_CHECK(index != kNone && accounts_.contains(account));
  CALSYNC_CHECK(!calendars_[index].setup().primary);
  calendars_[index].SetOwner(account);
  SetRole(calendar, account, AccessRole::kOwner);
}

void Server::AnnounceCalendarList(const AccountId& account) {
  channels_.AnnounceOther(Collection::kCalendarList, CalendarId(), account, now_);
}

void Server::SetTimeZone(const CalendarId& calendar, std::string name, absl::TimeZone zone) {
  const uint32_t index = CalendarIndex(calendar);
  CALSYNC_CHECK(index != kNone);
  const CalendarSetup& setup = calendars_[index].setup();
  const bool setting = setup.primary && setup.time_zone != name;  // It is one of the owner's settings, too.
  calendars_[index].SetZone(std::move(name), zone);
  if (setting) channels_.AnnounceOther(Collection::kSettings, CalendarId(), setup.owner, now_);
}

void Server::SetSummary(const CalendarId& calendar, std::string summary) {
  const uint32_t index = CalendarIndex(calendar);
  CALSYNC_CHECK(index != kNone);
  calendars_[index].SetSummary(std::move(summary));
}

void Server::DeleteCalendar(const CalendarId& calendar) {
  const uint32_t index = CalendarIndex(calendar);
  CALSYNC_CHECK(index != kNone);
  calendars_[index].set_deleted();
  channels_.Kill(AccountId(), calendar);
}

void Server::SetGrant(const AccountId& account, Grant grant) {
  const auto found = accounts_.find(account);
  CALSYNC_CHECK(found != accounts_.end());
  found->second.grant = grant;
  if (grant == Grant::kRevoked) channels_.Kill(account, CalendarId());
}

void Server::ExpireSyncTokens(const CalendarId& calendar) {
  const uint32_t index = CalendarIndex(calendar);
  if (index != kNone) calendars_[index].VoidTokens();
}

void Server::SetListLag(const CalendarId& calendar, std::optional<absl::Duration> lag) {
  const uint32_t index = CalendarIndex(calendar);
  if (index != kNone) calendars_[index].set_list_lag(lag);
}

EventPtr Server::Plant(const CalendarId& calendar, Event event, ActorId actor, absl::Time now) {
  AdvanceTo(now);
  const uint32_t index = CalendarIndex(calendar);
  CALSYNC_CHECK(index != kNone);
  if (event.id.empty()) event.id = NewId(calendars_[index]);
  if (event.ical_uid.empty()) event.ical_uid = DefaultUid(event.id);
  if (!event.created) event.created = absl::FromUnixSeconds(absl::ToUnixSeconds(now_));
  if (event.organizer.email.empty()) event.organizer.email = calendar.str();
  if (event.creator.email.empty()) event.creator = event.organizer;
  uint32_t entry = calendars_[index].FindEntry(event.id);
  if (entry == kNone) {
    entry = OpenEntry(index, event.id, {.creator = actor, .brought_by = actor, .origin = Origin::kPlanted, .created_at = now_});
  }
  calendars_[index].entry(entry).dropped = false;
  return Commit({.calendar = index, .entry = entry, .kind = WriteKind::kPlanted, .actor = actor}, std::move(event));
}

void Server::ScheduleTouch(const CalendarId& calendar, const EventId& event, absl::Time when) {
  ScheduleDue(when, {.kind = Due::Kind::kTouch, .to = CalendarIndex(calendar), .event = event});
}

// --- The API.

Reply Server::Handle(const Caller& caller, const Request& request, absl::Time now, const Conditions& conditions) {
  if (std::optional<ApiError> error = Admit(caller, request, now)) return *std::move(error);
  return std::visit(
      Overloaded{
          [&](const ListEvents& call) { return HandleList(caller, call, conditions); },
          [&](const GetEvent& call) { return HandleGet(caller, call, conditions); },
          [&](const InsertEvent& call) { return HandleInsert(caller, call); },
          [&](const PatchEvent& call) { return HandlePatch(caller, call, conditions); },
          [&](const UpdateEvent& call) { return HandleUpdate(caller, call, conditions); },
          [&](const DeleteEvent& call) { return HandleDelete(caller, call, conditions); },
          [&](const MoveEvent& call) { return HandleMove(caller, call); },
          [&](const ImportEvent& call) { return HandleImport(caller, call); },
          [&](const WatchEvents& call) { return HandleWatch(caller, call, {}, conditions); },
          [&](const StopChannel& call) { return ToReply(channels_.Stop(call, caller.account, caller.actor, knobs_, now_)); },
          [&](const GetCalendar& call) { return HandleGetCalendar(caller, call); },
          [&](const ListInstances& call) { return HandleListInstances(caller, call, conditions); },
      },
      request);
}

Reply Server::Search(const Caller& caller, const SearchEvents& request, absl::Time now, const Conditions& conditions) {
  if (std::optional<ApiError> error = Admit(caller, request.list, now)) return *std::move(error);
  Target target;
  if (std::optional<ApiError> error = CheckReadable(caller, request.list.calendar, target)) return *std::move(error);
  return SearchPage(calendars_[target.calendar], target.calendar, target.role, request, knobs_, conditions, mint_, now_);
}

Reply Server::Watch(const Caller& caller, const WatchEvents& request, const std::vector<EventType>& types, absl::Time now,
                    const Conditions& conditions) {
  if (std::optional<ApiError> error = Admit(caller, request, now)) return *std::move(error);
  return HandleWatch(caller, request, types, conditions);
}

Reply Server::WatchOther(const Caller& caller, Collection collection, const WatchEvents& request, absl::Time now) {
  if (std::optional<ApiError> error = Admit(caller, request, now)) return *std::move(error);
  if (collection == Collection::kRules) {
    Target target;
    if (std::optional<ApiError> error = CheckReadable(caller, request.calendar, target)) return *std::move(error);
    if (target.role != AccessRole::kOwner) return Error(ErrorId::kForbidden);
  }
  return ToReply(channels_.WatchOther(collection, request, caller.account, caller.actor, knobs_, now_));
}

std::optional<ApiError> Server::Admit(const Caller& caller, const Request& like, absl::Time now) {
  ++calls_;
  bent_ = false;
  AdvanceTo(now);
  if (std::optional<ApiError> error = CheckGrant(caller, like)) return error;
  return quota_.Charge(caller.account, caller.actor, like, knobs_, now_);
}

void Server::AdvanceTo(absl::Time now) {
  while (!due_.empty() && due_.begin()->first.first <= now) {
    const absl::Time when = due_.begin()->first.first;
    const Due due = std::move(due_.begin()->second);
    due_.erase(due_.begin());
    now_ = std::max(now_, when);
    if (due.to == kNone || calendars_[due.to].deleted()) continue;
    switch (due.kind) {
      case Due::Kind::kCopy:
        ArriveCopy(due);
        break;
      case Due::Kind::kAnswer:
        ArriveAnswer(due);
        break;
      case Due::Kind::kTouch:
        ArriveTouch(due);
        break;
    }
  }
  now_ = std::max(now_, now);
}

std::optional<ApiError> Server::CheckGrant(const Caller& caller, const Request& request) const {
  const auto account = accounts_.find(caller.account);
  if (account == accounts_.end()) return Error(ErrorId::kAuthError);
  if (caller.actor.kind == ActorKind::kPerson) return std::nullopt;
  switch (account->second.grant) {
    case Grant::kFull:
      return std::nullopt;
    case Grant::kReadOnly:
      if (IsEventWrite(request)) return Error(ErrorId::kInsufficientPermissions);
      return std::nullopt;
    case Grant::kRevoked:
      return Error(ErrorId::kAuthError);
  }
  return std::nullopt;
}

std::optional<ApiError> Server::CheckReadable(const Caller& caller, const CalendarId& id, Target& target) const {
  target.calendar = CalendarIndex(id);
  if (target.calendar == kNone) return Error(ErrorId::kNotFound);
  target.role = calendars_[target.calendar].RoleOf(caller.account);
  if (!CanRead(target.role)) return Error(ErrorId::kNotFound);  // C-35.
  return std::nullopt;
}

std::optional<ApiError> Server::CheckWritable(const Caller& caller, const CalendarId& id, Target& target) const {
  if (std::optional<ApiError> error = CheckReadable(caller, id, target)) return error;
  if (!CanWrite(target.role) && target.role != AccessRole::kWriterWithoutPrivateAccess) {
    return Error(ErrorId::kRequiredAccessLevel);  // C-50.
  }
  return std::nullopt;
}

Reply Server::HandleList(const Caller& caller, const ListEvents& request, const Conditions& conditions) {
  Target target;
  if (std::optional<ApiError> error = CheckReadable(caller, request.calendar, target)) return *std::move(error);
  return ListPage(calendars_[target.calendar], target.calendar, target.role, request, knobs_, conditions, mint_, now_, bent_);
}

Reply Server::HandleGet(const Caller& caller, const GetEvent& request, const Conditions& conditions) {
  Target target;
  if (std::optional<ApiError> error = CheckReadable(caller, request.calendar, target)) return *std::move(error);
  const Calendar& calendar = calendars_[target.calendar];
  const bool lags = conditions.get_lag > absl::ZeroDuration();
  const uint32_t view = lags ? calendar.EndAt(now_ - conditions.get_lag) : calendar.log_end();
  const std::optional<Subject> subject = FindSubject(calendar, request.event, view);
  if (lags) {
    const std::optional<Subject> present = FindSubject(calendar, request.event, calendar.log_end());
    bent_ = subject.has_value() != present.has_value() || (present && subject->event->etag != present->event->etag);
  }
  if (!subject) return Error(ErrorId::kNotFound);
  const uint32_t stored = subject->entry != kNone ? subject->entry : subject->master;
  if (IsUnseen(calendar, stored, conditions)) return Error(ErrorId::kNotFound);
  if (IsPurged(calendar, stored, knobs_, now_)) return PurgedError(knobs_);
  return VisibleTo(target.role, subject->event);
}

Reply Server::HandleWatch(const Caller& caller, const WatchEvents& request, const std::vector<EventType>& types,
                          const Conditions& conditions) {
  Target target;
  if (std::optional<ApiError> error = CheckReadable(caller, request.calendar, target)) return *std::move(error);
  WatchEvents granted = request;
  granted.ttl = std::min(granted.ttl, conditions.channel_life_max);
  return ToReply(channels_.Watch(granted, types, caller.account, caller.actor, calendars_[target.calendar].setup().push_supported,
                                 knobs_, now_));
}

Reply Server::HandleListInstances(const Caller& caller, const ListInstances& request, const Conditions& conditions) {
  Target target;
  if (std::optional<ApiError> error = CheckReadable(caller, request.calendar, target)) return *std::move(error);
  return InstancesPage(calendars_[target.calendar], target.calendar, target.role, request, knobs_, conditions, mint_, now_,
                       bent_);
}

Reply Server::HandleGetCalendar(const Caller& caller, const GetCalendar& request) const {
  Target target;
  if (std::optional<ApiError> error = CheckReadable(caller, request.calendar, target)) return *std::move(error);
  const CalendarSetup& setup = calendars_[target.calendar].setup();
  return CalendarListEntry{.id = setup.id,
                           .summary = setup.summary,
                           .time_zone = setup.time_zone,
                           .access_role = target.role,
                           .primary = setup.primary && setup.owner == caller.account};
}

// --- Commits.

EventPtr Server::Commit(const Commitment& how, Event event) {
  Calendar& calendar = calendars_[how.calendar];
  EventPtr before = how.before;
  if (before == nullptr && calendar.entry(how.entry).last != kNone) before = calendar.Current(how.entry);

  last_stamp_ = std::max(absl::ToUnixMicros(now_), last_stamp_ + 1);
  event.etag = Etag(absl::StrCat("\"", 2 * last_stamp_, "\""));  // C-4.
  if (!how.keeps_updated && !calendar.entry(how.entry).bare) event.updated = absl::FromUnixMillis(absl::ToUnixMillis(now_));
  MarkPeople(calendar.id(), event);

  EventTruth& truth = calendar.entry(how.entry).truth;
  truth.last_writer = how.actor;
  truth.last_write_at = now_;
  const bool was_live = before != nullptr && !before->IsCancelled();
  if (!event.IsCancelled()) {
    truth.deleted_by = ActorId();
    truth.deleted_at = absl::InfiniteFuture();
  } else if (was_live || before == nullptr) {
    truth.deleted_by = how.actor;
    truth.deleted_at = now_;
  }

  EventPtr stub;
  if (event.IsCancelled()) stub = MakeStub(event);
  const EventPtr after = std::make_shared<const Event>(std::move(event));
  if (how.quiet && how.before == nullptr && before != nullptr && !before->IsCancelled() && !after->IsCancelled()) {
    calendar.ReplaceQuietly(how.entry, after);
  } else {
    calendar.Append(how.entry, after, std::move(stub), how.silent, now_);
    channels_.Announce(calendar.id(), after->type, knobs_, now_);  // C-82, C-91.
  }
  if (before == nullptr || before->ical_uid != after->ical_uid) calendar.IndexUid(after->ical_uid, how.entry);
  if (how.mails > 0) mails_[how.actor] += how.mails;
  writes_.push_back({.time = now_,
                     .actor = how.actor,
                     .kind = how.kind,
                     .calendar = calendar.id(),
                     .event = after->id,
                     .before = std::move(before),
                     .after = after,
                     .mails = how.mails});
  return after;
}

uint32_t Server::OpenEntry(uint32_t calendar, const EventId& id, const EventTruth& truth) {
  uint32_t entry = calendars_[calendar].FindEntry(id);
  if (entry == kNone) entry = calendars_[calendar].AddEntry(id);
  Entry& opened = calendars_[calendar].entry(entry);
  opened.truth = truth;
  opened.original = kNone;
  opened.bare = false;
  opened.left = false;
  opened.dropped = false;
  opened.went_along = false;
  return entry;
}

bool Server::IsUnseen(const Calendar& calendar, uint32_t entry, const Conditions& conditions) {
  if (now_ - calendar.entry(entry).truth.created_at >= conditions.unseen_for) return false;
  bent_ = true;
  return true;
}

bool Server::IsIdFree(const Calendar& calendar, uint32_t entry) const {
  return knobs_.purged_id_free && IsPurged(calendar, entry, knobs_, now_);
}

uint32_t Server::CalendarIndex(const CalendarId& calendar) const {
  const auto found = calendar_index_.find(calendar);
  return found == calendar_index_.end() || calendars_[found->second].deleted() ? kNone : found->second;
}

EventId Server::NewId(const Calendar& calendar) {
  constexpr absl::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuv";
  constexpr int kBits = 5;
  const auto length = static_cast<size_t>(std::max(5, knobs_.server_id_length));
  while (true) {
    std::string text;
    text.reserve(length);
    while (text.size() < length) {
      uint64_t bits = Draw();
      for (int i = 0; i < 64 / kBits && text.size() < length; ++i, bits >>= kBits) text.push_back(kAlphabet[bits & 31]);
    }
    EventId id(std::move(text));
    if (calendar.FindEntry(id) == kNone) return id;
  }
}

uint64_t Server::Draw() { return NextRandom(random_); }

// --- Ground truth.

std::vector<CalendarId> Server::Calendars() const {
  std::vector<CalendarId> ids;
  for (const auto& [id, index] : calendar_index_) {
    if (!calendars_[index].deleted()) ids.push_back(id);
  }
  return ids;
}

const CalendarId* Server::FindPrimary(const AccountId& account) const {
  const auto found = accounts_.find(account);
  return found == accounts_.end() || found->second.primary == kNone ? nullptr : &calendars_[found->second.primary].id();
}

std::vector<AccountId> Server::Accounts() const {
  std::vector<AccountId> ids;
  for (const auto& [id, account] : accounts_) ids.push_back(id);
  return ids;
}

std::optional<uint32_t> Server::PositionOf(const SyncToken& token) const {
  const std::optional<TokenBody> body = Read(token.text());
  if (!body || body->kind != TokenBody::Kind::kSync) return std::nullopt;
  return body->from;
}

std::optional<TokenBody> Server::Read(absl::string_view token) const {
  const std::optional<TokenMint::Opened> opened = mint_.Open(token);
  if (!opened) return std::nullopt;
  return opened->body;
}

const Calendar* Server::FindCalendar(const CalendarId& calendar) const {
  const uint32_t index = CalendarIndex(calendar);
  return index == kNone ? nullptr : &calendars_[index];
}

const EventPtr* Server::Find(const CalendarId& calendar, const EventId& event) const {
  const Calendar* found = FindCalendar(calendar);
  if (found == nullptr) return nullptr;
  const uint32_t entry = found->FindEntry(event);
  const bool there = entry != kNone && !IsIdFree(*found, entry) && !found->entry(entry).dropped;
  return there ? &found->Current(entry) : nullptr;
}

EventPtr Server::FindOccurrence(const CalendarId& calendar, const EventId& event) const {
  const Calendar* found = FindCalendar(calendar);
  if (found == nullptr) return nullptr;
  const std::optional<Subject> subject = FindSubject(*found, event, found->log_end());
  return subject && subject->entry == kNone ? subject->event : nullptr;
}

const EventTruth* Server::TruthOf(const CalendarId& calendar, const EventId& event) const {
  const Calendar* found = FindCalendar(calendar);
  if (found == nullptr) return nullptr;
  const uint32_t entry = found->FindEntry(event);
  return entry == kNone ? nullptr : &found->entry(entry).truth;
}

void Server::ForEachLive(const CalendarId& calendar, absl::FunctionRef<void(const EventPtr&)> visit) const {
  const Calendar* found = FindCalendar(calendar);
  if (found == nullptr) return;
  for (const auto& [id, entry] : found->by_id()) {
    const EventPtr& event = found->Current(entry);
    if (!event->IsCancelled()) visit(event);
  }
}

size_t Server::CountLive(const CalendarId& calendar) const {
  size_t count = 0;
  ForEachLive(calendar, [&](const EventPtr&) { ++count; });
  return count;
}

int64_t Server::MailsBy(ActorId actor) const {
  const auto found = mails_.find(actor);
  return found == mails_.end() ? 0 : found->second;
}

}  // namespace calsync::fake
