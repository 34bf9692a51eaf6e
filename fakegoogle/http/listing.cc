// What the lists beside events.list have in common: how many rows a page has, which come, and the tokens between them.

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "engine/base/siphash.h"
#include "fakegoogle/http/api.h"
#include "fakegoogle/model/errors.h"

namespace calsync::fake {
namespace {

constexpr SipKey kListEtagKey{7, 8};
constexpr int kRowsDefault = 100;
constexpr int kRowsMax = 250;

// A token names its list, so that none is good for another; its place there; and when it was given.
std::string MakeToken(const std::string& list, absl::string_view kind, uint64_t place, absl::Time now) {
  return absl::WebSafeBase64Escape(absl::StrCat(list, "\n", kind, "\n", place, "\n", absl::ToUnixMillis(now)));
}

struct Opened {
  uint64_t place = 0;
  absl::Time given;
};

std::optional<Opened> OpenToken(absl::string_view token, const std::string& list, absl::string_view kind) {
  std::string text;
  if (!absl::WebSafeBase64Unescape(token, &text)) return std::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '\n');
  uint64_t place = 0;
  int64_t millis = 0;
  const bool fits = parts.size() == 4 && parts[0] == list && parts[1] == kind && absl::SimpleAtoi(parts[2], &place) &&
                    absl::SimpleAtoi(parts[3], &millis);
  if (!fits) return std::nullopt;
  return Opened{place, absl::FromUnixMillis(millis)};
}

std::string NameOf(const std::string& method, const CalendarId& calendar) { return absl::StrCat(method, " ", calendar.text()); }

}  // namespace

std::optional<Answer> Api::ReadListing(const Call& call, uint64_t end, Listing& listing) const {
  const std::string list = NameOf(call.method->id, call.calendar);
  const int rows = std::clamp(call.Whole("maxResults", kRowsDefault), 0, kRowsMax);
  if (rows == 0) return ToAnswer(ErrorId::kInvalidMaxResults);
  listing.rows = static_cast<size_t>(rows);
  listing.end = end;
  if (call.Has("syncToken")) {
    const std::optional<Opened> token = OpenToken(call.Text("syncToken"), list, "sync");
    if (!token || token->place > end) return ToAnswer(ErrorId::kInvalidSyncToken);
    if (call.now - token->given > model_.knobs().sync_token_lifetime) return ToAnswer(ErrorId::kFullSyncRequired);  // C-26.
    for (const char* const name : {"minAccessRole", "showOwnOrganizationOnly"}) {
      if (call.Has(name)) return ToAnswer(ErrorId::kTokenWithRestrictions);
    }
    for (const char* const name : {"showDeleted", "showHidden"}) {
      if (call.Text(name) == "false") return ToAnswer(ErrorId::kTokenWithRestrictions);
    }
    listing.since = token->place;
  }
  if (call.Has("pageToken")) {
    const std::optional<Opened> token = OpenToken(call.Text("pageToken"), list, "page");
    if (!token) return ToAnswer(ErrorId::kInvalidPageToken);
    listing.from = token->place;
  }
  return std::nullopt;
}

Answer Api::Listed(const Call& call, const Listing& listing, const char* kind, Json items) const {
  if (listing.from > items.size()) return ToAnswer(ErrorId::kInvalidPageToken);
  const std::string list = NameOf(call.method->id, call.calendar);
  const size_t end = std::min(items.size(), listing.from + listing.rows);
  Answer answer;
  answer.etag =
      absl::StrFormat("\"p33%016x\"", SipHash64(kListEtagKey, items.dump(-1, ' ', false, Json::error_handler_t::replace)));
  Json body{{"kind", kind}, {"etag", answer.etag}};
  if (end < items.size()) {
    body["nextPageToken"] = MakeToken(list, "page", end, call.now);
  } else {
    body["nextSyncToken"] = MakeToken(list, "sync", listing.end, call.now);
  }
  body["items"] = Json::array();
  for (size_t i = listing.from; i < end; ++i) body["items"].push_back(std::move(items[i]));
  answer.body = std::move(body);
  return answer;
}

}  // namespace calsync::fake
