#include "scenarios/script.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/status_macros.h"

namespace calsync::sim {
namespace {

constexpr absl::string_view kBorder = "----";

// A word of a line; `quoted` ones are texts of people.
struct Word {
  std::string text;
  bool quoted = false;
};

// Words are separated by blanks; a comma or colon that ends a word is a word of its own.
absl::StatusOr<std::vector<Word>> WordsOf(absl::string_view line) {
  std::vector<Word> words;
  while (true) {
    line = absl::StripLeadingAsciiWhitespace(line);
    if (line.empty()) return words;
    if (line[0] == '"') {
      const size_t end = line.find('"', 1);
      if (end == absl::string_view::npos) return absl::InvalidArgumentError("a text begins with \" and does not end");
      words.push_back({std::string(line.substr(1, end - 1)), true});
      line.remove_prefix(end + 1);
      if (absl::ConsumePrefix(&line, ",")) words.push_back({","});
      continue;
    }
    absl::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    const bool ends = word.size() > 1 && (word.back() == ',' || word.back() == ':');
    const std::string last(ends ? word.substr(word.size() - 1) : "");
    if (ends) word.remove_suffix(1);
    words.push_back({std::string(word)});
    if (ends) words.push_back({last});
  }
}

// Reads the words of one line by the table. Keeps the best explanation of why they fit nowhere.
class LineParser {
 public:
  LineParser(const std::vector<Word>& words, std::vector<std::string>& calendars) : words_(words), calendars_(calendars) {}

  absl::StatusOr<Command> Run() {
    size_t best = 0;
    std::vector<std::string> wanted;
    std::vector<std::string> forms;
    const std::vector<CommandRow>& table = CommandTable();
    for (size_t row = 0; row < table.size(); ++row) {
      at_ = 0;
      std::vector<Argument> arguments;
      const absl::Status status = Match(table[row].syntax, arguments);
      if (status.ok()) {
        Command command;
        command.row = row;
        command.arguments = std::move(arguments);
        command.text = Canonical();
        return command;
      }
      if (at_ > best) {
        best = at_;
        wanted.clear();
        forms.clear();
      }
      if (at_ == best && best > 0) {
        const std::string want(status.message());
        if (std::find(wanted.begin(), wanted.end(), want) == wanted.end()) wanted.push_back(want);
        forms.push_back(absl::StrCat("  ", table[row].syntax));
      }
    }
    if (best == 0) {
      return absl::InvalidArgumentError(absl::StrCat("no command begins with `", words_.empty() ? "" : words_[0].text,
                                                     "`; `calsync simulate --scenario help` lists them"));
    }
    return absl::InvalidArgumentError(absl::StrCat(
        best < words_.size() ? absl::StrCat("at `", words_[best].text, "`: ") : "at the end: ", absl::StrJoin(wanted, ", or "),
        "\nIt could be:\n", absl::StrJoin(forms, "\n")));
  }

 private:
  bool Ended() const { return at_ == words_.size(); }
  bool Is(absl::string_view literal) const { return !Ended() && !words_[at_].quoted && words_[at_].text == literal; }
  bool Take(absl::string_view literal) {
    if (!Is(literal)) return false;
    ++at_;
    return true;
  }

  absl::Status Match(absl::string_view syntax, std::vector<Argument>& arguments) {
    for (absl::string_view piece : absl::StrSplit(syntax, ' ')) {
      if (piece[0] == '<') {
        RETURN_IF_ERROR(Read(piece.substr(1, piece.size() - 2), arguments));
      } else if (!Take(piece)) {
        return absl::InvalidArgumentError(absl::StrCat("expected `", piece, "`"));
      }
    }
    if (!Ended()) return absl::InvalidArgumentError("expected nothing more");
    return absl::OkStatus();
  }

