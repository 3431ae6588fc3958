// An episode, or two: walking through the steps, and following one that is being played.
"use strict";

class Walk {
  constructor(pane) {
    this.pane = pane;
    this.now = 0;
    this.strip = pane.querySelector(".strip");
    this.back = pane.querySelector(".back");
    this.onward = pane.querySelector(".onward");
    this.live = "live" in pane.dataset;
    this.place(pane);
  }

  get steps() { return [...this.pane.querySelectorAll(".step")]; }
  get links() { return [...this.strip.children]; }
  get last() { return this.links.length - 1; }

  // Styles in the markup are refused by the server's policy; a script may set them.
  place(part) {
    const style = getComputedStyle(this.pane), w = style.getPropertyValue("--w"), h = style.getPropertyValue("--h");
    for (const spot of part.querySelectorAll(".spot")) {
      spot.style.left = `${100 * spot.dataset.x / w}%`;
      spot.style.top = `${100 * spot.dataset.y / h}%`;
    }
  }

  show(number) {
    this.now = Math.max(0, Math.min(this.last, number));
    const { steps, links, strip, now } = this;
    steps.forEach((step, index) => step.classList.toggle("on", index === now));
    links.forEach((link, index) => index === now ? link.setAttribute("aria-current", "step") : link.removeAttribute("aria-current"));
    strip.scrollLeft = links[now].offsetLeft - (strip.clientWidth - links[now].clientWidth) / 2;
    this.back.disabled = now === 0;
    this.onward.disabled = now === this.last;
    const following = steps[now + 1]?.querySelector("img");
    if (following) new Image().src = following.src;
  }

  // The end stays in sight when somebody looks at it; any other step stays as it is.
  async ask() {
    const start = this.last, { root, address } = this.pane.dataset;
    const more = await fetched(`${root}steps/${address}.json?from=${start}`);
    if (more.count < start) { location.reload(); return false; }
    this.live = more.live;
    if (!more.steps.length && more.live) return true;
    const atEnd = this.now === this.last, place = this.pane.querySelector(".steps");
    this.steps[start].outerHTML = more.steps.join("") + more.end;
    this.links[start].outerHTML = more.strip.join("") + more.end_strip;
    this.place(this.strip);
    this.pane.querySelector(".meta").innerHTML = more.meta;
    for (const total of place.querySelectorAll(".total")) total.textContent = `of ${more.count}`;
    const next = atEnd ? this.last : this.now;
    if (walks.length === 1) show(next);
    else this.show(next);
    for (const image of place.querySelectorAll(".step.on img")) image.loading = "eager";
    chart();
    if (!more.live) delete this.pane.dataset.live;
    return more.live;
  }
}

const walks = [...document.querySelectorAll(".pane")].map(pane => new Walk(pane));
const furthest = () => Math.max(...walks.map(walk => walk.last));
const now = () => Math.max(...walks.map(walk => walk.now));

function show(number) {
  const wanted = Math.max(0, Math.min(furthest(), number));
  for (const walk of walks) walk.show(wanted);
  for (const bar of document.querySelectorAll(".chart a")) bar.toggleAttribute("aria-current", bar.hash === `#${wanted + 1}`);
  // The place stays in the address, without an element of that name for the browser to jump to.
  if (location.hash !== `#${wanted + 1}`) history.replaceState(null, "", `#${wanted + 1}`);
}

function part(kind, share) {
  const bar = document.createElement("i");
  bar.className = kind;
  bar.style.height = `${share}%`;
  return bar;
}

function row(kind, ...parts) {
  const line = document.createElement("span");
  line.className = kind;
  line.append(...parts);
  return line;
}

function legendLine(kind, words) {
  const sign = document.createElement("i");
  sign.className = kind;
  return row("", sign, words);
}

