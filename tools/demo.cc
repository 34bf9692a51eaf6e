#include "tools/demo.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapter/config/edit.h"
#include "adapter/config/secrets.h"
#include "adapter/config/tight_file.h"
#include "adapter/http/client.h"
#include "adapter/http/loop.h"
#include "adapter/http/server.h"
#include "engine/base/status_macros.h"
#include "fakegoogle/http/serve.h"
#include "tools/installation.h"
#include "tools/production.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr char kAboutDemo[] =
    "Shows the whole of it on this machine, without Google: a fake Google Calendar, the real host on it with webhooks, and a "
    "person\n"
    "who adds, moves, copies and deletes events, while their blocks follow.\n"
    "\n"
    "Examples:\n"
    "  calsync demo            # six things that happen, then it stays: act yourself on the page that it names\n"
    "  calsync demo --once     # ends after them\n"
    "\n"
    "Nothing is kept. Exit code: 0 all followed, 1 something did not, 3 the machine does not let it; 130 after Ctrl-C before\n"
    "all was done.";

constexpr absl::Duration kLook = absl::Milliseconds(50);
constexpr absl::Duration kPause = absl::Seconds(1);
constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr char kPerson[] = "ada@example.com";

using Json = nlohmann::ordered_json;

// One thing that the person does, and what must follow.
struct Act {
  std::string told;
  std::function<Json()> body;                      // Of POST /_fake/act.
  std::function<bool()> followed;                  // Asked until it holds.
  absl::Duration at_least = absl::ZeroDuration();  // … for so long, where nothing shall follow.
};

class Demo {
 public:
  Demo(http::Loop& loop, fake::ServedFake& google, const Terminal& terminal)
      : loop_(loop), google_(google), terminal_(terminal), client_(loop, {}), alarm_(loop) {
    for (const CalendarId& id : model().Calendars()) {
      const std::string& name = model().FindCalendar(id)->setup().summary;
      (name == "Work" ? work_ : name == "Home" ? home_ : own_) = id;
    }
    Plan();
  }

  // `done` once all acts followed, or one did not.
  void Begin(std::function<void(bool all)> done) {
    done_ = std::move(done);
    alarm_.Set(kPause, [this] { Next(); });
  }

  size_t followed() const { return next_; }
  size_t acts() const { return acts_.size(); }

 private:
  fake::Server& model() { return google_.front().model(); }

  std::vector<EventPtr> On(const CalendarId& calendar) {
    std::vector<EventPtr> events;
    model().ForEachLive(calendar, [&](const EventPtr& event) { events.push_back(event); });
    return events;
  }
  static bool IsBlock(const Event& event) { return absl::StartsWith(event.id.text(), "cs"); }
  // How many blocks of just these times the calendar shows.
  int Blocks(const CalendarId& calendar, const Event& source) {
    int count = 0;
    for (const EventPtr& event : On(calendar)) {
      count += IsBlock(*event) && event->span() == source.span() && event->recurrence == source.recurrence ? 1 : 0;
    }
    return count;
  }
  int AllBlocks(const CalendarId& calendar) {
    int count = 0;
    for (const EventPtr& event : On(calendar)) count += IsBlock(*event) ? 1 : 0;
    return count;
  }
  EventPtr Titled(const CalendarId& calendar, absl::string_view title) {
    for (const EventPtr& event : On(calendar)) {
      if (event->summary == title) return event;
    }
    return nullptr;
  }
  EventPtr AnyBlock(const CalendarId& calendar) {
    for (const EventPtr& event : On(calendar)) {
      if (IsBlock(*event) && event->recurrence.empty()) return event;
    }
    return nullptr;
  }

