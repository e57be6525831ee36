// Copies one value of the form at a time, so that it can be pasted into the portal; each copied one is marked.

import { icon } from "./icons.js";

/** The clipboard where the page may use it; else the value is selected, for the keyboard's own copy. */
async function copy(value, node) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(value);
    return "Copied";
  }
  getSelection().selectAllChildren(node);
  return "Selected";
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const cell = button.closest(".cell");
  const done = await copy(button.dataset.copy, cell.querySelector("[data-copied]")).catch(() => "Not copied");
  const words = document.createElement("span");
  words.textContent = done;
  button.replaceChildren(icon(done === "Copied" ? "check" : "clipboard-list"), " ", words);
  document.getElementById("copied").textContent = `${done}: ${cell.querySelector(".cell-label").textContent.trim()}`;
});
