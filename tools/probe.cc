#include "tools/probe.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "engine/base/status_macros.h"
#include "tools/files.h"
#include "tools/installation.h"
#include "tools/probe_questions.h"
#include "tools/probe_session.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kAboutProbe[] =
    "Finds out how Google behaves where its documentation does not say: puts the open questions of the contract (K-n) to it, on "
    "a\n"
    "scratch calendar.\n"
    "\n"
    "Examples:\n"
    "  calsync calendars                                                     # which there are\n"
    "  calsync probe --calendar 7k2@group.calendar.google.com -o answers.json\n"
    "  calsync fake serve --answers answers.json                             # a fake that behaves like it\n"
    "\n"
    "Make a calendar for it by hand, in Google's own user interface; one that is linked is refused. It makes some thirty events\n"
    "there, invites nobody, and removes all of them at the end, also after Ctrl-C. What a probe that was killed has left, the "
    "next\n"
    "one removes. Questions that cannot be tried are listed with the reason.\n"
    "\n"
    "Exit code: 0 every question that was tried has an answer, 1 some have none or something was left on the calendar,\n"
    "2 settings or command line are wrong, 3 Google or the machine does not let it, 130 after Ctrl-C.";

struct Told {
  const ProbeQuestion* question;
  std::optional<ProbeAnswer> answer;
  std::string why;  // There is none.
  bool tried = false;
};

absl::StatusOr<AccountId> AccountFor(const Installation& installation, const std::string& named) {
  if (!named.empty()) return AccountId(named);
  ASSIGN_OR_RETURN(const std::vector<std::string> names, installation.vault().Names());
  if (names.size() == 1) return AccountId(names.front());
  if (names.empty()) return absl::FailedPreconditionError("no account is logged in yet.\n  To connect one:  calsync login");
  return absl::InvalidArgumentError(
      absl::StrCat("several accounts are logged in (", absl::StrJoin(names, ", "), "). --account says whose calendar it is"));
}

// What a person is to know and allow before anything is written.
bool Confirmed(const ProbeOptions& options, size_t leftovers) {
  if (options.yes) return true;
  if (isatty(STDIN_FILENO) != 1) {
    Complain("probe writes events to the calendar and removes them again. --yes says that this is meant.");
    return false;
  }
  std::fprintf(stderr, "Make some thirty events on %s%s%s and remove them again%s? [y/N] ", options.calendar.c_str(),
               options.second.empty() ? "" : " and ", options.second.c_str(),
               leftovers == 0 ? "" : absl::StrCat(", with ", leftovers, " that a probe before has left").c_str());
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

absl::Status CheckScratch(const Installation& installation, ProbeSession& session, const CalendarId& calendar) {
  for (const adapter::GroupSettings& group : installation.settings().groups) {
    for (const adapter::CalendarSettings& linked : group.calendars) {
      if (linked.google_id != calendar) continue;
      return absl::FailedPreconditionError(absl::StrCat(calendar.text(), " is linked as \"", linked.name,
                                                        "\": blocks would be made of what is tried there. ",
                                                        "Make a calendar for it by hand; `calsync calendars` tells its id"));
    }
  }
  const Reply reply = session.Call(GetCalendar{calendar});
  const auto* entry = std::get_if<CalendarListEntry>(&reply);
  if (entry == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot read ", calendar.text(), " as ", session.options().account.text(), ": ",
                                               InWords(reply), ". `calsync calendars` lists what there is"));
  }
  if (entry->primary) {
    return absl::FailedPreconditionError(
        absl::StrCat(calendar.text(), " is a person's own calendar. Make one for it by hand; `calsync calendars` tells its id"));
  }
  if (CanWrite(entry->access_role)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("there is no right to write to ", calendar.text()));
}

Told Ask(const ProbeQuestion& question, const ProbeOptions& options, ProbeSession& session) {
  Told told{.question = &question};
  const bool wanted = options.questions.empty() ||
                      std::find(options.questions.begin(), options.questions.end(), question.id) != options.questions.end();
  if (question.ask == nullptr || !wanted) {
    told.why = question.ask == nullptr ? question.why_not : "it was not asked for";
    return told;
  }
  if (session.interrupted()) {
    told.why = "interrupted before";
    return told;
  }
  absl::StatusOr<ProbeAnswer> answer = question.ask(session);
  told.tried = answer.status().code() != absl::StatusCode::kFailedPrecondition;
  if (answer.ok()) {
    told.answer = *std::move(answer);
  } else {
    told.why = std::string(answer.status().message());
  }
  return told;
}

std::string AnswersInWords(const std::vector<Told>& all, const std::vector<std::string>& left) {
  std::string text;
  for (const Told& told : all) {
    if (told.answer.has_value()) {
      absl::StrAppend(&text, told.question->id, "  ", told.question->words, "\n      ", told.answer->seen, ": ",
                      told.question->knob, " = ", told.answer->value.dump(), "\n");
    } else if (told.tried) {
      absl::StrAppend(&text, told.question->id, "  ", told.question->words, "\n      no answer: ", told.why, "\n");
    }
  }
  absl::StrAppend(&text, "\nNot tried:\n");
  for (const Told& told : all) {
    if (!told.answer.has_value() && !told.tried) {
      absl::StrAppend(&text, told.question->id, "  ", told.question->words, "\n      ", told.why, "\n");
    }
  }
  for (const std::string& what : left) absl::StrAppend(&text, "left on the calendar: ", what, "\n");
  return text;
}

