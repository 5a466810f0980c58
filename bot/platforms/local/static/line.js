// One line of the log: a message of a person or an answer of the bot.

import { avatar, button, h, icon } from "./dom.js";
import { menu } from "./menu.js";
import { say } from "./words.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const date = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const GROUP_MS = 5 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

export function dayOf(at) {
  const day = new Date(at).toDateString();
  if (day === new Date().toDateString()) return say("today");
  if (day === new Date(Date.now() - DAY_MS).toDateString()) return say("yesterday");
  return date.format(new Date(at));
}

export function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte"];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)));
  const format = { style: "unit", unit: units[step], unitDisplay: "short", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(undefined, format).format(bytes / 1024 ** step);
}

function fileChip(file) {
  const text = h("span", {}, h("b", { dir: "auto", text: file.name }), h("small", { text: size(file.size) }));
  return h("a", { class: "file", href: file.url, download: file.name }, icon("file"), text);
}

function attachment(file) {
  const item = h("li");
  if (!file.picture) {
    item.append(fileChip(file));
    return item;
  }
  const picture = h("img", { src: file.url, alt: file.name, loading: "lazy" });
  picture.addEventListener("error", () => item.replaceChildren(fileChip(file)), { once: true });
  item.append(h("a", { class: "picture", href: file.url, target: "_blank", rel: "noopener" }, picture));
  return item;
}

// Brings a body up to date: the blocks that stay the same stay where they are, so that text can be selected meanwhile.
function refresh(line, body, html) {
  const template = document.createElement("template");
  template.innerHTML = html; // made harmless by the program: bot/platforms/local/markdown.py
  const fresh = [...template.content.children];
  const texts = fresh.map((block) => block.outerHTML);
  let same = 0;
  while (same < texts.length && texts[same] === line.blocks[same]) same += 1;
  while (body.children.length > same) body.lastChild.remove();
  for (const block of fresh.slice(same)) body.append(decorate(block));
  line.blocks = texts;
}

function decorate(block) {
  if (block.matches("table")) return h("div", { class: "wide" }, block);
  for (const table of block.querySelectorAll("table")) {
    const wide = h("div", { class: "wide" });
    table.replaceWith(wide);
    wide.append(table);
  }
  // Names of commands and tools say nothing of the direction in which the text around them runs.
  for (const code of block.querySelectorAll("code")) code.dir = "ltr";
  for (const time of block.querySelectorAll("time")) time.textContent = moment.format(new Date(time.dateTime));
  if (block.matches("pre")) return coded(block);
  for (const pre of block.querySelectorAll("pre")) pre.replaceWith(coded(pre.cloneNode(true)));
  return block;
}

function coded(pre) {
  const copy = h("button", { type: "button", class: "copy", text: say("copy") });
  copy.addEventListener("click", () => copyText(pre.textContent, copy));
  const bar = h("div", { class: "bar" }, h("span", { text: pre.dataset.language ?? "" }), copy);
  pre.tabIndex = 0;
  return h("div", { class: "code", dir: "ltr" }, bar, pre);
}

async function copyText(text, pressed) {
  await navigator.clipboard.writeText(text);
  const before = pressed.textContent;
  pressed.textContent = say("copied");
  setTimeout(() => (pressed.textContent = before), 1500);
}

export class Line {
  constructor(context) {
    this.context = context; // { bot, me(), quoteOf(id), jump(id), reply, edit, remove, press, menu, choose }
    this.blocks = [];
    this.name = h("b", { class: "name", dir: "auto" });
    this.time = h("time");
    this.marks = h("span", { class: "marks" });
    this.quote = h("button", { type: "button", class: "quoted", hidden: true });
    this.body = h("div", { class: "body", dir: "auto" });
    this.files = h("ul", { class: "files", hidden: true });
    this.actions = h("div", { class: "actions", hidden: true });
    this.tools = h("div", { class: "tools" });
    this.face = h("span", { class: "avatar" });
    const head = h("header", {}, this.name, this.time, this.marks);
    this.element = h("li", { class: "line" }, this.face);
    this.element.append(h("div", { class: "said" }, head, this.quote, this.body, this.files, this.actions), this.tools);
    this.quote.addEventListener("click", () => context.jump(this.replyTo));
  }

  show(event) {
    this.event = event;
    const shown = event.message ?? event.delivery;
    const author = event.message?.author ?? this.context.bot;
    this.id = shown.id;
    this.at = this.at ?? Date.parse(shown.at);
    this.authorId = author.id;
    this.replyTo = shown.reply_to;
    this.element.id = `line-${shown.id}`;
    this.element.classList.toggle("ours", Boolean(author.bot));
    this.element.classList.toggle("private", Boolean(shown.private));
    this.name.textContent = author.name;
    this.time.dateTime = shown.at;
    this.time.textContent = clock.format(this.at);
    this.time.title = whole.format(this.at);
    const face = avatar(author);
    this.face.replaceWith(face);
    this.face = face;
    if (event.message) this.showMessage(event.message);
    else this.showDelivery(event.delivery);
  }

