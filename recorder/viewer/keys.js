// Shared by all pages: keys, the list of keys, and notices.
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
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("#help").open) return;
  if (isTyping(event.target) && event.key !== "Escape") return;
  const action = keys[event.key];
  // Enter and the space bar belong to the link or button that has the focus.
  if (!action || (event.key === "Enter" && event.target.matches("a, button, summary"))) return;
  event.preventDefault();
  action(event);
});

bind(["?"], () => document.querySelector("#help").showModal());

// Ask again and again while somebody looks, at most once at a time; a server that has ended is said so.
function follow(seconds, ask) {
  let failures = 0;
  async function turn() {
    if (!document.hidden) {
      try {
        if (await ask() === false) return;
        if (failures) notice("");
        failures = 0;
      } catch (error) {
        if (++failures > 1) notice("No answer: deskgym view has ended, or this machine cannot reach it.", true);
      }
    }
    setTimeout(turn, 1000 * seconds * Math.min(8, 1 + failures));
  }
  setTimeout(turn, 1000 * seconds);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && failures === 0) ask().catch(() => {}); });
}

async function fetched(address) {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}
