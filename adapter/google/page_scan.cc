#include "adapter/google/page_scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/status/statusor.h"
#include "adapter/google/event_json.h"

namespace calsync::adapter {
namespace {

constexpr size_t kDepthMost = 32;
constexpr size_t kDigitsMost = 18;  // More may not fit a number.

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

template <size_t n>
bool Is(const char* text, size_t size, const char (&name)[n]) {
  return size == n - 1 && std::memcmp(text, name, n - 1) == 0;
}

// True for the four digits of a \u escape that stands for one character by itself.
bool IsPlainCodePoint(const char* digits) {
  unsigned value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = digits[i];
    const char folded = static_cast<char>(c | 0x20);
    if (!IsDigit(c) && (folded < 'a' || folded > 'f')) return false;
    value = value * 16 + static_cast<unsigned>(IsDigit(c) ? c - '0' : folded - 'a' + 10);
  }
  return value < 0xd800 || value > 0xdfff;
}

// Bit i: there is a backslash at `at` + i. REQUIRES: 64 bytes to read.
uint64_t Backslashes(const char* at) {
#ifdef __SSE2__
  const __m128i backslash = _mm_set1_epi8('\\');
  const auto* const bytes = reinterpret_cast<const __m128i*>(at);
  const auto find = [&](int i) { return _mm_cmpeq_epi8(_mm_loadu_si128(bytes + i), backslash); };
  const __m128i found[] = {find(0), find(1), find(2), find(3)};
  if (_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(found[0], found[1]), _mm_or_si128(found[2], found[3]))) == 0) return 0;
  const auto bits = [&](int i) { return uint64_t{static_cast<unsigned>(_mm_movemask_epi8(found[i]))} << (16 * i); };
  return bits(0) | bits(1) | bits(2) | bits(3);
#else
  uint64_t bits = 0;
  for (int i = 0; i < 64; ++i) bits |= uint64_t{at[i] == '\\'} << i;
  return bits;
#endif
}

// How many bytes the escape takes that begins with this backslash; 0 if it is none, or one that is left to others.
size_t SizeOfEscape(const char* at, const char* end) {
  if (end - at < 2) return 0;
  switch (at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return 2;
    case 'u':
      return end - at >= 6 && IsPlainCodePoint(at + 2) ? 6 : 0;
    default:
      return 0;
  }
}

}  // namespace

// One pass over the places at which tokens begin. A function that returns false gives the page up.
class PageScan::Walk {
 public:
  Walk(PageScan& scan, absl::string_view body, Texts texts)
      : scan_(scan), body_(body), at_(scan.parser_.implementation->structural_indexes.get()), texts_(texts) {
    end_ = at_ + scan.parser_.implementation->n_structural_indexes;
    escape_ = scan.escapes_.data();
  }

  bool Page() {
    if (end_ - at_ < 4 || body_[at_[2]] != ':') return false;
    // There is room for three more. Past the end stand colons, which nothing takes twice: so no step needs to ask for the end.
    uint32_t* const past = scan_.parser_.implementation->structural_indexes.get() + (end_ - at_);
    past[0] = past[1] = past[2] = at_[2];
    if (!Take('{')) return false;
    bool is_list = false;
    unsigned has = 0;  // Of OfPage. Of members with one name the first one counts.
    const auto first = [&](OfPage member) { return (std::exchange(has, has | member) & member) == 0; };
    if (Take('}')) return false;
    do {
      absl::string_view name;
      bool escaped = false;
      if (!Name(name, escaped) || escaped) return false;
      std::optional<absl::string_view> text;
      if (name == "kind" && first(kKind)) {
        if (!TextOfPage(text)) return false;
        is_list = text == "calendar#events";
      } else if (name == "items" && first(kItems)) {
        if (!Items()) return false;
      } else if (name == "accessRole" && first(kRole)) {
        if (!TextOfPage(text)) return false;
        scan_.head_.access_role = text.value_or("");
      } else if (name == "timeZone" && first(kZone)) {
        if (!TextOfPage(text)) return false;
        scan_.head_.time_zone = text.value_or("");
      } else if (name == "updated" && first(kUpdated)) {
        if (!TextOfPage(text)) return false;
        scan_.head_.updated = text.value_or("");
      } else if (name == "nextPageToken" && first(kPageToken)) {
        if (!TextOfPage(scan_.head_.next_page_token)) return false;
      } else if (name == "nextSyncToken" && first(kSyncToken)) {
        if (!TextOfPage(scan_.head_.next_sync_token)) return false;
      } else if (!Skip()) {
        return false;
      }
    } while (Take(','));
    return Take('}') && at_ == end_ && is_list;
  }

