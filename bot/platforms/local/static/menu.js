// The menu of a message: what the program can do with it.

import { button, h } from "./dom.js";
import { say } from "./words.js";

let open = null;

function close() {
  if (!open) return;
  open.list.hidden = true;
  open.opener.setAttribute("aria-expanded", "false");
  open = null;
}

document.addEventListener("click", (event) => {
  if (open && !open.opener.contains(event.target)) close();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !open) return;
  const { opener } = open;
  close();
  opener.focus();
  event.preventDefault();
}, { capture: true });

// A button and the list it opens; `choose` is told the chosen command.
export function menu(commands, choose) {
  const items = commands.map((command) =>
    h("li", { role: "none" }, h("button", { type: "button", role: "menuitem", text: command.menu, on: { click: () => choose(command) } })),
  );
  const list = h("ul", { class: "menu", role: "menu", "aria-label": say("more"), hidden: true }, ...items);
  const opener = button("more", say("more"), () => toggle(opener, list), { "aria-haspopup": "menu", "aria-expanded": "false" });
  list.addEventListener("keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
    event.preventDefault();
  });
  return [opener, list];
}

function toggle(opener, list) {
  const shown = open?.list === list;
  close();
  if (shown) return;
  list.hidden = false;
  opener.setAttribute("aria-expanded", "true");
  open = { opener, list };
  list.querySelector("button").focus();
}
