#include "scenarios/signature.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace calsync::sim {
namespace {

bool HasDigit(absl::string_view word) {
  return std::any_of(word.begin(), word.end(), [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

// Without what may stand around a name: "work," "'work'" "work@example.org".
absl::string_view Bare(absl::string_view word) {
  const auto is_mark = [](char c) { return absl::StrContains(",;:.'\"()", c); };
  while (!word.empty() && is_mark(word.front())) word.remove_prefix(1);
  while (!word.empty() && is_mark(word.back())) word.remove_suffix(1);
  return word.substr(0, word.find('@'));
}

// Of the times that messages have.
bool IsMonth(absl::string_view word) {
  static constexpr absl::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return std::find(std::begin(kMonths), std::end(kMonths), word) != std::end(kMonths);
}

}  // namespace

std::string SignatureOf(const Violation& violation, const std::vector<std::string>& places) {
  std::string signature(ShortName(violation.law));
  bool varies = false;  // The word before was a name or a number: several in a row count once.
  // Whatever people wrote stands in quotes and has digits or none; ids of events need have no digit.
  bool quoted = false;
  for (const absl::string_view word : absl::StrSplit(violation.message, ' ', absl::SkipEmpty())) {
    const auto quotes = std::count_if(word.begin(), word.end(), [](char c) { return c == '\'' || c == '"'; });
    const bool within = quoted || quotes > 0;
    if (quotes % 2 == 1) quoted = !quoted;
    const absl::string_view bare = Bare(word);
    const bool is_place = std::find(places.begin(), places.end(), bare) != places.end();
    const bool now = within || HasDigit(word) || is_place || IsMonth(bare) || absl::StrContains(word, '@');
    if (now && !varies) absl::StrAppend(&signature, " #");
    if (!now) absl::StrAppend(&signature, " ", word);
    varies = now;
  }
  return signature;
}

}  // namespace calsync::sim
