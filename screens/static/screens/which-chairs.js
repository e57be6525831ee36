/* My chairs or all: the reader's own large and first, the others small beside them. Kept in the page's address, so that
   a nurse can keep the page as her own. */

import { setAttribute, setHidden } from "./dom.js";

const ASKED = "mine";

/** Whether `me` watches this chair. */
export const isMine = (panel, me) => Boolean(me) && panel.nurse_id === me;

/** Whether a flag stands in the strip of somebody who looks at her own chairs: what is hers, whatever is high, and what
    nobody saw or took in time. */
export const showsHere = (flag, panel, me) => isMine(panel, me) || flag.priority === "high" || Boolean(flag.undrawn) || (flag.escalated ?? 0) > 0;

export class WhichChairs {
  /** `group` holds the two buttons, or is missing where nobody has chairs; `me` is the reader's id. */
  constructor(group, { me, changed }) {
    this.me = group ? me : null;
    this.group = group;
    this.mine = group !== null && new URLSearchParams(location.search).has(ASKED);
    group?.addEventListener("click", (event) => {
      const button = event.target.closest("[data-which]");
      if (!button) return;
      this.choose(button.dataset.which === ASKED);
      changed();
    });
    if (group) this.show();
  }

  choose(mine) {
    this.mine = mine;
    history.replaceState(null, "", mine ? `?${ASKED}` : location.pathname);
    this.show();
  }

  show() {
    setHidden(this.group, false);
    for (const button of this.group.querySelectorAll("[data-which]")) {
      setAttribute(button, "aria-pressed", (button.dataset.which === ASKED) === this.mine ? "true" : "false");
    }
  }
}
