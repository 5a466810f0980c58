// The command palette: "/" opens it, arrows choose, arguments get fields of their own.

import { $, h } from "./dom.js";
import { say } from "./words.js";

export class Palette {
  constructor({ commands, onRun, onLeave }) {
    this.commands = commands.filter((command) => !command.menu);
    this.onRun = onRun;
    this.onLeave = onLeave;
    this.box = $("#palette");
    this.chosen = 0;
    this.found = [];
    this.form = null;
  }

  get open() {
    return !this.box.hidden;
  }

  // The text of the message box changed: a text that begins with a slash and has no second word asks for commands.
  follow(text) {
    const asked = /^\/([\w-]*)$/u.exec(text);
    if (!asked || !this.commands.length) return this.close();
    this.found = this.commands.filter((command) => command.name.startsWith(asked[1].toLowerCase()));
    this.chosen = 0;
    this.form = null;
    this.showList();
  }

  showList() {
    const items = this.found.map((command, index) =>
      h(
        "li",
        { id: `command-${command.name}`, role: "option", "aria-selected": String(index === this.chosen), on: { click: () => this.choose(index), mousemove: () => this.point(index) } },
        h("b", { dir: "ltr", text: `/${command.name}` }),
        h("span", { text: command.description }),
      ),
    );
    const list = h("ul", { id: "command-list", role: "listbox", "aria-label": say("commands") }, ...items);
    this.box.replaceChildren(h("h2", { text: say("commands") }), items.length ? list : h("p", { text: say("no-commands") }));
    this.box.hidden = false;
    this.mark();
  }

  point(index) {
    if (index === this.chosen) return;
    this.chosen = index;
    this.mark();
  }

  mark() {
    const options = [...this.box.querySelectorAll("[role=option]")];
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === this.chosen)));
    options[this.chosen]?.scrollIntoView({ block: "nearest" });
    const text = $("#text");
    text.setAttribute("aria-controls", "command-list");
    if (options.length) text.setAttribute("aria-activedescendant", options[this.chosen].id);
    else text.removeAttribute("aria-activedescendant");
  }

  // Keys pressed in the message box while the list is open; true where they were for the list.
  key(event) {
    if (!this.open || this.form) return false;
    const last = this.found.length - 1;
    if (event.key === "ArrowDown") this.point(this.chosen >= last ? 0 : this.chosen + 1);
    else if (event.key === "ArrowUp") this.point(this.chosen <= 0 ? last : this.chosen - 1);
    else if (event.key === "Enter" || event.key === "Tab") {
      if (last < 0) return false;
      this.choose(this.chosen);
    } else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }

  choose(index) {
    const command = this.found[index];
    if (!command.arguments.length) return this.run(command, {});
    this.showForm(command);
  }

  showForm(command) {
    const fields = command.arguments.map((argument) => {
      const id = `argument-${argument.name}`;
      const needed = argument.required ? say("required") : "";
      const label = h("label", { for: id }, h("b", { text: argument.name }), " ", h("span", { text: argument.description }), " ", h("i", { text: needed }));
      const attributes = { id, name: argument.name, required: argument.required, autocomplete: "off", dir: "auto" };
      if (!argument.choices.length) return h("div", {}, label, h("input", { ...attributes, maxlength: 2000 }));
      const choices = argument.choices.map((choice, index) => h("option", { value: choice, text: argument.choice_names[index] }));
      if (!argument.required) choices.unshift(h("option", { value: "", text: "" }));
      return h("div", {}, label, h("select", attributes, ...choices));
    });
    const run = h("button", { type: "button", class: "primary", text: say("run"), on: { click: () => this.submit() } });
    const cancel = h("button", { type: "button", text: say("cancel"), on: { click: () => this.leave() } });
    // Not a <form>: the palette already stands inside the composer's.
    this.form = h("div", { class: "arguments", role: "group", "aria-label": `/${command.name}` }, ...fields, h("div", { class: "buttons" }, run, cancel));
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.leave();
      else if (event.key === "Enter" && event.target.matches("input, select")) this.submit();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    this.command = command;
    this.box.replaceChildren(h("h2", {}, h("bdi", { dir: "ltr", text: `/${command.name}` })), h("p", { text: command.description }), this.form);
    this.form.querySelector("input, select").focus();
  }

  submit() {
    const fields = [...this.form.querySelectorAll("input, select")];
    const wrong = fields.find((field) => !field.reportValidity());
    if (wrong) return;
    this.run(this.command, Object.fromEntries(fields.filter((field) => field.value).map((field) => [field.name, field.value])));
  }

  run(command, values) {
    this.close();
    this.onRun(command, values);
  }

  leave() {
    this.close();
    this.onLeave();
  }

  close() {
    this.box.hidden = true;
    this.form = null;
    this.box.replaceChildren();
    $("#text").removeAttribute("aria-activedescendant");
    $("#text").removeAttribute("aria-controls");
  }
}
