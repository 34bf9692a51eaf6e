// The words that events are written and read with, beside what they stand for; for event_json.cc and event_reading.cc.

#ifndef CALSYNC_FAKEGOOGLE_HTTP_EVENT_WORDS_H_
#define CALSYNC_FAKEGOOGLE_HTTP_EVENT_WORDS_H_

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "engine/api/event.h"

namespace calsync::fake {

template <class T>
struct Named {
  T value;
  absl::string_view name;
};

inline constexpr Named<EventStatus> kStatuses[] = {
    {EventStatus::kConfirmed, "confirmed"}, {EventStatus::kTentative, "tentative"}, {EventStatus::kCancelled, "cancelled"}};
inline constexpr Named<Transparency> kTransparencies[] = {{Transparency::kOpaque, "opaque"},
                                                          {Transparency::kTransparent, "transparent"}};
inline constexpr Named<Visibility> kVisibilities[] = {{Visibility::kDefault, "default"},
                                                      {Visibility::kPublic, "public"},
                                                      {Visibility::kPrivate, "private"},
                                                      {Visibility::kConfidential, "confidential"}};
inline constexpr Named<ResponseStatus> kResponses[] = {{ResponseStatus::kNeedsAction, "needsAction"},
                                                       {ResponseStatus::kDeclined, "declined"},
                                                       {ResponseStatus::kTentative, "tentative"},
                                                       {ResponseStatus::kAccepted, "accepted"}};
// The last is how an unknown type shows (C-17).
inline constexpr Named<EventType> kTypes[] = {
    {EventType::kDefault, "default"},         {EventType::kBirthday, "birthday"},
    {EventType::kFocusTime, "focusTime"},     {EventType::kFromGmail, "fromGmail"},
    {EventType::kOutOfOffice, "outOfOffice"}, {EventType::kWorkingLocation, "workingLocation"},
    {EventType::kUnknown, "somethingNew"}};
inline constexpr Named<AccessRole> kRoles[] = {
    {AccessRole::kNone, "none"},           {AccessRole::kFreeBusyReader, "freeBusyReader"},
    {AccessRole::kReader, "reader"},       {AccessRole::kWriterWithoutPrivateAccess, "writerWithoutPrivateAccess"},
    {AccessRole::kWriter, "writer"},       {AccessRole::kOwner, "owner"},
    {AccessRole::kUnknown, "somethingNew"}};

template <class T, size_t n>
absl::string_view NameIn(const Named<T> (&table)[n], T value) {
  for (const Named<T>& row : table) {
    if (row.value == value) return row.name;
  }
  return "";
}

template <class T, size_t n>
std::optional<T> ValueIn(const Named<T> (&table)[n], absl::string_view name) {
  for (const Named<T>& row : table) {
    if (row.name == name) return row.value;
  }
  return std::nullopt;
}

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_EVENT_WORDS_H_
