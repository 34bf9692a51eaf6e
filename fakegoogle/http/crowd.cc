#include "fakegoogle/http/crowd.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace calsync::fake {
namespace {

constexpr int64_t kMost = 10'000'000;  // Events.

// The number, or what stands for it if it is not given; nothing if it is none from `least` on.
std::optional<int64_t> NumberOf(const Json& asked, const char* name, int64_t usual, int64_t least) {
  const Json* const member = Member(asked, name);
  if (member == nullptr) return usual;
  if (!member->is_number_integer() || *member < least || *member > kMost) return std::nullopt;
  return member->get<int64_t>();
}

}  // namespace

absl::StatusOr<Json> MakeCrowd(Front& front, const Json& asked) {
  const std::optional<int64_t> people = NumberOf(asked, "people", 1, 1);
  const std::optional<int64_t> first = NumberOf(asked, "first", 0, 0);
  const std::optional<int64_t> calendars = NumberOf(asked, "calendars", 2, 1);
  const std::optional<int64_t> events = NumberOf(asked, "events", 0, 0);
  if (!people || !first || !calendars || !events || *people * std::max(*calendars, *events) > kMost) {
    return absl::InvalidArgumentError(
        "\"people\", \"first\", \"calendars\" and \"events\" are numbers, of no more than ten million events.");
  }
  const auto address = [&](int64_t person) { return AccountId(absl::StrCat("crowd", *first + person, "@example.com")); };
  for (int64_t person = 0; person < *people; ++person) {
    if (front.model().HasAccount(address(person))) {
      return absl::InvalidArgumentError(absl::StrCat(address(person).text(), " is there already."));
    }
  }
  const std::string& zone = front.options().beginning.time_zone;
  const absl::Time hour = absl::UnixEpoch() + absl::Ceil(front.Now() - absl::UnixEpoch(), absl::Hours(1));
  Json crowd = Json::array();
  for (int64_t person = 0; person < *people; ++person) {
    const AccountId account = address(person);
    if (const absl::Status added = front.AddPerson(account, zone); !added.ok())
      return absl::InvalidArgumentError(added.message());
    std::vector<CalendarId> ids = {CalendarId(account.text())};
    while (static_cast<int64_t>(ids.size()) < *calendars) {
      ids.push_back(front.api().AddCalendar(account, absl::StrCat("Calendar ", ids.size() + 1), zone));
    }
    const ActorId actor{ActorKind::kPerson, static_cast<uint32_t>(*first + person) + 1};
    for (int64_t i = 0; i < *events; ++i) {
      Event event;
      event.summary = absl::StrCat("Event ", i);
      event.start = EventTime::At(hour + i * absl::Hours(3));
      event.end = EventTime::At(hour + i * absl::Hours(3) + absl::Hours(1));
      front.model().Plant(ids[static_cast<size_t>(i) % ids.size()], std::move(event), actor, front.Now());
    }
    Json one{{"email", account.str()}, {"calendars", Json::array()}};
    for (const CalendarId& id : ids) one["calendars"].push_back(id.str());
    crowd.push_back(std::move(one));
  }
  return Json{{"people", std::move(crowd)}};
}

}  // namespace calsync::fake
