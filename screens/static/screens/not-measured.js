// "Could not measure": an answer with a reason, not an empty box.

import { el } from "./parts.js";
import { NOT_MEASURED_REASONS } from "./vital-fields.js";

export function askWhyNot(field, answered) {
  const answer = (reason) => {
    dialog.close();
    answered(reason);
  };
  const dialog = el(
    "dialog.reason-dialog",
    { "aria-labelledby": "reason-title" },
    el("h2", { id: "reason-title" }, `${field} could not be measured`),
    el(
      "div.reason-list",
      {},
      NOT_MEASURED_REASONS.map((reason) => el("button.button", { type: "button", onclick: () => answer(reason) }, reason)),
    ),
    el("div.row.dialog-buttons", {}, el("button.button.button-quiet", { type: "button", onclick: () => dialog.close() }, "Back")),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
