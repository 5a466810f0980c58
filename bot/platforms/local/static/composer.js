// The message box: text, files, replies, edits and commands. What is not sent yet is kept.

import * as api from "./api.js";
import { $, button, h } from "./dom.js";
import { Files } from "./files.js";
import { Palette } from "./palette.js";
import { toast } from "./toast.js";
import { say } from "./words.js";

const TYPING_EVERY_MS = 4000;

export class Composer {
  constructor({ page, me, log, onTyping }) {
    this.bot = page.bot;
    this.me = me;
    this.log = log;
    this.onTyping = onTyping;
    this.box = $("#text");
    this.box.maxLength = page.limits.message_chars;
    this.typedAt = 0;
    this.files = new Files({ limits: page.limits, onChange: () => this.changed() });
    this.palette = new Palette({ commands: page.commands, onRun: (command, values) => this.run(command, values), onLeave: () => this.box.focus() });
    $("#composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.box.addEventListener("input", () => this.typed());
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  open(place) {
    this.place = place;
    this.leaveContext();
    this.palette.close();
    const kind = place.kind === "direct" ? "message-direct" : "message-channel";
    const words = say(kind, { channel: `# ${place.name}` });
    this.box.placeholder = words;
    this.box.setAttribute("aria-label", words);
    this.files.open(this.draftKey);
    this.fill(localStorage.getItem(this.draftKey) ?? "");
  }

  get draftKey() {
    return `draft:${this.me().id}:${this.place.id}`;
  }

  fill(text) {
    this.box.value = text;
    this.changed();
  }

  changed() {
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
    $("#send").disabled = Boolean(this.sending) || (!this.box.value.trim() && !this.files?.all.length);
  }

  typed() {
    this.changed();
    this.palette.follow(this.editing ? "" : this.box.value);
    if (!this.editing) this.keep();
    if (this.box.value && !this.box.value.startsWith("/") && Date.now() - this.typedAt > TYPING_EVERY_MS) {
      this.typedAt = Date.now();
      this.onTyping();
    }
  }

  keep() {
    if (this.box.value) localStorage.setItem(this.draftKey, this.box.value);
    else localStorage.removeItem(this.draftKey);
  }

  key(event) {
    if (event.isComposing || this.palette.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && !this.box.value && !this.editing) {
      const line = this.log.lastOwn();
      if (line) this.edit(line);
      event.preventDefault();
    }
  }

  // Esc undoes one thing at a time; true where there was something to undo.
  escape() {
    if (this.palette.open) this.palette.leave();
    else if (this.editing || this.replying) this.leaveContext();
    else return false;
    return true;
  }

  reply(line) {
    this.leaveContext();
    this.replying = line.id;
    this.showContext(say("replying", { name: line.name.textContent }), line.text);
  }

  edit(line) {
    this.leaveContext();
    this.editing = line.id;
    const mention = line.event.message.addressed === "mention" ? `@${this.bot.name} ` : "";
    this.showContext(say("editing"), "");
    this.fill(mention + line.text);
  }

  showContext(words, text) {
    const out = button("close", say("cancel"), () => this.leaveContext(), { class: "quiet" });
    $("#context").replaceChildren(h("b", { dir: "auto", text: words }), h("span", { dir: "auto", text: text.slice(0, 160) }), out);
    $("#context").hidden = false;
    this.box.focus();
  }

  leaveContext() {
    const wasEditing = this.editing;
    this.replying = null;
    this.editing = null;
    $("#context").hidden = true;
    if (wasEditing) this.fill(localStorage.getItem(this.draftKey) ?? "");
  }

  async send() {
    const text = this.box.value;
    const files = this.files.all;
    if (this.sending || (!text.trim() && !files.length)) return;
    this.sending = true;
    this.changed();
    $("#composer").classList.add("sending");
    const { place, draftKey, replying, editing } = this;
    const person = this.me().name;
    try {
      if (editing) {
        this.log.hear(await api.editMessage(place.id, editing, { person, text }));
      } else {
        for (const draft of files) draft.upload ??= (await api.upload(draft.file)).id;
        const attachments = files.map((draft) => draft.upload);
        this.log.hear(await api.sendMessage(place.id, { person, text, reply_to: replying, attachments }));
      }
      this.sent({ text, files, draftKey, editing });
    } catch (refusal) {
      if (refusal.key === "page-upload-gone") files.forEach((draft) => delete draft.upload);
      toast(refusal.message ?? say("unreachable"));
    } finally {
      this.sending = false;
      $("#composer").classList.remove("sending");
      this.changed();
    }
  }

  sent({ text, files, draftKey, editing }) {
    if (!editing) {
      this.files.clear(draftKey, files);
      if (localStorage.getItem(draftKey) === text) localStorage.removeItem(draftKey);
    }
    if (this.draftKey !== draftKey) return;
    if (editing) this.leaveContext();
    else {
      this.replying = null;
      $("#context").hidden = true;
      if (this.box.value === text) this.fill("");
    }
  }

  async run(command, values) {
    this.fill("");
    this.keep();
    this.box.focus();
    try {
      await api.runCommand(this.place.id, { person: this.me().name, name: command.name, arguments: values });
    } catch (refusal) {
      toast(refusal.message);
    }
  }
}
