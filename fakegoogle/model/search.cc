#include "fakegoogle/model/search.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/siphash.h"
#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/events.h"

namespace calsync::fake {
namespace {

// One row, and the event that it stands for: of a stub, the whole one.
struct Candidate {
  EventPtr shown;
  EventPtr whole;
};

using Properties = std::vector<std::pair<std::string, std::string>>;

// C-31.
bool Matches(const Properties& wanted, const PropertyMap& properties, bool any) {
  if (wanted.empty()) return true;
  const auto is_there = [&](const std::pair<std::string, std::string>& one) {
    const auto found = properties.find(one.first);
    return found != properties.end() && found->second == one.second;
  };
  return any ? std::any_of(wanted.begin(), wanted.end(), is_there) : std::all_of(wanted.begin(), wanted.end(), is_there);
}

bool HasWords(const std::string& words, const Event& event) {
  if (words.empty()) return true;
  std::string all = absl::StrCat(event.summary, "\n", event.description, "\n", event.location, "\n", event.organizer.email);
  for (const Attendee& attendee : event.attendees) absl::StrAppend(&all, "\n", attendee.email);
  absl::AsciiStrToLower(&all);
  for (const absl::string_view word : absl::StrSplit(words, ' ', absl::SkipEmpty())) {
    if (!absl::StrContains(all, absl::AsciiStrToLower(word))) return false;
  }
  return true;
}

class Searcher {
 public:
  Searcher(const Calendar& calendar, uint32_t number, AccessRole role, const SearchEvents& request, const Knobs& knobs,
           const Conditions& conditions, TokenMint& mint, absl::Time now)
      : calendar_(calendar),
        number_(number),
        role_(role),
        request_(request),
        knobs_(knobs),
        conditions_(conditions),
        mint_(mint),
        now_(now) {}

  Reply Search() {
    if (std::optional<ApiError> error = Begin()) return *std::move(error);
    std::vector<Candidate> rows;
    if (std::optional<ApiError> error = Collect(rows)) return *std::move(error);
    Sort(rows);
    EventsPage page;
    page.access_role = role_;
    page.time_zone = calendar_.setup().time_zone;
    page.updated = calendar_.updated();
    const size_t from = std::min<size_t>(rows.size(), walk_.place);
    const size_t end = std::min(rows.size(), from + limit_);
    for (size_t i = from; i < end; ++i) page.items.push_back(std::move(rows[i].shown));
    if (end < rows.size()) {
      TokenBody next = walk_;
      next.place = end;
      page.next_page_token = PageToken(mint_.Make(next));
    }
    return page;
  }

 private:
  std::optional<ApiError> Begin() {
    const ListEvents& list = request_.list;
    if (list.max_results < 1) return Error(ErrorId::kInvalidMaxResults);
    limit_ = static_cast<size_t>(std::min(list.max_results, kMaxResultsLimit));
    if (request_.order == SearchOrder::kStartTime && !list.single_events && role_ != AccessRole::kFreeBusyReader) {
      return Error(ErrorId::kUnavailableOrder);
    }
    if (request_.updated_min && now_ - *request_.updated_min > knobs_.updated_min_horizon) {
      return Error(ErrorId::kUpdatedMinTooLongAgo);  // C-38.
    }
    walk_.kind = TokenBody::Kind::kSearchPage;
    walk_.calendar = number_;
    walk_.epoch = calendar_.token_epoch();
    walk_.fingerprint = Fingerprint();
    walk_.made_at = absl::ToUnixMicros(now_);
    if (!list.page_token) return std::nullopt;
    const std::optional<TokenMint::Opened> page = mint_.Open(list.page_token->text());
    const bool same = page && page->body.kind == walk_.kind && page->body.calendar == number_ &&
                      page->body.epoch == walk_.epoch && page->body.fingerprint == walk_.fingerprint;
    if (!same || now_ - absl::FromUnixMicros(page->body.made_at) >= knobs_.page_token_lifetime) {
      return Error(ErrorId::kInvalidPageToken);
    }
    walk_ = page->body;
    return std::nullopt;
  }

