// The list: all rows are held here, those that match are counted and sorted, and those in sight are drawn.
"use strict";
const FILTERS = ["run", "software", "task", "agent"];
const OUTCOMES = ["passed", "failed", "fault", "damaged", "unjudged", "playing", "unfinished"];
const SIGNS = { passed: "✓", failed: "✗", fault: "!", damaged: "!", unjudged: "?", unfinished: "…", playing: "▶" };
const served = !window.ROWS;
const rows = new Map();
let shown = [], selected = -1, version = 0, epoch = "", ahead = 0, lasting = 300;

const find = selector => document.querySelector(selector);
const words = find("#words"), order = find("#order"), body = find("tbody"), table = find("table");
const chosen = Object.fromEntries(FILTERS.map(name => [name, find(`[data-filter=${name}]`)]));
const outcomes = new Set();

const address = row => `${encodeURIComponent(row.run)}/${encodeURIComponent(row.name)}`;
const page = row => `episodes/${address(row)}.html`;
const thumb = row => !row.screen ? "" : served ? `thumbs/${address(row)}/${row.screen}.jpg` : `thumbs/${row.screen}.jpg`;
// Clocks differ: ages are counted by the server's.
const isLive = row => served && row.outcome === "unfinished" && Date.now() / 1000 + ahead - row.changed < lasting;
const state = row => isLive(row) ? "playing" : row.outcome;

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// A path goes on in the next line after a slash.
const breakable = path => path.split(/(?<=\/)/).flatMap(part => [part, make("wbr")]);

function badge(outcome, words = outcome) {
  const sign = make("i", { textContent: SIGNS[outcome] });
  sign.setAttribute("aria-hidden", "true");
  return make("span", { className: `badge ${outcome}` }, sign, words);
}

const dollars = row => !row.asked ? "" : row.usd === null ? "unknown" : `$${row.usd.toFixed(row.usd >= 1 ? 2 : 4)}`;

function take(document) {
  for (const [run, name] of document.gone) rows.delete(`${run}/${name}`);
  if (document.whole) rows.clear();
  for (const values of document.rows) {
    const row = Object.fromEntries(document.columns.map((column, index) => [column, values[index]]));
    row.key = `${row.run}/${row.name}`;
    row.software = row.task.split(".")[0];
    row.words = `${row.task} ${row.goal} ${row.agent} ${row.name} ${row.fault}`.toLowerCase();
    rows.set(row.key, row);
  }
  ({ version, lasting } = document);
  if (document.now) ahead = document.now - Date.now() / 1000;
  epoch = document.epoch ?? "";
}

const text = (a, b) => a < b ? -1 : a > b ? 1 : 0;
const byTask = (a, b) => text(a.task, b.task) || a.seed - b.seed || text(a.agent, b.agent) || a.attempt - b.attempt || text(a.key, b.key);
const ORDERS = {
  task: byTask,
  newest: (a, b) => text(b.started, a.started) || byTask(a, b),
  seconds: (a, b) => b.seconds - a.seconds || byTask(a, b),
  usd: (a, b) => (b.usd ?? 0) - (a.usd ?? 0) || byTask(a, b),
  score: (a, b) => (a.score ?? 2) - (b.score ?? 2) || byTask(a, b),
};

// Whether a row passes every filter but one, so that a filter can tell what its other choices would show.
function matcher() {
  const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  return (row, but) => FILTERS.every(name => name === but || !chosen[name].value || chosen[name].value === row[name])
    && (but === "outcome" || !outcomes.size || outcomes.has(state(row)))
    && asked.every(word => row.words.includes(word));
}

function counts(matches, name, value) {
  const found = new Map();
  for (const row of rows.values()) {
    if (!found.has(value(row))) found.set(value(row), 0);
    if (matches(row, name)) found.set(value(row), found.get(value(row)) + 1);
  }
  return found;
}

