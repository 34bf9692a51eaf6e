#include "adapter/page/html.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace calsync::adapter {
namespace {

// One column on a phone, cards beside each other where there is room; light or dark as the browser likes.
constexpr char kStyle[] = R"css(
:root{color-scheme:light dark;--ink:#1c2330;--dim:#5d6878;--line:#dfe3ea;--card:#fff;--page:#f4f6f9;--well:#1a7f45;--bad:#b3261e;--warn:#8a5a00;--link:#1d5fbf}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--dim:#9aa5b5;--line:#323a47;--card:#1b212b;--page:#12161d;--well:#58c98a;--bad:#ff8a80;--warn:#f0b95a;--link:#8ab4f8}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1080px;margin:0 auto;padding:16px}
header{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;margin:4px 0 16px}
h1{font-size:20px;margin:0}h1 a{color:inherit;text-decoration:none}
h2{font-size:16px;margin:24px 0 8px}h3{font-size:15px;margin:0 0 6px}
form{margin-left:auto;display:flex;gap:6px;flex:0 1 340px}
input{flex:1;min-width:0;padding:8px 10px;border:1px solid var(--line);border-radius:8px;background:var(--card);color:inherit;font:inherit}
button{padding:8px 14px;border:1px solid var(--line);border-radius:8px;background:var(--card);color:inherit;font:inherit}
a{color:var(--link)}
.grid{display:grid;gap:12px;grid-template-columns:repeat(auto-fill,minmax(240px,1fr))}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px;overflow-wrap:anywhere}
.pill{border-radius:999px;padding:2px 10px;font-size:13px;border:1px solid currentColor;white-space:nowrap}
.well{color:var(--well)}.bad{color:var(--bad)}.warn{color:var(--warn)}.dim{color:var(--dim)}
.alert{border-left:4px solid var(--bad);margin:0 0 8px}
.big{font-size:22px;font-weight:600;margin-right:3px}.figures{display:flex;flex-wrap:wrap;gap:2px 16px;margin:2px 0 4px}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:7px 12px;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}th{font-weight:600;font-size:13px;color:var(--dim)}
td.id{font:13px/1.5 ui-monospace,monospace;overflow-wrap:anywhere;min-width:9em}
td.title{overflow-wrap:anywhere;min-width:9em}
td.when{white-space:nowrap}
footer{margin:24px 0 8px;font-size:13px}
@media(max-width:640px){form{flex-basis:100%;margin-left:0}
table,tbody,td{display:block}tr.head{display:none}tr{display:flex;flex-wrap:wrap;gap:0 12px;padding:8px 12px;border-bottom:1px solid var(--line)}tr:last-child{border-bottom:0}
td{border:0;padding:1px 0}td.when,td.id,td.title,td[data-of=blocks]{flex-basis:100%}td.when{color:var(--dim);font-size:13px}td[data-of]:not(:empty)::before{content:attr(data-of) ": ";color:var(--dim)}}
)css";

}  // namespace

std::string Escape(absl::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char letter : text) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f ? ' ' : letter;
    }
  }
  return escaped;
}

std::string HtmlPage(absl::string_view title, absl::string_view body, int refresh) {
  return absl::StrCat(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
      refresh > 0 ? absl::StrCat("<meta http-equiv=\"refresh\" content=\"", refresh, "\">") : "", "<title>", title,
      "</title><style>", kStyle, "</style></head><body><main>", body, "</main></body></html>\n");
}

std::string Roughly(absl::Duration duration) {
  const int64_t seconds = std::max<int64_t>(0, absl::ToInt64Seconds(duration));
  if (seconds < 90) return absl::StrCat(seconds, " s");
  if (seconds < 90 * 60) return absl::StrCat(seconds / 60, " min");
  if (seconds < 36 * 3600) return absl::StrFormat("%d h %d min", seconds / 3600, seconds % 3600 / 60);
  return absl::StrCat(seconds / 86400, " days");
}

std::string AgoWords(absl::Time at, absl::Time now) {
  return at == absl::InfinitePast() ? "never" : absl::StrCat(Roughly(now - at), " ago");
}

}  // namespace calsync::adapter
