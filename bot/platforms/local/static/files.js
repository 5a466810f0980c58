// Files waiting to be sent: picked, pasted or dropped, with a small picture and a way to take them out again.

import { $, button, h, icon } from "./dom.js";
import { size } from "./line.js";
import { toast } from "./toast.js";
import { say } from "./words.js";

const PICTURE = /^image\/(png|jpeg|gif|webp)$/;

export class Files {
  constructor({ limits, onChange }) {
    this.limits = limits;
    this.onChange = onChange;
    this.drafts = new Map();
    this.key = "";
    $("#attach").addEventListener("click", () => $("#picker").click());
    $("#picker").addEventListener("change", ({ target }) => {
      this.add([...target.files]);
      target.value = "";
    });
    this.listenForDrops();
    $("#text").addEventListener("paste", (event) => this.pasted(event));
  }

  get all() {
    return this.drafts.get(this.key) ?? [];
  }

  open(key) {
    this.key = key;
    this.show();
  }

  add(files) {
    const room = this.limits.attachments - this.all.length;
    if (files.length > room) toast(say("too-many-attachments"));
    const fit = files.slice(0, Math.max(room, 0)).filter((file) => this.fits(file));
    this.drafts.set(this.key, [...this.all, ...fit.map((file) => ({ file, url: PICTURE.test(file.type) && URL.createObjectURL(file) }))]);
    this.show();
    $("#text").focus();
  }

  fits(file) {
    const limit = this.limits.attachment_bytes;
    if (file.size > limit) toast(say("file-too-large", { name: file.name, limit: size(limit) }));
    else if (!file.size) toast(say("empty-file", { name: file.name }));
    else return true;
    return false;
  }

  remove(draft) {
    if (draft.url) URL.revokeObjectURL(draft.url);
    this.drafts.set(this.key, this.all.filter((one) => one !== draft));
    this.show();
    $("#text").focus();
  }

  // After sending: what was sent goes, what was added meanwhile stays.
  clear(key, sent) {
    const left = (this.drafts.get(key) ?? []).filter((draft) => !sent.includes(draft));
    sent.forEach((draft) => draft.url && URL.revokeObjectURL(draft.url));
    this.drafts.set(key, left);
    this.show();
  }

  show() {
    const items = this.all.map((draft) => {
      const name = draft.file.name;
      const face = draft.url ? h("img", { src: draft.url, alt: name }) : h("span", { class: "face" }, icon("file"));
      const text = h("span", { class: "about" }, h("b", { dir: "auto", text: name }), h("small", { text: size(draft.file.size) }));
      const out = button("close", say("remove-file", { name }), () => this.remove(draft), { class: "out" });
      return h("li", { class: draft.url ? "thumb" : "" , title: name }, face, draft.url ? null : text, out);
    });
    $("#files").replaceChildren(...items);
    $("#files").hidden = !items.length;
    this.onChange();
  }

  pasted(event) {
    const files = [...event.clipboardData.files];
    if (!files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    this.add(files);
  }

  listenForDrops() {
    let depth = 0;
    const carries = (event) => event.dataTransfer?.types.includes("Files");
    const show = (shown) => ($("#drop").hidden = !shown);
    addEventListener("dragenter", (event) => carries(event) && (depth += 1, show(true)));
    addEventListener("dragleave", (event) => carries(event) && (depth -= 1, depth <= 0 && show(false)));
    addEventListener("dragover", (event) => carries(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      depth = 0;
      show(false);
      if (!carries(event)) return;
      event.preventDefault();
      this.add([...event.dataTransfer.files]);
    });
  }
}
