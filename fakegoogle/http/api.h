// Calendar API v3 over the model: paths, parameters and bodies to typed calls, replies to JSON.
//
// It keeps what the API has and the typed calls have no word for: extras of events (C-12), people's lists of calendars,
// descriptions of calendars. All rules about events are the model's.

#ifndef CALSYNC_FAKEGOOGLE_HTTP_API_H_
#define CALSYNC_FAKEGOOGLE_HTTP_API_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/http/message.h"
#include "adapter/http/target.h"
#include "engine/api/calls.h"
#include "fakegoogle/faults/fault_layer.h"
#include "fakegoogle/http/answer.h"
#include "fakegoogle/http/event_json.h"
#include "fakegoogle/http/fields.h"
#include "fakegoogle/http/json.h"
#include "fakegoogle/http/methods.h"
#include "fakegoogle/model/server.h"

namespace calsync::fake {

// Who a token speaks for, and what it allows.
struct Identity {
  Caller caller;
  Scopes scopes = 0;
};

// A fault that somebody asked for by name, for calls to come.
struct ScriptedFault {
  std::string method;  // "events.insert"; empty: any.
  int64_t count = 1;   // So many calls.
  bool applied = false;
  std::optional<ApiError> error;  // Nothing: the answer as it is, but for `ending`.
  http::Ending ending = http::Ending::kWhole;
  absl::Duration after;
};

class Api {
 public:
  // `root_url` ends with "/". The model must outlive it.
  Api(Server& model, std::string root_url, uint64_t seed);

  // `path`: the segments below the base. `identity` is null if the request bore no token.
  Answer Handle(const http::Request& request, absl::string_view verb, const std::vector<std::string>& path,
                const http::Parameters& query, const Identity* identity, absl::Time now);
  // The method of the last request, for the journal; "" if it had none.
  const std::string& last_method() const { return last_method_; }

  FaultLayer& faults() { return faults_; }
  // From here on each call goes as this says, and not as faults() would have it.
  void Plan(const CallPlan& plan) { plan_ = plan; }
  std::deque<ScriptedFault>& scripted() { return scripted_; }

  // Members of an event that the vocabulary has no field for, as lists and gets show them (C-17).
  void SetExtras(const CalendarId& calendar, const EventId& event, Json extras);
  // A new calendar of the account, on its list. A summary of an existing one is changed by the API.
  enum class Push : bool { kRefused, kSupported };  // Refused: as of holidays and contacts' birthdays (C-86).
  CalendarId AddCalendar(const AccountId& owner, std::string summary, const std::string& zone, Push push = Push::kSupported);
  // The watched collection's address, as channels and messages tell it.
  std::string ResourceUri(Collection collection, const CalendarId& calendar) const;
  // Who may transfer the calendars of others.
  void AddAdministrator(const AccountId& account) { administrators_.insert(account); }
  void set_root_url(std::string url) { root_url_ = std::move(url); }
  const std::string& root_url() const { return root_url_; }

 private:
  // One call on its way.
  struct Call {
    const Method* method = nullptr;
    std::map<std::string, std::string> path;
    const http::Parameters* query = nullptr;
    const http::Headers* headers = nullptr;
    std::string raw;             // The body as it came,
    Json body = Json::object();  // and read.
    Identity identity;
    absl::Time now;
    CalendarId calendar;  // Of the path, `primary` resolved.
    // What a fault does to the answer.
    absl::Duration after;
    http::Ending ending = http::Ending::kWhole;
    bool unreadable = false;

    const Caller& caller() const { return identity.caller; }
    std::string Text(absl::string_view name) const { return query->Get(name); }
    bool Has(absl::string_view name) const { return query->Find(name) != nullptr; }
    bool Flag(absl::string_view name) const { return query->Get(name) == "true"; }
    int Whole(absl::string_view name, int otherwise) const;
    EventId event() const { return EventId(path.at("eventId")); }
  };
  // A person's entry of the list of calendars.
  struct ListEntry {
    Json settings = Json::object();  // summaryOverride, colorId, selected, …
    bool removed = false;
  };

  // What a `fields` parameter asks of a response.
  struct Selection {
    FieldTree fields;
    std::string unknown;  // What of it the response cannot have; the whole text if it is no selection.
  };

  Answer Dispatch(Call& call);
  const Selection& SelectionOf(const std::string& fields, const std::string& schema);
  std::optional<Answer> CheckParameters(const Call& call) const;
  // C-101: an error in what was sent is told after quota and access.
  Answer Refuse(Call& call, Answer answer);
  Answer Refuse(Call& call, const ApiError& error) { return Refuse(call, ToAnswer(error, call.method->id)); }
  // For methods that the model does not know.
  std::optional<Answer> Admit(Call& call, bool writes);
  AccessRole RoleOn(const Call& call, const CalendarId& calendar) const;
  // With the faults that are planned for it.
  Reply Execute(Call& call, const Request& request);
  // The same for what `request` alone does not say; `carry_out` calls the model.
  using CarryOut = absl::FunctionRef<Reply(const Conditions&)>;
  Reply Execute(Call& call, const Request& request, CarryOut carry_out);
  std::optional<Answer> TakeScripted(Call& call, bool& applied);
  uint64_t Choose(uint64_t bound);