  absl::Status Read(absl::string_view kind, std::vector<Argument>& arguments) {
    if (kind == "changes") return ReadChanges(arguments);
    if (kind == "shown") return ReadShown(arguments);
    if (kind == "rules") return ReadRules(arguments);
    if (kind == "new-calendars") return ReadNewCalendars(arguments);
    if (Ended()) return absl::InvalidArgumentError(absl::StrCat("expected ", kind == "event" ? "an " : "a ", kind));
    if (kind == "calendar") {
      ASSIGN_OR_RETURN(const CalendarWord calendar, ReadCalendar());
      arguments.emplace_back(calendar);
    } else if (kind == "calendars") {
      std::vector<CalendarWord> calendars;
      while (!Ended()) {
        ASSIGN_OR_RETURN(const CalendarWord calendar, ReadCalendar());
        calendars.push_back(calendar);
      }
      arguments.emplace_back(std::move(calendars));
    } else if (kind == "text") {
      if (!words_[at_].quoted) return absl::InvalidArgumentError("expected a text in \"quotation marks\"");
      arguments.emplace_back(words_[at_++].text);
    } else if (kind == "word") {
      if (words_[at_].quoted) return absl::InvalidArgumentError("expected a plain word");
      arguments.emplace_back(words_[at_++].text);
    } else if (kind == "number") {
      int64_t number = 0;
      if (words_[at_].quoted || !absl::SimpleAtoi(words_[at_].text, &number))
        return absl::InvalidArgumentError("expected a number");
      ++at_;
      arguments.emplace_back(number);
    } else if (kind == "time") {
      ASSIGN_OR_RETURN(const TimeWord time, ReadTime());
      arguments.emplace_back(time);
    } else if (kind == "duration") {
      ASSIGN_OR_RETURN(const absl::Duration duration, ReadDuration());
      arguments.emplace_back(duration);
    } else if (kind == "event") {
      ASSIGN_OR_RETURN(EventWord event, ReadEvent());
      arguments.emplace_back(std::move(event));
    } else if (kind == "call") {
      ASSIGN_OR_RETURN(const OrderedFault::Call call, ReadCall());
      arguments.emplace_back(call);
    } else {
      return absl::InternalError(absl::StrCat("the table of commands has an unknown <", kind, ">"));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<CalendarWord> ReadCalendar() {
    for (size_t i = 0; i < calendars_.size(); ++i) {
      if (Take(calendars_[i])) return CalendarWord{static_cast<int>(i)};
    }
    return absl::InvalidArgumentError(calendars_.empty()
                                          ? "expected a calendar, but none is named yet: begin with `calendars work home`"
                                          : absl::StrCat("expected a calendar (", absl::StrJoin(calendars_, ", "), ")"));
  }

  absl::Status ReadNewCalendars(std::vector<Argument>& arguments) {
    std::vector<CalendarWord> calendars;
    for (; !Ended(); ++at_) {
      const std::string& name = words_[at_].text;
      const bool plain =
          std::all_of(name.begin(), name.end(), [](char c) { return absl::ascii_islower(static_cast<unsigned char>(c)); });
      if (words_[at_].quoted || !plain || name == "all") return absl::InvalidArgumentError("expected a name in small letters");
      if (std::find(calendars_.begin(), calendars_.end(), name) != calendars_.end()) {
        return absl::InvalidArgumentError(absl::StrCat("there is a calendar ", name, " already"));
      }
      calendars.push_back({static_cast<int>(calendars_.size())});
      calendars_.push_back(name);
    }
    if (calendars.empty()) return absl::InvalidArgumentError("expected names of calendars");
    arguments.emplace_back(std::move(calendars));
    return absl::OkStatus();
  }

  absl::StatusOr<TimeWord> ReadTime() {
    TimeWord result;
    std::string error;
    const std::string& text = Ended() ? std::string() : words_[at_].text;
    if (!Ended() && !words_[at_].quoted) {
      if (absl::ParseTime("%Y-%m-%dT%H:%M%Ez", text, &result.time, &error) ||
          absl::ParseTime("%Y-%m-%dT%H:%M:%S%Ez", text, &result.time, &error)) {
        ++at_;
        return result;
      }
      if (absl::ParseTime("%Y-%m-%d", text, &result.time, &error)) {
        result.is_date = true;
        ++at_;
        return result;
      }
    }
    return absl::InvalidArgumentError("expected a time like 2026-05-04T10:00+02:00 or a date like 2026-05-04");
  }

  absl::StatusOr<absl::Duration> ReadDuration() {
    if (!Ended() && !words_[at_].quoted) {
      // Abseil's hours, minutes and seconds; days and weeks are ours.
      absl::string_view text = words_[at_].text;
      const bool negative = absl::ConsumePrefix(&text, "-");
      absl::Duration sum;
      for (const auto& [letter, unit] : {std::pair('w', absl::Hours(24 * 7)), std::pair('d', absl::Hours(24))}) {
        const size_t end = text.find(letter);
        int count = 0;
        if (end != absl::string_view::npos && absl::SimpleAtoi(text.substr(0, end), &count)) {
          sum += count * unit;
          text.remove_prefix(end + 1);
        }
      }
      absl::Duration rest;
      if (text.empty() ? sum != absl::ZeroDuration() : absl::ParseDuration(text, &rest)) {
        ++at_;
        return negative ? -(sum + rest) : sum + rest;
      }
    }
    return absl::InvalidArgumentError("expected a duration like 30m, 2h or 1d");
  }

  absl::StatusOr<EventWord> ReadEvent() {
    EventWord event;
    event.block = Is("block");
    if (event.block) {
      ++at_;
      if (!Take("of")) return absl::InvalidArgumentError("expected `of`");
    }
    if (Ended() || !words_[at_].quoted) {
      return absl::InvalidArgumentError(
          "expected an event: its title in \"quotation marks\", or `block of` and its source's title");
    }
    event.title = words_[at_++].text;
    if (event.block && Take("from")) {
      ASSIGN_OR_RETURN(const CalendarWord from, ReadCalendar());
      event.from = from.number;
    }
    return event;
  }

  absl::StatusOr<OrderedFault::Call> ReadCall() {
    using Call = OrderedFault::Call;
    const std::pair<absl::string_view, Call> kCalls[] = {
        {"call", Call::kAny},    {"list", Call::kList},     {"get", Call::kGet},    {"insert", Call::kInsert},
        {"patch", Call::kPatch}, {"delete", Call::kDelete}, {"watch", Call::kWatch}};
    for (const auto& [name, call] : kCalls) {
      if (Take(name)) return call;
    }
    return absl::InvalidArgumentError("expected list, get, insert, patch, delete, watch or call");
  }

  absl::Status ReadChanges(std::vector<Argument>& arguments) {
    std::vector<ChangeWord> changes;
    while (!Ended()) {
      ChangeWord change;
      change.what = words_[at_].quoted ? "" : words_[at_].text;
      const std::string& what = change.what;
      const auto one_of = [&](std::initializer_list<absl::string_view> names) {
        return std::find(names.begin(), names.end(), what) != names.end();
      };
      if (one_of({"free", "busy", "tentative", "confirmed", "private", "public", "confidential", "declined", "accepted", "maybe",
                  "unanswered"})) {
        ++at_;
      } else if (one_of({"title", "note", "location", "guest"})) {
        ++at_;
        if (Ended() || !words_[at_].quoted) return absl::InvalidArgumentError("expected a text in \"quotation marks\"");
        change.text = words_[at_++].text;
      } else if (one_of({"type"})) {
        ++at_;
        if (Ended() || words_[at_].quoted) return absl::InvalidArgumentError("expected a type like outOfOffice");
        change.text = words_[at_++].text;
      } else if (one_of({"color", "reminder"})) {
        ++at_;
        if (Ended() || !absl::SimpleAtoi(words_[at_].text, &change.number))
          return absl::InvalidArgumentError("expected a number");
        ++at_;
      } else if (one_of({"lasting"})) {
        ++at_;
        ASSIGN_OR_RETURN(change.duration, ReadDuration());
      } else if (one_of({"with"})) {
        ++at_;
        ASSIGN_OR_RETURN(const CalendarWord calendar, ReadCalendar());
        change.calendar = calendar.number;
      } else {
        return absl::InvalidArgumentError(
            "expected a change: title, note, location, guest and a \"text\", color and reminder and a number, lasting and a "
            "duration, "
            "with and a calendar, type and a word, free, busy, tentative, confirmed, private, public, confidential, declined, "
            "accepted, "
            "maybe, unanswered");
      }
      changes.push_back(std::move(change));
    }
    arguments.emplace_back(std::move(changes));
    return absl::OkStatus();
  }

  absl::Status ReadRules(std::vector<Argument>& arguments) {
    std::vector<RuleWord> rules;
    do {
      RuleWord rule;
      const auto take_two = [&](absl::string_view first, absl::string_view second) {
        if (!Is(first) || at_ + 1 >= words_.size() || words_[at_ + 1].text != second) return false;
        at_ += 2;
        rule.what = absl::StrCat(first, " ", second);
        return true;
      };
      const auto take = [&](absl::string_view word) {
        if (!Take(word)) return false;
        rule.what = std::string(word);
        return true;
      };
      if (take("nothing") || take("everything") || take_two("without", "tentative") || take_two("without", "unanswered") ||
          take_two("without", "all-day") || take_two("all", "hours") || take_two("keep", "edited") ||
          take_two("restore", "edited") || take_two("recreate", "deleted") || take_two("respect", "deleted") ||
          take_two("unless", "busy")) {
        // Says it all.
      } else if (take("title") || take("description") || take_two("without", "keyword")) {
        if (Ended() || !words_[at_].quoted) return absl::InvalidArgumentError("expected a text in \"quotation marks\"");
        rule.text = words_[at_++].text;
      } else if (take_two("without", "colour")) {
        if (Ended() || !absl::SimpleAtoi(words_[at_].text, &rule.number)) return absl::InvalidArgumentError("expected a number");
        ++at_;
      } else if (take("hours") || take("visibility")) {
        if (Ended() || words_[at_].quoted) return absl::InvalidArgumentError("expected a word like 09:00-17:00 or public");
        rule.text = words_[at_++].text;
      } else if (take("horizon") || take("back")) {
        ASSIGN_OR_RETURN(rule.duration, ReadDuration());
      } else {
        return absl::InvalidArgumentError(
            "expected a rule: nothing, everything, title and description and without keyword and a \"text\", without colour and "
            "a "
            "number, without tentative, without unanswered, without all-day, hours and 09:00-17:00 (days too: "
            "09:00-17:00/mon-fri), "
            "all hours, visibility and default, public or private, horizon and back and a duration, keep edited, restore edited, "
            "recreate deleted, respect deleted, unless busy");
      }
      rules.push_back(std::move(rule));
    } while (Take(",") || !Ended());
    arguments.emplace_back(std::move(rules));
    return absl::OkStatus();
  }

  absl::Status ReadShown(std::vector<Argument>& arguments) {
    std::vector<ShownWord> shown;
    do {
      ShownWord word;
      if (Ended() || !words_[at_].quoted) return absl::InvalidArgumentError("expected a title in \"quotation marks\"");
      word.title = words_[at_++].text;
      ASSIGN_OR_RETURN(word.start, ReadTime());
      ASSIGN_OR_RETURN(word.length, ReadDuration());
      shown.push_back(std::move(word));
    } while (Take(","));
    arguments.emplace_back(std::move(shown));
    return absl::OkStatus();
  }

  std::string Canonical() const {
    std::string text;
    for (const Word& word : words_) {
      const bool mark = !word.quoted && (word.text == "," || word.text == ":");
      absl::StrAppend(&text, text.empty() || mark ? "" : " ", word.quoted ? absl::StrCat("\"", word.text, "\"") : word.text);
    }
    return text;
  }

  const std::vector<Word>& words_;
  std::vector<std::string>& calendars_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<Script> ParseScript(absl::string_view text, absl::string_view name) {
  // What is no text at all would be quoted at a terminal, line by line.
  if (absl::StrContains(text, '\0'))
    return absl::InvalidArgumentError(absl::StrCat(name, " is no scenario: it is not a text file"));
  Script script;
  bool in_trace = false;
  bool acted = false;
  int number = 0;
  std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  for (absl::string_view line : lines) {
    ++number;
    if (in_trace) {
      script.trace.emplace_back(line);
      continue;
    }
    line = absl::StripAsciiWhitespace(line);
    if (line == kBorder) {
      in_trace = true;
    } else if (absl::StartsWith(line, "#") && script.commands.empty()) {
      script.comments.emplace_back(line);
    } else if (absl::StartsWith(line, "#") || line.empty()) {
      // Kept in place: a comment or gap between commands belongs to the story.
      script.commands.push_back({.line = number, .text = std::string(line), .row = CommandTable().size()});
    } else {
      const auto fail = [&](absl::string_view why) {
        return absl::InvalidArgumentError(absl::StrCat(name, ":", number, ": ", why, "\nThe line is: ", line));
      };
      const absl::StatusOr<std::vector<Word>> words = WordsOf(line);
      if (!words.ok()) return fail(words.status().message());
      absl::StatusOr<Command> command = LineParser(*words, script.calendars).Run();
      if (!command.ok()) return fail(command.status().message());
      const CommandRow::When when = CommandTable()[command->row].when;
      if (when == CommandRow::When::kScene && acted) {
        return fail("this sets the scene, so it must come before the first command that acts");
      }
      acted = acted || when == CommandRow::When::kActing;
      command->line = number;
      script.commands.push_back(*std::move(command));
    }
  }
  if (script.calendars.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, " names no calendars: begin with `calendars work home`"));
  }
  if (script.comments.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, " does not say what it shows: begin with a line `# …`"));
  }
  return script;
}

std::string PrintScript(const Script& script, const std::vector<std::string>& trace) {
  std::string text;
  for (const std::string& comment : script.comments) absl::StrAppend(&text, comment, "\n");
  for (const Command& command : script.commands) absl::StrAppend(&text, command.text, "\n");
  absl::StrAppend(&text, kBorder, "\n");
  for (const std::string& line : trace) absl::StrAppend(&text, line, "\n");
  return text;
}

std::string ScriptHelp() {
  std::string text =
      "A scenario: a first line `# what it shows`, commands, `----`, the trace.\n"
      "Times: 2026-05-04T10:00+02:00, or a date for all day. Durations: 30m, 2h, 1d. An event: its \"title\", or block of "
      "\"title\".\n"
      "Calls: list, get, insert, patch, delete, watch, or call for any.\n\n";
  const std::pair<CommandRow::When, absl::string_view> kParts[] = {{CommandRow::When::kScene, "Setting the scene:\n"},
                                                                   {CommandRow::When::kEither, "\nBefore or while people act:\n"},
                                                                   {CommandRow::When::kActing, "\nActing:\n"}};
  for (const auto& [when, title] : kParts) {
    absl::StrAppend(&text, title);
    for (const CommandRow& row : CommandTable()) {
      if (row.when == when) absl::StrAppend(&text, "  ", row.syntax, "\n      ", row.meaning, "\n");
    }
  }
  return text;
}

std::string FirstDifference(const std::vector<std::string>& want, const std::vector<std::string>& got) {
  for (size_t i = 0; i < std::max(want.size(), got.size()); ++i) {
    if (i < want.size() && i < got.size() && want[i] == got[i]) continue;
    std::string text = absl::StrCat("line ", i + 1, " of the trace differs\n");
    for (size_t before = i < 3 ? 0 : i - 3; before < i; ++before) absl::StrAppend(&text, "    ", want[before], "\n");
    for (size_t j = i; j < std::min(i + 3, want.size()); ++j) absl::StrAppend(&text, "  - ", want[j], "\n");
    if (i >= want.size()) absl::StrAppend(&text, "  - (nothing more)\n");
    for (size_t j = i; j < std::min(i + 3, got.size()); ++j) absl::StrAppend(&text, "  + ", got[j], "\n");
    if (i >= got.size()) absl::StrAppend(&text, "  + (nothing more)\n");
    return text;
  }
  return "";
}

}  // namespace calsync::sim
