// Checklists of the record page: an answer is saved by its tap, and the page is brought up to what the server says.

import { clockTime, setClock } from "./clinic-clock.js";

const WORDS = { yes: "Yes", no: "No", "not-assessed": "Not assessed" };

setClock(null, document.querySelector("[data-zone]").dataset.zone);

document.addEventListener("sent", ({ target, detail }) => {
  const name = target.closest("[data-checklist]")?.dataset.checklist;
  if (name && detail?.checklists) show(name, detail.checklists[name]);
});

/** Bring every row of a checklist, and its count, up to the session's detail. */
function show(name, { items, open }) {
  for (const item of items) {
    const row = document.querySelector(`[data-checklist="${name}"] [data-code="${item.code}"]`);
    if (row) showRow(row, item);
  }
  const count = document.querySelector(`[data-open-count="${name}"]`);
  count.textContent = open.length ? `${open.length} of ${items.length} open` : "Nothing open";
}

function showRow(row, item) {
  row.toggleAttribute("data-open", item.is_open);
  for (const button of row.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.textContent === WORDS[item.answer]));
  }
  if (!item.answer) return;
  const said = [WORDS[item.answer], `${item.by} ${clockTime(item.at)}`, item.late && "late", item.note];
  row.querySelector(".asked-who").textContent = `${item.is_open ? "Open: " : ""}${said.filter(Boolean).join(" · ")}`;
}