  showMessage(message) {
    this.text = message.text;
    const mention = message.addressed === "mention" ? h("span", { class: "mention", text: `@${this.context.bot.name}` }) : "";
    this.body.replaceChildren(h("p", { class: "plain", dir: "auto" }, mention, mention && message.text ? " " : "", message.text));
    this.body.hidden = !message.text && !mention;
    this.files.replaceChildren(...message.attachments.map(attachment));
    this.files.hidden = !message.attachments.length;
    this.marks.replaceChildren(...(message.edited_at ? [h("i", { text: say("edited") })] : []));
    this.showQuote(message.quote);
    const own = message.author.id === this.context.me().id;
    this.showTools(own);
  }

  showDelivery(delivery) {
    this.text = delivery.text;
    this.final = delivery.final;
    this.element.classList.toggle("growing", !delivery.final);
    this.element.setAttribute("aria-busy", String(!delivery.final));
    const waiting = !delivery.final && !delivery.text;
    if (waiting) {
      const waves = h("span", { class: "waiting", role: "img", "aria-label": say("waiting") }, h("i"), h("i"), h("i"));
      this.body.replaceChildren(waves);
      this.blocks = [];
    } else {
      if (this.body.firstElementChild?.matches(".waiting")) this.body.replaceChildren();
      refresh(this, this.body, delivery.html);
    }
    const leads = delivery.lead.split("\n").filter(Boolean);
    const marks = leads.map((text) => h("span", { class: "badge", dir: "auto", text }));
    if (delivery.private) marks.push(h("span", { class: "only" }, icon("lock"), say("private")));
    this.marks.replaceChildren(...marks);
    const pressed = (action) => ({ click: () => this.context.press(action) });
    this.actions.replaceChildren(
      ...delivery.actions.map((one) =>
        h("button", { type: "button", class: one.danger ? "danger" : "", text: one.label, on: pressed(one) }),
      ),
    );
    this.actions.hidden = !delivery.actions.length;
    this.showTools(false);
  }

  showQuote(quote) {
    this.quote.hidden = !quote;
    if (!quote) return this.quote.replaceChildren();
    this.quote.replaceChildren(h("b", { dir: "auto", text: quote.author }), " ", h("span", { dir: "auto", text: quote.text }));
  }

  showTools(own) {
    const state = `${own} ${Boolean(this.final)}`;
    if (this.tools.dataset.made === state) return;
    this.tools.dataset.made = state;
    const copy = button("copy", say("copy-text"), async () => {
      await navigator.clipboard.writeText(this.text);
      copy.replaceChildren(icon("check"));
      setTimeout(() => copy.replaceChildren(icon("copy")), 1500);
    });
    const made = [button("reply", say("reply"), () => this.context.reply(this)), copy];
    if (own) {
      made.push(button("pencil", say("edit"), () => this.context.edit(this)));
      made.push(this.deleteButton());
    }
    // What opens a form is about answers, everything else about what people said.
    const answered = Boolean(this.event.delivery);
    const entries = this.context.menu.filter((command) => Boolean(command.form) === answered);
    const whole = !answered || (this.event.delivery.final && !this.event.delivery.private);
    if (entries.length && whole) made.push(...menu(entries, (command) => this.context.choose(this, command)));
    this.tools.replaceChildren(...made);
  }

  deleteButton() {
    const made = button("trash", say("delete"), () => {
      if (made.classList.contains("sure")) return this.context.remove(this);
      made.classList.add("sure");
      made.title = say("delete-sure");
      made.setAttribute("aria-label", say("delete-sure"));
      setTimeout(() => {
        made.classList.remove("sure");
        made.title = say("delete");
        made.setAttribute("aria-label", say("delete"));
      }, 4000);
    });
    return made;
  }

  // Whether the line continues what the line above it says, and whether it begins a day.
  settle(above) {
    // Whom an answer answers is only said where it is not plain from the order.
    if (this.event.delivery) this.showQuote(above?.id === this.replyTo ? null : this.context.quoteOf(this.replyTo));
    const newDay = !above || new Date(above.at).toDateString() !== new Date(this.at).toDateString();
    const follows =
      !newDay && above.authorId === this.authorId && this.at - above.at < GROUP_MS && this.quote.hidden && !this.marks.hasChildNodes();
    this.element.classList.toggle("follows", follows);
    if (newDay) this.element.dataset.day = dayOf(this.at);
    else delete this.element.dataset.day;
  }
}
