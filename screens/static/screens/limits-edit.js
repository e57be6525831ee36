// A draft of limits: a row's form opens under the row, and the form of a new row follows what it is about.

for (const button of document.querySelectorAll("[data-edit]")) {
  const form = document.getElementById(button.dataset.edit);
  button.addEventListener("click", () => {
    const opens = form.hidden;
    form.hidden = !opens;
    button.setAttribute("aria-expanded", String(opens));
    button.textContent = opens ? "Close" : "Change";
    if (opens) form.querySelector("input:not([type=hidden]), select")?.focus();
  });
}

const kinds = document.querySelector("[data-shows]");
const show = () => {
  for (const { value } of kinds.options) document.getElementById(value).hidden = value !== kinds.value;
};
if (kinds) {
  kinds.addEventListener("change", show);
  show(); // a page that is loaded again keeps the choice and not the form
}