// Time and money of each step: bars for seconds upwards, for dollars downwards.
function chart() {
  const place = document.querySelector(".taken");
  if (!place || walks.length > 1) return;
  const taken = walks[0].steps.slice(0, -1).map(step => ({
    think: Number(step.dataset.think), desktop: Number(step.dataset.desktop), usd: step.dataset.usd === "" ? null : Number(step.dataset.usd),
  }));
  place.hidden = taken.length === 0;
  const longest = Math.max(...taken.map(each => each.think + each.desktop), 1e-9), total = { think: 0, desktop: 0, usd: 0 };
  const asked = taken.filter(each => each.usd !== null), dearest = Math.max(...asked.map(each => each.usd), 1e-9);
  const bars = taken.map((each, index) => {
    const bar = document.createElement("a");
    bar.href = `#${index + 1}`;
    const money = each.usd === null ? "" : `, $${each.usd.toFixed(4)}`;
    bar.title = `step ${index + 1}: the agent ${time(each.think)}, the desktop ${time(each.desktop)}${money}`;
    bar.append(row("up", part("desktop", 96 * each.desktop / longest), part("think", 96 * each.think / longest)));
    if (asked.length) bar.append(row("down", ...(each.usd ? [part("usd", 100 * each.usd / dearest)] : [])));
    for (const name in total) total[name] += each[name] ?? 0;
    return bar;
  });
  place.querySelector(".chart").replaceChildren(...bars);
  const legend = [["think", `the agent ${time(total.think)}`], ["desktop", `the desktop ${time(total.desktop)}`]].map(line => legendLine(...line));
  if (asked.length) legend.push(legendLine("usd", `$${total.usd.toFixed(4)} for ${asked.length} questions, $${(total.usd / asked.length).toFixed(4)} each`));
  place.querySelector(".legend").replaceChildren(...legend);
}

const asked = () => (parseInt(location.hash.match(/\d+$/)?.[0] ?? "") || 0) - 1;
const widgets = () => document.body.classList.toggle("widgets");
const click = selector => document.querySelector(selector)?.click();

document.addEventListener("click", event => {
  const link = event.target.closest(".strip a, .chart a");
  if (link) { event.preventDefault(); show(Number(link.hash.slice(1)) - 1); }
  else if (event.target.closest(".back")) show(now() - 1);
  else if (event.target.closest(".onward")) show(now() + 1);
  else if (event.target.closest("[data-widgets]")) widgets();
  else if (event.target.closest("[data-help]")) document.querySelector("#help").showModal();
});
addEventListener("hashchange", () => { if (asked() !== now()) show(asked()); });

function besides(left, right) {
  location.href = `compare.html?left=${encodeURIComponent(left)}&right=${encodeURIComponent(right)}${location.hash}`;
}
const choices = [...document.querySelectorAll("[data-choice]")];
for (const choice of choices) choice.onchange = () => besides(choices[0].value, choices[1].value);

// The list that somebody came from decides what comes before and after, and where Escape leads.
const root = walks[0].pane.dataset.root;
try {
  const { back, around } = JSON.parse(sessionStorage.getItem("shown") ?? "{}");
  const up = document.querySelector("[rel=up]");
  if (back) up.href = `${root}index.html${back}`;
  const at = around?.indexOf(`episodes/${walks[0].pane.dataset.address}.html`) ?? -1;
  if (walks.length === 1 && at >= 0) {
    const where = up.hash.replace(/(^#|&)at=[^&]*/, "");
    up.href = `${root}index.html#${where.replace(/^#/, "")}&at=${encodeURIComponent(decodeURIComponent(walks[0].pane.dataset.address))}`;
    for (const [rel, other] of [["prev", around[at - 1]], ["next", around[at + 1]]]) {
      const link = document.querySelector(`[rel=${rel}]`);
      if (link && other) link.href = root + other;
      else link?.remove();
    }
  }
} catch { /* then by task */ }

bind(["j", "ArrowRight", "ArrowDown"], event => event.key === "ArrowDown" ? scrollBy(0, 80) : show(now() + 1));
bind(["k", "ArrowLeft", "ArrowUp"], event => event.key === "ArrowUp" ? scrollBy(0, -80) : show(now() - 1));
bind(["g", "Home"], () => show(0));
bind(["G", "End"], () => show(furthest()));
bind(["["], () => click("[rel=prev]"));
bind(["]"], () => click("[rel=next]"));
bind(["w"], widgets);
bind(["c"], () => {
  if (document.querySelector(".fellows a")) click(".fellows a");
  else if (walks.length === 1) notice("Nobody else has played this task with this seed.");
});
bind(["s"], () => { if (choices.length) besides(choices[1].value, choices[0].value); });
bind(["Escape"], () => click("[rel=up]"));

chart();
// An episode that is being played is opened where it is.
show(asked() >= 0 ? asked() : walks[0].live && walks.length === 1 ? walks[0].last : 0);
for (const walk of walks) if (walk.live) follow(1, () => walk.ask());