  // events_api.cc
  Answer ListEventsOf(Call& call);
  Answer GetEventOf(Call& call);
  Answer InsertEventInto(Call& call);
  Answer ImportEventInto(Call& call);
  Answer PatchEventOf(Call& call);
  Answer UpdateEventOf(Call& call);
  Answer DeleteEventOf(Call& call);
  Answer MoveEventOf(Call& call);
  Answer ListInstancesOf(Call& call);
  Answer QuickAddInto(Call& call);
  std::optional<Answer> ReadList(const Call& call, ListEvents& list) const;
  std::optional<Answer> ReadSearch(const Call& call, SearchEvents& search) const;
  std::optional<Answer> ReadInstant(const Call& call, const char* name, std::optional<absl::Time>& to) const;
  std::optional<Answer> ReadStyle(const Call& call, EventStyle& style) const;
  Answer Page(Call& call, const Reply& reply, const EventStyle& style, const std::vector<EventType>& types);
  EventPtr CurrentOf(const Call& call) const;
  // An insert or import, a PUT or a patch, with the extras of the body. `replaces`: those that it leaves out are gone.
  Reply ExecuteWrite(Call& call, const Request& request, bool replaces);
  Answer Written(Call& call, const Reply& reply, const CalendarId& calendar, const EventStyle& style);
  Json Show(const Event& event, const CalendarId& calendar, const EventStyle& style) const;
  const Json* FindExtras(const Event& event, const CalendarId& calendar) const;
  bool HidesGuests(const Event& event) const;
  void PassOverColor(Call& call) const;
  void ChangeExtras(Call& call, const EventId& event, bool replaces);
  std::string ListEtag(const Call& call) const;

  // channels_api.cc
  Answer WatchCollection(Call& call);
  Answer StopChannelOf(Call& call);
  std::optional<Answer> ReadWatch(const Call& call, WatchEvents& watch) const;

  // listing.cc: which rows of a list a call gets.
  struct Listing {
    size_t rows = 0;                // On one page.
    size_t from = 0;                // Where the page begins.
    uint64_t end = 0;               // How many changes there have been: where the next sync begins.
    std::optional<uint64_t> since;  // Only what changed from there on.
  };
  std::optional<Answer> ReadListing(const Call& call, uint64_t end, Listing& listing) const;
  Answer Listed(const Call& call, const Listing& listing, const char* kind, Json items) const;

  // calendars_api.cc
  Answer CalendarMethod(Call& call);
  Answer CalendarListMethod(Call& call);
  Answer AccessMethod(Call& call);
  Answer ListRules(Call& call);
  Answer TransferCalendar(Call& call);
  Json CalendarJson(const CalendarId& calendar) const;
  Json EntryJson(const AccountId& account, const CalendarId& calendar) const;
  // C-44: as If-Match says, if it does. The model looks at events itself.
  std::optional<Answer> CheckVersion(const Call& call, const Json& current) const;
  // What the account's reminders on the calendar are where an event has none of its own.
  Json DefaultReminders(const AccountId& account, const CalendarId& calendar, AccessRole role) const;
  Json RuleJson(const CalendarId& calendar, const AccountId& account, AccessRole role) const;
  void ChangeEntry(const AccountId& account, const CalendarId& calendar);
  Answer ListCalendars(Call& call);
  std::optional<Answer> ChangeCalendar(Call& call, const Json& body);
  void Clear(Call& call);

  // other_api.cc
  Answer QueryFreeBusy(Call& call);
  Answer SettingsMethod(Call& call);

  Server& model_;
  std::string root_url_;
  uint64_t random_;
  FaultLayer faults_;
  std::optional<CallPlan> plan_;
  std::deque<ScriptedFault> scripted_;
  std::string last_method_;
  std::map<std::pair<CalendarId, EventId>, Json> extras_;
  std::set<AccountId> administrators_;
  std::map<CalendarId, Json> notes_;  // description, location of calendars.
  std::map<std::pair<AccountId, CalendarId>, ListEntry> entries_;
  std::vector<std::pair<AccountId, CalendarId>> list_changes_;  // In order: sync tokens of lists are positions.
  // By schema and text: clients send the same again and again.
  std::map<std::pair<std::string, std::string>, Selection> selections_;
};

// Answers that never change.
Json ColorsJson();
// "Lunch with Bob tomorrow 12:30-13:15": what is left after day and times are taken out is the summary.
Event QuickEvent(absl::string_view text, absl::Time now, const std::string& zone_name, const absl::TimeZone& zone);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_API_H_