function drawFilters(matches) {
  for (const name of FILTERS) {
    const found = [...counts(matches, name, row => row[name])].sort((a, b) => text(a[0], b[0]));
    const select = chosen[name], value = select.value || select.dataset.wanted || "";
    select.classList.toggle("set", !!value);
    if (select === document.activeElement && select.options.length) continue; // it may be open
    const options = found.map(([each, count]) => make("option", { value: each, textContent: `${each || "unknown"} (${count})` }));
    select.replaceChildren(make("option", { value: "", textContent: name === "software" ? "all software" : `all ${name}s` }), ...options);
    select.value = found.some(([each]) => each === value) ? value : "";
    select.hidden = found.length < 2;
    delete select.dataset.wanted;
  }
  const found = counts(matches, "outcome", state), bar = [], chips = [];
  for (const outcome of OUTCOMES.filter(each => found.has(each) || outcomes.has(each))) {
    const count = found.get(outcome) ?? 0, button = make("button", { type: "button" }, badge(outcome), " ", make("b", { textContent: count }));
    button.dataset.outcome = outcome;
    button.setAttribute("aria-pressed", outcomes.has(outcome));
    chips.push(button);
    if (count && (!outcomes.size || outcomes.has(outcome))) {
      const part = make("span", { className: outcome, title: `${count} ${outcome}` });
      part.style.flexGrow = count;
      bar.push(part);
    }
  }
  const place = find(".chips"), focused = document.activeElement?.dataset.outcome;
  place.replaceChildren(...chips);
  if (focused) place.querySelector(`[data-outcome=${focused}]`)?.focus();
  find(".bar").replaceChildren(...bar);
}

function tell() {
  let passed = 0, judged = 0;
  for (const row of shown) {
    passed += row.outcome === "passed";
    judged += row.outcome === "passed" || row.outcome === "failed";
  }
  const many = `${shown.length.toLocaleString("en")} episode${shown.length === 1 ? "" : "s"}`;
  find(".rate").textContent = judged ? `${many}; ${passed.toLocaleString("en")} of ${judged.toLocaleString("en")} judged passed, ${Math.round(100 * passed / judged)} %` : many;
}

function update(keep = true) {
  const before = shown[selected]?.key;
  if (words.dataset.wanted !== undefined) { words.value = words.dataset.wanted; delete words.dataset.wanted; }
  let matches = matcher();
  drawFilters(matches);
  matches = matcher();
  shown = [...rows.values()].filter(row => matches(row)).sort(ORDERS[order.value]);
  selected = keep && before ? shown.findIndex(row => row.key === before) : -1;
  find(".none").hidden = shown.length > 0;
  table.hidden = shown.length === 0;
  table.classList.toggle("no-cost", !shown.some(row => row.asked));
  tell();
  drawn.first = -1;
  draw();
  drawWall();
  remember();
}

// The choice stays in the address, so that it is still there on the way back from an episode.
function remember() {
  const state = new URLSearchParams();
  for (const name of FILTERS) if (chosen[name].value) state.set(name, chosen[name].value);
  for (const outcome of outcomes) state.append("outcome", outcome);
  if (words.value) state.set("words", words.value);
  if (order.value !== "task") state.set("order", order.value);
  if (shown[selected]) state.set("at", shown[selected].key);
  if (`#${state}` !== (location.hash || "#")) history.replaceState(null, "", `#${state}`);
}

function recall() {
  const state = new URLSearchParams(location.hash.slice(1));
  for (const name of FILTERS) chosen[name].dataset.wanted = state.get(name) ?? "";
  for (const outcome of state.getAll("outcome")) outcomes.add(outcome);
  words.dataset.wanted = state.get("words") ?? "";
  if (ORDERS[state.get("order")]) order.value = state.get("order");
  return state.get("at");
}

// Rows have one height, so that those in sight are known without drawing the others.
const drawn = new Map();
const height = () => parseFloat(getComputedStyle(table).getPropertyValue("--row")) * parseFloat(getComputedStyle(document.documentElement).fontSize);

