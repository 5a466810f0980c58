// Short notices at the edge: what went wrong, for people.

import { $, h, button } from "./dom.js";
import { say } from "./words.js";

const SECONDS = 8;
const MOST = 3;

export function toast(message) {
  const box = $("#toasts");
  const made = h("div", { class: "toast", role: "alert" }, h("span", { text: message }));
  made.append(button("close", say("close"), () => made.remove(), { class: "quiet" }));
  while (box.children.length >= MOST) box.firstChild.remove();
  box.append(made);
  setTimeout(() => made.remove(), SECONDS * 1000);
}

let turn = 0;

// Read aloud by screen readers when they have finished what they are saying.
export function announce(text) {
  turn += 1;
  $("#announcer").textContent = text + (turn % 2 ? "" : "\u00a0");
}
