// The door: gives the password and goes in.

import { logIn } from "./api.js";
import { $ } from "./dom.js";
import { loadWords } from "./words.js";

await loadWords();
$("#door").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await logIn($("#password").value);
    location.assign("/");
  } catch (refusal) {
    $("#refusal").textContent = refusal.message;
    $("#password").select();
  }
});
