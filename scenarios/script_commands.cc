// The table of commands: what may be written, what it means, and what it does to the world.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/status_macros.h"
#include "engine/host/input.h"
#include "engine/state/policy.h"
#include "scenarios/actors/migration.h"
#include "scenarios/script.h"
#include "scenarios/script_expectations.h"
#include "scenarios/script_mishaps.h"
#include "scenarios/script_operator.h"
#include "scenarios/script_people.h"
#include "scenarios/script_rules.h"
#include "scenarios/script_run.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

using Arguments = std::vector<Argument>;
using Call = OrderedFault::Call;
using Outcome = OrderedFault::Outcome;
using When = CommandRow::When;
using mishaps::Forge;
using mishaps::Refuse;
using mishaps::SetRole;
using mishaps::WithWorker;
using operators::Operate;
using operators::SetDetection;
using operators::Settle;
using operators::SettleMark;
using operators::SettleMarkFor;
using operators::SetZone;

int CalendarAt(const Arguments& a, size_t i) { return std::get<CalendarWord>(a[i]).number; }
const std::string& TextAt(const Arguments& a, size_t i) { return std::get<std::string>(a[i]); }
int NumberAt(const Arguments& a, size_t i) { return static_cast<int>(std::get<int64_t>(a[i])); }
absl::Duration DurationAt(const Arguments& a, size_t i) { return std::get<absl::Duration>(a[i]); }
const TimeWord& TimeAt(const Arguments& a, size_t i) { return std::get<TimeWord>(a[i]); }
const EventWord& EventAt(const Arguments& a, size_t i) { return std::get<EventWord>(a[i]); }
Call CallAt(const Arguments& a, size_t i) { return std::get<Call>(a[i]); }
const std::vector<ChangeWord>& ChangesAt(const Arguments& a, size_t i) { return std::get<std::vector<ChangeWord>>(a[i]); }
std::vector<int> CalendarsAt(const Arguments& a, size_t i) {
  std::vector<int> numbers;
  for (const CalendarWord& word : std::get<std::vector<CalendarWord>>(a[i])) numbers.push_back(word.number);
  return numbers;
}

// --- Mishaps.

absl::Status Order(ScriptRun& run, const Arguments& a, Outcome outcome, ApiError error = {},
                   absl::Duration delay = absl::ZeroDuration(), int skip = 0) {
  OrderedFault fault;
  fault.call = CallAt(a, 0);
  fault.calendar = CalendarAt(a, 1);
  fault.outcome = outcome;
  fault.error = std::move(error);
  fault.delay = delay;
  fault.skip = skip;
  run.world().Order(std::move(fault));
  return absl::OkStatus();
}

ApiError ErrorAt(const Arguments& a) {
  ApiError error;
  error.code = NumberAt(a, 2);
  error.reason = TextAt(a, 3);
  error.domain = "global";
  return error;
}

absl::Status OrderCrash(ScriptRun& run, CrashPoint point, absl::Duration down) {
  run.world().OrderCrash(0, point, down);
  return absl::OkStatus();
}

// --- What the operator has set.

absl::Status Policies(ScriptRun& run, absl::FunctionRef<void(Policy&)> change) {
  run.ChangePolicy(change);
  return absl::OkStatus();
}

const std::vector<RuleWord>& RulesAt(const Arguments& a, size_t i) { return std::get<std::vector<RuleWord>>(a[i]); }
const std::vector<RuleWord> kNothing = {{.what = "nothing"}};

absl::Status Google(ScriptRun& run, absl::FunctionRef<void(fake::Knobs&)> change) {
  run.ChangeGoogle(change);
  return absl::OkStatus();
}

