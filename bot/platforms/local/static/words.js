// The page's sentences. They come from the program, so that translating them touches nothing here.

let words = {};
let bot = "";

export async function loadWords() {
  const answer = await fetch("/api/words");
  const found = await answer.json();
  words = found.words;
  bot = found.bot;
  document.documentElement.lang = found.language;
  document.documentElement.dir = found.direction;
  document.title = say("title");
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
    if (element.matches("button, label")) element.title = say(element.dataset.label);
  }
  for (const element of document.querySelectorAll("[data-hint]")) element.placeholder = say(element.dataset.hint);
}

export function say(key, values = {}) {
  const all = { bot, ...values };
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => all[name] ?? whole);
}
