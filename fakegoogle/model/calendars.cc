#include "fakegoogle/model/calendars.h"

#include <algorithm>

#include "absl/strings/match.h"
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

void Calendar::Append(uint32_t entry, EventPtr event, EventPtr stub, absl::Time now) {
  const uint32_t at = log_end();
  Entry& owner = entries_[entry];
  if (!log_.empty()) now = std::max(now, log_.back().time);
  if (owner.last != kNone) log_[owner.last].next = at;
  log_.push_back({.time = now, .entry = entry, .previous = owner.last, .event = std::move(event), .stub = std::move(stub)});
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

void Calendar::SetZone(std::string name, absl::TimeZone zone) {
  setup_.time_zone = std::move(name);
  setup_.zone = zone;
}

}  // namespace calsync::fake