function drawRow(row) {
  const image = thumb(row) ? make("img", { src: thumb(row), alt: "", decoding: "async" }) : make("div");
  const outcome = state(row), result = badge(outcome, outcome);
  if (outcome === "failed" && row.score) result.append(make("span", { className: "soft", textContent: row.score.toFixed(2) }));
  const link = make("a", { href: page(row), textContent: row.task || row.name });
  const again = row.attempt ? ` (try ${row.attempt + 1})` : "";
  const agent = make("span", {}, ...breakable(row.agent + again));
  agent.dataset.seed = row.seed;
  const line = make("tr", {},
    make("td", { className: "thumb" }, image),
    make("td", { className: "what" }, link, make("p", { textContent: row.goal || row.fault, title: row.goal })),
    make("td", { className: "agent" }, agent),
    make("td", { className: "number", textContent: row.seed }),
    make("td", { className: "number", textContent: row.steps }),
    make("td", { className: "number", textContent: time(row.seconds) }),
    make("td", { className: "number cost", textContent: dollars(row) }),
    make("td", { className: "result" }, result));
  Object.assign(line.dataset, { key: row.key, outcome, agent: row.agent });
  return line;
}

function gap(rowsLeftOut) {
  // As many as are shown: one more would be a column without a heading, and take its share of the width.
  const cell = make("td", { colSpan: [...document.querySelectorAll("thead th")].filter(head => head.offsetWidth).length });
  cell.style.height = `${rowsLeftOut * height()}px`;
  return make("tr", { className: "gap" }, cell);
}

function draw() {
  if (table.hidden) return;
  const each = height(), top = body.getBoundingClientRect().top;
  const first = Math.max(0, Math.min(shown.length - 1, Math.floor(-top / each) - 6));
  const last = Math.min(shown.length, first + Math.ceil(innerHeight / each) + 14);
  if (drawn.first === first && drawn.last === last && drawn.size) return;
  Object.assign(drawn, { first, last });
  const wanted = shown.slice(first, last), kept = new Map(drawn);
  drawn.clear();
  for (const [index, row] of wanted.entries()) {
    const line = kept.get(row);
    drawn.set(row, line?.dataset.outcome === state(row) ? line : drawRow(row));
    drawn.get(row).setAttribute("aria-rowindex", first + index + 2);
  }
  body.replaceChildren(...(first ? [gap(first)] : []), ...drawn.values(), ...(last < shown.length ? [gap(shown.length - last)] : []));
  table.setAttribute("aria-rowcount", shown.length + 1);
  mark();
}

function mark() {
  for (const [row, line] of drawn) line.classList.toggle("on", row === shown[selected]);
}

function select(index, centre = false) {
  if (!shown.length) return;
  selected = Math.max(0, Math.min(shown.length - 1, index));
  const each = height(), top = body.getBoundingClientRect().top + selected * each, room = innerHeight;
  if (centre) scrollBy(0, top - room / 2);
  else if (top < 60) scrollBy(0, selected ? top - 60 : -scrollY);
  else if (top + each > room - 20) scrollBy(0, top + each - room + 20);
  draw();
  mark();
  remember();
}

// Those around it, in the order shown: where an episode's page finds the one before and after.
function leave(row) {
  selected = shown.indexOf(row);
  remember();
  const around = shown.slice(Math.max(0, selected - 300), selected + 300).map(page);
  try { sessionStorage.setItem("shown", JSON.stringify({ back: location.hash, around })); } catch { /* then by task */ }
}

function open(row, other = "") {
  leave(row);
  location.href = other || page(row);
}

function compare() {
  const row = shown[selected];
  if (!row || !served) return;
  const others = [...rows.values()].some(each => each !== row && each.task === row.task && each.seed === row.seed);
  if (!others) notice(`Nobody else has played ${row.task} with seed ${row.seed}.`);
  else open(row, `compare.html?left=${encodeURIComponent(row.key)}`);
}

