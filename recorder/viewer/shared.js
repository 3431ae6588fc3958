// Shared by all pages: keys, the list of keys, notices, durations, and questions to the server.
"use strict";
document.documentElement.classList.add("js");

// What a page does at which key; Escape and ? are the same everywhere.
const keys = {};

function bind(names, action) {
  for (const name of names) keys[name] = action;
}

function notice(words, lasting = false) {
  const place = document.querySelector("#notice");
  if (place.textContent === words && !place.hidden) return;
  place.textContent = words;
  place.hidden = !words;
  clearTimeout(notice.timer);
  if (words && !lasting) notice.timer = setTimeout(() => { place.hidden = true; }, 2500);
}

const isTyping = target => target.matches("input, select, textarea");

addEventListener("keydown", event => {
  if (document.readyState === "loading") return; // what the keys act on is not there yet
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("#help").open) return;
  if (isTyping(event.target) && event.key !== "Escape") return;
  const action = keys[event.key];
  // Enter and the space bar belong to the link or button that has the focus.
  if (!action || (event.key === "Enter" && event.target.matches("a, button, summary"))) return;
  event.preventDefault();
  action(event);
});

bind(["?"], () => document.querySelector("#help").showModal());

function time(seconds) {
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return seconds >= 0.1 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds * 1000)} ms`;
}

// Ask again and again while somebody looks, one question at a time, until the answer is false; a server that has ended
// is said so.
function follow(seconds, ask) {
  let failures = 0, busy = false, over = false;
  async function once() {
    if (busy || over || document.hidden) return;
    busy = true;
    try {
      over = await ask() === false;
      if (failures) notice("");
      failures = 0;
    } catch {
      if (++failures > 1) notice("No answer: deskgym view has ended, or this machine cannot reach it.", true);
    } finally {
      busy = false;
    }
  }
  async function turn() {
    await once();
    if (!over) setTimeout(turn, 1000 * seconds * Math.min(8, 1 + failures));
  }
  setTimeout(turn, 1000 * seconds);
  document.addEventListener("visibilitychange", once);
}

async function fetched(address) {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}
