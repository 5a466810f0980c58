// Makes elements. Text only ever goes in as text.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "text") element.textContent = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export function button(name, label, listener, attributes = {}) {
  return h("button", { type: "button", "aria-label": label, title: label, on: { click: listener }, ...attributes }, icon(name));
}

// The hue of a person, the same on every screen.
export function hue(id) {
  let sum = 7;
  for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) % 65521;
  return (sum * 137.508) % 360;
}

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function initials(name) {
  const firsts = name.split(/\s+/u).filter(Boolean).map((word) => [...letters.segment(word)][0].segment);
  return (firsts.length > 1 ? firsts[0] + firsts.at(-1) : firsts[0] ?? "?").toLocaleUpperCase();
}

export function avatar(person) {
  if (person.bot) return h("span", { class: "avatar bot", "aria-hidden": "true" });
  const made = h("span", { class: "avatar", "aria-hidden": "true", text: initials(person.name) });
  made.style.setProperty("--hue", hue(person.id));
  return made;
}

export const $ = (selector) => document.querySelector(selector);
