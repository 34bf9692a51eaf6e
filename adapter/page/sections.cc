#include "adapter/page/sections.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "adapter/http/target.h"
#include "adapter/page/html.h"
#include "adapter/page/story.h"
#include "engine/api/event_time.h"
#include "engine/base/uuid.h"

namespace calsync::adapter {
namespace {

constexpr size_t kEventsShown = 15;
constexpr size_t kFoundShown = 50;
constexpr size_t kPassesShown = 10;
constexpr int64_t kTrailShown = 25;
constexpr int64_t kStoryShown = 200;

const Engine* EngineOf(const Pen& pen, const GroupId& group) {
  const auto view = pen.runner.Look(group);
  return view.has_value() ? view->engine : nullptr;
}

std::string NameOf(const GroupConfig& config, CalendarKey calendar) {
  const LinkedCalendar* const linked = config.Find(calendar);
  return linked == nullptr ? "" : Escape(linked->name);
}

std::string Moment(const Pen& pen, absl::Time at) { return absl::FormatTime("%a %d %b %H:%M:%S", at, pen.zone); }

// "Mon 04 May 10:00–10:30", "Mon 04 May, all day".
std::string When(const Pen& pen, const TimeSpan& span) {
  if (span.all_day) {
    return absl::StrCat(absl::FormatTime("%a %d %b %Y", absl::UnixEpoch() + span.start * absl::Hours(24), absl::UTCTimeZone()),
                        ", all day");
  }
  const absl::Time start = absl::FromUnixSeconds(span.start), end = absl::FromUnixSeconds(span.end);
  const bool one_day = absl::ToCivilDay(start, pen.zone) == absl::ToCivilDay(end, pen.zone);
  return absl::StrCat(absl::FormatTime("%a %d %b %Y %H:%M", start, pen.zone), "–",
                      absl::FormatTime(one_day ? "%H:%M" : "%a %d %b %H:%M", end, pen.zone));
}

std::string LinkTo(const GroupId& group, absl::string_view id, absl::string_view words) {
  return absl::StrCat("<a href=\"/event?group=", http::PercentEncode(group.text()), "&amp;id=", http::PercentEncode(id), "\">",
                      Escape(words), "</a>");
}

std::string Heading(const Pen& pen, const GroupId& group, absl::string_view words) {
  const std::string of =
      pen.board.groups().size() > 1 ? absl::StrCat(" <span class=\"dim\">", Escape(group.text()), "</span>") : "";
  return absl::StrCat("<h2>", words, of, "</h2>");
}

std::string Table(absl::string_view head, absl::string_view rows) {
  return absl::StrCat("<div class=\"scroll\"><table><tr class=\"head\">", head, "</tr>", rows, "</table></div>");
}

absl::string_view ClassOf(Standing standing) {
  switch (standing) {
    case Standing::kShown:
      return "well";
    case Standing::kStays:
    case Standing::kNotDue:
    case Standing::kHeld:
      return "dim";
    case Standing::kFrozen:
    case Standing::kFight:
    case Standing::kWaiting:
      return "warn";
    case Standing::kUnexplained:
      return "bad";
  }
  return "";
}

std::string SlotWords(const Pen& pen, const GroupConfig& config, const SlotStory& slot) {
  const std::string until = slot.until == absl::InfinitePast() ? "" : absl::StrCat(" (until ", Moment(pen, slot.until), ")");
  const bool shown = slot.standing == Standing::kShown;
  return absl::StrCat("<div class=\"", ClassOf(slot.standing), "\">", shown ? "✓ " : "", NameOf(config, slot.target),
                      shown ? "" : absl::StrCat(": ", Escape(slot.words), until), "</div>");
}

std::string EventRow(const Pen& pen, const GroupId& group, const Engine& engine, RowIndex row) {
  const Record& record = engine.records()[row];
  std::string slots;
  if (record.IsLiveUserEvent()) {
    for (const SlotStory& slot : engine.Explain(row)) absl::StrAppend(&slots, SlotWords(pen, engine.config(), slot));
  } else {
    slots = absl::StrCat("<span class=\"dim\">", Escape(engine.ExplainEvent(row)), "</span>");
  }
  const bool titled = pen.titles && !record.summary.empty();
  const absl::string_view words = titled ? record.summary.view() : record.event.view();
  return absl::StrCat("<tr><td class=\"when\">", When(pen, record.span), "</td><td>", NameOf(engine.config(), record.calendar),
                      titled ? "</td><td class=\"title\">" : "</td><td class=\"id\">", LinkTo(group, record.event.view(), words),
                      "</td><td data-of=\"blocks\">", slots, "</td></tr>");
}

std::string TrailRow(const Pen& pen, const GroupId& group, const GroupConfig& config, const AuditEntry& entry) {
  return absl::StrCat("<tr><td class=\"when\">", Moment(pen, entry.at), "</td><td>", NameOf(config, entry.calendar), "</td><td>",
                      Escape(Name(entry.kind)),
                      entry.detail.empty() ? "" : absl::StrCat(" <span class=\"dim\">", Escape(entry.detail), "</span>"),
                      "</td><td class=\"id\">", entry.event.empty() ? "" : LinkTo(group, entry.event.text(), entry.event.text()),
                      "</td></tr>");
}

std::string TrailTable(const Pen& pen, const GroupId& group, const GroupConfig& config,
                       const absl::StatusOr<std::vector<AuditRow>>& trail) {
  if (!trail.ok()) return absl::StrCat("<p class=\"bad\">", Escape(trail.status().message()), "</p>");
  std::string rows;
  for (auto row = trail->rbegin(); row != trail->rend(); ++row) absl::StrAppend(&rows, TrailRow(pen, group, config, row->entry));
  if (rows.empty()) return "<p class=\"dim\">Nothing in the trail.</p>";
  return Table("<th>When</th><th>Calendar</th><th>What</th><th>Event</th>", rows);
}

// How a calendar is, in one word.
std::pair<absl::string_view, std::string> StateOf(const Board::Group& group, const CalendarHealth& calendar) {
  const LinkedCalendar* const linked = group.config.Find(calendar.calendar);
  if (linked != nullptr && linked->state != LinkState::kEnabled) {
    return {"dim", linked->state == LinkState::kDisabled ? "disabled" : "removed"};
  }
  for (const Alert& alert : group.health.alerts) {
    if (alert.calendar == calendar.calendar) return {"bad", std::string(Name(alert.kind))};
  }
  if (group.paused) return {"dim", "paused"};
  return calendar.last_pass == absl::InfinitePast() ? std::make_pair(absl::string_view("warn"), std::string("not read yet"))
                                                    : std::make_pair(absl::string_view("well"), std::string("well"));
}

std::string CalendarCard(const Pen& pen, const Board::Group& group, const CalendarHealth& calendar) {
  const auto [tone, state] = StateOf(group, calendar);
  int64_t queued = 0;
  for (const int64_t length : calendar.queued) queued += length;
  const absl::Time now = pen.board.Now();
  const std::string channel = calendar.channel_opened == absl::InfinitePast()
                                  ? std::string("polled")
                                  : absl::StrCat("told of changes, since ", Roughly(now - calendar.channel_opened));
  std::string state_words(state);
  std::replace(state_words.begin(), state_words.end(), '_', ' ');
  return absl::StrCat(
      "<div class=\"card\"><h3>", NameOf(group.config, calendar.calendar), " <span class=\"pill ", tone, "\">",
      Escape(state_words), "</span></h3><div class=\"figures\"><span><span class=\"big\">", calendar.figures.user_events_tracked,
      "</span>", calendar.figures.user_events_tracked == 1 ? "event" : "events", "</span><span><span class=\"big\">",
      calendar.figures.busy_blocks_tracked, "</span>", calendar.figures.busy_blocks_tracked == 1 ? "block" : "blocks", "</span>",
      queued > 0 ? absl::StrCat("<span><span class=\"big warn\">", queued, "</span>to do</span>") : "",
      "</div><div class=\"dim\">read ", AgoWords(calendar.last_pass, now), ", ", channel, "</div></div>");
}

std::string WebhookRow(const Pen& pen, const Board::Group& group, const Telling& telling) {
  const absl::Duration took = (telling.IsUnderWay() ? pen.board.Now() : telling.settled) - telling.arrived;
  const bool found = telling.calendar != CalendarKey();
  std::string what;
  if (!found) {
    what = "no channel of ours";
  } else if (telling.IsUnderWay()) {
    what = "under way";
  } else {
    what =
        absl::StrCat("rows ", telling.gained.events_processed, ", new events ", telling.gained.user_events_found,
                     ", blocks made ", telling.gained.busy_blocks_created, ", ours skipped ", telling.gained.our_events_skipped);
  }
  const std::string wrong = telling.error.empty() ? "" : absl::StrCat("<div class=\"bad\">", Escape(telling.error), "</div>");
  const absl::string_view tone = took > AlertLimits().webhook_max ? "warn" : "";
  return absl::StrCat("<tr><td class=\"when\">", Moment(pen, telling.arrived), "</td><td>",
                      found ? NameOf(group.config, telling.calendar) : "<span class=\"dim\">–</span>",
                      "</td><td>notification</td><td class=\"", tone, "\" data-of=\"took\">",
                      absl::StrFormat("%.1f s", absl::ToDoubleSeconds(took)), "</td><td>", what, wrong, "</td></tr>");
}

std::string PassRow(const Pen& pen, const Board::Group& group, const Pass& pass) {
  return absl::StrCat(
      "<tr><td class=\"when\">", Moment(pen, pass.ended), "</td><td>", NameOf(group.config, pass.calendar), "</td><td>",
      pass.full ? "full walk" : "listing", pass.notified ? ", told" : "", "</td><td data-of=\"took\">",
      absl::StrFormat("%.1f s", absl::ToDoubleSeconds(pass.ended - pass.began)), "</td><td>",
      pass.error.empty() ? absl::StrCat("rows ", pass.rows) : absl::StrCat("<span class=\"bad\">", Escape(pass.error), "</span>"),
      "</td></tr>");
}

}  // namespace

std::string HeaderSection(const Pen& pen, const std::string& search) {
  const bool well = pen.board.IsWell();
  return absl::StrCat("<header><h1><a href=\"/\">CalSync</a></h1><span class=\"pill ",
                      well ? "well\">all is well" : "bad\">look here",
                      "</span><form action=\"/\"><input name=\"q\" type=\"search\" aria-label=\"Search events\" placeholder=\"",
                      pen.titles ? "Title or id of an event" : "Id of an event", "\" value=\"", Escape(search),
                      "\"><button>Search</button></form></header>");
}

std::string AlertSection(const Pen& pen) {
  std::string html;
  for (const auto& [id, group] : pen.board.groups()) {
    const std::string of = pen.board.groups().size() > 1 ? absl::StrCat(Escape(id.text()), ": ") : "";
    if (!group.trouble.ok()) {
      absl::StrAppend(&html, "<div class=\"card alert\"><b>", of, group.for_good ? "stopped" : "in trouble", "</b><br>",
                      Escape(group.trouble.message()), "</div>");
    }
    for (const Alert& alert : group.health.alerts) {
      std::string name(Name(alert.kind));
      std::replace(name.begin(), name.end(), '_', ' ');
      const std::string since = alert.since == absl::InfinitePast()
                                    ? ""
                                    : absl::StrCat(" <span class=\"dim\">since ", Moment(pen, alert.since), "</span>");
      absl::StrAppend(&html, "<div class=\"card alert\"><b class=\"bad\">", of, Escape(name), "</b>", since, "<br>",
                      Escape(Sentence(group, alert)), "</div>");
    }
  }
  for (const Board::Broken& broken : pen.board.broken()) {
    absl::StrAppend(&html, "<div class=\"card alert\"><b class=\"bad\">", Escape(broken.group.text()), ": broken, ",
                    broken.runs ? "runs as it was before" : "does not run", "</b><br>", Escape(broken.why.message()), "</div>");
  }
  return html;
}

std::string CalendarSection(const Pen& pen) {
  std::string html;
  for (const auto& [id, group] : pen.board.groups()) {
    absl::StrAppend(&html, Heading(pen, id, "Calendars"), "<div class=\"grid\">");
    for (const CalendarHealth& calendar : group.health.calendars) absl::StrAppend(&html, CalendarCard(pen, group, calendar));
    absl::StrAppend(&html, "</div>");
    if (group.health.calendars.empty()) {
      absl::StrAppend(&html, "<p class=\"dim\">", group.paused ? "Paused." : "Not started yet.", "</p>");
    }
  }
  return html;
}

std::string EventSection(const Pen& pen, const std::string& search) {
  std::string html;
  for (const auto& [id, group] : pen.board.groups()) {
    const Engine* const engine = EngineOf(pen, id);
    absl::StrAppend(&html, Heading(pen, id, search.empty() ? "Next events and their blocks" : "Found"));
    if (engine == nullptr) {
      absl::StrAppend(&html, "<p class=\"dim\">This group is not in memory now. <code>calsync audit</code> knows it all.</p>");
      continue;
    }
    std::string rows;
    const absl::Time now = pen.board.Now();
    for (const RowIndex row : Search(*engine, search, pen.titles, now, search.empty() ? kEventsShown : kFoundShown)) {
      // What is over, or gone, is found, but not next.
      const Record& record = engine->records()[row];
      if (search.empty() && (!record.IsLiveUserEvent() || LatestEnd(record.span) < now)) continue;
      absl::StrAppend(&rows, EventRow(pen, id, *engine, row));
    }
    absl::StrAppend(&html, rows.empty() ? "<p class=\"dim\">None.</p>"
                                        : Table("<th>When</th><th>Calendar</th><th>Event</th><th>Blocks</th>", rows));
  }
  return html;
}

std::string PassSection(const Pen& pen) {
  std::string html;
  for (const auto& [id, group] : pen.board.groups()) {
    std::string rows;
    size_t shown = 0;
    const auto& tellings = group.passes.tellings;
    for (auto telling = tellings.rbegin(); telling != tellings.rend() && shown < kPassesShown; ++telling, ++shown) {
      absl::StrAppend(&rows, WebhookRow(pen, group, *telling));
    }
    shown = 0;
    const auto& passes = group.passes.passes;
    for (auto pass = passes.rbegin(); pass != passes.rend() && shown < kPassesShown; ++pass, ++shown) {
      absl::StrAppend(&rows, PassRow(pen, group, *pass));
    }
    if (rows.empty()) continue;
    absl::StrAppend(&html, Heading(pen, id, "Last passes"),
                    Table("<th>When</th><th>Calendar</th><th>Why</th><th>Took</th><th>What came of it</th>", rows));
  }
  return html;
}

std::string TrailSection(const Pen& pen) {
  std::string html;
  for (const auto& [id, group] : pen.board.groups()) {
    const absl::StatusOr<std::vector<AuditRow>> trail = pen.store.Audit(id, {.limit = kTrailShown});
    absl::StrAppend(&html, Heading(pen, id, "Done lately"), TrailTable(pen, id, group.config, trail));
    if (!absl::IsUnavailable(trail.status())) continue;
    // A database that does not answer holds the loop up each time that it is asked.
    const bool is_last = id == pen.board.groups().rbegin()->first;
    if (!is_last) absl::StrAppend(&html, "<p class=\"dim\">It is not asked about the groups that follow.</p>");
    break;
  }
  return html;
}

std::string StorySection(const Pen& pen, const GroupId& group, const std::string& id) {
  const auto known = pen.board.groups().find(group);
  const Engine* const engine = EngineOf(pen, group);
  if (known == pen.board.groups().end()) return "<h2>There is no such group</h2>";
  if (engine == nullptr) return "<h2>This group is not in memory now</h2><p><code>calsync audit</code> knows it all.</p>";
  const EventStory story = StoryOf(*engine, id);
  std::string html = absl::StrCat("<h2>", Escape(id), "</h2>");
  if (story.rows.empty()) absl::StrAppend(&html, "<p class=\"dim\">Nobody here knows it now.</p>");
  std::string rows;
  for (const RowIndex row : story.rows) {
    const Record& record = engine->records()[row];
    const std::string title =
        pen.titles && !record.summary.empty() ? absl::StrCat("<b>", Escape(record.summary.view()), "</b><br>") : "";
    absl::StrAppend(&rows, "<tr><td class=\"when\">", When(pen, record.span), "</td><td>",
                    NameOf(engine->config(), record.calendar), "</td><td>", title, Escape(engine->ExplainEvent(row)),
                    "</td><td class=\"id\">", Escape(record.event.view()), "<br>",
                    record.id.empty() ? "" : FormatUuid(record.id.value), "</td></tr>");
    if (!record.IsLiveUserEvent()) continue;
    std::string slots;
    for (const SlotStory& slot : engine->Explain(row)) absl::StrAppend(&slots, SlotWords(pen, engine->config(), slot));
    absl::StrAppend(&rows, "<tr><td></td><td></td><td colspan=\"2\">", slots, "</td></tr>");
  }
  if (!rows.empty()) absl::StrAppend(&html, Table("<th>When</th><th>Calendar</th><th>What it is</th><th>Ids</th>", rows));
  AuditQuery query = story.query;
  query.limit = kStoryShown;
  return absl::StrCat(html, "<h2>Its trail</h2>", TrailTable(pen, group, known->second.config, pen.store.Audit(group, query)));
}

std::string FooterSection(const Pen& pen) {
  return absl::StrCat(
      "<footer class=\"dim\">Runs since ", Moment(pen, pen.board.since()),
      ". <a href=\"/status.json\">JSON</a> · <a href=\"/metrics\">metrics</a> · <a href=\"/healthz\">health</a></footer>");
}

}  // namespace calsync::adapter
