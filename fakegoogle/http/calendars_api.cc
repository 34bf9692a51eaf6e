// calendars.*, calendarList.*, acl.* (contract 1.6).

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "engine/base/siphash.h"
#include "fakegoogle/http/api.h"
#include "fakegoogle/http/schemas.h"
#include "fakegoogle/ical/expand.h"
#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/random.h"

namespace calsync::fake {
namespace {

constexpr SipKey kCalendarEtagKey{7, 8};
// Of an entry of the list of calendars, what its owner may set.
constexpr const char* kSettable[] = {"summaryOverride", "colorId",          "backgroundColor",      "foregroundColor",
                                     "hidden",          "defaultReminders", "notificationSettings", "selected"};

void AddEtag(Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  json["etag"] = absl::StrFormat("\"p32%016x\"", SipHash64(kCalendarEtagKey, text));
}

Answer WithEtag(Json json) {
  std::string etag = StringOf(json, "etag");
  Answer answer = Answer::Of(std::move(json));
  answer.etag = std::move(etag);
  return answer;
}

int Rank(AccessRole role) { return static_cast<int>(role); }

}  // namespace

CalendarId Api::AddCalendar(const AccountId& owner, std::string summary, const std::string& zone, Push push) {
  const uint64_t high = NextRandom(random_);
  const uint64_t low = NextRandom(random_);
  const CalendarId id(absl::StrFormat("c_%016x%016x@group.calendar.google.com", high, low));
  model_.AddCalendar({.id = id,
                      .owner = owner,
                      .summary = std::move(summary),
                      .time_zone = zone,
                      .zone = ical::MachineZone(zone).value_or(absl::UTCTimeZone()),
                      .push_supported = push == Push::kSupported});
  ChangeEntry(owner, id);
  return id;
}

void Api::ChangeEntry(const AccountId& account, const CalendarId& calendar) {
  list_changes_.emplace_back(account, calendar);
  model_.AnnounceCalendarList(account);
}

std::optional<Answer> Api::CheckVersion(const Call& call, const Json& current) const {
  const std::string* const wanted = call.headers->Find("If-Match");
  if (wanted == nullptr || *wanted == "*" || *wanted == StringOf(current, "etag")) return std::nullopt;
  return ToAnswer(ErrorId::kConditionNotMet);
}

// --- Calendars.

Json Api::CalendarJson(const CalendarId& calendar) const {
  const CalendarSetup& setup = model_.FindCalendar(calendar)->setup();
  Json json{{"kind", "calendar#calendar"}, {"id", calendar.str()}, {"summary", setup.summary}};
  if (const auto notes = notes_.find(calendar); notes != notes_.end()) {
    for (const auto& [name, value] : notes->second.items()) json[name] = value;
  }
  json["timeZone"] = setup.time_zone;
  json["conferenceProperties"] = {{"allowedConferenceSolutionTypes", Json::array({"hangoutsMeet"})}};
  if (!setup.primary) json["dataOwner"] = setup.owner.str();
  AddEtag(json);
  return json;
}

std::optional<Answer> Api::ChangeCalendar(Call& call, const Json& body) {
  const std::string zone_name = StringOf(body, "timeZone");
  const std::optional<absl::TimeZone> zone = ical::MachineZone(zone_name);
  if (!zone_name.empty() && !zone) return Refusal("Invalid time zone.", "invalid", "timeZone");
  if (!zone_name.empty()) model_.SetTimeZone(call.calendar, zone_name, *zone);
  if (const std::string summary = StringOf(body, "summary"); !summary.empty()) model_.SetSummary(call.calendar, summary);
  Json& notes = notes_.try_emplace(call.calendar, Json::object()).first->second;
  const bool replaces = call.method->verb == "PUT";
  for (const char* name : {"description", "location"}) {
    const auto found = body.find(name);
    const bool given = found != body.end() && found->is_string();
    if (given) notes[name] = *found;
    if (!given && (replaces || found != body.end())) notes.erase(name);
  }
  return std::nullopt;
}

void Api::Clear(Call& call) {
  std::vector<EventId> ids;
  model_.ForEachLive(call.calendar, [&](const EventPtr& event) { ids.push_back(event->id); });
  // Exceptions go with their series; to delete one again is no harm.
  const Caller person{call.caller().account, {ActorKind::kPerson, 0}};
  for (const EventId& id : ids) model_.Handle(person, DeleteEvent{call.calendar, id}, call.now);
}

Answer Api::CalendarMethod(Call& call) {
  const std::string& method = call.method->id;
  if (std::optional<Answer> refused = Admit(call, method != "calendars.get")) return *std::move(refused);
  if (method == "calendars.insert") {
    const std::string summary = StringOf(call.body, "summary");
    if (summary.empty()) return Refusal("Missing title.", "required");
    const std::string zone_name = StringOf(call.body, "timeZone");
    if (!zone_name.empty() && !ical::MachineZone(zone_name)) return Refusal("Invalid time zone.", "invalid", "timeZone");
    const CalendarId* const primary = model_.FindPrimary(call.caller().account);
    const std::string own = primary == nullptr ? "UTC" : model_.FindCalendar(*primary)->setup().time_zone;
    call.calendar = AddCalendar(call.caller().account, summary, zone_name.empty() ? own : zone_name);
    if (std::optional<Answer> wrong = ChangeCalendar(call, call.body)) return *std::move(wrong);
    return WithEtag(CalendarJson(call.calendar));
  }
  const AccessRole role = RoleOn(call, call.calendar);
  if (role == AccessRole::kNone) return ToAnswer(ErrorId::kNotFound);
  if (method == "calendars.get") return WithEtag(CalendarJson(call.calendar));
  const CalendarSetup& setup = model_.FindCalendar(call.calendar)->setup();
  if (role != AccessRole::kOwner) return ToAnswer(ErrorId::kForbidden);
  if (method == "calendars.clear") {
    if (!setup.primary) return Refusal("Only the primary calendar can be cleared.");
    Clear(call);
    return Answer::NoContent();
  }
  if (method == "calendars.delete") {
    if (setup.primary) return Refusal("The primary calendar cannot be deleted.", "cannotDeletePrimaryCalendar");
    if (setup.owner != call.caller().account) return ToAnswer(ErrorId::kForbidden);  // The data owner alone.
    if (std::optional<Answer> stale = CheckVersion(call, CalendarJson(call.calendar))) return *std::move(stale);
    const Calendar& calendar = *model_.FindCalendar(call.calendar);
    for (const auto& [account, of] : calendar.roles()) {
      entries_[{account, call.calendar}].removed = true;
      ChangeEntry(account, call.calendar);
    }
    model_.DeleteCalendar(call.calendar);
    return Answer::NoContent();
  }
  if (std::optional<Answer> stale = CheckVersion(call, CalendarJson(call.calendar))) return *std::move(stale);
  if (method == "calendars.update" && StringOf(call.body, "summary").empty()) return Refusal("Missing title.", "required");
  if (std::optional<Answer> wrong = ChangeCalendar(call, call.body)) return *std::move(wrong);
  return WithEtag(CalendarJson(call.calendar));
}

// An administrator's, who need not be able to read the calendar.
Answer Api::TransferCalendar(Call& call) {
  if (std::optional<Answer> refused = Admit(call, true)) return *std::move(refused);
  if (!call.Flag("useAdminAccess")) return Refusal("Only administrators can do this.", "invalidParameter", "useAdminAccess");
  if (!administrators_.contains(call.caller().account)) return ToAnswer(ErrorId::kForbidden);
  const Calendar* const calendar = model_.FindCalendar(call.calendar);
  if (calendar == nullptr) return ToAnswer(ErrorId::kNotFound);
  if (calendar->setup().primary) return Refusal("A primary calendar cannot be transferred.");
  const AccountId account(call.Text("newDataOwner"));
  if (!model_.HasAccount(account)) return Refusal("There is no such user.", "invalidParameter", "newDataOwner");
  model_.TransferOwnership(call.calendar, account);
  entries_[{account, call.calendar}].removed = false;
  ChangeEntry(account, call.calendar);
  return Answer::NoContent();
}

// --- A person's list of calendars.

Json Api::EntryJson(const AccountId& account, const CalendarId& calendar) const {
  const Calendar& found = *model_.FindCalendar(calendar);
  const CalendarSetup& setup = found.setup();
  const bool primary = setup.primary && setup.owner == account;
  Json json{{"kind", "calendar#calendarListEntry"}, {"id", calendar.str()}, {"summary", setup.summary}};
  if (const auto notes = notes_.find(calendar); notes != notes_.end()) {
    for (const auto& [name, value] : notes->second.items()) json[name] = value;
  }
  json["timeZone"] = setup.time_zone;
  json["colorId"] = primary ? "14" : "2";
  json["backgroundColor"] = primary ? "#9fe1e7" : "#d06b64";
  json["foregroundColor"] = "#000000";
  json["selected"] = true;
  const AccessRole role = found.RoleOf(account);
  json["accessRole"] = Name(role);
  json["defaultReminders"] = DefaultReminders(account, calendar, role);
  if (primary) json["primary"] = true;
  json["conferenceProperties"] = {{"allowedConferenceSolutionTypes", Json::array({"hangoutsMeet"})}};
  if (!setup.primary) json["dataOwner"] = setup.owner.str();
  if (const auto entry = entries_.find({account, calendar}); entry != entries_.end()) {
    for (const auto& [name, value] : entry->second.settings.items()) json[name] = value;
  }
  for (const char* name : {"hidden", "selected"}) {  // C-16.
    if (json.contains(name) && json[name] == false) json.erase(name);
  }
  AddEtag(json);
  return json;
}

Json Api::DefaultReminders(const AccountId& account, const CalendarId& calendar, AccessRole role) const {
  if (const auto entry = entries_.find({account, calendar}); entry != entries_.end()) {
    if (const Json* const own = Member(entry->second.settings, "defaultReminders")) return *own;
  }
  Json reminders = Json::array();
  if (role == AccessRole::kOwner) reminders.push_back({{"method", "popup"}, {"minutes", 30}});
  return reminders;
}

Answer Api::ListCalendars(Call& call) {
  const AccountId& account = call.caller().account;
  Listing listing;
  if (std::optional<Answer> wrong = ReadListing(call, list_changes_.size(), listing)) return *std::move(wrong);
  const AccessRole least = RoleOf(call.Text("minAccessRole")).value_or(AccessRole::kFreeBusyReader);
  std::vector<CalendarId> ids = model_.Calendars();
  if (listing.since) {
    ids.clear();
    for (size_t i = *listing.since; i < list_changes_.size(); ++i) {
      const auto& [of, calendar] = list_changes_[i];
      if (of == account && std::find(ids.begin(), ids.end(), calendar) == ids.end()) ids.push_back(calendar);
    }
  }
  Json items = Json::array();
  for (const CalendarId& id : ids) {
    const auto entry = entries_.find({account, id});
    const AccessRole role = RoleOn(call, id);
    const bool gone = role == AccessRole::kNone || (entry != entries_.end() && entry->second.removed);
    if (gone) {
      const bool told = listing.since || (call.Flag("showDeleted") && entry != entries_.end());
      if (told) items.push_back({{"kind", "calendar#calendarListEntry"}, {"id", id.str()}, {"deleted", true}});
      continue;
    }
    Json json = EntryJson(account, id);
    const bool hidden = json.contains("hidden");
    if (Rank(role) < Rank(least) || (hidden && !listing.since && !call.Flag("showHidden"))) continue;
    items.push_back(std::move(json));
  }
  return Listed(call, listing, "calendar#calendarList", std::move(items));
}

Answer Api::CalendarListMethod(Call& call) {
  const std::string& method = call.method->id;
  const bool reads = method == "calendarList.list" || method == "calendarList.get";
  if (std::optional<Answer> refused = Admit(call, !reads)) return *std::move(refused);
  if (method == "calendarList.list") return ListCalendars(call);
  const AccountId& account = call.caller().account;
  if (method == "calendarList.insert") call.calendar = CalendarId(StringOf(call.body, "id"));
  if (RoleOn(call, call.calendar) == AccessRole::kNone) return ToAnswer(ErrorId::kNotFound);
  for (const char* name : kSettable) {
    const auto given = call.body.find(name);
    if (given != call.body.end() && !FitsSchema("CalendarListEntry", name, *given)) return ToAnswer(ErrorId::kInvalidValue);
  }
  ListEntry& entry = entries_[{account, call.calendar}];
  if (method == "calendarList.insert") entry = ListEntry();
  if (entry.removed) return ToAnswer(ErrorId::kNotFound);
  if (method == "calendarList.get") return WithEtag(EntryJson(account, call.calendar));
  const CalendarSetup& setup = model_.FindCalendar(call.calendar)->setup();
  if (method == "calendarList.delete" && setup.primary && setup.owner == account) {
    return Refusal("The primary calendar cannot be removed.");
  }
  if (method != "calendarList.insert") {
    if (std::optional<Answer> stale = CheckVersion(call, EntryJson(account, call.calendar))) return *std::move(stale);
  }
  ChangeEntry(account, call.calendar);
  if (method == "calendarList.delete") {
    entry.removed = true;
    return Answer::NoContent();
  }
  if (method == "calendarList.update") entry.settings = Json::object();
  for (const char* name : kSettable) {
    const auto given = call.body.find(name);
    if (given != call.body.end()) MergeJson(Json{{name, *given}}, entry.settings);
  }
  return WithEtag(EntryJson(account, call.calendar));
}

// --- Who may do what.

Json Api::RuleJson(const CalendarId& calendar, const AccountId& account, AccessRole role) const {
  Json json{{"kind", "calendar#aclRule"},
            {"id", absl::StrCat("user:", account.text())},
            {"scope", {{"type", "user"}, {"value", account.str()}}},
            {"role", Name(role)}};
  Json seed = json;
  seed["calendar"] = calendar.str();
  AddEtag(seed);
  json["etag"] = seed["etag"];
  return json;
}

Answer Api::ListRules(Call& call) {
  const Calendar& calendar = *model_.FindCalendar(call.calendar);
  const std::vector<AccountId>& changes = calendar.role_changes();
  Listing listing;
  if (std::optional<Answer> wrong = ReadListing(call, changes.size(), listing)) return *std::move(wrong);
  Json items = Json::array();
  for (const auto& [account, role] : calendar.roles()) {
    const auto from = changes.begin() + static_cast<std::ptrdiff_t>(listing.since.value_or(0));
    if (listing.since && std::find(from, changes.end(), account) == changes.end()) continue;
    const bool shows_deleted = listing.since || call.Flag("showDeleted");  // With the role "none".
    if (role != AccessRole::kNone || shows_deleted) items.push_back(RuleJson(call.calendar, account, role));
  }
  return Listed(call, listing, "calendar#acl", std::move(items));
}

Answer Api::AccessMethod(Call& call) {
  const std::string& method = call.method->id;
  const bool reads = method == "acl.list" || method == "acl.get";
  if (std::optional<Answer> refused = Admit(call, !reads)) return *std::move(refused);
  const AccessRole own = RoleOn(call, call.calendar);
  if (own == AccessRole::kNone) return ToAnswer(ErrorId::kNotFound);
  if (own != AccessRole::kOwner) return ToAnswer(ErrorId::kForbidden);
  const Calendar& calendar = *model_.FindCalendar(call.calendar);
  if (method == "acl.list") return ListRules(call);

  AccountId account;
  if (method == "acl.insert") {
    const Json* const scope = Member(call.body, "scope");
    if (scope == nullptr) return Refusal("Missing scope.", "required");
    const std::string value = StringOf(*scope, "value");
    // Groups, domains and the public are not modelled.
    if (StringOf(*scope, "type") != "user" || value.empty()) return Refusal("Invalid scope.", "invalid");
    account = AccountId(value);
  } else {
    absl::string_view id = call.path.at("ruleId");
    if (!absl::ConsumePrefix(&id, "user:") || calendar.RoleOf(AccountId(id)) == AccessRole::kNone) {
      return ToAnswer(ErrorId::kNotFound);
    }
    account = AccountId(id);
  }
  const AccessRole before = calendar.RoleOf(account);
  if (method == "acl.get") return WithEtag(RuleJson(call.calendar, account, before));
  if (method != "acl.insert") {
    if (std::optional<Answer> stale = CheckVersion(call, RuleJson(call.calendar, account, before))) return *std::move(stale);
  }
  AccessRole after = AccessRole::kNone;
  if (method != "acl.delete") {
    const std::string name = StringOf(call.body, "role");
    const std::optional<AccessRole> role = name.empty() && method == "acl.patch" ? before : RoleOf(name);
    if (!role || role == AccessRole::kUnknown) return Refusal("Invalid role.", "invalid");
    after = *role;
  }
  if (account == calendar.setup().owner && after != AccessRole::kOwner) {
    return Refusal("Cannot change your own access level.", "cannotChangeOwnAcl", "", 403);
  }
  model_.SetRole(call.calendar, account, after);
  const bool was_there = before != AccessRole::kNone;
  if (was_there != (after != AccessRole::kNone)) {  // Changes of a role alone are not told (contract 1.6).
    entries_[{account, call.calendar}].removed = after == AccessRole::kNone;
    ChangeEntry(account, call.calendar);
  }
  if (method == "acl.delete") return Answer::NoContent();
  return WithEtag(RuleJson(call.calendar, account, after));
}

}  // namespace calsync::fake
