#include "tools/view_page.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace calsync::tools {
namespace {

constexpr char kStyle[] = R"css(
:root{--bg:#fbfbfa;--panel:#fff;--ink:#1d2126;--soft:#6a727d;--line:#e4e5e8;--people:#1f6feb;--google:#188038;--notice:#8250df;
--engine:#3b4754;--store:#9a5b00;--law:#c62828;--mishap:#b35900;--sel:#e8f0fe;--hit:#fff3c4;--stripe:#f5f6f7}
@media (prefers-color-scheme:dark){:root{--bg:#14171a;--panel:#1b1f24;--ink:#e3e6ea;--soft:#8d96a1;--line:#2c3239;--people:#79b0ff;
--google:#6fcf8b;--notice:#c7a3ff;--engine:#c3ccd6;--store:#e8b05c;--law:#ff7b72;--mishap:#ffa657;--sel:#22344f;--hit:#4a3f14;--stripe:#181c20}}
*{box-sizing:border-box}html,body{margin:0;height:100%;background:var(--bg);color:var(--ink);font:13px/1.4 system-ui,sans-serif}
body{display:grid;grid-template:auto auto 1fr/1fr 372px;overflow:hidden}
header{grid-column:1/3;padding:10px 16px 8px;border-bottom:1px solid var(--line);background:var(--panel);display:flex;gap:14px;align-items:baseline;flex-wrap:wrap}
h1{font-size:15px;margin:0;font-weight:650}.soft{color:var(--soft)}.law{color:var(--law);font-weight:600}.good{color:var(--google);font-weight:600}
header input{margin-left:auto;font:inherit;padding:3px 9px;border:1px solid var(--line);border-radius:6px;background:var(--bg);color:var(--ink);width:220px}
button{font:inherit;padding:2px 9px;border:1px solid var(--line);border-radius:6px;background:var(--bg);color:var(--ink);cursor:pointer}
.grid{display:grid;grid-template-columns:48px 136px 1.3fr 1.3fr .8fr 1.7fr 1.5fr;gap:0 10px}
#heads{grid-column:1;padding:6px 28px 5px 16px;border-bottom:1px solid var(--line);background:var(--panel);font-weight:600;font-size:12px}
#heads :nth-child(3){color:var(--people)}#heads :nth-child(4){color:var(--google)}#heads :nth-child(5){color:var(--notice)}
#heads :nth-child(6){color:var(--engine)}#heads :nth-child(7){color:var(--store)}
#scroll{grid-column:1;overflow-y:scroll;position:relative;outline:none;scrollbar-width:thin}#space{position:relative}
.row{position:absolute;left:0;right:0;height:24px;padding:0 16px;line-height:24px;white-space:nowrap;cursor:default}
.row>span{overflow:hidden;text-overflow:ellipsis}.row.odd{background:var(--stripe)}.row.hit{background:var(--hit)}.row.sel{background:var(--sel);box-shadow:inset 3px 0 var(--people)}
.row.lawrow{color:var(--law);font-weight:600}.row.diff{box-shadow:inset 3px 0 var(--law)}.row.wide{display:block;overflow:hidden;text-overflow:ellipsis}
.n{color:var(--soft);text-align:right;font-variant-numeric:tabular-nums}.t{color:var(--soft);font-variant-numeric:tabular-nums}
.people{color:var(--people)}.google{color:var(--google)}.notice{color:var(--notice)}.engine{color:var(--engine)}.store{color:var(--store)}.mishap{color:var(--mishap)}
.day{border-top:1px solid var(--line)}
#map{position:absolute;right:384px;width:12px;pointer-events:none}
aside{grid-column:2;grid-row:2/4;border-left:1px solid var(--line);background:var(--panel);overflow-y:auto;padding:12px 14px 30px}
aside h2{font-size:12px;text-transform:uppercase;letter-spacing:.04em;color:var(--soft);margin:16px 0 5px}aside h2:first-child{margin-top:0}
aside p,aside li{margin:2px 0;overflow-wrap:anywhere}aside ul{margin:0;padding-left:17px}
table{border-collapse:collapse;width:100%;font-size:12px}td{padding:2px 8px 2px 0;vertical-align:top;border-bottom:1px solid var(--line)}
tr.new td{background:var(--hit)}tr.gone td{color:var(--soft);text-decoration:line-through}
.name{color:inherit;text-decoration:underline dotted;text-underline-offset:3px;cursor:pointer}
kbd{font:11px ui-monospace,monospace;border:1px solid var(--line);border-bottom-width:2px;border-radius:4px;padding:0 5px;background:var(--bg)}
.both{display:grid;grid-template-columns:1fr;gap:6px}.both>div{border-left:3px solid var(--law);padding-left:8px}
dialog{border:1px solid var(--line);border-radius:10px;background:var(--panel);color:var(--ink)}dialog td{border:0}
)css";

constexpr char kScript[] = R"js(
'use strict';
const H=24,$=id=>document.getElementById(id),esc=s=>s.replace(/[&<>"]/g,c=>({'&':'&amp;','<':'&lt;','>':'&gt;','"':'&quot;'}[c]));
const NAME=/(^|[^\w-])([ekcp]\d+(?:_\w+)?)(?![\w-])/g;
let which=0,T=DATA.traces[0],L=T.lines,sel=0,find='',hits=[];
const scroll=$('scroll'),space=$('space'),map=$('map');
const pad=(n,w)=>String(n).padStart(w,'0');
function clock(ms){const d=new Date(ms);return pad(d.getUTCHours(),2)+':'+pad(d.getUTCMinutes(),2)+':'+pad(d.getUTCSeconds(),2)+'.'+pad(d.getUTCMilliseconds(),3)}
const MONTHS='Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
function day(ms){const d=new Date(ms);return d.getUTCDate()+' '+MONTHS[d.getUTCMonth()]}
function words(l){return l.k==='step'?[l.i,...(l.c||[]),...(l.r||[])].join('; '):l.w||''}
function isNotice(l){return l.k==='step'&&/^(notification|first message)/.test(l.i)}
// The five lanes of a line, as text.
function lanes(l){
  const at=l.p,o=['','','','',''];
  if(l.k==='people')o[0]=at+': '+l.w;
  else if(l.k==='google')o[1]=at+': '+l.w;
  else if(l.k==='step'){
    const who=at==='engine'?'':at.replace('engine ','#')+' ';
    if(isNotice(l))o[2]=who+l.i; else o[3]=who+l.i;
    if(l.c)o[3]+=(o[3]?' \u2192 ':who+'\u2192 ')+l.c.join('; ');
    if(l.r)o[4]=l.r.join('; ');
  }
  return o;
}
const LANE=['people','google','notice','engine','store'];
function row(i){
  const l=L[i],e=document.createElement('div'),first=i===0||day(L[i-1].t)!==day(l.t);
  const law=l.k==='law',mishap=l.k==='mishap';
  e.className='row grid'+(i%2?' odd':'')+(hits.includes(i)?' hit':'')+(i===sel?' sel':'')+(law?' lawrow':'')+(first?' day':'')+
    (DATA.difference&&DATA.difference.line===i?' diff':'');
  e.style.top=i*H+'px';e.dataset.i=i;
  let h='<span class="n">'+l.s+'</span><span class="t">'+(first?day(l.t)+' ':'')+clock(l.t)+'</span>';
  if(law||mishap)h+='<span class="'+(law?'':'mishap')+'" style="grid-column:3/8">'+esc(l.p+': '+l.w)+'</span>';
  else lanes(l).forEach((x,n)=>{h+='<span class="'+LANE[n]+'">'+esc(x)+'</span>'});
  e.innerHTML=h;return e;
}
let drawn=null;
function draw(force){
  const a=Math.max(0,Math.floor(scroll.scrollTop/H)-10),b=Math.min(L.length,Math.ceil((scroll.scrollTop+scroll.clientHeight)/H)+10);
  const key=a+':'+b;if(!force&&key===drawn)return;drawn=key;
  const f=document.createDocumentFragment();for(let i=a;i<b;i++)f.appendChild(row(i));
  space.replaceChildren(f);
}
// What Google has and what the engines believe after line n: everything that was told until then.
function stateAt(n){
  const google=new Map(),rows=new Map();
  for(let i=0;i<=n&&i<L.length;i++){
    const l=L[i];
    if(l.k==='people'||l.k==='google'){
      const m=/^([^"]*?) (wrote back|\w+) (\S+) (".*)$/.exec(l.w);
      const gone=m&&/^(deleted|cancelled|purged)$/.test(m[2]);
      if(m)google.set(l.p+' '+m[3],{place:l.p,name:m[3],text:gone?'deleted by '+m[1]:m[4],gone,at:i});
    }
    for(const piece of (l.r||[]).join('; ').split('; ')){
      const m=/^(user event|block|seen) (\S+) (.*)$/.exec(piece.replace(/^commit:? ?/,''));
      if(m)rows.set(l.p+' '+m[1]+' '+m[2],{who:l.p,kind:m[1],name:m[2],text:m[3],gone:/^(gone|deleted)/.test(m[3]),at:i});
    }
  }
  return{google,rows};
}
const link=s=>esc(s).replace(NAME,'$1<a class="name" data-name="$2">$2</a>');
function table(map,head,n){
  const all=[...map.values()].sort((a,b)=>a.gone-b.gone||b.at-a.at);if(!all.length)return '';
  return '<h2>'+head+'</h2><table>'+all.map(r=>'<tr class="'+(r.at===n?'new ':'')+(r.gone?'gone':'')+'"><td>'+esc(r.place||(r.who==='engine'?'':r.who+' ')+r.kind)+
    '</td><td>'+link(r.name)+'</td><td>'+esc(r.text)+'</td></tr>').join('')+'</table>';
}
function details(){
  const l=L[sel];if(!l){$('side').innerHTML='';return}
  let h='<h2>Step '+l.s+' of '+(T.end?T.end.steps:L[L.length-1].s)+', line '+(sel+1)+' of '+L.length+'</h2><p class="soft">'+day(l.t)+' '+clock(l.t)+', '+esc(l.p)+'</p>';
  if(l.k==='step'){
    h+='<p class="'+(isNotice(l)?'notice':'engine')+'">'+link(l.i)+'</p>';
    if(l.c)h+='<h2>Calls</h2><ul class="engine">'+l.c.map(x=>'<li>'+link(x)+'</li>').join('')+'</ul>';
    if(l.r)h+='<h2>Stored</h2><ul class="store">'+l.r.join('; ').split('; ').map(x=>'<li>'+link(x.replace(/^commit:? ?/,''))+'</li>').join('')+'</ul>';
  }else h+='<p class="'+(l.k==='law'?'law':l.k)+'">'+link(l.w)+'</p>';
  if(DATA.difference&&DATA.difference.line===sel)
    h+='<h2>The traces part here</h2><div class="both"><div><b>'+esc(DATA.traces[0].name)+'</b><p>'+link(DATA.difference.recorded)+'</p></div><div><b>'+esc(DATA.traces[1].name)+'</b><p>'+link(DATA.difference.repeated)+'</p></div></div>';
  const s=stateAt(sel);
  h+=table(s.google,'Google has',sel)+table(s.rows,'The engine believes',sel);
  $('side').innerHTML=h;
}
function select(i,center){
  sel=Math.max(0,Math.min(L.length-1,i));
  const top=sel*H,view=scroll.clientHeight;
  if(center)scroll.scrollTop=top-view/2;
  else if(top<scroll.scrollTop)scroll.scrollTop=top;
  else if(top+H>scroll.scrollTop+view)scroll.scrollTop=top+H-view;
  draw(true);details();
}
function search(text){
  find=text;hits=[];
  if(text){
    const exact=/^[ekcp]\d+$/.test(text),re=exact?new RegExp('(^|[^\\w-])'+text+'(?![\\w-])'):null,low=text.toLowerCase();
    L.forEach((l,i)=>{const w=l.p+' '+words(l);if(exact?re.test(w):w.toLowerCase().includes(low))hits.push(i)});
  }
  $('found').textContent=text?hits.length+' lines':'';draw(true);minimap();
}
function next(from,step,test){for(let i=from+step;i>=0&&i<L.length;i+=step)if(test(i))return i;return -1}
function minimap(){
  const r=scroll.getBoundingClientRect(),c=map.getContext('2d'),q=window.devicePixelRatio||1;
  map.style.top=r.top+'px';map.style.height=r.height+'px';map.width=12*q;map.height=r.height*q;
  const css=getComputedStyle(document.documentElement),y=i=>Math.floor(i/Math.max(1,L.length)*map.height);
  const mark=(i,v,w)=>{c.fillStyle=css.getPropertyValue(v);c.fillRect((12-w)*q,y(i),w*q,Math.max(q,2*q))};
  L.forEach((l,i)=>{if(l.k==='people')mark(i,'--people',5);else if(l.k==='mishap')mark(i,'--mishap',5)});
  hits.forEach(i=>mark(i,'--notice',8));L.forEach((l,i)=>{if(l.k==='law')mark(i,'--law',12)});
  if(DATA.difference)mark(DATA.difference.line,'--law',12);
}
function show(n){
  which=n;T=DATA.traces[n];L=T.lines;
  space.style.height=L.length*H+'px';
  const s=T.setting,e=T.end;
  $('about').innerHTML='<h1>'+esc(T.name)+'</h1><span class="soft">'+esc(T.from)+'; '+s.calendars+' calendars, '+(T.recording?'recorded from a running CalSync; ':s.days+' days, '+s.actions+' actions; '+
    T.choices.length+' choices that are not benign; ')+L.length+' lines</span>'+
    (e&&T.recording?'<span class="soft">'+esc(e.message)+'</span>':e?(e.law?'<span class="law">'+esc(e.law+': '+e.message)+'</span>':'<span class="good">all laws hold</span>'):'')+
    (DATA.traces.length>1?'<button id="swap">the other trace (o)</button><span class="'+(DATA.difference?'law':'good')+'">'+
      (DATA.difference?'they part after '+DATA.difference.line+' lines (d)':'both are the same')+'</span>':'');
  const b=$('swap');if(b)b.onclick=()=>show(1-which);
  search(find);select(Math.min(sel,L.length-1),true);
}
scroll.onscroll=()=>draw(false);window.onresize=()=>{draw(true);minimap()};
space.onclick=e=>{const r=e.target.closest('.row');if(r)select(+r.dataset.i)};
$('side').onclick=e=>{const n=e.target.dataset.name;if(n){$('find').value=n;search(n)}};
$('find').oninput=e=>search(e.target.value.trim());
document.onkeydown=e=>{
  if(e.ctrlKey||e.metaKey||e.altKey)return;
  const typing=e.target===$('find');
  if(typing){if(e.key==='Enter'||e.key==='Escape'){if(e.key==='Escape'){$('find').value='';search('')}scroll.focus();if(hits.length)select(hits[0],true)}return}
  const page=Math.max(1,Math.floor(scroll.clientHeight/H)-2);
  const go={ArrowDown:()=>select(sel+1),j:()=>select(sel+1),ArrowUp:()=>select(sel-1),k:()=>select(sel-1),PageDown:()=>select(sel+page),PageUp:()=>select(sel-page),
    ' ':()=>select(sel+page),Home:()=>select(0),End:()=>select(L.length-1),
    n:()=>{const i=next(sel,1,i=>hits.includes(i));if(i>=0)select(i,true)},N:()=>{const i=next(sel,-1,i=>hits.includes(i));if(i>=0)select(i,true)},
    p:()=>{const i=next(sel,1,i=>L[i].k==='people'||L[i].k==='mishap');if(i>=0)select(i,true)},P:()=>{const i=next(sel,-1,i=>L[i].k==='people'||L[i].k==='mishap');if(i>=0)select(i,true)},
    l:()=>{const i=next(-1,1,i=>L[i].k==='law');if(i>=0)select(i,true)},d:()=>{if(DATA.difference)select(DATA.difference.line,true)},
    o:()=>{if(DATA.traces.length>1)show(1-which)},'/':()=>{$('find').focus();$('find').select()},'?':()=>$('help').showModal()}[e.key];
  if(go){e.preventDefault();go()}
};
const law=L.findIndex(l=>l.k==='law');
sel=DATA.difference?Math.min(DATA.difference.line,L.length-1):law>=0?law:0;
show(0);scroll.focus();
)js";

constexpr char kBody[] = R"html(
<header><div id="about" style="display:flex;gap:14px;align-items:baseline;flex-wrap:wrap"></div>
<input id="find" type="search" placeholder="find: e3, insert, 410 &hellip; ( / )" aria-label="find"><span id="found" class="soft"></span><button onclick="document.getElementById('help').showModal()">?</button></header>
<div id="heads" class="grid"><span class="n">step</span><span>time</span><span>people and programs</span><span>Google</span><span>notifications</span><span>engine</span><span>store</span></div>
<div id="scroll" tabindex="0"><div id="space"></div></div><canvas id="map"></canvas>
<aside id="side" aria-live="polite"></aside>
<dialog id="help"><table>
<tr><td><kbd>&darr;</kbd> <kbd>j</kbd>, <kbd>&uarr;</kbd> <kbd>k</kbd></td><td>a line down, up; <kbd>PgDn</kbd> <kbd>PgUp</kbd> <kbd>Home</kbd> <kbd>End</kbd></td></tr>
<tr><td><kbd>p</kbd> <kbd>P</kbd></td><td>what people and mishaps did next, before</td></tr>
<tr><td><kbd>l</kbd></td><td>the law that was broken</td></tr>
<tr><td><kbd>d</kbd> <kbd>o</kbd></td><td>of two traces: where they part; the other one</td></tr>
<tr><td><kbd>/</kbd> <kbd>n</kbd> <kbd>N</kbd></td><td>find; the next hit, the one before. A click on a name finds it, too</td></tr>
</table><form method="dialog" style="text-align:right"><button>close</button></form></dialog>
)html";

}  // namespace

std::string ViewPage(absl::string_view title, absl::string_view data) {
  // What ends a script ends it also within a text.
  const std::string safe = absl::StrReplaceAll(data, {{"</", "<\\/"}, {"<!--", "<\\!--"}});
  const std::string name = absl::StrReplaceAll(title, {{"&", "&amp;"}, {"<", "&lt;"}});
  return absl::StrCat(
      "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\">\n<title>",
      name, " \u2013 a run of CalSync</title>\n<style>", kStyle, "</style>\n<body>", kBody, "<script>\nconst DATA=", safe, ";\n",
      kScript, "</script>\n</body></html>\n");
}

}  // namespace calsync::tools