  static Json At(absl::Time time) {
    return {{"dateTime", absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone())}, {"timeZone", "UTC"}};
  }
  // The hour of tomorrow, or a later day.
  static absl::Time Hour(int hour, int days = 1) {
    const absl::CivilDay today = absl::ToCivilDay(absl::Now(), absl::UTCTimeZone());
    return absl::FromCivil(absl::CivilHour(today + days) + hour, absl::UTCTimeZone());
  }
  Json Do(const char* what, const CalendarId& calendar, const EventPtr& event = nullptr, Json body = Json::object()) {
    Json json = {{"as", kPerson}, {"do", what}, {"calendar", calendar.str()}, {"body", std::move(body)}};
    if (event != nullptr) json["event"] = event->id.str();
    return json;
  }

  void Plan() {
    acts_.push_back(
        {"Ada puts \"Dentist\" on Work, tomorrow from 10 to 11",
         [this] {
           return Do("create", work_, nullptr, {{"summary", "Dentist"}, {"start", At(Hour(10))}, {"end", At(Hour(11))}});
         },
         [this] {
           return Both("Dentist", work_, {own_, home_});
         }});
    acts_.push_back({"She moves it to 14",
                     [this] {
                       return Do("edit", work_, Titled(work_, "Dentist"), {{"start", At(Hour(14))}, {"end", At(Hour(15))}});
                     },
                     [this] {
                       return Both("Dentist", work_, {own_, home_});
                     }});
    acts_.push_back({"She adds a weekly series \"Choir\" to Home, ten evenings: one block on each calendar, a series as well",
                     [this] {
                       return Do("create", home_, nullptr,
                                 {{"summary", "Choir"},
                                  {"start", At(Hour(19, 2))},
                                  {"end", At(Hour(21, 2))},
                                  {"recurrence", {"RRULE:FREQ=WEEKLY;COUNT=10"}}});
                     },
                     [this] {
                       return Both("Choir", home_, {own_, work_});
                     }});
    acts_.push_back({"She drags a block away by hand: it goes back to where its event is",
                     [this] {
                       const EventPtr block = AnyBlock(home_);
                       return Do("edit", home_, block, {{"start", At(Hour(8))}, {"end", At(Hour(9))}});
                     },
                     [this] {
                       return Both("Dentist", work_, {own_, home_});
                     }});
    acts_.push_back(
        {"She duplicates a block. Products of this kind take the copy for an event, block it everywhere, and the calendars fill "
         "up;\n"
         "  here it stays alone",
         [this] {
           Json body = Do("copy", home_, AnyBlock(home_));
           body["to"] = home_.str();
           return body;
         },
         [this] { return AllBlocks(own_) == 2 && AllBlocks(work_) == 1 && AllBlocks(home_) == 1; }, absl::Seconds(4)});
    acts_.push_back({"She deletes \"Dentist\": its blocks go", [this] { return Do("delete", work_, Titled(work_, "Dentist")); },
                     [this] { return AllBlocks(own_) == 1 && AllBlocks(home_) == 0; }});
  }

  bool Both(absl::string_view title, const CalendarId& source, const std::vector<CalendarId>& targets) {
    const EventPtr event = Titled(source, title);
    if (event == nullptr) return false;
    for (const CalendarId& target : targets) {
      if (Blocks(target, *event) != 1) return false;
    }
    return true;
  }

  void Next() {
    if (next_ == acts_.size()) return Finish(true);
    const Act& act = acts_[next_];
    std::printf("\n%s\n", terminal_.OnStdout(Colour::kBold, absl::StrCat("* ", act.told)).c_str());
    std::fflush(stdout);
    const std::string text = act.body().dump();
    began_ = absl::Now();
    http::Address to{.host = "127.0.0.1", .port = google_.server().port(), .target = "/_fake/act"};
    client_.Send(to, {.method = "POST", .target = to.target, .headers = {{"Content-Type", "application/json"}}, .body = text},
                 absl::Seconds(10), [this](const http::Outcome& outcome) {
                   const auto* const answer = std::get_if<http::Response>(&outcome);
                   if (answer == nullptr || answer->status >= 300) return Finish(false);
                   Look();
                 });
  }

  void Look() {
    const Act& act = acts_[next_];
    const absl::Duration passed = absl::Now() - began_;
    const bool followed = act.followed();
    if (followed && passed >= act.at_least) {
      Show();
      const std::string after = act.at_least > absl::ZeroDuration() ? absl::StrCat("nothing followed within ", Lasting(passed))
                                                                    : absl::StrCat("in step after ", Lasting(passed));
      std::printf("  %s\n", terminal_.OnStdout(Colour::kGreen, after).c_str());
      std::fflush(stdout);
      ++next_;
      return alarm_.Set(kPause, [this] { Next(); });
    }
    if (passed > kPatience || (!followed && act.at_least > absl::ZeroDuration() && passed > kLook * 4)) {
      Show();
      std::printf("  %s\n", terminal_.OnStdout(Colour::kRed, "this did not follow").c_str());
      return Finish(false);
    }
    alarm_.Set(kLook, [this] { Look(); });
  }

  // What each calendar shows now.
  void Show() {
    for (const auto& [name, id] : {std::pair{"Ada", own_}, std::pair{"Work", work_}, std::pair{"Home", home_}}) {
      std::string line;
      for (const EventPtr& event : On(id)) {
        const std::string when = absl::FormatTime("%a %H:%M", event->start.instant, absl::UTCTimeZone());
        const std::string until = absl::FormatTime("%H:%M", event->end.instant, absl::UTCTimeZone());
        const std::string what = IsBlock(*event) ? "Busy" : absl::StrCat("\"", event->summary, "\"");
        absl::StrAppend(&line, line.empty() ? "" : "   ", what, " ", when, "-", until,
                        event->recurrence.empty() ? "" : " weekly");
      }
      std::printf("    %-5s %s\n", name, line.empty() ? "-" : line.c_str());
    }
  }

  void Finish(bool all) {
    std::fflush(stdout);
    if (done_) std::exchange(done_, nullptr)(all);
  }

  http::Loop& loop_;
  fake::ServedFake& google_;
  const Terminal& terminal_;
  http::Client client_;
  http::Loop::Alarm alarm_;
  CalendarId own_;
  CalendarId work_;
  CalendarId home_;
  std::vector<Act> acts_;
  size_t next_ = 0;
  absl::Time began_;
  std::function<void(bool)> done_;
};

