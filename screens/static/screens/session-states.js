/* The states of a session as every screen names them: word, icon, and its place in the day. */

export const STATES = {
  scheduled: { word: "Scheduled", icon: "calendar-days", group: "to come" },
  checked_in: { word: "Checked in", icon: "armchair", group: "checked in" },
  held: { word: "Held", icon: "pause", group: "under way" },
  dosing: { word: "Dosing", icon: "droplets", group: "under way" },
  monitoring: { word: "Monitoring", icon: "timer", group: "under way" },
  ready: { word: "Assessed ready", icon: "clipboard-check", group: "under way" },
  released: { word: "Released", icon: "door-open", group: "done" },
  stopped: { word: "Stopped", icon: "square", group: "done" },
  transferred: { word: "Transferred", icon: "send", group: "done" },
  cancelled: { word: "Cancelled", icon: "x", group: "done" },
};

/** The order in which a day counts them. */
export const GROUPS = ["to come", "checked in", "under way", "done"];

/** True once nobody is watched any more. */
export const isClosed = (state) => STATES[state].group === "done";
