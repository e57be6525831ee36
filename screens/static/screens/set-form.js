// The set at the bedside: its boxes, the active one, what is said beside each, and the readings it becomes.

import { newId } from "./api.js";
import { clockTime, now } from "./clinic-clock.js";
import { el, fill } from "./dom.js";
import { iconOf } from "./flag-words.js";
import { MINUTE_MS, ago, number } from "./format.js";
import { icon } from "./icons.js";
import { NO_LIMITS, bandWords, implausible, pressuresDisagree, ruleMet, takesNoMoreDigits } from "./limits.js";
import { partByMoment } from "./monitor-values.js";
import { FIELD, FIELDS, NAME, SEDATION, VITALS, sedationWords } from "./vital-fields.js";

const SPOKEN = new Set(["high", "medium", "impossible"]); // read aloud at once; the rest when asked for
const SETTLE_MS = 1000; // a "Next" this soon after the form moved on by itself was meant for the field before

export class SetForm extends EventTarget {
  #node;
  #rows = {};
  #sedationButtons = [];
  #limits = NO_LIMITS;
  #last = {};
  #active = "systolic";
  #movedAt = 0;
  #touched = false; // the active box was typed into since it became active
  #state;

  /** `changed` fires whenever what would be saved changes. */
  constructor(node) {
    super();
    this.#node = node;
    this.#state = emptyState();
    this.#build();
    this.activate("systolic");
  }

  /** Take the session's limits and the last values, {vital: {value, at}}, as the panel gives them. */
  know({ limits, values }) {
    if (limits) this.#limits = limits;
    this.#last = values ?? {};
    this.#say();
  }