 private:
  enum OfPage : unsigned { kKind = 1, kItems = 2, kRole = 4, kZone = 8, kPageToken = 16, kSyncToken = 32, kUpdated = 64 };
  enum Field : unsigned {
    kId = 1,
    kEtag = 2,
    kStatus = 4,
    kICalUid = 8,
    kMaster = 16,
    kSummary = 32,
    kDescription = 64,
    kExtended = 128,
    kPrivate = 256,
  };
  // A bit for each size that the name of a member has which Member reads.
  static constexpr uint64_t kSizesOfNames = 1u << 2 | 1u << 4 | 1u << 6 | 1u << 7 | 1u << 11 | 1u << 16 | 1u << 18;

  // The event that is being read.
  struct Open {
    EventView& view;
    Row& row;
    absl::string_view status{};
    unsigned has = 0;           // Of Field. Of members with one name the first one counts.
    bool escaped = false;       // A name, or a field that is needed, is written with escapes.
    bool etag_escaped = false;  // It always is, and nobody minds.
    bool Has(Field field) {
      const bool had = (has & field) != 0;
      has |= field;
      return had;
    }
  };

  char Here() const { return body_.data()[*at_]; }
  bool Take(char token) {
    if (Here() != token) return false;
    ++at_;
    return true;
  }

  // The token here without the blanks that follow it. REQUIRES: it is not the last one.
  absl::string_view Token() const {
    size_t last = at_[1] - 1;
    while (IsBlank(body_[last])) --last;
    return body_.substr(*at_, last + 1 - *at_);
  }
  bool IsLast() const { return end_ - at_ < 2; }

  // Asked with places that only grow.
  bool HasEscape(size_t begin, size_t end) {
    if (*escape_ >= end) return false;
    while (*escape_ < begin) ++escape_;
    return *escape_ < end;
  }

  // The text of the string here: what is between its quotes.
  absl::string_view TakeString(bool& escaped) {
    absl::string_view text = Token();
    text.remove_prefix(1);
    text.remove_suffix(1);
    if (HasEscape(*at_, *at_ + text.size() + 1)) escaped = true;
    ++at_;
    return text;
  }

  bool Name(absl::string_view& name, bool& escaped) {
    if (Here() != '"' || IsLast()) return false;
    name = TakeString(escaped);
    return Take(':');
  }

  // A value that counts only if it is a text: else it is passed over, and the text stays empty.
  bool Text(absl::string_view& text, bool& escaped) {
    if (Here() != '"') return Skip();
    if (IsLast()) return false;
    text = TakeString(escaped);
    return true;
  }

  // Of the page itself, which is not vouched for if an escape is in it. What is no text counts as absent.
  bool TextOfPage(std::optional<absl::string_view>& text) {
    if (Here() != '"') return Skip();
    bool escaped = false;
    return Text(text.emplace(), escaped) && !escaped;
  }

  bool Number() {
    absl::string_view digits = Token();
    if (digits[0] == '-') digits.remove_prefix(1);
    if (digits.empty() || digits.size() > kDigitsMost || (digits[0] == '0' && Token() != "0")) return false;
    if (!std::all_of(digits.begin(), digits.end(), IsDigit)) return false;
    ++at_;
    return true;
  }

  bool Word(absl::string_view word) {
    if (Token() != word) return false;
    ++at_;
    return true;
  }

