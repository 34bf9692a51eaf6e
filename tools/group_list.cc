#include "tools/group_list.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace calsync::tools {
namespace {

constexpr std::array<absl::string_view, 5> kColumns = {"group", "account", "calendar", "name", "direction"};

// The fields of a row (RFC 4180, without line ends within quotes); nothing if a quote is not closed.
std::optional<std::vector<std::string>> FieldsOf(absl::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char letter = line[i];
    if (quoted && letter == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (letter == '"') {
      quoted = !quoted;
    } else if (letter == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += letter;
    }
  }
  if (quoted) return std::nullopt;
  for (std::string& field : fields) absl::StripAsciiWhitespace(&field);
  return fields;
}

}  // namespace

std::string Add(GroupList& list, size_t row, absl::string_view group, absl::string_view account, absl::string_view calendar,
                absl::string_view name, absl::string_view direction) {
  if (!adapter::IsGroupName(group)) return absl::StrCat("the group \"", group, "\": a name has ", adapter::kGroupNameRule);
  if (account.find('@') == absl::string_view::npos) return absl::StrCat("the account \"", account, "\" is no address");
  const std::string id(calendar.empty() || calendar == "primary" ? account : calendar);
  adapter::CalendarSettings added{.key = CalendarKey(),
                                  .account = AccountId(account),
                                  .google_id = CalendarId(id),
                                  .name = std::string(name.empty() ? id : name)};
  if (direction == "source") {
    added.flow = adapter::Flow::kSource;
  } else if (direction == "target") {
    added.flow = adapter::Flow::kTarget;
  } else if (!direction.empty() && direction != "both") {
    return absl::StrCat("the direction \"", direction, "\" is none of both, source and target");
  }
  const GroupId wanted(group);
  if (list.groups.empty() || list.groups.back().id != wanted) {
    for (const ListedGroup& other : list.groups) {
      if (other.id == wanted)
        return absl::StrCat("the group \"", group, "\" began in row ", other.row, ": its rows belong together");
    }
    list.groups.push_back({.id = wanted, .row = row, .calendars = {}});
  }
  for (const adapter::CalendarSettings& other : list.groups.back().calendars) {
    if (other.google_id == added.google_id)
      return absl::StrCat("the calendar \"", id, "\" is in the group \"", group, "\" already");
    if (other.name == added.name) return absl::StrCat("the name \"", added.name, "\" is in the group \"", group, "\" already");
  }
  list.groups.back().calendars.push_back(std::move(added));
  return "";
}

GroupList ReadGroupList(const std::string& file, absl::string_view text) {
  GroupList list;
  std::map<absl::string_view, size_t> places;  // Of the columns.
  size_t row = 0;
  const auto complain = [&](absl::string_view what) { list.problems.push_back(absl::StrCat(file, ":", row, ": ", what)); };
  absl::ConsumePrefix(&text, "\xef\xbb\xbf");  // As spreadsheets write it.
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++row;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const std::optional<std::vector<std::string>> fields = FieldsOf(line);
    if (!fields) {
      complain("a quote is not closed in this row");
      continue;
    }
    if (places.empty()) {
      for (size_t i = 0; i < fields->size(); ++i) {
        const auto column = std::find(kColumns.begin(), kColumns.end(), (*fields)[i]);
        if (column == kColumns.end()) {
          complain(absl::StrCat("there is no column \"", (*fields)[i],
                                "\"; the first row names some of: group, account, calendar, "
                                "name, direction"));
          return list;
        }
        places[*column] = i;
      }
      if (!places.contains("group") || !places.contains("account")) {
        complain("the first row must name the columns \"group\" and \"account\"");
        return list;
      }
      continue;
    }
    if (fields->size() > places.size()) {
      complain(absl::StrCat("this row has ", fields->size(), " fields, and there are ", places.size(), " columns"));
      continue;
    }
    const auto field = [&](absl::string_view column) -> absl::string_view {
      const auto place = places.find(column);
      return place == places.end() || place->second >= fields->size() ? absl::string_view() : (*fields)[place->second];
    };
    const std::string problem =
        Add(list, row, field("group"), field("account"), field("calendar"), field("name"), field("direction"));
    if (!problem.empty()) complain(problem);
  }
  if (list.groups.empty() && list.problems.empty()) list.problems.push_back(absl::StrCat(file, ": there is no group in it"));
  return list;
}

}  // namespace calsync::tools