// A folder that goes with it.
class Folder {
 public:
  Folder() {
    std::error_code error;
    std::string name = (std::filesystem::temp_directory_path(error) / "calsync-demo-XXXXXX").string();
    if (!error && mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Folder() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A port that is free now.
absl::StatusOr<uint16_t> FreePort(http::Loop& loop) {
  ASSIGN_OR_RETURN(const std::unique_ptr<http::Server> server,
                   http::Server::Listen(loop, {}, [](const http::Request&) { return http::Response(); }));
  return server->port();
}

absl::StatusOr<Installation> Install(const std::string& folder, fake::ServedFake& google, uint16_t port) {
  const std::string file = folder + "/calsync.toml";
  std::string text = absl::StrCat(
      "instance = \"0d6f1c2b-3a49-4c53-9f5e-6f1c8e528f0a\"\n[google]\napi_root = \"http://127.0.0.1:", google.server().port(),
      "/calendar/v3/\"\n[webhook]\nlisten = \"127.0.0.1:", port, "\"\naddress = \"http://127.0.0.1:", port, "/notify\"\n");
  text = adapter::AddGroup(text, GroupId("ada"));
  fake::Server& model = google.front().model();
  uint64_t key = 1;
  for (const CalendarId& id : model.Calendars()) {
    const adapter::CalendarSettings calendar{.key = CalendarKey(key++),
                                             .account = AccountId(kPerson),
                                             .google_id = id,
                                             .name = model.FindCalendar(id)->setup().summary};
    ASSIGN_OR_RETURN(text, adapter::AddCalendar(text, GroupId("ada"), calendar));
  }
  RETURN_IF_ERROR(adapter::WriteTightFile(file, text, adapter::Existing::kReplace));
  RETURN_IF_ERROR(adapter::WriteKeys(folder + "/calsync.keys", {adapter::InstanceKey::Random()}));
  return Installation::Open(file);
}

int Run(const DemoOptions& options) {
  const Terminal terminal(options.no_color);
  const Folder folder;
  if (folder.path().empty())
    return Fail(absl::InternalError(
        "cannot make a folder for the demo's database: TMPDIR has to name one in which this user can make others"));
  setenv("CALSYNC_ACCESS_TOKEN", "test-token", 1);  // Of the fake's one person.
  http::Loop loop;
  fake::ServeOptions serve;
  serve.front.clock = [] { return absl::Now(); };
  serve.front.beginning.account = kPerson;
  const auto google = fake::ServedFake::Start(loop, std::move(serve));
  if (!google.ok()) return Fail(google.status());
  const absl::StatusOr<uint16_t> port = FreePort(loop);
  if (!port.ok()) return Fail(port.status());
  absl::StatusOr<Installation> installation = Install(folder.path(), **google, *port);
  if (!installation.ok()) return Fail(installation.status());
  absl::StatusOr<std::unique_ptr<Production>> production =
      Production::Start(loop, *std::move(installation), {.follow = false, .quiet = true});
  if (!production.ok()) return Fail(production.status());
  std::printf(
      "A fake Google Calendar with three calendars of %s: http://127.0.0.1:%d/_fake/\n"
      "CalSync runs on it, with webhooks on port %d. Watch:\n",
      kPerson, (*google)->server().port(), *port);
  Demo demo(loop, **google, terminal);
  bool all = false;
  demo.Begin([&](bool followed) {
    all = followed;
    if (options.once || !followed) return (*production)->Stop();
    std::printf(
        "\nIt goes on until Ctrl-C: the page above shows what happens, and `curl -X POST .../_fake/act` does what you like.\n"
        "For your own calendars:  calsync init\n");
    std::fflush(stdout);
  });
  (*production)->Run();
  const bool interrupted = !all && (*production)->interrupted();
  if (interrupted) absl::PrintF("\nInterrupted after %d of %d things that happen.\n", demo.followed(), demo.acts());
  if (!Written("the demo")) return kEnvironment;
  if (all) return kDone;
  return interrupted ? kInterrupted : kLawBroken;
}

}  // namespace

void AddDemo(CLI::App& app, DemoOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("demo", kAboutDemo);
  verb->set_help_flag("-h,--help", "Help.");
  verb->add_flag("--once", options.once, "End after the last thing that happens.");
  verb->add_flag("--no-color", options.no_color, "No colours.");
  verb->callback([&] { run = [&options] { return Run(options); }; });
}

}  // namespace calsync::tools
