// "Could not measure": an answer with a reason, not an empty box.

import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { NOT_MEASURED_REASONS } from "./vital-fields.js";

export function askWhyNot(field, answered) {
  const answer = (reason) => {
    dialog.close();
    answered(reason);
  };
  const buttons = NOT_MEASURED_REASONS.map((reason) => el("button.button", { type: "button", onclick: () => answer(reason) }, reason));
  const dialog = openDialog("reason-dialog", `${field} could not be measured`, [el("div.reason-list", {}, buttons)]);
}
