// Puts the page together: who speaks, which place is open, and what comes in over the socket.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { $, h } from "./dom.js";
import { Log } from "./log.js";
import { Reviews } from "./review.js";
import { Sidebar } from "./sidebar.js";
import { Socket } from "./socket.js";
import { toast } from "./toast.js";
import { loadWords, say } from "./words.js";

const WIDE = matchMedia("(min-width: 720px)");

class App {
  constructor(page) {
    this.page = page;
    this.names = kept("people", [say("guest")]);
    this.me = { id: "", name: kept("me", this.names[0]) };
    const people = { use: (name) => this.speakAs(name.trim().replace(/\s+/gu, " ")), remove: (name) => this.forget(name) };
    this.log = new Log({
      bot: page.bot,
      commands: page.commands,
      forms: page.forms,
      me: () => this.me,
      onReply: (line) => this.composer.reply(line),
      onEdit: (line) => this.composer.edit(line),
      onIdea: (idea) => this.composer.fill(idea) ?? $("#text").focus(),
    });
    this.composer = new Composer({ page, me: () => this.me, log: this.log, onTyping: () => this.socket.typing(this.place.id) });
    this.sidebar = new Sidebar({ page, people, onPlace: (place) => this.open(place) });
    this.reviews = new Reviews({ page, me: () => this.me, nameOf: (id) => this.sidebar.places.find((one) => one.id === id)?.name ?? id });
    this.showStatus(page.status);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (this.composer.escape() || this.sidebar.escape() || this.log.stop()) event.preventDefault();
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.('a[href^="/#"]');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.show(link.getAttribute("href"));
    });
    this.asked = location.hash;
    this.connect();
  }

  // Goes to a message by its address, /#place/message.
  async show(address) {
    const [place, message] = address.replace(/^\/?#/, "").split("/").map(decodeURIComponent);
    const found = this.sidebar.places.find((one) => one.id === place);
    if (!found || !message) return;
    if (this.place?.id !== place) await this.open(found);
    await this.log.find(message);
  }

  connect() {
    this.socket?.close();
    this.socket = new Socket({
      person: this.me.name,
      onEvent: (event) => this.hear(event),
      onLost: () => this.lost(true),
      onRefused: () => this.refused(),
    });
  }

  // The socket is open: whatever was missed meanwhile is read again.
  async welcomed(event) {
    this.me = event.person;
    this.lost(false);
    this.showStatus(event.status);
    this.sidebar.showMe(this.me, this.names);
    this.wanted ??= kept(`place:${this.me.id}`, event.direct.id);
    if (this.place && this.place.kind !== "direct") this.wanted = this.place.id;
    let places = this.sidebar.places;
    try {
      places = (await api.channels(this.me.name)).channels;
    } catch (refusal) {
      toast(refusal.message);
    }
    const place = places.find((one) => one.id === this.wanted) ?? event.direct;
    const again = this.place?.id === place.id && this.opened === this.me.id;
    this.sidebar.show(places, place.id);
    if (again) await this.log.open(place, { keep: true });
    else await this.open(place);
    if (this.asked) this.show(this.asked);
    this.asked = "";
  }

  open(place) {
    this.place = place;
    this.wanted = place.id;
    this.opened = this.me.id;
    localStorage.setItem(`place:${this.me.id}`, JSON.stringify(place.id));
    const direct = place.kind === "direct";
    $("#place").textContent = direct ? this.page.bot.name : `# ${place.name}`;
    $("#hint").textContent = say(direct ? "hint-direct" : "hint-channel");
    this.sidebar.show(this.sidebar.places, place.id);
    this.composer.open(place);
    const opened = this.log.open(place);
    if (WIDE.matches) $("#text").focus();
    return opened;
  }

  hear(event) {
    if (event.type === "welcome") this.welcomed(event);
    else if (event.type === "status") this.showStatus(event.status);
    else if (event.type === "channel") this.sidebar.add(event.channel);
    else {
      this.log.hear(event);
      const news = event.type === "delivery" || (event.type === "message" && event.message.author.id !== this.me.id);
      if (news) this.sidebar.mark(event.channel);
    }
  }

  speakAs(name) {
    if (!name) return false;
    if (name.toLowerCase() === this.page.bot.name.toLowerCase()) {
      toast(say("name-taken", { name }));
      return false;
    }
    if (!this.names.includes(name)) this.names.push(name);
    this.keepPeople(name);
    this.sidebar.showPeople(false);
    if (name === this.me.name) return true;
    this.me = { id: this.me.id, name };
    this.wanted = null;
    this.connect();
    return true;
  }

  // The program does not take the name: somebody it takes speaks instead.
  refused() {
    toast(say("name-taken", { name: this.me.name }));
    if (this.me.name === say("guest")) return this.lost(true);
    this.names = this.names.filter((name) => name !== this.me.name);
    this.speakAs(this.names[0] ?? say("guest"));
  }

  forget(name) {
    this.names = this.names.filter((one) => one !== name);
    this.keepPeople(this.me.name);
    this.sidebar.showMe(this.me, this.names);
  }

  keepPeople(me) {
    localStorage.setItem("people", JSON.stringify(this.names));
    localStorage.setItem("me", JSON.stringify(me));
  }

  lost(lost) {
    $("#lost").hidden = !lost;
    $("#lost").textContent = lost ? say("lost") : "";
  }

  showStatus(status) {
    const box = $("#engine");
    const ready = status.ready !== false;
    const model = ready ? status.model ?? status.engine ?? "" : say("engine-away");
    const words = ready && status.demo ? [model, say("demo")].filter(Boolean).join(" · ") : model;
    box.hidden = !words || !Object.keys(status).length;
    box.replaceChildren(h("span", { class: "model", text: model }), ready && status.demo ? h("span", { class: "kind", text: say("demo") }) : "");
    box.title = status.note ? say(status.note) : `${say("engine")}: ${words}`;
    box.classList.toggle("away", !ready);
    box.classList.toggle("demo", Boolean(status.demo));
  }
}

function kept(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

await loadWords();
try {
  new App(await api.page());
} catch (refusal) {
  toast(refusal.message);
}
