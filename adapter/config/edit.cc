#include "adapter/config/edit.h"

#include <toml++/toml.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

absl::StatusOr<toml::table> Parse(absl::string_view text) {
  try {
    return toml::parse(std::string_view(text.data(), text.size()));
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", error.source().begin.line, " of the settings is not TOML: ", std::string(error.description())));
  }
}

// The tables [[name]] in a table.
std::vector<const toml::table*> TablesIn(const toml::table& parent, std::string_view name) {
  std::vector<const toml::table*> tables;
  const toml::array* const list = parent[name].as_array();
  for (size_t i = 0; list != nullptr && i < list->size(); ++i) {
    if (const toml::table* table = list->get(i)->as_table()) tables.push_back(table);
  }
  return tables;
}

absl::StatusOr<const toml::table*> FindGroup(const toml::table& file, const GroupId& group) {
  for (const toml::table* table : TablesIn(file, "group")) {
    if ((*table)["name"].value_or(std::string()) == group.text()) return table;
  }
  return absl::NotFoundError(absl::StrCat("there is no group \"", group.text(), "\" in the settings"));
}

// Where in a line the column is: toml++ counts code points.
size_t ByteAt(absl::string_view line, uint32_t column) {
  size_t at = 0;
  for (uint32_t passed = 1; passed < column && at < line.size(); ++passed) {
    do {
      ++at;
    } while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xc0) == 0x80);
  }
  return at;
}

// Replaces the key's value where it stands, or writes it below the table's header.
absl::StatusOr<std::string> SetIn(absl::string_view text, const toml::table& table, absl::string_view key,
                                  absl::string_view value) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  const toml::node* const node = table.get(std::string_view(key.data(), key.size()));
  const toml::source_region& at = node == nullptr ? table.source() : node->source();
  if (at.begin.line == 0 || at.begin.line > lines.size() || (node != nullptr && at.begin.line != at.end.line)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", key, "\" is written in a way that cannot be changed from here; change it by hand"));
  }
  std::string& line = lines[at.begin.line - 1];
  if (node == nullptr) {
    if (!absl::StartsWith(line, "[")) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", key, "\" belongs into a table without a header of its own; add it by hand"));
    }
    lines.insert(lines.begin() + at.begin.line, absl::StrCat(key, " = ", value));
  } else {
    const size_t begin = ByteAt(line, at.begin.column);
    const size_t end = ByteAt(line, at.end.column);
    line = absl::StrCat(line.substr(0, begin), value, line.substr(end));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace

std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      quoted += '\\';
      quoted += letter;
    } else if (code < 0x20 || code == 0x7f) {
      absl::StrAppendFormat(&quoted, "\\u%04x", code);
    } else {
      quoted += letter;
    }
  }
  return quoted + "\"";
}

absl::StatusOr<std::string> SetInGroup(absl::string_view text, const GroupId& group, absl::string_view key,
                                       absl::string_view value) {
  ASSIGN_OR_RETURN(const toml::table file, Parse(text));
  ASSIGN_OR_RETURN(const toml::table* const table, FindGroup(file, group));
  return SetIn(text, *table, key, value);
}

absl::StatusOr<std::string> SetInCalendar(absl::string_view text, const GroupId& group, CalendarKey calendar,
                                          absl::string_view key, absl::string_view value) {
  ASSIGN_OR_RETURN(const toml::table file, Parse(text));
  ASSIGN_OR_RETURN(const toml::table* const parent, FindGroup(file, group));
  for (const toml::table* table : TablesIn(*parent, "calendar")) {
    if ((*table)["key"].value_or(std::string()) == FormatKey(calendar)) return SetIn(text, *table, key, value);
  }
  return absl::NotFoundError(absl::StrCat("the group \"", group.text(), "\" has no calendar with the key ", FormatKey(calendar)));
}

absl::StatusOr<std::string> AddCalendar(absl::string_view text, const GroupId& group, const CalendarSettings& calendar) {
  ASSIGN_OR_RETURN(const toml::table file, Parse(text));
  ASSIGN_OR_RETURN(const toml::table* const parent, FindGroup(file, group));
  std::string block = absl::StrCat(
      "[[group.calendar]]\nkey = ", Quoted(FormatKey(calendar.key)),
      "  # For ever: it is what the blocks of this calendar are known by.\naccount = ", Quoted(calendar.account.text()),
      "\nid = ", Quoted(calendar.google_id.text()), "\nname = ", Quoted(calendar.name), "\n");
  if (calendar.flow != Flow::kBoth) {
    absl::StrAppend(&block, "direction = ", calendar.flow == Flow::kSource ? "\"source\"" : "\"target\"", "\n");
  }
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  size_t at = lines.size();
  for (const toml::table* other : TablesIn(file, "group")) {
    const size_t line = other->source().begin.line;
    if (line > parent->source().begin.line && line - 1 < at) at = line - 1;
  }
  while (at > 0 && lines[at - 1].empty()) --at;
  lines.insert(lines.begin() + static_cast<ptrdiff_t>(at), absl::StrCat("\n", block));
  return absl::StrJoin(lines, "\n");
}

absl::StatusOr<std::string> RemoveGroup(absl::string_view text, const GroupId& group) {
  ASSIGN_OR_RETURN(const toml::table file, Parse(text));
  ASSIGN_OR_RETURN(const toml::table* const table, FindGroup(file, group));
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  const size_t begin = table->source().begin.line - 1;
  if (!absl::StartsWith(lines[begin], "[[")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the group \"", group.text(), "\" is written in a way that cannot be changed from here; take it out by hand"));
  }
  size_t end = lines.size();
  const auto heed = [&](const toml::node& other) {
    const size_t line = other.source().begin.line - 1;
    if (line > begin && line < end) end = line;
  };
  for (const auto& [key, node] : file) {
    if (node.is_table()) heed(node);
    for (const toml::table* other : TablesIn(file, key.str())) heed(*other);
  }
  while (end < lines.size() && end > begin + 1 && (absl::StartsWith(lines[end - 1], "#") || lines[end - 1].empty())) --end;
  lines.erase(lines.begin() + static_cast<ptrdiff_t>(begin), lines.begin() + static_cast<ptrdiff_t>(end));
  return absl::StrJoin(lines, "\n");
}

std::string AddGroup(absl::string_view text, const GroupId& group) {
  return absl::StrCat(text, absl::EndsWith(text, "\n") ? "" : "\n", "\n[[group]]\nname = ", Quoted(group.text()), "\n");
}

}  // namespace calsync::adapter
