// The count: a vial or kit that was counted says so and takes no second number by a slip.

document.addEventListener("sent", (event) => {
  const form = event.target.closest(".ledger-count");
  if (!form) return;
  for (const field of form.elements) field.disabled = true;
  form.querySelector("button").hidden = true;
  form.querySelector(".ledger-counted").hidden = false;
  document.querySelector(".ledger-count input.input:not(:disabled)")?.focus();
});