  /** One key of the pad. */
  press(key) {
    if (key === "next") {
      this.#next();
      return;
    }
    const row = this.#rows[this.#active];
    if (!row) return; // sedation is chosen by its words, never by a digit
    const text = this.#textOf(this.#active);
    if (key === "delete") this.#write(this.#active, this.#touched ? text.slice(0, -1) : "");
    else this.#write(this.#active, `${this.#touched ? text : ""}${key}`.slice(0, 5));
    this.#touched = true;
    if (key !== "delete" && takesNoMoreDigits(this.#active, this.#textOf(this.#active), this.#limits) && !this.#problem(this.#active)) {
      this.#next();
      this.#movedAt = performance.now();
    }
  }

  /** Make one field the active one: "systolic" …, or "sedation". */
  activate(vital) {
    this.#active = vital;
    this.#touched = false;
    for (const [name, row] of Object.entries(this.#rows)) row.node.toggleAttribute("data-active", name === vital);
    this.#node.querySelector(".sedation-row").toggleAttribute("data-active", vital === "sedation");
    const target = this.#rows[vital]?.input ?? this.#sedationButtons[0];
    if (document.activeElement !== target) target.focus({ preventScroll: true });
    this.#rows[vital]?.input.select();
    (this.#rows[vital]?.node ?? this.#node.querySelector(".sedation-row")).scrollIntoView({ block: "nearest" });
    this.#say();
  }

  get active() {
    return this.#active;
  }

  /** Put the monitor's values into the boxes that are empty, each marked as the monitor's. */
  takeOver(fresh) {
    for (const [vital, { value, at }] of Object.entries(fresh)) {
      if (vital !== "mean" && this.#textOf(vital) !== "") continue;
      this.#state.taken[vital] = { value, at };
      delete this.#state.absent[vital];
    }
    // A mean belongs to the pressures it was measured with.
    if (!this.#state.taken.systolic || !this.#state.taken.diastolic) delete this.#state.taken.mean;
    this.#show();
    this.activate("sedation");
  }

  couldNotMeasure(vital, reason) {
    this.#clear(vital);
    this.#state.absent[vital] = reason;
    this.#show();
    this.activate(vital);
    this.#next();
  }

  /** Chart the set for a moment some minutes back; 0 is "when it is saved". */
  setBack(minutes) {
    this.#state.at = minutes ? now() - minutes * MINUTE_MS : null;
    this.#changed();
  }

  /** The moment the set is charted at, in milliseconds: chosen, or now. */
  get at() {
    return this.#state.at ?? now();
  }

  get isEmpty() {
    const { typed, taken, absent, sedation } = this.#state;
    return !Object.keys({ ...typed, ...taken, ...absent }).length && sedation === null;
  }

  /** Vitals whose number cannot be: they would be kept as "not used". */
  get impossible() {
    return Object.keys(this.#state.typed).filter((vital) => this.#problem(vital));
  }

  /** True while the boxes hold a pair that stands the wrong way round, or too close. */
  get #pairDisagrees() {
    return pressuresDisagree(this.#numberOf("systolic"), this.#numberOf("diastolic"));
  }

  /**
   * The set as POST readings/ takes it. Values of the monitor that are older than a minute keep their own
   * moment, in a reading of their own.
   */
  toBody(session) {
    const at = this.at;
    const { together, apart } = partByMoment(this.#state.taken, at);
    const typed = Object.fromEntries(Object.keys(this.#state.typed).map((vital) => [vital, this.#numberOf(vital)]));
    const sedation = this.#state.sedation === null ? {} : { sedation: this.#state.sedation };
    const absent = Object.keys(this.#state.absent).length ? { absent: this.#state.absent } : {};
    const own = { ...together, ...typed, ...sedation, ...absent };
    const readings = Object.entries(apart).map(([moment, values]) => ({
      id: (this.#state.ids[moment] ??= newId()),
      session,
      measured_at: moment,
      ...values,
    }));
    if (Object.keys(own).length) {
      readings.push({ id: this.#state.ids.set, session, measured_at: new Date(at).toISOString(), ...own });
    }
    return { readings };
  }

  /** Show the server's words beside the fields they are about; the values stay for another try, as a new set. */
  refuse(errors) {
    this.#state.refused = errors;
    this.#state.ids = { set: newId() };
    this.#show();
    const first = FIELDS.find(({ vital }) => errors[vital]);
    if (first) this.activate(first.vital);
  }

  reset() {
    this.#state = emptyState();
    this.#show();
    this.activate("systolic");
  }

  // --- building

  #build() {
    const rows = FIELDS.map((field) => this.#buildRow(field));
    const more = el(
      "button.button.more-fields",
      { type: "button", "aria-expanded": "false", onclick: () => this.#showMore(more) },
      "Temp., EtCO₂",
    );
    this.#rows.spo2.node.append(more);
    this.#node.append(...rows, this.#buildSedation());
  }

  #buildRow(field) {
    const id = `set-${field.vital}`;
    const input = el("input.set-box", {
      id,
      inputmode: "none",
      autocomplete: "off",
      maxlength: 5,
      "aria-describedby": `${id}-beside`,
      onfocus: () => this.#active !== field.vital && this.activate(field.vital),
      oninput: () => this.#typedByKeyboard(field.vital, input.value),
      onkeydown: (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        this.#next();
      },
    });
    const beside = el("div.set-beside", { id: `${id}-beside` });
    const node = el(
      "div.set-row",
      { data: { vital: field.vital }, hidden: Boolean(field.more), onclick: (event) => event.target.closest("button") || this.activate(field.vital) },
      el("label", { for: id }, field.label, el("span.set-unit", {}, VITALS[field.vital].unit)),
      input,
      beside,
    );
    this.#rows[field.vital] = { node, input, beside };
    return node;
  }

  #buildSedation() {
    this.#sedationButtons = SEDATION.map(({ value, words }) =>
      el("button.sedation-button", { type: "button", "aria-pressed": "false", onclick: () => this.#chooseSedation(value) }, words),
    );
    return el(
      "div.sedation-row",
      { role: "group", "aria-labelledby": "sedation-label" },
      el("div.sedation-label", { id: "sedation-label" }, el("b", {}, "Sedation"), el("span.set-last", { data: { last: "sedation" } })),
      el("div.sedation-buttons", {}, this.#sedationButtons),
    );
  }

  #showMore(button) {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    for (const { vital, more } of FIELDS) if (more) this.#rows[vital].node.hidden = !open;
    if (open) this.activate("temperature");
  }

  // --- typing

  #typedByKeyboard(vital, text) {
    this.#touched = true;
    this.#write(vital, text.trim().replace(",", "."));
  }

  #write(vital, text) {
    this.#clear(vital);
    if (text !== "") this.#state.typed[vital] = text;
    this.#show();
  }

  #clear(vital) {
    const { typed, taken, absent, refused } = this.#state;
    for (const part of [typed, taken, absent, refused]) delete part[vital];
    if (vital === "systolic" || vital === "diastolic") delete taken.mean;
  }

  #chooseSedation(value) {
    this.#state.sedation = this.#state.sedation === value ? null : value;
    this.#show();
    this.activate("sedation");
  }

  #next() {
    const early = performance.now() - this.#movedAt < SETTLE_MS && !this.#touched;
    if (early) return;
    const order = [...FIELDS.filter(({ vital }) => !this.#rows[vital].node.hidden).map(({ vital }) => vital), "sedation"];
    const place = order.indexOf(this.#active);
    this.activate(order[Math.min(place + 1, order.length - 1)]);
  }

  #swapPressures() {
    const { typed } = this.#state;
    [typed.systolic, typed.diastolic] = [this.#textOf("diastolic"), this.#textOf("systolic")];
    this.#state.taken = {};
    this.#show();
    this.activate("heart_rate");
  }

  // --- what stands in the boxes

  #textOf(vital) {
    const { typed, taken } = this.#state;
    return typed[vital] ?? (taken[vital] ? number(taken[vital].value) : "");
  }

  #numberOf(vital) {
    const text = this.#textOf(vital);
    if (text === "") return NaN;
    const value = Number(text);
    return Number.isFinite(value) ? value : text;
  }

  #problem(vital) {
    const value = this.#numberOf(vital);
    if (typeof value === "string") return { words: `${NAME[vital]} “${value}” is not a number.`, suggestion: null };
    return Number.isNaN(value) ? null : implausible(vital, value, this.#limits);
  }

  // --- showing

  #show() {
    for (const { vital } of FIELDS) {
      const { input } = this.#rows[vital];
      const text = this.#textOf(vital);
      if (input.value !== text) input.value = text;
    }
    this.#sedationButtons.forEach((button, index) =>
      button.setAttribute("aria-pressed", String(SEDATION[index].value === this.#state.sedation)),
    );
    this.#changed();
  }

  #changed() {
    this.#say();
    this.dispatchEvent(new Event("changed"));
  }

  #say() {
    for (const { vital } of FIELDS) this.#sayBeside(vital);
    const last = this.#last.sedation;
    const words = last ? `last: ${sedationWords(last.value).toLowerCase()}, ${ago((now() - Date.parse(last.at)) / MINUTE_MS)}` : "";
    fill(this.#node.querySelector('[data-last="sedation"]'), words, () => [words]);
  }

  #sayBeside(vital) {
    const { node, input, beside } = this.#rows[vital];
    const look = this.#lookOf(vital);
    node.dataset.state = look.state;
    node.classList.toggle("from-monitor", Boolean(this.#state.taken[vital]));
    input.placeholder = this.#state.absent[vital] ? "not done" : "";
    input.setAttribute("aria-invalid", String(look.state === "impossible"));
    fill(beside, [look.key, look.words, look.last], () => look.build());
  }

  /** What one row says: at most one line of news above the last value and its age. */
  #lookOf(vital) {
    const last = this.#lastWords(vital);
    const line = (key, state, words, ...parts) => ({
      key,
      state,
      words,
      last,
      build: () => [
        el("div.set-news", { role: SPOKEN.has(state) ? "alert" : null }, parts.length ? parts : words),
        last && el("div.set-last", {}, last),
      ],
    });
    const { absent, taken, refused } = this.#state;
    if (refused[vital]) return line("refused", "impossible", refused[vital]);
    if (absent[vital]) return line("absent", "absent", `could not measure: ${absent[vital].toLowerCase()}`);
    const problem = this.#problem(vital);
    if (problem && this.#settled(vital, problem)) return this.#problemLook(vital, problem);
    if (vital === "diastolic" && this.#active !== "diastolic" && this.#pairDisagrees) return this.#swapLook();
    const value = this.#numberOf(vital);
    const rule = Number.isFinite(value) && this.#grown(vital) ? ruleMet(vital, value, this.#limits) : null;
    const source = taken[vital] && `monitor’s value, ${clockTime(taken[vital].at)}`;
    if (rule && rule.priority !== "note") {
      const words = `limit ${Number(rule.threshold)}${source ? "" : " · not saved"}`;
      const label = el("span.state-label", { data: { state: rule.priority } }, iconOf(rule.priority), words);
      return line(`limit ${source}`, rule.priority, words, label, source && el("span.set-source", {}, source));
    }
    if (source) return line("monitor", "plain", source, icon("activity"), " ", source);
    const band = bandWords(vital, this.#limits);
    if (this.#active === vital && band) return line("band", "plain", `limit ${band}`);
    return { key: "last", state: "plain", words: "", last, build: () => [last && el("div.set-last", {}, last)] };
  }

  #problemLook(vital, problem) {
    const offer = problem.suggestion;
    return {
      key: `problem ${problem.words}`,
      state: "impossible",
      words: problem.words,
      last: "",
      build: () => [
        el("div.set-news", { role: "alert" }, problem.words, offer === null ? "" : ` Did you mean ${offer}?`),
        offer !== null && el("button.button.set-offer", { type: "button", onclick: () => this.#accept(vital, offer) }, `Use ${offer}`),
      ],
    };
  }

  #swapLook() {
    const words = `Systolic ${this.#textOf("systolic")} is not 5 above diastolic ${this.#textOf("diastolic")}.`;
    const reversed = this.#numberOf("systolic") < this.#numberOf("diastolic");
    return {
      key: `swap ${reversed}`,
      state: "impossible",
      words,
      last: "",
      build: () => [
        el("div.set-news", { role: "alert" }, words, reversed ? " Other way round?" : ""),
        reversed && el("button.button.set-offer", { type: "button", onclick: () => this.#swapPressures() }, "Swap"),
      ],
    };
  }

  #accept(vital, value) {
    this.#write(vital, String(value));
    this.activate(vital);
    this.#touched = true;
    this.#next();
  }

  /** A number too small may still grow while it is typed; it is judged when the field is left. */
  #settled(vital, problem) {
    return this.#active !== vital || problem.words.includes("above") || problem.words.includes("not a number");
  }

  /** "8" of a heart rate of 84 is no low heart rate: while typing, low limits wait until no digit can follow. */
  #grown(vital) {
    if (this.#active !== vital || !this.#touched) return true;
    const text = this.#textOf(vital);
    const rule = ruleMet(vital, Number(text), this.#limits);
    return rule?.direction === "high" || takesNoMoreDigits(vital, text, this.#limits);
  }

  #lastWords(vital) {
    const last = this.#last[vital];
    if (!last) return "";
    return `last ${number(last.value)} · ${ago((now() - Date.parse(last.at)) / MINUTE_MS)}`;
  }
}

/** `ids.set` is made when the form opens, so that the same set sent twice is the same set. */
const emptyState = () => ({
  typed: {},
  taken: {},
  absent: {},
  refused: {},
  sedation: null,
  at: null,
  ids: { set: newId() },
});

export const fieldLabel = (vital) => (vital === "sedation" ? NAME.sedation : FIELD[vital].name);
