#include "adapter/page/page.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapter/http/target.h"
#include "adapter/page/html.h"
#include "adapter/page/metrics.h"
#include "adapter/page/sections.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

http::Response Reply(int status, std::string type, std::string body) {
  return {
      .status = status,
      .headers = {{"Content-Type", std::move(type)},
                  {"Cache-Control", "no-store"},
                  {"Content-Security-Policy",
                   "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
                  {"X-Content-Type-Options", "nosniff"},
                  {"Referrer-Policy", "no-referrer"}},
      .body = std::move(body)};
}

http::Response Text(int status, std::string text) { return Reply(status, "text/plain; charset=utf-8", std::move(text)); }
http::Response Html(std::string html) { return Reply(200, "text/html; charset=utf-8", std::move(html)); }

// The host that the browser believes to talk to, without the port.
bool NamesThisMachine(const http::Request& request) {
  const std::string host(request.headers.Get("Host"));
  const std::optional<http::Address> address = http::ParseAddress(absl::StrCat("http://", host, "/"));
  return address.has_value() && http::IsLoopback(address->host);
}

http::Response Healthz(const Board& board) {
  std::string body = board.Runs() ? board.IsWell() ? "ok\n" : "runs, with alerts\n" : "stopped\n";
  for (const auto& [id, group] : board.groups()) {
    if (!group.trouble.ok()) absl::StrAppend(&body, id.text(), ": ", group.trouble.message(), "\n");
    for (const Alert& alert : group.health.alerts) {
      absl::StrAppend(&body, id.text(), ": ", Name(alert.kind), ": ", Sentence(group, alert), "\n");
    }
  }
  for (const Board::Broken& broken : board.broken()) {
    absl::StrAppend(&body, broken.group.text(),
                    broken.runs ? ": broken, runs as it was before: " : ": broken, does not run: ", broken.why.message(), "\n");
  }
  return Text(board.Runs() ? 200 : 503, std::move(body));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Page>> Page::Listen(http::Loop& loop, const PageSettings& settings, Board& board,
                                                   const Runner& runner, Store& store, absl::TimeZone zone) {
  const std::optional<http::Endpoint> endpoint = http::ParseEndpoint(settings.listen);
  if (!endpoint || !http::IsLoopback(endpoint->address)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"listen\" takes an address of this machine alone and a port, as "
                     "127.0.0.1:8087, not \"",
                     settings.listen, "\": whoever reaches it reads the page"));
  }
  std::unique_ptr<Page> page(new Page(settings, board, runner, store, zone));
  const http::ServerOptions options{.address = endpoint->address,
                                    .port = endpoint->port,
                                    .header_max = 16 * 1024,
                                    .body_max = 1024,
                                    .connections_max = 64,
                                    .idle_max = absl::Seconds(30)};
  ASSIGN_OR_RETURN(page->server_, http::Server::Listen(loop, options, [self = page.get()](const http::Request& request) {
                     return self->Answer(request);
                   }));
  return page;
}

http::Response Page::Answer(const http::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return Text(405, "This page only reads.\n");
  if (!NamesThisMachine(request)) return Text(403, "This page is for this machine alone.\n");
  const std::optional<http::Target> target = http::ParseTarget(request.target);
  const std::string path = target ? absl::StrCat("/", absl::StrJoin(target->segments, "/")) : "";
  if (path == "/healthz") return Healthz(board_);
  if (path == "/metrics") return Reply(200, kMetricsType, MetricsText(board_));
  if (path == "/status.json") return Reply(200, "application/json", ReportOf(board_));
  if (path == "/") return Html(Home(target->query.Get("q")));
  if (path == "/event") return Html(Event(target->query.Get("group"), target->query.Get("id")));
  return Text(404, "There is nothing here. The page begins at /\n");
}

std::string Page::Home(const std::string& search) const {
  const Pen pen{.board = board_, .runner = runner_, .store = store_, .zone = zone_, .titles = settings_.titles};
  std::string body = HeaderSection(pen, search);
  if (search.empty()) {
    absl::StrAppend(&body, AlertSection(pen), CalendarSection(pen), EventSection(pen, ""), PassSection(pen), TrailSection(pen));
  } else {
    absl::StrAppend(&body, EventSection(pen, search));
  }
  absl::StrAppend(&body, FooterSection(pen));
  return HtmlPage("CalSync", body, search.empty() ? 30 : 0);
}

std::string Page::Event(const std::string& group, const std::string& id) const {
  const Pen pen{.board = board_, .runner = runner_, .store = store_, .zone = zone_, .titles = settings_.titles};
  const std::string body = absl::StrCat(HeaderSection(pen, ""), StorySection(pen, GroupId(group), id), FooterSection(pen));
  return HtmlPage("CalSync: an event", body, 0);
}

}  // namespace calsync::adapter
