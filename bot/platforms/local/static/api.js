// Speaks to the program. Every failure is a Refusal with a sentence for people.

import { say } from "./words.js";

export class Refusal extends Error {
  constructor(message, status = 0, key = "") {
    super(message);
    this.status = status;
    this.key = key;
  }
}

async function ask(method, path, options) {
  let answer;
  try {
    answer = await fetch(path, { method, ...options });
  } catch {
    throw new Refusal(say("unreachable"));
  }
  if (answer.ok) return answer.status === 204 || answer.status === 202 ? null : answer.json();
  const error = await answer.json().then((body) => body.error, () => ({ key: "", message: say("unreachable") }));
  if (answer.status === 401) location.assign("/login");
  throw new Refusal(error.message, answer.status, error.key);
}

const json = (body) => ({ headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
const channel = (id) => `/api/channels/${encodeURIComponent(id)}`;
const query = (values) => new URLSearchParams(values).toString();

export const page = () => ask("GET", "/api/page");
export const logIn = (password) => ask("POST", "/api/session", json({ password }));
export const logOut = () => ask("DELETE", "/api/session");
export const channels = (person) => ask("GET", `/api/channels?${query({ person })}`);
export const createChannel = (name) => ask("POST", "/api/channels", json({ name }));
export const history = (id, person, before) =>
  ask("GET", `${channel(id)}/messages?${query({ person, limit: 50, ...(before ? { before } : {}) })}`);
export const sendMessage = (id, message) => ask("POST", `${channel(id)}/messages`, json(message));
export const editMessage = (id, message, body) =>
  ask("PUT", `${channel(id)}/messages/${encodeURIComponent(message)}`, json(body));
export const deleteMessage = (id, message, person) =>
  ask("DELETE", `${channel(id)}/messages/${encodeURIComponent(message)}?${query({ person })}`);
export const press = (id, person, action, filled = {}) => ask("POST", `${channel(id)}/actions`, json({ person, action, filled }));
export const runCommand = (id, body) => ask("POST", `${channel(id)}/commands`, json(body));
export const reviews = (wanted) => ask("GET", `/api/reviews?${query(wanted)}`);
export const settleReview = (turn, body) => ask("PUT", `/api/reviews/${encodeURIComponent(turn)}`, json(body));
export const correctAnswer = (turn, body) => ask("POST", `/api/reviews/${encodeURIComponent(turn)}/correction`, json(body));
export const figures = (person) => ask("GET", `/api/figures?${query({ person })}`);
export const upload = (file) =>
  ask("POST", `/api/uploads?${query({ name: file.name })}`, {
    headers: { "Content-Type": file.type || "application/octet-stream" },
    body: file,
  });
