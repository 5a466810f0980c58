// Channels, people and colours: the left side, which hides behind a button on a phone.

import * as api from "./api.js";
import { $, avatar, button, h, icon } from "./dom.js";
import { toast } from "./toast.js";
import { say } from "./words.js";

export class Sidebar {
  constructor({ page, people, onPlace }) {
    this.page = page;
    this.people = people;
    this.onPlace = onPlace;
    this.places = [];
    this.unread = new Set();
    $("#brand").textContent = page.bot.name;
    $("#leave").hidden = !page.password;
    $("#leave").addEventListener("click", () => api.logOut().finally(() => location.assign("/login")));
    $("#theme").addEventListener("click", () => this.nextTheme());
    $("#open-menu").addEventListener("click", () => this.menu(true));
    $("#close-menu").addEventListener("click", () => this.menu(false));
    $("#shade").addEventListener("click", () => this.menu(false));
    $("#me").addEventListener("click", () => this.showPeople($("#people").hidden));
    $("#new-channel").addEventListener("click", () => this.showChannelForm($("#channel-form").hidden));
    $("#channel-form").addEventListener("submit", (event) => this.createChannel(event));
    $("#person-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const field = event.target.elements.name;
      if (this.people.use(field.value)) field.value = "";
    });
    this.showTheme();
  }

  nextTheme() {
    window.theme.next();
    this.showTheme();
  }

  showTheme() {
    const theme = window.theme.get();
    $("#theme").replaceChildren(icon(theme));
    $("#theme").title = say(`theme-${theme}`);
    $("#theme").setAttribute("aria-label", say(`theme-${theme}`));
  }

  menu(open) {
    const was = $("#sidebar").classList.contains("open");
    $("#sidebar").classList.toggle("open", open);
    $("#shade").hidden = !open;
    if (open) $("#close-menu").focus();
    else if (was) $("#open-menu").focus();
    return was;
  }

  // Esc closes what is open here; true where something was.
  escape() {
    if (!$("#people").hidden) return this.showPeople(false), true;
    if (!$("#channel-form").hidden) return this.showChannelForm(false), true;
    return this.menu(false);
  }

  showChannelForm(open) {
    $("#channel-form").hidden = !open;
    $("#new-channel").setAttribute("aria-expanded", String(open));
    (open ? $("#channel-form input") : $("#new-channel")).focus();
  }

  async createChannel(event) {
    event.preventDefault();
    const field = event.target.elements.name;
    try {
      const place = await api.createChannel(field.value);
      field.value = "";
      $("#channel-form").hidden = true;
      $("#new-channel").setAttribute("aria-expanded", "false");
      this.add(place);
      this.onPlace(place);
    } catch (refusal) {
      toast(refusal.message);
    }
  }

  add(place) {
    if (!this.places.some((one) => one.id === place.id)) this.show([...this.places, place], this.current);
  }

  mark(id) {
    if (id === this.current || this.unread.has(id)) return;
    this.unread.add(id);
    this.show(this.places, this.current);
  }

  show(places, current) {
    this.places = places;
    this.current = current;
    this.unread.delete(current);
    const item = (place) => {
      const direct = place.kind === "direct";
      const face = direct ? avatar(this.page.bot) : h("span", { class: "hash", "aria-hidden": "true", text: "#" });
      const name = h("span", { class: "name", dir: "auto", text: direct ? this.page.bot.name : place.name });
      const news = this.unread.has(place.id) ? h("span", { class: "news", role: "img", "aria-label": say("unread") }) : null;
      const open = { click: () => { this.menu(false); this.onPlace(place); } };
      return h("li", {}, h("button", { type: "button", "aria-current": place.id === current ? "page" : undefined, data: { place: place.id }, on: open }, face, name, news));
    };
    $("#direct").replaceChildren(...places.filter((place) => place.kind === "direct").map(item));
    $("#channels").replaceChildren(...places.filter((place) => place.kind !== "direct").map(item));
  }

  showPeople(open) {
    $("#people").hidden = !open;
    $("#me").setAttribute("aria-expanded", String(open));
    if (open) $("#person-form input").focus();
    else $("#me").focus();
  }

  showMe(me, names) {
    $("#me").replaceChildren(avatar(me), h("span", { class: "about" }, h("small", { text: say("people") }), h("b", { dir: "auto", text: me.name })), icon("people"));
    const others = names.map((name) => {
      const use = h("button", { type: "button", class: "pick", "aria-pressed": String(name === me.name), title: say("switch-person", { name }), on: { click: () => this.people.use(name) } }, h("span", { dir: "auto", text: name }), name === me.name ? icon("check") : null);
      const out = names.length > 1 && name !== me.name ? button("close", say("remove-person", { name }), () => this.people.remove(name), { class: "quiet" }) : null;
      return h("li", {}, use, out);
    });
    $("#people-list").replaceChildren(...others);
  }
}
