// The log of one place: lines in the order of time, kept at the newest unless somebody scrolled away.

import * as api from "./api.js";
import { $, h } from "./dom.js";
import { fill } from "./form.js";
import { Line } from "./line.js";
import { announce, toast } from "./toast.js";
import { say } from "./words.js";

const NEAR_PX = 90;
const TYPING_MS = 6000;
const ANNOUNCED_CHARS = 600;
const QUOTED_CHARS = 160;
const PAGES_BACK = 20; // that are read to find a line

function chosen(command, line, person) {
  return { person, name: command.name, arguments: { [command.arguments[0].name]: line.id } };
}

export class Log {
  constructor({ bot, commands, forms, me, onReply, onEdit, onIdea }) {
    this.context = {
      bot,
      me,
      reply: onReply,
      edit: onEdit,
      quoteOf: (id) => this.quoteOf(id),
      jump: (id) => this.jump(id),
      remove: (line) => this.attempt(api.deleteMessage(this.place.id, line.id, me().name)),
      press: (action) => this.press(action.id),
      menu: commands.filter((command) => command.menu),
      choose: (line, command) =>
        command.form ? this.press(`${command.form}:${line.id}`) : this.attempt(api.runCommand(this.place.id, chosen(command, line, me().name))),
    };
    this.forms = forms;
    this.onIdea = onIdea;
    this.box = $("#log");
    this.list = $("#lines");
    this.lines = new Map();
    this.typing = new Map();
    this.atEnd = true;
    this.top = 0;
    this.box.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.keepAtEnd()).observe(this.list);
    new ResizeObserver(() => this.keepAtEnd()).observe(this.box);
    $("#older").addEventListener("click", () => this.older());
    $("#newest").addEventListener("click", () => this.toEnd());
  }

  // Some buttons open a form first: what is written there goes with the press, and leaving it presses nothing.
  async press(action) {
    const place = this.place.id;
    const form = this.forms[action.split(":")[0]];
    const filled = form ? await fill(form) : {};
    if (filled) await this.attempt(api.press(place, this.context.me().name, action, filled));
  }

  async attempt(promise) {
    try {
      return await promise;
    } catch (refusal) {
      toast(refusal.message);
      return undefined;
    }
  }

  // Reads a place anew. What happens meanwhile waits and is applied on top.
  async open(place, { keep = false } = {}) {
    this.place = place;
    this.waiting = [];
    const waiting = this.waiting;
    if (!keep) this.clear();
    try {
      const history = await api.history(place.id, this.context.me().name);
      if (this.waiting !== waiting) return;
      this.clear();
      this.before = history.before;
      for (const event of history.lines) this.apply(event, { old: true });
    } catch (refusal) {
      if (this.waiting !== waiting) return;
      toast(refusal.message);
    }
    this.waiting = null;
    for (const event of waiting) event.reread ? this.apply(event) : this.hear(event);
    $("#older").hidden = !this.before;
    this.showEmpty();
    this.toEnd();
  }

  // The answer to a command: it may have deleted what stands here, so the place is read anew under it.
  reread(answer) {
    const done = this.open(this.place, { keep: true });
    this.waiting.push({ ...answer, reread: true });
    return done;
  }

  clear() {
    this.lines.clear();
    this.typing.clear();
    this.list.replaceChildren();
    $("#empty").hidden = true;
    $("#older").hidden = true;
    this.before = null;
    this.showTyping();
  }

  hear(event) {
    if (event.channel !== this.place?.id) return;
    if (this.waiting) {
      this.waiting.push(event);
      return;
    }
    if (event.type === "removed") event.ids.forEach((id) => this.drop(id));
    else if (event.type === "typing") this.types(event.person);
    else if (event.delivery?.private && event.delivery.final && !this.lines.has(event.delivery.id)) this.reread(event);
    else this.apply(event);
    if (!this.waiting) this.showEmpty();
  }

  apply(event, { old = false } = {}) {
    const shown = event.message ?? event.delivery;
    const known = this.lines.get(shown.id);
    const line = known ?? new Line(this.context);
    const grew = known && !known.final;
    line.show(event);
    if (!known) this.insert(line);
    this.settle(line);
    this.types(event.message?.author ?? this.context.bot, false);
    if (event.delivery?.final && !old && (!known || grew)) {
      announce(say("said", { name: this.context.bot.name, text: line.body.textContent.slice(0, ANNOUNCED_CHARS) }));
    }
    if (event.message && !old && event.message.author.id === this.context.me().id && !known) this.toEnd();
    this.keepAtEnd();
  }

  insert(line) {
    let after = this.list.lastElementChild;
    while (after && this.lines.get(after.dataset.id).at > line.at) after = after.previousElementSibling;
    line.element.dataset.id = line.id;
    this.lines.set(line.id, line);
    if (after) after.after(line.element);
    else this.list.prepend(line.element);
  }

  settle(line) {
    line.settle(this.lines.get(line.element.previousElementSibling?.dataset.id));
    const below = this.lines.get(line.element.nextElementSibling?.dataset.id);
    below?.settle(line);
  }

  drop(id) {
    const line = this.lines.get(id);
    if (!line) return;
    const below = this.lines.get(line.element.nextElementSibling?.dataset.id);
    line.element.remove();
    this.lines.delete(id);
    if (below) this.settle(below);
  }

  async older() {
    const before = this.before;
    if (!before || this.readingOlder) return;
    this.readingOlder = true;
    const history = await this.attempt(api.history(this.place.id, this.context.me().name, before));
    this.readingOlder = false;
    if (!history || this.before !== before) return;
    const height = this.box.scrollHeight;
    for (const event of history.lines.reverse()) {
      if (!this.lines.has((event.message ?? event.delivery).id)) this.apply(event, { old: true });
    }
    this.before = history.before;
    $("#older").hidden = !this.before;
    this.box.scrollTop += this.box.scrollHeight - height;
  }

  // The newest answer that still grows, and the way to stop it.
  stop() {
    const growing = [...this.lines.values()].filter((line) => line.event.delivery && !line.final);
    const action = growing.at(-1)?.event.delivery.actions[0];
    if (action) this.context.press(action);
    return Boolean(action);
  }

  lastOwn() {
    return [...this.lines.values()].filter((line) => line.event.message?.author.id === this.context.me().id).at(-1);
  }

  quoteOf(id) {
    const line = this.lines.get(id);
    if (!line?.event.message || this.place.kind === "direct") return null;
    return { author: line.event.message.author.name, text: line.text.slice(0, QUOTED_CHARS) };
  }

  // Goes to a line that may be further back.
  async find(id) {
    for (let page = 0; page < PAGES_BACK && !this.lines.has(id) && this.before; page += 1) await this.older();
    this.jump(id);
  }

  jump(id) {
    const line = this.lines.get(id);
    if (!line) return;
    line.element.scrollIntoView({ block: "center", behavior: "smooth" });
    line.element.classList.add("found");
    setTimeout(() => line.element.classList.remove("found"), 1600);
  }

  types(person, now = true) {
    clearTimeout(this.typing.get(person.id)?.timer);
    this.typing.delete(person.id);
    const growing = person.bot && [...this.lines.values()].some((line) => line.final === false);
    if (now && !growing) {
      const timer = setTimeout(() => this.types(person, false), TYPING_MS);
      this.typing.set(person.id, { name: person.name, timer });
    }
    this.showTyping();
  }

  showTyping() {
    const names = [...this.typing.values()].map((one) => one.name);
    $("#typing").textContent = names.length ? say("typing", { name: names.join(", ") }) : "";
    this.keepAtEnd();
  }

  showEmpty() {
    const box = $("#empty");
    box.hidden = this.lines.size > 0;
    if (box.hidden) return;
    const kind = this.place.kind === "direct" ? "direct" : "channel";
    const values = { channel: this.place.name };
    box.replaceChildren(
      h("img", { src: "/static/cove.svg", alt: "", width: 320, height: 180 }),
      h("h2", { text: say(`empty-${kind}-title`, values) }),
      h("p", { text: say(`empty-${kind}`, values) }),
    );
    if (kind === "channel") return;
    const ideas = ["idea-1", "idea-2", "idea-3"].map((key) => say(key));
    box.append(h("div", { class: "ideas" }, ...ideas.map((idea) => {
      return h("button", { type: "button", text: idea, on: { click: () => this.onIdea(idea) } });
    })));
  }

  scrolled() {
    // Content that grows below is no reason to stay behind: only who scrolls up leaves the end.
    const { scrollHeight, scrollTop, clientHeight } = this.box;
    if (scrollHeight - scrollTop - clientHeight < NEAR_PX) this.atEnd = true;
    else if (scrollTop < this.top - 1) this.atEnd = false;
    this.top = scrollTop;
    $("#newest").hidden = this.atEnd;
    if (this.box.scrollTop < NEAR_PX && this.before && !this.waiting && !this.atEnd) this.older();
  }

  keepAtEnd() {
    if (this.atEnd) this.box.scrollTop = this.box.scrollHeight;
  }

  toEnd() {
    this.atEnd = true;
    $("#newest").hidden = true;
    this.keepAtEnd();
  }
}