Json InJson(const std::vector<Told>& all, const Json& answers, const std::vector<std::string>& left) {
  Json json = {{"answers", answers}, {"questions", Json::array()}, {"left_behind", left}};
  for (const Told& told : all) {
    Json one = {{"question", told.question->id}, {"words", told.question->words}};
    if (*told.question->knob != '\0') one["knob"] = told.question->knob;
    one["tried"] = told.tried;
    if (told.answer.has_value()) {
      one["answer"] = told.answer->value;
      one["seen"] = told.answer->seen;
    } else {
      one["why"] = told.why;
    }
    json["questions"].push_back(std::move(one));
  }
  return json;
}

// Removes what was made, and looks once more: also what an answer that was lost has left.
std::vector<std::string> CleanUp(ProbeSession& session, std::vector<std::pair<CalendarId, EventId>> leftovers) {
  std::vector<std::string> left = session.CleanUp(leftovers);
  constexpr int kLooks = 3;
  for (int look = 0; look < kLooks; ++look) {
    absl::StatusOr<std::vector<std::pair<CalendarId, EventId>>> more = session.Leftovers();
    if (!more.ok()) {
      left.push_back(absl::StrCat("perhaps something: ", more.status().message()));
      return left;
    }
    if (more->empty()) return left;
    left = session.CleanUp(*more);
  }
  return left;
}

int Probe(const ProbeOptions& options) {
  absl::Duration patience;
  if (!absl::ParseDuration(options.patience, &patience) || patience < absl::Seconds(1)) {
    Complain(absl::StrCat("--patience takes a duration from 1s on, as 30s or 2m, not \"", options.patience, "\"."));
    return kUsage;
  }
  for (const std::string& named : options.questions) {
    const auto& all = ProbeQuestions();
    if (std::any_of(all.begin(), all.end(), [&](const ProbeQuestion& one) { return one.id == named; })) continue;
    Complain(absl::StrCat("there is no question ", named, ". --question takes K-1 to K-23."));
    return kUsage;
  }
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const absl::StatusOr<AccountId> account = AccountFor(*installation, options.account);
  if (!account.ok()) return Fail(account.status());
  http::Loop loop;
  adapter::GoogleClient google(loop, installation->google());
  if (const absl::Status granted = installation->SetGrant(google, *account); !granted.ok()) return Fail(granted);
  ProbeSession session(loop, google,
                       {.account = *account,
                        .calendar = CalendarId(options.calendar),
                        .second = CalendarId(options.second),
                        .patience = patience});
  for (const CalendarId& calendar : {session.options().calendar, session.options().second}) {
    if (calendar.empty()) continue;
    if (const absl::Status scratch = CheckScratch(*installation, session, calendar); !scratch.ok()) return Fail(scratch);
  }
  const absl::StatusOr<std::vector<std::pair<CalendarId, EventId>>> leftovers = session.Leftovers();
  if (!leftovers.ok()) return Fail(leftovers.status());
  if (!Confirmed(options, leftovers->size())) return kUsage;
  loop.OnInterrupt([&] {
    std::fprintf(stderr, "calsync: stopping; what was made is removed\n");
    session.Interrupt();
  });
  std::vector<Told> all;
  const Terminal terminal(false);
  for (const ProbeQuestion& question : ProbeQuestions()) {
    terminal.Progress(absl::StrCat(question.id, "  ", question.words));
    all.push_back(Ask(question, options, session));
  }
  terminal.Progress("removing what was made");
  const std::vector<std::string> left = CleanUp(session, *leftovers);
  terminal.ClearProgress();
  Json answers = Json::object();
  bool complete = left.empty();
  for (const Told& told : all) {
    if (told.answer.has_value()) answers[told.question->knob] = told.answer->value;
    complete = complete && (told.answer.has_value() || !told.tried);
  }
  if (!options.output.empty() && !session.interrupted()) {
    if (const int error = ReplaceFile(options.output, answers.dump(2) + "\n"); error != 0) {
      Complain(
          absl::StrCat("cannot write ", options.output, ": ", std::strerror(error), ". What was there before stays as it is."));
      return kEnvironment;
    }
  }
  std::fputs(options.json ? (InJson(all, answers, left).dump(2) + "\n").c_str() : AnswersInWords(all, left).c_str(), stdout);
  if (!Written("the answers")) return kEnvironment;
  if (session.interrupted()) return kInterrupted;
  return complete ? kDone : kLawBroken;
}

}  // namespace

void AddProbe(CLI::App& app, ProbeOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("probe", kAboutProbe);
  verb->set_help_flag("-h,--help", "Help.");
  AddConfigOption(verb, options.config);
  verb->add_option("--calendar", options.calendar, "The scratch calendar.")->type_name("ID")->required();
  verb->add_option("--second", options.second, "Another one, for what becomes of events that are moved.")->type_name("ID");
  verb->add_option("--account", options.account, "Whose calendars they are; not needed if only one is logged in.")
      ->type_name("EMAIL");
  verb->add_option("--question", options.questions, "Only this one; any number of times.")->type_name("K-N");
  verb->add_option("-o,--output", options.output, "Where the answers go, as `calsync fake serve --answers` takes them.")
      ->type_name("FILE.json");
  verb->add_option("--patience", options.patience, "How long it waits for what may show late.")
      ->type_name("TIME")
      ->capture_default_str();
  verb->add_flag("--yes", options.yes, "Do not ask.");
  verb->add_flag("--json", options.json, "Questions and answers as one object of JSON.");
  verb->callback([&options, &run] { run = [&options] { return Probe(options); }; });
}

}  // namespace calsync::tools