const ago = seconds => seconds < 90 ? `${Math.max(0, Math.round(seconds))} s ago` : `${Math.round(seconds / 60)} min ago`;

// Running desktops: the newest screen of each episode that is being played, whatever the filters.
const tiles = new Map();
function drawWall() {
  const live = [...rows.values()].filter(isLive).sort((a, b) => text(a.started, b.started) || text(a.key, b.key)).slice(0, 24);
  find("#now").hidden = live.length === 0;
  for (const [key, tile] of tiles) if (!live.some(row => row.key === key)) { tile.remove(); tiles.delete(key); }
  for (const row of live) {
    let tile = tiles.get(row.key);
    if (!tile) {
      const parts = { image: make("img", { alt: "" }), task: make("b"), steps: make("span", { className: "ago" }), who: make("span", { className: "who" }), ago: make("span", { className: "ago" }) };
      tile = Object.assign(make("a", { href: page(row) }, parts.image, make("p", {}, parts.task, parts.steps, parts.who, parts.ago)), { parts });
      tiles.set(row.key, tile);
      find(".wall").append(tile);
    }
    const { image, task, steps, who, ago: when } = tile.parts;
    if (thumb(row) && image.getAttribute("src") !== thumb(row)) image.src = thumb(row);
    task.textContent = row.task;
    steps.textContent = `${row.steps} / ${row.most}`;
    who.textContent = `${row.agent}, seed ${row.seed}`;
    when.textContent = ago(Date.now() / 1000 + ahead - row.changed);
    tile.title = row.goal;
  }
}

async function load() {
  const document = window.ROWS ?? await fetched(`rows.json?since=${version}&epoch=${epoch}`);
  const live = [...rows.values()].filter(isLive).length;
  const news = document.whole || document.rows.length || document.gone.length;
  take(document);
  if (news || live !== [...rows.values()].filter(isLive).length) update();
  else drawWall();
}

words.oninput = () => update();
order.onchange = () => update(false);
for (const select of Object.values(chosen)) select.onchange = () => { update(); select.blur(); };
find(".chips").onclick = event => {
  const outcome = event.target.closest("button")?.dataset.outcome;
  if (!outcome) return;
  if (!outcomes.delete(outcome)) outcomes.add(outcome);
  update();
};
body.onclick = event => {
  const line = event.target.closest("tr[data-key]");
  if (line) leave(rows.get(line.dataset.key));
};
find("[data-help]").onclick = () => find("#help").showModal();
words.onkeydown = event => { if (["Enter", "ArrowDown"].includes(event.key)) { event.preventDefault(); words.blur(); select(0); } };
addEventListener("scroll", draw, { passive: true });
addEventListener("resize", () => { Object.assign(drawn, { first: -1 }); draw(); });

bind(["j", "ArrowDown"], () => select(selected + 1));
bind(["k", "ArrowUp"], () => select(selected - 1));
bind(["g", "Home"], () => select(0));
bind(["G", "End"], () => select(shown.length - 1));
bind(["PageDown"], () => select(selected + Math.max(1, Math.floor(innerHeight / height()) - 1)));
bind(["PageUp"], () => select(selected - Math.max(1, Math.floor(innerHeight / height()) - 1)));
bind(["Enter"], () => { if (shown[selected]) open(shown[selected]); });
bind(["c"], compare);
bind(["/"], () => { scrollTo(0, 0); words.focus(); words.select(); });
bind(["Escape"], () => {
  if (document.activeElement !== document.body) { document.activeElement.blur(); return; }
  words.value = "";
  outcomes.clear();
  for (const select of Object.values(chosen)) select.value = "";
  update();
});

const at = recall();
load().then(() => { if (at) select(shown.findIndex(row => row.key === at), true); document.body.dataset.ready = ""; })
  .catch(() => notice("The list cannot be read: deskgym view has ended, or this machine cannot reach it.", true));
if (served) follow(2, load);
