// The form of a scale: one tap per item, the running total, and the next open item comes into view by itself.
// api-form.js sends it; the server scores it.

const form = document.getElementById("scale-form");
const total = document.getElementById("scale-total");
const save = document.getElementById("scale-save");
const items = [...form.querySelectorAll("fieldset[data-item]")];
const sums = form.dataset.counting === "sum";

const chosen = (item) => item.querySelector("input:checked");

function show() {
  const given = items.map(chosen).filter(Boolean);
  const open = items.length - given.length;
  const sum = given.reduce((before, input) => before + Number(input.value), 0);
  if (sums) total.textContent = `${given.length ? sum : "–"} of ${form.dataset.highest}`;
  else total.textContent = given.length ? String(sum) : "–";
  document.getElementById("scale-open").textContent = items.length > 1 ? (open ? `${open} of ${items.length} not answered` : "all answered") : "";
  save.textContent = open && given.length ? `Save, ${open} not answered` : "Save";
  for (const item of items) item.toggleAttribute("data-answered", Boolean(chosen(item)));
}

form.addEventListener("change", (event) => {
  show();
  const next = items.find((item) => !chosen(item));
  if (event.target.matches(":focus-visible")) return; // by arrow keys one looks through the choices
  (next ?? save).scrollIntoView({ block: next ? "center" : "nearest" });
});
show();
