#include "fakegoogle/http/schemas.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace calsync::fake {
namespace {

// Schemas. A member is "name:type"; the types are s, i, b, any, t (a dateTime), d (a date), l (a long number as text), or a
// schema; "[…]" a list, "<…>" a map.
struct SchemaRow {
  absl::string_view name;
  absl::string_view members;
};

constexpr SchemaRow kSchemaRows[] = {
    {"Acl", "etag:s items:[AclRule] kind:s nextPageToken:s nextSyncToken:s"},
    {"AclRule", "etag:s id:s kind:s role:s scope:AclScope"},
    {"AclScope", "type:s value:s"},
    {"Calendar",
     "autoAcceptInvitations:b conferenceProperties:ConferenceProperties dataOwner:s description:s etag:s id:s kind:s "
     "labelProperties:any location:s summary:s timeZone:s"},
    {"CalendarList", "etag:s items:[CalendarListEntry] kind:s nextPageToken:s nextSyncToken:s"},
    {"CalendarListEntry",
     "accessRole:s autoAcceptInvitations:b backgroundColor:s colorId:s conferenceProperties:ConferenceProperties dataOwner:s "
     "defaultReminders:[EventReminder] deleted:b description:s etag:s foregroundColor:s hidden:b id:s kind:s "
     "location:s notificationSettings:any primary:b selected:b summary:s summaryOverride:s timeZone:s"},
    {"Channel", "address:s expiration:l id:s kind:s params:<s> payload:b resourceId:s resourceUri:s token:s type:s"},
    {"ColorDefinition", "background:s foreground:s"},
    {"Colors", "calendar:<ColorDefinition> event:<ColorDefinition> kind:s updated:t"},
    {"ConferenceProperties", "allowedConferenceSolutionTypes:[s]"},
    {"Error", "domain:s reason:s"},
    {"Event",
     "anyoneCanAddSelf:b attachments:[EventAttachment] attendees:[EventAttendee] attendeesOmitted:b birthdayProperties:any "
     "colorId:s conferenceData:any created:t creator:EventPerson description:s end:EventDateTime endTimeUnspecified:b etag:s "
     "eventLabelId:s eventType:s extendedProperties:EventProperties focusTimeProperties:any gadget:any guestsCanInviteOthers:b "
     "guestsCanModify:b guestsCanSeeOtherGuests:b hangoutLink:s htmlLink:s iCalUID:s id:s kind:s location:s locked:b "
     "organizer:EventPerson originalStartTime:EventDateTime outOfOfficeProperties:any privateCopy:b recurrence:[s] "
     "recurringEventId:s reminders:EventReminders sequence:i source:EventSource start:EventDateTime status:s summary:s "
     "transparency:s updated:t visibility:s workingLocationProperties:any"},
    {"EventAttachment", "fileId:s fileUrl:s iconLink:s mimeType:s title:s"},
    {"EventAttendee",
     "additionalGuests:i asyncOperation:any comment:s displayName:s email:s id:s optional:b organizer:b resource:b "
     "responseStatus:s self:b"},
    {"EventDateTime", "date:d dateTime:t timeZone:s"},
    {"EventPerson", "displayName:s email:s id:s self:b"},
    {"EventProperties", "private:<s> shared:<s>"},
    {"EventReminder", "method:s minutes:i"},
    {"EventReminders", "overrides:[EventReminder] useDefault:b"},
    {"EventSource", "title:s url:s"},
    {"Events",
     "accessRole:s defaultReminders:[EventReminder] description:s etag:s items:[Event] kind:s nextPageToken:s nextSyncToken:s "
     "summary:s timeZone:s updated:t"},
    {"FreeBusyCalendar", "busy:[TimePeriod] errors:[Error]"},
    {"FreeBusyGroup", "calendars:[s] errors:[Error]"},
    {"FreeBusyRequest", "calendarExpansionMax:i groupExpansionMax:i items:[FreeBusyRequestItem] timeMax:t timeMin:t timeZone:s"},
    {"FreeBusyRequestItem", "id:s"},
    {"FreeBusyResponse", "calendars:<FreeBusyCalendar> groups:<FreeBusyGroup> kind:s timeMax:t timeMin:t"},
    {"Setting", "etag:s id:s kind:s value:s"},
    {"Settings", "etag:s items:[Setting] kind:s nextPageToken:s nextSyncToken:s"},
    {"TimePeriod", "end:t start:t"},
};

SchemaField ReadField(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, ':');
  absl::string_view type = parts.second;
  SchemaField field{.name = std::string(parts.first)};
  field.is_list = absl::ConsumePrefix(&type, "[") && absl::ConsumeSuffix(&type, "]");
  field.is_map = absl::ConsumePrefix(&type, "<") && absl::ConsumeSuffix(&type, ">");
  if (type == "t") field.format = "date-time";
  if (type == "d") field.format = "date";
  if (type == "l") field.format = "int64";
  if (type == "i") field.format = "int32";
  if (type == "s" || type == "t" || type == "d" || type == "l") {
    field.type = "string";
  } else if (type == "i") {
    field.type = "integer";
  } else if (type == "b") {
    field.type = "boolean";
  } else {
    field.type = std::string(type);
  }
  return field;
}

bool Fits(const SchemaField& field, const Json& value);

// What is null counts as left out, and members that the schema does not know are nobody's concern.
bool Fits(const std::string& type, const Json& value) {
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (!value.is_object()) return false;
  const auto schema = Schemas().find(type);
  return schema == Schemas().end() || std::all_of(schema->second.begin(), schema->second.end(), [&](const SchemaField& field) {
           const Json* const member = Member(value, field.name.c_str());
           return member == nullptr || Fits(field, *member);
         });
}

bool Fits(const SchemaField& field, const Json& value) {
  if (!field.is_list) return Fits(field.type, value);
  return value.is_array() && std::all_of(value.begin(), value.end(), [&](const Json& one) { return Fits(field.type, one); });
}

}  // namespace

const std::map<std::string, Schema>& Schemas() {
  static const std::map<std::string, Schema>& schemas = *[] {
    auto* const made = new std::map<std::string, Schema>();
    for (const SchemaRow& row : kSchemaRows) {
      Schema& schema = (*made)[std::string(row.name)];
      for (const absl::string_view member : absl::StrSplit(row.members, ' ', absl::SkipEmpty())) {
        schema.push_back(ReadField(member));
      }
    }
    return made;
  }();
  return schemas;
}

bool FitsSchema(const std::string& schema, const char* name, const Json& value) {
  const Schema& fields = Schemas().at(schema);
  const auto field = std::find_if(fields.begin(), fields.end(), [&](const SchemaField& one) { return one.name == name; });
  return field == fields.end() || value.is_null() || Fits(*field, value);
}

}  // namespace calsync::fake
