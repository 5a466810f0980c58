// A form that a button opens: a small window, whose words go with the press.

import { h } from "./dom.js";
import { say } from "./words.js";

// What was written, by field; null where it was left.
export function fill(form) {
  return new Promise((resolve) => {
    let written = null;
    const fields = form.fields.map((field) => {
      const attributes = { name: field.name, maxlength: field.most, required: field.required, dir: "auto", autocomplete: "off" };
      const box = field.long ? h("textarea", { ...attributes, rows: 5 }) : h("input", attributes);
      return h("label", {}, h("span", { text: field.label }), box);
    });
    const send = h("button", { class: "primary", text: say("send") });
    const cancel = h("button", { type: "button", text: say("cancel"), on: { click: () => dialog.close() } });
    const body = h("form", {}, h("h2", { text: form.title }), ...fields, h("div", { class: "buttons" }, send, cancel));
    const dialog = h("dialog", { class: "form", "aria-label": form.title }, body);
    body.addEventListener("submit", (event) => {
      event.preventDefault();
      written = Object.fromEntries(new FormData(body));
      dialog.close();
    });
    // Esc closes this window and nothing else.
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(written);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