  // Passes over a value, whatever is in it, and sees that it is well-formed.
  bool Skip() {
    const char* const body = body_.data();
    if (body[*at_] == '"') {
      ++at_;
      return true;
    }
    return SkipOther();
  }
  bool SkipOther() {
    const char* const body = body_.data();
    const uint32_t* at = at_;
    uint64_t is_object = 0;  // A bit for each container that is open, the innermost lowest.
    size_t depth = 0;
    for (;;) {
      const char first = body[*at];
      if (first == '"') {
        ++at;
      } else if (first == '{' || first == '[') {
        ++at;
        if (body[*at] == first + 2) {  // '}' and ']' are two behind.
          ++at;
        } else {
          if (++depth > kDepthMost) return false;
          is_object = (is_object << 1) | (first == '{' ? 1 : 0);
          if (first == '{' && !IsName(at)) return false;
          at += first == '{' ? 2 : 0;
          continue;
        }
      } else {
        at_ = at;
        if (!Primitive()) return false;
        at = at_;
      }
      while (depth > 0 && body[*at] != ',') {
        if (body[*at] != ((is_object & 1) != 0 ? '}' : ']')) return false;
        ++at;
        is_object >>= 1;
        --depth;
      }
      if (depth == 0) break;
      ++at;
      if ((is_object & 1) != 0) {
        if (!IsName(at)) return false;
        at += 2;
      }
    }
    at_ = at;
    return true;
  }
  bool IsName(const uint32_t* at) const { return body_.data()[at[0]] == '"' && body_.data()[at[1]] == ':'; }

  // What is neither text nor container.
  bool Primitive() {
    if (IsLast()) return false;
    switch (Here()) {
      case 't':
        return Word("true");
      case 'f':
        return Word("false");
      case 'n':
        return Word("null");
      default:
        return Number();
    }
  }

  bool Items() {
    if (!Take('[')) return false;
    if (Take(']')) return true;
    do {
      if (!Event()) return false;
    } while (Take(','));
    return Take(']');
  }

  bool Event() {
    const size_t begin = at_ < end_ ? *at_ : 0;
    if (!Take('{')) return false;
    Open event{scan_.events_.emplace_back(), scan_.rows_.emplace_back()};
    const size_t first = scan_.properties_.size();
    const char* const body = body_.data();
    const uint32_t* at = at_;
    for (;;) {
      if (!IsName(at)) return false;
      const size_t name = at[0] + 1;
      size_t end = at[1] - 1;
      while (body[end] != '"') --end;  // Blanks before the colon.
      at += 2;
      if (HasEscape(name, end)) event.escaped = true;
      const size_t size = end - name;
      if (size < 64 && ((kSizesOfNames >> size) & 1) != 0) {
        at_ = at;
        if (!Member(event, absl::string_view(body + name, size))) return false;
        at = at_;
      } else if (body[*at] == '"') {
        ++at;
      } else {
        at_ = at;
        if (!SkipOther()) return false;
        at = at_;
      }
      const char after = body[*at];
      if (after == '}') break;
      if (after != ',') return false;
      ++at;
    }
    event.row.json = body_.substr(begin, *at + 1 - begin);
    at_ = at + 1;
    if (event.escaped) {
      scan_.properties_.resize(first);
      if (!Decode(event)) return false;
    }
    event.view.cancelled |= event.status == "cancelled";
    if (event.view.id.empty()) return false;
    scan_.properties_of_.push_back({first, scan_.properties_.size() - first});
    return true;
  }

  bool Member(Open& event, absl::string_view name) {
    const char* const text = name.data();
    switch (name.size()) {
      case 2:
        if (Is(text, 2, "id")) return Field(event, kId, event.view.id);
        break;
      case 4:
        if (Is(text, 4, "etag")) return Field(event, kEtag, event.row.raw_etag);
        break;
      case 6:
        if (Is(text, 6, "status")) return Field(event, kStatus, event.status);
        break;
      case 7:
        if (Is(text, 7, "iCalUID")) return Field(event, kICalUid, event.view.ical_uid);
        if (texts_ == Texts::kRead && Is(text, 7, "summary")) return Field(event, kSummary, event.view.summary);
        break;
      case 11:
        if (texts_ == Texts::kRead && Is(text, 11, "description")) return Field(event, kDescription, event.view.description);
        break;
      case 16:
        if (Is(text, 16, "recurringEventId")) return Field(event, kMaster, event.view.master);
        break;
      case 18:
        if (Is(text, 18, "extendedProperties") && !event.Has(kExtended)) return ExtendedProperties(event);
        break;
      default:
        break;
    }
    return Skip();
  }

