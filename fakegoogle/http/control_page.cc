#include "fakegoogle/http/control_page.h"

namespace calsync::fake {

absl::string_view ControlPage() {
  static constexpr char kPage[] = R"(<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Fake Google Calendar</title>
<link rel="icon" href="data:,">
<style>
  body { font: 15px/1.4 system-ui, sans-serif; margin: 1.5em auto; max-width: 90em; padding: 0 1em; color: #222; }
  h1 { font-size: 1.3em; } h2 { font-size: 1.05em; margin: 1.5em 0 .4em; }
  table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .15em .6em .15em 0; vertical-align: top; }
  th { font-weight: 600; border-bottom: 1px solid #bbb; } tr.gone td { color: #999; text-decoration: line-through; }
  code { font-size: .92em; } .bad { color: #b00020; } #problem { color: #b00020; min-height: 1.4em; }
  button { font: inherit; margin-right: .3em; white-space: nowrap; } select { font: inherit; }
</style>
<h1>Fake Google Calendar</h1>
<p><span id="now"></span> <span id="clock"></span> <button id="reset">Reset everything</button></p>
<p id="problem"></p>
<h2>Calendars</h2>
<table><thead><tr><th>Calendar<th>Id<th>Owner<th>Zone<th>Events<th>Channels<th></thead><tbody id="calendars"></tbody></table>
<h2>Events of <select id="which"></select></h2>
<table><thead><tr><th>Event<th>When<th>Id<th>Made by<th>Last changed by</thead><tbody id="events"></tbody></table>
<h2>Faults</h2>
<p><button data-profile="none">None</button><button data-profile="mild">Mild</button><button data-profile="rough">Rough</button>
<span id="faults"></span></p>
<h2>Calls and messages</h2>
<table><thead><tr><th>At<th>What<th>Target<th>Who<th>Status</thead><tbody id="journal"></tbody></table>
<script>
const $ = id => document.getElementById(id);
const get = async what => (await fetch('/_fake/' + what)).json();
async function post(what, body) {
  const answer = await fetch('/_fake/' + what, {method: 'POST', body: JSON.stringify(body)});
  const json = await answer.json();
  $('problem').textContent = json.error ? json.error.message : '';
  show();
}
// Texts from calendars are never read as HTML.
function row(cells, name) {
  const tr = document.createElement('tr');
  if (name) tr.className = name;
  for (const cell of cells) {
    const td = document.createElement('td');
    if (cell instanceof Node) td.append(cell); else td.textContent = cell === undefined ? '' : cell;
    tr.append(td);
  }
  return tr;
}
function button(text, action) {
  const made = document.createElement('button');
  made.textContent = text;
  made.onclick = action;
  return made;
}
const when = event => event.start ? (event.start.dateTime || event.start.date) + ' – ' + (event.end.dateTime || event.end.date) : '';
let busy = false;
async function show() {
  if (busy) return;
  busy = true;
  try {
    const state = await get('state');
    $('now').textContent = state.now;
    if (state.manualClock && !$('clock').childNodes.length) {
      for (const step of ['1m', '1h', '24h']) $('clock').append(button('+' + step, () => post('clock', {advance: step})));
    }
    $('calendars').replaceChildren(...state.calendars.map(one => row([one.summary, one.id, one.owner, one.timeZone, one.events,
      one.channels, button('Expire sync tokens', () => post('expire', {calendar: one.id}))])));
    const which = $('which');
    if (which.options.length !== state.calendars.length) {
      const before = which.value;
      which.replaceChildren(...state.calendars.map(one => new Option(one.summary, one.id)));
      if (before) which.value = before;
    }
    $('faults').textContent = state.faults.filter(one => one.perMille || one.struck)
      .map(one => `${one.id} ${one.what}: ${one.perMille} ‰, struck ${one.struck}`).join(' · ');
    if (which.value) {
      const events = await get('events?calendar=' + encodeURIComponent(which.value));
      $('events').replaceChildren(...events.items.slice(0, 500).map(event => row([event.summary, when(event), event.id,
        event.truth.creator, event.truth.lastWriter], event.status === 'cancelled' ? 'gone' : '')));
    }
    const journal = await get('journal?last=50');
    $('journal').replaceChildren(...journal.lines.reverse().map(line => row([line.at, line.what, line.target, line.who,
      line.status + (line.note ? ' ' + line.note : '')], '')));
  } catch (error) {
    $('problem').textContent = 'The fake does not answer: ' + error.message;
  } finally {
    busy = false;
  }
}
for (const one of document.querySelectorAll('[data-profile]')) one.onclick = () => post('faults', {profile: one.dataset.profile});
$('reset').onclick = () => post('reset', {});
$('which').onchange = show;
setInterval(show, 2000);
show();
</script>
</html>
)";
  return absl::string_view(kPage, sizeof kPage - 1);
}

}  // namespace calsync::fake
