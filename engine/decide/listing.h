// Per calendar: idle, listing (pages), idle. At most one listing is in flight, and a dirty mark survives it.
//
// Level-triggered: what made a calendar dirty is forgotten, what it shows is compared with the records. Listings use one fixed
// query; a token of another query is dropped (S-24).

#ifndef CALSYNC_ENGINE_DECIDE_LISTING_H_
#define CALSYNC_ENGINE_DECIDE_LISTING_H_

#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/decide/live_group.h"

namespace calsync {

// Starts what is due: a dirty calendar, a poll, a periodic full walk.
void StartListings(LiveGroup& group);
// When StartListings has something to do next; InfiniteFuture if never.
absl::Time NextListing(const LiveGroup& group, const LiveCalendar& calendar);

// The answer to a page of a listing.
void OnListReply(LiveGroup& group, const CallInFlight& call, const Reply& reply);

// A walk that the last process did not finish is not begun again at once.
void RestAfterCrash(LiveGroup& group, LiveCalendar& calendar);
// The next listing is a full walk.
void DropSyncToken(LiveGroup& group, LiveCalendar& calendar);

// The calendar behind the key is another one now: nothing of what the old one still answers counts.
void AbandonListing(LiveGroup& group, LiveCalendar& calendar);

// The operator says that what a held sweep missed is truly gone.
void ConfirmHeldSweep(LiveGroup& group, LiveCalendar& calendar);

// Of the parameters that a sync token belongs to, the calendar of Google's among them, and of what is kept of the rows that it
// has left behind: with another one a full walk is due, also if the configuration changed while no engine ran.
uint64_t QueryFingerprint(const GroupConfig& config, const CalendarId& calendar);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_LISTING_H_