  // A value that counts only if it is a text: else it is passed over, and the field stays empty.
  bool Field(Open& event, enum Field field, absl::string_view& text) {
    if (event.Has(field)) return Skip();
    return Text(text, field == kEtag ? event.etag_escaped : event.escaped);
  }

  bool ExtendedProperties(Open& event) {
    if (Here() != '{') return Skip();
    ++at_;
    if (Take('}')) return true;
    do {
      absl::string_view name;
      if (!Name(name, event.escaped)) return false;
      if (name == "private" && !event.Has(kPrivate) ? !PrivateProperties(event) : !Skip()) return false;
    } while (Take(','));
    return Take('}');
  }

  bool PrivateProperties(Open& event) {
    if (Here() != '{') return Skip();
    ++at_;
    const size_t first = scan_.properties_.size();
    if (Take('}')) return true;
    do {
      PropertyView property;
      if (!Name(property.first, event.escaped)) return false;
      const bool held = std::any_of(scan_.properties_.begin() + static_cast<std::ptrdiff_t>(first), scan_.properties_.end(),
                                    [&](const PropertyView& other) { return other.first == property.first; });
      if (Here() != '"' || held || !IsTagKey(property.first)) {
        if (!Skip()) return false;
        continue;
      }
      if (!Text(property.second, event.escaped)) return false;
      scan_.properties_.push_back(property);
    } while (Take(','));
    return Take('}');
  }

  bool Decode(Open& event) {
    absl::StatusOr<EventPtr> decoded = ReadEvent(event.row.json);
    if (!decoded.ok()) return false;
    const calsync::Event& whole = **decoded;
    event.view = ViewOf(whole);
    event.status = absl::string_view();
    if (texts_ == Texts::kLeftOut) event.view.summary = event.view.description = absl::string_view();
    for (const auto& [key, value] : whole.private_properties) {
      if (IsTagKey(key)) scan_.properties_.push_back({key, value});
    }
    scan_.decoded_.push_back(*std::move(decoded));
    return true;
  }

  PageScan& scan_;
  const absl::string_view body_;
  const uint32_t* at_;
  const uint32_t* end_;
  const size_t* escape_;
  const Texts texts_;
};

bool PageScan::Read(absl::string_view body, Texts texts) {
  events_.clear();
  rows_.clear();
  properties_of_.clear();
  properties_.clear();
  decoded_.clear();
  head_ = {};
  if (body.empty() || body.size() >= std::numeric_limits<uint32_t>::max() / 2) return false;
  if (body.size() > capacity_ || parser_.implementation == nullptr) {
    if (parser_.allocate(body.size(), kDepthMost) != simdjson::SUCCESS) return false;
    capacity_ = body.size();
  }
  // No more than the first stage: it reads `body` as it lies there.
  const auto* const bytes = reinterpret_cast<const uint8_t*>(body.data());
  if (parser_.implementation->stage1(bytes, body.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS) return false;
  if (!EscapesAreSound(body) || !Walk(*this, body, texts).Page()) return false;
  for (size_t i = 0; i < events_.size(); ++i) {
    events_[i].tag_properties = absl::MakeConstSpan(properties_).subspan(properties_of_[i].first, properties_of_[i].count);
  }
  return true;
}

bool PageScan::EscapesAreSound(absl::string_view body) {
  escapes_.clear();
  size_t after = 0;  // The escape before: what lies within it begins none.
  const auto take = [&](size_t at) {
    if (at < after) return true;
    const size_t size = SizeOfEscape(body.data() + at, body.data() + body.size());
    escapes_.push_back(at);
    after = at + size;
    return size != 0;
  };
  size_t block = 0;
  for (; block + 64 <= body.size(); block += 64) {
    for (uint64_t bits = Backslashes(body.data() + block); bits != 0; bits &= bits - 1) {
      if (!take(block + static_cast<size_t>(std::countr_zero(bits)))) return false;
    }
  }
  for (; block < body.size(); ++block) {
    if (body[block] == '\\' && !take(block)) return false;
  }
  escapes_.push_back(body.size());
  return true;
}

}  // namespace calsync::adapter
