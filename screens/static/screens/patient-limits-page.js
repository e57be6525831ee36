// The patient's page: a rule of the limits is changed for this patient in a dialog; the page is loaded again after it.

import { setClock } from "./clinic-clock.js";
import { embedded } from "./dom.js";
import { askToChangeLimit } from "./patient-limits.js";

const button = document.getElementById("change-limit");
const offered = embedded("limits-offered");
setClock({ now: offered.now, rate: offered.rate }, button.dataset.zone);
button.addEventListener("click", () =>
  askToChangeLimit({ patient: button.dataset.patient, rules: offered.rules, version: offered.version, done: () => location.reload() }),
);
