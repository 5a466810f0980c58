// The review list: answers that anything speaks against, for whoever mends them.

import * as api from "./api.js";
import { $, h } from "./dom.js";
import { fill } from "./form.js";
import { toast } from "./toast.js";
import { say } from "./words.js";

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const WHICH = ["all", "low", "down", "handed"];
const STATES = ["open", "done", "dismissed"];

export class Reviews {
  constructor({ page, me, nameOf }) {
    this.page = page;
    this.me = me;
    this.nameOf = nameOf;
    $("#review").hidden = !page.reviews;
    $("#review").addEventListener("click", () => this.open());
  }

  choice(name, values) {
    const options = values.map((value) => h("option", { value, text: say(`review-${value}`) }));
    const select = h("select", { name, "aria-label": say(`review-${name}`), on: { change: () => this.load() } }, ...options);
    return select;
  }

  open() {
    this.which = this.choice("which", WHICH);
    this.state = this.choice("state", STATES);
    this.week = h("p", { class: "week" });
    this.list = h("ol", { class: "reviews" });
    this.more = h("button", { type: "button", class: "more", text: say("review-more"), hidden: true, on: { click: () => this.load(this.after) } });
    const close = h("button", { type: "button", text: say("close"), on: { click: () => this.dialog.close() } });
    const head = h("header", {}, h("h2", { text: say("review-title") }), this.which, this.state, close);
    this.dialog = h("dialog", { class: "review", "aria-label": say("review-title") }, head, this.week, this.list, this.more);
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation());
    this.dialog.addEventListener("close", () => this.dialog.remove());
    this.dialog.addEventListener("click", (event) => event.target.closest('a[href^="/#"]') && this.dialog.close());
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.load();
    this.figures();
  }

  async attempt(promise) {
    try {
      return await promise;
    } catch (refusal) {
      toast(refusal.message);
      return undefined;
    }
  }

  async figures() {
    const told = await this.attempt(api.figures(this.me().name));
    if (!told) return;
    const { answered, "handed-over": handed, solved } = told.total;
    this.week.textContent = say("review-week", { answered, handed, solved });
  }

  async load(after) {
    const wanted = { person: this.me().name, which: this.which.value, state: this.state.value, ...(after ? { after } : {}) };
    this.asked = wanted;
    const found = await this.attempt(api.reviews(wanted));
    if (!found || this.asked !== wanted) return;
    this.keeps = found.keeps;
    this.after = found.after;
    this.more.hidden = !found.after;
    const items = found.reviews.map((review) => this.item(review));
    if (after) this.list.append(...items);
    else this.list.replaceChildren(...items);
    this.empty();
  }

  empty() {
    if (!this.list.children.length) this.list.replaceChildren(h("li", { class: "none", text: say("review-none") }));
  }

  item(review) {
    const answer = h("div", { class: "body", dir: "auto" });
    answer.innerHTML = review.html; // made harmless by the program: bot/platforms/local/markdown.py
    const notes = [...review.notes, ...(review.asker ? [say(`review-asker-${review.asker}`)] : [])];
    const element = h(
      "li",
      { data: { turn: review.turn } },
      h("p", { class: "where" }, h("b", { dir: "auto", text: `# ${this.nameOf(review.channel)}` }), " ", h("time", { datetime: review.at, text: moment.format(new Date(review.at)) })),
      h("p", { class: "asked", dir: "auto", text: review.question }),
      answer,
      h("p", { class: "votes", text: say("review-votes", { up: review.up, down: review.down }) }),
      h("ul", {}, ...notes.map((text) => h("li", { text })), ...review.reasons.map((text) => h("li", { class: "reason", dir: "auto", text }))),
    );
    element.append(h("div", { class: "actions" }, ...this.buttons(review, element)));
    return element;
  }

  buttons(review, element) {
    const pressed = (label, click) => h("button", { type: "button", text: say(label), on: { click } });
    const others = STATES.filter((state) => state !== review.state);
    const made = others.map((state) =>
      pressed(state === "open" ? "review-reopen" : `review-${state}`, () => this.settled(element, api.settleReview(review.turn, { person: this.me().name, state }))),
    );
    if (this.keeps) made.push(pressed("review-right", () => this.correct(review, element, false)));
    made.push(pressed("review-right-post", () => this.correct(review, element, true)));
    if (review.link) made.push(h("a", { href: review.link, text: say("review-there") }));
    return made;
  }

  async settled(element, promise) {
    if ((await this.attempt(promise)) === undefined) return;
    element.remove();
    this.empty();
  }

  async correct(review, element, post) {
    const written = await fill(this.page.forms[post ? "right-post" : "right"]);
    if (!written) return;
    const { question, answer } = written;
    await this.settled(element, api.correctAnswer(review.turn, { person: this.me().name, question, answer, post }));
  }
}