std::vector<CommandRow> MakeTable() {
  using R = ScriptRun;
  using A = Arguments;
  return {
      // The scene.
      {"calendars <new-calendars>", "the calendars of one person, all linked; the first command", When::kScene,
       +[](R&, const A&) { return absl::OkStatus(); }},
      {"start <time>", "when it begins; else Monday 2026-05-04T08:00Z", When::kScene,
       +[](R& run, const A& a) {
         run.plan().start = TimeAt(a, 0).time;
         return absl::OkStatus();
       }},
      {"unlinked <calendars>", "calendars that are not linked at first", When::kScene,
       +[](R& run, const A& a) {
         for (int calendar : CalendarsAt(a, 0)) {
           std::vector<int>& linked = run.plan().instances[0].calendars;
           linked.erase(std::remove(linked.begin(), linked.end(), calendar), linked.end());
         }
         return absl::OkStatus();
       }},
      {"second instance on <calendars>", "another installation of CalSync, on these calendars too", When::kScene,
       +[](R& run, const A& a) {
         InstancePlan other = run.plan().instances[0];
         other.calendars = CalendarsAt(a, 0);
         other.installation = 1;
         run.plan().instances.push_back(std::move(other));
         return absl::OkStatus();
       }},
      {"second group on <calendars>", "another person's group in the same installation, on these calendars too", When::kScene,
       +[](R& run, const A& a) {
         InstancePlan other = run.plan().instances[0];
         other.calendars = CalendarsAt(a, 0);
         other.group = "g1";
         run.plan().instances.push_back(std::move(other));
         return absl::OkStatus();
       }},
      {"workers <number>", "so many processes share the database, each with a lease of a minute", When::kScene,
       +[](R& run, const A& a) {
         if (NumberAt(a, 0) < 2 || NumberAt(a, 0) > kWorkersMax) {
           return absl::InvalidArgumentError(absl::StrCat("workers are from 2 to ", kWorkersMax));
         }
         run.plan().workers = NumberAt(a, 0);
         return absl::OkStatus();
       }},
      {"role <calendar> <word>", "what CalSync may do on the calendar: owner, writer, reader, freeBusyReader, none …",
       When::kEither, +[](R& run, const A& a) { return SetRole(run, CalendarAt(a, 0), TextAt(a, 1)); }},

      // Policy and Google's habits.
      {"policy title <text>", "the title of blocks; {summary} is the source's title, {calendar} its calendar", When::kEither,
       +[](R& run, const A& a) { return Policies(run, [&](Policy& p) { p.title_template = TextAt(a, 0); }); }},
      {"policy description <text>", "the description of blocks", When::kEither,
       +[](R& run, const A& a) { return Policies(run, [&](Policy& p) { p.description_template = TextAt(a, 0); }); }},
      {"policy : <rules>", "rules for all directions, separated by commas", When::kEither,
       +[](R& run, const A& a) { return RuleEverywhere(run, RulesAt(a, 0)); }},
      {"policy from <calendar> to <calendar> : <rules>", "rules for one direction; `nothing`: no blocks there", When::kEither,
       +[](R& run, const A& a) {
         return RuleDirections(
             run, [&](int from, int to) { return from == CalendarAt(a, 0) && to == CalendarAt(a, 1); }, RulesAt(a, 2));
       }},
      {"policy one way from <calendar>", "blocks are made for events of this calendar alone", When::kEither,
       +[](R& run, const A& a) {
         return RuleDirections(
             run, [&](int from, int) { return from != CalendarAt(a, 0); }, kNothing);
       }},
      {"policy hub <calendar>", "between the hub and each other calendar, both ways; not among the others", When::kEither,
       +[](R& run, const A& a) {
         const int hub = CalendarAt(a, 0);
         return RuleDirections(
             run, [&](int from, int to) { return from != hub && to != hub; }, kNothing);
       }},
      {"zone <calendar> <word>", "the calendar's time zone, like Europe/Berlin; else UTC", When::kEither,
       +[](R& run, const A& a) { return SetZone(run, CalendarAt(a, 0), TextAt(a, 1)); }},
      {"policy keep edited blocks", "a block that a person edited stays so; else it is restored", When::kEither,
       +[](R& run, const A&) { return Policies(run, [](Policy& p) { p.on_block_edited = OnBlockEdited::kKeep; }); }},
      {"policy recreate deleted blocks", "a block that a person deleted comes back; else the deletion is respected",
       When::kEither,
       +[](R& run, const A&) { return Policies(run, [](Policy& p) { p.on_block_deleted = OnBlockDeleted::kRecreate; }); }},
      {"policy no tags on events", "events of people are not tagged; else they are, lazily", When::kEither,
       +[](R& run, const A&) { return Policies(run, [](Policy& p) { p.tag_user_events = TagUserEvents::kOff; }); }},
      {"policy horizon <duration>", "how far ahead blocks are made", When::kEither,
       +[](R& run, const A& a) { return Policies(run, [&](Policy& p) { p.horizon_ahead = DurationAt(a, 0); }); }},
      {"policy detection <word>", "what tells blocks: uuid, hybrid, text", When::kEither,
       +[](R& run, const A& a) { return SetDetection(run, TextAt(a, 0)); }},
      {"policy compare detections", "whatever ids and texts disagree about is told", When::kEither,
       +[](R& run, const A&) { return Policies(run, [](Policy& p) { p.compare_detection = true; }); }},
      {"policy poll every <duration>", "how often calendars are listed without being told", When::kEither,
       +[](R& run, const A& a) {
         return Policies(run, [&](Policy& p) { p.poll_interval = p.poll_interval_with_push = DurationAt(a, 0); });
       }},
      {"policy full walk every <duration>", "how often calendars are listed whole", When::kEither,
       +[](R& run, const A& a) { return Policies(run, [&](Policy& p) { p.full_walk_interval = DurationAt(a, 0); }); }},
      {"policy pages of <number>", "how many events a page of a listing has", When::kEither,
       +[](R& run, const A& a) { return Policies(run, [&](Policy& p) { p.page_size = NumberAt(a, 0); }); }},
      {"policy no push", "no notifications, polling alone", When::kEither,
       +[](R& run, const A&) { return Policies(run, [](Policy& p) { p.push_address.clear(); }); }},
      {"policy push", "notifications by watch channels", When::kEither,
       +[](R& run, const A&) { return Policies(run, [](Policy& p) { p.push_address = "https://calsync.example.org/push"; }); }},
      {"policy channels live <duration>", "how long a channel is asked for", When::kEither,
       +[](R& run, const A& a) { return Policies(run, [&](Policy& p) { p.channel_ttl = DurationAt(a, 0); }); }},
      {"google refuses blocks of <event> on <calendar>", "whatever it is asked to store of that event's block elsewhere is a 400",
       When::kActing, +[](R& run, const A& a) { return Refuse(run, CalendarAt(a, 1), EventAt(a, 0), true); }},
      {"google accepts blocks of <event> on <calendar>", "and not any more", When::kActing,
       +[](R& run, const A& a) { return Refuse(run, CalendarAt(a, 1), EventAt(a, 0), false); }},
      {"google gives sync tokens <duration> to live", "then they answer 410", When::kEither,
       +[](R& run, const A& a) { return Google(run, [&](fake::Knobs& k) { k.sync_token_lifetime = DurationAt(a, 0); }); }},
      {"google forgets deleted events after <duration>", "then nothing shows that they were", When::kEither,
       +[](R& run, const A& a) { return Google(run, [&](fake::Knobs& k) { k.tombstone_lifetime = DurationAt(a, 0); }); }},
      {"google drops tags of moved events", "events.move loses private properties", When::kEither,
       +[](R& run, const A&) { return Google(run, [](fake::Knobs& k) { k.move_keeps_private = false; }); }},
      {"google keeps occurrences that no rule gives", "K-11: exceptions stay when their series changes under them", When::kEither,
       +[](R& run, const A&) {
         return Google(run, [](fake::Knobs& k) { k.stranded_exceptions = fake::Knobs::Stranded::kOrphans; });
       }},
      {"google never shows more than <number> events a page", "", When::kEither,
       +[](R& run, const A& a) { return Google(run, [&](fake::Knobs& k) { k.page_size = NumberAt(a, 0); }); }},
      {"google ends channels after <duration>", "whatever was asked for", When::kEither,
       +[](R& run, const A& a) { return Google(run, [&](fake::Knobs& k) { k.channel_lifetime_max = DurationAt(a, 0); }); }},

      {"google lets stopped channels send for <duration>", "K-13: stopping does not silence them at once", When::kEither,
       +[](R& run, const A& a) { return Google(run, [&](fake::Knobs& k) { k.sends_after_stop = DurationAt(a, 0); }); }},

      // People.
      {"user <calendar> add <text> <time> <duration> <changes>", "somebody adds an event", When::kActing,
       +[](R& run, const A& a) {
         return people::Add(run, CalendarAt(a, 0), TextAt(a, 1), TimeAt(a, 2), DurationAt(a, 3), ChangesAt(a, 4));
       }},
      {"user <calendar> add <number> events <text> from <time> every <duration> lasting <duration>",
       "somebody imports many events, titled \"text 1\" and so on", When::kActing,
       +[](R& run, const A& a) {
         for (int i = 0; i < NumberAt(a, 1); ++i) {
           TimeWord start = TimeAt(a, 3);
           start.time += i * DurationAt(a, 4);
           RETURN_IF_ERROR(
               people::Add(run, CalendarAt(a, 0), absl::StrCat(TextAt(a, 2), " ", i + 1), start, DurationAt(a, 5), {}));
         }
         return absl::OkStatus();
       }},
      {"user <calendar> change <event> <changes>", "somebody changes the event", When::kActing,
       +[](R& run, const A& a) { return people::Change(run, CalendarAt(a, 0), EventAt(a, 1), ChangesAt(a, 2)); }},
      {"user <calendar> drag <event> to <time>", "somebody moves the event to another time", When::kActing,
       +[](R& run, const A& a) { return people::Drag(run, CalendarAt(a, 0), EventAt(a, 1), TimeAt(a, 2), nullptr); }},
      {"user <calendar> drag <event> to <time> lasting <duration>", "the same, with another length", When::kActing,
       +[](R& run, const A& a) {
         const absl::Duration length = DurationAt(a, 3);
         return people::Drag(run, CalendarAt(a, 0), EventAt(a, 1), TimeAt(a, 2), &length);
       }},
      {"user <calendar> delete <event>", "somebody deletes the event", When::kActing,
       +[](R& run, const A& a) { return people::Delete(run, CalendarAt(a, 0), EventAt(a, 1)); }},
      {"user <calendar> add <text> <time> <duration> repeating <text> in <word>",
       "somebody adds a series: its rule, or more lines with | between them, and the zone by whose clock it recurs",
       When::kActing,
       +[](R& run, const A& a) {
         return people::AddSeries(run, CalendarAt(a, 0), TextAt(a, 1), TimeAt(a, 2), DurationAt(a, 3), TextAt(a, 4),
                                  TextAt(a, 5));
       }},
      {"user <calendar> delete occurrence <time> of <event>", "somebody cancels one occurrence of a series", When::kActing,
       +[](R& run, const A& a) { return people::DeleteOccurrence(run, CalendarAt(a, 0), EventAt(a, 2), TimeAt(a, 1)); }},
      {"user <calendar> restore occurrence <time> of <event>", "somebody brings back a cancelled occurrence", When::kActing,
       +[](R& run, const A& a) {
         return people::PatchOccurrence(run, CalendarAt(a, 0), EventAt(a, 2), TimeAt(a, 1), {.status = EventStatus::kConfirmed});
       }},
      {"user <calendar> drag occurrence <time> of <event> to <time>", "somebody moves one occurrence", When::kActing,
       +[](R& run, const A& a) {
         return people::DragOccurrence(run, CalendarAt(a, 0), EventAt(a, 2), TimeAt(a, 1), TimeAt(a, 3));
       }},
      {"user <calendar> retitle occurrence <time> of <event> to <text>", "somebody gives one occurrence another title",
       When::kActing,
       +[](R& run, const A& a) {
         return people::PatchOccurrence(run, CalendarAt(a, 0), EventAt(a, 2), TimeAt(a, 1), {.summary = TextAt(a, 3)});
       }},
      {"user <calendar> free occurrence <time> of <event>", "one occurrence does not make busy any more", When::kActing,
       +[](R& run, const A& a) {
         return people::PatchOccurrence(run, CalendarAt(a, 0), EventAt(a, 2), TimeAt(a, 1),
                                        {.transparency = Transparency::kTransparent});
       }},
      {"user <calendar> drag occurrence <time> of <event> and all after it to <time>", "somebody moves this and all following",
       When::kActing,
       +[](R& run, const A& a) { return people::DragFromOn(run, CalendarAt(a, 0), EventAt(a, 2), TimeAt(a, 1), TimeAt(a, 3)); }},
      {"user <calendar> let <event> repeat <text>", "somebody changes the rule of a series, or makes an event one", When::kActing,
       +[](R& run, const A& a) {
         return people::ChangeRule(run, CalendarAt(a, 0), EventAt(a, 1), people::LinesOf(TextAt(a, 2)));
       }},
      {"user <calendar> let <event> repeat no more", "the series becomes a single event", When::kActing,
       +[](R& run, const A& a) { return people::ChangeRule(run, CalendarAt(a, 0), EventAt(a, 1), {}); }},
      {"user <calendar> delete everything", "somebody deletes all events of the calendar", When::kActing,
       +[](R& run, const A& a) { return people::DeleteAll(run, CalendarAt(a, 0)); }},
      {"user <calendar> undelete <event>", "somebody takes the event out of the bin", When::kActing,
       +[](R& run, const A& a) { return people::Undelete(run, CalendarAt(a, 0), EventAt(a, 1)); }},
      {"user <calendar> move <event> to <calendar>", "somebody moves the event to another calendar", When::kActing,
       +[](R& run, const A& a) { return people::Move(run, CalendarAt(a, 0), EventAt(a, 1), CalendarAt(a, 2)); }},
      {"user <calendar> copy <event> to <calendar>", "somebody duplicates the event, its tags with it", When::kActing,
       +[](R& run, const A& a) {
         return people::Copy(run, run.PersonOf(CalendarAt(a, 0)), CalendarAt(a, 0), EventAt(a, 1), CalendarAt(a, 2),
                             World::CopyTags::kKept);
       }},
      {"program copies <event> on <calendar> to <calendar> without tags", "another program copies the event", When::kActing,
       +[](R& run, const A& a) {
         return people::Copy(run, run.world().program(), CalendarAt(a, 1), EventAt(a, 0), CalendarAt(a, 2),
                             World::CopyTags::kLost);
       }},
      {"program copies everything on <calendar> to <calendar> without tags", "and all the others", When::kActing,
       +[](R& run, const A& a) {
         return people::CopyAll(run, run.world().program(), CalendarAt(a, 0), CalendarAt(a, 1), World::CopyTags::kLost);
       }},
      {"program strips tags on <calendar>", "another program writes every event back without private properties", When::kActing,
       +[](R& run, const A& a) { return people::StripAll(run, CalendarAt(a, 0)); }},

      {"old system blocks <event> of <calendar> on <calendar>",
       "the system before CalSync makes a block: \"Busy - …\", \"Busy block for event from …\"", When::kActing,
       +[](R& run, const A& a) -> absl::Status {
         ASSIGN_OR_RETURN(const EventPtr source, run.FindEvent(CalendarAt(a, 1), EventAt(a, 0)));
         MakeLegacyBlock(run.world(), {CalendarAt(a, 1), source->id}, CalendarAt(a, 2));
         return absl::OkStatus();
       }},

      // Calls that fail. Each befalls the next call of the kind, once.
      {"lose request of next <call> on <calendar>", "it never reaches Google; a timeout", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kRequestLost); }},
      {"lose reply of next <call> on <calendar>", "Google carries it out; a timeout", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kReplyLost); }},
      {"answer next <call> on <calendar> <number> <word>", "refused with this status and reason", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kAnsweredWith, ErrorAt(a)); }},
      {"answer next <call> but one on <calendar> <number> <word>", "the next goes through, the one after it is refused",
       When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kAnsweredWith, ErrorAt(a), absl::ZeroDuration(), 1); }},
      {"answer next <call> on <calendar> <number> <word> after storing", "Google carries it out, and yet answers so",
       When::kActing, +[](R& run, const A& a) { return Order(run, a, Outcome::kAppliedAnsweredWith, ErrorAt(a)); }},
      {"delay next <call> on <calendar> <duration>", "it reaches Google so much later", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kDelayed, {}, DurationAt(a, 2)); }},
      {"delay reply of next <call> on <calendar> <duration>", "its answer comes so much later", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kReplyDelayed, {}, DurationAt(a, 2)); }},
      {"double reply of next <call> on <calendar>", "the answer comes twice", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kReplyDoubled); }},
      {"apply next <call> on <calendar> twice", "something in between sends it again", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kAppliedTwice); }},
      {"skip the last change in next <call> on <calendar>", "a delta leaves out a change, and its token moves past it",
       When::kActing, +[](R& run, const A& a) { return Order(run, a, Outcome::kHostileSkip); }},
      {"answer next <call> on <calendar> as of <duration> ago", "a stale copy answers", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kStale, {}, DurationAt(a, 2)); }},

      // Notifications.
      {"delay notifications <calendar> <duration>", "from now on they come so much later", When::kActing,
       +[](R& run, const A& a) {
         run.world().DelayMessages(CalendarAt(a, 0), DurationAt(a, 1));
         return absl::OkStatus();
       }},
      {"drop notifications <calendar>", "from now on none comes", When::kActing,
       +[](R& run, const A& a) {
         run.world().DelayMessages(CalendarAt(a, 0), absl::InfiniteDuration());
         return absl::OkStatus();
       }},
      {"deliver notifications <calendar>", "from now on they come at once", When::kActing,
       +[](R& run, const A& a) {
         run.world().DelayMessages(CalendarAt(a, 0), absl::ZeroDuration());
         return absl::OkStatus();
       }},
      {"forge notification on <calendar>", "somebody posts one for a channel that does not exist", When::kActing,
       +[](R& run, const A& a) { return Forge(run, CalendarAt(a, 0), false); }},
      {"forge notification on <calendar> with its channel", "somebody knows the channel, but not its token", When::kActing,
       +[](R& run, const A& a) { return Forge(run, CalendarAt(a, 0), true); }},

      // The process and its database.
      {"crash", "the process ends, and is up again after 5 s", When::kActing,
       +[](R& run, const A&) {
         run.world().Crash(0);
         return absl::OkStatus();
       }},
      {"crash before next commit", "before what it decided is durable", When::kActing,
       +[](R& run, const A&) { return OrderCrash(run, CrashPoint::kBeforeCommit, absl::Seconds(5)); }},
      {"crash after next commit", "after what it decided is durable, before it acts on it", When::kActing,
       +[](R& run, const A&) { return OrderCrash(run, CrashPoint::kAfterCommit, absl::Seconds(5)); }},
      {"crash between next calls", "when the first call of a step is sent, and the others are not", When::kActing,
       +[](R& run, const A&) { return OrderCrash(run, CrashPoint::kBetweenCalls, absl::Seconds(5)); }},
      {"crash at next answer", "when an answer comes, before what it says is durable", When::kActing,
       +[](R& run, const A&) { return OrderCrash(run, CrashPoint::kAfterReply, absl::Seconds(5)); }},
      {"stop", "the process ends until `go on`", When::kActing,
       +[](R& run, const A&) {
         run.world().Stop(0);
         return absl::OkStatus();
       }},
      {"go on", "the process starts again", When::kActing,
       +[](R& run, const A&) {
         run.world().Start(0);
         return absl::OkStatus();
       }},
      {"lose database", "the process ends, and finds an empty database when it is up again", When::kActing,
       +[](R& run, const A&) {
         run.world().LoseDatabase(0);
         return absl::OkStatus();
       }},
      {"back up", "what the database holds now is kept", When::kActing,
       +[](R& run, const A&) {
         run.world().BackUp(0);
         return absl::OkStatus();
       }},
      {"restore backup", "the process ends, and finds the backup when it is up again", When::kActing,
       +[](R& run, const A&) {
         run.world().RestoreBackup(0);
         return absl::OkStatus();
       }},
      {"clone instance", "a second process with the same configuration and a copy of the database", When::kActing,
       +[](R& run, const A&) {
         run.world().CloneInstance(0);
         return absl::OkStatus();
       }},
      {"pause worker <number> for <duration>", "it stands still, with all that is under way to it and from it", When::kActing,
       +[](R& run, const A& a) {
         return WithWorker(run, NumberAt(a, 0), [&](int worker) { run.world().PauseWorker(worker, DurationAt(a, 1)); });
       }},
      {"kill worker <number> for <duration>", "it ends, and another one begins in its place after that", When::kActing,
       +[](R& run, const A& a) {
         return WithWorker(run, NumberAt(a, 0), [&](int worker) { run.world().KillWorker(worker, DurationAt(a, 1)); });
       }},
      {"drain worker <number>", "the operator has it hand over its groups", When::kActing,
       +[](R& run, const A& a) {
         return WithWorker(run, NumberAt(a, 0), [&](int worker) { run.world().DrainWorker(worker, true); });
       }},
      {"undrain worker <number>", "and takes it back", When::kActing,
       +[](R& run, const A& a) {
         return WithWorker(run, NumberAt(a, 0), [&](int worker) { run.world().DrainWorker(worker, false); });
       }},
      {"step clock <duration>", "the process's clock jumps; a minus goes back", When::kActing,
       +[](R& run, const A& a) {
         run.world().StepClock(0, DurationAt(a, 0));
         return absl::OkStatus();
       }},

      // Administrators and the operator.
      {"expire sync tokens <calendar>", "those that were handed out answer 410", When::kActing,
       +[](R& run, const A& a) {
         run.world().server().ExpireSyncTokens(run.world().google_id(CalendarAt(a, 0)));
         return absl::OkStatus();
       }},
      {"revoke grant <calendar>", "CalSync may do nothing any more", When::kActing,
       +[](R& run, const A& a) {
         run.world().SetGrant(CalendarAt(a, 0), fake::Grant::kRevoked);
         return absl::OkStatus();
       }},
      {"grant again <calendar>", "and may again", When::kActing,
       +[](R& run, const A& a) {
         run.world().SetGrant(CalendarAt(a, 0), fake::Grant::kFull);
         return absl::OkStatus();
       }},
      {"link <calendar>", "the operator links one more calendar", When::kActing,
       +[](R& run, const A& a) {
         run.world().LinkCalendar(0, CalendarAt(a, 0));
         return absl::OkStatus();
       }},
      {"disable <calendar>", "the operator switches it off: its blocks go, and those made from it", When::kActing,
       +[](R& run, const A& a) {
         run.world().SetLinkState(0, CalendarAt(a, 0), LinkState::kDisabled);
         return absl::OkStatus();
       }},
      {"enable <calendar>", "and on again", When::kActing,
       +[](R& run, const A& a) {
         run.world().SetLinkState(0, CalendarAt(a, 0), LinkState::kEnabled);
         return absl::OkStatus();
       }},
      {"remove <calendar>", "the operator unlinks it for good", When::kActing,
       +[](R& run, const A& a) {
         run.world().SetLinkState(0, CalendarAt(a, 0), LinkState::kRemoved);
         return absl::OkStatus();
       }},
      {"walk again", "the operator wants every calendar listed whole", When::kActing,
       +[](R& run, const A&) { return Operate(run, WalkAgain{}); }},
      {"confirm sweep <calendar>", "the operator says: what is missing there is truly gone", When::kActing,
       +[](R& run, const A& a) { return Operate(run, ConfirmSweep{World::KeyOf(CalendarAt(a, 0))}); }},
      {"migrate", "the operator has every block of the system before CalSync adopted that is for just one event", When::kActing,
       +[](R& run, const A&) { return Operate(run, AdoptLegacy{}); }},
      {"mark <event> on <calendar> is mine", "the operator says: it only looks like a block", When::kActing,
       +[](R& run, const A& a) { return SettleMark(run, CalendarAt(a, 1), EventAt(a, 0), SettleLegacy::As::kPersons); }},
      {"mark <event> on <calendar> is a block", "the operator says: the system before CalSync made it", When::kActing,
       +[](R& run, const A& a) { return SettleMark(run, CalendarAt(a, 1), EventAt(a, 0), SettleLegacy::As::kBlock); }},
      {"mark <event> on <calendar> is the block of <event> on <calendar>", "and for this event", When::kActing,
       +[](R& run, const A& a) { return SettleMarkFor(run, CalendarAt(a, 1), EventAt(a, 0), CalendarAt(a, 3), EventAt(a, 2)); }},
      {"resume writes", "the operator closes the circuit breaker", When::kActing,
       +[](R& run, const A&) { return Operate(run, ResumeWrites{}); }},

      // Time, and what is to be seen.
      {"wait <duration>", "time goes by", When::kActing,
       +[](R& run, const A& a) {
         run.world().RunFor(DurationAt(a, 0));
         return absl::OkStatus();
       }},
      {"wait until <time>", "time goes by", When::kActing,
       +[](R& run, const A& a) {
         run.world().RunUntil(TimeAt(a, 0).time);
         return absl::OkStatus();
       }},
      {"settle", "time goes by until nothing is left to do; then all laws are checked", When::kActing,
       +[](R& run, const A&) { return Settle(run); }},
      {"count", "what there is, and what it took since the last time", When::kActing,
       +[](R& run, const A&) {
         run.world();
         run.TellRest("counted");
         return absl::OkStatus();
       }},
      {"quiet day", "a day in which nobody does anything, and no event may be written", When::kActing,
       +[](R& run, const A&) {
         run.world().QuietDay();
         run.TellRest("a day later");
         return absl::OkStatus();
       }},
      {"expect <calendar> : nothing", "the calendar is empty", When::kActing,
       +[](R& run, const A& a) { return ExpectCount(run, CalendarAt(a, 0), 0); }},
      {"expect <calendar> : <number> events", "so many are on the calendar", When::kActing,
       +[](R& run, const A& a) { return ExpectCount(run, CalendarAt(a, 0), static_cast<size_t>(NumberAt(a, 1))); }},
      {"expect <calendar> : <shown>", "just these are on the calendar: title, start, length, with commas between", When::kActing,
       +[](R& run, const A& a) { return Expect(run, CalendarAt(a, 0), std::get<std::vector<ShownWord>>(a[1])); }},
      {"expect <number> writes", "so many since the last `settle`, `count` or `quiet day`", When::kActing,
       +[](R& run, const A& a) { return ExpectWrites(run, NumberAt(a, 0)); }},
      {"alerts", "what CalSync warns of at this moment, into the trace", When::kActing,
       +[](R& run, const A&) {
         run.Tell(absl::StrCat("alerts: ", AlertsNow(run)));
         return absl::OkStatus();
       }},
      {"expect alerts <text>", "just these: the name of each, and its calendar if it is one calendar's; or `none`", When::kActing,
       +[](R& run, const A& a) { return ExpectAlerts(run, TextAt(a, 0)); }},
      {"trace off", "what follows is not told", When::kActing,
       +[](R& run, const A&) {
         run.SetTracing(false);
         return absl::OkStatus();
       }},
      {"trace on", "and told again", When::kActing,
       +[](R& run, const A&) {
         run.SetTracing(true);
         return absl::OkStatus();
       }},
  };
}

}  // namespace

const std::vector<CommandRow>& CommandTable() {
  static const std::vector<CommandRow>& table = *new std::vector<CommandRow>(MakeTable());
  return table;
}

}  // namespace calsync::sim
