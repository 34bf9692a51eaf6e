#include "adapter/config/table_reader.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace calsync::adapter {
namespace {

// Longer than anybody lives, and short enough to be added to any time.
constexpr int kDaysMost = 36'500;

std::string_view Std(absl::string_view text) { return {text.data(), text.size()}; }

// "14d" as well, which absl::ParseDuration does not know.
bool ParseLasting(absl::string_view text, absl::Duration& value) {
  absl::string_view days = text;
  double count = 0;
  if (absl::ConsumeSuffix(&days, "d") && absl::SimpleAtod(days, &count) && std::isfinite(count)) {
    value = count * absl::Hours(24);
    return true;
  }
  return absl::ParseDuration(text, &value);
}

// How many letters differ, roughly: enough to find the key that was meant.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

const toml::node* TableReader::Take(absl::string_view key) {
  known_.insert(std::string(key));
  return table_.get(Std(key));
}

bool TableReader::Has(absl::string_view key) const { return table_.contains(Std(key)); }

std::string TableReader::At(const toml::source_region& source) const {
  return absl::StrCat(file_, ":", source.begin.line, ": ", where_.empty() ? "" : absl::StrCat(where_, ": "));
}

void TableReader::Complain(absl::string_view key, absl::string_view what) {
  const toml::node* const node = table_.get(Std(key));
  Fail(absl::InvalidArgumentError(absl::StrCat(At(node == nullptr ? table_.source() : node->source()), key, " ", what)));
}

void TableReader::Text(absl::string_view key, std::string& value) {
  const toml::node* const node = Take(key);
  if (node == nullptr) return;
  if (const auto* text = node->as_string()) {
    value = text->get();
  } else {
    Complain(key, "takes a text in quotes");
  }
}

void TableReader::Flag(absl::string_view key, bool& value) {
  const toml::node* const node = Take(key);
  if (node == nullptr) return;
  if (const auto* flag = node->as_boolean()) {
    value = flag->get();
  } else {
    Complain(key, "takes true or false");
  }
}

void TableReader::Number(absl::string_view key, int64_t least, int64_t most, int64_t& value) {
  const toml::node* const node = Take(key);
  if (node == nullptr) return;
  const auto* number = node->as_integer();
  if (number != nullptr && number->get() >= least && number->get() <= most) {
    value = number->get();
  } else {
    Complain(key, absl::StrCat("takes a number from ", least, " to ", most));
  }
}

void TableReader::Lasting(absl::string_view key, absl::Duration least, absl::Duration& value) {
  std::string text;
  Text(key, text);
  if (!Has(key)) return;
  absl::Duration read;
  const bool is_one = ParseLasting(text, read);
  if (!is_one || read < least || read > kDaysMost * absl::Hours(24)) {
    const std::string bound = is_one && read > least         ? absl::StrCat(" of at most ", kDaysMost, "d")
                              : least > absl::ZeroDuration() ? absl::StrCat(" of at least ", absl::FormatDuration(least))
                                                             : "";
    return Complain(key, absl::StrCat("takes a duration", bound, ", as \"90s\", \"5m\", \"24h\" or \"14d\""));
  }
  value = read;
}

void TableReader::Texts(absl::string_view key, std::vector<std::string>& value) {
  const toml::node* const node = Take(key);
  if (node == nullptr) return;
  const toml::array* const list = node->as_array();
  std::vector<std::string> read;
  for (size_t i = 0; list != nullptr && i < list->size(); ++i) {
    if (const auto* text = list->get(i)->as_string()) read.push_back(text->get());
  }
  if (list == nullptr || read.size() != list->size()) return Complain(key, "takes a list of texts, as [\"one\", \"two\"]");
  value = std::move(read);
}

void TableReader::Numbers(absl::string_view key, int64_t least, int64_t most, std::vector<int64_t>& value) {
  const toml::node* const node = Take(key);
  if (node == nullptr) return;
  const toml::array* const list = node->as_array();
  std::vector<int64_t> read;
  for (size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const auto* number = list->get(i)->as_integer();
    if (number != nullptr && number->get() >= least && number->get() <= most) read.push_back(number->get());
  }
  if (list == nullptr || read.size() != list->size()) {
    return Complain(key, absl::StrCat("takes a list of numbers from ", least, " to ", most));
  }
  value = std::move(read);
}

std::optional<size_t> TableReader::Word(absl::string_view key, const std::vector<std::string>& words) {
  std::string text;
  Text(key, text);
  if (!Has(key)) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) return static_cast<size_t>(found - words.begin());
  Complain(key, absl::StrCat("is one of \"", absl::StrJoin(words, "\", \""), "\", not \"", text, "\""));
  return std::nullopt;
}

absl::StatusOr<toml::table> ParseToml(const std::string& file, absl::string_view text) {
  try {
    return toml::parse(std::string_view(text.data(), text.size()), file);
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ":", error.source().begin.line, ": this is not TOML: ", std::string(error.description())));
  }
}

const toml::table* TableReader::Table(absl::string_view key) {
  const toml::node* const node = Take(key);
  if (node == nullptr) return nullptr;
  if (node->as_table() == nullptr) Complain(key, "is a table of its own");
  return node->as_table();
}

std::vector<const toml::table*> TableReader::Tables(absl::string_view key) {
  std::vector<const toml::table*> tables;
  const toml::node* const node = Take(key);
  if (node == nullptr) return tables;
  const toml::array* const list = node->as_array();
  for (size_t i = 0; list != nullptr && i < list->size(); ++i) {
    if (const toml::table* table = list->get(i)->as_table()) tables.push_back(table);
  }
  if (list == nullptr || tables.size() != list->size()) Complain(key, "is written with two brackets, once for each");
  return tables;
}

absl::Status TableReader::Finish() {
  for (const auto& [key, node] : table_) {
    const std::string name(key.str());
    if (known_.contains(name)) continue;
    std::string meant;
    for (const std::string& known : known_) {
      if (Distance(known, name) <= 2) meant = absl::StrCat("; \"", known, "\" is one");
    }
    Fail(absl::InvalidArgumentError(absl::StrCat(At(key.source()), "there is no key \"", name, "\" here", meant)));
  }
  return status_;
}

}  // namespace calsync::adapter