  // The same for each page of one search.
  uint32_t Fingerprint() const {
    const ListEvents& list = request_.list;
    FieldBytes fields;
    fields.Number(limit_).Number(list.show_deleted).Number(list.single_events).Number(static_cast<uint64_t>(request_.order));
    for (const auto& bound : {WindowBound(list.time_min), WindowBound(list.time_max), WindowBound(request_.updated_min)}) {
      fields.Number(static_cast<uint64_t>(bound.value_or(std::numeric_limits<int64_t>::min())));
    }
    fields.Text(request_.text).Text(request_.ical_uid.text());
    for (const Properties* properties : {&request_.private_properties, &request_.shared_properties}) {
      fields.Number(properties->size());
      for (const auto& [key, value] : *properties) fields.Text(key).Text(value);
    }
    for (const EventType type : request_.types) fields.Number(static_cast<uint64_t>(type));
    return static_cast<uint32_t>(SipHash64({3, 4}, fields.bytes()));
  }

  // All rows that the plain list would give, of those the ones that are looked for.
  std::optional<ApiError> Collect(std::vector<Candidate>& rows) {
    Knobs plain = knobs_;
    plain.page_size = 0;
    plain.empty_page_every = 0;
    plain.alternating_order = false;
    plain.walk_view = Knobs::WalkView::kFrozen;
    Conditions then = conditions_;
    if (request_.list.page_token) then.list_lag += now_ - absl::FromUnixMicros(walk_.made_at);
    ListEvents list = request_.list;
    list.page_token.reset();
    list.max_results = kMaxResultsLimit;
    list.show_deleted = list.show_deleted || request_.updated_min.has_value();
    bool bent = false;
    while (true) {
      Reply reply = ListPage(calendar_, number_, role_, list, plain, then, mint_, now_, bent);
      if (auto* error = std::get_if<ApiError>(&reply)) return std::move(*error);
      EventsPage& page = std::get<EventsPage>(reply);
      for (EventPtr& shown : page.items) {
        Candidate row{shown, Whole(shown)};
        if (IsWanted(*row.whole)) rows.push_back(std::move(row));
      }
      if (!page.next_page_token) return std::nullopt;
      list.page_token = page.next_page_token;
    }
  }

  EventPtr Whole(const EventPtr& shown) const {
    if (!shown->IsCancelled()) return shown;
    uint32_t entry = calendar_.FindEntry(shown->id);
    if (entry == kNone && shown->IsOccurrence()) entry = calendar_.FindEntry(shown->recurring_event_id);
    return entry == kNone ? shown : VisibleTo(role_, calendar_.Current(entry));
  }

  bool IsWanted(const Event& event) const {
    if (!request_.ical_uid.empty() && event.ical_uid != request_.ical_uid) return false;
    if (request_.updated_min && event.updated.value_or(absl::InfinitePast()) < *request_.updated_min) return false;
    const std::vector<EventType>& types = request_.types;
    if (!types.empty() && std::find(types.begin(), types.end(), event.type) == types.end()) return false;
    if (!Matches(request_.private_properties, event.private_properties, knobs_.any_property_matches)) return false;
    if (!Matches(request_.shared_properties, event.shared_properties, knobs_.any_property_matches)) return false;
    return HasWords(request_.text, event);
  }

  void Sort(std::vector<Candidate>& rows) const {
    const auto key = [&](const Candidate& row) {
      const int64_t when = request_.order == SearchOrder::kUpdated
                               ? absl::ToUnixMicros(row.whole->updated.value_or(absl::UnixEpoch()))
                               : MicrosOf(row.shown->start.kind == EventTime::Kind::kAbsent ? row.whole->start : row.shown->start,
                                          calendar_.setup().zone);
      return std::make_tuple(when, row.shown->id.text());
    };
    if (request_.order == SearchOrder::kPlain) return;
    std::sort(rows.begin(), rows.end(), [&](const Candidate& a, const Candidate& b) { return key(a) < key(b); });
  }

  const Calendar& calendar_;
  const uint32_t number_;
  const AccessRole role_;
  const SearchEvents& request_;
  const Knobs& knobs_;
  const Conditions& conditions_;
  TokenMint& mint_;
  const absl::Time now_;
  size_t limit_ = 0;
  TokenBody walk_;
};

}  // namespace

Reply SearchPage(const Calendar& calendar, uint32_t number, AccessRole role, const SearchEvents& request, const Knobs& knobs,
                 const Conditions& conditions, TokenMint& mint, absl::Time now) {
  return Searcher(calendar, number, role, request, knobs, conditions, mint, now).Search();
}

}  // namespace calsync::fake
