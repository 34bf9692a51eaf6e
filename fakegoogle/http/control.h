// The control interface, `/_fake/…`: what a test does to the fake, and what it may ask that no program could (JSON).
//
//   GET  /_fake/            a page for the browser
//   GET  /_fake/state       the clock, accounts, calendars, channels, rates of faults
//   GET  /_fake/events      ?calendar=ID: every event, cancelled ones too, with who made, changed and deleted it
//   GET  /_fake/journal     all calls and messages, newest last; ?last=N
//   GET  /_fake/writes      all changes of events, with who made them; ?last=N
//   POST /_fake/clock       {"advance": "90m"} or {"to": "2026-02-01T00:00:00Z"}; a manual clock only
//   POST /_fake/accounts    {"email": …, "timeZone": …}: a person with a primary calendar, and tokens
//   POST /_fake/service-accounts {"email": …, "publicKey": PEM}: for the JWT grant
//   POST /_fake/administrators {"account": …}: may transfer the calendars of others
//   POST /_fake/clients     {"id": …, "secret": …}
//   POST /_fake/calendars   {"account": …, "summary": …, "timeZone": …}
//   POST /_fake/act         {"as": account, "do": …, "calendar": …, "event": …, "body": {…}}: see below
//   POST /_fake/plant       {"calendar": …, "body": {…}, "extras": {…}}: stores an event as it is, whatever the API would refuse
//   POST /_fake/expire      {"calendar": …}: its sync tokens are 410 from now on
//   POST /_fake/grant       {"account": …, "grant": "full" | "readOnly" | "revoked"}
//   POST /_fake/role        {"calendar": …, "account": …, "role": …}
//   POST /_fake/limit       {"account": …, "for": "2h"}: 403 quotaExceeded for its writes
//   POST /_fake/faults      {"profile": "mild"}, {"rates": {"N2": 10, …}} per mille, {"clear": true}
//   POST /_fake/next        {"method": "events.insert", "count": 1, "status": 503, "applied": true, "ending": "cut"}
//   GET  /_fake/knobs       what is unknown about the service, and how it is read (contract section 8)
//   POST /_fake/knobs       {"tombstone": "details", "listLag": "5s", …}
//   GET  /_fake/export      the whole state (history.h)
//   POST /_fake/import      the body is what an export gave: everything is as it was there
//   POST /_fake/save        the same export, to the file of --state
//   POST /_fake/reset       everything as it was at first
//
// What a person does ("act"): create, edit (body as of a patch), delete, undelete, accept, decline, tentative, move and copy
// ("to": calendar), drag ("start", "end"), split ("at": original start, this and following).

#ifndef CALSYNC_FAKEGOOGLE_HTTP_CONTROL_H_
#define CALSYNC_FAKEGOOGLE_HTTP_CONTROL_H_

#include "adapter/http/message.h"
#include "adapter/http/target.h"

namespace calsync::fake {

class Front;

// Whether a later request may be answered differently for this one: not if it only looks, or ends what was before. `remote` as in
// FrontOptions.
bool IsLasting(const http::Request& request, bool remote);

http::Response HandleControl(Front& front, const http::Request& request, const http::Target& target);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_CONTROL_H_
