#include "fakegoogle/model/calendars.h"

#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "engine/base/check.h"
#include "fakegoogle/model/random.h"

namespace calsync::fake {
namespace {

constexpr absl::string_view kOwnUidSuffix = "@google.com";

}  // namespace

Calendar::Calendar(CalendarSetup setup, uint64_t seed) : setup_(std::move(setup)), seed_(seed) {
  roles_[setup_.owner] = AccessRole::kOwner;
}

AccessRole Calendar::RoleOf(const AccountId& account) const {
  const auto found = roles_.find(account);
  return found == roles_.end() ? AccessRole::kNone : found->second;
}

uint32_t Calendar::FindEntry(const EventId& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? kNone : found->second;
}

uint32_t Calendar::FindByUid(const ICalUid& uid) const {
  const auto foreign = foreign_uids_.find(uid);
  if (foreign != foreign_uids_.end() && Current(foreign->second)->ical_uid == uid) return foreign->second;
  if (!absl::EndsWith(uid.text(), kOwnUidSuffix)) return kNone;
  const uint32_t entry = FindEntry(EventId(std::string(absl::StripSuffix(uid.text(), kOwnUidSuffix))));
  return entry != kNone && Current(entry)->ical_uid == uid ? entry : kNone;
}

uint32_t Calendar::ChangeBefore(uint32_t entry, uint32_t end) const {
  uint32_t at = entries_[entry].last;
  while (at != kNone && at >= end) at = log_[at].previous;
  return at;
}

std::optional<absl::Time> Calendar::updated() const { return log_.empty() ? std::nullopt : std::optional(log_.back().time); }

uint32_t Calendar::EndAt(absl::Time time) const {
  if (log_.empty() || log_.back().time <= time) return log_end();
  const auto after = std::upper_bound(log_.begin(), log_.end(), time,
                                      [](absl::Time bound, const Change& change) { return bound < change.time; });
  return static_cast<uint32_t>(after - log_.begin());
}

uint32_t Calendar::AddEntry(const EventId& id) {
  const auto index = static_cast<uint32_t>(entries_.size());
  CALSYNC_CHECK(by_id_.emplace(id, index).second);
  Entry& entry = entries_.emplace_back();
  entry.order = Mix64(seed_ + index + 1);
  order_.emplace(entry.order, index);
  return index;
}

void Calendar::Append(uint32_t entry, EventPtr event, EventPtr stub, bool silent, absl::Time now) {
  const uint32_t at = log_end();
  Entry& owner = entries_[entry];
  if (event->IsOccurrence()) {
    std::vector<uint32_t>& exceptions = exceptions_[event->recurring_event_id];
    const bool stays = owner.last != kNone && log_[owner.last].event->recurring_event_id == event->recurring_event_id;
    if (!stays && std::find(exceptions.begin(), exceptions.end(), entry) == exceptions.end()) exceptions.push_back(entry);
  }
  if (!log_.empty()) now = std::max(now, log_.back().time);
  if (owner.last != kNone) log_[owner.last].next = at;
  log_.push_back({.time = now,
                  .entry = entry,
                  .previous = owner.last,
                  .event = std::move(event),
                  .stub = std::move(stub),
                  .silent = silent});
  owner.last = at;
}

void Calendar::ReplaceQuietly(uint32_t entry, EventPtr event) {
  CALSYNC_CHECK(!event->IsCancelled());
  log_[entries_[entry].last].event = std::move(event);
}

void Calendar::IndexUid(const ICalUid& uid, uint32_t entry) {
  const EventPtr& event = Current(entry);
  if (event->IsOccurrence()) return;  // They share the master's.
  const absl::string_view text = uid.text();
  if (text.size() == event->id.text().size() + kOwnUidSuffix.size() && absl::StartsWith(text, event->id.text()) &&
      absl::EndsWith(text, kOwnUidSuffix)) {
    return;
  }
  foreign_uids_[uid] = entry;
}

std::optional<Calendar::Found> Calendar::FindOccurrence(const EventId& id, bool derived_ids, uint32_t view) const {
  const std::optional<OccurrenceName> name = ParseOccurrenceId(id);
  if (!name) return std::nullopt;
  const auto given_by = [&](uint32_t entry) -> std::optional<Found> {
    const uint32_t at = ChangeBefore(entry, view);
    if (at == kNone || entries_[entry].bare) return std::nullopt;
    const Event& master = *log_[at].event;
    if (!master.IsSeriesMaster()) return std::nullopt;
    const std::optional<TimeSpan> span = ScheduleOf(master).Find(name->original);
    if (!span || HasException(master, KeyOf(name->original), view)) return std::nullopt;
    return Found{entry, std::make_shared<const Event>(MakeOccurrence(master, *span, id))};
  };
  const uint32_t own = FindEntry(name->base);
  if (own != kNone && (derived_ids || BaseOfSplit(name->base.text()) == name->base.text())) {
    if (std::optional<Found> found = given_by(own)) return found;
  }
  if (derived_ids) return std::nullopt;
  // The parts that splits made of the series name their occurrences as it does (K-20).
  const std::string prefix = absl::StrCat(name->base.text(), "_R");
  for (auto at = by_id_.lower_bound(EventId(prefix)); at != by_id_.end() && absl::StartsWith(at->first.text(), prefix); ++at) {
    if (BaseOfSplit(at->first.text()) != name->base.text()) continue;
    if (std::optional<Found> found = given_by(at->second)) return found;
  }
  return std::nullopt;
}

bool Calendar::HasException(const Event& master, const OriginalKey& original, uint32_t view) const {
  for (const uint32_t entry : ExceptionsOf(master.id)) {
    const uint32_t at = ChangeBefore(entry, view);
    if (at == kNone || !IsThere(entry, at)) continue;
    const Event& exception = *log_[at].event;
    if (exception.recurring_event_id == master.id && KeyOf(exception.original_start) == original) return true;
  }
  return false;
}

const ical::Schedule& Calendar::ScheduleOf(const Event& master) const {
  std::vector<ical::Schedule>& known = schedules_[master.id];
  for (const ical::Schedule& schedule : known) {
    if (schedule.IsFor(master)) return schedule;
  }
  if (known.size() >= 2) known.erase(known.begin());
  return known.emplace_back(master);
}

absl::Span<const uint32_t> Calendar::ExceptionsOf(const EventId& master) const {
  if (exceptions_.empty()) return {};
  const auto found = exceptions_.find(master);
  if (found == exceptions_.end()) return {};
  return found->second;
}

void Calendar::SetZone(std::string name, absl::TimeZone zone) {
  setup_.time_zone = std::move(name);
  setup_.zone = zone;
  ++zone_changes_;
}

}  // namespace calsync::fake
