// Keeps one WebSocket open and comes back by itself, a little later each time.

const FIRST_WAIT = 400;
const LONGEST_WAIT = 8000;
const LOGGED_OUT = 4401;
const NAME_REFUSED = 4000;

export class Socket {
  constructor({ person, onEvent, onLost, onRefused }) {
    this.person = person;
    this.onEvent = onEvent;
    this.onLost = onLost;
    this.onRefused = onRefused;
    this.wait = FIRST_WAIT;
    this.closed = false;
    this.retry = () => this.open();
    addEventListener("online", this.retry);
    this.open();
  }

  open() {
    clearTimeout(this.timer);
    if (this.closed || (this.socket && this.socket.readyState <= WebSocket.OPEN)) return;
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/events`);
    this.socket = socket;
    socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "hello", person: this.person })));
    socket.addEventListener("message", ({ data }) => {
      if (this.closed) return;
      const event = JSON.parse(data);
      if (event.type === "welcome") {
        this.wait = FIRST_WAIT;
        this.welcome = event;
      }
      this.onEvent(event);
    });
    socket.addEventListener("close", ({ code }) => {
      if (this.closed) return;
      if (code === LOGGED_OUT) return location.assign("/login");
      if (code === NAME_REFUSED && !this.welcome) return this.onRefused();
      this.onLost();
      this.timer = setTimeout(this.retry, this.wait * (0.75 + Math.random() / 2));
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    });
  }

  typing(channel) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type: "typing", channel }));
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    removeEventListener("online", this.retry);
    this.socket.close();
  }
}
