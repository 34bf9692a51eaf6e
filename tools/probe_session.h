// What `calsync probe` does to a scratch calendar: calls, one after the other, and the memory of all that it made there.
//
// Whatever it makes bears a mark, so that also a later session finds what one that was killed has left.

#ifndef CALSYNC_TOOLS_PROBE_SESSION_H_
#define CALSYNC_TOOLS_PROBE_SESSION_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/google/google_client.h"
#include "adapter/http/loop.h"
#include "adapter/http/message.h"
#include "engine/api/calls.h"

namespace calsync::tools {

class ProbeSession {
 public:
  struct Options {
    AccountId account;
    CalendarId calendar;
    CalendarId second;                            // Another scratch calendar; empty: there is none.
    absl::Duration patience = absl::Seconds(30);  // For what may show late.
  };
  // Both must outlive it.
  ProbeSession(http::Loop& loop, adapter::GoogleClient& google, Options options);

  const Options& options() const { return options_; }
  // How long lists lag behind writes here, once that was found; until then as patient as may be.
  void set_lag(absl::Duration lag) { lag_ = lag; }

  // Ctrl-C: calls are answered as not sent from then on, but for those that clean up.
  void Interrupt() { interrupted_ = true; }
  bool interrupted() const { return interrupted_; }
  void Wait(absl::Duration length);

  // --- Calls.

  Reply Call(Request request);
  std::variant<http::Response, ApiError> CallRaw(http::Request request, int units);

  // Events as a test wants them: marked, on the scratch calendar, an hour long, `days` from now.
  Event AnEvent(int days) const;
  Event ASeries(int days, absl::string_view rule) const;
  absl::StatusOr<EventPtr> Insert(const Event& event);
  absl::StatusOr<EventPtr> Patch(const EventId& event, EventPatch patch);
  absl::Status Delete(const EventId& event);
  // What was made by a call that is not Insert's: it is to be cleaned up as well.
  void Remember(const CalendarId& calendar, const EventId& event) { made_.emplace_back(calendar, event); }

  // --- Lists. Rows of one walk, and the token that it ended with.

  struct Walked {
    std::vector<EventPtr> rows;
    SyncToken token;
    const Event* Find(absl::string_view event) const;
  };
  absl::StatusOr<Walked> Walk(ListEvents list);
  absl::StatusOr<Walked> WalkAll();  // The whole calendar, deleted events too.
  // What changed since the token, until all of `awaited` were shown and then everything that lists may still hold back: with
  // these, what is not among the rows does not show.
  absl::StatusOr<Walked> Changes(const SyncToken& token, const std::vector<EventId>& awaited);

  // --- Cleaning up.

  // Events with the mark that are there already.
  absl::StatusOr<std::vector<std::pair<CalendarId, EventId>>> Leftovers();
  // Removes them and all that was made. What is left, in words.
  std::vector<std::string> CleanUp(const std::vector<std::pair<CalendarId, EventId>>& leftovers);

 private:
  Reply CallAnyway(Request request);

  http::Loop& loop_;
  adapter::GoogleClient& google_;
  Options options_;
  absl::Duration lag_;
  bool interrupted_ = false;
  std::vector<std::pair<CalendarId, EventId>> made_;
};

// What a call came to, in words: "200", "403 forbidden", "no answer".
std::string InWords(const Reply& reply);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_PROBE_SESSION_H_
